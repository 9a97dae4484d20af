"""Explains a step or a flow in plain words: what it does, says and listens for, and where it leads.

For example:

    ivr explain prove.pin     a step, as FLOW.STEP
    ivr explain prove         the steps of a flow, and who leads to it
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path

from ivr import config
from ivr.dialogue.expect import between_keys_ms, no_input_ms
from ivr.dialogue.warm import first_question
from ivr.errors import IvrError
from ivr.flow import explain, near
from ivr.flow.load import load
from ivr.flow.model import Flow
from ivr.flow.site import Book

WIDTH = 100


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="FLOW.STEP", help="a step such as main.menu, or a flow")
    parser.add_argument("--folder", type=Path, help="the flows (default: the folder in the settings)")


def run(args: argparse.Namespace) -> int:
    book = load(args.folder or config.load().flows.folder)
    flow_name, _, step = args.what.partition(".")
    flow = book.flows.get(flow_name)
    if flow is None:
        raise _unknown("flow", flow_name, book.flows)
    if step and step not in flow.steps:
        raise _unknown(f"step of {flow_name}", step, flow.steps)
    parts = (
        explain.of_step(book, flow, step, timers_ms(book, flow, step))
        if step
        else explain.of_flow(book, flow)
    )
    print("\n\n".join(shown(part) for part in parts))
    return 0


def _unknown(what: str, name: str, known: Iterable[str]) -> IvrError:
    return IvrError(f"found no {what} {name!r}; {near.among(name, known)}")


def timers_ms(book: Book, flow: Flow, step: str) -> Mapping[str, int]:
    """The timers in force at a step that waits for the caller; none at others."""
    expect = first_question(book, flow.flow, step)
    if expect is None:
        return {}
    return {
        "no_input": no_input_ms(book, flow.steps[step]),
        "between_keys": between_keys_ms(book, flow.steps[step]),
        "complete": expect.complete_ms,
        "confident": expect.confident_ms,
        "incomplete": expect.incomplete_ms,
        "max_speech": expect.max_speech_ms,
    }


def shown(part: explain.Part) -> str:
    lines = [
        textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        for line in part.lines
    ]
    return "\n".join([part.heading, *lines])
