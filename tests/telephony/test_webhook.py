"""Signatures against Twilio's published vector and against its own library; forms as Twilio posts them."""

import hashlib
import json
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from ivr.errors import ConfigError, FormError, IvrError
from ivr.telephony.webhook import (
    IncomingCall,
    RoomChange,
    SignatureChecker,
    StatusCallback,
    StreamStatus,
    read_call,
    read_form,
    read_room,
    read_status,
    read_stream,
)

TOKEN = "12345"
TWILIO = RequestValidator(TOKEN)
CALL = "CA" + "0a" * 16
FIELDS = [
    ("CallSid", CALL),
    ("From", "+14155550100"),
    ("CallerCity", ""),
    ("CallerName", " Zoë & Söhne "),
    ("Digits", "1"),
    ("Digits", "#"),
    ("Digits", "1"),
    ("digits", "2"),
]


class Repeated(dict):
    """Fields as Twilio's library wants repeated names."""

    def getlist(self, name):
        return self[name]


def theirs(url, fields=(), algorithm=None):
    grouped = Repeated()
    for name, value in fields:
        grouped.setdefault(name, []).append(value)
    return TWILIO.compute_signature(url, grouped, algorithm)


def signed(url, fields=(), **more):
    return {"X-Twilio-Signature": theirs(url, fields)} | more


def posted(public_url, path, fields, headers):
    checker = SignatureChecker(TOKEN, public_url)
    return checker.is_valid("POST", path, fields, urlencode(fields).encode(), headers)


def test_the_published_vector():
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security"""
    fields = [
        ("CallSid", "CA1234567890ABCDE"),
        ("Caller", "+14158675309"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
    ]
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    path = "/myapp.php?foo=1&bar=2"
    assert posted("https://mycompany.com", path, fields, headers)
    assert posted("https://mycompany.com", path, fields[::-1], headers)
    for at in range(len(fields)):
        assert not posted("https://mycompany.com", path, fields[:at] + fields[at + 1 :], headers)


@pytest.mark.parametrize("path", ["/voice", "/voice?a=1&b=%20x", "/voice/", "/v%C3%B6ice?x=a+b", "/"])
def test_a_form_signed_by_twilios_library(path):
    assert posted("https://ivr.example", path, FIELDS, signed("https://ivr.example" + path, FIELDS))


@pytest.mark.parametrize(
    ("twilio_signed", "public_url", "is_valid"),
    [
        ("https://h:443/x", "https://h", True),
        ("https://h/x", "https://h:443", True),
        ("https://h/x", "https://h:8443", True),
        ("https://h:8443/x", "https://h:8443", True),
        ("https://h:8443/x", "https://h", False),
        ("http://h:80/x", "http://h", True),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080", True),
        ("http://[::1]:8080/x", "http://[::1]:8080", True),
        ("http://h/x", "https://h", False),
        ("https://h/x/", "https://h", False),
        ("https://u:p@h/x", "https://h", False),
        ("https://u:p@h/x", "https://u:p@h", True),
        ("https://evil/x", "https://h", False),
        ("https://h/ivr/x", "https://h/ivr", True),
    ],
)
def test_the_address_must_be_the_one_twilio_was_given(twilio_signed, public_url, is_valid):
    assert posted(public_url, "/x", FIELDS, signed(twilio_signed, FIELDS)) is is_valid


@pytest.mark.parametrize(
    ("twilio_signed", "public_url", "is_valid"),
    [
        ("wss://h/ws", "https://h", True),
        ("wss://h:443/ws", "https://h", True),
        ("wss://h/ws", "https://h:443", True),
        ("wss://h:8443/ws", "https://h:8443", True),
        ("ws://127.0.0.1:8080/ws", "http://127.0.0.1:8080", True),
        ("https://h/ws", "https://h", False),
        ("ws://h/ws", "https://h", False),
        ("wss://h:80/ws", "https://h", False),
        ("wss://evil/ws", "https://h", False),
    ],
)
def test_the_upgrade_of_a_socket(twilio_signed, public_url, is_valid):
    checker = SignatureChecker(TOKEN, public_url)
    assert checker.is_valid_upgrade("/ws", signed(twilio_signed)) is is_valid
    assert not checker.is_valid_upgrade("/other", signed(twilio_signed))


def test_what_a_proxy_or_a_stranger_writes_about_the_host_does_not_count():
    lies = {"Host": "evil", "X-Forwarded-Host": "evil", "X-Forwarded-Proto": "http"}
    assert posted("https://h", "/x", FIELDS, signed("https://h/x", FIELDS, **lies))
    assert not posted("https://h", "/x", FIELDS, signed("http://evil/x", FIELDS, **lies))


def test_blanks_and_spaces_are_part_of_what_was_signed():
    headers = signed("https://h/x", FIELDS)
    stripped = [(name, value.strip()) for name, value in FIELDS]
    assert not posted("https://h", "/x", stripped, headers)
    assert posted("https://h", "/x", read_form(urlencode(FIELDS).encode()), headers)


def test_a_get_is_signed_by_its_address_alone():
    checker = SignatureChecker(TOKEN, "https://h")
    path = "/status?CallSid=" + CALL
    assert checker.is_valid("GET", path, [("CallSid", CALL)], b"", signed("https://h" + path))
    assert not checker.is_valid("GET", path, [], b"hidden", signed("https://h" + path))


def test_a_json_body_is_signed_by_its_hash_in_the_address():
    checker = SignatureChecker(TOKEN, "https://h")
    body = json.dumps({"event": "ü"}, ensure_ascii=False).encode()
    path = "/events?bodySHA256=" + hashlib.sha256(body).hexdigest()
    headers = signed("https://h" + path)
    assert checker.is_valid("POST", path, [], body, headers)
    assert TWILIO.validate("https://h" + path, body.decode(), headers["X-Twilio-Signature"])
    assert not checker.is_valid("POST", path, [], body + b" ", headers)
    assert not checker.is_valid("POST", path, [], b"\xff", headers)


@pytest.mark.parametrize("path", ["/events", "/events?bodySHA256=", "/events?bodySHA256=%FF", "/events?a=1"])
def test_a_body_without_its_hash_is_refused_not_a_fault(path):
    """Twilio's own validator raises TypeError here."""
    checker = SignatureChecker(TOKEN, "https://h")
    assert not checker.is_valid("POST", path, [], b'{"a":1}', signed("https://h" + path))


