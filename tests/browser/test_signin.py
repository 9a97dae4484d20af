"""Signing in as people do it: by keyboard, on any width, and with words for what went wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr import database
from ivr.accounts.users import User, Users

PASSWORD = "marble kestrel fog"
NEW = "quartz heron mill"


@pytest.fixture
def ada(url: str, desk_folder: Path) -> str:
    """The login of somebody who can sign in."""
    users = Users(database.connect(f"sqlite:///{desk_folder / 'people.sqlite'}"))
    if users.find("ada") is None:
        users.add(User("ada", "Ada Holloway", ("designer",)), PASSWORD)
    users.set_password("ada", PASSWORD)
    return "ada"


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_signing_in_by_keyboard_on_pages_that_fit(open_page, faults_of, pictures, ada, width, is_dark):
    page = open_page("/account", width=width, height=640, is_dark=is_dark)
    assert page.url.endswith("/login?next=/account")
    button = page.get_by_role("button", name="Sign in")
    for control in (page.get_by_label("Name"), page.get_by_label("Password"), button):
        box = control.bounding_box()
        assert box["height"] >= 44 and box["y"] + box["height"] <= 640
    page.screenshot(path=pictures / f"sign-in-{width}-{'dark' if is_dark else 'light'}.png", full_page=True)
    assert faults_of(page) == []
    assert page.evaluate("document.activeElement.id") == "login"
    page.keyboard.type(ada)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your account").wait_for()
    page.screenshot(path=pictures / f"account-{width}-{'dark' if is_dark else 'light'}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert faults_of(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in").wait_for()


def test_a_new_password_is_set_and_told(open_page, faults_of, ada):
    page = open_page("/login?next=/account")
    page.get_by_label("Name").fill(ada)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Password now").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW)
    page.keyboard.press("Enter")
    page.get_by_text("Your password is changed.").wait_for()
    assert faults_of(page) == []


def test_a_wrong_password_is_told_where_it_is_heard_and_seen(open_page, faults_of, ada, complaints):
    page = open_page("/login")
    page.get_by_label("Name").fill(ada)
    page.get_by_label("Password").fill("wrong password")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("do not belong together").wait_for()
    assert page.get_by_label("Name").input_value() == ada
    assert page.evaluate("document.activeElement.id") == "password"
    assert faults_of(page) == []
    assert ["403" in complaint for complaint in complaints] == [True], "Chromium notes the answer itself"
    complaints.clear()
