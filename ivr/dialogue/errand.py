"""What a waiting caller settles besides the wait: being called back, or leaving a message. The place is kept
until it is settled, and music goes on under every question.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ivr.actions import BookCallback, LeaveMessage, Record
from ivr.dialogue import number as numbers
from ivr.dialogue import patterns
from ivr.dialogue.confirm import CLEAR
from ivr.dialogue.expect import BETWEEN_KEYS_MS
from ivr.dialogue.state import Errand
from ivr.dialogue.turn import Turn
from ivr.events import CallbackBooked, Recorded
from ivr.nlu.match import Meaning

ANSWER_MS = 6_000
"""Wait for an answer, from the end of the question; music plays meanwhile."""
WATCH_MS = 8_000
"""After that a hand that has not answered has failed."""
MESSAGE_MS = 120_000
"""The longest message."""
SHORTEST_MS = 800
"""A recording this short holds no message."""
MOST_MISSES = 2
ASKING = ("offer_callback", "offer_message", "confirm_number", "ask_number")
"""Errands that wait for the caller."""


def can_call_back(turn: Turn) -> bool:
    return numbers.is_number(turn.state.caller) or bool(turn.book.site.callback_countries)


def offer(turn: Turn, kind: Literal["offer_callback", "offer_message"]) -> None:
    """Put something else than waiting to the caller, as a question."""
    _begin(turn, Errand(kind=kind))


def call_back(turn: Turn) -> None:
    """The caller wants to be called back: on the number they call from, or on one they give."""
    caller = turn.state.caller
    _quiet(turn)
    if numbers.is_number(caller):
        _begin(turn, Errand(kind="confirm_number", number=caller))
    elif turn.book.site.callback_countries:
        _begin(turn, Errand(kind="ask_number"))
    else:
        _say(turn, turn.book.site.prompts.callback_failed)
        _begin(turn, Errand(kind="offer_message"))


def leave_message(turn: Turn) -> None:
    _quiet(turn)
    _begin(turn, Errand(kind="record"))


def give_up(turn: Turn) -> None:
    """Nothing came of it: the caller waits on."""
    _end(turn, turn.book.site.prompts.keep_place)


def again(turn: Turn, errand: Errand) -> None:
    """Put the question of the errand anew; one that was with a hand begins at its question."""
    errand = replace(errand, entry="")
    match errand.kind:
        case "booking":
            _begin(turn, replace(errand, kind="confirm_number"))
        case "recording" | "keeping":
            _begin(turn, replace(errand, kind="record"))
        case _:
            _begin(turn, errand)


def heard(turn: Turn, errand: Errand, meaning: Meaning) -> None:
    """An answer to the question of the errand."""
    if meaning.kind == "digits":
        _number(turn, errand, meaning.value)
    elif meaning.kind == "option" and meaning.confidence > CLEAR:
        _answer(turn, errand, is_yes=meaning.value == "yes")


def press(turn: Turn, errand: Errand, key: str) -> None:
    """A key while something is settled: 1 is yes, 2 is no, star gives up; digits where a number is asked."""
    if errand.kind not in ASKING:
        return
    if key == "*" and not errand.entry:
        give_up(turn)
    elif errand.kind == "ask_number":
        _key_digit(turn, errand, key)
    elif key in "12":
        _answer(turn, errand, is_yes=key == "1")


def silent(turn: Turn, errand: Errand) -> None:
    """No answer came, from the caller or from a hand."""
    if errand.kind not in ASKING:
        failed(turn, errand)
    elif errand.misses + 1 >= MOST_MISSES:
        give_up(turn)
    else:
        _begin(turn, replace(errand, misses=errand.misses + 1, entry=""))


def keys_paused(turn: Turn, errand: Errand) -> None:
    if errand.kind == "ask_number" and errand.entry:
        _number(turn, errand, errand.entry)


def booked(turn: Turn, errand: Errand, event: CallbackBooked) -> None:
    """The callback is arranged, or not."""
    prompts = turn.book.site.prompts
    if errand.kind != "booking":
        return
    if event.is_booked:
        _say(turn, prompts.callback_booked, number=numbers.spoken(errand.number, _home(turn)))
        turn.set(waiting=None)
        patterns.goodbye(turn, "callback")
        return
    match event.reason:
        case "number" | "country":
            _refuse(turn, errand)
        case "duplicate":
            _end(turn, prompts.callback_already)
        case _:
            _end(turn, prompts.callback_failed)


def recorded(turn: Turn, errand: Errand, event: Recorded) -> None:
    """The message is there: it becomes a task, and the caller hears so before goodbye."""
    waiting, prompts = turn.state.waiting, turn.book.site.prompts
    if waiting is None or errand.kind != "recording":
        return
    turn.cancel_timer("errand")
    if event.duration_ms < SHORTEST_MS:
        _end(turn, prompts.message_empty)
        return
    turn.actions.append(
        LeaveMessage(
            ticket_id=waiting.ticket.ticket_id,
            recording_id=event.recording_id,
            text=event.text,
            duration_ms=event.duration_ms,
        )
    )
    _set(turn, replace(errand, kind="keeping"))
    _say(turn, prompts.message_kept)


def failed(turn: Turn, errand: Errand) -> None:
    """A hand could not do its part: said, and the caller waits on."""
    prompts = turn.book.site.prompts
    match errand.kind:
        case "booking":
            _end(turn, prompts.callback_failed)
        case "recording" | "keeping":
            _end(turn, prompts.message_empty)
        case _:
            pass


def settle(turn: Turn, errand: Errand) -> bool:
    """What is due once nothing is being said; true where music is to play meanwhile."""
    match errand.kind:
        case "record":
            _record(turn, errand)
            return False
        case "recording":
            return False
        case "keeping":
            turn.set(waiting=None)
            patterns.goodbye(turn, "message")
            return False
        case "booking":
            return True
        case _:
            if not {"errand", "keys"} & set(turn.state.sound.timers):
                turn.set_timer("errand", ANSWER_MS)
            return not errand.entry


def hush_music(turn: Turn) -> None:
    """Make room for words; what is being said goes on."""
    if any(not prompt.phrases for prompt in turn.state.sound.playing):
        turn.hush()
        turn.forget_cut()


def _begin(turn: Turn, errand: Errand) -> None:
    """Put the question of an errand on the line."""
    prompts = turn.book.site.prompts
    _set(turn, errand)
    match errand.kind:
        case "offer_callback":
            _say(turn, prompts.offer_callback)
        case "offer_message":
            _say(turn, prompts.offer_message)
        case "confirm_number":
            _say(turn, prompts.callback_number, number=numbers.spoken(errand.number, _home(turn)))
        case "ask_number":
            _say(turn, prompts.which_number)
        case "record":
            turn.stop_listening()
            _say(turn, prompts.record_message)
        case "booking" | "recording" | "keeping":
            pass


def _answer(turn: Turn, errand: Errand, *, is_yes: bool) -> None:
    waiting = turn.state.waiting
    if waiting is None:
        return
    _quiet(turn)
    match errand.kind:
        case "offer_callback" if is_yes:
            call_back(turn)
        case "offer_message" if is_yes:
            leave_message(turn)
        case "confirm_number" if is_yes:
            turn.actions.append(BookCallback(ticket_id=waiting.ticket.ticket_id, number=errand.number))
            _set(turn, replace(errand, kind="booking"))
            turn.set_timer("errand", WATCH_MS)
        case "confirm_number" if turn.book.site.callback_countries:
            _begin(turn, Errand(kind="ask_number", misses=errand.misses))
        case _:
            give_up(turn)


def _key_digit(turn: Turn, errand: Errand, key: str) -> None:
    _quiet(turn)
    if key == "#":
        _number(turn, errand, errand.entry)
        return
    entry = errand.entry[:-1] if key == "*" else errand.entry + key
    _set(turn, replace(errand, entry=entry))
    turn.set_timer("keys", BETWEEN_KEYS_MS)


def _number(turn: Turn, errand: Errand, digits: str) -> None:
    """A number was given: read back where it may be called."""
    number = numbers.dialled(digits, turn.book.site.callback_countries)
    turn.cancel_timer("keys")
    if not number:
        _refuse(turn, errand)
        return
    _quiet(turn)
    _begin(turn, Errand(kind="confirm_number", number=number, misses=errand.misses))


def _refuse(turn: Turn, errand: Errand) -> None:
    prompts = turn.book.site.prompts
    if errand.misses + 1 >= MOST_MISSES or not turn.book.site.callback_countries:
        _end(turn, prompts.number_refused, prompts.keep_place)
        return
    _quiet(turn)
    _say(turn, prompts.number_refused)
    _begin(turn, Errand(kind="ask_number", misses=errand.misses + 1))


def _record(turn: Turn, errand: Errand) -> None:
    recording_id = turn.new_id("r")
    turn.stop_listening()
    turn.actions.append(Record(recording_id=f"{turn.state.call_id}.{recording_id}", max_ms=MESSAGE_MS))
    _set(turn, replace(errand, kind="recording"))
    turn.set_timer("errand", MESSAGE_MS + WATCH_MS)


def _end(turn: Turn, *templates: str) -> None:
    """Back to waiting."""
    _quiet(turn)
    _set(turn, None)
    _say(turn, *templates)


def _set(turn: Turn, errand: Errand | None) -> None:
    waiting = turn.state.waiting
    if waiting is None:
        return
    is_same = waiting.errand is not None and errand is not None and waiting.errand.kind == errand.kind
    turn.set(waiting=replace(waiting, errand=errand))
    if not is_same:
        turn.set_sound(is_listening=False)


def _quiet(turn: Turn) -> None:
    turn.cancel_timer("errand", "keys")
    turn.hush()
    turn.forget_cut()


def _say(turn: Turn, *templates: str, **more: str) -> None:
    hush_music(turn)
    turn.say(*templates, barge_in="hotword", is_kept=False, **more)


def _home(turn: Turn) -> str:
    countries = turn.book.site.callback_countries
    return countries[0] if countries else ""
