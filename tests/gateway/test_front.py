"""The public port with real sockets: calls, forwarding, a web process that is down, draining."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import quote

import pytest
import waitress.server
from flask import Flask, request
from gatewaykit import FALLBACK, wait_until
from websockets.exceptions import ConnectionClosed, InvalidStatus


def test_a_signed_media_socket_is_carried(serve):
    running = serve()
    with running.call() as call:
        call.send("hello")
        assert call.recv(5) == "hello"
        assert running.gateway.calls == 1
    wait_until(lambda: running.gateway.calls == 0)


@pytest.mark.parametrize("signature", [{}, {"x-twilio-signature": "bm90IHRoaXMgb25l"}])
def test_a_socket_without_the_right_signature_never_opens(serve, signature):
    carried = []

    async def carry(media):
        carried.append(media)

    running = serve(carry=carry)
    with pytest.raises(InvalidStatus) as refused:
        running.open("/media", **signature)
    assert refused.value.response.status_code == 403
    assert carried == []


def test_a_socket_elsewhere_never_opens(serve):
    with pytest.raises(InvalidStatus) as refused:
        serve().open("/elsewhere")
    assert refused.value.response.status_code == 403


def test_a_call_that_fails_leaves_the_others_alone(serve):
    running = serve()
    with running.call() as good, running.call() as bad:
        bad.send("fail")
        with pytest.raises(ConnectionClosed):
            bad.recv(5)
        good.send("still here")
        assert good.recv(5) == "still here"
        wait_until(lambda: running.gateway.calls == 1)


def test_an_oversized_message_ends_only_its_own_socket(serve):
    running = serve()
    with running.call() as good, running.call() as bad:
        bad.send("x" * (64 * 1024 + 1))
        with pytest.raises(ConnectionClosed) as closed:
            bad.recv(5)
        assert closed.value.rcvd.code == 1009
        good.send("y" * 64 * 1024)
        assert len(good.recv(5)) == 64 * 1024
        wait_until(lambda: running.gateway.calls == 1)


def test_binary_messages_are_not_of_the_protocol_and_are_passed_over(serve):
    with serve().call() as call:
        call.send(b"\x00")
        call.send("text")
        assert call.recv(5) == "text"


def test_a_message_to_a_caller_who_has_gone_is_no_fault(serve, caplog):
    outcome = []

    async def late(media):
        while await media.receive() is not None:
            pass
        await media.send("too late")
        await media.close()
        outcome.append(await media.receive())

    with serve(carry=late).call():
        pass
    wait_until(lambda: bool(outcome))
    assert outcome == [None]
    assert "a call failed" not in caplog.text


def test_a_call_may_speak_before_it_learns_that_the_caller_has_gone(serve, caplog):
    gone, outcome = threading.Event(), []

    async def speak(media):
        await asyncio.to_thread(gone.wait, 5)
        await media.send("into the void")
        outcome.append(await media.receive())

    running = serve(carry=speak)
    with running.call():
        pass
    wait_until(lambda: not running.server.server_state.connections)
    gone.set()
    wait_until(lambda: bool(outcome))
    assert outcome == [None]
    assert "a call failed" not in caplog.text


def test_path_query_and_body_reach_the_web_process_byte_for_byte(serve, web):
    target = "/a%2fb//c%20d%7E%41?x=%20+%E4&y=%7e&x=2"
    body = f"A={quote('é ')}&B="
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = json.loads(serve(web=web).ask("POST", target, body, headers).text)
    assert told["target"] == target
    assert told["body"] == body
    assert told["method"] == "POST"


def test_a_chunked_body_is_forwarded_whole(serve, web):
    headers = {"Transfer-Encoding": "chunked"}
    answer = serve(web=web).ask("POST", "/x", iter([b"one", b"two"]), headers, encode_chunked=True)
    assert json.loads(answer.text)["body"] == "onetwo"


def test_forwarding_headers_are_ours_and_those_of_a_stranger_are_dropped(serve, web):
    sent = {
        "X-Forwarded-For": "6.6.6.6, 192.0.2.7",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=6.6.6.6",
        "X-Real-IP": "6.6.6.6",
        "Connection": "close, X-Hop",
        "X-Hop": "1",
        "TE": "trailers",
        "Host": "ivr.example.com",
        "Accept-Language": "ko",
    }
    told = json.loads(serve(web=web).ask("GET", "/x", headers=sent).text)
    headers = {name.lower(): value for name, value in told["headers"]}
    assert headers["x-forwarded-for"] == "192.0.2.7", "whom the proxy on this machine names"
    assert headers["x-forwarded-host"] == headers["host"] == "ivr.example.com"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["accept-language"] == "ko"
    assert not {"x-forwarded-prefix", "forwarded", "x-real-ip", "x-hop", "te"} & set(headers)
    assert "6.6.6.6" not in json.dumps(told)


def test_what_one_visitor_is_given_to_keep_is_never_sent_for_another(serve, web):
    running = serve(web=web)
    assert "Set-Cookie" in running.ask("GET", "/x").headers
    told = json.loads(running.ask("GET", "/x").text)
    assert "cookie" not in {name.lower() for name, _ in told["headers"]}
    own = json.loads(running.ask("GET", "/x", headers={"Cookie": "mine=3"}).text)
    assert [value for name, value in own["headers"] if name.lower() == "cookie"] == ["mine=3"]


def test_an_answer_comes_back_as_it_was(serve, web):
    answer = serve(web=web).ask("GET", "/x")
    assert answer.status == 200
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["Content-Type"] == "application/json"


def test_a_body_over_a_megabyte_is_refused(serve, web):
    running = serve(web=web)
    assert running.ask("POST", "/x", b"x" * 1024 * 1024).status == 200
    big = [b"x" * 1024 * 1024, b"x"]
    assert running.ask("POST", "/x", b"".join(big)).status == 413
    chunked = {"Transfer-Encoding": "chunked"}
    assert running.ask("POST", "/x", iter(big), chunked, encode_chunked=True).status == 413


def test_a_page_says_when_the_web_process_is_down_and_the_log_says_it_once(serve, caplog):
    running = serve()
    answers = [running.ask("GET", "/phone") for _ in range(3)]
    assert [answer.status for answer in answers] == [502] * 3
    assert "Try again" in answers[0].text
    assert caplog.text.count("no answer from the process behind") == 1


@pytest.fixture
def impatient(monkeypatch):
    """No webhook waits for the web process."""
    monkeypatch.setattr("ivr.gateway.front.PATIENCE_S", 0.0)
    monkeypatch.setattr("ivr.gateway.front.HEARD_PATIENCE_S", 0.0)


@pytest.mark.parametrize("path", ["/voice/status", "/voice/resume", "/voice/agent/key"])
def test_a_webhook_waits_for_a_web_process_that_is_being_started_again(serve, tmp_path, path):
    running = serve()
    app = Flask("late")
    app.post(path)(lambda: f"heard {request.form['CallSid']}")

    def start() -> None:
        time.sleep(0.3)
        servers.append(waitress.server.create_server(app, unix_socket=str(tmp_path / "web")))
        servers[0].run()

    servers: list[Any] = []
    thread = threading.Thread(target=start)
    thread.start()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = running.ask("POST", path, "CallSid=CA1", form)
    assert (answer.status, answer.text) == (200, "heard CA1")
    servers[0].close()
    servers[0].task_dispatcher.shutdown()
    servers[0].asyncore.close_all(servers[0]._map)
    thread.join(5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "path", ["/voice/incoming", "/voice/resume", "/voice/fallback", "/voice/callback/answer"]
)
def test_a_caller_hears_the_fallback_when_the_web_process_is_down(serve, path):
    answer = serve().ask("POST", path, "CallSid=CA")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert answer.text == FALLBACK


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", ["/voice/status", "/voice/stream", "/voice/agent/key", "/voice/conference"])
def test_a_callback_is_told_the_truth_when_the_web_process_is_down(serve, path):
    assert serve().ask("POST", path, "CallSid=CA").status == 502


@pytest.mark.usefixtures("impatient")
def test_a_web_process_that_hangs_counts_as_down(serve, tmp_path, monkeypatch):

    monkeypatch.setattr("ivr.gateway.forward.ANSWER_S", 0.2)
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute"))
        mute.listen()
        began = time.monotonic()
        assert serve(web=tmp_path / "mute").ask("POST", "/voice/incoming", "CallSid=CA").text == FALLBACK
        assert time.monotonic() - began < 5


def test_draining_refuses_new_calls_and_keeps_those_that_live(serve, web):
    running = serve(web=web)
    with running.call() as call:
        running.gateway.drain()
        refused = running.ask("POST", "/voice/incoming", "CallSid=CA")
        assert refused.status == 503
        assert running.ask("GET", "/readyz").status == 503, "a load balancer must see it"
        assert running.ask("POST", "/voice/resume", "CallSid=CA").status == 200
        call.send("going on")
        assert call.recv(5) == "going on"
        with running.call() as resumed:
            resumed.send("again")
            assert resumed.recv(5) == "again"
