"""What the sample company answers where it takes code."""

from __future__ import annotations

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, Row, select

from ivr.lookups import schema
from ivr.lookups.sample import LOCK_S, Sample
from ivr.lookups.seed import DEMO

TODAY = date(2026, 11, 24)
WRONG = "0000"


def rows(engine: Engine, table: Any) -> list[Row[Any]]:
    with engine.connect() as connection:
        return list(connection.execute(select(table)))


def test_every_answer_has_the_fields_of_its_signature_as_json(sample: Sample) -> None:
    right = {"account": DEMO.account, "pin": DEMO.pin}
    for lookup in sample.lookups():
        signature = lookup.signature
        answer = lookup.run(**{name: right[name] for name in signature.parameters})
        assert answer.is_found, signature
        assert tuple(answer.fields) == signature.fields
        assert json.loads(json.dumps(answer.fields)) == answer.fields


@pytest.mark.parametrize("unknown", ["", "00000000", "' OR 1=1 --", "4071826"])
def test_the_unknown_is_not_found(sample: Sample, unknown: str) -> None:
    assert not sample.verify_pin(unknown, DEMO.pin).is_found


def test_the_right_pin_gives_the_name(sample: Sample) -> None:
    answer = sample.verify_pin(DEMO.account, DEMO.pin)
    assert answer.fields == {"verified": True, "is_locked": False, "tries_left": 3, "name": DEMO.name}


def test_three_wrong_pins_lock_even_the_right_one_out(sample: Sample, clock: Any) -> None:
    tries = [sample.verify_pin(DEMO.account, WRONG).fields for _ in range(3)]
    assert [one["tries_left"] for one in tries] == [2, 1, 0]
    assert [one["is_locked"] for one in tries] == [False, False, True]
    clock.advance(LOCK_S - 1)
    locked = sample.verify_pin(DEMO.account, DEMO.pin)
    assert locked.fields == {"verified": False, "is_locked": True, "tries_left": 0, "name": ""}


def test_the_lock_opens_after_its_time_and_counts_from_nought(sample: Sample, clock: Any) -> None:
    for _ in range(3):
        sample.verify_pin(DEMO.account, WRONG)
    clock.advance(LOCK_S)
    assert sample.verify_pin(DEMO.account, WRONG).fields["tries_left"] == 2
    assert sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_a_right_pin_forgives_the_wrong_ones(sample: Sample) -> None:
    for _ in range(3):
        sample.verify_pin(DEMO.account, WRONG)
        sample.verify_pin(DEMO.account, DEMO.pin)
    assert sample.verify_pin(DEMO.account, WRONG).fields["tries_left"] == 2


def test_guesses_made_at_once_get_three_tries(sample: Sample) -> None:
    barrier = threading.Barrier(12)

    def guess(number: int) -> bool:
        barrier.wait()
        return sample.verify_pin(DEMO.account, f"{number:04}").fields["tries_left"] > 0

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(guess, range(12))) == 2
    assert not sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_an_account_does_not_lock_another(sample: Sample, engine: Engine) -> None:
    other = next(row.number for row in rows(engine, schema.accounts) if row.number != DEMO.account)
    for _ in range(3):
        sample.verify_pin(other, "no pin")
    assert sample.verify_pin(DEMO.account, DEMO.pin).fields["verified"]


def test_an_unknown_account_takes_as_long_as_a_wrong_pin(sample: Sample) -> None:
    def took(account: str) -> float:
        began = time.perf_counter()
        sample.verify_pin(account, WRONG)
        return time.perf_counter() - began

    known = statistics.median(took(DEMO.account) for _ in range(9))
    unknown = statistics.median(took("99999999") for _ in range(9))
    assert 0.4 < unknown / known < 2.5
