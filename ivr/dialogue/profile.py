"""What is kept of a caller for later calls, and only of one who has agreed to it."""

from __future__ import annotations

from ivr.actions import Remember
from ivr.dialogue import words
from ivr.dialogue.number import is_number
from ivr.dialogue.state import State
from ivr.dialogue.turn import Turn
from ivr.events import Event, Pressed
from ivr.flow.model import Remember as RememberStep

KEYS, VOICE = "keys", "voice"
"""How a caller answers."""


def notice(turn: Turn, before: State, event: Event) -> None:
    """What the caller is calling about is the last thing they wanted that something is done for; and how they
    answer."""
    _count(turn, before, is_keyed=isinstance(event, Pressed))
    intent = turn.state.intent
    if intent != before.intent and words.is_request(turn.book, intent):
        turn.set(reason=intent)


def likes_keys(state: State) -> bool:
    """Whether the caller is known to answer by the keys."""
    return state.profile.get("answers") == KEYS


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
        "answers": _answers(state),
        "reason": state.reason or state.profile.get("reason", ""),
    }
    _keep(turn, {part: known[part] for part in state.keeps})


def _count(turn: Turn, before: State, *, is_keyed: bool) -> None:
    """Each answer once: not again where it is read back. Secrets, of which there are no verdicts, do not count:
    everybody is asked to key those."""
    for verdict in turn.state.verdicts:
        is_read_back = verdict.how == "confirmed" and verdict.field in before.fields
        if verdict.how not in ("taken", "confirmed") or is_read_back:
            continue
        if verdict.is_keyed or (is_keyed and not verdict.field):
            turn.set(keyed=turn.state.keyed + 1)
        else:
            turn.set(spoken=turn.state.spoken + 1)


def _answers(state: State) -> str:
    """What most answers of this call were; as before where neither were more."""
    if state.keyed == state.spoken:
        return str(state.profile.get("answers", ""))
    return KEYS if state.keyed > state.spoken else VOICE


def _keep(turn: Turn, profile: dict[str, object]) -> None:
    if is_number(turn.state.caller):
        turn.actions.append(Remember(caller=turn.state.caller, profile=profile))
