"""Lists the callers who wait for a person: why, what they wanted, what is known, and the last turns.

For example:

    ivr queue
    ivr queue complaints --json
    ivr queue --callbacks
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from ivr import config, supervisor
from ivr.agents.distributor import Distributor
from ivr.agents.shapes import Waiting
from ivr.errors import IvrError
from ivr.store import connect


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("queue", nargs="?", help="only this queue")
    parser.add_argument(
        "--callbacks", action="store_true", help="how far the callbacks booked have come instead"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    url = settings.redis.url or getattr(supervisor.attach(settings), "redis", settings.redis).url
    if not url:
        raise IvrError("no node is running here and no Redis is configured; start one with `ivr serve`")
    distributor = Distributor(connect(url), {})
    if args.callbacks:
        funnel = distributor.funnel()
        told = f"{funnel.booked} booked: {funnel}" if funnel.booked else "No callback was booked."
        print(json.dumps(asdict(funnel)) if args.json else told)
        return 0
    waiting = distributor.waiting(args.queue)
    for one in waiting:
        print(json.dumps(asdict(one)) if args.json else described(one))
    if not waiting and not args.json:
        print("Nobody is waiting.")
    return 0


def described(one: Waiting) -> str:
    """A few lines for a person."""
    ticket, minutes, seconds = one.ticket, one.waited_ms // 60_000, one.waited_ms // 1000 % 60
    fields = ", ".join(
        f"{name} {value}" for name, value in ticket.fields.items() if not isinstance(value, dict)
    )
    caller = ticket.caller or "number withheld"
    lines = [
        f"{one.position}. {ticket.queue}  {caller}  waiting {minutes}:{seconds:02}",
        f"   why: {ticket.reason}",
        f"   wanted: {ticket.intent}   identified: {ticket.identity}   {fields}".rstrip(),
        *(f"   {turn.who:>6}: {turn.text}" for turn in ticket.turns[-6:]),
    ]
    return "\n".join(lines)
