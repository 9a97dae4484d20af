"""Says what is in use on this machine, and what is missing with the command that mends it.

For example:

    ivr doctor
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ivr import config, supervisor
from ivr.app.desk import open_lookups, open_users
from ivr.errors import FlowError, IvrError
from ivr.flow.load import load
from ivr.redisserver import RedisServer
from ivr.speech import engines
from ivr.store import CallStore, connect


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    part: str
    says: str
    is_well: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    settings = config.load()
    checks: dict[str, Callable[[config.Config], str]] = {
        "flows": _flows,
        "ears": _ears,
        "voice": _voice,
        "redis": _redis,
        "carrier": _carrier,
        "people": people,
        "node": _node,
    }
    findings = [_check(part, check, settings) for part, check in checks.items()]
    for finding in findings:
        print(f"{'ok' if finding.is_well else 'FAULT':<6} {finding.part:<8} {finding.says}")
    return 0 if all(finding.is_well for finding in findings) else 1


def _check(part: str, check: Callable[[config.Config], str], settings: config.Config) -> Finding:
    try:
        return Finding(part, check(settings))
    except FlowError as error:
        return Finding(part, f"{len(error.faults)} faults in the flow files; run: ivr lint", is_well=False)
    except IvrError as error:
        return Finding(part, str(error), is_well=False)


def _flows(settings: config.Config) -> str:
    book = load(settings.flows.folder, open_lookups(settings).signatures())
    return f"{len(book.flows)} flows in {settings.flows.folder} are sound (version {book.version})"


def _ears(settings: config.Config) -> str:
    return asyncio.run(_described_ears(settings))


async def _described_ears(settings: config.Config) -> str:
    recogniser = engines.pick(settings)
    try:
        return recogniser.describe()
    finally:
        await recogniser.close()


def _voice(settings: config.Config) -> str:
    return asyncio.run(_tried_voice(settings))


async def _tried_voice(settings: config.Config) -> str:
    voice = engines.voice(settings)
    try:
        sound = await voice.render("The voice works.", is_secret=True)
        known = len(await voice.voices())
        return f"{voice.describe()}; {known} voices; spoke {len(sound) / 8000:.1f} s of sound"
    finally:
        await voice.close()


def _redis(settings: config.Config) -> str:
    running = supervisor.attach(settings)
    url = running.redis.url if running is not None else settings.redis.url
    if url:
        CallStore(connect(url)).ping()
        return f"answers at {url}" if "@" not in url else "answers"
    with RedisServer(settings.data.folder):
        return "the one that comes with the program starts and answers"


def _carrier(settings: config.Config) -> str:
    if settings.twilio.account_sid and settings.auth_token():
        return f"account {settings.twilio.account_sid[:6]}..., reached at {settings.public_url()}"
    return (
        "no account: `ivr demo` needs none; `ivr serve` wants twilio.account_sid and IVR_TWILIO__AUTH_TOKEN"
    )


def people(settings: config.Config) -> str:
    users = [user for user in open_users(settings).all() if not user.is_disabled]
    agents = sum(user.has_role("agent") for user in users)
    if not agents:
        return "nobody takes calls yet; run: ivr user add LOGIN --name NAME --queues QUEUES"
    return f"{len(users)} can sign in, {agents} of them take calls"


def _node(settings: config.Config) -> str:
    return "runs on this data folder" if supervisor.attach(settings) else "none runs here"
