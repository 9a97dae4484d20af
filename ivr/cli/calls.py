"""Lists past calls, newest first, shows one as a conversation, or forgets what a caller let us keep.

For example:

    ivr calls list --limit 5
    ivr calls show a1b2c3
    ivr calls forget +447700900123
"""

from __future__ import annotations

import argparse

from ivr import config
from ivr.app.desk import open_profiles, open_records
from ivr.dialogue.number import is_number
from ivr.errors import IvrError
from ivr.mask import mask_number
from ivr.records.store import Call, Conversation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(dest="what", required=True)
    listing = what.add_parser("list", help="the newest calls", description="Lists past calls, newest first.")
    listing.add_argument(
        "--limit", type=int, default=20, metavar="N", help="so many at most (default %(default)s)"
    )
    showing = what.add_parser(
        "show",
        help="one call as a conversation",
        description="Shows a call turn by turn, with its look-ups and transfers.",
    )
    showing.add_argument("id", help="as `ivr calls list` gives it; the last characters are enough")
    forgetting = what.add_parser(
        "forget",
        help="delete what is kept of a caller for later calls",
        description="Deletes what a caller let us keep for later calls; exit code 1 where nothing was kept.",
    )
    forgetting.add_argument("number", help="such as +447700900123")


def run(args: argparse.Namespace) -> int:
    if args.what == "forget":
        return forget(args.number)
    with open_records(config.load()) as records:
        if args.what == "list":
            for call in records.calls(args.limit):
                print(row(call))
            return 0
        known = [call.call_id for call in records.calls(1000) if call.call_id.endswith(args.id)]
        found = records.call(known[0] if len(known) == 1 else args.id)
    if found is None:
        raise IvrError(f"found no call {args.id} (or several that end so); see `ivr calls list`")
    print(conversation(found))
    return 0


def forget(number: str) -> int:
    """1 where nothing was kept."""
    profiles = open_profiles(config.load())
    if not is_number(number):
        raise IvrError(f"found the number {number!r}; write it as +447700900123")
    is_known = bool(profiles.find(number))
    profiles.forget(number)
    print(f"forgotten: {mask_number(number)}" if is_known else f"nothing is kept of {mask_number(number)}")
    return 0 if is_known else 1


def row(call: Call) -> str:
    started = f"{call.started_at:%Y-%m-%d %H:%M:%S}" if call.started_at else "-"
    length = f"{call.duration_ms / 1000:.0f} s" if call.duration_ms is not None else "-"
    caller, outcome = call.caller or "withheld", call.outcome or "running"
    return f"{started}  {call.call_id}  {caller:<16}  {length:>6}  {outcome}"


def conversation(found: Conversation) -> str:
    """The call, turn by turn: seconds, the step, who, the words, and how long the answer took."""
    lines = [row(found.call)]
    for turn in found.turns:
        late = f"  [{turn.latency_ms} ms]" if turn.latency_ms is not None else ""
        sure = f"  ({turn.confidence:.2f})" if turn.confidence is not None and turn.by == "speech" else ""
        lines.append(f"{turn.at_ms / 1000:8.3f}  {turn.step:<24} {turn.who:>6}: {turn.text}{sure}{late}")
    for lookup in found.lookups:
        took = f"{lookup.took_ms} ms" if lookup.took_ms is not None else "no answer"
        lines.append(
            f"{lookup.asked_at_ms / 1000:8.3f}  look-up {lookup.name}: {lookup.outcome or '-'}, {took}"
        )
    for transfer in found.transfers:
        waited = f"{transfer.waited_ms / 1000:.0f} s" if transfer.waited_ms is not None else "-"
        why = f"{transfer.reason} waited {waited} {transfer.outcome}"
        lines.append(f"{transfer.asked_at_ms / 1000:8.3f}  to {transfer.queue}: {why}")
    return "\n".join(lines)
