"""The states of a person and of a ticket, and what may follow what: two tables, and nothing that acts on them.

The Lua scripts are given these tables and refuse every change that is not in them, so there is one truth.
``docs/agents.md`` shows them; a test compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

AgentState = Literal[
    "offline", "ready", "reserved", "ringing", "talking", "holding", "wrapup", "break", "rona", "lost"
]
AgentEvent = Literal[
    "sign_in",
    "sign_out",
    "ready",
    "rest",
    "reserve",
    "ring",
    "accept",
    "take",
    "release",
    "miss",
    "hold",
    "unhold",
    "end",
    "lose",
]
CallState = Literal[
    "bot",
    "waiting",
    "offered",
    "briefing",
    "bridged",
    "held",
    "handback",
    "callback_pending",
    "callback_dialing",
    "message",
    "done",
]
CallEvent = Literal[
    "join",
    "offer",
    "reopen",
    "reopen_message",
    "accept",
    "bridge",
    "hold",
    "unhold",
    "lose",
    "hand_back",
    "book",
    "dial",
    "retry",
    "leave_message",
    "end",
]

AGENT: Mapping[tuple[AgentState, AgentEvent], AgentState] = MappingProxyType(
    {
        ("offline", "sign_in"): "break",
        ("lost", "sign_in"): "break",
        ("break", "ready"): "ready",
        ("rona", "ready"): "ready",
        ("lost", "ready"): "ready",
        ("wrapup", "ready"): "ready",
        ("ready", "rest"): "break",
        ("break", "rest"): "break",
        ("rona", "rest"): "break",
        ("lost", "rest"): "break",
        ("wrapup", "rest"): "break",
        ("reserved", "rest"): "break",
        ("ringing", "rest"): "break",
        ("talking", "rest"): "break",
        ("ready", "sign_out"): "offline",
        ("break", "sign_out"): "offline",
        ("rona", "sign_out"): "offline",
        ("lost", "sign_out"): "offline",
        ("wrapup", "sign_out"): "offline",
        ("reserved", "sign_out"): "offline",
        ("ringing", "sign_out"): "offline",
        ("talking", "sign_out"): "offline",
        ("ready", "reserve"): "reserved",
        ("reserved", "ring"): "ringing",
        ("reserved", "accept"): "talking",
        ("ringing", "accept"): "talking",
        ("ready", "take"): "talking",
        ("break", "take"): "talking",
        ("reserved", "release"): "ready",
        ("ringing", "release"): "ready",
        ("talking", "release"): "ready",
        ("reserved", "miss"): "rona",
        ("ringing", "miss"): "rona",
        ("talking", "miss"): "rona",
        ("talking", "hold"): "holding",
        ("holding", "unhold"): "talking",
        ("talking", "end"): "wrapup",
        ("holding", "end"): "wrapup",
        ("ready", "lose"): "lost",
        ("reserved", "lose"): "lost",
        ("ringing", "lose"): "lost",
        ("talking", "lose"): "lost",
        ("holding", "lose"): "lost",
        ("wrapup", "lose"): "lost",
        ("break", "lose"): "lost",
        ("rona", "lose"): "lost",
    }
)
"""What a person's state becomes. A pair that is not here cannot happen.

``take``: a colleague asks them, or hands a call over to them. ``rest`` and ``sign_out`` out of reserved, ringing and
talking happen only where nobody was spoken to, or a colleague had asked: a status chosen meanwhile was pending.
"""

CALL: Mapping[tuple[CallState, CallEvent], CallState] = MappingProxyType(
    {
        ("bot", "join"): "waiting",
        ("handback", "join"): "waiting",
        ("callback_dialing", "join"): "waiting",
        ("waiting", "offer"): "offered",
        ("message", "offer"): "offered",
        ("offered", "reopen"): "waiting",
        ("offered", "reopen_message"): "message",
        ("offered", "accept"): "briefing",
        ("briefing", "bridge"): "bridged",
        ("bridged", "hold"): "held",
        ("held", "unhold"): "bridged",
        ("briefing", "lose"): "waiting",
        ("bridged", "lose"): "waiting",
        ("held", "lose"): "waiting",
        ("briefing", "reopen_message"): "message",
        ("briefing", "hand_back"): "handback",
        ("bridged", "hand_back"): "handback",
        ("held", "hand_back"): "handback",
        ("waiting", "book"): "callback_pending",
        ("offered", "book"): "callback_pending",
        ("callback_pending", "dial"): "callback_dialing",
        ("callback_dialing", "retry"): "callback_pending",
        ("waiting", "leave_message"): "message",
        ("offered", "leave_message"): "message",
        ("waiting", "end"): "done",
        ("offered", "end"): "done",
        ("briefing", "end"): "done",
        ("bridged", "end"): "done",
        ("held", "end"): "done",
        ("handback", "end"): "done",
        ("callback_pending", "end"): "done",
        ("callback_dialing", "end"): "done",
        ("message", "end"): "done",
    }
)
"""What a ticket's state becomes. ``bot`` is a call without a ticket; ``done`` is final, with one reason.

A message is ``briefing`` while a person deals with it, and never ``bridged``.
"""

WITH_AGENT: frozenset[CallState] = frozenset({"briefing", "bridged", "held"})
"""States of a ticket that is a person's."""


def as_lua(table: Mapping[Any, str]) -> str:
    """A table as a Lua constructor, ``{state = {event = after}}``, for the scripts."""
    rows: dict[str, list[str]] = {}
    for (state, event), after in table.items():
        rows.setdefault(state, []).append(f"['{event}']='{after}'")
    return "{" + ",".join(f"['{state}']={{{','.join(steps)}}}" for state, steps in rows.items()) + "}"
