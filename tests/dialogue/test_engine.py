"""Whatever happens in whatever order, a call goes on: random events against what must hold after each."""

from __future__ import annotations

import random
from pathlib import Path
from typing import get_args

import pytest
from sitekit import OTHERS
from talkkit import Line

from ivr.actions import CancelTimer, Divert, Hush, Listen, Play, Say, Ticket
from ivr.dialogue.callback import begin_callback
from ivr.dialogue.engine import handle, is_secret, where
from ivr.dialogue.expect import expectation
from ivr.dialogue.state import State, begin, from_json, to_json
from ivr.dialogue.steps import is_within
from ivr.errors import StoreError
from ivr.events import (
    AgentAnswered,
    AgentLeft,
    AgentOffered,
    AgentRefused,
    CallbackBooked,
    CallEnded,
    CallResumed,
    CallStarted,
    HandFailed,
    Heard,
    Hypothesis,
    LookedUp,
    Overflowed,
    Pressed,
    PromptEnded,
    QueuePlaced,
    Recorded,
    Refusal,
    Silent,
    SpeechStarted,
)
from ivr.flow.load import load, parse

STARTED = CallStarted(call_id="CA2", caller="", called="", started_at="2026-11-23T10:00:00+00:00")
WORDS = (
    "yes", "no", "help", "repeat", "go back", "start over", "operator", "what is my balance",
    "where is my parcel", "one two three four five six", "four four seven one two two nine seven",
    "opening hours", "uh", "", "the bank", "purple elephants dance", "how long", "back to the menu",
    "my order", "one two three four five six seven eight", "call me back", "leave a message",
    "you are useless and I am furious",
)  # fmt: skip
TICKET = Ticket(
    ticket_id="CA1.t1", call_id="CA1", queue="customer_service", reason="Wants a person.", intent="parcel",
    joined_ms=1_795_428_000_000, kind="callback",
)  # fmt: skip
MOST_ACTIONS = 30

FLOW = """
flow: main
start: notice
steps:
  notice:
    say: This call is recorded. It has to be said.
    barge_in: "off"
    next: terms
  terms:
    ask: Do you accept? Please listen to the end.
    barge_in: "off"
    choices:
      accept: { key: 1, phrases: [I accept, "yes"], next: legal }
      refuse: { key: 2, phrases: [I refuse, "no"], next: bye }
  legal:
    ask: This is a long text. Say stop when you have heard enough.
    barge_in: hotword
    choices:
      stop: { key: 1, phrases: [stop, enough], next: number }
      go_on: { key: 2, phrases: [go on], next: legal }
  number:
    collect: number
    ask: Your number?
    min: 2
    max: 5
    next: right
  right:
    confirm: Did you say {{ number | digits }}?
    of: number
    "yes": find
    "no": number
  find:
    look_up: thing
    with: { number: "{{ number }}" }
    found: tell
    failed: sorry
  tell:
    say: It is {{ thing.name }}.
    next: done
  sorry:
    ask: It failed. Again?
    choices:
      again: { key: 1, phrases: ["yes"], next: number }
      enough: { key: 2, phrases: ["no"], next: done }
  bye:
    hang_up: Then goodbye.
    outcome: refused
"""


RICH = """
flow: main
start: menu
steps:
  menu:
    ask: Well?
    choices:
      one: { key: 1, phrases: [what is my balance, "yes"], next: secret }
      two: { key: 2, phrases: [opening hours], next: chinese }
      three: { key: 3, phrases: [where is my parcel], next: keep }
      four: { key: 4, phrases: [my order, "no"], next: bye }
  secret:
    look_up: balance
    with: { account: "{{ account }}" }
    needs: pin
    if_refused: menu
    found: tell
    failed: menu
  tell:
    say: "{{ profile.name }} has some, {{ misses_so_far }}."
    barge_in: "off"
    next: menu
  chinese:
    language: zh
    next: again
  again:
    confirm: Again?
    "yes": menu
    "no": bye
  keep:
    remember: [name, language, pace, reason]
    next: set
  set:
    set: { misses_so_far: "{{ account | default(0) }}" }
    next: again
  bye:
    hang_up: ""
"""
PROVE = """
flow: prove
start: account
steps:
  account:
    collect: account
    ask: Account?
    digits: 6
    next: verify
  verify:
    look_up: verify
    with: { account: "{{ account }}" }
    into: identity
    proves: pin
    proves_if: identity.verified
    found: done
    failed: done
"""
ASIDE = """
flow: {0}
start: one
steps:
  one:
    say: This is {0}.
    next: two
  two:
    ask: Shall we go on?
    choices:
      on: {{ key: 1, phrases: ["yes", "my order"], next: done }}
      off: {{ key: 2, phrases: ["no", opening hours], next: person }}
      end: {{ key: 3, phrases: [uh], next: end }}
  person:
    transfer: customer_service
    reason: Out of {0}.
  end:
    hang_up: ""
"""
PATTERNS = ("silence", "no_match", "repeat", "cannot_help", "goodbye")


