"""News of a real queue, handed to those they concern, through the loss of Redis; and what they mean for a call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.agents.shapes import News
from ivr.errors import QueueError
from ivr.events import AgentAnswered, AgentLeft, AgentOffered, AgentRefused, Overflowed
from ivr.newsroom import Newsroom, as_event
from ivr.redisserver import RedisServer
from ivr.store import connect

PATIENCE_S = 5.0


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Distributor]:
    with RedisServer(tmp_path) as server, connect(server.url) as client:
        yield Distributor(client, {})


def ticket(name: str) -> Ticket:
    return Ticket(ticket_id=name, call_id=f"CA-{name}", queue="help", reason="why")


def news(kind: str, **more: object) -> News:
    given = {"news_id": "1-0", "at_ms": 0, "ticket_id": "T1", "call_id": "CA1", "queue": "help"}
    return News(kind=kind, **(given | more))


@dataclass
class Scripted:
    """A log that gives its answers in turn, then nothing; an exception is raised."""

    answers: list[Sequence[News] | Exception]
    last: list[str] = field(default_factory=lambda: ["0"])
    asked: list[str] = field(default_factory=list)

    def news(self, after: str, block_ms: int = 0, limit: int = 1000) -> Sequence[News]:
        self.asked.append(after)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer

    def last_news(self) -> str:
        return self.last.pop(0) if len(self.last) > 1 else self.last[0]


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            await asyncio.sleep(0.005)


def read(source: object, scene: Callable[[Newsroom], Awaitable[None]]) -> None:
    async def run() -> None:
        newsroom = Newsroom(source)
        reading = asyncio.create_task(newsroom.run())
        try:
            await scene(newsroom)
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(run())


def test_a_call_hears_of_itself_and_a_console_of_everything(queue: Distributor) -> None:
    async def scene(newsroom: Newsroom) -> None:
        mine: list[str] = []
        all_of_it: list[str] = []
        with (
            newsroom.follow(lambda line: mine.append(line.kind), "CA-a"),
            newsroom.follow(lambda line: all_of_it.append(f"{line.ticket_id} {line.kind}")),
        ):
            await until(lambda: queue.join(ticket(f"first {time.monotonic()}")) and all_of_it)
            queue.join(ticket("a"))
            queue.join(ticket("b"))
            queue.leave("a", "left")
            await until(lambda: "a ended" in all_of_it)
        queue.join(ticket("a"))
        await asyncio.sleep(0.1)
        assert mine == ["joined", "left", "ended"]
        told = [line for line in all_of_it if not line.startswith("first")]
        assert told == ["a joined", "b joined", "a left", "a ended"]

    read(queue, scene)


def test_nothing_is_missed_and_nothing_told_twice_where_redis_was_away(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ivr.newsroom.PAUSE_S", 0.01)
    away: list[Sequence[News] | Exception] = [QueueError("gone")] * 3
    source = Scripted([[news("joined", news_id="5-0")], *away, [news("left", news_id="6-0")]], ["4-0", "6-0"])

    async def scene(newsroom: Newsroom) -> None:
        heard: list[str] = []
        with newsroom.follow(lambda line: heard.append(line.kind), "CA1"):
            await until(lambda: len(heard) == 2)
        assert source.asked[:5] == ["4-0", "5-0", "5-0", "5-0", "5-0"]

    read(source, scene)
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 3


def test_a_log_that_began_anew_is_read_from_its_own_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.newsroom.PAUSE_S", 0.01)
    source = Scripted([[news("joined", news_id="9-1")], QueueError("gone"), []], ["9-0", "0"])

    async def scene(newsroom: Newsroom) -> None:
        await until(lambda: len(source.asked) > 3)
        assert source.asked[:3] == ["9-0", "9-1", "0"]

    read(source, scene)


def test_one_hearer_that_fails_costs_the_others_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def broken(line: News) -> None:
        raise RuntimeError("a bug")

    async def scene(newsroom: Newsroom) -> None:
        heard: list[str] = []
        with newsroom.follow(broken, "CA1"), newsroom.follow(lambda line: heard.append(line.kind), "CA1"):
            await until(lambda: heard)

    read(Scripted([[], [news("joined")]]), scene)
    assert "a bug" in caplog.text


def test_what_news_mean_for_the_caller() -> None:
    about = {"at_ms": 7, "ticket_id": "T1"}
    offered = as_event(news("offered", offer_id="O1"), 7)
    assert offered == AgentOffered(**about, offer_id="O1")
    refused = as_event(news("refused", offer_id="O1", reason="no_answer", fields={"tries": "2"}), 7)
    assert refused == AgentRefused(**about, offer_id="O1", reason="no_answer", tries=2)
    fields = {"room": "R1", "agent_name": "Grace"}
    answered = as_event(news("accepted", offer_id="O1", fields=fields), 7)
    assert answered == AgentAnswered(**about, offer_id="O1", room="R1", agent_name="Grace")
    fields = {"target": "survey", "fields": '{"order": "17"}', "leg": "CA2"}
    left = as_event(news("departed", reason="handed_back", fields=fields), 7)
    assert left == AgentLeft(**about, reason="handed_back", target="survey", fields={"order": "17"})
    moved = as_event(news("overflowed", reason="closed", fields={"to": "callback"}), 7)
    assert moved == Overflowed(**about, to="callback", queue="help", why="closed")


@pytest.mark.parametrize(
    "kind", ["joined", "left", "ringing", "rescinded", "bridged", "agent_state", "relaxed"]
)
def test_other_news_are_not_the_callers(kind: str) -> None:
    assert as_event(news(kind), 7) is None


def test_news_that_make_no_event_are_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    assert as_event(news("refused", offer_id="O1", reason="a new reason"), 7) is None
    assert "refused" in caplog.text
