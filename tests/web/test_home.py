"""The home page, the operator's two questions, and the headers every page carries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.errors import StoreError
from ivr.web import create_web


def ask(parts, path="/"):
    return create_web(parts).test_client().get(path)


def test_the_home_page_tells_what_is_in_use(parts):
    text = ask(parts).text
    for fact in ("vosk", "small-en-us", "a1b2c3", "Ready for calls", 'href="/phone"'):
        assert fact in text


def test_the_home_page_tells_what_is_missing_even_without_a_store(parts):
    def about():
        raise StoreError("Redis: gone")

    broken = replace(parts, about=about, faults=lambda: ("Redis does not answer; start it <now>.",))
    answer = ask(broken)
    assert answer.status_code == 200
    assert "Redis does not answer; start it &lt;now&gt;." in answer.text
    assert "Ready for calls" not in answer.text


def test_alive_and_ready_are_two_questions(parts):
    assert ask(parts, "/healthz").text == "alive\n"
    assert ask(parts, "/readyz").status_code == 200
    unready = replace(parts, faults=lambda: ("no model",))
    answer = ask(unready, "/readyz")
    assert (answer.status_code, answer.text) == (503, "no model\n")
    assert ask(unready, "/healthz").status_code == 200


def test_the_phone_is_there_only_with_a_local_exchange(parts):
    assert ask(parts, "/phone").status_code == 200
    without = replace(parts, demo_number="")
    assert ask(without, "/phone").status_code == 404
    assert "/phone" not in ask(without).text


@pytest.mark.parametrize("path", ["/", "/phone", "/static/style.css", "/nowhere"])
def test_every_answer_carries_the_security_headers(parts, path):
    headers = ask(parts, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy and "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_pages_hold_no_inline_script_or_style_and_name_no_other_host(parts, path):
    text = ask(parts, path).text
    assert "<style" not in text and "style=" not in text and " onclick" not in text
    assert "<script>" not in text
    assert "://" not in text
