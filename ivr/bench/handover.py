"""How fast a caller reaches a person: from the queue to a ringing console, from key 1 to both hearing each other.

One person with a console and a telephone on the exchange, one caller after the other. The console is its event
stream, as a browser reads it; talking is judged by what comes to both ears.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import numpy as np

from ivr.accounts.sessions import Session, Sessions
from ivr.accounts.users import User
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.agents.shapes import Agent, NewsKind
from ivr.app.desk import open_users
from ivr.audio import mulaw
from ivr.audio.frame import FRAME_SAMPLES, RATE_HZ
from ivr.bench.crowd import Journals, journals
from ivr.bench.figures import RINGING, TALKING, TELEPHONE, Figure
from ivr.bench.talk import FROM
from ivr.config import DEMO_NUMBER, Config
from ivr.errors import CarrierError
from ivr.exchange import sound
from ivr.exchange.client import Phone
from ivr.exchange.track import Track
from ivr.flow.load import load
from ivr.store import CallStore, connect
from ivr.supervisor import Node
from ivr.telephony.token import phone_token

AGENT = "bench"
ASK_FOR_PERSON = "0"
ACCEPT = "1"
CALLER_HZ, PERSON_HZ = 620.0, 930.0
"""By what each is known at the other's ear."""
LOUD = 800.0
"""Amplitude from which a tone may count as heard; it is sent with 3277."""
PURE = 0.8
"""Its share of the power from which it does: music and speech hold every pitch now and then."""
TONE_S = 4.0
PIECE = RATE_HZ // 20
"""Samples looked at together, 50 ms: so late at most is a tone noticed."""
LOOK_S = 0.02
PATIENCE_S = 15.0


@dataclass(slots=True)
class HandOvers:
    """What was measured, one value a call."""

    ringing_ms: list[float] = field(default_factory=list)
    telephone_ms: list[float] = field(default_factory=list)
    talking_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def figures(self) -> list[Figure]:
        return [
            Figure.of(RINGING, self.ringing_ms),
            Figure.of(TELEPHONE, self.telephone_ms),
            Figure.of(TALKING, self.talking_ms),
        ]


async def hand_overs(config: Config, node: Node, times: int) -> HandOvers:
    """Hand ``times`` callers over on a running node with these settings, whose queues nobody else serves."""
    client = connect(node.environment["IVR_REDIS__URL"])
    site = load(config.flows.folder).site
    queue, found = Distributor(client, rules_of(site)), HandOvers()
    agent = Agent(AGENT, "Bench Park", tuple(site.queues))
    user = open_users(config).add(
        User(AGENT, agent.name, ("agent",), agent.queues), "marble kestrel fog bench"
    )
    cookie = {"Cookie": f"ivr={Sessions(client).begin(Session(user.login, user.credential))}"}
    account_sid, key_sid, key_secret = (
        node.environment[f"IVR_TWILIO__{name}"] for name in ("ACCOUNT_SID", "API_KEY_SID", "API_KEY_SECRET")
    )
    token = phone_token(account_sid, key_sid, key_secret, AGENT)
    phone = await Phone.connect(node.environment["IVR_TWILIO__API_URL"], token=token)
    async with phone, journals(CallStore(client)) as shared, _console(node.url, cookie) as offers:
        await phone.register(f"client:{AGENT}")
        await asyncio.to_thread(queue.sign_in, agent, "")
        person = _Person(queue, phone, offers)
        for _ in range(times):
            try:
                await _hand_over(node, shared, person, found)
            except (CarrierError, TimeoutError) as error:
                found.failures.append(f"hand-over: {error or type(error).__name__}")
    return found


