"""Whole calls: a caller says a value until the real dialogue has taken it, over a line in memory.

Voice activity, end of turn, recognition, asking back and repair are those of a live call (``rehearsal.call``). The
caller answers what is read back truthfully, and says the value again when asked. Nothing is understood here.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ivr import checkdigit
from ivr.actions import Expectation
from ivr.audio import mulaw
from ivr.audio.music import hold_clip
from ivr.audio.vad import HarmonicDetector
from ivr.dialogue.warm import questions
from ivr.evaluation.desk import Desk, name_of
from ivr.evaluation.digits import ARCHIVE, Voices, recorded
from ivr.evaluation.figures import CLEAN, STRINGS, STRINGS_FIRST, STRINGS_WRONG, WRONG, Miss
from ivr.evaluation.switches import leaving_out
from ivr.events import Heard
from ivr.flow.load import parse
from ivr.flow.site import Book
from ivr.flow.spoken import money
from ivr.line.audio import Sound
from ivr.rehearsal.actor import Begin, HangUp, Order, Settle, Speak
from ivr.rehearsal.call import Call
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.model import Given, Reply, Talk
from ivr.rehearsal.read import Script
from ivr.rehearsal.sound import power_of
from ivr.rehearsal.stage import OPENING, Stage
from ivr.speech import engines

PART = "calls"
FIELD = "value"
"""What the flows of this room collect."""
AGAIN = 1
"""Repairs after which the caller gives up."""
MOST_TURNS = 12
CURRENCY = "GBP"
CUSTOMERS = 1_000
"""Accounts in the company's books: a slip may hit another customer."""
POUNDS = (1, 2_000)
"""Amounts that callers say, from and to."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call: the value and the sound of it, each time it is said."""

    flow: str
    said: str
    """For a reader."""
    value: str
    takes: tuple[bytes, ...]
    """PCM16 8 kHz, one for each time it is said."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it."""

    value: str
    """What the dialogue took, as text; empty: nothing."""
    times: int
    """How often the caller said it."""
    heard: str
    """What was heard last, for a reader."""


