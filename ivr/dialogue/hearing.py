"""The caller's voice and our own: barge-in, utterances, and prompts that end at the caller's ear."""

from __future__ import annotations

from dataclasses import replace

from ivr.actions import Expectation
from ivr.dialogue import callback, errand, fields, forms, guessing, mood, repair, transfer, waiting
from ivr.dialogue.confirm import CLEAR
from ivr.dialogue.expect import expectation
from ivr.dialogue.state import Waiting
from ivr.dialogue.turn import Turn
from ivr.events import Heard, PromptEnded
from ivr.flow.model import Ask, Collect, Form
from ivr.mask import AT_LEAST, mask_text
from ivr.nlu.match import ACCEPT, Meaning, understand

SPARE_MS = 5_000
"""Beyond the longest utterance: an utterance that never ends in an event must not leave the call mute."""


def speech_started(turn: Turn) -> None:
    expect = expectation(turn.book, turn.state)
    mode = turn.barge_in()
    if turn.state.phase != "asking" or expect is None or mode == "off":
        return
    if mode == "speech":
        turn.hush()
    turn.cancel_timer("no_input", "keys", "resume")
    turn.set_sound(is_speaking=True, is_resuming=False)
    turn.set_timer("turn", expect.max_speech_ms + SPARE_MS)


def heard(turn: Turn, event: Heard) -> None:
    expect = expectation(turn.book, turn.state)
    turn.cancel_timer("turn")
    turn.set_sound(is_speaking=False)
    if expect is None or turn.barge_in() == "off":
        return
    meaning = understand(expect, event.hypotheses)
    if turn.state.phase == "called_back":
        callback.heard(turn, meaning)
        return
    if turn.state.waiting is not None:
        _heard_waiting(turn, turn.state.waiting, meaning, event)
        return
    visit, is_hot = turn.state.visit, turn.barge_in() == "hotword"
    if visit.is_keyed and visit.entry and meaning.kind != "command" and not forms.is_rest(turn, meaning):
        return
    if is_hot and (meaning.kind == "nothing" or meaning.confidence <= ACCEPT):
        return
    if meaning.kind == "nothing" and not meaning.text and not event.is_cut:
        repair.noise(turn)
        return
    turn.hush()
    turn.forget_cut()
    if _is_for_people(turn, meaning, expect, event):
        return
    match meaning.kind:
        case "option" if forms.is_far_fetched(turn, meaning):
            forms.unfit(turn, meaning, expect, "")
        case "option":
            forms.choose(turn, meaning.value, meaning.confidence)
        case "digits":
            forms.speak(turn, meaning)
        case "values":
            guessing.hear(turn, meaning, expect, event.hypotheses)
        case "command":
            repair.command(turn, meaning.value)
        case "nothing":
            forms.unfit(turn, meaning, expect, turn.book.site.prompts.too_long if event.is_cut else "")


def prompt_ended(turn: Turn, event: PromptEnded) -> None:
    sound = turn.state.sound
    playing = tuple(prompt for prompt in sound.playing if prompt.prompt_id != event.prompt_id)
    hushed = tuple(
        replace(prompt, played=event.played) if prompt.prompt_id == event.prompt_id else prompt
        for prompt in sound.hushed
    )
    turn.set_sound(playing=playing, hushed=hushed, failures=0)
    if sound.is_resuming and hushed != sound.hushed:
        repair.go_on(turn)


def _heard_waiting(turn: Turn, place: Waiting, meaning: Meaning, event: Heard) -> None:
    if not meaning.text:
        return
    mood.notice(turn, meaning.text, mask_text(meaning.text), event.voice)
    if meaning.value == "agent" and meaning.confidence <= ACCEPT:
        return
    if meaning.kind == "command":
        waiting.command(turn, place, meaning.value)
    elif place.errand is not None and meaning.kind != "nothing":
        errand.heard(turn, place.errand, meaning)


def _is_for_people(turn: Turn, meaning: Meaning, expect: Expectation, event: Heard) -> bool:
    """Whether the words, and the voice, are a person's to answer, whatever they mean here."""
    noted = _noted(turn, meaning)
    is_plain = _is_secret(turn) or mood.is_example(expect, meaning.text)
    is_upset = meaning.kind != "digits" and mood.notice(
        turn, meaning.text, noted, event.voice, is_plain=is_plain
    )
    turn.note("caller", noted)
    return _is_of_topic(turn, meaning) or _is_soothed(turn, meaning, is_upset=is_upset)


def _is_of_topic(turn: Turn, meaning: Meaning) -> bool:
    """A caller who speaks of what the site keeps for people goes to one, with the words that said so."""
    is_asked = meaning.kind != "digits" and not _is_secret(turn)
    found = mood.topic(turn, meaning.text, meaning.value) if is_asked else None
    if found is None:
        return False
    rule, site = turn.book.site.mood.topics[found.name], turn.book.site
    turn.set(topics=(*turn.state.topics, found.name))
    reason = f"The caller spoke of a {found.name.replace('_', ' ')} matter: \u201c{found.words}\u201d."
    transfer.begin(turn, rule.queue or site.agent_queue, rule.say, reason, rule.priority)
    return True


def _is_soothed(turn: Turn, meaning: Meaning, *, is_upset: bool) -> bool:
    """An upset caller goes to a person at once, with words of understanding; once a call."""
    state, rule, step = turn.state, turn.book.site.mood, turn.step
    asks_anyway = meaning.kind == "command" and meaning.value == "agent"
    if not is_upset or not rule.transfer or state.is_soothed or asks_anyway:
        return False
    reason = "The caller is upset."
    is_clear = meaning.kind == "option" and meaning.confidence > CLEAR
    if isinstance(step, Ask) and step.open and is_clear:
        turn.set(intent=meaning.value)
        reason = f"The caller is upset about {step.named(meaning.value)}."
    turn.set(is_soothed=True)
    transfer.begin(turn, rule.queue or turn.book.site.agent_queue, turn.book.site.prompts.upset, reason)
    return True


def _noted(turn: Turn, meaning: Meaning) -> str:
    """What was said, for the agent, without its numbers: those stand in the fields."""
    is_filled = isinstance(turn.step, Collect | Form)
    if _is_secret(turn):
        return meaning.value if meaning.kind == "command" else "(said something secret)"
    return mask_text(meaning.text, 1 if is_filled else AT_LEAST)


def _is_secret(turn: Turn) -> bool:
    step = turn.step
    return isinstance(step, Collect | Form) and fields.has_secret(step)
