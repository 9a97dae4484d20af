"""The carrier's webhooks, signed, repeated, late and without Redis."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.dialogue.state import State, to_json
from ivr.redisserver import RedisServer
from ivr.store import CallStore, connect
from ivr.telephony.twiml import fallback
from ivr.web import create_web

CALL = "CA" + "0123456789abcdef" * 2
HANGUP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup /></Response>'
NOTHING = '<?xml version="1.0" encoding="UTF-8"?><Response />'
STATE = State(
    call_id=CALL, caller="+15550111", called="+15550100", started_at="2026-01-01T00:00:00Z", book_version="1"
)


def verbs(answer) -> list[str]:
    return [verb.tag for verb in ElementTree.fromstring(answer.text)]


def parameters(answer) -> dict[str, str]:
    return {
        one.get("name"): one.get("value") for one in ElementTree.fromstring(answer.text).iter("Parameter")
    }


def save(carrier, **changes) -> None:
    carrier.parts.store.save(CALL, to_json(replace(STATE, **changes)), 0)


def lines(carrier) -> list[dict]:
    return [entry.fields for entry in carrier.parts.store.entries(CALL)]


def test_an_incoming_call_gets_a_stream_with_a_token_good_once_for_it(carrier):
    answer = carrier.post("/voice/incoming", CallStatus="ringing")
    assert answer.status_code == 200
    assert verbs(answer) == ["Connect", "Redirect"]
    stream = ElementTree.fromstring(answer.text).find("Connect/Stream")
    assert stream.get("url") == "wss://ivr.example.com/media"
    assert stream.get("statusCallback") == "https://ivr.example.com/voice/stream"
    assert ElementTree.fromstring(answer.text).findtext("Redirect") == "https://ivr.example.com/voice/resume"
    given = parameters(answer)
    assert (given["caller"], given["called"]) == ("+15550111", "+15550100")
    assert not carrier.parts.store.take_token("CA" + "f" * 32, given["token"])
    assert carrier.parts.store.take_token(CALL, given["token"])
    assert not carrier.parts.store.take_token(CALL, given["token"])


def test_a_repeated_request_gets_a_stream_that_works_as_well(carrier):
    tokens = [parameters(carrier.post("/voice/incoming"))["token"] for _ in range(2)]
    assert tokens[0] != tokens[1]
    assert [carrier.parts.store.take_token(CALL, token) for token in tokens] == [True, True]
    assert lines(carrier) == [{"kind": "carrier", "type": "incoming"}]


def test_a_withheld_number_is_no_parameter(carrier):
    assert "caller" not in parameters(carrier.post("/voice/incoming", From="+266696687"))


@pytest.mark.parametrize("path", ["incoming", "resume"])
@pytest.mark.parametrize("status", ["completed", "canceled", "no-answer"])
def test_a_request_that_is_late_gets_no_token(carrier, client, path, status):
    assert carrier.post(f"/voice/{path}", CallStatus=status).text == HANGUP
    assert list(client.scan_iter("*token*")) == []


@pytest.mark.parametrize("path", ["incoming", "resume", "status", "stream", "fallback"])
@pytest.mark.parametrize("signature", ["", "bm90IHRoaXMgb25l", "é"])
def test_a_bad_signature_is_refused_before_any_work(carrier, client, path, signature):
    answer = carrier.post(f"/voice/{path}", signature=signature)
    assert answer.status_code == 403
    assert answer.text == NOTHING
    assert client.dbsize() == 0


@pytest.mark.parametrize("path", ["incoming", "resume", "status", "stream", "fallback"])
@pytest.mark.parametrize("form", [{"CallSid": "CA1"}, {"CallSid": ""}, {"CallSid": "../" + CALL}])
def test_an_ill_formed_request_is_refused(carrier, path, form):
    assert carrier.post(f"/voice/{path}", **form).status_code == 400


@pytest.mark.parametrize("body", [b"CallSid", b"\xff=1", b"a=" + b"x" * 65536, b"&".join([b"a=1"] * 300)])
def test_a_body_that_is_no_form_or_too_large_is_refused(parts, body):
    answer = create_web(parts).test_client().post("/voice/incoming", data=body)
    assert answer.status_code == 400
    assert answer.content_type == "text/xml; charset=utf-8"


def test_only_post_is_taken(parts):
    assert create_web(parts).test_client().get("/voice/incoming").status_code == 405


def test_a_broken_stream_goes_on_with_a_new_token(carrier):
    save(carrier, phase="asking")
    answer = carrier.post("/voice/resume")
    assert verbs(answer) == ["Connect", "Redirect"]
    assert carrier.parts.store.take_token(CALL, parameters(answer)["token"])


def test_a_call_without_any_state_is_answered_as_a_new_one(carrier):
    assert verbs(carrier.post("/voice/resume")) == ["Connect", "Redirect"]


@pytest.mark.parametrize("changes", [{"phase": "over"}, {"phase": "leaving", "exit": "hangup"}])
def test_a_call_that_is_over_is_hung_up(carrier, changes):
    save(carrier, **changes)
    assert carrier.post("/voice/resume").text == HANGUP


def test_a_diverted_call_is_dialled_on(carrier):
    save(carrier, phase="leaving", exit="divert", outcome="diverted")
    assert verbs(carrier.post("/voice/resume")) == ["Dial", "Say", "Hangup"], "it was told why before"


def test_a_stream_that_breaks_again_and_again_is_given_up(carrier, client):
    save(carrier, phase="asking")
    assert [verbs(carrier.post("/voice/resume"))[0] for _ in range(4)] == ["Connect"] * 3 + ["Say"]
    assert all(0 < client.ttl(key) <= 60 for key in client.scan_iter("*resume*"))
    for key in client.scan_iter("*resume*"):
        client.delete(key)
    assert verbs(carrier.post("/voice/resume"))[0] == "Connect"


def test_status_callbacks_count_once_each(carrier):
    for _ in range(2):
        carrier.post("/voice/status", CallStatus="ringing", SequenceNumber="0")
    assert lines(carrier) == [{"kind": "carrier", "type": "status", "status": "ringing", "sequence": 0}]


def test_an_end_that_nobody_carried_is_noted_and_the_ticket_goes(carrier):
    carrier.parts.queue.join(Ticket(ticket_id="t1", call_id=CALL, queue="service", reason="asked"))
    for status, sequence in [("completed", "2"), ("in-progress", "1"), ("completed", "2")]:
        answer = carrier.post("/voice/status", CallStatus=status, SequenceNumber=sequence, CallDuration="3")
        assert answer.text == NOTHING
        assert carrier.parts.queue.waiting() == []
    assert [line["kind"] for line in lines(carrier)] == ["carrier", "over", "carrier"]
    assert lines(carrier)[1] == {"kind": "over", "at_ms": 0, "outcome": "completed"}


def test_the_end_of_a_call_that_a_process_carries_is_left_to_that_process(carrier):
    save(carrier, phase="asking")
    carrier.post("/voice/status", CallStatus="completed")
    assert [line["kind"] for line in lines(carrier)] == ["carrier"]


def test_a_callback_for_a_call_nobody_knows_is_no_fault(carrier):
    assert carrier.post("/voice/status", CallStatus="failed").status_code == 200


def test_what_becomes_of_a_stream_is_noted_once(carrier):
    stream = {"StreamSid": "MZ" + "0" * 32, "StreamEvent": "stream-error", "StreamError": "31920"}
    for _ in range(2):
        assert carrier.post("/voice/stream", **stream).text == NOTHING
    told = {"type": "stream", "event": "stream-error", "stream": "MZ" + "0" * 32, "error": "31920"}
    assert lines(carrier) == [{"kind": "carrier", **told}]


def test_the_fallback_dials_or_says_goodbye(carrier):
    assert verbs(carrier.post("/voice/fallback", ErrorCode="11200")) == ["Say", "Dial", "Say", "Hangup"]
    without = carrier.having(fallback_twiml=lambda: fallback("", apology="Sorry.", goodbye="Goodbye."))
    assert verbs(without.post("/voice/fallback")) == ["Say", "Hangup"]


def test_a_resume_that_broke_off_is_answered_at_the_fallback(carrier):
    url = f"{carrier.parts.public_url}/voice/resume"
    assert verbs(carrier.post("/voice/fallback", ErrorCode="11200", ErrorUrl=url))[0] == "Connect"
    assert verbs(carrier.post("/voice/fallback", ErrorCode="12100", ErrorUrl=url))[0] == "Say"


def test_without_redis_the_caller_hears_the_fallback(carrier, tmp_path):
    with RedisServer(tmp_path) as server:
        client = connect(server.url)
        lost = carrier.having(store=CallStore(client), queue=Distributor(client, {}))
        assert verbs(lost.post("/voice/incoming"))[0] == "Connect"
    for path in ("incoming", "resume", "fallback"):
        answer = lost.post(f"/voice/{path}")
        assert (answer.status_code, answer.text) == (200, carrier.parts.fallback_twiml())
    for path, form in [
        ("status", {}),
        ("stream", {"StreamSid": "MZ" + "0" * 32, "StreamEvent": "stream-error"}),
    ]:
        assert lost.post(f"/voice/{path}", **form).status_code == 503


def test_a_state_of_another_version_does_not_cost_the_call(carrier):
    carrier.parts.store.save(CALL, '{"version": 0}', 0)
    assert verbs(carrier.post("/voice/resume"))[0] == "Say"
