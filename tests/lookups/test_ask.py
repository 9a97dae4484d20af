"""Look-ups that hang, fail and recover never hold a call up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from companykit import Company

from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector
from ivr.lookups.ask import Answer, Lookup, Lookups, Signature
from ivr.lookups.breaker import Breaker
from ivr.lookups.connect import Reach
from ivr.lookups.http import Services
from ivr.lookups.seed import DEMO


def declare(run: Callable[..., Answer], *parameters: str) -> Lookup:
    return Lookup(Signature("it", parameters, ()), run)


def reason(lookups: Lookups, name: str = "it", **parameters: str) -> str:
    with pytest.raises(LookupFailed) as failed:
        asyncio.run(lookups.ask(name, parameters))
    return failed.value.reason


def fail() -> Answer:
    raise RuntimeError("the database is on fire, pin 2580")


def test_the_sample_answers_by_name(company: Company) -> None:
    lookups = Lookups([], Reach(company.databases, Services((), {})))
    asking = lookups.ask("parcel", {"number": DEMO.parcel}, look_ups=company.connectors)
    answer = asyncio.run(asking)
    assert answer.is_found and answer.fields["last_place"] == "Leeds"


def test_code_and_book_stand_beside_each_other_and_the_book_wins(company: Company) -> None:
    code = [declare(lambda: Answer(True, {"whose": "code"}))]
    lookups = Lookups(code, Reach(company.databases, Services((), {})))
    book = Connector(sql="select 'book' as whose", fields={"whose": "whose"})
    assert asyncio.run(lookups.ask("it", {})).fields == {"whose": "code"}
    assert asyncio.run(lookups.ask("it", {}, look_ups={"it": book})).fields == {"whose": "book"}
    assert asyncio.run(lookups.ask("it", {}, look_ups={"other": book})).fields == {"whose": "code"}


def test_unknown_names_and_parameters_are_refused() -> None:
    lookups = Lookups([declare(lambda number: Answer(True), "number")])
    assert reason(lookups, "other") == "unknown"
    assert reason(lookups) == "parameters"
    assert reason(lookups, number="1", more="2") == "parameters"


def test_one_that_hangs_is_given_up_and_others_go_on() -> None:
    gate = threading.Event()

    def run(how: str) -> Answer:
        if how == "hang":
            gate.wait(5)
        return Answer(True)

    lookups = Lookups([declare(run, "how")], timeout_s=0.05, workers=2)
    began = time.monotonic()
    assert reason(lookups, how="hang") == "timeout"
    assert time.monotonic() - began < 1
    assert asyncio.run(lookups.ask("it", {"how": "go"})).is_found
    gate.set()


def test_a_call_given_up_in_the_line_is_never_run() -> None:
    gate, ran = threading.Event(), []

    def run(how: str) -> Answer:
        ran.append(how)
        gate.wait(5)
        return Answer(True)

    lookups = Lookups([declare(run, "how")], timeout_s=0.05, workers=1)
    assert reason(lookups, how="first") == "timeout"
    assert reason(lookups, how="second") == "timeout"
    gate.set()
    assert asyncio.run(lookups.ask("it", {"how": "third"})).is_found
    assert ran == ["first", "third"]


def test_an_error_says_its_kind_and_nothing_of_its_text() -> None:
    lookups = Lookups([declare(fail)])
    with pytest.raises(LookupFailed) as failed:
        asyncio.run(lookups.ask("it", {}))
    assert failed.value.reason == "error"
    assert "2580" not in str(failed.value)


def test_after_five_failures_nobody_asks_until_one_try_succeeds() -> None:
    now = [0.0]
    is_broken = [True]
    tries = []

    def run() -> Answer:
        tries.append(now[0])
        return fail() if is_broken[0] else Answer(True)

    lookups = Lookups([declare(run)], clock=lambda: now[0])
    assert [reason(lookups) for _ in range(7)] == ["error"] * 5 + ["open"] * 2
    assert len(tries) == 5
    now[0] = 10.0
    assert [reason(lookups) for _ in range(2)] == ["error", "open"]
    now[0] = 20.0
    is_broken[0] = False
    assert asyncio.run(lookups.ask("it", {})).is_found
    assert asyncio.run(lookups.ask("it", {})).is_found


def test_not_found_is_no_failure() -> None:
    lookups = Lookups([declare(lambda: Answer(False))])
    for _ in range(8):
        assert not asyncio.run(lookups.ask("it", {})).is_found


def test_a_breaker_counts_failures_in_a_row_only() -> None:
    breaker = Breaker(failures=2, rest_s=10, clock=lambda: 0.0)
    for _ in range(3):
        breaker.failed()
        breaker.succeeded()
    assert breaker.is_allowed()
    breaker.failed()
    breaker.failed()
    assert not breaker.is_allowed()


def test_a_half_open_breaker_lets_one_through_and_does_not_stay_shut_for_it() -> None:
    now = [0.0]
    breaker = Breaker(failures=1, rest_s=10, clock=lambda: now[0])
    breaker.failed()
    now[0] = 10.0
    assert [breaker.is_allowed() for _ in range(3)] == [True, False, False]
    now[0] = 20.0
    assert breaker.is_allowed()
