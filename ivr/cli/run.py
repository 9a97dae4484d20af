"""Runs one part of a node; the supervisor starts it. It ends when the pipe that is its input closes.

Only that part is loaded. Where it cannot run it writes why to the file that ``--reason`` names, and exits with 2.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import threading
from pathlib import Path

from ivr import config, logs
from ivr.errors import IvrError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--reason", type=Path, required=True)
    parts = parser.add_subparsers(dest="part", required=True)
    web = parts.add_parser("web")
    web.add_argument("--socket", type=Path, required=True)
    gateway = parts.add_parser("gateway")
    gateway.add_argument("--fd", type=int, required=True)
    gateway.add_argument("--web", type=Path, required=True)
    parts.add_parser("dispatch")
    parts.add_parser("exchange")


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    logs.setup(settings.log.level)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    try:
        _run(settings, args)
    except IvrError as error:
        args.reason.write_text(str(error), encoding="utf-8")
        return 2
    return 0


def _run(settings: config.Config, args: argparse.Namespace) -> None:
    part = importlib.import_module(f"ivr.app.{args.part}")
    match args.part:
        case "web":
            part.run(settings, args.socket)
        case "gateway":
            part.run(settings, args.fd, args.web)
        case "dispatch" | "exchange":
            part.run(settings)


def _end_with_parent() -> None:
    """The parent holds the other end of our input and never writes: whatever ends it ends us."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)
