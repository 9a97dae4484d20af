"""Everything from nothing: starts a node with a local telephone exchange, places one call and prints it.

The call is made by recordings kept with this program and must get the right answer: who rings says yes where
the machine asks back, and says it again where it did not understand. Then the node stays up
for the browser phone, until Ctrl-C; with --call-only it ends, exit code 0 when the caller got the answer.

For example:

    ivr demo
    ivr demo --call-only
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ivr import config, logs, supervisor
from ivr.accounts.users import User, Users
from ivr.app.desk import open_lookups, open_users
from ivr.audio import wav
from ivr.caller import Played, Turn
from ivr.cli.call import FROM, place, show_line, summed_up
from ivr.config import DEMO_NUMBER
from ivr.flow.load import load
from ivr.flow.spoken import money
from ivr.line.text import Keyed
from ivr.lookups.seed import DEMO
from ivr.speech.models import ears

AGENT = "demo"
"""The login of the demo's agent, who takes the calls of every queue."""
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are taken for each other when read from a screen."""
RECORDINGS = Path(__file__).parent / "recordings"
"""Made by ``scripts/record-demo-caller``."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="the one public port (0 picks a free one)")
    parser.add_argument("--call-only", action="store_true", help="place the call, then end")


def run(args: argparse.Namespace) -> int:
    logs.setup("error")
    port = 0 if args.call_only and args.port is None else args.port
    settings = config.load(server={} if port is None else {"port": port}, log={"level": "error"})
    return asyncio.run(demonstrate(settings, is_call_only=args.call_only))


async def demonstrate(settings: config.Config, *, is_call_only: bool) -> int:
    """Run the node and the call; the exit code."""
    async with supervisor.running(settings, with_exchange=True) as node:
        print(f"The front desk of a made-up company is open at {node.url}", flush=True)
        print(f"Ears: {ears(settings)}.")
        print("A caller rings. They want their balance, key in account number and PIN, and say goodbye.\n")
        is_answered = await _call(node)
        if is_call_only:
            return 0 if is_answered else 1
        print(f"\nCall it yourself, with a microphone or with keys alone: {node.url}/phone")
        print(f"Or with a SIP telephone on this machine: {sip_address(node)}")
        print(f"Account {DEMO.account}, PIN {DEMO.pin}; parcel {DEMO.parcel}; order {DEMO.order}.")
        print(f"Answer callers who want a person: {node.url}/console")
        print(agent(settings))
        ends = supervisor.asked_to_end()
        print("Ctrl-C ends this.", flush=True)
        await ends.get()
        return 0


def sip_address(node: supervisor.Node) -> str:
    """What a SIP telephone dials: the exchange takes SIP on the port of its HTTP side."""
    return f"sip:{DEMO_NUMBER}@{urlsplit(node.environment['IVR_TWILIO__API_URL']).netloc}"


def agent(settings: config.Config) -> str:
    """How to sign in as the demo's agent, who is made where there is none; the password is told only then."""
    users = open_users(settings)
    if users.find(AGENT):
        return f"Sign in as {AGENT}; the password was told when it was made (`ivr user passwd {AGENT}` sets another)."
    return f"Sign in as {AGENT} with the password {make_agent(settings, users)} (told only this once)."


def make_agent(settings: config.Config, users: Users) -> str:
    """The password of the new agent."""
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
    queues = tuple(load(settings.flows.folder, open_lookups(settings).signatures()).site.queues)
    users.add(User(AGENT, "Robin Demo", ("agent", "supervisor"), queues), password)
    return password


async def _call(node: supervisor.Node) -> bool:
    """Whether the caller was told the balance that stands in the company's data."""
    summary, _ = await place(
        node.environment["IVR_TWILIO__API_URL"],
        node.environment["IVR_REDIS__URL"],
        _wordless,
        DEMO_NUMBER,
        FROM,
        turns(),
        show_line,
        is_patient=True,
    )
    print(summed_up(summary))
    balance = money(DEMO.balance_pence / 100, "GBP")
    is_answered = any(balance in text for text in summary["said"])
    wanted = f"The caller was told the balance that stands in the company's books: {balance}."
    print(wanted if is_answered else f"The caller was NOT told the balance: wanted {balance}.", flush=True)
    return is_answered and summary["outcome"] == "completed"


def turns() -> list[Turn]:
    """The demo's caller."""
    return [recorded("balance"), Keyed(DEMO.account), Keyed(DEMO.pin), recorded("thanks")]


def recorded(name: str) -> Played:
    return Played(wav.read(RECORDINGS / f"{name}.wav"), name)


async def _wordless(text: str) -> Any:
    raise AssertionError("the demo's caller speaks by recordings")
