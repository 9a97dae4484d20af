"""Who is next: age and priority among callers, skills that relax, and each strategy among people."""

from __future__ import annotations

import pytest
from hall import Hall, MakeHall

from ivr.agents.rules import Rules
from ivr.flow.site import Strategy


def test_six_seconds_of_waiting_weigh_as_much_as_a_point_of_priority(hall: Hall) -> None:
    hall.join("a")
    hall.now_ms += 59_999
    hall.join("b", priority=10)
    hall.now_ms += 2
    hall.join("c", priority=10)
    assert hall.line() == ["b", "a", "c"]
    hall.now_ms += 3_600_000
    hall.join("d", priority=100)
    assert hall.line() == ["b", "a", "c", "d"]


def test_the_age_given_counts_and_not_the_arrival(hall: Hall) -> None:
    hall.join("a")
    hall.join("b", joined_ms=hall.now_ms - 1)
    assert hall.line() == ["b", "a"]
    place = hall.join("c", joined_ms=hall.now_ms - 60_000)
    assert (place.position, place.waited_ms) == (1, 60_000)


def test_an_age_in_the_future_is_now(hall: Hall) -> None:
    hall.join("a", joined_ms=hall.now_ms + 60_000)
    hall.join("b")
    assert hall.line() == ["a", "b"]


def test_a_person_of_many_queues_gets_the_longest_waiting_of_all(hall: Hall) -> None:
    for name, queue in (("a", "help"), ("b", "sales"), ("c", "help")):
        hall.join(name, queue)
        hall.later(10)
    hall.join("d", "sales", priority=1)
    hall.sign_in("ann", "sales", "help", "more")
    order = []
    for _ in range(4):
        order.append(hall.offered("ann"))
        hall.accept("ann")
        hall.queues.depart(order[-1], "hung_up")
        hall.queues.wrap_up("ann", "solved", "")
    assert order == ["d", "a", "b", "c"]


def test_a_ticket_is_offered_to_those_with_its_skills_only(hall: Hall) -> None:
    hall.sign_in("ann", skills=("french",))
    hall.join("a", skills=("french", "legal"))
    assert hall.offered("ann") == ""
    hall.join("b", skills=("french",))
    assert hall.offered("ann") == "b"
    hall.sign_in("bob", skills=("legal", "french", "german"))
    assert hall.offered("bob") == "a"


def test_skills_are_given_up_one_by_one_the_last_first(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(skills=("polite",), relax_ms=60_000))
    hall.sign_in("ann", skills=("french", "legal"))
    hall.sign_in("bob", skills=("french",))
    hall.sign_in("cid")
    hall.join("a", skills=("french", "legal"))
    assert [hall.offered(name) for name in ("ann", "bob", "cid")] == ["", "", ""]
    hall.later(60_000, "ann", "bob", "cid")
    assert hall.offered("ann") == "a"
    hall.refuse("ann")
    hall.later(59_000, "ann", "bob", "cid")
    assert hall.offered("bob") == ""
    hall.later(1000, "ann", "bob", "cid")
    assert hall.offered("bob") == "a"
    hall.refuse("bob")
    hall.later(60_000, "ann", "bob", "cid")
    assert hall.offered("cid") == "a"
    assert len(hall.news("relaxed")) == 3


def test_skills_never_relax_where_the_rules_say_so(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(relax_ms=None))
    hall.sign_in("ann")
    hall.join("a", skills=("legal",))
    hall.later(600_000, "ann")
    assert hall.offered("ann") == ""


def served(hall: Hall, calls: int) -> str:
    """Who is rung by so many callers, one after the other, each served for a second."""
    names = ("ann", "bob", "cid")
    rung = ""
    for number in range(calls):
        hall.join(f"{number}")
        [name] = [name for name in names if hall.offered(name)]
        rung += name[0]
        hall.accept(name)
        hall.later({"a": 3000, "b": 1000, "c": 2000}[name[0]], *names)
        hall.queues.depart(f"{number}", "hung_up")
    return rung


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("longest_idle", "cabcab"),
        ("fewest_calls", "cabcab"),
        ("round_robin", "abcabc"),
        ("linear", "bbbbbb"),
        ("least_talk", "cabbcb"),
    ],
)
def test_who_is_rung_first(make_hall: MakeHall, strategy: Strategy, expected: str) -> None:
    hall = make_hall(help=Rules(strategy=strategy, wrap_up_ms=0))
    for name, position in (("cid", 3), ("ann", 2), ("bob", 1)):
        hall.sign_in(name, position=position)
        hall.later(10, "ann", "bob", "cid")
    assert served(hall, 6) == expected


def test_random_rings_everybody_about_as_often(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(strategy="random", wrap_up_ms=0))
    for name in ("ann", "bob", "cid"):
        hall.sign_in(name)
    rung = served(hall, 90)
    assert all(15 <= rung.count(name) <= 45 for name in "abc"), rung
    assert rung != rung[:3] * 30


def test_who_was_rung_for_nothing_is_still_the_longest_idle(hall: Hall) -> None:
    hall.sign_in("ann")
    hall.later(1000, "ann")
    hall.sign_in("bob")
    hall.later(1000, "ann", "bob")
    hall.join("a")
    hall.queues.leave("a", "caller_hung_up")
    hall.join("b")
    assert hall.offered("ann") == "b"


@pytest.mark.parametrize("skilled", ["ann", "bob"])
def test_those_equal_in_all_that_counts_are_rung_by_name(hall: Hall, skilled: str) -> None:
    for name in ("ann", "bob"):
        hall.sign_in(name, skills=("legal", "french") if name == skilled else ())
    hall.join("a")
    assert hall.offered("ann") == "a"