@pytest.fixture(scope="module")
def rich():
    """Flows for all that happens on every call, proofs, languages, profiles."""
    named = ", ".join(f"{pattern}: {pattern}" for pattern in PATTERNS)
    site = (
        OTHERS["site.yaml"]
        + f"\nlanguages: {{ zh: {{}} }}\nidentify: {{ pin: prove }}\npatterns: {{ {named} }}\n"
    )
    asides = {f"{pattern}.yaml": ASIDE.format(pattern) for pattern in PATTERNS}
    zh = "steps:\n  menu: { ask: 您要什么？ }\n"
    return parse(
        {**OTHERS, **asides, "site.yaml": site, "main.yaml": RICH, "main.zh.yaml": zh, "prove.yaml": PROVE}
    )


@pytest.fixture(scope="module")
def small():
    return parse({**OTHERS, "main.yaml": FLOW})


@pytest.fixture(scope="module")
def sample():
    """The sample company as it is now."""
    return load(Path(__file__).parents[2] / "call_flows")


def some_event(rng: random.Random, state: State, at_ms: int):
    playing = state.sound.playing + state.sound.hushed
    match rng.randrange(17):
        case 0 | 1:
            return SpeechStarted(at_ms=at_ms)
        case 2 | 3 | 4:
            said = tuple(
                Hypothesis(text=rng.choice(WORDS), confidence=rng.random() ** 0.3)
                for _ in range(rng.randrange(4))
            )
            return Heard(at_ms=at_ms, hypotheses=said, is_cut=rng.random() < 0.1)
        case 5 | 6:
            return Pressed(at_ms=at_ms, key=rng.choice("0123456789*#"))
        case 7:
            timers = (*state.sound.timers, "no_input", "keys", "lookup", "queue_check", "unheard_of")
            return Silent(at_ms=at_ms, timer=rng.choice(timers))
        case 8 | 9 if playing:
            prompt = rng.choice(playing)
            played = rng.randint(0, len(prompt.phrases))
            return PromptEnded(
                at_ms=at_ms, prompt_id=prompt.prompt_id, played=played, is_finished=rng.random() < 0.7
            )
        case 10:
            fields = {"verified": rng.random() < 0.5, "name": "Ann", "identity": rng.choice(["pin", 3, None])}
            return LookedUp(
                at_ms=at_ms, lookup_id=rng.choice((state.lookup_id, "l0")), is_found=rng.random() < 0.7,
                fields=fields,
            )  # fmt: skip
        case 11:
            action = rng.choice(
                (
                    "say", "play", "lookup", "enqueue", "check_queue", "dequeue", "keep", "divert", "bridge",
                    "book_callback", "record", "leave_message",
                )
            )  # fmt: skip
            refs = [state.lookup_id, *(prompt.prompt_id for prompt in playing)]
            refs += [state.waiting.ticket.ticket_id] if state.waiting else []
            return HandFailed(at_ms=at_ms, action=action, ref=rng.choice(refs))
        case 12 if state.waiting:
            ticket_id = state.waiting.ticket.ticket_id
            low_ms, high_ms = sorted((rng.randrange(600_000), rng.randrange(600_000)))
            return QueuePlaced(
                at_ms=at_ms, ticket_id=ticket_id, position=rng.randrange(5), size=5, wait_low_ms=low_ms,
                wait_high_ms=high_ms, has_agents=rng.random() < 0.8,
            )  # fmt: skip
        case 13 if rng.random() < 0.3:
            return rng.choice((CallResumed(at_ms=at_ms), STARTED))
        case 14 | 15 | 16:
            return news_of_the_line(rng, state, at_ms)
    return Pressed(at_ms=at_ms, key=rng.choice("129"))


