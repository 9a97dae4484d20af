"""What we ask of Twilio's REST interface: allowed by its own OpenAPI document, and what its refusals mean."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
import requests

from ivr.config import Config
from ivr.errors import CarrierError, ConfigError
from ivr.telephony import rest
from ivr.telephony.rest import NOT_FOUND, NOT_IN_PROGRESS, WAITS_S, TwilioCarrier

ACCOUNT = "AC" + "0a" * 16
CALL = "CA" + "0b" * 16
ROOM = "CF" + "0c" * 16
AGENT = {"to": "client:ann", "status_url": "https://ivr.example/status", "timeout_s": 15}
TOKEN = "secret"
RESUME = "https://ivr.example/voice/resume#rc=2"


def config(api_url="", **changes):
    return Config(
        twilio={"account_sid": ACCOUNT, "auth_token": TOKEN, "api_url": api_url, "caller_id": "+15550100"}
        | changes
    )


class Stub(BaseHTTPRequestHandler):
    """Answers what the test has put down, and writes down what it was asked."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.server.asked.append((self.command, self.path, dict(parse_qsl(body))))
        status, answer = self.server.answers.pop(0)
        if status == 0:
            self.server.is_released.wait(10)
            return
        self.send_response(status)
        self.end_headers()
        self.wfile.write(answer if isinstance(answer, bytes) else json.dumps(answer).encode())

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def stub():
    with ThreadingHTTPServer(("127.0.0.1", 0), Stub) as server:
        server.answers, server.asked, server.is_released = [], [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.is_released.set()
        server.shutdown()


@pytest.fixture
def waited():
    return []


@pytest.fixture
def carrier(stub, waited) -> TwilioCarrier:
    return TwilioCarrier(config(stub.url), RESUME, wait=waited.append)


def refused(status, code):
    return status, {"code": code, "message": "words of Twilio", "status": status}


def test_every_call_we_make_is_allowed_by_twilios_document(prism):
    carrier = TwilioCarrier(config(prism), RESUME)
    carrier.hang_up(CALL)
    carrier.redirect(CALL)
    carrier.redirect(CALL, "https://ivr.example/screen?offer=1")
    placed = carrier.place(
        **AGENT, url="https://ivr.example/screen", fallback_url="https://ivr.example/fallback"
    )
    assert placed.startswith("CA")
    assert carrier.invite("r1", **AGENT, label="consult").startswith("CA")
    carrier.conference("r1")
    assert all(member.call_sid.startswith("CA") for member in carrier.members(ROOM))
    carrier.change(ROOM, CALL, is_held=True, hold_url="https://ivr.example/hold")
    carrier.change(ROOM, CALL, is_held=False)
    carrier.change(ROOM, CALL, is_muted=True)


@pytest.mark.parametrize(
    ("path", "ask"),
    [
        ("/Calls/{Sid}.json", lambda carrier: carrier.hang_up(CALL)),
        ("/Calls/{Sid}.json", lambda carrier: carrier.redirect(CALL, "https://h/")),
        ("/Calls.json", lambda carrier: carrier.place(**AGENT, url="https://h/", fallback_url="https://h/")),
        ("/Participants.json", lambda carrier: carrier.invite("r1", **AGENT, label="consult")),
        (
            "/Participants/{CallSid}.json",
            lambda carrier: carrier.change(ROOM, CALL, is_held=True, is_muted=True, hold_url="https://h/"),
        ),
    ],
)
def test_every_parameter_is_one_that_twilio_knows(known_parameters, stub, carrier, path, ask):
    stub.answers += [(200, {"sid": CALL, "call_sid": CALL})]
    ask(carrier)
    ((_, _, fields),) = stub.asked
    assert fields and not set(fields) - known_parameters(path)


def test_what_is_no_parameter_of_twilios(known_parameters):
    assert not {"status", "Statuss"} & known_parameters("/Calls/{Sid}.json")


def test_a_leg_is_told_of_at_every_step(stub, carrier):
    stub.answers += [(201, {"sid": CALL})]
    assert carrier.place(**AGENT, url="https://h/") == CALL
    ((_, path, fields),) = stub.asked
    assert path.endswith("/Calls.json")
    assert fields["StatusCallbackEvent"] == "completed", "the last of the four"
    assert (fields["To"], fields["From"], fields["Timeout"]) == ("client:ann", "+15550100", "15")
    assert len(rest.PROGRESS) == 4


@pytest.mark.parametrize("answer", [(500, b"<html>"), (503, {}), (0, b"")])
def test_a_leg_that_may_have_been_placed_is_not_placed_again(stub, carrier, monkeypatch, answer):
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.1)
    carrier = TwilioCarrier(config(stub.url), RESUME)
    stub.answers += [answer, (201, {"sid": CALL})]
    with pytest.raises(CarrierError):
        carrier.place(**AGENT, url="https://h/")
    assert len(stub.asked) == 1


def test_without_a_number_to_call_from_nobody_is_rung(stub):
    with pytest.raises(CarrierError, match=r"set twilio\.caller_id"):
        TwilioCarrier(config(stub.url, caller_id=""), RESUME).place(**AGENT, url="https://h/")
    assert not stub.asked


def test_the_conference_of_a_name_is_the_one_going_on(stub, carrier):
    rooms = [{"sid": ROOM.replace("0c", "0d"), "status": "completed"}, {"sid": ROOM, "status": "in-progress"}]
    stub.answers += [(200, {"conferences": rooms}), (200, {"conferences": rooms[:1]})]
    assert carrier.conference("r1") == ROOM
    assert carrier.conference("r1") is None


