"""Callers and people with telephones on a real exchange; real webhooks, queue and dispatcher; a scripted machine.

The machine at the media socket stands for gateway and session: it queues every caller, goes where ``Bridge`` would
go, and notes how a person left. Everything between it and the telephones is what runs in production.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import redis
from aiohttp import web

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.rules import Rules
from ivr.agents.shapes import Agent, Departure, Desk, Held
from ivr.config import Config
from ivr.dialogue.state import State, Waiting, from_json, to_json
from ivr.dispatch import Dispatcher
from ivr.exchange.calls import Call
from ivr.exchange.client import Phone
from ivr.exchange.conference import Member
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Faults, Number, Settings
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.store import CallStore
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import TwilioCarrier
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web

ACCOUNT = "AC" + "0a" * 16
TOKEN = "a secret of the test"
LINE = "+15550100"
CALLER = "+15550199"
QUEUE = "service"
RULES = Rules(ring_ms=15_000, wrap_up_ms=60_000)


class Stage:
    """``async with Stage(client) as stage``: then ``stage.agent()`` and ``stage.caller()``."""

    def __init__(
        self,
        client: redis.Redis,
        rules: Rules = RULES,
        faults: Faults | None = None,
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        self.queue = Distributor(client, {QUEUE: rules}, now_ms)
        self.store = CallStore(client)
        self.legs = Legs(client)
        self.notes: list[tuple[str, str, dict[str, Any]]] = []
        """Call, kind and payload of what the event log was given."""
        self.departures: list[tuple[str, Departure]] = []
        """How people left, by call, as the machine is told when the caller comes back."""
        self.streams: list[dict[str, str]] = []
        """Parameters of every media stream."""
        self.is_bridging = True
        """False: the machine never sends a caller to the room."""
        self._faults = faults or Faults()
        self._phones: list[Phone] = []

    async def __aenter__(self) -> Stage:
        front = web.Application()
        front.router.add_get("/media", self._media)
        front.router.add_route("*", "/{path:.*}", self._page)
        self._runner = web.AppRunner(front, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        number = Number(f"{base}/voice/incoming", f"{base}/voice/fallback", f"{base}/voice/status")
        settings = Settings(ACCOUNT, TOKEN, {LINE: number}, faults=self._faults)
        self.exchange = await Exchange(settings).__aenter__()
        twilio = {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "api_url": self.exchange.url,
            "caller_id": LINE,
        }
        self.addresses = Addresses(base)
        self.carrier = TwilioCarrier(Config(twilio=twilio), self.addresses.resume)
        self.hands = Handover(self.queue, self.carrier, self.legs, self.addresses, lambda: ("+1555",))
        self._web = create_web(self._parts(base))
        self._executor = ThreadPoolExecutor(16)
        self.dispatcher = self.new_dispatcher("test")
        self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        for phone in self._phones:
            await phone.close()
        await self.halt()
        await self.exchange.__aexit__(None, None, None)
        await self._runner.cleanup()
        self._executor.shutdown()

    def new_dispatcher(self, owner: str) -> Dispatcher:
        return Dispatcher(
            owner=owner,
            queue=self.queue,
            carrier=self.carrier,
            hands=self.hands,
            legs=self.legs,
            store=self.store,
            addresses=self.addresses,
            note=self._note,
            executor=self._executor,
        )

    def start(self) -> None:
        self._thread = threading.Thread(target=self.dispatcher.run, daemon=True)
        self._thread.start()

    async def halt(self) -> None:
        """The dispatcher ends."""
        self.dispatcher.stop()
        await asyncio.to_thread(self._thread.join)

    def _parts(self, base: str) -> Parts:
        door: Any = None
        return Parts(
            public_url=base,
            signatures=SignatureChecker(TOKEN, base),
            store=self.store,
            queue=self.queue,
            hands=self.hands,
            legs=self.legs,
            fallback_twiml=lambda: "<Response><Hangup/></Response>",
            divert_twiml=lambda: "<Response><Hangup/></Response>",
            about=lambda: About("vosk", "small", "v", 0),
            faults=lambda: (),
            bury=lambda call_id: None,
            door=door,
        )

    def _note(self, call_id: str, wall_at: datetime, at_ms: int, kind: str, payload: dict[str, Any]) -> None:
        self.notes.append((call_id, kind, payload))

    # telephones

    async def phone(self, number: str = "") -> Phone:
        phone = await Phone.connect(self.exchange.url)
        self._phones.append(phone)
        if number:
            await phone.register(number)
        return phone

    async def agent(self, name: str = "ann", endpoint: str = "", *, is_ready: bool = True) -> Phone:
        """A person at their desk, ready, with a telephone."""
        phone = await self.phone(endpoint or f"client:{name}")
        self.queue.sign_in(self.person(name, endpoint), "")
        if is_ready:
            self.queue.choose(name, "ready")
        return phone

    def person(self, name: str, endpoint: str = "") -> Agent:
        return Agent(name, name.title(), (QUEUE,), (), endpoint)

    def legs_to(self, number: str) -> list[Call]:
        """Every leg ever placed to a telephone."""
        return [call for call in self.exchange.calls.values() if call.to == number]

    async def caller(self, number: str = CALLER) -> Phone:
        """Somebody who has called, and is with the machine by now."""
        phone = await self.phone()
        await phone.call(LINE, number)
        await phone.answered(5)
        return phone

    async def talking(self, name: str = "ann", endpoint: str = "") -> tuple[Phone, Phone, Held]:
        """A caller and a person in their room: both telephones, and the ticket."""
        agent = await self.agent(name, endpoint)
        caller = await self.caller()
        await asyncio.wait_for(agent.incoming.get(), 5)
        await agent.answer()
        await self.until(lambda: self.desk(name).state == "ringing" and self.desk(name).offers)
        assert await self.do(self.hands.accept, self.desk(name).offers[0].offer_id, name)
        return agent, caller, await self.bridged(name)

    async def announced(self, agent: Phone) -> None:
        """A person hears who calls."""
        await self.until(lambda: agent.heard.voiced().any())

    async def bridged(self, name: str) -> Held:
        await self.until(lambda: self.state_of(name) == "bridged")
        held = self.held(name)
        assert held is not None
        return held

    # how it stands

    async def do(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Something that blocks."""
        return await asyncio.to_thread(act, *arguments)

    def desk(self, name: str) -> Desk:
        desk = self.queue.desk(name)
        assert desk is not None
        return desk

    def held(self, name: str) -> Held | None:
        """The ticket of a person's call."""
        return self.queue.held(self.desk(name).ticket_id)

    def state_of(self, name: str) -> str:
        """How a person's ticket stands."""
        held = self.held(name)
        return held.state if held is not None else ""

    async def until(self, holds: Callable[[], object], within_s: float = 5.0) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(within_s):
            while not await asyncio.to_thread(holds):
                await asyncio.sleep(0.01)

    def kinds(self, call_id: str = "") -> list[str]:
        """What the event log was told of a call, or of all."""
        return [kind.removeprefix("queue.") for of, kind, _ in list(self.notes) if call_id in ("", of)]

    def refusals(self) -> list[str]:
        """Why offers failed."""
        return [payload["reason"] for _, kind, payload in list(self.notes) if kind == "queue.refused"]

    def codes(self) -> list[int]:
        """What the exchange found wrong with our answers, as Twilio's error numbers."""
        return [notice.code for notice in self.exchange.debugger]

    def conferences(self) -> list[list[str]]:
        """Who is in each conference that is going on, by label."""
        rooms = self.exchange.conferences.values()
        return [
            sorted(member.wish.label for member in room.members.values())
            for room in rooms
            if room.status != "completed"
        ]

    def members(self) -> list[Member]:
        """Everybody in a conference that is going on."""
        rooms = self.exchange.conferences.values()
        return [member for room in rooms if room.status != "completed" for member in room.members.values()]

    # the machine

    async def _page(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        answer = await asyncio.get_running_loop().run_in_executor(
            None,
            lambda: self._web.test_client().open(
                request.raw_path, method=request.method, data=body, headers=dict(request.headers)
            ),
        )
        return web.Response(body=answer.data, status=answer.status_code, headers=dict(answer.headers))

    async def _media(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        watching: asyncio.Task[None] | None = None
        async for message in socket:
            value = json.loads(message.data)
            if value["event"] == "start":
                start = value["start"]
                self.streams.append(start["customParameters"])
                await asyncio.to_thread(self._begin, start["callSid"], start["customParameters"])
                watching = asyncio.create_task(asyncio.to_thread(self._watch, start["callSid"]))
            if value["event"] == "stop":
                await asyncio.to_thread(self._stop, value["stop"]["callSid"])
        if watching is not None:
            watching.cancel()
        return socket

    def _begin(self, call_id: str, parameters: dict[str, str]) -> None:
        """A stream begins: a new caller is put in line; one who comes back hears how the person left."""
        self.store.claim(call_id, "machine", 60_000)
        saved = self.store.load(call_id)
        ticket = Ticket(
            ticket_id=f"{call_id}.t1",
            call_id=call_id,
            queue=QUEUE,
            reason="a parcel is missing",
            caller=parameters.get("caller", ""),
            name="Ann Example",
        )
        called_back = self.queue.held(parameters.get("callback", ""))
        if called_back is not None:
            ticket = replace(called_back.ticket, call_id=call_id)
        state = State(
            call_id=call_id,
            caller=ticket.caller,
            called=LINE,
            started_at="",
            book_version="v",
            phase="waiting",
        )
        departure = self.queue.departure(call_id) if saved is not None else None
        if departure is not None:
            self.departures.append((call_id, departure))
        if departure is not None and departure.reason in ("hung_up", "handed_back"):
            self._save(replace(state, phase="asking"))
            return
        self._save(replace(state, waiting=Waiting(ticket=ticket)))
        self.queue.join(ticket)

    def _watch(self, call_id: str) -> None:
        """Go to the room once a person has accepted."""
        while True:
            saved = self.store.load(call_id)
            state = from_json(saved.state_json) if saved is not None else None
            if state is None or state.phase != "waiting":
                return
            held = self.queue.of_call(call_id)
            if held is not None and held.state == "briefing" and self.is_bridging:
                self._save(replace(state, phase="bridged", exit="bridge"))
                with contextlib.suppress(Exception):
                    self.carrier.redirect(call_id)
                return
            if call_id not in self.exchange.calls or not self.exchange.calls[call_id].is_live:
                return
            threading.Event().wait(0.01)

    def _stop(self, call_id: str) -> None:
        self.store.release(call_id, "machine")

    def _save(self, state: State) -> None:
        saved = self.store.load(state.call_id)
        self.store.save(state.call_id, to_json(state), saved.revision if saved is not None else 0)