def news_of_the_line(rng: random.Random, state: State, at_ms: int):
    ticket_id = state.waiting.ticket.ticket_id if state.waiting and rng.random() < 0.9 else "gone"
    offer_id = f"O{rng.randrange(3)}"
    fields = rng.choice(
        ({}, {"name": "Ann", "identity_checked": True, "now": "x"}, {"rating": [1, {"a": None}]})
    )
    one = rng.randrange(8)
    match one:
        case 0:
            return Overflowed(
                at_ms=at_ms, ticket_id=ticket_id, to=rng.choice(("queue", "callback", "message")),
                queue=rng.choice(("complaints", "customer_service", "nowhere")),
                why=rng.choice(("wait", "closed", "nobody", "full")),
            )  # fmt: skip
        case 1 | 2:
            return AgentOffered(at_ms=at_ms, ticket_id=ticket_id, offer_id=offer_id)
        case 3 | 4:
            reason = rng.choice(get_args(Refusal))
            return AgentRefused(
                at_ms=at_ms, ticket_id=ticket_id, offer_id=offer_id, reason=reason, tries=rng.randrange(6)
            )
        case 5:
            return rng.choice((
                AgentAnswered(at_ms=at_ms, ticket_id=ticket_id, offer_id=offer_id, room="R", agent_name="Bea"),
                CallbackBooked(
                    at_ms=at_ms, ticket_id=ticket_id, is_booked=rng.random() < 0.3,
                    reason=rng.choice(("number", "country", "hours", "duplicate", "gone")),
                ),
            ))  # fmt: skip
        case 6:
            reason = rng.choice(("hung_up", "handed_back", "lost", "never_came"))
            target = rng.choice(("survey", "identify", "another", "nothing"))
            return AgentLeft(at_ms=at_ms, ticket_id=ticket_id, reason=reason, target=target, fields=fields)
    return Recorded(at_ms=at_ms, recording_id="R1", duration_ms=rng.randrange(5_000), text="call me")


def has_music_or_words(state: State, line: Line) -> bool:
    """Whether a caller in line, or on the way to a person, hears something now."""
    errand = state.waiting.errand if state.waiting else None
    is_their_turn = errand is not None and (errand.kind == "recording" or bool(errand.entry))
    return bool(line.playing) or is_their_turn or (state.phase == "bridged" and "bridge" in line.timers)


@pytest.mark.parametrize("seed", range(180))
def test_any_event_in_any_state(sample, small, rich, seed):
    rng = random.Random(seed)
    flows = (sample, small, rich)[seed % 3]
    state, line, at_ms, ids = begin(flows, STARTED), Line(), 0, set()
    if seed % 5 == 0:
        state = begin_callback(flows, STARTED, TICKET)
    state, actions = handle(flows, state, STARTED)
    line.after(actions)
    for _ in range(120):
        at_ms += rng.randrange(4_000)
        event = some_event(rng, state, at_ms)
        line.before(event, state.phase)
        is_over = state.phase in ("over", "leaving")
        state, actions = handle(flows, state, event)
        line.after(actions)
        assert from_json(to_json(state)) == state
        assert len(actions) <= MOST_ACTIONS
        assert all(is_within(state.stack, aside) for aside in state.asides), "whoever left it, left it whole"
        said = [action.prompt_id for action in actions if isinstance(action, Say | Play)]
        assert not ids & set(said) and len(set(said)) == len(said), "prompt ids are unique"
        ids |= set(said)
        if not is_over and state.phase not in ("over", "leaving"):
            assert line.playing or line.timers, f"mute at {where(state)} {state.phase} after {event}"
        assert (state.waiting is not None) == (
            state.phase in ("waiting", "bridged")
        ) or state.phase == "leaving"
        if state.phase in ("waiting", "bridged"):
            assert has_music_or_words(state, line), f"mute in line after {event}"
        if state.phase == "asking" and any(isinstance(action, Listen) for action in actions):
            assert expectation(flows, state) is not None
    state, _ = handle(flows, state, CallEnded(at_ms=at_ms))
    assert (state.phase, state.waiting) == ("over", None)
    for _ in range(10):
        same, actions = handle(flows, state, some_event(rng, state, at_ms))
        assert actions == () and same.phase == "over"


def test_a_prompt_nothing_may_stop(small):
    state, actions = handle(small, begin(small, STARTED), STARTED)
    assert [type(action) for action in actions] == [Say] and state.phase == "telling"
    for event in (SpeechStarted(at_ms=1), Heard(at_ms=2), Pressed(at_ms=3, key="1")):
        state, actions = handle(small, state, event)
        assert actions == () and state.keys == ""
    state, actions = handle(small, state, PromptEnded(at_ms=4, prompt_id="p1", played=2, is_finished=True))
    assert where(state) == "main.terms" and not any(isinstance(action, Listen) for action in actions)
    state, actions = handle(small, state, Pressed(at_ms=5, key="1"))
    assert where(state) == "main.terms" and actions == ()
    state, actions = handle(small, state, PromptEnded(at_ms=6, prompt_id="p2", played=2, is_finished=True))
    assert any(isinstance(action, Listen) for action in actions)
    state, actions = handle(small, state, Pressed(at_ms=7, key="1"))
    assert where(state) == "main.legal"