class Caller:
    """Says a value, and yes or no to what is read back."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.times = 0

    def acts(self, stage: Stage) -> Iterator[Order]:
        stage.begin_beat(OPENING, "")
        yield Begin()
        yield Settle()
        for index in range(MOST_TURNS):
            visit = stage.state.visit
            if stage.state.phase != "asking" or (not visit.doubt and self.times > AGAIN):
                break
            if visit.doubt:
                said = "yes" if visit.guesses and visit.guesses[0].value == self._wanted.value else "no"
            else:
                said = str(self.times)
                self.times += 1
            stage.begin_beat(index, said)
            yield Speak(said)
            yield Settle()
        if not stage.is_over:
            yield HangUp()


async def measure(desk: Desk) -> None:
    flows = leaving_out(book(), desk.without)
    voices = recorded(desk.data)
    if voices is None:
        desk.report.notes.append(
            f"Numbers by recorded people were not measured: no {ARCHIVE}; set IVR_TEST_DATA."
        )
    await desk.ear.warm(questions(flows))
    renderer = engines.voice(desk.config)
    try:
        with tempfile.TemporaryDirectory(prefix="ivr-evaluation-") as folder:
            clips = {"hold": mulaw.encode(hold_clip())}
            sound = Sound(
                desk.ear, renderer, HarmonicDetector, clips, Path(folder), Expectation(kind="commands")
            )
            await _all(desk, flows, sound, voices)
    finally:
        await renderer.close()


async def _all(desk: Desk, flows: Book, sound: Sound, voices: Voices | None) -> None:
    accounts = _accounts(random.Random("accounts"))
    given = _given(accounts)
    answers = {word: await desk.speak(word) for word in ("yes", "no")}

    async def acted(wanted: Sequence[Wanted], condition: Condition) -> list[Outcome]:
        async def one(numbered: tuple[int, Wanted]) -> Outcome:
            seed, each = numbered
            line = Condition(condition.noise_db, condition.loss_percent, seed=seed)
            return await call(flows, given, sound, each, answers, line)

        return await desk.each(one, enumerate(wanted))

    for condition in _conditions(desk):
        name = name_of(condition)
        strings = _strings(desk, voices, name) if voices else []
        desk.told(f"calls: {len(strings)} numbers of six digits, {name}")
        _count_strings(desk, name, strings, await acted(strings, condition))
    risky = (_numbers(desk, voices, accounts) if voices else []) + await _amounts(desk)
    desk.told(f"calls: {len(risky)} accounts and amounts, {CLEAN}")
    _count_risks(desk, risky, await acted(risky, Condition()))


def _count_strings(desk: Desk, condition: str, wanted: Sequence[Wanted], found: Sequence[Outcome]) -> None:
    _keep(desk, condition, wanted, found)
    pairs = list(zip(wanted, found, strict=True))
    if pairs:
        first = sum(one.value == each.value and one.times == 1 for each, one in pairs)
        desk.figure(PART, STRINGS_FIRST, condition, first, len(pairs))
        desk.figure(PART, STRINGS, condition, sum(one.value == each.value for each, one in pairs), len(pairs))
        wrong = sum(one.value not in ("", each.value) for each, one in pairs)
        desk.figure(PART, STRINGS_WRONG, condition, wrong, len(pairs))


def _count_risks(desk: Desk, wanted: Sequence[Wanted], found: Sequence[Outcome]) -> None:
    _keep(desk, CLEAN, wanted, found)
    pairs = list(zip(wanted, found, strict=True))
    wrong = [each.flow for each, one in pairs if one.value not in ("", each.value)]
    accounts = wrong.count("account")
    note = f"{accounts} account numbers and {len(wrong) - accounts} amounts"
    desk.figure(PART, WRONG, CLEAN, len(wrong), len(pairs), note)
    for flow, title in (("account", "account numbers taken rightly"), ("amount", "amounts taken rightly")):
        mine = [one.value == each.value for each, one in pairs if each.flow == flow]
        desk.figure(PART, title, CLEAN, sum(mine), len(mine), "after at most one repair")


async def call(
    book: Book, given: Given, sound: Sound, wanted: Wanted, answers: dict[str, bytes], condition: Condition
) -> Outcome:
    """One call in which a value is said until it is taken, or given up."""
    script = Script(wanted.said, wanted.flow, "", Talk(given=given), 0, (), {})
    stage, caller = Stage.of(script, book), Caller(wanted)
    voices = {**answers, **{str(at): take for at, take in enumerate(wanted.takes)}}
    power = power_of(wanted.takes)
    await Call(stage, condition, sound, voices, power, acts=caller.acts).run()
    heard = [
        moment.event.hypotheses[0].text
        for moment in stage.moments
        if isinstance(moment.event, Heard) and moment.event.hypotheses
    ]
    is_taken = stage.state.outcome == "taken"
    value = str(stage.state.fields.get(FIELD, "")) if is_taken else ""
    return Outcome(value, caller.times, " / ".join(heard))


def _keep(desk: Desk, condition: str, wanted: Sequence[Wanted], found: Sequence[Outcome]) -> None:
    for each, one in zip(wanted, found, strict=True):
        if one.value != each.value:
            miss = Miss(PART, condition, each.said, one.heard, each.value, one.value or "nothing", 0.0)
            desk.report.misses.append(miss)


def _conditions(desk: Desk) -> list[Condition]:
    """A clean line, and one with as much noise as a street has."""
    return [one for one in desk.sizes.conditions if not one.loss_percent and one.noise_db in (None, 15)]


def _strings(desk: Desk, voices: Voices, condition: str) -> list[Wanted]:
    chance = random.Random(f"strings {condition}")
    bodies = [
        (speaker, checkdigit.append("luhn", "".join(chance.choices("0123456789", k=5))))
        for speaker in voices.speakers
        for _ in range(desk.sizes.strings)
    ]
    return [_said("string", voices, speaker, digits, chance) for speaker, digits in bodies]


def _numbers(desk: Desk, voices: Voices, accounts: Sequence[str]) -> list[Wanted]:
    chance = random.Random("account numbers")
    return [
        _said("account", voices, speaker, chance.choice(accounts), chance)
        for speaker in voices.speakers
        for _ in range(desk.sizes.strings)
    ]


def _said(flow: str, voices: Voices, speaker: str, digits: str, chance: random.Random) -> Wanted:
    takes = tuple(voices.string(speaker, digits, chance) for _ in range(AGAIN + 1))
    return Wanted(flow, f"{digits} by {speaker}", digits, takes)


async def _amounts(desk: Desk) -> list[Wanted]:
    """Amounts in the material's words, and round and odd ones by chance in those of the machine itself."""
    chance = random.Random("amounts")
    said = [(one.text, one.value) for one in desk.material.fields if one.type == "money"]
    for _ in range(desk.sizes.strings * 2):
        pounds, pence = chance.randint(*POUNDS), chance.choice((0, chance.randrange(1, 100)))
        value = f"{pounds}.{pence:02d}"
        said.append((money(value, CURRENCY), value))
    return [Wanted("amount", text, value, (await desk.speak(text),) * (AGAIN + 1)) for text, value in said]


def _accounts(chance: random.Random) -> tuple[str, ...]:
    return tuple(
        checkdigit.append("luhn", "".join(chance.choices("0123456789", k=7))) for _ in range(CUSTOMERS)
    )


def _given(accounts: Sequence[str]) -> Given:
    known = tuple(Reply.model_validate({"with": {FIELD: number}}) for number in accounts)
    return Given(look_ups={"account_exists": (*known, Reply(gives="not found"))})


def book() -> Book:
    """The flows of this room."""
    folder = resources.files("ivr.evaluation").joinpath("flows")
    return parse(
        {
            each.name: each.read_text(encoding="utf-8")
            for each in folder.iterdir()
            if each.name.endswith(".yaml")
        }
    )
