"""What templates may refer to, and the rendering of texts into phrases ready to be spoken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ivr.dialogue.state import State
from ivr.flow.model import Book
from ivr.flow.template import render, split


def values(book: Book, state: State) -> dict[str, Any]:
    """Names that templates and conditions see: the fields, and what is known of the call itself."""
    return {
        "caller": state.caller,
        "called": state.called,
        "company": book.site.company,
        "now": now(state),
        "agent": state.agent,
        **state.fields,
    }


def now(state: State) -> str:
    """The present as the call knows it: its start plus the audio that has passed since, ISO 8601."""
    try:
        started = datetime.fromisoformat(state.started_at)
    except ValueError:
        return state.started_at
    return (started + timedelta(milliseconds=state.at_ms)).isoformat(timespec="seconds")


def text(book: Book, state: State, template: str, **more: Any) -> str:
    return render(template, {**values(book, state), **more})


def phrases(book: Book, state: State, template: str, **more: Any) -> tuple[str, ...]:
    return split(text(book, state, template, **more)) if template else ()
