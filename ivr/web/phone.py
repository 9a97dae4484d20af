"""The browser phone: a page that calls the machine through the local exchange. It works in the browser.

Registered only where a local exchange is configured: a real carrier brings its own telephones.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from ivr.web.access import open_to_all
from ivr.web.parts import Parts


def phone(parts: Parts) -> Blueprint:
    """The blueprint of ``/phone``."""
    blueprint = Blueprint("phone", __name__)

    @blueprint.get("/phone")
    @open_to_all
    def page() -> str:
        return render_template("phone.html", number=parts.demo_number, caller=parts.demo_caller)

    return blueprint
