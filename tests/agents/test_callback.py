"""Callbacks by the eight rules, and the age of callers who were cut off."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hall import NOON, Hall, MakeHall

from ivr.agents.callback import next_window, refusal
from ivr.agents.rules import Rules
from ivr.agents.shapes import Funnel

LONDON = "+442079460001"
NEW_YORK = "+12125550123"
MINUTE = 60_000


def booked(hall: Hall, name: str = "a", number: str = LONDON) -> None:
    """A caller has asked to be called back and hung up."""
    hall.join(name, caller=number)
    assert hall.queues.book_callback(name, number) == ""
    assert not hall.queues.leave_call(f"CA-{name}", "caller_hung_up")


def dialled(hall: Hall, name: str = "a") -> None:
    hall.later(1000, "ann")
    assert hall.ticket(name).state == "callback_dialing"
    assert hall.queues.dialed(name, f"CA-out-{name}")


def confirmed(hall: Hall, name: str = "a") -> None:
    assert hall.queues.answered(name)
    hall.join(name, call_id=f"CA-out-{name}", caller=LONDON)


def test_a_callback_keeps_its_age_among_those_who_wait(hall: Hall) -> None:
    hall.join("z")
    hall.later(10)
    booked(hall)
    hall.later(10)
    hall.join("b")
    hall.later(1000)
    assert hall.line() == ["z", "a", "b"]
    hall.sign_in("ann")
    assert hall.offered("ann") == "z"
    hall.accept("ann")
    hall.queues.depart("z", "hung_up")
    hall.queues.wrap_up("ann", "", "")
    assert (hall.offered("ann"), hall.ticket("a").state) == ("a", "callback_dialing")


def test_the_person_reserved_gets_the_caller_who_was_called_back(hall: Hall) -> None:
    hall.sign_in("ann")
    booked(hall)
    hall.later(1000, "ann")
    offer = hall.offer("ann")
    assert (hall.state("ann"), offer.kind) == ("reserved", "callback")
    [dialing] = [one for one in hall.queues.news("0") if one.kind == "dialing"]
    assert (dialing.fields["number"], dialing.ticket_id, dialing.agent_id) == (LONDON, "a", "ann")
    assert hall.queues.accept(offer.offer_id, "ann") is None
    dialled(hall)
    hall.later(20_000, "ann")
    confirmed(hall)
    assert hall.ticket("a").state == "offered"
    assert hall.offer("ann").offer_id == offer.offer_id
    assert hall.desk("ann").until_ms == hall.now_ms + 15_000
    assert hall.queues.of_call("CA-out-a") == hall.ticket("a")
    hall.accept("ann")
    held = hall.ticket("a")
    assert (held.ticket.kind, held.caller_leg, held.ticket.joined_ms) == ("callback", "CA-out-a", NOON)
    hall.queues.depart("a", "hung_up")
    assert hall.queues.funnel() == Funnel(1, 0, 0, 0, 0)


def test_no_more_are_dialled_than_people_are_ready(hall: Hall) -> None:
    for number in range(5):
        booked(hall, f"{number}", f"+44207946000{number}")
    hall.later(1000)
    assert hall.news("dialing") == []
    hall.sign_in("ann")
    hall.sign_in("bob")
    assert [one[1] for one in hall.news("dialing")] == ["0", "1"]
    hall.sign_in("cid", "sales")
    assert hall.news("dialing") == []


def test_nobody_is_dialled_while_still_on_the_line_with_us(hall: Hall) -> None:
    hall.sign_in("ann", ready=False)
    hall.join("a", caller=LONDON)
    hall.queues.book_callback("a", LONDON)
    hall.queues.choose("ann", "ready")
    hall.later(5000, "ann")
    assert hall.ticket("a").state == "callback_pending"
    hall.queues.leave_call("CA-a", "caller_hung_up")
    hall.later(1000, "ann")
    assert hall.ticket("a").state == "callback_dialing"


def test_a_call_whose_end_nobody_told_is_dialled_after_a_minute(hall: Hall) -> None:
    hall.sign_in("ann", ready=False)
    hall.join("a", caller=LONDON)
    hall.queues.book_callback("a", LONDON)
    hall.queues.choose("ann", "ready")
    hall.later(MINUTE, "ann")
    assert hall.ticket("a").state == "callback_dialing"


def test_one_live_ticket_for_a_number(hall: Hall) -> None:
    booked(hall)
    hall.join("b", caller="+442079460002")
    assert hall.queues.book_callback("b", LONDON) == "country"
    assert hall.queues.book_callback("b", "+442079460002") == ""
    assert hall.queues.book_callback("b", "+442079460002") == ""
    assert len(hall.queues.tasks()) == 2


def test_two_who_want_the_same_number_called_get_one_callback(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(countries=("+44",)))
    booked(hall)
    hall.join("b", caller="+442079460002")
    assert hall.queues.book_callback("b", LONDON) == "duplicate"
    assert hall.ticket("b").state == "waiting"


def test_who_calls_again_keeps_the_age_and_needs_no_callback(hall: Hall) -> None:
    hall.sign_in("ann")
    booked(hall)
    dialled(hall)
    place = hall.join("b", caller=LONDON)
    assert place.waited_ms == 1000
    assert hall.queues.held("a") is None
    assert hall.offered("ann") == "b"
    assert not hall.queues.answered("a")
    assert ("ended", "a", "", "called_again") in hall.news("ended")


@pytest.mark.parametrize(
    ("number", "caller", "countries", "why"),
    [
        (LONDON, LONDON, (), ""),
        (LONDON, "+442079460002", (), "country"),
        (LONDON, "+442079460002", ("+44",), ""),
        (NEW_YORK, LONDON, ("+44",), "country"),
        ("", "", ("+44",), "number"),
        ("anonymous", "anonymous", ("+44",), "number"),
        ("client:ann", "client:ann", ("+44",), "number"),
        ("+44", "+44", ("+44",), "number"),
    ],
)
def test_only_the_calling_number_or_an_allowed_country(
    number: str, caller: str, countries: tuple[str, ...], why: str
) -> None:
    assert refusal(number, caller, countries) == why


def at(text: str, zone: str = "UTC") -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("number", "now", "begin", "end"),
    [
        (LONDON, "2026-11-22 12:07", "2026-11-22 12:07", "2026-11-22 21:00"),
        (LONDON, "2026-11-22 21:00", "2026-11-23 08:00", "2026-11-23 21:00"),
        (LONDON, "2026-07-01 06:59:59", "2026-07-01 07:00", "2026-07-01 20:00"),
        (NEW_YORK, "2026-11-22 12:00", "2026-11-22 13:00", "2026-11-23 02:00"),
        ("+18005550100", "2026-11-22 12:00", "2026-11-22 22:00", "2026-11-23 00:30"),
        ("+447700900123", "2026-11-22 12:00", "2026-11-22 13:00", "2026-11-23 02:00"),
    ],
)
def test_people_are_called_between_eight_and_nine_by_their_own_clock(
    number: str, now: str, begin: str, end: str
) -> None:
    """The last: no zone is known of the number, so the site's counts."""
    assert next_window(number, Rules(zone="America/New_York"), at(now)) == (at(begin), at(end))


