"""A carried call and a person: told while its line lives, and asked for where the caller comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from carrykit import CALL, Desk, Socket

from ivr.actions import Ticket
from ivr.agents.shapes import Agent
from ivr.carry import bury, carry
from ivr.dialogue.state import State, from_json

PATIENCE_S = 5.0
GRACE = Agent("grace", "Grace Park", ("agents",))


class Carrier:
    """Whoever is taken elsewhere loses their stream."""

    def __init__(self, let_go: Callable[[], None]) -> None:
        self.redirected: list[str] = []
        self._let_go = let_go

    def redirect(self, call_sid: str) -> None:
        self.redirected.append(call_sid)
        self._let_go()

    def hang_up(self, call_sid: str) -> None:
        pass


class Scene:
    """One call and one person; streams of the call one after the other."""

    def __init__(self, desk: Desk) -> None:
        self.carrier = Carrier(self._end_stream)
        hands = replace(desk.parts.hands, carrier=self.carrier)
        self.parts = replace(desk.parts, hands=hands)
        self.desk = desk
        self.queue = desk.parts.distributor
        self.is_held = True

    def _end_stream(self) -> None:
        self.is_held = False

    @property
    def state(self) -> State:
        saved = self.desk.store.load(CALL)
        assert saved is not None
        return from_json(saved.state_json)

    def stream(self, *, keys: str = "", **parameters: str) -> asyncio.Task[None]:
        """A stream that lasts until ``let_go``."""
        self.is_held = True
        side, said = self.desk.begin(self.desk.store.issue_token(CALL), **parameters)
        said += [side.media(20 * number, b"\xff" * 160) for number in range(1, 10)]
        said += [side.dtmf(key) for key in keys]
        return asyncio.create_task(carry(Socket(said, is_held=lambda: self.is_held), self.parts))

    async def let_go(self, stream: asyncio.Task[None]) -> None:
        """The stream breaks off."""
        self._end_stream()
        await asyncio.wait_for(stream, PATIENCE_S)

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                await asyncio.sleep(0.01)

    async def waiting(self) -> asyncio.Task[None]:
        stream = self.stream(keys="0")
        await self.until(lambda: self.queue.of_call(CALL))
        return stream

    def accept(self) -> None:
        """Somebody sits down, and takes the caller who waits."""
        self.queue.sign_in(replace(GRACE, queues=(self.queue.of_call(CALL).ticket.queue,)), "")
        self.queue.choose("grace", "ready")
        (offer,) = self.queue.desk("grace").offers
        assert self.queue.accept(offer.offer_id, "grace") is not None

    def told(self, kind: str) -> list[dict]:
        return [line.fields for line in self.desk.store.entries(CALL) if line.fields.get("type") == kind]


def play(desk: Desk, act: Callable[[Scene], Awaitable[None]]) -> None:
    async def run() -> None:
        scene = Scene(desk)
        reading = asyncio.create_task(desk.parts.newsroom.run())
        try:
            await act(scene)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(run())


def test_a_caller_is_taken_to_whoever_accepts(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        stream = await scene.waiting()
        scene.accept()
        await scene.until(lambda: scene.carrier.redirected == [CALL])
        await scene.until(stream.done)
        assert (scene.state.phase, scene.state.exit, scene.state.agent) == ("bridged", "bridge", "Grace Park")
        assert [line["room"] for line in scene.told("bridge")] == [scene.queue.of_call(CALL).room]

    play(desk, act)


def test_a_caller_whose_line_was_lost_when_somebody_accepted_is_taken_there_later(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        await scene.let_go(await scene.waiting())
        scene.accept()
        stream = scene.stream()
        await scene.until(lambda: scene.carrier.redirected == [CALL])
        await scene.until(stream.done)
        assert scene.state.phase == "bridged"

    play(desk, act)


def test_a_caller_who_comes_back_is_told_how_the_person_left(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        stream = await scene.waiting()
        scene.accept()
        await scene.until(stream.done)
        scene.queue.depart(scene.state.waiting.ticket.ticket_id, "handed_back", "another", {"account": "17"})
        stream = scene.stream()
        await scene.until(lambda: scene.told("agent_left"))
        (left,) = scene.told("agent_left")
        assert (left["reason"], left["target"], left["fields"]) == ("handed_back", "another", ["account"])
        assert scene.state.fields["account"] == "17"
        assert scene.state.exit == "" and scene.state.waiting is None
        await scene.let_go(stream)

    play(desk, act)


def test_a_caller_who_comes_back_from_a_person_still_there_is_taken_there_again(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        stream = await scene.waiting()
        scene.accept()
        await scene.until(stream.done)
        stream = scene.stream()
        await scene.until(lambda: scene.carrier.redirected == [CALL, CALL])
        await scene.until(stream.done)
        assert scene.told("agent_left") == [] and scene.state.phase == "bridged"

    play(desk, act)


@pytest.mark.parametrize("reason", ["lost", "never_came"])
def test_a_caller_whose_person_was_lost_waits_again_with_the_same_ticket(desk: Desk, reason: str) -> None:
    async def act(scene: Scene) -> None:
        stream = await scene.waiting()
        scene.accept()
        await scene.until(stream.done)
        ticket = scene.state.waiting.ticket
        scene.queue.choose("grace", "break")
        scene.queue.depart(ticket.ticket_id, reason)
        stream = scene.stream()
        await scene.until(lambda: scene.told("agent_left"))
        await scene.until(lambda: scene.state.phase == "waiting")
        held = scene.queue.of_call(CALL)
        assert (held.ticket.ticket_id, held.state) == (ticket.ticket_id, "waiting")
        # told once: another stream of the same wait begins like any other
        await scene.let_go(stream)
        stream = scene.stream()
        await scene.until(lambda: scene.told("call_resumed"))
        assert len(scene.told("agent_left")) == 1
        await scene.let_go(stream)

    play(desk, act)


def test_a_customer_who_is_called_back_is_asked_about_their_own_ticket(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        queue = next(iter(scene.parts.book("").site.queues))
        ticket = Ticket(ticket_id="T1", call_id="CA0", queue=queue, reason="why", name="Ada Holloway")
        scene.queue.join(ticket)
        stream = scene.stream(callback="T1", caller="+447700900123", called="+15550100")
        await scene.until(lambda: scene.told("call_started"))
        assert scene.state.callback is not None
        assert (scene.state.callback.ticket.ticket_id, scene.state.name) == ("T1", "Ada Holloway")
        await scene.let_go(stream)

    play(desk, act)


def test_a_caller_who_hangs_up_at_a_person_ends_the_call_in_state_and_records(desk: Desk) -> None:
    async def act(scene: Scene) -> None:
        stream = await scene.waiting()
        scene.accept()
        await scene.until(stream.done)
        await asyncio.to_thread(
            bury, CALL, scene.parts.book, desk.store, desk.records, desk.parts.hands.profiles
        )
        assert (scene.state.phase, scene.state.agent) == ("over", "Grace Park")
        assert scene.queue.leave_call(CALL, "caller_hung_up")
        assert scene.queue.desk("grace").state in ("ready", "wrapup")

    play(desk, act)
