"""Live events of an agent's console: who may listen, what they hear, and how soon."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import waitress.server
from flask import Flask, Response, jsonify, request
from gatewaykit import Running, wait_until

from ivr.agents.shapes import Agent, Desk, News, Offer
from ivr.errors import QueueError

PEOPLE = {
    "grace": {"agent_id": "grace", "name": "Grace", "roles": ["agent"], "queues": ["help"]},
    "susan": {"agent_id": "susan", "name": "Susan", "roles": ["agent", "supervisor"], "queues": ["help"]},
}
CALL = "CA" + "0123456789abcdef" * 2


@dataclass
class ScriptedDesks:
    """Everybody is ready; ``version`` of every desk; ``fault`` is raised."""

    version: int = 1
    offers: tuple[Offer, ...] = ()
    fault: Exception | None = None

    def desk(self, agent_id: str) -> Desk | None:
        if self.fault is not None:
            raise self.fault
        agent = Agent(agent_id, agent_id.title(), ("help",))
        return Desk(agent, "ready", 0, offers=self.offers, version=self.version)

    def last_news(self) -> str:
        return "100-0"


@dataclass
class ScriptedNews:
    """What the test tells, on the gateway's own loop."""

    hearers: list[tuple[Callable[[News], None], asyncio.AbstractEventLoop]] = field(default_factory=list)

    @contextmanager
    def follow(self, hear: Callable[[News], None], call_id: str = "") -> Iterator[None]:
        one = (hear, asyncio.get_running_loop())
        self.hearers.append(one)
        try:
            yield
        finally:
            self.hearers.remove(one)

    def tell(self, kind: str, agent_id: str = "", *, queue: str = "help", number: int = 101) -> None:
        line = News(f"{number}-0", kind, 0, "T1", "CA1", agent_id, "O1", queue)
        for hear, loop in self.hearers:
            loop.call_soon_threadsafe(hear, line)


@pytest.fixture(scope="module")
def doorkeeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A web process that knows people by their cookie."""
    path = tmp_path_factory.mktemp("door") / "web"
    app = Flask("door")

    @app.get("/console/whoami")
    def whoami() -> tuple[Response, int]:
        person = PEOPLE.get(request.cookies.get("ivr", ""))
        return (jsonify(person), 200) if person else (jsonify(error="Sign in first."), 401)

    server = waitress.server.create_server(app, unix_socket=str(path))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield path
    server.close()
    server.task_dispatcher.shutdown()
    server.asyncore.close_all(server._map)
    thread.join(5)


class Page:
    """An agent's page that listens."""

    def __init__(self, running: Running, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
        self._connection.request("GET", "/live/console", headers={"Cookie": f"ivr={cookie}"})
        self.answer = self._connection.getresponse()
        self.text = ""

    def reads(self, words: str) -> str:
        """Everything so far, once these words have come."""
        while words not in self.text:
            more = self.answer.read1().decode()
            assert more, f"the stream has ended: {self.text}"
            self.text += more
        return self.text

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@dataclass
class Scene:
    running: Running
    news: ScriptedNews
    desks: ScriptedDesks

    @contextmanager
    def page(self, cookie: str = "grace") -> Iterator[Page]:
        page = Page(self.running, cookie)
        try:
            yield page
        finally:
            page.close()


@pytest.fixture
def scene(serve: Callable[..., Running], doorkeeper: Path) -> Scene:
    news, desks = ScriptedNews(), ScriptedDesks()
    return Scene(serve(web=doorkeeper, newsroom=news, desks=desks), news, desks)


def test_a_stranger_is_refused_as_the_web_process_refuses(scene: Scene) -> None:
    with scene.page("nobody") as page:
        assert page.answer.status == 401
    assert scene.running.ask("POST", "/live/console", headers={"Cookie": "ivr=grace"}).status == 405


def test_while_the_web_process_is_away_nobody_is_let_in(serve: Callable[..., Running]) -> None:
    running = serve(newsroom=ScriptedNews(), desks=ScriptedDesks())
    answer = running.ask("GET", "/live/console")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")


def test_a_page_is_told_how_things_stand_when_it_comes(scene: Scene) -> None:
    scene.desks.offers = (Offer("O7", "T7", "grace", "call"),)
    with scene.page() as page:
        text = page.reads("event: desk")
        page.reads('"state": "ready"}')
    assert 'id: 100-0\nevent: offer\ndata: {"offer_id": "O7", "ticket_id": "T7"}' in text
    assert "queues" not in text
    assert page.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"


def test_an_offer_is_on_its_agents_page_at_once_and_on_no_other(scene: Scene) -> None:
    with scene.page("grace") as grace, scene.page("susan") as susan:
        grace.reads('"version": 1')
        susan.reads('"version": 1')
        scene.desks.version = 2
        begun_s = time.monotonic()
        scene.news.tell("offered", "grace")
        text = grace.reads('"version": 2')
        assert time.monotonic() - begun_s < 0.3
        assert 'id: 101-0\nevent: offer\ndata: {"offer_id": "O1", "ticket_id": "T1"}' in text
        scene.news.tell("agent_state", "susan", number=102)
        assert "offer" not in susan.reads('"version": 2')


def test_only_who_may_see_them_is_told_of_the_queues_and_not_too_often(scene: Scene) -> None:
    with scene.page("grace") as grace, scene.page("susan") as susan:
        susan.reads('"version": 1')
        for number in range(200, 220):
            scene.news.tell("joined", queue="help" if number % 2 else "sales", number=number)
        assert '{"changed": ["help", "sales"]}' in susan.reads('"sales"')
        scene.news.tell("agent_state", "grace", number=300)
        text = grace.reads("id: 300-0")
    assert susan.text.count("event: queues") == 2  # as it came, and once for all of them
    assert "queues" not in text


def test_a_page_whose_session_has_ended_hears_no_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with scene.page() as page:
        page.reads("event: desk")
        monkeypatch.setattr("ivr.gateway.console.RECHECK_S", 0.0)
        monkeypatch.delitem(PEOPLE, "grace")
        scene.news.tell("agent_state", "grace")
        assert page.answer.read() is not None
    wait_until(lambda: not scene.news.hearers)


def test_without_the_queue_a_page_keeps_its_stream_and_is_told_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.gateway.console.QUEUES_S", 0.01)
    scene.desks.fault = QueueError("Redis is gone")
    with scene.page() as page:
        page.reads("retry")
        time.sleep(0.1)
        assert "desk" not in page.text
        scene.desks.fault = None
        page.reads("event: desk")


def test_a_page_that_goes_is_forgotten(scene: Scene) -> None:
    with scene.page() as page:
        page.reads("event: desk")
        assert len(scene.news.hearers) == 1
    wait_until(lambda: not scene.news.hearers)


@pytest.mark.parametrize(("cookie", "status"), [("", 401), ("grace", 403), ("susan", 200)])
def test_at_a_real_carrier_only_supervisors_watch_a_call(
    serve: Callable[..., Running], doorkeeper: Path, cookie: str, status: int
) -> None:
    class OneLine:
        def entries(self, call_id: str, after: str = "0") -> list[object]:
            return [type("Entry", (), {"entry_id": "1-0", "fields": {"kind": "over"}})()]

    running = serve(web=doorkeeper, journal=OneLine())
    answer = running.ask("GET", f"/live/calls/{CALL}", headers={"Cookie": f"ivr={cookie}"})
    assert answer.status == status
    if status == 200:
        assert json.loads(answer.text.split("data: ")[1].split("\n")[0]) == {"kind": "over"}
