"""How long prompts are as spoken: rendered by the voice as on a call, phrase by phrase, and measured."""

from __future__ import annotations

from ivr.flow.template import split
from ivr.proof.prompts import Prompt
from ivr.speech.tts import LINE_HZ, Synthesiser

LONGEST_S = 20.0
"""The longest prompt that callers follow to its end."""
GAP_MS = 120
"""Silence between two phrases, as ``line.mouth`` leaves it."""
_GAP = b"\xff" * (GAP_MS * LINE_HZ // 1000)


async def sound(voice: Synthesiser, text: str, name: str = "") -> bytes:
    """Mu-law 8 kHz of a text as a caller hears it, by the site's voice or a named one. Raises SpeechError."""
    return _GAP.join([await voice.render(phrase, name) for phrase in split(text)])


async def longest(voice: Synthesiser, prompt: Prompt, name: str = "") -> tuple[float, str]:
    """The seconds of a prompt's longest way, and its words; (0.0, "") for one that cannot be spoken ahead."""
    lengths = [(len(await sound(voice, text, name)) / LINE_HZ, text) for text in prompt.spoken]
    return max(lengths, default=(0.0, ""))
