"""How long prompts are as spoken: rendered by the voice as on a call, phrase by phrase, and measured."""

from __future__ import annotations

from collections.abc import Callable

from ivr.errors import Fault
from ivr.flow.model import Book
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
    """``prompt-too-long``, of the languages ``spoken`` by the voice."""
    found = []
    listed = [prompt for prompt in prompts(book) if prompt.language in spoken]
    for number, prompt in enumerate(listed):
        if number % _TELL_EVERY == 0:
            told(f"measuring prompts: {number} of {len(listed)}")
        seconds, _ = await longest(voice, prompt)
        if seconds > LONGEST_S:
            remedy = "Say less, or say it in several steps: by now callers have forgotten how it began."
            said, wanted = f"a prompt of {seconds:.0f} s as spoken", f"at most {LONGEST_S:.0f} s"
            place = (prompt.file, prompt.line, said, wanted, remedy, "prompt-too-long", prompt.column)
            found.append(Fault(*place, is_warning=True))
    return found


async def longest(voice: Synthesiser, prompt: Prompt) -> tuple[float, str]:
    """The seconds of a prompt's longest way, and its words; (0.0, "") for one that cannot be spoken ahead."""
    lengths = [(len(await sound(voice, text, prompt.voice)) / LINE_HZ, text) for text in prompt.spoken]
    return max(lengths, default=(0.0, ""))


async def sound(voice: Synthesiser, text: str, name: str = "") -> bytes:
    """Mu-law 8 kHz of a text as a caller hears it, by the site's voice or a named one. Raises SpeechError."""
    return _GAP.join([await voice.render(phrase, name) for phrase in split(text)])
