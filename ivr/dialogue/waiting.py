"""Waiting for a person: the place and the expected wait, what happens in the line, and what the caller may ask.

What caller and machine settle besides the wait (a callback, a message) is ``errand``.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

from ivr.actions import CheckQueue, Enqueue, Expectation, Ticket
from ivr.dialogue import errand, steps
from ivr.dialogue.expect import expectation
from ivr.dialogue.state import State, Waiting
from ivr.dialogue.transfer import CHECK_MS, wall_ms
from ivr.dialogue.turn import Turn
from ivr.events import AgentOffered, AgentRefused, Overflowed, QueuePlaced

ANNOUNCE_MS = 90_000
"""The place is said at least this often, changed or not (Asterisk's announce-frequency)."""
APART_MS = 15_000
"""The place is never said twice within this time (Asterisk's min-announce-frequency)."""
RANG_APART_MS = 30_000
"""The caller hears of a ringing phone at most this often."""
RETRY_MS = 2_000
TRIES = 6
"""How often a place in line is asked for, and how far apart, before the caller is sent to the fallback number:
long enough for a queue that is being restarted."""
REFUSALS = 3
"""Refusals after which something else than waiting is offered."""
NOTHING = Expectation(kind="commands")
HOLD = "hold"
"""The clip that a waiting caller hears."""
WHY = {"wait": "long_wait", "closed": "closed", "nobody": "nobody_in", "full": "full"}
"""Why the queue cannot serve a caller, to the words for it."""


def of(turn: Turn, ticket_id: str) -> Waiting | None:
    """The wait of this ticket; none for a ticket that is no longer ours, or already with a person."""
    waiting = turn.state.waiting
    is_ours = waiting is not None and waiting.ticket.ticket_id == ticket_id
    return waiting if is_ours and turn.state.phase == "waiting" else None


def placed(turn: Turn, waiting: Waiting, event: QueuePlaced) -> None:
    """The place is known: said when it is new, good news, or not said for long."""
    prompts, before = turn.book.site.prompts, waiting
    waiting = replace(
        waiting,
        place=max(1, event.position),
        wait_low_ms=max(0, event.wait_low_ms),
        wait_high_ms=max(0, event.wait_low_ms, event.wait_high_ms),
        has_agents=event.has_agents or (waiting.has_agents and _is_offer_due(turn, waiting)),
        failures=0,
    )
    turn.set(waiting=waiting)
    if waiting.errand is not None or (not event.has_agents and waiting.has_agents):
        return
    if waiting.told_offer and not _is_long_ago(turn, waiting.rang_at_ms):
        return
    since_ms = turn.state.at_ms - waiting.said_at_ms
    if not waiting.has_agents and before.has_agents:
        _announce(turn, waiting, (*_news(turn, waiting), prompts.while_you_wait))
    elif waiting.said_place == 0:
        more = (prompts.while_you_wait,) if waiting.place > 1 else ()
        _announce(turn, waiting, (*_news(turn, waiting), *more))
    elif since_ms >= APART_MS and _is_good_news(before, waiting):
        _announce(turn, waiting, _news(turn, waiting))
    elif since_ms >= ANNOUNCE_MS:
        _announce(turn, waiting, (*_news(turn, waiting), prompts.wait, prompts.while_you_wait))


def say_place(turn: Turn, waiting: Waiting) -> None:
    """The caller asks: what is known is said, whatever the queue announces by itself."""
    if waiting.place:
        _announce(turn, waiting, _news(turn, waiting, is_asked=True))


def aged(state: State, waiting: Waiting) -> Ticket:
    """The ticket with the time at which its caller joined, for a queue that does not know it any more."""
    joined_ms = waiting.ticket.joined_ms or wall_ms(state, waiting.joined_at_ms)
    return replace(waiting.ticket, joined_ms=joined_ms)


def check(turn: Turn, waiting: Waiting) -> None:
    """Ask where the ticket stands; one that has no place asks for it again."""
    if waiting.failures:
        _join_again(turn, waiting)
    else:
        turn.actions.append(CheckQueue(ticket_id=waiting.ticket.ticket_id))
    turn.set_timer("queue_check", CHECK_MS)


def not_placed(turn: Turn, waiting: Waiting) -> None:
    """The queue did not take the ticket, or has lost it: again, and after many tries the fallback number."""
    failures = waiting.failures + 1
    if failures >= TRIES:
        turn.divert("the queue cannot be reached", turn.book.site.prompts.cannot_help)
        return
    waiting = replace(waiting, failures=failures)
    turn.set(waiting=waiting)
    if failures == 1:
        _join_again(turn, waiting)
    turn.set_timer("queue_check", RETRY_MS)


def resume(turn: Turn, waiting: Waiting) -> None:
    """The line is back: the place was kept, and is looked at anew; what was being settled begins again."""
    turn.say(turn.book.site.prompts.resumed, is_kept=False)
    turn.set(waiting=replace(waiting, told_offer=""))
    if waiting.errand is not None:
        errand.again(turn, waiting.errand)
    check(turn, waiting)


def overflowed(turn: Turn, waiting: Waiting, event: Overflowed) -> None:
    """Another queue has the ticket, or something else is due: that is offered, never forced, and once."""
    prompts = turn.book.site.prompts
    is_moved = event.queue != waiting.ticket.queue and event.queue in turn.book.site.queues
    if is_moved:
        ticket = replace(waiting.ticket, queue=event.queue)
        waiting = replace(waiting, ticket=ticket, place=0, said_place=0, said_high=0, has_agents=True)
        turn.set(waiting=waiting)
    if event.to == "queue":
        if is_moved and waiting.errand is None:
            _say(turn, waiting, prompts.moved)
        return
    is_known = event.why == "nobody" and not waiting.has_agents
    why = () if is_known else (str(getattr(prompts, WHY[event.why])),)
    _offer(turn, waiting, event.to, event.why, why)


def offered(turn: Turn, waiting: Waiting, event: AgentOffered) -> None:
    """A person's phone rings: good news, but not every few seconds."""
    if waiting.errand is not None or not _is_long_ago(turn, waiting.rang_at_ms):
        return
    turn.set(waiting=replace(waiting, rang_at_ms=turn.state.at_ms, told_offer=event.offer_id))
    _say(turn, waiting, turn.book.site.prompts.found_someone)


def refused(turn: Turn, waiting: Waiting, event: AgentRefused) -> None:
    """It was not to be; the caller hears so only if they had been told, and after some tries has a choice."""
    is_told = waiting.told_offer == event.offer_id
    if is_told:
        waiting = replace(waiting, told_offer="")
        turn.set(waiting=waiting)
    if event.reason in ("rescinded", "caller_left") or waiting.errand is not None:
        return
    if event.tries >= REFUSALS and "refused" not in waiting.overflows:
        to = "callback" if errand.can_call_back(turn) else "message"
        _offer(turn, waiting, to, "refused", (turn.book.site.prompts.unanswered,))
    elif is_told:
        _say(turn, waiting, turn.book.site.prompts.still_looking)


def command(turn: Turn, waiting: Waiting, name: str) -> None:
    """What a waiting caller asked for, by the names of the expectation."""
    match name:
        case "call_me_back":
            errand.call_back(turn)
        case "leave_message":
            errand.leave_message(turn)
        case "restart" if waiting.errand is not None:
            errand.give_up(turn)
        case "restart":
            leave(turn)
        case _:
            say_place(turn, waiting)


def press(turn: Turn, waiting: Waiting, key: str) -> None:
    """A key while waiting, as the expectation names it; what is being settled has its own."""
    if waiting.errand is not None:
        errand.press(turn, waiting.errand, key)
        return
    for option in (expectation(turn.book, turn.state) or NOTHING).commands:
        if option.key == key:
            command(turn, waiting, option.name)


def settle(turn: Turn, waiting: Waiting) -> None:
    """Music wherever nothing is being said."""
    if turn.state.sound.playing:
        return
    if waiting.errand is None or errand.settle(turn, waiting.errand):
        turn.play(HOLD)


def leave(turn: Turn) -> None:
    """Out of the line, back to the beginning."""
    turn.hush()
    turn.forget_cut()
    turn.leave_line("the caller went back to the menu")
    steps.restart(turn)


def minutes(waiting: Waiting) -> tuple[int, int]:
    """The expected wait in whole minutes, from and to; both 0 where nothing is known."""
    return waiting.wait_low_ms // 60_000, ceil(waiting.wait_high_ms / 60_000)


def _is_long_ago(turn: Turn, rang_at_ms: int | None) -> bool:
    return rang_at_ms is None or turn.state.at_ms - rang_at_ms >= RANG_APART_MS


def _is_offer_due(turn: Turn, waiting: Waiting) -> bool:
    """Whether the queue offers something where nobody is there: that news brings the words for it."""
    return turn.book.site.queues[waiting.ticket.queue].overflow.when_nobody is not None


def _is_good_news(before: Waiting, waiting: Waiting) -> bool:
    high = minutes(waiting)[1]
    is_sooner = 0 < high < waiting.said_high
    is_back = waiting.has_agents and not before.has_agents
    return waiting.has_agents and (waiting.place < waiting.said_place or is_sooner or is_back)


def _news(turn: Turn, waiting: Waiting, *, is_asked: bool = False) -> tuple[str, ...]:
    """Templates of what the queue announces: the place, the expected wait, both or neither; that nobody is there
    always."""
    announce = "both" if is_asked else turn.book.site.queues[waiting.ticket.queue].announce
    prompts = turn.book.site.prompts
    if not waiting.has_agents:
        return (prompts.nobody_in,)
    place = (prompts.place,) if announce in ("place", "both") else ()
    wait = (prompts.expected_wait,) if announce in ("wait", "both") and waiting.wait_high_ms else ()
    return place + wait


def _announce(turn: Turn, waiting: Waiting, templates: tuple[str, ...]) -> None:
    waiting = replace(
        waiting, said_place=waiting.place, said_high=minutes(waiting)[1], said_at_ms=turn.state.at_ms
    )
    turn.set(waiting=waiting)
    _say(turn, waiting, *templates)


def _say(turn: Turn, waiting: Waiting, *templates: str) -> None:
    """Words for a waiting caller, over the music."""
    errand.hush_music(turn)
    low, high = minutes(waiting)
    more: dict[str, Any] = {
        "position": waiting.place,
        "ahead": max(0, waiting.place - 1),
        "wait_low": low,
        "wait_high": high,
        "queue": turn.book.site.queues[waiting.ticket.queue].name,
    }
    turn.say(*templates, barge_in="hotword", is_kept=False, **more)


def _offer(turn: Turn, waiting: Waiting, to: str, why: str, before: tuple[str, ...]) -> None:
    if waiting.errand is not None or why in waiting.overflows:
        return
    has_agents = waiting.has_agents and why != "nobody"
    waiting = replace(waiting, overflows=(*waiting.overflows, why), has_agents=has_agents)
    turn.set(waiting=waiting)
    if before:
        _say(turn, waiting, *before)
    errand.offer(turn, "offer_callback" if to == "callback" else "offer_message")


def _join_again(turn: Turn, waiting: Waiting) -> None:
    """The same ticket once more, with its age, for a queue that may have lost it."""
    ticket = aged(turn.state, waiting)
    turn.set(waiting=replace(waiting, ticket=ticket))
    turn.actions.append(Enqueue(ticket=ticket))
