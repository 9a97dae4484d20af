"""A caller who is handed to a person: the ticket with all that is known, and the place in line."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ivr.actions import Enqueue, Ticket
from ivr.dialogue import identity, mood
from ivr.dialogue.state import State, Waiting
from ivr.dialogue.turn import Turn
from ivr.flow.site import Book

CHECK_MS = 10_000
"""Between two looks at the place in line."""
HIGHEST = 100
"""Priority that no ticket exceeds."""


def begin(
    turn: Turn, queue: str, template: str, reason: str, priority: int = 0, skills: tuple[str, ...] = ()
) -> None:
    """Say what happens and take a place in line. ``reason`` is final text, ``template`` for the caller."""
    site = turn.book.site
    if turn.state.asides:
        turn.set(stack=turn.state.asides[0].below, asides=())
    state = turn.state
    turn.stop_listening()
    turn.cancel_timer(*state.sound.timers)
    turn.forget_cut()
    turn.say(
        template or site.prompts.transfer,
        barge_in="hotword",
        is_kept=False,
        queue=site.queues[queue].name,
    )
    ticket = Ticket(
        ticket_id=f"{state.call_id}.{turn.new_id('t')}",
        call_id=state.call_id,
        queue=queue,
        reason=reason,
        intent=state.intent or state.stack[-1].flow,
        caller=state.caller,
        priority=min(HIGHEST, priority + mood.priority(turn.book, state)),
        skills=skills,
        language=site.language,
    )
    join(turn, ticket)


def join(turn: Turn, ticket: Ticket) -> None:
    """Take a place in line, or the one again that the ticket has."""
    identity.check(turn)
    ticket = known(turn.book, turn.state, ticket)
    turn.set(phase="waiting", keys="", waiting=Waiting(ticket=ticket, joined_at_ms=turn.state.at_ms))
    turn.actions.append(Enqueue(ticket=ticket))
    turn.set_timer("queue_check", CHECK_MS)


def known(book: Book, state: State, ticket: Ticket) -> Ticket:
    """The ticket with what is known by now. No secret goes into it."""
    return replace(
        ticket,
        name=state.name or ticket.name,
        identity=state.identity,
        fields={
            **ticket.fields,
            **{name: value for name, value in state.fields.items() if name not in state.secrets},
        },
        turns=state.turns,
        done=tuple(dict.fromkeys((*ticket.done, *state.done))),
        mood=mood.word(book, state),
        mood_why=mood.why(state),
        mood_evidence=state.mood,
    )


def wall_ms(state: State, at_ms: int) -> int:
    """A time on the call's clock as wall time, ms since 1970; 0 where the call has no readable start."""
    try:
        return round(datetime.fromisoformat(state.started_at).timestamp() * 1000) + at_ms
    except ValueError:
        return 0
