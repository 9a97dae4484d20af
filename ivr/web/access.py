"""Who may ask for what: every route declares it, and one that declares nothing is refused to everybody.

Also the cookie of a session, and the token by which a request that changes something proves that it comes
from a page of ours: a keyed hash of the cookie, so there is nothing to keep.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar
from urllib.parse import quote

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from ivr.accounts.door import Door
from ivr.accounts.users import ROLES, Role, User
from ivr.errors import StoreError

TOKEN_FIELD = "csrf_token"
TOKEN_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""
STALE = "This page is out of date. Go back, load it again, and repeat what you did."

_DECLARED = "ivr_access"
_COOKIE_NAME = "IVR_COOKIE"
_log = logging.getLogger(__name__)


P = ParamSpec("P")
R = TypeVar("R")


class Declaration(Protocol):
    """Put before a view, a function or a bound method."""

    def __call__(self, view: Callable[P, R]) -> Callable[P, R]: ...


@dataclass(frozen=True, slots=True)
class Access:
    """What a route declares."""

    roles: frozenset[Role]
    """One of them is enough."""
    is_open: bool = False
    """True where nobody needs to sign in."""


def requires(*roles: Role) -> Declaration:
    """For views: only people with one of these roles; ``requires(*ROLES)`` is everybody who is signed in."""
    if not roles or set(roles) - set(ROLES):
        raise ValueError(f"found the roles {roles}; wanted some of {ROLES}")
    return _declaring(Access(frozenset(roles)))


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """For views: nobody needs to sign in."""
    return _declaring(Access(frozenset(), is_open=True))(view)


def _declaring(access: Access) -> Declaration:
    def declare(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def declared(*args: P.args, **kwargs: P.kwargs) -> R:
            return view(*args, **kwargs)

        setattr(declared, _DECLARED, access)
        return declared

    return declare


def current_user() -> User:
    """Who asks, in a view that ``requires`` a role."""
    user: User = g.user
    return user


def csrf_token() -> str:
    """For forms (field ``csrf_token``) and scripts (header ``X-CSRF-Token``) of the page being made."""
    return token_of(_cookie() or g.setdefault("visit", secrets.token_urlsafe()))


def address() -> str:
    """Where the request came from, as the gateway says, which alone can reach this process."""
    return request.headers.get("X-Forwarded-For", "unknown")


def session_id() -> str:
    """As the browser tells it; empty where it has none."""
    return _cookie()


def with_session(answer: Answer, new_id: str) -> Answer:
    """The answer, and from now on this session in the browser; empty: none."""
    g.visit = new_id
    return answer


def guard(app: Flask, door: Door, *, is_secure: bool, signed: frozenset[str]) -> None:
    """Stand before every route of the application.

    ``is_secure``: people come by https. ``signed``: blueprints that admit the carrier by its signature.
    """
    app.config[_COOKIE_NAME] = "__Host-ivr" if is_secure else "ivr"

    def admit() -> Response | Answer | None:
        if request.url_rule is None or request.blueprint in signed:
            return None
        view = app.view_functions[request.endpoint or ""]
        access = (
            Access(frozenset(), is_open=True)
            if request.endpoint == "static"
            else getattr(view, _DECLARED, None)
        )
        if access is None:
            _log.error("%s refused: its route declares no access", request.path)
            return problem(403, "Not for anybody", "This page does not say who may see it.")
        if not access.is_open:
            user = door.who(_cookie())
            if user is None:
                return _sign_in_first()
            g.user = user
            if not user.has_role(*access.roles):
                wanted = " or ".join(sorted(access.roles))
                return problem(
                    403, "Not for you", f"This page is for: {wanted}. You are: {', '.join(user.roles)}."
                )
        if request.method not in SAFE and not _has_token():
            return problem(403, "Out of date", STALE)
        return None

    def remember(response: Response) -> Response:
        if "visit" in g:
            _set_cookie(response, g.visit)
        if "user" in g or "visit" in g:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.before_request(admit)
    app.after_request(remember)
    app.register_error_handler(StoreError, _without_store)
    app.context_processor(lambda: {"csrf_token": csrf_token, "user": g.get("user")})


def problem(status: int, title: str, text: str) -> Response:
    """A page that says what is wrong, or JSON with ``error`` for a script."""
    if wants_page():
        return make_response(render_template("problem.html", title=title, text=text), status)
    return make_response(jsonify(error=text), status)


def wants_page() -> bool:
    """Whether a person looks at the answer, not a script."""
    return "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers


def _sign_in_first() -> Response | Answer:
    if not wants_page():
        return make_response(jsonify(error="Sign in first."), 401)
    here = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("login.page") + (f"?next={quote(here)}" if here else ""), 303)


def _without_store(error: StoreError) -> Response:
    _log.error("%s without its store: %s", request.path, error)
    return problem(503, "Not now", "The desk cannot look this up at the moment. Try again in a few seconds.")


def _cookie() -> str:
    return request.cookies.get(current_app.config[_COOKIE_NAME], "")


def _set_cookie(response: Response, value: str) -> None:
    name = current_app.config[_COOKIE_NAME]
    kept = {"secure": name.startswith("__Host-"), "httponly": True, "samesite": "Lax"}
    if value:
        response.set_cookie(name, value, **kept)
    else:
        response.delete_cookie(name, **kept)


def _has_token() -> bool:
    told = request.headers.get(TOKEN_HEADER) or request.form.get(TOKEN_FIELD, "")
    cookie = _cookie()
    return bool(cookie) and hmac.compare_digest(told.encode(), token_of(cookie).encode())


def token_of(cookie: str) -> str:
    """The token of the pages of this session."""
    return hmac.new(cookie.encode(), b"csrf", hashlib.sha256).hexdigest()
