"""Where callers go whom a queue cannot serve: by wait, closed, nobody signed in, full."""

from __future__ import annotations

from datetime import datetime

import pytest
from hall import Hall, MakeHall

from ivr.agents.rules import Overflow, Rules
from ivr.agents.shapes import Place


def told(place: Place) -> tuple[str, str, str]:
    return place.overflow, place.why, place.queue


def closed(_: datetime) -> bool:
    return False


def test_a_full_queue_lets_nobody_in_until_there_is_room(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=2))
    hall.join("a")
    hall.join("b")
    place = hall.join("c")
    assert (told(place), place.position, place.size) == (("callback", "full", "help"), 0, 2)
    assert hall.line() == ["a", "b"]
    assert hall.queues.check("c").position == 0  # type: ignore[union-attr]
    hall.queues.leave("a", "caller_hung_up")
    assert hall.line() == ["b", "c"]
    assert hall.queues.check("c").position == 2  # type: ignore[union-attr]


def test_who_is_shut_out_may_leave_or_be_called_back(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=1))
    for name in "abc":
        hall.join(name)
    assert hall.queues.leave("b", "caller_hung_up")
    assert hall.queues.book_callback("c", "+442079460001") == "country"
    assert hall.queues.leave_message("c", "R1", "hello", 3000)
    hall.queues.leave("a", "caller_hung_up")
    assert hall.line() == []
    assert [one.ticket.ticket_id for one in hall.queues.tasks()] == ["c"]


def test_a_full_queue_sends_callers_to_another_with_their_age(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=1, overflow=Overflow(when_full="more")), more=Rules())
    hall.join("z", "more")
    hall.join("a")
    assert told(hall.join("b", joined_ms=hall.now_ms - 5)) == ("queue", "full", "more")
    assert hall.line("more") == ["b", "z"]
    assert hall.ticket("b").ticket.queue == "more"
    hall.sign_in("ann", "more")
    assert hall.offered("ann") == "b"


def test_queues_that_overflow_into_each_other_end_in_a_callback(make_hall: MakeHall) -> None:
    hall = make_hall(
        help=Rules(is_open=closed, overflow=Overflow(when_closed="more")),
        more=Rules(is_open=closed, overflow=Overflow(when_closed="help")),
    )
    assert told(hall.join("a")) == ("callback", "closed", "more")
    assert hall.line() == ["a"]


def test_a_closed_queue_says_so(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(is_open=closed, overflow=Overflow(to="message")), more=Rules(is_open=closed))
    assert told(hall.join("a")) == ("message", "closed", "help")
    assert told(hall.join("b", "more")) == ("callback", "closed", "more")


def test_nobody_signed_in_is_no_overflow_unless_the_rules_say_so(make_hall: MakeHall) -> None:
    hall = make_hall(more=Rules(overflow=Overflow(when_nobody="message")))
    place = hall.join("a")
    assert (told(place), place.has_agents) == (("", "", "help"), False)
    assert told(hall.join("b", "more")) == ("message", "nobody", "more")
    hall.sign_in("ann", "more", ready=False)
    assert told(hall.join("c", "more")) == ("", "", "more")


def test_when_the_last_person_goes_those_in_line_go_where_the_rules_say(make_hall: MakeHall) -> None:
    hall = make_hall(
        help=Rules(max_size=1000, overflow=Overflow(when_nobody="more")), more=Rules(max_size=1000)
    )
    hall.sign_in("ann", ready=False)
    names = [f"{number:03}" for number in range(120)]
    for name in names:
        hall.join(name)
    hall.queues.sign_out("ann")
    hall.later(4000)
    assert (hall.line("help"), hall.line("more")) == ([], names)


def test_people_who_come_back_in_time_keep_their_callers(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(overflow=Overflow(when_nobody="message")))
    hall.sign_in("ann", ready=False)
    hall.join("a")
    hall.queues.sign_out("ann")
    hall.sign_in("ann", ready=False)
    hall.later(5000, "ann")
    assert hall.news("overflowed") == []


