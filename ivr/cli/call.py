"""Places a call and prints the conversation: through the local exchange, or with --text in words alone.

Turns are acted in the order given. Each waits until the machine has asked; then the caller speaks, presses,
plays a recording or is silent. Exit code 0 when the call ended as the flow intended: at a goodbye, or in line
for a person.

For example:

    ivr call --text
    ivr call --text --say "my parcel" --keys 7304518262 --say "that's all"
    ivr call --say "my parcel" --keys 7304518262 --record parcel.wav

All options with examples: docs/call.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ivr import config, logs, supervisor
from ivr.app import typed
from ivr.app.desk import open_lookups
from ivr.app.voices import caller_voice
from ivr.audio import wav
from ivr.caller import Caller, Played, Trace, Turn
from ivr.cli.out import write
from ivr.config import DEMO_NUMBER
from ivr.errors import IvrError
from ivr.exchange.client import Phone
from ivr.flow import near
from ivr.flow.load import load as load_flows
from ivr.line.text import HungUp, Keyed, Said, Waited
from ivr.line.text import Turn as TextTurn
from ivr.lookups.seed import DEMO
from ivr.rehearsal.read import ENDING
from ivr.rehearsal.record import Recording, written
from ivr.store import CallStore, connect

_SECONDS = re.compile(r"\d{1,4}(\.\d+)?")
INTENDED = ("completed", "waiting")
"""Outcomes of a call that ended as its flow intended."""
FROM = DEMO.phone
"""The sample's well-known caller."""


