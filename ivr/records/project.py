"""From events and actions to masked rows: pure functions, no database, no clock.

``mask_event`` and ``mask_action`` make what the event log keeps; ``changes`` says what one line of it adds to
the other tables. What leaves this module holds no secret, no whole number of a person and no answer's text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table

from ivr import actions, events
from ivr.mask import AT_LEAST, SECRET, mask_number, mask_text, mask_value
from ivr.records import schema

ANY_DIGIT = 1
CALLER_MARKED = "caller_marked"
"""Kind of the line that says which calls come from one number, without the number."""
JUDGED = "judged"
"""Kind of the line that says what became of a caller's words or keys."""
WRAPPED_UP = "wrapped_up"
"""Kind of the line that says how a person noted a call's end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the event log."""

    call_id: str
    wall_at: datetime
    at_ms: int
    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    step: str = ""


@dataclass(frozen=True, slots=True)
class Add:
    """A new row."""

    table: Table
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Put:
    """Values of the row with this key, which is made where it is missing."""

    table: Table
    key: dict[str, Any]
    values: dict[str, Any]


def mask_event(event: events.Event, *, is_secret: bool = False, is_number: bool = False) -> dict[str, Any]:
    """What may be kept of an event. ``is_number``: digits were asked for, which may come in pieces."""
    payload: dict[str, Any] = events.EVENT.dump_python(event, mode="json")
    for known in ("type", "at_ms"):
        payload.pop(known)
    match event:
        case events.CallStarted():
            payload |= {"caller": mask_number(event.caller), "called": mask_number(event.called)}
            return payload | {"profile": sorted(event.profile)}
        case events.Heard():
            at_least = ANY_DIGIT if is_number else AT_LEAST
            texts = [SECRET if is_secret else mask_text(one.text, at_least) for one in event.hypotheses]
            heard = zip(texts, event.hypotheses, strict=True)
            payload.pop("voice")
            return payload | {"hypotheses": [{"text": t, "confidence": h.confidence} for t, h in heard]}
        case events.Pressed():
            return {"key": "*" if (is_secret or is_number) and event.key.isdigit() else event.key}
        case events.LookedUp():
            return payload | {"fields": {name: _outline(value) for name, value in event.fields.items()}}
        case events.HandFailed():
            return payload | {"reason": mask_text(event.reason)}
        case events.Recorded():
            return payload | {"text": mask_text(event.text)}
        case events.AgentLeft():
            return payload | {"fields": sorted(event.fields)}
        case _:
            return payload


def mask_action(action: actions.Action) -> dict[str, Any]:
    """What may be kept of an action."""
    match action:
        case actions.Say():
            text = mask_text(" ".join(action.phrases))
            return {"prompt_id": action.prompt_id, "text": text, "barge_in": action.barge_in}
        case actions.Listen():
            names = [option.name for option in action.expect.options]
            return {"expects": action.expect.kind, "options": names, "is_secret": action.expect.is_secret}
        case actions.Lookup():
            hidden = dict.fromkeys(action.secrets, SECRET)
            parameters = mask_value(action.parameters) | hidden
            return {"lookup_id": action.lookup_id, "name": action.name, "parameters": parameters}
        case actions.Enqueue():
            return _ticket(action.ticket)
        case actions.BookCallback():
            return {"ticket_id": action.ticket_id, "number": mask_number(action.number)}
        case actions.Remember():
            return {"caller": mask_number(action.caller), "profile": sorted(action.profile)}
        case actions.LeaveMessage():
            kept = {"recording_id": action.recording_id, "duration_ms": action.duration_ms}
            return {"ticket_id": action.ticket_id, **kept, "text": mask_text(action.text)}
        case _:
            payload: dict[str, Any] = actions.ACTION.dump_python(action, mode="json")
            payload.pop("type")
            return {key: mask_text(value) if key == "reason" else value for key, value in payload.items()}


def changes(entry: Entry) -> Iterator[Add | Put]:
    """What a line of the log means for calls, turns, look-ups and transfers; for most kinds nothing."""
    match entry.kind:
        case "call_started" | "flow_chosen" | "hangup" | "divert" | "call_ended":
            yield Put(schema.calls, {"call_id": entry.call_id}, _call_values(entry))
        case "caller_marked":
            yield Put(schema.callers, {"call_id": entry.call_id}, {"mark": entry.payload["mark"]})
        case "heard" | "pressed" | "say":
            yield from _turn(entry)
        case "judged":
            yield Add(schema.verdicts, _of_call(entry, "how", "name", "field", "is_keyed", "language"))
        case "wrapped_up":
            told = {name: entry.payload[name] for name in ("code", "about", "note")}
            yield Add(schema.wrap_ups, {"call_id": entry.call_id, "wall_at": entry.wall_at, **told})
        case "lookup" | "looked_up":
            yield _lookup(entry)
        case "enqueue" | "dequeue" | "queue_placed":
            yield _transfer(entry)
        case "hand_failed":
            yield from _failure(entry)