def test_those_in_line_when_the_last_person_goes_after_hours_are_told(make_hall: MakeHall) -> None:
    hours = [True]
    hall = make_hall(help=Rules(is_open=lambda at: hours[0], overflow=Overflow(when_closed="message")))
    hall.sign_in("ann", ready=False)
    hall.join("a")
    hours[0] = False
    hall.later(5000, "ann")
    assert hall.news("overflowed") == []
    hall.queues.sign_out("ann")
    [one] = [one for one in hall.later(1000) if one.kind == "overflowed"]
    assert (one.ticket_id, one.reason, one.fields["to"], one.queue) == ("a", "nobody", "message", "help")


def test_a_long_wait_leads_on_once(make_hall: MakeHall) -> None:
    rules = Rules(overflow=Overflow(after_ms=60_000, to="more"))
    hall = make_hall(help=rules, more=Rules(overflow=Overflow(after_ms=30_000, to="message")))
    hall.join("a")
    hall.later(59_000)
    assert hall.line("help") == ["a"]
    hall.later(1000)
    assert (hall.line("help"), hall.line("more")) == ([], ["a"])
    told = [one for one in hall.later(120_000) if one.kind == "overflowed"]
    assert [(one.ticket_id, one.queue, one.fields["to"], one.reason) for one in told] == [
        ("a", "more", "message", "wait")
    ]
    assert hall.queues.check("a").waited_ms == 180_000  # type: ignore[union-attr]


@pytest.mark.parametrize("why", ["full", "closed"])
def test_a_long_wait_does_not_lead_where_nobody_is_let_in(make_hall: MakeHall, why: str) -> None:
    more = Rules(max_size=1) if why == "full" else Rules(is_open=closed)
    hall = make_hall(help=Rules(overflow=Overflow(after_ms=60_000, to="more")), more=more)
    hall.join("z", "more")
    hall.join("a")
    [one] = [one for one in hall.later(60_000) if one.kind == "overflowed"]
    assert (one.queue, one.fields["to"]) == ("help", "callback")
    assert hall.line("help") == ["a"]


def test_a_ringing_phone_is_not_taken_away_by_an_overflow(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(overflow=Overflow(after_ms=60_000, to="more")), more=Rules())
    hall.sign_in("ann", ready=False)
    hall.join("a")
    hall.later(59_000, "ann")
    hall.queues.choose("ann", "ready")
    hall.later(2000, "ann")
    assert hall.offered("ann") == "a"
    hall.refuse("ann")
    hall.later(1000, "ann")
    assert hall.line("more") == ["a"]


def test_a_caller_moved_waits_with_the_skills_of_the_new_queue(make_hall: MakeHall, hall: Hall) -> None:
    hall = make_hall(
        help=Rules(is_open=closed, overflow=Overflow(when_closed="more")), more=Rules(skills=("legal",))
    )
    hall.sign_in("ann", "more")
    hall.sign_in("bob", "more", skills=("legal",))
    hall.join("a")
    assert (hall.offered("ann"), hall.offered("bob")) == ("", "a")


def test_a_long_wait_never_leads_back(make_hall: MakeHall) -> None:
    hall = make_hall(
        help=Rules(overflow=Overflow(after_ms=30_000, to="more")),
        more=Rules(overflow=Overflow(after_ms=30_000, to="help")),
    )
    hall.join("a")
    told = [one for one in hall.later(200_000) if one.kind == "overflowed"]
    assert [(one.queue, one.fields["to"]) for one in told] == [("more", "queue"), ("more", "callback")]


def test_everybody_in_a_long_line_is_told_once(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=1000, overflow=Overflow(when_nobody="message")))
    hall.sign_in("ann", ready=False)
    names = [f"{number:03}" for number in range(120)]
    for name in names:
        hall.join(name)
    hall.queues.sign_out("ann")
    assert [one.ticket_id for one in hall.later(4000) if one.kind == "overflowed"] == names


def test_of_two_who_stand_equal_where_a_part_of_the_line_ends_both_are_told(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(max_size=1000, overflow=Overflow(when_nobody="message")))
    hall.sign_in("ann", ready=False)
    names = [f"{number:03}" for number in range(49)]
    for name in names:
        hall.join(name)
    hall.now_ms += 1
    hall.join("equal 1")
    hall.now_ms += 6000
    hall.join("equal 2", priority=1)
    assert hall.line()[49:] == ["equal 1", "equal 2"]
    hall.queues.sign_out("ann")
    told = [one.ticket_id for one in hall.later(4000) if one.kind == "overflowed"]
    assert told == [*names, "equal 1", "equal 2"]