class _Turns(argparse.Action):
    """Keeps turns of every kind in one list, in the order given."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: Any, value: Any, option: str | None = None
    ) -> None:
        try:
            namespace.turns = [*namespace.turns, _turn(option or "", value)]
        except OSError as error:
            parser.error(f"{option}: cannot read {value} ({error.strerror})")
        except (IvrError, ValueError) as error:
            parser.error(str(error))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(turns=[])
    parser.add_argument("flow", nargs="?", help="the flow to begin in (default: by the number called)")
    parser.add_argument("--to", metavar="NUMBER", help="the number to call")
    parser.add_argument(
        "--from", dest="from_", default=FROM, metavar="NUMBER", help=f"the caller's number (default {FROM})"
    )
    for option, value, what in (
        ("--say", "WORDS", "say these words"),
        ("--keys", "KEYS", "press these keys: 0-9 * #"),
        ("--wav", "FILE", "play this recording"),
        ("--wait", "SECONDS", "be silent for so long"),
    ):
        parser.add_argument(option, action=_Turns, metavar=value, help=what)
    parser.add_argument(
        "--voice", choices=("piper", "espeak"), default="piper", help="the caller's voice (default piper)"
    )
    parser.add_argument(
        "--noise", type=float, metavar="DB", help="noise on the line, as signal-to-noise ratio"
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help=f"keep the sound: caller left, machine right; a name ending in {ENDING}: write the call down as a test",
    )
    parser.add_argument("--text", action="store_true", help="words only: no sound, no exchange")
    parser.add_argument(
        "--folder", type=Path, help="with --text: the flows (default: the folder in the settings)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, the summary last")


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    _check(args)
    settings = config.load()
    if args.folder:
        flows = settings.flows.model_copy(update={"folder": args.folder})
        settings = settings.model_copy(update={"flows": flows})
    if args.flow:
        known = load_flows(settings.flows.folder, open_lookups(settings).signatures()).flows
        if args.flow not in known:
            raise IvrError(f"found no flow {args.flow!r}; {near.among(args.flow, known)}")
    show = show_json if args.json else show_line
    to = args.to or args.flow or DEMO_NUMBER
    recording = Recording() if args.record and args.record.name.endswith(ENDING) else None
    if args.text:
        summary = asyncio.run(_type(settings, to, args.from_, args.turns, show, recording))
    else:
        summary = asyncio.run(_dial(settings, args, to, show, recording))
    print(json.dumps(summary) if args.json else summed_up(summary))
    if recording is not None:
        _write_down(settings, args.record, recording)
    return 0 if summary["outcome"] in INTENDED else 1


def _check(args: argparse.Namespace) -> None:
    """Raises IvrError where one option makes nothing of another."""
    if args.flow and args.to:
        raise IvrError("found a flow and --to, which leads to one; give one of them")
    if args.folder and not args.text:
        raise IvrError("--folder is for calls in words; add --text")
    if args.text and args.noise is not None:
        raise IvrError("--noise is sound and --text has none; use one of them")
    if args.text and args.record and not args.record.name.endswith(ENDING):
        raise IvrError(f"--text has no sound to keep in {args.record}; name a file that ends in {ENDING}")


async def _dial(
    settings: config.Config,
    args: argparse.Namespace,
    to: str,
    show: Callable[[dict[str, Any]], None],
    recording: Recording | None,
) -> dict[str, Any]:
    """A call with sound. What is to be recorded as a test is then walked once more in words."""
    spoken = any(isinstance(turn, Said) for turn in args.turns)
    async with (
        caller_voice(settings, args.voice, spoken) as speak,
        node(settings) as (exchange_url, redis_url),
    ):
        summary, phone = await place(
            exchange_url, redis_url, speak, to, args.from_, args.turns, show, args.noise
        )
        if args.record and recording is None:
            phone.save(args.record)
    if recording is not None:
        turns = _in_words(args.turns, summary["heard"])
        await _type(settings, to, args.from_, turns, lambda entry: None, recording)
    return summary


def _in_words(turns: Sequence[Turn], heard: Sequence[str]) -> list[Turn]:
    """The turns of a call with sound as words: those of a played recording are what was understood of it."""
    left = deque(heard)
    found: list[Turn] = []
    for turn in turns:
        words = left.popleft() if isinstance(turn, Said | Played) and left else ""
        if isinstance(turn, Played) and "[" in words:
            raise IvrError("--wav with a number in it cannot be written down as words; use --say or --keys")
        found.append(Said(words) if isinstance(turn, Played) else turn)
    return found


def _write_down(settings: config.Config, path: Path, recording: Recording) -> None:
    """The call as a talk in a file of talks, new or not."""
    book = load_flows(settings.flows.folder, open_lookups(settings).signatures())
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    name = f"a call of {recording.moments[0][0].started_at[:16].replace('T', ' ')}"
    write(path, written(before, path.name, name, recording, book))
    print(
        f"{path} holds it as a test, with all that was said and keyed. Run it: ivr test {path}",
        file=sys.stderr,
    )


async def place(
    exchange_url: str,
    redis_url: str,
    speak: Callable[[str], Awaitable[bytes]],
    to: str,
    from_: str,
    turns: Sequence[Turn],
    show: Callable[[dict[str, Any]], None] = lambda entry: None,
    noise_db: float | None = None,
    *,
    is_patient: bool = False,
) -> tuple[dict[str, Any], Phone]:
    """One call on a running exchange: its summary, and the phone with what it heard and said. ``is_patient``: as
    in ``Caller.call``."""
    store = CallStore(connect(redis_url))
    async with await Phone.connect(exchange_url) as phone:
        caller = Caller(phone, store, speak, on_entry=show, noise_db=noise_db)
        trace = await caller.call(to, from_, turns, is_patient=is_patient)
        latencies = [{"turn": one.turn, "ms": one.ms} for one in caller.latencies()]
        return summary_of(trace, phone.call_sid, latencies), phone


@asynccontextmanager
async def node(settings: config.Config) -> AsyncIterator[tuple[str, str]]:
    """The exchange and the Redis of the node that runs here, or of one started for this call alone."""
    running = supervisor.attach(settings)
    if running is not None and running.twilio.api_url:
        yield running.twilio.api_url, running.redis.url
        return
    alone = settings.model_copy(
        update={
            "server": settings.server.model_copy(update={"port": 0}),
            "log": settings.log.model_copy(update={"level": "error"}),
        }
    )
    async with supervisor.running(alone, with_exchange=True) as started:
        yield started.environment["IVR_TWILIO__API_URL"], started.environment["IVR_REDIS__URL"]


async def _type(
    settings: config.Config,
    to: str,
    from_: str,
    turns: Sequence[Turn],
    show: Callable[[dict[str, Any]], None],
    recording: Recording | None,
) -> dict[str, Any]:
    settings = supervisor.attach(settings) or settings
    script = deque(turn for turn in turns if not isinstance(turn, Played))
    if len(script) < len(turns):
        raise IvrError("--wav is sound and --text has none; use one of them")

    async def scripted() -> TextTurn | None:
        return script.popleft() if script else None

    trace = Trace()

    def told(entry: dict[str, Any]) -> None:
        trace.add(entry)
        show(entry)

    next_turn = scripted if turns or not sys.stdin.isatty() else _typed
    watch = recording.watch if recording is not None else None
    call_id = await typed.call(settings, to, from_, next_turn, told, watch)
    return summary_of(trace, call_id, [])


async def _typed() -> TextTurn:
    """The next turn from the terminal: digits are keys, an empty line is silence, end of input hangs up."""
    try:
        line = (await asyncio.to_thread(input, "you> ")).strip()
    except EOFError:
        print()
        return HungUp()
    if not line:
        return Waited(10_000)
    return Keyed(line) if set(line) <= set("0123456789*#") else Said(line)


def summary_of(trace: Trace, call_id: str, latencies: list[dict[str, Any]]) -> dict[str, Any]:
    """What a call came to."""
    steps = [entry["step"] for entry in trace.entries if entry.get("step")]
    heard = [entry for entry in trace.entries if entry.get("type") == "heard"]
    tickets = [entry for entry in trace.entries if entry.get("type") == "enqueue"]
    transfer = (
        {name: tickets[-1][name] for name in ("queue", "reason", "intent", "identity")} if tickets else None
    )
    outcome = trace.outcome
    if transfer and outcome not in ("completed", "diverted"):
        outcome = "waiting"
    return {
        "type": "summary",
        "call_id": call_id,
        "outcome": outcome,
        "steps": [step for number, step in enumerate(steps) if number == 0 or steps[number - 1] != step],
        "heard": [entry["hypotheses"][0]["text"] if entry["hypotheses"] else "" for entry in heard],
        "said": [entry["text"] for entry in trace.entries if entry.get("type") == "say"],
        "transfer": transfer,
        "latency": latencies,
    }


def _turn(option: str, value: str) -> Turn:
    match option:
        case "--say":
            return Said(value)
        case "--keys":
            if not value or set(value) - set("0123456789*#"):
                raise ValueError(f"--keys: found {value!r}; wanted some of 0-9 * #")
            return Keyed(value)
        case "--wait":
            if not _SECONDS.fullmatch(value):
                raise ValueError(f"--wait: found {value!r}; wanted seconds, such as 6 or 2.5")
            return Waited(round(float(value) * 1000))
        case _:
            return Played(wav.read(Path(value)), Path(value).name)


def show_json(entry: dict[str, Any]) -> None:
    """Events and actions; what the carrier told has no place on the call's clock."""
    if entry.get("kind") != "carrier":
        print(json.dumps(entry), flush=True)


