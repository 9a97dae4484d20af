"""Every route against every person: who is admitted stands in one table, and a route that is not in it fails.

A new route gets a line in ``TABLE`` here and ``requires`` or ``open_to_all`` at its view; views do nothing in
these tests but say that they were reached.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from ivr.accounts.users import ROLES
from ivr.web import SIGNED, create_web
from ivr.web.access import SAFE, TOKEN_FIELD, TOKEN_HEADER, requires
from ivr.web.console import ConsoleParts

EVERYBODY = "everybody"
CARRIER = "carrier"
"""Signed by the carrier: refused to every person, whoever it is."""
STAFF = frozenset(ROLES)
AGENT = frozenset({"agent"})
SUPERVISOR = frozenset({"supervisor"})
TABLE: dict[str, str | frozenset[str]] = {
    "GET /": EVERYBODY,
    "GET /healthz": EVERYBODY,
    "GET /readyz": EVERYBODY,
    "GET /static/<path:filename>": EVERYBODY,
    "GET /phone": EVERYBODY,
    "GET /login": EVERYBODY,
    "POST /login": EVERYBODY,
    "POST /logout": EVERYBODY,
    "GET /account": STAFF,
    "POST /account": STAFF,
    "GET /console/whoami": STAFF,
    "POST /console/token": AGENT,
    "GET /console": AGENT | SUPERVISOR,
    "GET /console/desk": AGENT,
    "POST /console/here": AGENT,
    "POST /console/beat": AGENT,
    "POST /console/close": AGENT,
    "POST /console/leave": AGENT,
    "GET /console/calls/<ticket_id>/screen/<name>": AGENT,
    "GET /console/calls/<ticket_id>/earlier": AGENT,
    "GET /console/calls/<ticket_id>/message": AGENT,
    "POST /console/state": AGENT,
    "POST /console/wrap-up": AGENT,
    "POST /console/wrap-up/more": AGENT,
    "POST /console/offers/<offer_id>/<act>": AGENT,
    "POST /console/calls/<ticket_id>/<act>": AGENT,
    "GET /console/queues": SUPERVISOR,
    "GET /console/queues/lines": SUPERVISOR,
    "GET /sound/hold.wav": EVERYBODY,
    "POST /voice/incoming": CARRIER,
    "POST /voice/resume": CARRIER,
    "POST /voice/status": CARRIER,
    "POST /voice/stream": CARRIER,
    "POST /voice/fallback": CARRIER,
    "POST /voice/agent/screen": CARRIER,
    "POST /voice/agent/key": CARRIER,
    "POST /voice/agent/after": CARRIER,
    "POST /voice/agent/status": CARRIER,
    "POST /voice/agent/consult": CARRIER,
    "POST /voice/conference": CARRIER,
    "POST /voice/hold": CARRIER,
    "POST /voice/callback/answer": CARRIER,
    "POST /voice/callback/status": CARRIER,
}
"""Who is admitted. The phone is there only with a local exchange, for whoever can reach this machine."""
NOBODY = "nobody"
PEOPLE = (NOBODY, "somebody disabled", *ROLES)
REACHED = "reached"


@pytest.fixture
def app(parts) -> Flask:
    """The whole application, its views replaced by ones that do nothing but declare the same.

    What a blueprint itself asks of its visitors comes after all this, save for the carrier's signature.
    """
    unused: dict[str, Any] = dict.fromkeys(field.name for field in fields(ConsoleParts))
    site = SimpleNamespace(time_zone="Europe/London")
    app = create_web(
        replace(parts, console=ConsoleParts(**unused | {"book": lambda: SimpleNamespace(site=site)}))
    )
    for endpoint, view in app.view_functions.items():
        stub = lambda **_arguments: REACHED  # noqa: E731
        stub.__dict__.update(vars(view))
        app.view_functions[endpoint] = stub
    for name in set(app.before_request_funcs) - SIGNED - {None}:
        app.before_request_funcs[name] = []
    return app


def routes(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """As ``METHOD /rule``, with method and rule, of everything that can be asked for."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.rule}", method, rule


