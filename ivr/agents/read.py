"""What the scripts are given and give back, as this room's own shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ivr.actions import Ticket
from ivr.agents.estimate import expected_wait
from ivr.agents.rules import Rules
from ivr.agents.shapes import Accepted, Agent, Departure, Desk, Held, News, Offer, Place, Waiting
from ivr.errors import QueueError

SEPARATOR = "\x1f"
_TICKET: TypeAdapter[Ticket] = TypeAdapter(Ticket)


def arguments(ticket: Ticket) -> list[str | int]:
    """A ticket as ``join`` and ``rebuild`` take it."""
    return [
        ticket.ticket_id,
        ticket.call_id,
        ticket.queue,
        ticket.priority,
        ticket.joined_ms,
        ticket.caller,
        SEPARATOR.join(ticket.skills),
        ticket.kind,
        ticket.reason,
        _TICKET.dump_json(ticket).decode(),
    ]


def rules_json(rules: Mapping[str, Rules], open_now: Sequence[bool]) -> str:
    """All rules as the scripts read them."""
    return json.dumps(
        {
            name: {
                "strategy": rule.strategy,
                "ring_ms": rule.ring_ms,
                "at_once": rule.at_once,
                "wrap_up_ms": rule.wrap_up_ms,
                "skills": SEPARATOR.join(rule.skills),
                "relax_ms": rule.relax_ms or 0,
                "max_size": rule.max_size,
                "after_ms": rule.overflow.after_ms,
                "to": rule.overflow.to,
                "when_closed": rule.overflow.when_closed,
                "when_nobody": rule.overflow.when_nobody,
                "when_full": rule.overflow.when_full,
                "is_open": is_open,
            }
            for (name, rule), is_open in zip(rules.items(), open_now, strict=True)
        }
    )


def place(ticket_id: str, row: Sequence[Any]) -> Place:
    position, size, waited_ms, signed_in, queue, overflow, why, serving, mean_ms, count = row
    low, high = expected_wait(position, serving, float(mean_ms), int(count))
    return Place(ticket_id, position, size, waited_ms, low, high, bool(signed_in), overflow, why, queue)


def waiting(rows: Sequence[Any]) -> list[Waiting]:
    """In the order of their scores; who moved while the pages were read is told once."""
    found: dict[str, Waiting] = {}
    for values, text, position, waited_ms, _ in sorted(rows, key=lambda row: float(row[-1])):
        fields = dict(zip(("call_id", "queue", "joined_ms", "kind", "state"), values, strict=True))
        ticket = _ticket(fields, text)
        found.setdefault(ticket.ticket_id, Waiting(ticket, position, waited_ms, fields["state"]))
    return list(found.values())


def held(row: Any) -> Held | None:
    if not row:
        return None
    flat, text, declined, offers, waited_ms = row
    found = _hash(flat)
    return Held(
        ticket=_ticket(found, text),
        state=found["state"],
        agent_id=found.get("agent_id", ""),
        offer_id=found.get("offer_id", ""),
        room=found.get("room", ""),
        caller_leg=found["call_id"],
        agent_leg=found.get("leg", ""),
        waited_ms=waited_ms,
        tries=int(found["tries"]),
        declined=tuple(sorted(declined)),
        version=int(found["version"]),
        offers=tuple(_offer(_hash(one)) for one in offers),
        number=found.get("number", ""),
        dials=int(found.get("dials", 0)),
        recording_id=found.get("recording_id", ""),
        text=found.get("text", ""),
        duration_ms=int(found.get("duration_ms", 0)),
        consulted_id=found.get("consulted_id", ""),
    )


def desk(row: Any) -> Desk | None:
    if not row:
        return None
    found, offer = _hash(row[0]), _hash(row[1])
    return Desk(
        agent=Agent(
            found["agent_id"],
            found["name"],
            _split(found["queues"]),
            _split(found["skills"]),
            found["endpoint"],
            int(found["position"]),
        ),
        state=found["state"],
        since_ms=int(found["since_ms"]),
        pending=found.get("pending", ""),
        reason=found.get("reason", ""),
        offers=(_offer(offer),) if offer and offer["state"] != "accepted" else (),
        ticket_id=found.get("ticket_id", ""),
        until_ms=int(found.get("until_ms") or 0),
        calls=int(found["calls"]),
        talk_ms=int(found["talk_ms"]),
        room=found.get("room", ""),
        version=int(found["version"]),
        is_consulted=bool(found.get("consulted_by")),
        has_page=bool(found.get("session")),
        last_call_id=found.get("last_call_id", ""),
    )


def accepted(row: Any) -> Accepted | None:
    if not row:
        return None
    flat, text, offer = row
    return Accepted(_ticket(_hash(flat), text), _hash(offer).get("leg", ""))


def departure(text: Any) -> Departure | None:
    if not text:
        return None
    found = json.loads(text)
    return Departure(
        found["reason"],
        found["target"],
        json.loads(found["fields"]),
        found["ticket_id"],
        found["agent_name"],
    )


def news(streams: Any) -> list[News]:
    """What ``xread`` gave: a mapping by RESP3, a list of pairs by RESP2."""
    if not streams:
        return []
    lines = next(iter(streams.values()))[0] if isinstance(streams, dict) else streams[0][1]
    return [_line(news_id, dict(row)) for news_id, row in lines]


def _line(news_id: str, row: dict[str, Any]) -> News:
    return News(
        news_id=news_id,
        kind=row.pop("kind"),
        at_ms=int(row.pop("at_ms")),
        ticket_id=row.pop("ticket_id", ""),
        call_id=row.pop("call_id", ""),
        agent_id=row.pop("agent_id", ""),
        offer_id=row.pop("offer_id", ""),
        queue=row.pop("queue", ""),
        reason=row.pop("reason", ""),
        fields=row,
    )


def _ticket(found: Mapping[str, Any], text: str) -> Ticket:
    """The ticket as the caller's dialogue gave it, with what has changed since."""
    try:
        given = _TICKET.validate_json(text)
    except ValidationError as error:
        raise QueueError(f"found a ticket that cannot be read: {error.error_count()} faults") from None
    kind: Any = found["kind"]
    return replace(
        given,
        call_id=found["call_id"],
        queue=found["queue"],
        joined_ms=int(found["joined_ms"]),
        kind=kind,
    )


def _offer(found: Mapping[str, Any]) -> Offer:
    return Offer(found["offer_id"], found["ticket_id"], found["agent_id"], found["kind"])


def _hash(flat: Sequence[str]) -> dict[str, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(SEPARATOR)) if text else ()
