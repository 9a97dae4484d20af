"""A thousand saves during twenty calls, a hundred of them broken: no call that runs notices any of it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ivr.actions import Action, Say
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.events import CallResumed, CallStarted, Event
from ivr.line.text import Keyed, TextLine, Turn
from ivr.lookups.ask import Lookups
from ivr.session import Hands, Session
from ivr.shelf import Shelf
from ivr.store import connect

CALLS = 20
RELOADS = 1_000
BROKEN_EVERY = 10
CALL_EVERY = 10
TURN_EVERY = 5
"""Reloads between two turns of any call: ten turns a call."""
GOOD = Path(__file__).parents[1] / "flows" / "good"
PATIENCE_S = 10
STARTED = CallStarted(
    call_id="", caller="+441632960001", called="+15550100", started_at="2026-11-23T10:00:00+00:00"
)
FLOW = """\
flow: main
start: menu
steps:
  menu:
    ask: "This is version {n}."
    choices:
      more: {{ phrases: more, key: 1, next: menu }}
      less: {{ phrases: that is all, key: 2, next: bye }}
  bye: {{ hang_up: Bye from {n}. }}
"""


@dataclass
class Kept:
    """Keeps the state of a call as JSON, and what the caller heard."""

    heard: list[str] = field(default_factory=list)
    state_json: str = ""

    def keep(self, state: State, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        self.state_json = to_json(state)
        self.heard += [" ".join(action.phrases) for action in actions if isinstance(action, Say)]


class Caller:
    """A call on a line of words whose turns the test gives."""

    def __init__(self, number: int, shelf: Shelf, hands: Hands) -> None:
        started = replace(STARTED, call_id=f"CA{number}")
        book = shelf.of("")
        self.version = book.version
        self.kept = Kept()
        self.turns: asyncio.Queue[Turn] = asyncio.Queue()
        self.session = Session(begin(book, started), book, hands, self.kept)
        self.line = TextLine(self.turns.get, self.session.settled, self.session.emit)
        self.task = asyncio.create_task(self.session.run(self.line, started))

    async def heard(self, times: int) -> list[str]:
        """What was heard so far, once it was so many prompts."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.kept.heard) < times and not self.task.done():
                await asyncio.sleep(0.001)
        return self.kept.heard


def save(folder: Path, number: int) -> None:
    text = FLOW.format(n=number)
    if number % BROKEN_EVERY == BROKEN_EVERY - 1:
        text = text[: 30 + number % (len(text) - 30)].replace("menu:", "menu: [")
    (folder / "main.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    site = (GOOD / "site.yaml").read_text(encoding="utf-8").replace("other", "main")
    (folder / "site.yaml").write_text(site, encoding="utf-8")
    save(folder, 0)
    return folder


def test_a_thousand_reloads_change_no_running_call(folder: Path, redis_url: str) -> None:
    asyncio.run(thousand_reloads(folder, redis_url))


async def thousand_reloads(folder: Path, url: str) -> None:
    calls: list[tuple[int, Caller]] = []
    with connect(url) as client, ThreadPoolExecutor(4) as executor:
        shelf = Shelf(folder, client)
        shelf.open()
        hands = Hands(Lookups([]), None, executor, None)  # type: ignore[arg-type]  # nobody is put in line
        try:
            assert await reloaded(folder, shelf, hands, calls) == RELOADS // BROKEN_EVERY
            assert len(calls) == CALLS and all(len(caller.kept.heard) > 5 for _, caller in calls)
            for said, caller in calls:
                await goes_on_elsewhere(said, caller, folder, url)
        finally:
            for _, caller in calls:
                caller.turns.put_nowait(Keyed("2"))
            await asyncio.gather(*(caller.task for _, caller in calls))


async def reloaded(folder: Path, shelf: Shelf, hands: Hands, calls: list[tuple[int, Caller]]) -> int:
    """Saves again and again while calls begin and go on; how many saves were broken."""
    live, broken = 0, 0
    for number in range(1, RELOADS + 1):
        save(folder, number)
        is_new = await asyncio.to_thread(lambda: any([shelf.refresh(), shelf.refresh()]))
        assert is_new is not bool(shelf.faults)
        live, broken = (number, broken) if is_new else (live, broken + 1)
        if len(calls) < CALLS and number % CALL_EVERY == 0:
            calls.append((live, Caller(number, shelf, hands)))
        if number % TURN_EVERY == 0 and calls:
            said, caller = calls[number // TURN_EVERY % len(calls)]
            turns = len(await caller.heard(1))
            caller.turns.put_nowait(Keyed("1"))
            assert await caller.heard(turns + 1) == [f"This is version {said}."] * (turns + 1)
    return broken


async def goes_on_elsewhere(said: int, caller: Caller, folder: Path, url: str) -> None:
    """A process started anew takes the call over by what was saved of it, and finds the flows it began with."""
    with connect(url) as client, ThreadPoolExecutor(1) as executor:
        shelf = Shelf(folder, client)
        shelf.open(or_last=True)
        state = from_json(caller.kept.state_json)
        book = shelf.of(state.book_version)
        assert book.version == caller.version != shelf.book.version
        kept = Kept()
        turns: asyncio.Queue[Turn] = asyncio.Queue()
        session = Session(state, book, Hands(Lookups([]), None, executor, None), kept)  # type: ignore[arg-type]
        turns.put_nowait(Keyed("2"))
        line = TextLine(turns.get, session.settled, session.emit)
        await session.run(line, CallResumed(at_ms=state.at_ms))
        assert kept.heard == [f"I'm back. This is version {said}.", f"Bye from {said}."]