def test_hotword_goes_on_until_a_match(small):
    state, _ = handle(small, begin(small, STARTED), STARTED)
    state, _ = handle(small, state, PromptEnded(at_ms=4, prompt_id="p1", played=2, is_finished=True))
    state, _ = handle(small, state, PromptEnded(at_ms=6, prompt_id="p2", played=2, is_finished=True))
    state, _ = handle(small, state, Pressed(at_ms=7, key="1"))
    for said in ("what a long text", "mm"):
        state, actions = handle(small, state, SpeechStarted(at_ms=8))
        assert not any(isinstance(action, Hush) for action in actions)
        heard = Heard(at_ms=9, hypotheses=(Hypothesis(text=said, confidence=0.9),))
        state, actions = handle(small, state, heard)
        assert not any(isinstance(action, Hush | Say) for action in actions) and state.misses == 0
    heard = Heard(at_ms=10, hypotheses=(Hypothesis(text="stop", confidence=0.9),))
    state, actions = handle(small, state, heard)
    assert isinstance(actions[0], Hush | CancelTimer) and where(state) == "main.number"


def test_a_flow_that_fails_gives_the_caller_to_a_person(small):
    state, _ = handle(small, begin(small, STARTED), STARTED)
    state, _ = handle(small, state, PromptEnded(at_ms=4, prompt_id="p1", played=2, is_finished=True))
    state, _ = handle(small, state, PromptEnded(at_ms=6, prompt_id="p2", played=2, is_finished=True))
    for key in "1112#1":
        state, _ = handle(small, state, Pressed(at_ms=7, key=key))
    assert where(state) == "main.find"
    answer = LookedUp(at_ms=8, lookup_id=state.lookup_id, is_found=True, fields={})
    state, _ = handle(small, state, answer)
    assert state.phase == "waiting" and "The flow failed" in state.waiting.ticket.reason
    for late in (answer, HandFailed(at_ms=9, action="lookup", ref=answer.lookup_id)):
        same, _ = handle(small, state, late)
        assert same.phase == "waiting" and same.waiting == state.waiting, "it answers nobody any more"


def test_secrets_are_known_to_be_secret(talk):
    talk.hears()
    talk.says("what is my balance")
    assert not is_secret(talk.book, talk.state)
    talk.presses("44712297")
    talk.presses("1")
    assert is_secret(talk.book, talk.state), "typed ahead: it may be the PIN"
    talk.looked_up(account="44712297")
    assert is_secret(talk.book, talk.state)


def test_a_state_of_another_version_is_refused_in_words():
    for text in ("", "[]", "{}", '{"version": 99}', '{"version": 1}'):
        with pytest.raises(StoreError, match="found"):
            from_json(text)


def test_a_stray_key_typed_ahead_does_not_swallow_the_question(talk):
    talk.hears()
    talk.says("what is my balance")
    talk.presses("44712297")
    talk.presses("*")
    talk.looked_up(account="44712297")
    assert "PIN" in talk.words()


def test_noise_whose_cut_is_reported_late(book):
    state, _ = handle(book, begin(book, STARTED), STARTED)
    state, actions = handle(book, state, SpeechStarted(at_ms=1))
    assert Hush() in actions
    state, actions = handle(book, state, Heard(at_ms=2))
    assert not any(isinstance(action, Say) for action in actions), "where it was cut is not known yet"
    state, _ = handle(book, state, PromptEnded(at_ms=3, prompt_id="p1", played=1, is_finished=False))
    state, actions = handle(book, state, PromptEnded(at_ms=3, prompt_id="p2", played=0, is_finished=False))
    said = [action.phrases for action in actions if isinstance(action, Say)]
    assert said == [("How can I help you today?",)]


def test_noise_whose_cut_is_never_reported(book):
    state, _ = handle(book, begin(book, STARTED), STARTED)
    state, _ = handle(book, state, SpeechStarted(at_ms=1))
    state, _ = handle(book, state, Heard(at_ms=2))
    state, actions = handle(book, state, Silent(at_ms=1_002, timer="resume"))
    said = [action.phrases for action in actions if isinstance(action, Say)]
    assert said == [("Hello, this is Fernhill.", "How can I help you today?")]