def test_the_client_itself_refuses_what_is_misspelt(stub, carrier):
    call = carrier._client.calls(CALL)
    with pytest.raises(TypeError, match="statuss"):
        call.update(statuss="completed")
    assert not stub.asked


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        (f"Calls/{CALL}.json", {"Status": "completed"}, 200),
        (f"Calls/{CALL}.json", {"Status": "bogus"}, 422),
        (f"Calls/{CALL}.json", {"Url": "not an address"}, 422),
        (f"Calls/{CALL}.json", {"Url": "https://h/", "Method": "PUSH"}, 422),
        ("Calls/CA1.json", {"Status": "completed"}, 422),
        (f"Call/{CALL}.json", {"Status": "completed"}, 404),
        ("Calls.json", {"From": "+1", "Url": "https://h/"}, 422),
        (
            "Calls.json",
            {"From": "+1", "To": "+2", "Url": "https://h/", "StatusCallbackEvent": ["ringing", "x"]},
            201,
        ),
    ],
)
def test_the_mock_is_strict(prism, path, fields, status):
    """Or the test above would prove nothing."""
    url = f"{prism}/2010-04-01/Accounts/{ACCOUNT}/{path}"
    assert requests.post(url, data=fields, auth=(ACCOUNT, TOKEN), timeout=10).status_code == status


def test_the_mock_wants_credentials(prism):
    url = f"{prism}/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert requests.post(url, data={"Status": "completed"}, timeout=10).status_code == 401


def test_a_malformed_call_sid_is_refused(prism):
    with pytest.raises(CarrierError, match="422") as caught:
        TwilioCarrier(config(prism), RESUME).hang_up("CA1")
    assert not caught.value.is_retryable


def test_what_is_sent(stub, carrier):
    stub.answers += [(200, {"sid": CALL})] * 2
    carrier.hang_up(CALL)
    carrier.redirect(CALL)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert stub.asked == [
        ("POST", path, {"Status": "completed"}),
        ("POST", path, {"Url": RESUME, "Method": "POST"}),
    ]


def test_hanging_up_a_call_that_is_over_is_no_fault(stub, carrier):
    stub.answers += [refused(400, NOT_IN_PROGRESS)]
    carrier.hang_up(CALL)


@pytest.mark.parametrize(("status", "code"), [(400, NOT_IN_PROGRESS), (404, NOT_FOUND), (401, 20003)])
def test_a_refusal_keeps_twilios_code_and_is_not_tried_again(stub, carrier, status, code):
    stub.answers += [refused(status, code)]
    with pytest.raises(CarrierError, match=rf"words of Twilio \(code {code}") as caught:
        carrier.redirect(CALL)
    assert (caught.value.code, caught.value.is_retryable) == (code, False)
    assert len(stub.asked) == 1


def test_a_refusal_in_the_newer_form(stub, carrier):
    problem = {"type": "https://t", "title": "Not in progress", "status": 400, "code": NOT_IN_PROGRESS}
    stub.answers += [(400, problem)]
    with pytest.raises(CarrierError, match="Not in progress") as caught:
        carrier.redirect(CALL)
    assert caught.value.code == NOT_IN_PROGRESS


def test_too_many_requests_is_tried_again_after_a_pause(stub, carrier, waited):
    stub.answers += [refused(429, 20429), refused(429, 20429), (200, {"sid": CALL})]
    carrier.hang_up(CALL)
    assert waited == list(WAITS_S[:2])


def test_too_many_requests_for_good(stub, carrier, waited):
    stub.answers += [refused(429, 20429)] * (len(WAITS_S) + 1)
    with pytest.raises(CarrierError) as caught:
        carrier.hang_up(CALL)
    assert (caught.value.code, caught.value.is_retryable) == (20429, True)
    assert waited == list(WAITS_S) and not stub.answers


@pytest.mark.parametrize("answer", [(500, b"<html>"), (503, {}), (200, b"not json"), (302, {})])
def test_an_answer_that_is_none_is_not_tried_again(stub, carrier, answer):
    stub.answers += [answer]
    with pytest.raises(CarrierError) as caught:
        carrier.hang_up(CALL)
    assert not caught.value.is_retryable and len(stub.asked) == 1


def test_a_carrier_that_hangs_is_given_up(stub, monkeypatch):
    monkeypatch.setattr(rest, "TIMEOUT_S", 0.1)
    stub.answers += [(0, b"")]
    with pytest.raises(CarrierError, match=r"did not answer \(ReadTimeout") as caught:
        TwilioCarrier(config(stub.url), RESUME).hang_up(CALL)
    assert not caught.value.is_retryable


def test_a_carrier_that_is_not_there():
    with pytest.raises(CarrierError, match=r"did not answer \(ConnectionError"):
        TwilioCarrier(config("http://127.0.0.1:9"), RESUME).hang_up(CALL)


def test_regions_edges_and_proxies_do_not_lead_away_from_an_exchange(stub, monkeypatch):
    for name, value in (("EDGE", "dublin"), ("REGION", "ie1")):
        monkeypatch.setenv("TWILIO_" + name, value)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    stub.answers += [(200, {"sid": CALL})]
    TwilioCarrier(config(stub.url + "/"), RESUME).hang_up(CALL)


@pytest.mark.parametrize("missing", ["account_sid", "auth_token"])
def test_without_an_account(missing, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "of somebody else")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "of somebody else")
    with pytest.raises(ConfigError, match="IVR_TWILIO__ACCOUNT_SID"):
        TwilioCarrier(config(**{missing: ""}), RESUME)
