"""Live events of a call from a real journal: order, going on after a break, the end, and who may look."""

from __future__ import annotations

import http.client
import json

import pytest
from gatewaykit import wait_until

from ivr.redisserver import RedisServer
from ivr.store import CallStore, connect

CALL = "CA" + "0123456789abcdef" * 2
OVER = {"kind": "over", "outcome": "completed"}
NO_EXCHANGE = "http://127.0.0.1:9"


@pytest.fixture
def store(tmp_path):
    with RedisServer(tmp_path) as server:
        yield CallStore(connect(server.url))


def watch(running, after: str = "") -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    connection.request("GET", f"/live/calls/{CALL}", headers={"Last-Event-ID": after} if after else {})
    return connection, connection.getresponse()


def told(text: str) -> list[tuple[str, dict]]:
    events = [block.splitlines() for block in text.split("\n\n") if block.startswith("id: ")]
    return [(lines[0].removeprefix("id: "), json.loads(lines[1].removeprefix("data: "))) for lines in events]


def test_lines_come_in_order_as_they_happen_until_the_call_is_over(serve, store):
    running = serve(journal=store, exchange=NO_EXCHANGE)
    store.note(CALL, {"n": 1})
    connection, answer = watch(running)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Accel-Buffering"] == "no"
    read = ""
    while '{"n": 1}' not in read:
        read += answer.read1().decode()
    store.note(CALL, {"n": 2})
    store.note(CALL, OVER)
    read += answer.read().decode()
    assert [fields for _, fields in told(read)] == [{"n": 1}, {"n": 2}, OVER]
    assert read.endswith("event: end\ndata: {}\n\n")
    connection.close()


def test_a_page_goes_on_after_the_last_line_it_has(serve, store):
    running = serve(journal=store, exchange=NO_EXCHANGE)
    for line in ({"n": 1}, {"n": 2}, OVER):
        store.note(CALL, line)
    first = told(watch(running)[1].read().decode())
    rest = told(watch(running, after=first[0][0])[1].read().decode())
    assert rest == first[1:]
    assert told(watch(running, after="nonsense")[1].read().decode()) == first


def test_a_silent_call_still_sends_a_sign_of_life(serve, store, monkeypatch):
    monkeypatch.setattr("ivr.gateway.stream.HEARTBEAT_S", 0.05)
    connection, answer = watch(serve(journal=store, exchange=NO_EXCHANGE))
    read = ""
    while ": alive" not in read:
        read += answer.read1().decode()
    connection.close()


def test_a_page_that_goes_frees_its_place(serve, store, monkeypatch):
    monkeypatch.setattr("ivr.gateway.live.MAX_VIEWERS", 1)
    running = serve(journal=store, exchange=NO_EXCHANGE)
    connection, answer = watch(running)
    answer.read1()
    assert running.ask("GET", f"/live/calls/{CALL}").status == 503
    answer.close()
    connection.close()
    store.note(CALL, OVER)
    wait_until(lambda: running.ask("GET", f"/live/calls/{CALL}").status == 200)


def test_without_a_local_exchange_nobody_may_look_whom_the_web_process_does_not_know(serve, store):
    assert serve(journal=store).ask("GET", f"/live/calls/{CALL}").status == 503


@pytest.mark.parametrize("call", ["", "CA1", "../secret", CALL + "0"])
def test_what_is_no_call_is_not_found(serve, store, call):
    assert serve(journal=store, exchange=NO_EXCHANGE).ask("GET", f"/live/calls/{call}").status == 404


def test_without_redis_the_stream_ends_and_the_page_tries_again(serve, store, tmp_path):
    running = serve(journal=CallStore(connect("unix:///nowhere/redis.sock")), exchange=NO_EXCHANGE)
    assert watch(running)[1].read().decode() == "retry: 1000\n\n"
