"""THE AGENT'S CONSOLE: one page on which a person takes calls, and a list of the queues for supervisors.

The page is fetched again, in pieces, whenever the gateway's live events tell of a change. What may happen to a
call decides ``handover``, who has whom the queue; here is only what is seen and pressed. Agents see their own calls
alone: any other answers 404.
"""

from __future__ import annotations

from flask import Blueprint, Response
from flask.sansio.app import App

from ivr.errors import QueueError
from ivr.web.access import problem
from ivr.web.console import words
from ivr.web.console.acts import add_acts
from ivr.web.console.pages import add_pages
from ivr.web.console.parts import ConsoleParts
from ivr.web.console.queues import add_queues

__all__ = ["ConsoleParts", "console"]


def console(parts: ConsoleParts) -> Blueprint:
    """The blueprint of ``/console`` and all below it."""
    blueprint = Blueprint("console", __name__, url_prefix="/console")
    add_pages(blueprint, parts)
    add_acts(blueprint, parts)
    add_queues(blueprint, parts)
    blueprint.register_error_handler(QueueError, _without_queue)
    blueprint.record_once(lambda setup: _add_filters(setup.app))
    return blueprint


def _add_filters(app: App) -> None:
    for name in ("clock", "phone", "label", "marked", "signs", "caller"):
        app.add_template_filter(getattr(words, name), f"as_{name}")
    app.add_template_filter(lambda own, names: words.queues(names, own), "as_queues")


def _without_queue(error: QueueError) -> Response:
    return problem(
        503, "Not now", "The queue does not answer at the moment. Your page tries again by itself."
    )
