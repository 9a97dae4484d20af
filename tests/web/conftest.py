"""The web application with a real Redis, and requests signed by Twilio's own library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from ivr.agents.queue import WaitingQueue
from ivr.redisserver import RedisServer
from ivr.store import CallStore, connect
from ivr.telephony.twiml import fallback
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web

TOKEN = "12345"
PUBLIC_URL = "https://ivr.example.com"
CALL = "CA" + "0123456789abcdef" * 2
APOLOGY = "Sorry, we cannot help you by machine now. We are connecting you."
NUMBER = "+18005551234"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def client(redis_url: str):
    with connect(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def parts(client) -> Parts:
    return Parts(
        public_url=PUBLIC_URL,
        signatures=SignatureChecker(TOKEN, PUBLIC_URL),
        store=CallStore(client),
        queue=WaitingQueue(client),
        divert_twiml=fallback(NUMBER, apology="", goodbye="Goodbye."),
        fallback_twiml=fallback(NUMBER, apology=APOLOGY, goodbye="Please call again later. Goodbye."),
        about=lambda: About(engine="vosk", model="small-en-us", flows="a1b2c3", calls=3),
        bury=lambda call_id: None,
        faults=lambda: (),
        demo_number="+15550100",
    )


@pytest.fixture
def check_twiml() -> Callable[[str], list[str]]:
    """Twilio's own facts, from the tests of that room."""
    path = Path(__file__).parent.parent / "telephony" / "twimlcheck.py"
    spec = importlib.util.spec_from_file_location("twimlcheck_for_web", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check_twiml


@dataclass(frozen=True)
class Carrier:
    """Asks as Twilio does; every document it is given is held against Twilio's facts."""

    parts: Parts
    check: Callable[[str], list[str]]

    def having(self, **changes: Any) -> Carrier:
        return replace(self, parts=replace(self.parts, **changes))

    def post(self, path: str, signature: str | None = None, **form: str) -> TestResponse:
        fields = {"CallSid": CALL, "From": "+15550111", "To": "+15550100", "CallStatus": "in-progress"} | form
        signed = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, fields)
        headers = {"X-Twilio-Signature": signed if signature is None else signature}
        answer = create_web(self.parts).test_client().post(path, data=fields, headers=headers)
        assert answer.content_type == "text/xml; charset=utf-8"
        if answer.text != '<?xml version="1.0" encoding="UTF-8"?><Response />':
            assert self.check(answer.text) == []
        return answer


@pytest.fixture
def carrier(parts: Parts, check_twiml) -> Carrier:
    return Carrier(parts, check_twiml)
