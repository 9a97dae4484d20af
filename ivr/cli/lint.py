"""Checks the call flows: every fault with its file, line, what was found, what is wanted and what to do."""

from __future__ import annotations

import argparse
from pathlib import Path

from ivr import config
from ivr.app.desk import open_lookups
from ivr.errors import FlowError
from ivr.flow.load import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, help="the flows (default: the folder in the settings)"
    )


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    folder = args.folder or settings.flows.folder
    try:
        book = load(folder, open_lookups(settings).signatures())
    except FlowError as error:
        for fault in error.faults:
            print(fault)
        print(f"{len(error.faults)} faults in {folder}")
        return 1
    steps = sum(len(flow.steps) for flow in book.flows.values())
    print(f"{len(book.flows)} flows with {steps} steps in {folder} are sound (version {book.version})")
    return 0