def test_people_are_called_only_while_the_queue_is_open() -> None:
    def mornings(when: datetime) -> bool:
        return when.astimezone(UTC).hour < 10

    rules = Rules(is_open=mornings)
    assert next_window(LONDON, rules, at("2026-11-22 12:00")) == (
        at("2026-11-23 08:00"),
        at("2026-11-23 10:00"),
    )
    assert next_window(LONDON, Rules(is_open=lambda when: False), NOON) is None
    assert next_window(LONDON, rules, at("2026-11-22 09:00"), at("2026-11-24 09:30")) == (
        at("2026-11-24 09:30"),
        at("2026-11-24 10:00"),
    )


def test_a_callback_waits_for_the_callees_morning(hall: Hall) -> None:
    hall.now_ms = at("2026-11-22 23:00")
    hall.sign_in("ann")
    booked(hall)
    hall.later(1000, "ann")
    assert (hall.line(), hall.ticket("a").state) == ([], "callback_pending")
    hall.now_ms = at("2026-11-23 07:59:58")
    hall.queues.beat("ann", "page")
    hall.later(1000, "ann")
    assert hall.state("ann") == "ready"
    hall.later(1000, "ann")
    assert hall.ticket("a").state == "callback_dialing"


def test_a_callback_nobody_was_free_for_is_not_made_at_night(hall: Hall) -> None:
    hall.now_ms = at("2026-11-22 20:59")
    booked(hall)
    hall.later(1000)
    assert hall.line() == ["a"]
    hall.now_ms = at("2026-11-22 21:00")
    hall.queues.tick()
    assert hall.line() == []
    hall.sign_in("ann")
    assert hall.offered("ann") == ""
    assert hall.queues.book_callback("gone", LONDON) == "gone"


def test_a_queue_that_never_opens_books_nothing(make_hall: MakeHall) -> None:
    hall = make_hall(help=Rules(is_open=lambda when: False))
    hall.join("a", caller=LONDON)
    assert hall.queues.book_callback("a", LONDON) == "hours"


