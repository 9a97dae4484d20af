"""THE WEB PROCESS: Flask, thin views that decide nothing: voice webhooks, sign-in, the browser phone, a home page.

It runs in a process of its own behind the gateway, so that no page can delay a caller's audio. What a view
needs it gets as ``Parts``; answers to a caller come from the call's state, the store and ``telephony.twiml``.
"""

from __future__ import annotations

from flask import Flask, Response

from ivr.web.access import guard
from ivr.web.console import console
from ivr.web.home import home
from ivr.web.identity import identity
from ivr.web.legs import legs, sound
from ivr.web.login import login
from ivr.web.parts import About, Parts
from ivr.web.phone import phone
from ivr.web.serve import serve_web
from ivr.web.voice import voice

__all__ = ["About", "Parts", "create_web", "serve_web"]

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


SIGNED = frozenset({"voice", "legs"})
"""Blueprints whose every request is the carrier's: admitted by its signature, or not at all."""


def create_web(parts: Parts) -> Flask:
    """The whole web application, made of the parts given."""
    app = Flask(__name__)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    guard(app, parts.door, is_secure=parts.public_url.startswith("https:"), signed=SIGNED)
    app.register_blueprint(voice(parts))
    app.register_blueprint(legs(parts))
    app.register_blueprint(sound())
    app.register_blueprint(login(parts.door))
    app.register_blueprint(identity(parts))
    app.register_blueprint(home(parts))
    if parts.console:
        app.register_blueprint(console(parts.console))
    if parts.demo_number:
        app.register_blueprint(phone(parts))
    app.after_request(_secure)
    return app


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
