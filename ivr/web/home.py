"""The home page and the two questions an operator's tools ask: is it alive, and can it take calls?"""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from ivr.errors import StoreError
from ivr.web.access import open_to_all
from ivr.web.parts import Parts


def home(parts: Parts) -> Blueprint:
    """The blueprint of ``/``, ``/healthz`` and ``/readyz``."""
    blueprint = Blueprint("home", __name__)

    @blueprint.get("/")
    @open_to_all
    def page() -> str:
        try:
            about = parts.about()
        except StoreError:
            about = None
        return render_template(
            "home.html", about=about, faults=parts.faults(), has_phone=bool(parts.demo_number)
        )

    @blueprint.get("/healthz")
    @open_to_all
    def healthz() -> Response:
        return _plain("alive\n")

    @blueprint.get("/readyz")
    @open_to_all
    def readyz() -> Response:
        faults = parts.faults()
        return _plain("".join(f"{fault}\n" for fault in faults), 503) if faults else _plain("ready\n")

    return blueprint


def _plain(text: str, status: int = 200) -> Response:
    response = Response(text, status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