def test_three_tries_after_five_and_fifteen_minutes_and_half_an_hour_of_grace(hall: Hall) -> None:
    hall.sign_in("ann")
    booked(hall)
    tried: list[int] = []
    for _ in range(70 * 12):
        hall.now_ms += 5000
        hall.queues.beat("ann", "page")
        hall.queues.tick()
        held = hall.queues.held("a")
        if held is None:
            break
        if held.state == "callback_dialing":
            tried.append(hall.now_ms - NOON)
            hall.queues.dialed("a", f"CA-out-{len(tried)}")
            assert hall.queues.unanswered("a", "no_answer")
            assert not hall.queues.unanswered("a", "no_answer")
            assert hall.state("ann") == "ready"
    first = tried[0]
    assert [at_ms - first for at_ms in tried] == [0, 5 * MINUTE, 20 * MINUTE]
    assert hall.now_ms - NOON - first == 50 * MINUTE
    assert hall.news("ended") == [("ended", "a", "", "unreached")]
    assert hall.queues.funnel() == Funnel(0, 0, 1, 0, 0)


def test_who_is_called_back_and_hangs_up_unconfirmed_is_tried_again(hall: Hall) -> None:
    hall.sign_in("ann")
    booked(hall)
    dialled(hall)
    hall.queues.answered("a")
    assert hall.queues.leave_call("CA-out-a", "caller_hung_up")
    assert (hall.ticket("a").state, hall.state("ann")) == ("callback_pending", "ready")
    hall.later(5 * MINUTE, "ann")
    dialled(hall)
    assert hall.queues.leave("a", "declined")
    assert hall.queues.funnel() == Funnel(0, 1, 0, 0, 0)


def test_a_dial_nobody_reports_on_is_a_failed_one(hall: Hall) -> None:
    hall.sign_in("ann")
    booked(hall)
    hall.later(1000, "ann")
    assert hall.ticket("a").state == "callback_dialing"
    hall.later(90_000, "ann")
    assert (hall.ticket("a").state, hall.state("ann")) == ("callback_pending", "ready")
    assert not hall.queues.dialed("a", "CA-late")


@pytest.mark.parametrize("why", ["lost", "declined", "gone"])
def test_a_person_lost_during_the_dial_is_replaced(hall: Hall, why: str) -> None:
    hall.sign_in("ann")
    booked(hall)
    hall.later(1000, "ann")
    hall.queues.dialed("a", "CA-out-a")
    if why == "lost":
        hall.later(10_000)
    elif why == "declined":
        hall.refuse("ann")
    else:
        hall.queues.sign_out("ann")
    assert hall.ticket("a").state == "callback_dialing"
    confirmed(hall)
    assert hall.ticket("a").state == "waiting"
    hall.sign_in("bob")
    assert hall.offered("bob") == "a"


def test_a_callback_not_wanted_any_more_is_never_dialled(hall: Hall) -> None:
    booked(hall)
    assert hall.queues.funnel() == Funnel(0, 0, 0, 0, 1)
    assert hall.queues.done("a", "cancelled") and not hall.queues.done("a", "cancelled")
    assert hall.queues.funnel() == Funnel(0, 0, 0, 1, 0)
    assert str(hall.queues.funnel()) == "1 never called" and hall.queues.funnel().booked == 1
    assert hall.line() == []


def test_a_booked_callback_is_not_ended_by_its_own_call(hall: Hall) -> None:
    booked(hall)
    assert not hall.queues.leave("a", "caller_hung_up")
    assert hall.ticket("a").state == "callback_pending"


def test_a_caller_who_booked_and_asks_for_a_person_all_the_same(hall: Hall) -> None:
    hall.join("a", caller=LONDON)
    hall.later(3000)
    hall.queues.book_callback("a", LONDON)
    assert hall.join("b", call_id="CA-a", caller=LONDON).waited_ms == 3000
    assert hall.line() == ["b"]
    assert hall.queues.tasks() == []


@pytest.mark.parametrize("gone_ms", [179_000, 181_000])
def test_a_caller_cut_off_keeps_the_place_for_three_minutes(hall: Hall, gone_ms: int) -> None:
    hall.join("a", caller=LONDON)
    hall.later(20_000)
    hall.join("b", caller=NEW_YORK)
    hall.queues.leave_call("CA-a", "caller_hung_up")
    hall.later(gone_ms)
    is_kept = gone_ms < 180_000
    hall.join("c", caller=LONDON)
    assert hall.line() == (["c", "b"] if is_kept else ["b", "c"])
    assert hall.join("d", caller=LONDON).waited_ms == 0


@pytest.mark.parametrize("caller", ["", "anonymous", "restricted"])
def test_callers_without_a_number_have_no_place_kept(hall: Hall, caller: str) -> None:
    hall.join("a", caller=caller)
    hall.queues.leave_call("CA-a", "caller_hung_up")
    hall.later(1000)
    assert hall.join("b", caller=caller).waited_ms == 0


def test_a_caller_who_chose_to_leave_has_no_place_kept(hall: Hall) -> None:
    hall.join("a", caller=LONDON)
    hall.queues.leave("a", "back_to_menu")
    hall.later(1000)
    assert hall.join("b", caller=LONDON).waited_ms == 0