def test_a_ticket_shows_no_secret_and_no_number_in_its_turns(talk):
    talk.hears()
    talk.says("what is my balance")
    talk.says("four four seven one two two nine seven")
    talk.looked_up(account="44712297")
    talk.presses("1")
    talk.says("eight seven")
    talk.says("operator")
    ticket = talk.state.waiting.ticket
    told = " ".join(turn.text for turn in ticket.turns)
    assert "what is my balance" in told and "agent" in told
    for secret in ("four four", "4471", "eight seven", "187"):
        assert secret not in told
    assert ticket.fields["account"] == "44712297" and "pin" not in ticket.fields


def test_go_back_from_a_doubt_asks_the_question_itself(talk):
    talk.hears()
    talk.says("opening hours", confidence=0.6)
    assert talk.state.visit.doubt == "hours"
    talk.says("go back")
    assert talk.words() == "How can I help you today?" and talk.state.visit.doubt == ""


CIRCLE = """
flow: main
start: first
steps:
  first: { say: "{{ 'x' if company == '' else '' }}", barge_in: "off", next: second }
  second: { say: "{{ 'x' if company == '' else '' }}", barge_in: "off", next: ask }
  ask:
    ask: Well?
    choices:
      again: { key: 1, phrases: [again], next: first }
      enough: { key: 2, phrases: [enough], next: done }
"""


def test_a_flow_that_runs_in_a_circle_without_a_word(small):
    flow = parse({**OTHERS, "main.yaml": CIRCLE}).flows["main"]
    second = flow.steps["second"].model_copy(update={"next": "first"})
    circle = flow.model_copy(update={"steps": {**flow.steps, "second": second}})
    round_and_round = small.model_copy(update={"flows": {"main": circle}})
    state, actions = handle(round_and_round, begin(round_and_round, STARTED), STARTED)
    assert state.exit == "divert" and isinstance(actions[-1], Divert)


def test_a_number_read_back_stays_out_of_the_tickets_turns(talk):
    talk.hears()
    talk.presses("1")
    talk.presses("44712297")
    talk.looked_up(False)
    assert "four four seven" in talk.words()
    talk.presses("1")
    told = " ".join(turn.text for turn in talk.state.waiting.ticket.turns)
    assert "I have no account" in told and "four four" not in told


def test_a_timer_that_was_cancelled_is_no_news(talk):
    talk.hears()
    talk.starts_to_speak()
    before = talk.state
    talk.emit(Silent(at_ms=talk.at_ms, timer="no_input"))
    assert talk.last == () and talk.state == before


def test_digits_mumbled_while_keying_are_not_entered_twice(talk):
    talk.hears()
    talk.presses("3")
    talk.presses("447")
    talk.says("four four seven")
    assert talk.state.visit.entry == "447" and "keys" in talk.state.sound.timers
    talk.presses("129")
    assert talk.state.fields["order_number"] == "447129"


SILENT = """
flow: main
start: more
steps:
  more:
    ask: Anything else?
    misses: 1
    if_silent: bye
    if_unclear: sorry
    choices:
      again: { key: 1, phrases: [yes please], next: more }
  sorry: { hang_up: Sorry about that. }
  bye: { hang_up: Bye then. }
"""


def test_silence_to_the_end_goes_where_the_step_says(small):
    book = parse({**OTHERS, "main.yaml": SILENT})
    state, _ = handle(book, begin(book, STARTED), STARTED)
    said = []
    for _ in range(2):
        for prompt in state.sound.playing:
            ended = PromptEnded(at_ms=1, prompt_id=prompt.prompt_id, played=9, is_finished=True)
            state, _ = handle(book, state, ended)
        state, actions = handle(book, state, Silent(at_ms=2, timer="no_input"))
        said += [phrase for action in actions if isinstance(action, Say) for phrase in action.phrases]
    assert said[-1] == "Bye then." and state.exit == "hangup" and state.outcome == "completed"


def test_words_that_never_fit_go_where_the_step_says():
    book = parse({**OTHERS, "main.yaml": SILENT})
    state, _ = handle(book, begin(book, STARTED), STARTED)
    heard = Heard(at_ms=3, hypotheses=(Hypothesis(text="purple elephants dance", confidence=0.9),))
    for _ in range(2):
        state, actions = handle(book, state, heard)
    said = [phrase for action in actions if isinstance(action, Say) for phrase in action.phrases]
    assert said == ["Sorry about that."] and state.exit == "hangup"
