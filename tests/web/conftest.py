"""The web application with a real Redis, and requests signed by Twilio's own library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from ivr import database
from ivr.accounts.door import Door
from ivr.accounts.sessions import Session, Sessions
from ivr.accounts.throttle import Throttle
from ivr.accounts.users import Role, User, Users
from ivr.agents.distributor import Distributor
from ivr.errors import CarrierError
from ivr.handover import Handover
from ivr.legs import Legs
from ivr.store import CallStore
from ivr.telephony.addresses import Addresses
from ivr.telephony.rest import Member
from ivr.telephony.twiml import fallback
from ivr.telephony.webhook import SignatureChecker
from ivr.web import About, Parts, create_web
from ivr.web.access import TOKEN_HEADER, token_of

TOKEN = "12345"
PUBLIC_URL = "https://ivr.example.com"
CALL = "CA" + "0123456789abcdef" * 2
APOLOGY = "Sorry, we cannot help you by machine now. We are connecting you."
NUMBER = "+18005551234"


class Network:
    """A carrier that does as it is told, and writes it down."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.refusal: CarrierError | None = None
        """How it answers from now on."""
        self.present: tuple[Member, ...] = ()
        """Who is in every conference."""

    def _ask(self, *what: str) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal

    def hang_up(self, call_sid: str) -> None:
        self._ask("hang_up", call_sid)

    def redirect(self, call_sid: str, url: str = "") -> None:
        self._ask("redirect", call_sid, url)

    def conference(self, room: str) -> str | None:
        return "CF" + "0c" * 16

    def members(self, conference: str) -> tuple[Member, ...]:
        self._ask("members", conference)
        return self.present

    def change(self, conference: str, call_sid: str, **wish: Any) -> None:
        self._ask("change", call_sid, *(f"{name}={value}" for name, value in wish.items()))

    def invite(self, room: str, to: str, *, label: str, status_url: str, timeout_s: int) -> str:
        self._ask("invite", room, to, label)
        return "CA" + "0e" * 16


@pytest.fixture
def users(tmp_path: Path) -> Users:
    return Users(database.connect(f"sqlite:///{tmp_path / 'people.sqlite'}"))


@pytest.fixture
def notes() -> list[tuple[str, dict[str, str]]]:
    """What the door noted."""
    return []


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
def parts(client, users: Users, notes, network: Network) -> Parts:
    queue, legs = Distributor(client, {}), Legs(client)
    return Parts(
        public_url=PUBLIC_URL,
        signatures=SignatureChecker(TOKEN, PUBLIC_URL),
        store=CallStore(client),
        queue=queue,
        hands=Handover(queue, network, legs, Addresses(PUBLIC_URL)),
        legs=legs,
        divert_twiml=lambda: fallback(NUMBER, apology="", goodbye="Goodbye."),
        fallback_twiml=lambda: fallback(NUMBER, apology=APOLOGY, goodbye="Please call again later. Goodbye."),
        about=lambda: About(engine="vosk", model="small-en-us", flows="a1b2c3", calls=3),
        bury=lambda call_id: None,
        faults=lambda: (),
        door=Door(users, Sessions(client), Throttle(client), lambda kind, told: notes.append((kind, told))),
        phone_token=lambda identity: f"key of {identity}",
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


COOKIE = "__Host-ivr"
PASSWORD = "marble kestrel fog"


@pytest.fixture
def sign_in(parts: Parts, client, users: Users) -> Callable[..., FlaskClient]:
    """A browser of somebody with these roles, new or known by login; its requests carry the token of its pages."""

    def browser(
        *roles: Role, login: str = "", queues: tuple[str, ...] = ("orders",), app: Flask | None = None
    ) -> FlaskClient:
        login = login or "-".join(roles)
        user = users.find(login) or users.add(User(login, login.title(), roles, queues), PASSWORD)
        session_id = Sessions(client).begin(Session(user.login, user.credential))
        browser = (app or create_web(parts)).test_client()
        browser.set_cookie(COOKIE, session_id)
        browser.environ_base["HTTP_" + TOKEN_HEADER.upper().replace("-", "_")] = token_of(session_id)
        return browser

    return browser
