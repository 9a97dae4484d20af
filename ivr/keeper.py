"""What outlives the process, of one call: its state after every event, its journal, its records.

State first: what is not saved must not be told. All of it blocks, so it runs beside the event loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ivr.actions import Action, Listen
from ivr.dialogue.engine import where
from ivr.dialogue.state import State, to_json
from ivr.errors import StaleState, StoreError
from ivr.events import Event
from ivr.records.project import JUDGED, mask_action, mask_event
from ivr.records.store import Records
from ivr.store import CallStore

_UNTOLD = frozenset({"set_timer", "cancel_timer", "silent"})
"""Only the journal has these; they would fill the records with what nobody asks for."""


class Keeper:
    """Keeps one call, for one stream of it."""

    def __init__(
        self,
        store: CallStore,
        records: Records,
        call_id: str,
        revision: int,
        generation: int,
        told: Callable[[dict[str, Any]], None] = lambda line: None,
    ) -> None:
        """``revision``: of the state to go on from, 0 for a new call; ``generation``: of the claim;
        ``told`` also gets every line of the journal."""
        self._store = store
        self._records = records
        self._call_id = call_id
        self._revision = revision
        self._generation = generation
        self._told = told
        self._is_number = True
        """Whether digits are asked for, which come in pieces too short to be masked as numbers."""

    def keep(self, state: State, event: Event, actions: tuple[Action, ...], *, is_secret: bool) -> None:
        """Save the state and tell what happened. Raises StaleState where a newer stream carries the call."""
        is_over = state.phase == "over"
        try:
            self._revision = self._store.save(
                self._call_id, to_json(state), self._revision, generation=self._generation, is_ended=is_over
            )
        except StaleState:
            raise
        except StoreError:
            self._record(state, event, actions, is_secret)
            raise
        self._record(state, event, actions, is_secret)
        lines = self._lines(state, event, actions, is_secret)
        for line in lines:
            self._told(line)
        self._store.note(self._call_id, *lines)

    def _record(self, state: State, event: Event, actions: tuple[Action, ...], is_secret: bool) -> None:
        """The records take it without waiting and never fail a call."""
        step = where(state)
        if event.type not in _UNTOLD:
            self._records.note_event(self._call_id, event, step, is_secret)
        for verdict in state.verdicts:
            judged = {**asdict(verdict), "language": state.language}
            asked = judged.pop("step")
            self._records.note(self._call_id, datetime.now(UTC), event.at_ms, JUDGED, judged, asked)
        if event.type == "call_started":
            chosen = {"flow": state.stack[0].flow if state.stack else "", "version": state.book_version}
            self._records.note(self._call_id, datetime.now(UTC), state.at_ms, "flow_chosen", chosen)
        told = tuple(action for action in actions if action.type not in _UNTOLD)
        if told:
            self._records.note_actions(self._call_id, state.at_ms, told, step)

    def _lines(
        self, state: State, event: Event, actions: tuple[Action, ...], is_secret: bool
    ) -> list[dict[str, Any]]:
        step = where(state)
        told = mask_event(event, is_secret=is_secret, is_number=self._is_number)
        lines = [_line("event", state.at_ms, step, event.type, told)]
        for action in actions:
            if isinstance(action, Listen):
                self._is_number = action.expect.kind in ("digits", "values")
        lines += [_line("action", state.at_ms, step, action.type, mask_action(action)) for action in actions]
        if state.phase == "over":
            lines.append({"kind": "over", "at_ms": state.at_ms, "outcome": state.outcome})
        return lines


def _line(kind: str, at_ms: int, step: str, name: str, told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "kind": kind, "at_ms": at_ms, "step": step, "type": name}
