"""After every event: whatever the phase needs and lacks is set going, so that a call cannot stand still.

A live call always has a prompt on its way, a timer set or its last words said.
"""

from __future__ import annotations

from ivr.actions import Listen
from ivr.dialogue import callback, forms, lookup, steps, waiting
from ivr.dialogue.expect import between_keys_ms, expectation, no_input_ms
from ivr.dialogue.turn import Turn
from ivr.flow.model import Say


def settle(turn: Turn) -> None:
    """See that the call goes on by itself, or waits for something that will come."""
    told = 0
    while turn.state.phase == "telling" and not turn.state.sound.playing:
        step, told = turn.step, told + 1
        if told > steps.LONGEST_RUN or not isinstance(step, Say):
            turn.divert("the flow runs in a circle", turn.book.site.prompts.cannot_help)
        else:
            steps.go(turn, step.next)
    while turn.state.phase == "asking" and turn.state.keys and turn.barge_in() != "off":
        key, rest = turn.state.keys[0], turn.state.keys[1:]
        turn.set(keys=rest)
        forms.press(turn, key)
    if turn.state.phase == "asking" and not turn.state.visit.is_asked and not turn.state.visit.entry:
        steps.ask(turn, is_kept=True)
    sound = turn.state.sound
    match turn.state.phase:
        case "asking":
            _listen(turn)
            waits = {"no_input", "keys", "resume", "turn"} & set(sound.timers)
            if not sound.playing and not waits and turn.state.visit.entry:
                turn.set_timer("keys", between_keys_ms(turn.book, turn.step))
            elif not sound.playing and not waits:
                turn.set_timer("no_input", no_input_ms(turn.book, turn.step))
        case "looking_up":
            if not sound.playing and "filler" not in sound.timers:
                turn.set_timer("filler", lookup.AGAIN_MS)
        case "waiting":
            if turn.state.waiting is not None:
                waiting.settle(turn, turn.state.waiting)
            _listen(turn)
        case "bridged":
            if not sound.playing and "bridge" not in sound.timers:
                turn.play(waiting.HOLD)
        case "called_back":
            _listen(turn)
            if not sound.playing and "no_input" not in sound.timers:
                turn.set_timer("no_input", callback.ANSWER_MS)
        case "starting" | "telling" | "leaving" | "over":
            pass


def _listen(turn: Turn) -> None:
    """Tell the ears what to expect, once that has changed, and not over a prompt that nothing may stop."""
    if turn.state.sound.is_listening or turn.barge_in() == "off":
        return
    expect = expectation(turn.book, turn.state)
    if expect is None:
        return
    turn.actions.append(Listen(expect=expect))
    turn.set_sound(is_listening=True)