@pytest.mark.parametrize(
    ("settings", "algorithm", "is_valid"),
    [
        ("key=webhooks_sharedkey_1,algorithm=HMAC_SHA256", "HMAC_SHA256", True),
        (" key=k , algorithm = hmac_sha256 ", "HMAC_SHA256", True),
        ("algorithm=HMAC_SHA1", "HMAC_SHA1", True),
        ("key=k", "HMAC_SHA1", True),
        ("", "HMAC_SHA1", True),
        ("key=k,algorithm=HMAC_SHA256", "HMAC_SHA1", False),
        ("", "HMAC_SHA256", False),
        ("key=k,algorithm=HMAC_MD5", "HMAC_SHA1", False),
        ("key=k,algorithm=none", "HMAC_SHA1", False),
    ],
)
def test_the_algorithm_that_the_header_names(settings, algorithm, is_valid):
    headers = {
        "X-Twilio-Signature": theirs("https://h/x", FIELDS, algorithm),
        "X-Twilio-Webhooks-Signature-Settings": settings,
    }
    assert posted("https://h", "/x", FIELDS, headers) is is_valid


@pytest.mark.parametrize("signature", [None, "", "=", "ü", "\ud800", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
def test_no_signature_or_nonsense(signature):
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    assert not posted("https://h", "/x", FIELDS, headers)
    assert not SignatureChecker(TOKEN, "https://h").is_valid_upgrade("/\ud800", headers)


def test_another_token():
    headers = signed("https://h/x", FIELDS)
    assert not SignatureChecker("12346", "https://h").is_valid("POST", "/x", FIELDS, b"x", headers)


@pytest.mark.parametrize("token", ["", "  "])
def test_without_a_token_nothing_is_checked_at_all(token):
    with pytest.raises(ConfigError, match="IVR_TWILIO__AUTH_TOKEN"):
        SignatureChecker(token, "https://h")


@pytest.mark.parametrize("body", [b"a", b"a=%ff", b"\xff=1", b"a=1&&b=2", b"&".join([b"a=1"] * 300)])
def test_a_body_that_is_no_form(body):
    with pytest.raises(FormError, match="that is not a form"):
        read_form(body)


def test_a_form_keeps_blanks_order_and_repeats():
    assert read_form(urlencode(FIELDS).encode()) == FIELDS
    assert read_form(b"") == []


VOICE = {
    "CallSid": CALL,
    "AccountSid": "AC" + "0" * 32,
    "From": "+14155550100",
    "To": "+14155550111",
    "Caller": "+14155550100",
    "Called": "+14155550111",
    "CallStatus": "ringing",
    "ApiVersion": "2010-04-01",
    "Direction": "inbound",
    "FromCity": "",
    "CallToken": "new, unannounced",
}


def call(**changes):
    return read_call((VOICE | changes).items())


def test_the_first_request_of_a_call():
    assert call() == IncomingCall(CALL, "+14155550100", "+14155550111", "ringing", "inbound")
    assert not call().has_ended
    assert call(CallStatus="completed").has_ended


def test_the_fallback_is_told_why():
    late = call(CallStatus="in-progress", ErrorCode="11200", ErrorUrl="https://h/voice")
    assert (late.error_code, late.error_url) == ("11200", "https://h/voice")


WORDS = ["", " ", "anonymous", "Anonymous", "Restricted", "unavailable", "sip:anonymous@anonymous.invalid"]
KEYED = ["+266696687", "+86282452253", "+8656696", "+7378742833", "+2562533", "+464"]


@pytest.mark.parametrize("spelling", [*WORDS, *KEYED])
def test_a_withheld_number_is_no_number(spelling):
    assert call(From=spelling).caller == ""


@pytest.mark.parametrize("caller", ["+266696688", "client:anna", "sip:464@pbx.example", "+4930123456"])
def test_other_callers_are_who_they_are(caller):
    assert call(From=caller).caller == caller


def test_a_caller_that_is_not_named_at_all():
    fields = {name: value for name, value in VOICE.items() if name not in ("From", "Caller", "AccountSid")}
    assert read_call(fields.items()).caller == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"CallSid": ""}, "found CallSid ''"),
        ({"CallSid": "CA" + "0" * 31 + "\n"}, "found CallSid"),
        ({"CallSid": CALL + "/../Calls"}, "found CallSid"),
        ({"CallStatus": "gone"}, "found CallStatus 'gone'; wanted one of queued"),
        ({"CallStatus": "x" * 5000}, "found CallStatus"),
    ],
)
def test_an_ill_formed_voice_request(changes, words):
    with pytest.raises(FormError) as caught:
        call(**changes)
    assert words in str(caught.value) and len(str(caught.value)) < 200
    assert isinstance(caught.value, IvrError) and isinstance(caught.value, ValueError)


