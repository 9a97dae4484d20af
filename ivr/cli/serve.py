"""Answers calls: starts and watches all processes of this node until it is stopped.

On SIGTERM it takes no new call and ends when the calls that live have ended; on SIGINT (Ctrl-C) at once.

For example:

    ivr serve
    IVR_TWILIO__AUTH_TOKEN_FILE=/srv/ivr/twilio-token ivr serve
"""

from __future__ import annotations

import argparse
import asyncio

from ivr import config, logs, supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the one public port (0 picks a free one)")


def run(args: argparse.Namespace) -> int:
    server = {} if args.port is None else {"port": args.port}
    settings = config.load(server=server)
    logs.setup(settings.log.level)
    asyncio.run(supervisor.serve(settings))
    return 0
