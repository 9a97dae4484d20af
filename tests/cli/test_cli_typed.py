"""What is typed at the terminal while ``ivr call --text`` asks for turns."""

from __future__ import annotations

import asyncio
import builtins

import pytest

from ivr.cli.call import _typed
from ivr.line.text import HungUp, Keyed, Said, Turn, Waited


@pytest.mark.parametrize(
    ("line", "turn"),
    [(" my parcel ", Said("my parcel")), ("12*#", Keyed("12*#")), ("", Waited(10_000)), (None, HungUp())],
)
def test_a_line_is_words_keys_silence_or_the_end(
    line: str | None, turn: Turn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def typed(prompt: str) -> str:
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr(builtins, "input", typed)
    assert asyncio.run(_typed()) == turn
