"""The command line: one module a command, each with ``add_arguments`` and ``run``.

A command's module is loaded only when it is asked for, so that ``ivr lint`` does not wait for speech engines. Its
docstring is its help: paragraphs for people, with examples as indented lines.
Exit codes: 0 done, 1 done and found wanting, 2 could not be done (one sentence says why and what to do).
"""

from __future__ import annotations

import argparse
import importlib
import re
import shutil
import sys
import textwrap
from typing import NoReturn

from ivr.errors import IvrError
from ivr.flow import near

COMMANDS = {
    "demo": "everything from nothing: a made-up company, a telephone exchange, and a call you can listen to",
    "serve": "answer calls",
    "call": "place a call and print the conversation",
    "test": "run the conversations that test the flows, as text or as sound",
    "lint": "check the call flows",
    "schema": "print what editors need to know every key of a file",
    "graph": "draw a flow, or the whole site",
    "explain": "say in plain words what a step does and where it leads",
    "prompts": "list every prompt with its length, or render them to listen to",
    "hours": "say what is open at a date and time, and what a caller would hear then",
    "lookup": "try a look-up of the company's data",
    "learn": "show what was not understood, and make it a change to the flows",
    "queue": "list the callers who wait for a person",
    "calls": "list past calls, show one as a conversation, or forget a caller",
    "user": "the people who work here: add, change, set passwords, list",
    "models": "list, fetch or check speech models",
    "doctor": "say what is in use and what is missing",
    "config": "show the settings in force and where each comes from",
    "evaluate": "measure how well callers are understood",
    "bench": "measure speed and size with many calls at once",
}
INTERNAL = ("run",)
"""Parts of a node, started by the supervisor."""
_WRONG = re.compile(
    r"argument (?P<of>[^:]+): invalid (?:choice|(?P<kind>int|float) value): (?P<found>'[^']*')"
    r"(?: \(choose from (?P<known>.*?)(?:, \[\])?\))?"
)
"""How argparse refuses a value that is none of those it was told, or no number."""


class Parser(argparse.ArgumentParser):
    """Refuses in one sentence, as everything here does."""

    def error(self, message: str) -> NoReturn:
        if wrong := _WRONG.fullmatch(message):
            known = (wrong["known"] or "").replace("'", "")
            wanted = "a number" if wrong["kind"] else f"one of {known}"
            message = f"{wrong['of']}: found {wrong['found']}; wanted {wanted}"
        raise IvrError(f"{message}; see `{self.prog} --help`")


def main(argv: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return 0
    name, rest = arguments[0], arguments[1:]
    if name not in COMMANDS and name not in INTERNAL:
        print(f"ivr: found no command {name!r}; {near.among(name, COMMANDS)}", file=sys.stderr)
        return 2
    module = importlib.import_module(f"ivr.cli.{name}")
    parser = Parser(
        prog=f"ivr {name}",
        description=described(module.__doc__ or ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        return int(module.run(parser.parse_args(rest)))
    except IvrError as error:
        print(f"ivr {name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        return 130


def described(docstring: str) -> str:
    """A module's docstring as help: paragraphs as wide as the terminal, examples as they stand."""
    width = min(100, shutil.get_terminal_size().columns - 2)
    parts = docstring.strip().replace("``", "`").split("\n\n")
    return "\n\n".join(
        part if part.startswith(" ") else textwrap.fill(part, width, break_on_hyphens=False) for part in parts
    )


def usage() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {about}" for name, about in COMMANDS.items()]
    return (
        "usage: ivr COMMAND ...\n\n"
        + "\n".join(lines)
        + "\n\n`ivr COMMAND --help` tells more, with examples. The manual: docs/manual/README.md"
    )