def path_of(app: Flask, rule: Rule) -> str:
    """An address that fits the rule."""
    return str(app.url_map.bind("localhost").build(rule.endpoint, dict.fromkeys(rule.arguments, "1")))


def test_the_table_names_every_route_and_no_other(app: Flask) -> None:
    found = {name for name, _, _ in routes(app)}
    assert found - set(TABLE) == set(), "a new route: say in TABLE who is admitted"
    assert set(TABLE) - found == set(), "these routes are gone"


@pytest.mark.parametrize("person", PEOPLE)
def test_every_route_admits_whom_the_table_says(app: Flask, users, sign_in, person: str) -> None:
    browser = sign_in(person if person in ROLES else "agent", app=app)
    if person == NOBODY:
        browser.delete_cookie("__Host-ivr")
    elif person not in ROLES:
        users.set_disabled("agent", True)
    for name, method, rule in routes(app):
        answer = browser.open(path_of(app, rule), method=method)
        assert answer.status_code == status_for(TABLE[name], method, person), name
        assert (answer.text == REACHED) == (answer.status_code == 200), name


def status_for(who: str | frozenset[str], method: str, person: str) -> int:
    if who == EVERYBODY:
        return 403 if person == NOBODY and method not in SAFE else 200
    if who == CARRIER:
        return 403
    if person not in ROLES:
        return 401
    return 200 if person in who else 403


@pytest.mark.parametrize("person", PEOPLE[2:])
def test_nothing_is_changed_without_the_token_of_that_session(app: Flask, sign_in, person: str) -> None:
    browser, other = sign_in(person, app=app), sign_in(person, app=app)
    token = browser.environ_base.pop("HTTP_X_CSRF_TOKEN")
    foreign = other.environ_base["HTTP_X_CSRF_TOKEN"]
    assert token != foreign
    for name, method, rule in routes(app):
        who = TABLE[name]
        if method in SAFE or who == CARRIER or (who != EVERYBODY and person not in who):
            continue
        path = path_of(app, rule)
        for wrong in ({}, {TOKEN_FIELD: foreign}, {TOKEN_FIELD: ""}, {TOKEN_FIELD: "é" * 64}):
            assert browser.open(path, method=method, data=wrong).status_code == 403, name
        assert browser.open(path, method=method, headers={TOKEN_HEADER: foreign}).status_code == 403, name
        assert browser.open(f"{path}?{TOKEN_FIELD}={token}", method=method).status_code == 403, name
        assert browser.open(path, method=method, data={TOKEN_FIELD: token}).text == REACHED, name
        assert browser.open(path, method=method, headers={TOKEN_HEADER: token}).text == REACHED, name


def test_a_route_that_declares_nothing_is_refused_to_everybody(parts, sign_in) -> None:
    app = create_web(parts)
    app.add_url_rule("/forgotten", "forgotten", lambda: REACHED)
    for role in ROLES:
        answer = sign_in(role, app=app).get("/forgotten")
        assert (answer.status_code, answer.text == REACHED) == (403, False)
    assert app.test_client().get("/forgotten").status_code == 403


@pytest.mark.parametrize("roles", [(), ("boss",), ("agent", "boss")])
def test_a_declaration_names_roles_that_there_are(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="wanted some of"):
        requires(*roles)


def test_the_carriers_blueprints_are_those_under_voice(app: Flask) -> None:
    carriers = {
        rule.endpoint.partition(".")[0] for _, _, rule in routes(app) if rule.rule.startswith("/voice/")
    }
    assert carriers == SIGNED


def test_without_a_local_exchange_there_is_no_phone(parts) -> None:
    rules = {rule.rule for rule in create_web(replace(parts, demo_number="")).url_map.iter_rules()}
    assert "/phone" not in rules and "/login" in rules
