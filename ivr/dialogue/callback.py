"""A call of ours to someone who asked to be called back: they say whether they want a person now.

Only a yes or key 1 puts anybody in line, so that no voicemail is ever bridged. The ticket is the one the
caller waited with; it keeps its age.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Dequeue, Ticket
from ivr.dialogue import transfer, words
from ivr.dialogue.state import Callback, Frame, Proof, State, begin
from ivr.dialogue.turn import Turn
from ivr.events import CallStarted
from ivr.flow.site import Book
from ivr.nlu.match import Meaning

ANSWER_MS = 5_000
"""Silence after which the question is put once more."""
MOST_MISSES = 2
UNCONFIRMED = "not_confirmed"
"""The outcome of a callback on which nobody said yes; it counts as a try."""
CANCELLED = "callback_cancelled"


def begin_callback(book: Book, event: CallStarted, ticket: Ticket) -> State:
    """The state of a call to the person who waits with ``ticket``; hand it to ``handle`` with the same event.

    ``event.caller`` is the person called. What they told on the call before is known on this one, and its language
    is spoken. By picking up they prove no more than that they have the number which somebody known had called
    from.
    """
    entry = book.flows[book.site.entry]
    is_same = ticket.identity != "none" and event.caller == ticket.caller
    return replace(
        begin(book, event),
        stack=(Frame(flow=entry.flow, step=entry.start),),
        callback=Callback(ticket=ticket),
        intent=ticket.intent,
        identity="caller_id" if is_same else "none",
        proofs=(Proof(level="caller_id"),) if is_same else (),
        name=ticket.name,
        fields=dict(ticket.fields),
        turns=ticket.turns,
        done=ticket.done,
        mood=ticket.mood_evidence,
        language=ticket.language if ticket.language in book.site.languages else "",
        is_soothed=True,
        outcome=UNCONFIRMED,
    )


def start(turn: Turn) -> None:
    turn.set(phase="called_back")
    _ask(turn)


def resume(turn: Turn) -> None:
    turn.say(turn.book.site.prompts.resumed, is_kept=False)
    _ask(turn)


def heard(turn: Turn, meaning: Meaning) -> None:
    """An answer; over our words only one that fits counts, for a voicemail talks too."""
    if meaning.kind == "option":
        _answer(turn, is_yes=meaning.value == "yes")
    elif meaning.text and not turn.state.sound.playing:
        _miss(turn)


def press(turn: Turn, key: str) -> None:
    if key in "12":
        _answer(turn, is_yes=key == "1")


def silent(turn: Turn) -> None:
    _miss(turn)


def _ask(turn: Turn) -> None:
    callback, prompts = turn.state.callback, turn.book.site.prompts
    if callback is None:
        return
    turn.cancel_timer("no_input")
    turn.set_sound(is_listening=False)
    question = prompts.call_again if callback.is_refused else prompts.called_back
    turn.say(question, barge_in="hotword", is_kept=False, about=words.label(turn.book, turn.state.intent))


def _miss(turn: Turn) -> None:
    callback = turn.state.callback
    if callback is None:
        return
    if callback.misses + 1 >= MOST_MISSES:
        turn.hang_up(turn.book.site.prompts.nobody_answered, UNCONFIRMED)
        return
    turn.set(callback=replace(callback, misses=callback.misses + 1))
    _ask(turn)


def _answer(turn: Turn, *, is_yes: bool) -> None:
    callback, prompts = turn.state.callback, turn.book.site.prompts
    if callback is None:
        return
    turn.note("caller", "(wants a person now)" if is_yes and not callback.is_refused else "(not now)")
    turn.hush()
    turn.forget_cut()
    if is_yes and not callback.is_refused:
        _connect(turn, callback.ticket)
    elif is_yes:
        turn.hang_up(prompts.called_later, UNCONFIRMED)
    elif callback.is_refused:
        cancel = Dequeue(ticket_id=callback.ticket.ticket_id, reason="the caller cancelled the callback")
        turn.actions.append(cancel)
        turn.hang_up(prompts.callback_cancelled, CANCELLED)
    else:
        turn.set(callback=replace(callback, is_refused=True, misses=0))
        _ask(turn)


def _connect(turn: Turn, ticket: Ticket) -> None:
    """In line for a person, with the age of the ticket."""
    turn.stop_listening()
    turn.cancel_timer(*turn.state.sound.timers)
    turn.set(callback=None, outcome="")
    name = turn.book.site.queues[ticket.queue].name
    turn.say(turn.book.site.prompts.transfer, barge_in="hotword", is_kept=False, queue=name)
    transfer.join(turn, replace(ticket, kind="call", call_id=turn.state.call_id))
