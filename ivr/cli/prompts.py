"""Lists every prompt of the call flows with its length as spoken; with --out renders each to a WAV file.

What only a call knows is filled in with made-up values, and every way that a prompt's conditions can go is listed.
The files are numbered in the order of the list and sound as on a telephone.

For example:

    ivr prompts prove
    ivr prompts prove --language en --out listen
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ivr import config
from ivr.audio import mulaw, wav
from ivr.errors import IvrError
from ivr.flow.load import load
from ivr.flow.site import Book
from ivr.proof import Prompt, prompts, sound, speakable
from ivr.speech import engines
from ivr.speech.tts import LINE_HZ


@dataclass(frozen=True, slots=True)
class Spoken:
    """One way to say one prompt."""

    prompt: Prompt
    text: str
    seconds: float | None
    """None where no voice speaks its language."""
    file: str
    """Name of its WAV file; empty without one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("flow", nargs="?", help="only of this flow (default: all, and the words of the site)")
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")
    parser.add_argument("--language", metavar="LL", help="only in this language, such as en")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="render each prompt to a WAV file there")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    book = load(args.folder or settings.flows.folder)
    listed = [
        prompt
        for prompt in prompts(book)
        if args.flow in (None, prompt.flow) and args.language in (None, prompt.language)
    ]
    if not listed:
        raise IvrError(
            f"found no prompts of {args.flow or 'any flow'} in {args.language or 'any language'}; "
            f"there are the flows {', '.join(book.flows)} "
            f"and the languages {', '.join((book.site.language, *book.site.languages))}"
        )
    if args.out:
        try:
            args.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IvrError(f"cannot write into {args.out} ({error.strerror}); name another folder") from None
    return asyncio.run(_list(settings, book, listed, args))


async def _list(settings: config.Config, book: Book, listed: list[Prompt], args: argparse.Namespace) -> int:
    count, seconds, longest = 0, 0.0, 0.0
    async for spoken in _speak(settings, book, listed, args.out):
        print(as_json(spoken) if args.json else described(spoken), flush=True)
        count, seconds = count + 1, seconds + (spoken.seconds or 0.0)
        longest = max(longest, spoken.seconds or 0.0)
    if not args.json:
        listed_are = "1 prompt" if count == 1 else f"{count} prompts"
        print(f"{listed_are}, {seconds / 60:.1f} minutes; the longest takes {longest:.1f} s")
    return 0


async def _speak(
    settings: config.Config, book: Book, listed: list[Prompt], out: Path | None
) -> AsyncIterator[Spoken]:
    voice = engines.voice(settings)
    try:
        spoken = await speakable(book, voice)
        number = 0
        for prompt in listed:
            for text in prompt.spoken or (prompt.text,):
                number += 1
                if prompt.language not in spoken or not prompt.spoken:
                    yield Spoken(prompt, text, None, "")
                    continue
                said = await sound(voice, text, prompt.voice)
                name = file_name(number, prompt) if out else ""
                if out:
                    wav.write(out / name, mulaw.decode(said))
                yield Spoken(prompt, text, len(said) / LINE_HZ, name)
    finally:
        await voice.close()


def file_name(number: int, prompt: Prompt) -> str:
    """``0012-en-main-menu-no_match-1.wav``: sorted by name, files are in the order of the list."""
    parts = (prompt.language, prompt.flow or "site", prompt.step, *key_parts(prompt))
    return "-".join([f"{number:04}", *(part for part in parts if part)]) + ".wav"


def key_parts(prompt: Prompt) -> list[str]:
    """``no_match/0`` as ``no_match`` and ``1``: people count from one."""
    return [str(int(part) + 1) if part.isdigit() else part for part in prompt.key.split("/")]


def as_json(spoken: Spoken) -> str:
    prompt = spoken.prompt
    return json.dumps(
        {
            "language": prompt.language,
            "flow": prompt.flow,
            "step": prompt.step,
            "key": prompt.key,
            "file": prompt.file,
            "line": prompt.line,
            "written": prompt.text,
            "spoken": spoken.text if prompt.spoken else None,
            "seconds": None if spoken.seconds is None else round(spoken.seconds, 2),
            "wav": spoken.file or None,
        },
        ensure_ascii=False,
    )


def described(spoken: Spoken) -> str:
    """One line for a person: place, length, words."""
    prompt = spoken.prompt
    length = "     -" if spoken.seconds is None else f"{spoken.seconds:4.1f} s"
    where = ".".join(part for part in (prompt.flow or "site", prompt.step, *key_parts(prompt)) if part)
    return f"{length}  {prompt.file}:{prompt.line}  {where} [{prompt.language}]  {spoken.text}"
