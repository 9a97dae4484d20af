"""A caller who is handed to a person: the ticket, the place in line, and what is heard while waiting."""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import CheckQueue, Enqueue, Ticket
from ivr.dialogue.state import Waiting
from ivr.dialogue.turn import Turn
from ivr.events import QueuePlaced

CHECK_MS = 10_000
"""Between two looks at the place in line."""
ANNOUNCE_MS = 90_000
"""The place is said at least this often, changed or not (Asterisk's announce-frequency)."""
APART_MS = 15_000
"""The place is never said twice within this time (Asterisk's min-announce-frequency)."""
TRIES = 2
"""How often a place in line is asked for before the caller is sent to the fallback number."""
HOLD = "hold"
"""The clip that a waiting caller hears."""


def begin(
    turn: Turn, queue: str, template: str, reason: str, priority: int = 0, skills: tuple[str, ...] = ()
) -> None:
    """Say what happens and take a place in line. ``reason`` is final text, ``template`` for the caller."""
    state, site = turn.state, turn.book.site
    turn.stop_listening()
    turn.cancel_timer(*state.sound.timers)
    turn.forget_cut()
    name = site.queues[queue].name
    turn.say(template or site.prompts.transfer, barge_in="hotword", is_kept=False, queue=name)
    ticket = Ticket(
        ticket_id=f"{state.call_id}.{turn.new_id('t')}",
        call_id=state.call_id,
        queue=queue,
        reason=reason,
        intent=state.intent or state.stack[-1].flow,
        caller=state.caller,
        name=state.name,
        identity=state.identity,
        fields={name: value for name, value in state.fields.items() if name not in state.secrets},
        turns=turn.state.turns,
        priority=priority,
        skills=skills,
        language=site.language,
        started_at=state.started_at,
    )
    turn.set(phase="waiting", keys="", waiting=Waiting(ticket=ticket))
    turn.actions.append(Enqueue(ticket=ticket))
    turn.set_timer("queue_check", CHECK_MS)


def placed(turn: Turn, waiting: Waiting, event: QueuePlaced) -> None:
    """The place is known: said when it is new, better than what was said, or not said for long."""
    waiting = replace(waiting, place=max(1, event.position), failures=0)
    turn.set(waiting=waiting)
    since_ms = turn.state.at_ms - waiting.said_at_ms
    is_better = waiting.place < waiting.said_place and since_ms >= APART_MS
    if waiting.said_place == 0 or is_better:
        say_place(turn, waiting)
    elif since_ms >= ANNOUNCE_MS:
        say_place(turn, waiting, turn.book.site.prompts.wait)


def say_place(turn: Turn, waiting: Waiting, *more: str) -> None:
    """Say where in line the caller is, over the music; nothing while it is not known."""
    if not waiting.place:
        return
    if any(not prompt.phrases for prompt in turn.state.sound.playing):
        turn.hush()
        turn.forget_cut()
    turn.say(
        turn.book.site.prompts.place,
        *more,
        barge_in="hotword",
        is_kept=False,
        position=waiting.place,
        ahead=waiting.place - 1,
        queue=turn.book.site.queues[waiting.ticket.queue].name,
    )
    turn.set(waiting=replace(waiting, said_place=waiting.place, said_at_ms=turn.state.at_ms))


def check(turn: Turn, waiting: Waiting) -> None:
    turn.actions.append(CheckQueue(ticket_id=waiting.ticket.ticket_id))
    turn.set_timer("queue_check", CHECK_MS)


def not_placed(turn: Turn, waiting: Waiting) -> None:
    """The queue did not take the ticket, or has lost it: ask once more, then the fallback number."""
    failures = waiting.failures + 1
    if failures >= TRIES:
        turn.divert("the queue cannot be reached", turn.book.site.prompts.cannot_help)
        return
    turn.set(waiting=replace(waiting, failures=failures))
    turn.actions.append(Enqueue(ticket=waiting.ticket))


def resume(turn: Turn, waiting: Waiting) -> None:
    """The line is back: the place was kept, and is looked at anew."""
    turn.say(turn.book.site.prompts.resumed, is_kept=False)
    check(turn, waiting)
