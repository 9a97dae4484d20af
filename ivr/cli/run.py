"""Runs one part of a node; the supervisor starts it. It ends when the pipe that is its input closes."""

from __future__ import annotations

import argparse
import os
import sys
import threading
from pathlib import Path

from ivr import app, config, logs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(dest="part", required=True)
    web = parts.add_parser("web")
    web.add_argument("--socket", type=Path, required=True)
    gateway = parts.add_parser("gateway")
    gateway.add_argument("--fd", type=int, required=True)
    gateway.add_argument("--web", type=Path, required=True)
    parts.add_parser("exchange")


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    logs.setup(settings.log.level)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    match args.part:
        case "web":
            app.web(settings, args.socket)
        case "gateway":
            app.gateway(settings, args.fd, args.web)
        case "exchange":
            app.exchange(settings)
    return 0


def _end_with_parent() -> None:
    """The parent holds the other end of our input and never writes: whatever ends it ends us."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(0)
