"""Signing in and out, and one's own account with its password. What is right decides ``accounts``."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from ivr.accounts.door import Door, Refused
from ivr.accounts.users import ROLES, User
from ivr.errors import AccountError
from ivr.web.access import address, current_user, open_to_all, requires, session_id, with_session

WRONG = "This name and password do not belong together. Check both and try again."
WRONG_NOW = "The password that you have now is another one. Check it and try again."
BUSY = "Many people are signing in at this moment. Try again in a second."


def login(door: Door) -> Blueprint:
    """The blueprint of ``/login``, ``/logout`` and ``/account``."""
    blueprint = Blueprint("login", __name__)

    @blueprint.get("/login")
    @open_to_all
    def page() -> str | Answer:
        then, user = _local(request.args.get("next", "")), door.who(session_id())
        return redirect(then or _home_of(user), 303) if user else render_template("login.html", next=then)

    @blueprint.post("/login")
    @open_to_all
    def enter() -> Response | Answer:
        name, then = request.form.get("login", "").strip(), _local(request.form.get("next", ""))
        found = door.sign_in(name, request.form.get("password", ""), address())
        if isinstance(found, Refused):
            return _again("login.html", found, WRONG, login=name, next=then)
        return with_session(redirect(then or _home_of(found.user), 303), found.session_id)

    @blueprint.post("/logout")
    @open_to_all
    def leave() -> Answer:
        door.sign_out(session_id(), address())
        return with_session(redirect(url_for("login.page"), 303), "")

    @blueprint.get("/account")
    @requires(*ROLES)
    def account() -> str:
        return render_template("account.html", is_changed="changed" in request.args)

    @blueprint.post("/account")
    @requires(*ROLES)
    def change() -> Response | Answer:
        old, new = request.form.get("old", ""), request.form.get("new", "")
        try:
            found = door.change_password(current_user().login, old, new, address())
        except AccountError as error:
            return make_response(render_template("account.html", error=_sentence(str(error))), 422)
        if isinstance(found, Refused):
            return _again("account.html", found, WRONG_NOW)
        return with_session(redirect(url_for("login.account", changed="yes"), 303), found.session_id)

    return blueprint


def _again(template: str, found: Refused, wrong: str, **values: str) -> Response:
    """The form once more, with what to do."""
    if found.is_busy:
        status, error = 503, BUSY
    elif found.wait_s:
        status, error = 429, f"There were too many attempts. Try again in {_spoken(found.wait_s)}."
    else:
        status, error = 403, wrong
    response = make_response(render_template(template, error=error, **values), status)
    if status != 403:
        response.headers["Retry-After"] = str(found.wait_s or 1)
    return response


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _spoken(wait_s: int) -> str:
    if wait_s <= 90:
        return f"{wait_s} seconds" if wait_s > 1 else "a second"
    return f"{-(-wait_s // 60)} minutes"


def _local(target: str) -> str:
    """A path of this site, or nothing: nobody is sent elsewhere by a link to our own door."""
    is_path = target.startswith("/") and not target.startswith("//")
    return target if is_path and "\\" not in target and target.isprintable() else ""


def _home_of(user: User) -> str:
    return "/console" if user.has_role("agent", "supervisor") else url_for("home.page")
