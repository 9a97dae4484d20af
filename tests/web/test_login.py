"""Signing in and out by the pages, one's own account, and what the cookie is like."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from twilio.jwt.access_token import AccessToken

from ivr import database
from ivr.accounts.door import Door
from ivr.accounts.sessions import Sessions
from ivr.accounts.throttle import FREE_FOR_NAME, Throttle
from ivr.accounts.users import User, Users
from ivr.redisserver import RedisServer
from ivr.store import connect
from ivr.telephony.token import phone_token
from ivr.web import create_web
from ivr.web.access import token_of

PASSWORD = "marble kestrel fog"
NEW = "quartz heron mill"
PAGE = {"Accept": "text/html,application/xhtml+xml"}
COOKIE = "__Host-ivr"
SECRET = "s" * 32


@pytest.fixture
def ada(users: Users) -> User:
    return users.add(User("ada", "Ada Holloway", ("agent",), ("orders",)), PASSWORD)


@pytest.fixture
def browser(parts, ada: User) -> FlaskClient:
    """Of somebody who has not signed in."""
    return create_web(parts).test_client()


def token_in(text: str) -> str:
    return re.search(r'name="csrf_token" value="(\w+)"', text)[1]


def post(browser: FlaskClient, path: str, page: str = "", **form: str):
    """Fill in the form of a page and send it, as a person does."""
    form["csrf_token"] = token_in(browser.get(page or path, headers=PAGE).text)
    return browser.post(path, data=form, headers=PAGE | {"X-Forwarded-For": "192.0.2.7"})


def sign_in(browser: FlaskClient, login: str = "ada", password: str = PASSWORD, **form: str):
    return post(browser, "/login", login=login, password=password, **form)


def who(browser: FlaskClient) -> str:
    answer = browser.get("/console/whoami")
    return answer.json["agent_id"] if answer.status_code == 200 else ""


def test_the_right_password_leads_to_the_console_with_a_new_session(browser, notes):
    browser.get("/login")
    visit = browser.get_cookie(COOKIE).value
    answer = sign_in(browser)
    assert (answer.status_code, answer.location) == (303, "/console")
    assert browser.get_cookie(COOKIE).value != visit, "an id from before the sign-in is never a session"
    assert browser.get("/console/whoami").json == {
        "agent_id": "ada",
        "name": "Ada Holloway",
        "roles": ["agent"],
        "queues": ["orders"],
    }
    assert notes == [("signed_in", {"login": "ada", "address": "192.0.2.7"})]


def test_who_does_not_work_the_phones_comes_to_the_first_page(browser, users):
    users.change("ada", roles=("designer",))
    assert sign_in(browser).location == "/"


def test_the_cookie_is_only_ours_only_over_https_and_no_script_reads_it(browser):
    cookie = sign_in(browser).headers["Set-Cookie"]
    for part in (f"{COOKIE}=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_at_a_desk_without_https_the_cookie_works_as_well(parts, ada):
    local = create_web(replace(parts, public_url="http://127.0.0.1:8080")).test_client()
    cookie = sign_in(local).headers["Set-Cookie"]
    assert cookie.startswith("ivr=") and "Secure" not in cookie and "HttpOnly" in cookie
    assert who(local) == "ada"


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", "wrong password"), ("nobody", PASSWORD), ("", ""), ("ada", ""), ("a" * 500, "xyzzy")],
)
def test_a_wrong_name_or_password_is_told_without_saying_which(browser, login, password):
    answer = sign_in(browser, login, password)
    assert answer.status_code == 403
    assert "This name and password do not belong together" in answer.text
    assert not password or password not in answer.text
    assert who(browser) == ""


def test_what_was_typed_as_a_name_is_kept_and_is_only_text(browser):
    answer = sign_in(browser, '"><script>x', "wrong password")
    assert "&#34;&gt;&lt;script&gt;x" in answer.text and "<script>x" not in answer.text


def test_who_guesses_is_told_how_long_to_wait(browser):
    for _ in range(FREE_FOR_NAME):
        assert sign_in(browser, password="wrong password").status_code == 403
    answer = sign_in(browser)
    assert answer.status_code == 429
    wait = re.search(r"Try again in (\d) seconds", answer.text)[1]
    assert answer.headers["Retry-After"] == wait


@pytest.mark.parametrize(
    ("then", "target"),
    [
        ("/console/queues?of=orders&x=1", "/console/queues?of=orders&x=1"),
        ("https://evil.example", "/console"),
        ("//evil.example", "/console"),
        ("/\\evil.example", "/console"),
        ("/a\nb", "/console"),
        ("console", "/console"),
        ("", "/console"),
    ],
)
def test_after_signing_in_one_comes_back_but_never_to_another_site(browser, then, target):
    assert sign_in(browser, next=then).location == target


def test_a_page_sends_strangers_to_sign_in_and_back(browser):
    answer = browser.get("/account?x=1&y=2", headers=PAGE)
    assert (answer.status_code, answer.location) == (303, "/login?next=/account%3Fx%3D1%26y%3D2")
    assert 'name="next" value="/account?x=1&amp;y=2"' in browser.get(answer.location, headers=PAGE).text
    answer = browser.post("/account", headers=PAGE)
    assert (answer.status_code, answer.location) == (303, "/login")


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, PAGE | {"HX-Request": "true"}])
def test_a_script_is_told_plainly_that_nobody_is_signed_in(browser, headers):
    answer = browser.get("/account", headers=headers)
    assert (answer.status_code, answer.json) == (401, {"error": "Sign in first."})


def test_who_is_signed_in_is_not_asked_again(browser):
    sign_in(browser)
    for path, target in [("/login", "/console"), ("/login?next=/account", "/account")]:
        answer = browser.get(path, headers=PAGE)
        assert (answer.status_code, answer.location) == (303, target)


def test_a_form_of_another_site_signs_nobody_in(browser):
    answer = browser.post("/login", data={"login": "ada", "password": PASSWORD}, headers=PAGE)
    assert answer.status_code == 403 and "out of date" in answer.text
    of_no_cookie = {"login": "ada", "password": PASSWORD, "csrf_token": token_of("")}
    assert browser.post("/login", data=of_no_cookie, headers=PAGE).status_code == 403
    browser.get("/login")
    without = {"login": "ada", "password": PASSWORD}
    assert browser.post("/login", data=without, headers=PAGE).status_code == 403
    assert who(browser) == ""


def test_two_sign_in_pages_of_one_browser_both_work(browser):
    first, second = (token_in(browser.get("/login").text) for _ in range(2))
    assert first == second


def test_a_cookie_made_up_by_somebody_else_is_no_session(browser):
    browser.set_cookie(COOKIE, "made-up-by-mallory")
    assert who(browser) == ""
    sign_in(browser)
    assert browser.get_cookie(COOKIE).value != "made-up-by-mallory"


def test_signing_out_ends_the_session_also_for_who_kept_the_cookie(browser, notes):
    sign_in(browser)
    kept = browser.get_cookie(COOKIE).value
    answer = post(browser, "/logout", page="/account")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert browser.get_cookie(COOKIE) is None
    browser.set_cookie(COOKIE, kept)
    assert who(browser) == ""
    assert [kind for kind, _ in notes] == ["signed_in", "signed_out"]


def test_somebody_disabled_is_out_at_the_next_request(browser, users):
    sign_in(browser)
    users.set_disabled("ada", True)
    assert who(browser) == ""


def test_pages_of_people_are_kept_by_no_cache(browser):
    sign_in(browser)
    for path in ("/account", "/console/whoami"):
        assert browser.get(path).headers["Cache-Control"] == "no-store"
    assert browser.get("/static/style.css").headers["Cache-Control"] == "no-cache"


def test_a_new_password_keeps_this_browser_in_and_puts_others_out(browser, parts, ada):
    other = create_web(parts).test_client()
    sign_in(browser)
    sign_in(other)
    answer = post(browser, "/account", old=PASSWORD, new=NEW)
    assert answer.status_code == 303
    page = browser.get(answer.location, headers=PAGE)
    assert "Your password is changed" in page.text
    assert who(browser) == "ada" and who(other) == ""
    assert post(browser, "/account", old=NEW, new=PASSWORD).status_code == 303, (
        "the page's token is the new session's"
    )


@pytest.mark.parametrize(
    ("old", "new", "status", "told"),
    [
        ("wrong password", NEW, 403, "that you have now is another one"),
        (PASSWORD, "short", 422, "This password has 5 characters; use 10 or more."),
        (PASSWORD, "holloway-1987", 422, "guessed"),
        (PASSWORD, PASSWORD, 422, "the password you have"),
    ],
)
def test_a_password_that_cannot_be_changed_says_why(browser, old, new, status, told):
    sign_in(browser)
    answer = post(browser, "/account", old=old, new=new)
    assert answer.status_code == status and told in answer.text
    assert new not in answer.text
    assert who(browser) == "ada"


def test_somebody_elses_page_says_for_whom_it_is(parts, sign_in):
    browser = sign_in("designer")
    answer = browser.post("/console/token", headers=PAGE)
    assert answer.status_code == 403
    assert "This page is for: agent. You are: designer." in answer.text


def test_an_agents_phone_gets_a_key_for_that_agent_alone(parts, sign_in):
    sid = {"account": "AC" + "1" * 32, "key": "SK" + "2" * 32}
    parts = replace(parts, phone_token=lambda login: phone_token(sid["account"], sid["key"], SECRET, login))
    answer = sign_in("agent", login="ada", app=create_web(parts)).post("/console/token")
    assert answer.json["identity"] == "ada"
    found = AccessToken.from_jwt(answer.json["token"], SECRET)
    payload = found.payload
    assert (payload["iss"], payload["sub"]) == (sid["key"], sid["account"])
    assert payload["grants"] == {"identity": "ada", "voice": {"incoming": {"allow": True}}}
    assert payload["exp"] - payload.get("nbf", payload["exp"] - 3600) <= 3600
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_an_api_key_the_reason_is_said(parts, sign_in):
    answer = sign_in("agent", app=create_web(replace(parts, phone_token=None))).post("/console/token")
    assert answer.status_code == 503 and "twilio.api_key_sid" in answer.json["error"]


def test_without_redis_pages_say_so_and_open_ones_go_on(parts, tmp_path, users, ada):
    with RedisServer(tmp_path / "redis") as server:
        client = connect(server.url)
        lost = replace(parts, door=Door(users, Sessions(client), Throttle(client), lambda kind, told: None))
        browser = create_web(lost).test_client()
        assert sign_in(browser).status_code == 303
    page = browser.get("/account", headers=PAGE)
    assert page.status_code == 503 and "Try again in a few seconds" in page.text
    assert browser.get("/console/whoami").status_code == 503
    assert sign_in(create_web(lost).test_client()).status_code == 503
    assert browser.get("/", headers=PAGE).status_code == 200


def test_without_the_database_nobody_is_let_in(parts, tmp_path, client):
    gone = Users(database.connect(f"sqlite:///{tmp_path / 'no' / 'folder'}"))
    lost = replace(parts, door=Door(gone, Sessions(client), Throttle(client), lambda kind, told: None))
    assert sign_in(create_web(lost).test_client()).status_code == 503


@pytest.mark.parametrize("path", ["/login", "/account"])
def test_pages_hold_no_inline_script_or_style(browser, path):
    if path == "/account":
        sign_in(browser)
    answer = browser.get(path, headers=PAGE)
    assert answer.status_code == 200
    assert "<style" not in answer.text and "style=" not in answer.text and "<script" not in answer.text
    assert "'unsafe" not in answer.headers["Content-Security-Policy"]
