"""Values said in whole calls, with scripted ears: at the first try, after a repair, denied, wrongly taken."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from ivr.actions import Expectation
from ivr.audio import mulaw
from ivr.audio.vad import HarmonicDetector
from ivr.evaluation import calls
from ivr.events import Hypothesis
from ivr.line.audio import Sound
from ivr.rehearsal.call import mumble
from ivr.rehearsal.handset import Condition
from ivr.speech.stt import DIGITS

BOOK = calls.book()
KNOWN, OTHER = "18018010", "79927398"
"""Eight digits with a right check digit."""
VOICE = mumble()


class Ears:
    """Hears, utterance after utterance, what it was told to, so surely."""

    engine = "scripted"

    def __init__(self, *heard):
        self.heard = list(heard)

    async def open(self, expect):
        return Utterance(*(self.heard.pop(0) if self.heard else ("", 0.0)))


class Utterance:
    def __init__(self, text, sure):
        self.text, self.sure = text, sure

    async def feed(self, pcm):
        pass

    async def partial(self):
        return self.text

    async def finish(self):
        return (Hypothesis(text=self.text, confidence=self.sure),) if self.text else ()

    async def cancel(self):
        pass


class Mouth:
    async def render(self, text, voice="", *more):
        return mulaw.encode((3000 * np.sin(np.arange(1600) / 4)).astype("<i2").tobytes())


def called(folder, wanted, *heard, flow="string", book=BOOK):
    sound = Sound(
        Ears(*heard),
        Mouth(),
        HarmonicDetector,
        {"hold": b"\xff" * 8000},
        folder,
        Expectation(kind="commands"),
    )
    said = calls.Wanted(flow, wanted, wanted, (VOICE, VOICE))
    given = calls._given((KNOWN, OTHER))
    answers = {"yes": VOICE, "no": VOICE}
    call = calls.call(book, given, sound, said, answers, Condition())
    return asyncio.run(asyncio.wait_for(call, 60))


SIX = ("one two three four five five", 0.99)
"""123455 has a right check digit."""


def test_a_number_is_taken_at_the_first_try(tmp_path):
    outcome = called(tmp_path, "123455", SIX)
    assert (outcome.value, outcome.times) == ("123455", 1)


def test_a_number_is_said_again_once(tmp_path):
    outcome = called(tmp_path, "123455", ("one two", 0.9), SIX)
    assert outcome.value == "123455" and outcome.times == 2


def test_a_caller_who_is_not_understood_twice_gives_up(tmp_path):
    outcome = called(tmp_path, "123455", ("", 0), ("", 0), SIX)
    assert (outcome.value, outcome.times) == ("", 2)


def test_a_number_that_was_not_said_may_be_taken(tmp_path):
    assert called(tmp_path, "123455", ("one two three four six three", 0.99)).value == "123463"


def test_what_is_read_back_is_answered_truthfully(tmp_path):
    right = called(tmp_path, "12.00", ("twelve pounds", 0.95), ("yes", 0.99), flow="amount")
    assert (right.value, right.times) == ("12.00", 1)
    wrong = called(
        tmp_path,
        "12.00",
        ("ten pounds", 0.95),
        ("no", 0.99),
        ("twelve pounds", 0.95),
        ("yes", 0.99),
        flow="amount",
    )
    assert (wrong.value, wrong.times) == ("12.00", 2)


def test_without_confirmation_a_wrong_amount_is_taken(tmp_path):
    book = BOOK.leaving_out("confirmation")
    assert called(tmp_path, "12.00", ("ten pounds", 0.95), flow="amount", book=book).value == "10.00"


@pytest.mark.parametrize(("said", "taken"), [(KNOWN, KNOWN), (OTHER, OTHER), ("18018028", "")])
def test_an_account_must_be_in_the_books(tmp_path, said, taken):
    outcome = called(tmp_path, KNOWN, (" ".join(DIGITS[int(digit)] for digit in said), 0.99), flow="account")
    assert outcome.value == taken
