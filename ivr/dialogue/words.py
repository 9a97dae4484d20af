"""What templates may refer to, and the rendering of texts into phrases ready to be spoken."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ivr.dialogue.state import State
from ivr.flow.hours import Timetable
from ivr.flow.model import Ask, Choice, Flow, HangUp, Language, Remember
from ivr.flow.site import Book
from ivr.flow.template import render, split
from ivr.flow.words import PROFILE


def values(book: Book, state: State) -> dict[str, Any]:
    """Names that templates and conditions see: the fields, and what is known of the call itself."""
    inside = state.asides[-1].values if state.asides else {}
    return {
        "caller": state.caller,
        "called": state.called,
        "company": book.site.company,
        "now": now(state),
        "agent": state.agent,
        "hours": Timetable(book.site, _instant(book, state)),
        "profile": profile(book, state),
        **state.fields,
        **inside,
    }


def profile(book: Book, state: State) -> dict[str, Any]:
    """What is known of the caller from earlier calls; empty where nothing is, and its parts where they are not."""
    known = {part: state.profile.get(part) or "" for part in PROFILE}
    intent = known["reason"]
    return {**known, "reason": label(book, intent) or intent, "intent": intent}


def label(book: Book, intent: str) -> str:
    """What a caller wanted, as the open question that heard it calls it; empty where none did."""
    choice = _choice(book, intent)
    return choice[0].label if choice else ""


def is_request(book: Book, intent: str) -> bool:
    """Whether something is done for a caller who wants this, and not only asked, switched or ended."""
    choice = _choice(book, intent)
    if choice is None:
        return False
    step = choice[1].steps.get(choice[0].next)
    return not isinstance(step, Ask | Language | Remember | HangUp | None)


def _choice(book: Book, intent: str) -> tuple[Choice, Flow] | None:
    for flow in book.flows.values() if intent else ():
        for step in flow.steps.values():
            if isinstance(step, Ask) and step.open and intent in step.choices:
                return step.choices[intent], flow
    return None


def _instant(book: Book, state: State) -> datetime:
    """``now`` as an aware time; of a call without a readable start, the beginning of time."""
    zone = ZoneInfo(book.site.time_zone)
    try:
        found = datetime.fromisoformat(now(state))
    except ValueError:
        return datetime.fromtimestamp(0, zone)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def now(state: State) -> str:
    """The present as the call knows it: its start plus the audio that has passed since, ISO 8601."""
    try:
        started = datetime.fromisoformat(state.started_at)
    except ValueError:
        return state.started_at
    return (started + timedelta(milliseconds=state.at_ms)).isoformat(timespec="seconds")


def text(book: Book, state: State, template: str, **more: Any) -> str:
    return render(template, {**values(book, state), **more}, book.site.language)


def phrases(book: Book, state: State, template: str, **more: Any) -> tuple[str, ...]:
    return split(text(book, state, template, **more)) if template else ()
