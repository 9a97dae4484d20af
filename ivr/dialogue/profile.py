"""What is kept of a caller for later calls, and only of one who has agreed to it."""

from __future__ import annotations

from ivr.actions import Remember
from ivr.dialogue import words
from ivr.dialogue.number import is_number
from ivr.dialogue.state import State
from ivr.dialogue.turn import Turn
from ivr.flow.model import Remember as RememberStep


def notice(turn: Turn, before: State) -> None:
    """What the caller is calling about is the last thing they wanted that something is done for."""
    intent = turn.state.intent
    if intent != before.intent and words.is_request(turn.book, intent):
        turn.set(reason=intent)


def agreed(turn: Turn, step: RememberStep) -> None:
    """From now on this is kept; where nothing may be, what was kept goes at once."""
    turn.set(keeps=step.remember)
    if not step.remember:
        turn.set(profile={})
        _keep(turn, {})


def end(turn: Turn) -> None:
    """The call is over: what the caller has agreed to is kept as it stands now."""
    state = turn.state
    if not state.keeps:
        return
    said = state.fields.get("name") if "name" not in state.secrets else None
    known = {
        "name": state.name or (said if isinstance(said, str) else "") or state.profile.get("name", ""),
        "language": state.language or turn.main_language,
        "pace": state.pace,
        "reason": state.reason or state.profile.get("reason", ""),
    }
    _keep(turn, {part: known[part] for part in state.keeps})


def _keep(turn: Turn, profile: dict[str, object]) -> None:
    if is_number(turn.state.caller):
        turn.actions.append(Remember(caller=turn.state.caller, profile=profile))