def _outline(value: Any) -> Any:
    """Yes, no and small numbers are kept; texts, sums and lists are the customer's own."""
    is_plain = isinstance(value, bool) or value is None or (isinstance(value, int) and abs(value) < 1000)
    return value if is_plain else f"[{type(value).__name__}]"


def _ticket(ticket: actions.Ticket) -> dict[str, Any]:
    return {
        "ticket_id": ticket.ticket_id,
        "queue": ticket.queue,
        "reason": mask_text(ticket.reason),
        "intent": ticket.intent,
        "identity": ticket.identity,
        "priority": ticket.priority,
        "skills": list(ticket.skills),
        "language": ticket.language,
        "mood": ticket.mood,
        "mood_why": mask_text(ticket.mood_why),
        "fields": sorted(ticket.fields),
    }


def _call_values(entry: Entry) -> dict[str, Any]:
    told = entry.payload
    match entry.kind:
        case "call_started":
            started_at = _moment(told["started_at"]) or entry.wall_at
            return {"started_at": started_at, "caller": told["caller"], "called": told["called"]}
        case "flow_chosen":
            return {"flow": told.get("flow", ""), "flow_version": told.get("version", "")}
        case "call_ended":
            return {"ended_at": entry.wall_at, "ended_by": told["reason"], "duration_ms": entry.at_ms}
        case "divert":
            return {"outcome": "diverted"}
        case _:
            return {"outcome": told["outcome"]}


def _of_call(entry: Entry, *names: str) -> dict[str, Any]:
    told = {name: entry.payload[name] for name in names}
    return {"call_id": entry.call_id, "at_ms": entry.at_ms, "step": entry.step, **told}


def _turn(entry: Entry) -> Iterator[Add]:
    told = entry.payload
    row: dict[str, Any] = {"call_id": entry.call_id, "at_ms": entry.at_ms, "step": entry.step}
    match entry.kind:
        case "heard" if told["hypotheses"]:
            best = told["hypotheses"][0]
            row |= {"who": "caller", "by": "speech", "text": best["text"], "confidence": best["confidence"]}
            yield Add(schema.turns, row | {"ended_ms": told["ended_ms"] or entry.at_ms})
        case "pressed":
            row |= {"who": "caller", "by": "keys", "text": told["key"], "ended_ms": entry.at_ms}
            yield Add(schema.turns, row | {"confidence": 1.0})
        case "say":
            row |= {"who": "bot", "by": "voice", "text": told["text"], "ended_ms": None}
            yield Add(schema.turns, row | {"confidence": None})


def _lookup(entry: Entry) -> Put:
    told = entry.payload
    key = {"call_id": entry.call_id, "lookup_id": told["lookup_id"]}
    if entry.kind == "lookup":
        asked = {"name": told["name"], "parameters": told["parameters"], "asked_at_ms": entry.at_ms}
        return Put(schema.lookups, key, asked)
    return Put(schema.lookups, key, {"answered_at_ms": entry.at_ms, "is_found": told["is_found"]})


def _transfer(entry: Entry) -> Put:
    told = entry.payload
    key = {"call_id": entry.call_id, "ticket_id": told["ticket_id"]}
    match entry.kind:
        case "enqueue":
            asked = {name: told[name] for name in ("queue", "reason", "intent", "identity", "priority")}
            return Put(schema.transfers, key, asked | {"asked_at_ms": entry.at_ms})
        case "dequeue":
            return Put(schema.transfers, key, {"ended_at_ms": entry.at_ms, "outcome": told["reason"]})
        case _:
            return Put(schema.transfers, key, {"waited_ms": told["waited_ms"]})


def _failure(entry: Entry) -> Iterator[Put]:
    told = entry.payload
    if told["action"] == "lookup":
        key = {"call_id": entry.call_id, "lookup_id": told["ref"]}
        yield Put(schema.lookups, key, {"answered_at_ms": entry.at_ms, "failure": told["reason"]})
    elif told["action"] == "enqueue":
        key = {"call_id": entry.call_id, "ticket_id": told["ref"]}
        yield Put(schema.transfers, key, {"ended_at_ms": entry.at_ms, "outcome": "failed"})


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
