"""Which sockets may carry a call, where it goes on, and how one ends that nobody carries."""

from __future__ import annotations

import asyncio
import os

import pytest
from carrykit import CALL, Desk, Socket

from ivr import carry as carry_module
from ivr.carry import bury, carry
from ivr.dialogue.state import State, from_json


def state_of(desk: Desk) -> State:
    saved = desk.store.load(CALL)
    assert saved is not None
    return from_json(saved.state_json)


def carried(desk: Desk, *, stop: bool = True, keys: str = "", until: str = "") -> Socket:
    """One stream of the call: some keys after the first sound, then a stop or a lost line.

    ``until``: the line holds until a text with these words is said.
    """
    side, said = desk.begin(desk.store.issue_token(CALL), caller="+447700900123", called="+15550100")
    said += [side.media(20 * number, b"\xff" * 160) for number in range(1, 10)]
    said += [side.dtmf(key) for key in keys]
    socket = Socket(said + ([side.stop()] if stop else []), is_held=lambda: not desk.voice.has_said(until))
    asyncio.run(carry(socket, desk.parts))
    return socket


def test_a_new_call_begins_with_what_the_webhook_said_of_it(desk: Desk) -> None:
    socket = carried(desk)
    state = state_of(desk)
    assert (state.caller, state.phase, state.outcome) == ("+447700900123", "over", "caller_hung_up")
    assert socket.is_closed
    assert desk.store.owner(CALL) is None and desk.store.live_calls() == 0


def test_while_it_is_carried_the_store_knows_by_which_process(desk: Desk) -> None:
    async def scene() -> str | None:
        _, said = desk.begin(desk.store.issue_token(CALL))
        task = asyncio.create_task(carry(Socket(said, is_waiting=True), desk.parts))
        while (owner := await asyncio.to_thread(desk.store.owner, CALL)) is None:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return owner

    owner = asyncio.run(scene())
    assert owner is not None and owner.split("/")[1:] == [str(os.getpid()), "MZ1"]


@pytest.mark.parametrize("token", ["", "made up"])
def test_a_socket_without_a_good_token_carries_nothing(desk: Desk, token: str) -> None:
    socket = Socket(desk.begin(token)[1])
    asyncio.run(carry(socket, desk.parts))
    assert socket.is_closed and socket.sent == []
    assert desk.store.load(CALL) is None


def test_a_token_is_good_once_and_for_its_own_call(desk: Desk) -> None:
    token = desk.store.issue_token(CALL)
    other = "CA" + "0" * 31 + "2"
    asyncio.run(carry(Socket(desk.begin(token, other)[1]), desk.parts))
    assert desk.store.load(other) is None
    asyncio.run(carry(Socket(desk.begin(token)[1]), desk.parts))
    first = desk.store.load(CALL)
    assert first is not None
    asyncio.run(carry(Socket(desk.begin(token)[1]), desk.parts))
    assert desk.store.load(CALL) == first


def test_a_socket_that_never_says_start_is_closed_in_time(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_module, "START_S", 0.05)
    socket = Socket([], is_waiting=True)
    asyncio.run(asyncio.wait_for(carry(socket, desk.parts), 5))
    assert socket.is_closed


@pytest.mark.parametrize(
    "said", [[], ["nonsense"], ['{"event":"stop"}']], ids=["nothing", "nonsense", "stop first"]
)
def test_a_socket_that_begins_wrong_is_closed(desk: Desk, said: list[str]) -> None:
    socket = Socket(said)
    asyncio.run(carry(socket, desk.parts))
    assert socket.is_closed


def test_a_lost_stream_leaves_the_call_and_the_next_goes_on_with_it(desk: Desk) -> None:
    carried(desk, stop=False, keys="14")
    before = state_of(desk)
    assert before.phase == "asking" and before.visit.entry == "4"
    desk.voice.said.clear()
    carried(desk, stop=False, until="account number")
    after = state_of(desk)
    assert after.stack == before.stack and after.at_ms >= before.at_ms
    assert desk.voice.has_said("account number")


def test_a_call_that_is_over_is_not_carried_again(desk: Desk) -> None:
    carried(desk)
    before = desk.store.load(CALL)
    socket = carried(desk)
    assert socket.is_closed and socket.sent == []
    assert desk.store.load(CALL) == before


def test_a_call_that_ended_without_its_stream_is_brought_to_its_end_once(desk: Desk) -> None:
    def book(version: str) -> object:
        return desk.parts.book(version)

    bury(CALL, book, desk.store, desk.records, desk.parts.hands.profiles)
    assert desk.store.load(CALL) is None
    carried(desk, stop=False)
    bury(CALL, book, desk.store, desk.records, desk.parts.hands.profiles)
    state, saved = state_of(desk), desk.store.load(CALL)
    assert (state.phase, state.outcome) == ("over", "caller_hung_up")
    assert desk.store.owner(CALL) is None and desk.store.live_calls() == 0
    bury(CALL, book, desk.store, desk.records, desk.parts.hands.profiles)
    assert desk.store.load(CALL) == saved
    assert [line.fields["kind"] for line in desk.store.entries(CALL)].count("over") == 1