def test_a_status_callback_as_twilio_posts_it():
    body = (
        f"Called=%2B14155550111&CallSid={CALL}&CallbackSource=call-progress-events&SequenceNumber=3&Duration=1"
        "&CallStatus=completed&CallDuration=49&Timestamp=Fri%2C+29+Nov+2024+00%3A09%3A39+%2B0000&SipResponseCode=200"
    )
    assert read_status(read_form(body.encode())) == StatusCallback(CALL, "completed", 3)
    assert read_status([("CallSid", CALL), ("CallStatus", "queued")]) == StatusCallback(CALL, "queued", 0)


@pytest.mark.parametrize(
    "changes", [{"SequenceNumber": "-1"}, {"SequenceNumber": "1.5"}, {"SequenceNumber": "9" * 5000}]
)
def test_an_ill_formed_status_callback(changes):
    with pytest.raises(FormError, match="wanted a number"):
        read_status((VOICE | changes).items())


def test_a_stream_status():
    fields = {
        "CallSid": CALL,
        "StreamSid": "MZ" + "1" * 32,
        "StreamEvent": "stream-error",
        "StreamError": "31920",
    }
    assert read_stream(fields.items()) == StreamStatus(CALL, "MZ" + "1" * 32, "stream-error", "31920")
    with pytest.raises(FormError, match="found StreamEvent"):
        read_stream((fields | {"StreamEvent": "stream-paused"}).items())
    with pytest.raises(FormError, match="found StreamSid"):
        read_stream((fields | {"StreamSid": "1"}).items())


ROOM = "CF" + "0c" * 16


def test_what_happens_in_a_room():
    form = [
        ("ConferenceSid", ROOM),
        ("FriendlyName", "r1"),
        ("SequenceNumber", "3"),
        ("StatusCallbackEvent", "participant-leave"),
        ("CallSid", CALL),
        ("ParticipantLabel", "caller"),
        ("ReasonParticipantLeft", "participant_hung_up"),
        ("ParticipantCallStatus", "completed"),
    ]
    assert read_room(form) == RoomChange(
        conference_sid=ROOM,
        room="r1",
        event="participant-leave",
        call_sid=CALL,
        label="caller",
        reason="participant_hung_up",
        call_status="completed",
    )
    ended = [("ConferenceSid", ROOM), ("StatusCallbackEvent", "conference-end")]
    assert read_room(ended) == RoomChange(conference_sid=ROOM, room="", event="conference-end")


@pytest.mark.parametrize(
    "form",
    [
        {"StatusCallbackEvent": "conference-end"},
        {"ConferenceSid": ROOM},
        {"ConferenceSid": ROOM, "StatusCallbackEvent": "participant-join", "CallSid": "CA1"},
        {"ConferenceSid": "r1", "StatusCallbackEvent": "participant-join"},
    ],
)
def test_a_room_that_nobody_knows(form):
    with pytest.raises(FormError):
        read_room(form.items())
