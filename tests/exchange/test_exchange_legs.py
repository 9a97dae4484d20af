"""How a call's leg evens out what a phone sends."""

from __future__ import annotations

from switchboard import ACCOUNT, CALLER, LINE, TOKEN

from ivr.exchange.calls import Call
from ivr.exchange.cushion import BACKLOG, CUSHION, REVIEW
from ivr.exchange.phones import HandsetLeg
from ivr.exchange.server import Exchange
from ivr.exchange.settings import Settings
from ivr.exchange.sound import SILENCE


def _leg(*, is_answered: bool = True) -> HandsetLeg:
    exchange = Exchange(Settings(ACCOUNT, TOKEN))
    leg = HandsetLeg(exchange, None)
    leg.call = Call(exchange, to=LINE, from_=CALLER, direction="inbound")
    if is_answered:
        leg.call.become("in-progress")
    return leg


def _frame(number: int) -> bytes:
    return bytes([number]) * 160


async def test_a_frame_that_comes_one_tick_late_leaves_no_hole() -> None:
    leg = _leg()
    arrivals = [1, 1, 1, 0, 2, 1, 0, 2, 1, 1, 0, 0]
    heard, number = [], 0
    for count in arrivals:
        for _ in range(count):
            leg.put(_frame(number))
            number += 1
        heard.append(leg.take())
    first = next(at for at, frame in enumerate(heard) if frame is not SILENCE)
    assert first == CUSHION - 1
    assert heard[first : first + number] == [_frame(each) for each in range(number)]


async def test_a_short_sound_is_not_kept_back() -> None:
    leg = _leg()
    leg.put(_frame(7))
    heard = [leg.take() for _ in range(4)]
    assert _frame(7) in heard
    assert heard.count(SILENCE) == 3


async def test_a_cushion_that_has_grown_too_deep_is_cut_back() -> None:
    leg = _leg()
    for _ in range(12):
        leg.put(_frame(1))
    for _ in range(REVIEW):
        leg.put(_frame(2))
        leg.take()
    depth = 0
    while leg.take() is not SILENCE:
        depth += 1
    assert depth == CUSHION - 1


async def test_a_phone_that_sends_too_much_keeps_only_the_newest() -> None:
    leg = _leg()
    for number in range(BACKLOG + 10):
        leg.put(_frame(number))
    assert leg.take() == _frame(10)


async def test_what_is_said_before_the_answer_is_not_heard() -> None:
    leg = _leg(is_answered=False)
    leg.put(_frame(1))
    leg.put(_frame(2))
    assert leg.call is not None
    leg.call.become("in-progress")
    assert [leg.take() for _ in range(3)] == [SILENCE] * 3
