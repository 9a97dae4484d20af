"""A caller and a person: the way into their room, and what becomes of the caller when the person has left.

Who the person is, is the queue's business. Here a caller who is with a person is only not lost.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Bridge, Enqueue
from ivr.dialogue import identity, patterns, steps, transfer
from ivr.dialogue.state import Frame
from ivr.dialogue.turn import Turn
from ivr.events import AgentAnswered, AgentLeft
from ivr.flow.words import EVERYWHERE

BRIDGE_MS = 2_000
"""How long the way into the room may take before the caller hears that we are still there."""
CHECKED = "identity_checked"
"""The field by which a person says that they have made sure who the caller is."""


def answered(turn: Turn, event: AgentAnswered) -> None:
    """A person has accepted: to their room at once, whatever is being said."""
    waiting = turn.state.waiting
    if waiting is None or waiting.ticket.ticket_id != event.ticket_id or waiting.offer_id == event.offer_id:
        return
    turn.stop_listening()
    turn.cancel_timer(*turn.state.sound.timers)
    turn.hush()
    turn.forget_cut()
    waiting = replace(waiting, offer_id=event.offer_id, room=event.room, errand=None, told_offer="")
    turn.set(phase="bridged", exit="bridge", waiting=waiting, agent=event.agent_name, keys="")
    bridge(turn)


def bridge(turn: Turn) -> None:
    """Into the room; also for a stream that came back to us while the person is still there."""
    if turn.state.waiting is None:
        return
    turn.actions.append(Bridge(ticket_id=turn.state.waiting.ticket.ticket_id, room=turn.state.waiting.room))
    turn.set_timer("bridge", BRIDGE_MS)


def still_there(turn: Turn) -> None:
    turn.say(turn.book.site.prompts.connecting, barge_in="hotword", is_kept=False)


def not_bridged(turn: Turn) -> None:
    """There was no way into the room: in line again, where the caller was."""
    if turn.state.phase == "bridged":
        _wait_again(turn, turn.book.site.prompts.not_connected)


def left(turn: Turn, event: AgentLeft) -> None:
    """The person has gone, and the caller is on our line again."""
    waiting, is_bridged = turn.state.waiting, turn.state.phase == "bridged"
    if waiting is None or not (is_bridged or waiting.ticket.ticket_id == event.ticket_id):
        return
    turn.hush()
    turn.reset_sound()
    turn.set(exit="", agent=event.agent_name or turn.state.agent)
    _learn(turn, event)
    match event.reason:
        case "lost" | "never_came":
            _wait_again(turn, turn.book.site.prompts.agent_lost)
        case "hung_up":
            turn.set(waiting=None)
            site = turn.book.site
            _run(turn, site.queues[waiting.ticket.queue].then or site.patterns.get("survey"))
        case "handed_back":
            turn.set(waiting=None)
            _run(turn, turn.book.site.hand_back.get(event.target, turn.book.site.entry))


def _wait_again(turn: Turn, words: str) -> None:
    """With the same ticket, whose age the queue has kept."""
    waiting = turn.state.waiting
    if waiting is None:
        return
    turn.set(
        phase="waiting",
        exit="",
        waiting=replace(waiting, offer_id="", room="", place=0, said_place=0, failures=0),
    )
    turn.say(words, barge_in="hotword", is_kept=False)
    turn.actions.append(Enqueue(ticket=waiting.ticket))
    turn.set_timer("queue_check", transfer.CHECK_MS)


def _learn(turn: Turn, event: AgentLeft) -> None:
    """What the person knows, for the flows; it replaces what was known before."""
    state = turn.state
    fields = {name: value for name, value in event.fields.items() if name not in EVERYWHERE}
    is_checked = fields.pop(CHECKED, False) is True
    turn.set(fields={**state.fields, **fields}, name=str(fields.get("name") or state.name))
    if is_checked:
        identity.prove(turn, "agent", identity.asked_for_proof(turn.book))


def _run(turn: Turn, flow: str | None) -> None:
    """A flow of its own, after which the flow that had asked for a person is done; none: goodbye."""
    if flow is None:
        patterns.goodbye(turn)
        return
    start = turn.book.flows[flow].start
    below = () if flow == turn.book.site.entry else turn.state.stack
    turn.set(stack=(*below, Frame(flow=flow, step=start)), history=(), said=(), keys="")
    steps.go(turn, start)
