"""What a string of digits may have been, by what sounds alike, its length and its check digit."""

from __future__ import annotations

import random
from time import process_time

import pytest

from ivr import checkdigit
from ivr.nlu.confusions import DIGITS, LOST, SAID_WHEN_HEARD
from ivr.nlu.ranking import LIKELY, NOT_HEARD, Wanted, chosen, ranked, shares, sounds

SIX = Wanted(6, 6)
CHECKED = Wanted(6, 6, "luhn")
SAID = checkdigit.append("luhn", "26471")


def likeliest_error(digits, at):
    """The string with the digit at a place as the table says it is heard most often, if not rightly."""
    said = digits[at]
    heard = max((d for d in DIGITS if d != said), key=lambda d: SAID_WHEN_HEARD[d][int(said)])
    return digits[:at] + heard + digits[at + 1 :]


def test_the_table_is_of_chances():
    assert set(SAID_WHEN_HEARD) == set(DIGITS)
    assert all(len(row) == 11 and sum(row) == pytest.approx(1, abs=0.01) for row in SAID_WHEN_HEARD.values())
    assert len(LOST) == 10 and 0 < sum(LOST) < 0.2


def test_what_was_heard_stays_the_likeliest_where_it_can_be():
    best, others = chosen([("264712", 0.7)], SIX)
    assert (best.digits, best.is_possible) == ("264712", True)
    assert best.chance == pytest.approx(0.7, abs=0.05)
    assert others and "264712" not in others


def test_chances_are_of_one_whole():
    found = ranked([("264712", 0.5)], SIX)
    assert 0.5 < sum(one.chance for one in found) <= 1
    assert [one.chance for one in found] == sorted((one.chance for one in found), reverse=True)


def test_a_digit_that_was_hardly_heard_is_no_surer_another():
    for chance in (0.001, 0.07, 0.3):
        best, _ = chosen([("7", chance)], Wanted(1, 1))
        assert best.digits == "7" and best.chance == pytest.approx(chance, abs=0.05)


def test_hypotheses_are_no_surer_than_they_say():
    assert shares([0.001, 0.001, 0.001])[1:] == [0.001, 0.001]
    assert sum(shares([0.5] * 8)) < 1 and shares([]) == []


@pytest.mark.parametrize("at", range(6))
def test_a_false_check_digit_is_mended_by_what_sounds_alike(at):
    heard = likeliest_error(SAID, at)
    assert not checkdigit.is_valid("luhn", heard)
    assert SAID in [one.digits for one in ranked([(heard, 0.4)], CHECKED)]


def test_a_digit_that_was_lost_or_put_in_is_among_what_may_have_been():
    lost, added = SAID[:2] + SAID[3:], SAID[:3] + SAID[2:]
    assert SAID in [one.digits for one in ranked([(lost, 0.5)], CHECKED)]
    assert SAID in [one.digits for one in ranked([(added, 0.5)], CHECKED)]


def test_a_part_is_not_made_a_whole_but_says_what_it_may_be_part_of():
    best, others = chosen([(SAID[:5], 0.9)], CHECKED, is_in_data=True)
    assert (best.digits, best.is_possible) == (SAID[:5], False) and SAID in others
    assert chosen([(SAID[:5], 0.9)], CHECKED) == (best, ())


def test_who_clearly_says_a_false_number_is_not_given_another():
    wrong = SAID[:-1] + str((int(SAID[-1]) + 1) % 10)
    best, _ = chosen([(wrong, 1.0)], CHECKED)
    assert (best.digits, best.is_possible) == (wrong, False)


def test_what_nobody_heard_is_never_sure():
    wrong = likeliest_error(SAID, 1)
    best, _ = chosen([(wrong, 0.2)], CHECKED, is_in_data=True)
    assert best.digits != wrong and best.chance <= NOT_HEARD


def test_what_was_denied_is_not_named():
    best, others = chosen([("264712", 0.5)], Wanted(6, 6, denied=("264712",)))
    assert best is None or best.digits != "264712"
    assert "264712" not in others


def test_two_readings_of_one_string_point_at_what_they_share():
    first, again = likeliest_error(SAID, 0), likeliest_error(SAID, 4)
    alone, _ = chosen([(again, 0.4)], SIX, is_in_data=True)
    both, _ = chosen([(again, 0.4)], SIX, [(first, 0.4)], is_in_data=True)
    assert alone.digits == again and both.digits in (SAID, first, again)
    chance = {one.digits: one.chance for one in ranked([(again, 0.4)], SIX, [(first, 0.4)])}
    assert chance[SAID] > {one.digits: one.chance for one in ranked([(again, 0.4)], SIX)}.get(SAID, 0.0)


def test_a_number_misheard_twice_in_two_ways_is_found_by_both():
    said = checkdigit.append("luhn", "5268194")
    wanted = Wanted(8, 8, "luhn")
    first, again = likeliest_error(said, 2), likeliest_error(said, 6)
    both = {one.digits: one.chance for one in ranked([(again, 0.7)], wanted, [(first, 0.7)])}
    alone = {one.digits: one.chance for one in ranked([(again, 0.7)], wanted)}
    assert both[said] > max(LIKELY, 2 * alone.get(said, 0.0))


def test_a_false_number_said_twice_is_not_made_another():
    wrong = SAID[:-1] + str((int(SAID[-1]) + 1) % 10)
    best, _ = chosen([(wrong, 0.9)], CHECKED, [(wrong, 0.9)])
    assert (best.digits, best.is_possible) == (wrong, False)


def test_several_readings_are_one_whole():
    heard = [("264712", 0.8), ("264812", 0.8), ("264612", 0.8)]
    assert sum(one.chance for one in ranked(heard, SIX)) <= 1


def test_readings_of_a_wrong_length_give_way():
    assert sounds(["0264712", "264712"], 0.9, SIX) == [("264712", 0.9)]
    assert sounds(["2647"], 0.9, SIX) == [("2647", 0.9)]


def test_without_reranking_a_string_is_as_it_was_heard():
    wrong = likeliest_error(SAID, 2)
    best, others = chosen([(wrong, 0.4)], CHECKED, is_in_data=True, is_reranked=False)
    assert (best.digits, best.is_possible, others) == (wrong, False, ())


@pytest.mark.parametrize(
    "heard",
    [[], [("", 0.9)], [("1", 0.0)], [("123456", 0.0)], [("1" * 40, 1.0)], [("123456", 3.0), ("123457", 3.0)]],
)
def test_hostile_readings(heard):
    for wanted in (SIX, CHECKED, Wanted(1, 32), Wanted(6, 6, "luhn", tuple(map(str, range(100000, 100500))))):
        best, others = chosen(heard, wanted, heard, is_in_data=True)
        assert best is None or 0 <= best.chance <= 1
        assert all(wanted.fits(other) for other in others)


def test_it_is_quick_however_much_was_heard():
    chance = random.Random(0)
    heard = [("".join(chance.choices(DIGITS, k=chance.randint(8, 12))), 0.1) for _ in range(10)]
    began = process_time()
    for _ in range(10):
        chosen(heard, Wanted(8, 10, "gs1"), heard, is_in_data=True)
    assert (process_time() - began) / 10 < 0.15
    assert LIKELY < 0.5
