"""Calls through the one session whose look-ups ask a real service: whatever it does, the caller hears a way on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from httpkit import Service, serving

from ivr.actions import Action, CancelTimer, Say, SetTimer
from ivr.dialogue.state import begin, from_json, to_json
from ivr.events import CallEnded, CallStarted, Event, PromptEnded, Silent
from ivr.flow.load import parse
from ivr.flow.site import Book
from ivr.lookups.ask import Lookups
from ivr.lookups.connect import Reach
from ivr.lookups.http import Services
from ivr.lookups.sql import Databases
from ivr.session import Hands, Session

SITE = Path(__file__).parents[1] / "flows" / "good" / "site.yaml"
FLOW = """
flow: main
start: find
steps:
  find:
    look_up: parcel
    with: { number: "7" }
    filler: Let me see.
    found: tell
    not_found: unknown
    failed: sorry
  tell: { say: "It is {{ parcel.status }}.", next: done }
  unknown: { say: There is no such parcel., next: done }
  sorry: { say: I cannot see the parcels., next: done }
"""
LOOK_UPS = """
look_ups:
  parcel:
    parameters: [number]
    http: GET http://HOST/PATH?number={number}
    under: data.parcel
    fields: { status: state }
    timeout: TIMEOUT
"""
STARTED = CallStarted(
    call_id="CA1", caller="+441632960002", called="+15550100", started_at="2026-11-24T10:00:00+00:00"
)
HURRY = 10
"""The line's clock runs so much faster than the wall's: its filler is due after 150 ms of ours."""


@dataclass
class Memory:
    """Keeps nothing, but what a state could not keep."""

    def keep(self, state: Any, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        assert from_json(to_json(state)) == state


@dataclass
class HurriedLine:
    """A line whose clock hurries; it speaks in no time and notes when it said what."""

    emit: Callable[[Event], None]
    said: list[tuple[int, str]] = field(default_factory=list)
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    began_s: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def now_ms(self) -> int:
        return round((asyncio.get_running_loop().time() - self.began_s) * 1000 * HURRY)

    def perform(self, action: Action) -> None:
        loop = asyncio.get_running_loop()
        match action:
            case Say():
                self.said.append((self.now_ms, " ".join(action.phrases)))
                ended = PromptEnded(
                    at_ms=self.now_ms,
                    prompt_id=action.prompt_id,
                    played=len(action.phrases),
                    is_finished=True,
                )
                loop.call_soon(self.emit, ended)
            case SetTimer():
                delay_s = action.after_ms / 1000 / HURRY
                self.timers[action.timer] = loop.call_later(delay_s, self._elapse, action.timer)
            case CancelTimer() if action.timer in self.timers:
                self.timers.pop(action.timer).cancel()
            case _:
                pass

    def _elapse(self, timer: str) -> None:
        self.emit(Silent(at_ms=self.now_ms, timer=timer))

    async def run(self) -> None:
        await asyncio.wait_for(self.over.wait(), 5)

    async def finish(self, last: Callable[[], Awaitable[None]]) -> None:
        self.emit(CallEnded(at_ms=self.now_ms, reason="we_hung_up"))
        await last()
        self.over.set()

    async def part(self, last: Callable[[], Awaitable[bool]]) -> None:
        raise AssertionError("nobody is to be put through")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


def book(service: Service, path: str, timeout: str) -> Book:
    look_ups = LOOK_UPS.replace("HOST", service.host).replace("/PATH", path).replace("TIMEOUT", timeout)
    other = "flow: other\nstart: end\nsteps:\n  end: { hang_up: Goodbye. }\n"
    files = {"site.yaml": SITE.read_text(encoding="utf-8"), "main.yaml": FLOW, "other.yaml": other}
    return parse({**files, "look_ups.yaml": look_ups})


def call(service: Service, path: str, timeout: str = "0.4s") -> list[tuple[int, str]]:
    """When the caller heard what, on the line's clock."""

    async def carried() -> list[tuple[int, str]]:
        flows = book(service, path, timeout)
        reach = Reach(Databases({}), Services((f"http://{service.host}",), {}))
        with ThreadPoolExecutor(2) as executor:
            hands = Hands(Lookups([], reach), None, executor, None)  # type: ignore[arg-type]  # nobody is put in line
            session = Session(begin(flows, STARTED), flows, hands, Memory())
            line = HurriedLine(session.emit)
            state = await session.run(line, STARTED)
        assert (state.phase, state.outcome) == ("over", "completed")
        return line.said

    return asyncio.run(carried())


def words(said: list[tuple[int, str]]) -> list[str]:
    return [text for _, text in said]


def test_an_answer_is_said(service: Service) -> None:
    assert words(call(service, "/parcels")) == ["It is on its way.", "Goodbye."]


@pytest.mark.parametrize("path", ["/status/404", "/empty"])
def test_what_is_not_there_takes_its_branch(service: Service, path: str) -> None:
    assert words(call(service, path)) == ["There is no such parcel.", "Goodbye."]


@pytest.mark.parametrize(
    "path",
    [
        "/status/500",
        "/status/400",
        "/garbage",
        "/deep",
        "/big",
        "/redirect",
        "/web",
        "/close",
        "/half",
        "/zipped",
    ],
)
def test_whatever_goes_wrong_takes_the_branch_of_failure_at_once(service: Service, path: str) -> None:
    assert words(call(service, path, "3s"))[-2:] == ["I cannot see the parcels.", "Goodbye."]


@pytest.mark.parametrize("path", ["/stall", "/drip"])
def test_who_waits_hears_so_after_a_moment_and_then_the_way_on(service: Service, path: str) -> None:
    said = call(service, path)
    assert words(said)[0] == "Let me see." and words(said)[-2:] == ["I cannot see the parcels.", "Goodbye."]
    assert 1_500 <= said[0][0] < 2_500
    assert 4_000 <= said[-2][0] < 7_000


def test_an_answer_that_never_comes_is_not_waited_for(service: Service) -> None:
    said = call(service, "/stall", "6s")
    assert words(said)[-2:] == ["I cannot see the parcels.", "Goodbye."]
    assert 8_000 <= said[-2][0] < 10_000
    pauses = [later[0] - earlier[0] for earlier, later in pairwise(said)]
    assert max(pauses) < 3_500, "a caller is not left alone with silence"