@dataclass(frozen=True, slots=True)
class _Person:
    """Who takes the calls."""

    queue: Distributor
    phone: Phone
    offers: asyncio.Queue[float]
    """Wall times, s, at which the console was told of an offer."""

    async def be(self, *states: str) -> None:
        """Wait until the queue says so."""
        async with asyncio.timeout(PATIENCE_S):
            while (
                desk := await asyncio.to_thread(self.queue.desk, AGENT)
            ) is None or desk.state not in states:
                await asyncio.sleep(LOOK_S)

    async def told_at_ms(self, kind: NewsKind, after: str) -> int:
        """Wall time of the first such line of the log later than ``after``."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                news = await asyncio.to_thread(self.queue.news, after)
                if found := [line.at_ms for line in news if line.kind == kind]:
                    return found[0]
                await asyncio.sleep(LOOK_S)


async def _hand_over(node: Node, shared: Journals, person: _Person, found: HandOvers) -> None:
    await asyncio.to_thread(person.queue.choose, AGENT, "ready")
    begun = await asyncio.to_thread(person.queue.last_news)
    async with await Phone.connect(node.environment["IVR_TWILIO__API_URL"]) as caller:
        await _ask_for_person(caller, shared)
        async with asyncio.timeout(PATIENCE_S):
            await person.phone.incoming.get()
            telephone_s = time.time()
            console_s = await person.offers.get()
        joined_ms = await person.told_at_ms("joined", begun)
        found.telephone_ms.append(telephone_s * 1000 - joined_ms)
        found.ringing_ms.append(console_s * 1000 - joined_ms)
        found.talking_ms.append(await _accept(caller, person.phone))
        await person.phone.hang_up()
        await caller.hang_up()
    await person.phone.ended(PATIENCE_S)
    await person.be("wrapup")
    await asyncio.to_thread(person.queue.wrap_up, AGENT, "solved", "")


async def _ask_for_person(caller: Phone, shared: Journals) -> None:
    call_sid = await caller.call(DEMO_NUMBER, FROM)
    follower = shared.follow(call_sid)
    try:
        await caller.answered()
        async with asyncio.timeout(PATIENCE_S):
            while not follower.trace.questions:
                follower.moved.clear()
                await follower.moved.wait()
        await caller.press(ASK_FOR_PERSON)
    finally:
        shared.drop(call_sid)


async def _accept(caller: Phone, person: Phone) -> float:
    """Pick up, hear the first words of who it is, press 1: ms from the key until each hears the other."""
    begun = len(person.heard.at_s)
    await person.answer()
    async with asyncio.timeout(PATIENCE_S):
        while not person.heard.voiced(begun).any():
            await asyncio.sleep(LOOK_S)
    pressed_s, marks = time.monotonic(), (len(caller.heard.at_s), len(person.heard.at_s))
    await person.press(ACCEPT, 0)
    caller.say(sound.tone(TONE_S, CALLER_HZ))
    person.say(sound.tone(TONE_S, PERSON_HZ))
    async with asyncio.timeout(PATIENCE_S):
        return (
            max(
                await _until_heard(caller.heard, PERSON_HZ, marks[0]),
                await _until_heard(person.heard, CALLER_HZ, marks[1]),
            )
            - pressed_s
        ) * 1000


async def _until_heard(track: Track, pitch_hz: float, first: int) -> float:
    while (heard_s := _heard_s(track, pitch_hz, first)) is None:
        await asyncio.sleep(LOOK_S)
    return heard_s


def _heard_s(track: Track, pitch_hz: float, first: int) -> float | None:
    """When a tone first reached an ear, from frame number ``first`` on."""
    samples = np.frombuffer(mulaw.decode(bytes(track.sound[first * FRAME_SAMPLES :])), "<i2").astype(float)
    wave = np.exp(-2j * np.pi * pitch_hz * np.arange(PIECE) / RATE_HZ)
    pieces = samples[: len(samples) // PIECE * PIECE].reshape(-1, PIECE)
    level = 2 * np.abs((pieces * wave).mean(axis=1))
    power = np.maximum((pieces**2).mean(axis=1), 1.0)
    found = np.flatnonzero((level > LOUD) & (level**2 / 2 > PURE * power))
    if not len(found):
        return None
    return track.at_s[first + ((int(found[0]) + 1) * PIECE - 1) // FRAME_SAMPLES]


@contextlib.asynccontextmanager
async def _console(url: str, cookie: dict[str, str]) -> AsyncIterator[asyncio.Queue[float]]:
    """The person's console: when it was told of each offer."""
    offers: asyncio.Queue[float] = asyncio.Queue()
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE_S)
    async with (
        aiohttp.ClientSession(timeout=timeout, headers=cookie) as browser,
        browser.get(f"{url}/live/console", raise_for_status=True) as stream,
    ):
        reader = asyncio.create_task(_read(stream, offers))
        try:
            yield offers
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)


async def _read(stream: aiohttp.ClientResponse, offers: asyncio.Queue[float]) -> None:
    async for line in stream.content:
        if line.strip() == b"event: offer":
            offers.put_nowait(time.time())