def show_line(entry: dict[str, Any]) -> None:
    at = f"{entry.get('at_ms', 0) / 1000:7.2f}"
    match entry:
        case {"type": "say", "text": text}:
            print(f"{at}  bot     {text}", flush=True)
        case {"type": "heard", "hypotheses": []}:
            print(f"{at}  caller  (a sound without words)", flush=True)
        case {"type": "heard", "hypotheses": [{"text": text, "confidence": confidence}, *_]}:
            print(f"{at}  caller  {text}  ({confidence:.2f})", flush=True)
        case {"type": "pressed", "key": key}:
            print(f"{at}  caller  [{key}]", flush=True)
        case {"type": "lookup", "name": name}:
            print(f"{at}          looks up {name}", flush=True)
        case {"type": "enqueue", "queue": queue, "reason": reason}:
            print(f"{at}          to {queue}: {reason}", flush=True)
        case {"type": "play", "clip": clip}:
            print(f"{at}          (music: {clip})", flush=True)


def summed_up(summary: dict[str, Any]) -> str:
    times = [f"{one['turn']}: {one['ms']} ms" for one in summary["latency"] if one["ms"] is not None]
    return "\n".join(
        [f"The call ended: {summary['outcome'] or 'unknown'}.", *(f"  answered {each}" for each in times)]
    )
