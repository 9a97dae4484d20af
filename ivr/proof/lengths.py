"""How long prompts are as spoken: rendered by the voice as on a call, phrase by phrase, and measured."""

from __future__ import annotations

from collections.abc import Callable

from ivr.errors import Fault
from ivr.flow.site import Book
from ivr.flow.template import split
from ivr.proof.prompts import Prompt, prompts
from ivr.speech.tts import LINE_HZ, Synthesiser

LONGEST_S = 20.0
"""The longest prompt that callers follow to its end."""
GAP_MS = 120
"""Silence between two phrases, as ``line.mouth`` leaves it."""
_GAP = b"\xff" * (GAP_MS * LINE_HZ // 1000)
_TELL_EVERY = 50


async def too_long(
    book: Book, voice: Synthesiser, spoken: frozenset[str], told: Callable[[str], None]
) -> list[Fault]:
    """``prompt-too-long``, of the languages ``spoken`` by the voice; ``no-voice-for-language`` where a file names one
    that the engine does not have. Raises SpeechError."""
    names = {"", *(name for one in await voice.voices() for name in (one.name, one.language))}
    found: dict[tuple[str, int, str], Fault] = {}
    listed = [prompt for prompt in prompts(book) if prompt.language in spoken]
    for number, prompt in enumerate(listed):
        if number % _TELL_EVERY == 0:
            told(f"measuring prompts: {number} of {len(listed)}")
        if prompt.voice not in names:
            said = f"the voice {prompt.voice!r}, which {voice.engine} does not have"
            remedy = "Name one that it has, or none."
            fault = _fault(prompt, said, "a voice of the engine", remedy, "no-voice-for-language")
            found.setdefault((prompt.file, 0, prompt.voice), fault)
            continue
        seconds, _ = await longest(voice, prompt)
        if seconds > LONGEST_S:
            remedy = "Say less, or say it in several steps: by now callers have forgotten how it began."
            said = f"a prompt of {seconds:.0f} s as spoken"
            fault = _fault(prompt, said, f"at most {LONGEST_S:.0f} s", remedy, "prompt-too-long")
            found[prompt.file, prompt.line, prompt.text] = fault
    return list(found.values())


def _fault(prompt: Prompt, found: str, wanted: str, remedy: str, code: str) -> Fault:
    return Fault(prompt.file, prompt.line, found, wanted, remedy, code, prompt.column, is_warning=True)


async def longest(voice: Synthesiser, prompt: Prompt) -> tuple[float, str]:
    """The seconds of a prompt's longest way, and its words; (0.0, "") for one that cannot be spoken ahead."""
    lengths = [(len(await sound(voice, text, prompt.voice)) / LINE_HZ, text) for text in prompt.spoken]
    return max(lengths, default=(0.0, ""))


async def sound(voice: Synthesiser, text: str, name: str = "") -> bytes:
    """Mu-law 8 kHz of a text as a caller hears it, by the site's voice or a named one. Raises SpeechError."""
    return _GAP.join([await voice.render(phrase, name) for phrase in split(text)])
