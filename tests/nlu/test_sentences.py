"""Sentences as callers say them, each with what it holds: written before the readers were run on them.

The calls are on Monday the 23rd of November 2026. ``None`` is a sentence that holds no such value.
"""

from __future__ import annotations

import pytest

from ivr.actions import Expectation, Option, Slot
from ivr.events import Hypothesis
from ivr.nlu.match import ACCEPT, understand
from ivr.nlu.phrases import NO, YES

TODAY = "2026-11-23"
ACCOUNT = Slot(name="account", type="digits", min_length=8, max_length=8)
ORDER = Slot(name="order", type="digits", min_length=6, max_length=6)
SHORT = Slot(name="code", type="digits", min_length=4, max_length=4)
NUMBER = Slot(name="count", type="number")
MONEY = Slot(name="amount", type="money", currency="GBP")
DAY = Slot(name="day", type="date")
PAST = Slot(name="day", type="date", at_most=TODAY)
TIME = Slot(name="at", type="time")
SHOP = Slot(name="at", type="time", at_least="09:00", at_most="18:00")
LETTERS = Slot(name="reference", type="letters", min_length=2, max_length=8)
PHONE = Slot(name="phone", type="phone", country="+44")
NAME = Slot(name="name", type="name")
YES_NO = (Option(name="yes", phrases=YES), Option(name="no", phrases=NO))

DIGITS = {
    "four oh seven one eight two six four": "40718264",
    "it's four zero seven one, eight two six four": "40718264",
    "my account number is double four oh seven one eight double six": "44071866",
    "uh let me see double five oh one double two three four": "55012234",
    "forty seventeen eighty two sixty four": "40178264",
    "one triple two three four five six": "12223456",
    "twelve thirty four fifty six seventy eight": "12345678",
    "yeah that's eight seven six five four three two one": "87654321",
    "account 4071 8264": "40718264",
    "four o seven one eight two six four please": "40718264",
    "nought one two three four five six seven": "01234567",
    "it begins with one two three four and then five six seven eight": "12345678",
    "four oh seven one, no sorry, four oh seven two eight two six four": "40728264",
    "four oh seven one eight two six four, that's it": "40718264",
    "the number I have here is one one double one two two double two": "11112222",
    "sorry I don't have it to hand": None,
    "do you mean the long number": None,
}  # fmt: skip
ORDERS = {
    "double five oh one two three": "550123",
    "twenty three fourteen oh nine": "231409",
    "order number six seven eight nine one oh": "678910",
    "it's order six hundred and seven eight nine one": "607891",
    "one two three, four five six": "123456",
    "one twenty three four fifty six": "123456",
    "that would be nine nine nine one one one": "999111",
    "a hundred and twenty three four five six": "123456",
    "five five oh, one two three": "550123",
    "triple seven treble eight": "777888",
    "two four six eight ten": "246810",
    "one two three four five six, I think": "123456",
    "order one two three four five six no wait one two three four five seven": "123457",
    "number five hundred thousand and twelve": "500012",
}  # fmt: skip
CODES = {
    "twenty three fourteen": "2314",
    "twenty three oh four": "2304",
    "double oh seven one": "0071",
    "nineteen eighty four": "1984",
    "one thousand and one": "1001",
    "two thousand and twelve": "2012",
    "five thousand": "5000",
    "twelve hundred": "1200",
    "three three double six": "3366",
    "it ends in four four oh nine": "4409",
    "six, not nine, it's one two three six": "1236",
}  # fmt: skip
NUMBERS = {
    "three": 3,
    "just the one": 1,
    "there will be two of us": 2,
    "a dozen": 12,
    "about twenty five I'd say": 25,
    "make it six": 6,
    "four, no, five": 5,
    "two hundred and fifty": 250,
    "one and a half": 1.5,
    "nought point five": 0.5,
    "a thousand": 1000,
    "three quarters": 0.75,
    "none at all": 0,
    "both of us": 2,
    "only me": 1,
    "seventy-five": 75,
    "eleven hundred": 1100,
    "half": 0.5,
    "I have no clue": None,
}  # fmt: skip
SUMS = {
    "a hundred and five pounds twenty": "105.20",
    "five pounds": "5.00",
    "twenty quid": "20.00",
    "one pound ninety nine": "1.99",
    "two pound fifty": "2.50",
    "seventy five p": "0.75",
    "three hundred and forty pounds and fifty pence": "340.50",
    "a grand": "1000.00",
    "two grand": "2000.00",
    "fifteen hundred pounds": "1500.00",
    "a thousand and twenty pounds": "1020.00",
    "one thousand two hundred and eighty four pounds fifty six": "1284.56",
    "ten pounds, no, make that twelve": "12.00",
    "forty nine ninety nine": "49.99",
    "a couple of hundred pounds": "200.00",
    "half a million pounds": "500000.00",
    "a fiver": "5.00",
    "two tenners": "20.00",
    "£1,284.56": "1284.56",
    "I'd like to pay sixty pounds please": "60.00",
    "ninety nine pence": "0.99",
    "pay the lot": None,
    "three and a half thousand pounds": "3500.00",
    "not fifty pounds, fifteen pounds": "15.00",
    "fifteen, one five, pounds": "15.00",
}  # fmt: skip
DAYS = {
    "tomorrow": "2026-11-24",
    "tomorrow would be great": "2026-11-24",
    "the day after tomorrow please": "2026-11-25",
    "next Friday": "2026-12-04",
    "this coming Friday": "2026-11-27",
    "the third": "2026-12-03",
    "the third of January": "2027-01-03",
    "on the 28th": "2026-11-28",
    "any time on Wednesday": "2026-11-25",
    "Wednesday week": "2026-12-02",
    "a week today": "2026-11-30",
    "a week tomorrow": "2026-12-01",
    "a fortnight on Thursday": "2026-12-10",
    "the last day of November": "2026-11-30",
    "the end of the month": "2026-11-30",
    "Christmas Eve": "2026-12-24",
    "on Christmas Day": "2026-12-25",
    "New Year's Day": "2027-01-01",
    "Saturday the fifth": "2026-12-05",
    "twenty eighth of November": "2026-11-28",
    "the first of the month": "2026-12-01",
    "twelve twelve twenty six": "2026-12-12",
    "the first of the twelfth": "2026-12-01",
    "3/12/2026": "2026-12-03",
    "the thirteenth of the fourth twenty twenty seven": "2027-04-13",
    "Tuesday, no, Wednesday": "2026-11-25",
    "could you do Thursday instead": "2026-11-26",
    "today if possible": "2026-11-23",
    "in ten days": "2026-12-03",
    "a week from now": "2026-11-30",
    "first thing Monday": "2026-11-30",
    "at the weekend": None,
    "as soon as possible": None,
    "whenever": None,
    "I'm not sure yet": None,
}  # fmt: skip
PAST_DAYS = {
    "yesterday": "2026-11-22",
    "the day before yesterday": "2026-11-21",
    "last Tuesday": "2026-11-17",
    "on Friday": "2026-11-20",
    "the fifth of May nineteen eighty two": "1982-05-05",
    "fifth of the fifth eighty two": "1982-05-05",
    "two weeks ago": "2026-11-09",
    "March the twelfth two thousand and one": "2001-03-12",
    "the first of November": "2026-11-01",
    "three days ago": "2026-11-20",
    "the twenty ninth of February two thousand": "2000-02-29",
    "the thirtieth of February": None,
    "tenth of October seventy nine": "1979-10-10",
}  # fmt: skip
TIMES = {
    "half past three": "15:30",
    "quarter to ten": "09:45",
    "ten to four": "15:50",
    "half nine": "09:30",
    "three thirty": "15:30",
    "two fifteen in the afternoon": "14:15",
    "nine in the morning": "09:00",
    "eleven a m": "11:00",
    "at twelve": "12:00",
    "noon would be fine": "12:00",
    "five o'clock": "17:00",
    "around four": "16:00",
    "twenty past one": "13:20",
    "fourteen thirty": "14:30",
    "sixteen hundred hours": "16:00",
    "ten, no, eleven": "11:00",
    "just after lunch": None,
    "five and twenty past two": "14:25",
    "a quarter past": None,
    "10.30": "10:30",
    "half three or so": "15:30",
}  # fmt: skip
SPELT = {
    "A B C one two three": "ABC123",
    "it's S W one A": "SW1A",
    "K for kilo, T for tango, nine": "KT9",
    "M as in mother N as in nuts": "MN",
    "double L oh seven": "LL07",
    "b for bertie, d for dog": "BD",
    "golf hotel four four": "GH44",
    "zed zed nine": "ZZ9",
    "capital A small b": "AB",
    "R dash two two": "R22",
    "A, E, no, A, F": "AF",
    "jay kay el em": "JKLM",
    "tea for tango, bee for bravo": "TB",
    "what letters": None,
}  # fmt: skip
PHONES = {
    "oh seven seven double oh nine double oh one two three": "+447700900123",
    "0207 946 0958": "+442079460958",
    "oh two oh, seven nine four six, oh nine five eight": "+442079460958",
    "plus forty four seven seven hundred nine hundred one two three": "+447700900123",
    "my mobile's oh double seven oh oh nine oh oh one two three": "+447700900123",
    "it's the number I'm calling from": None,
}  # fmt: skip
NAMES = {
    "Ada Lovelace": "Ada Lovelace",
    "it's Mrs Holloway": "Holloway",
    "my name's Ben Carter": "Ben Carter",
    "the name is Bond": "Bond",
    "Ada Holloway, H O L L O W A Y": "Ada Holloway",
    "this is doctor Chandra Rao": "Chandra Rao",
    "you're speaking to Grace Kim": "Grace Kim",
    "I'd rather not say": None,
}  # fmt: skip
ANSWERS = {
    "yes": "yes", "yeah": "yes", "yep": "yes", "yup": "yes", "aye": "yes", "sure": "yes", "of course": "yes",
    "certainly": "yes", "absolutely": "yes", "that's right": "yes", "correct": "yes", "that is correct": "yes",
    "exactly": "yes", "right": "yes", "spot on": "yes", "go ahead": "yes", "go on then": "yes", "please do": "yes",
    "yes please": "yes", "mm hmm yes": "yes", "okay": "yes", "fine": "yes", "I do": "yes", "it is": "yes",
    "yes it is": "yes", "sounds good": "yes", "why not": "yes", "I think so": "yes", "I guess so": "yes",
    "you got it": "yes", "that's the one": "yes", "yes that's fine thank you": "yes", "uh huh": "yes",
    "definitely": "yes", "indeed": "yes", "that'll do": "yes", "perfect": "yes", "no problem": "yes",
    "no": "no", "nope": "no", "nah": "no", "no thanks": "no", "no thank you": "no", "not really": "no",
    "that's wrong": "no", "that's not right": "no", "incorrect": "no", "not at all": "no", "never": "no",
    "no it isn't": "no", "it isn't": "no", "it's not": "no", "I don't think so": "no", "absolutely not": "no",
    "certainly not": "no", "no way": "no", "of course not": "no", "definitely not": "no", "that's not it": "no",
    "wrong": "no", "not quite": "no", "I'd rather not": "no", "please don't": "no", "no you got it wrong": "no",
    "not today": "no", "I don't": "no", "negative": "no", "leave it": "no", "no that's not what I said": "no",
    "maybe": None, "I don't know": None, "what was that": None, "hang on": None, "say that again": None,
}  # fmt: skip
CORRECTED = {
    (ORDER, "123456", "no, six not nine"): None,
    (ORDER, "123459", "no, six not nine"): "123456",
    (ORDER, "123459", "six, not nine"): "123456",
    (ORDER, "123459", "not nine, six"): "123456",
    (ORDER, "123459", "the last one is a six"): "123456",
    (ORDER, "123459", "the last digit should be six"): "123456",
    (ORDER, "923456", "the first one is a one"): "123456",
    (ORDER, "123456", "no, one two three four five seven"): "123457",
    (ORDER, "123456", "it ends in seven eight"): "123478",
    (ORDER, "123456", "no it's double one three four five six"): "113456",
    (DAY, "2026-11-24", "no, Wednesday"): "2026-11-25",
    (DAY, "2026-11-24", "I said Thursday"): "2026-11-26",
    (DAY, "2026-11-24", "no not tomorrow, the day after"): "2026-11-25",
    (TIME, "15:30", "no, half past four"): "16:30",
    (TIME, "15:30", "in the morning"): None,
    (MONEY, "50.00", "no, fifteen"): "15.00",
    (MONEY, "50.00", "fifteen, not fifty"): "15.00",
    (MONEY, "50.00", "not fifty, fifteen"): "15.00",
    (MONEY, "15.00", "I said fifty, five zero"): "50.00",
}  # fmt: skip


BEYOND = frozenset(("five and twenty past two", "uh huh", "no problem", "no not tomorrow, the day after"))
"""Sentences that are not read, and asked again: what each would cost is more than it is worth."""


def cases():
    tables = (
        (ACCOUNT, DIGITS), (ORDER, ORDERS), (SHORT, CODES), (NUMBER, NUMBERS), (MONEY, SUMS), (DAY, DAYS),
        (PAST, PAST_DAYS), (SHOP, TIMES), (LETTERS, SPELT), (PHONE, PHONES), (NAME, NAMES),
    )  # fmt: skip
    for slot, table in tables:
        for text, value in table.items():
            if text not in BEYOND:
                yield pytest.param(slot, text, value, id=f"{slot.type}: {text}")


def heard(slots, text, **more):
    expect = Expectation(kind="values" if slots else "choice", slots=slots, today=TODAY, **more)
    return understand(expect, (Hypothesis(text=text, confidence=1.0),))


def value_in(meaning):
    return meaning.values[0].value if meaning.values else None


@pytest.mark.parametrize(("slot", "text", "value"), list(cases()))
def test_a_value_is_read_in_a_sentence(slot, text, value):
    assert value_in(heard((slot,), text)) == value


@pytest.mark.parametrize(
    ("size", "text", "digits"),
    [
        (slot.min_length, text, digits)
        for slot, table in ((ACCOUNT, DIGITS), (ORDER, ORDERS), (SHORT, CODES))
        for text, digits in table.items()
    ],
)
def test_a_string_is_read_where_nothing_else_is_asked_for(size, text, digits):
    expect = Expectation(kind="digits", min_digits=size, max_digits=size)
    meaning = understand(expect, (Hypothesis(text=text, confidence=1.0),))
    assert (meaning.value or None) == digits


@pytest.mark.parametrize(("text", "answer"), [pair for pair in ANSWERS.items() if pair[0] not in BEYOND])
def test_yes_and_no_in_all_their_forms(text, answer):
    meaning = heard((), text, options=YES_NO)
    assert (meaning.value or None) == answer


@pytest.mark.parametrize(
    ("slot", "known", "text", "value"),
    [(*key, value) for key, value in CORRECTED.items() if key[2] not in BEYOND],
)
def test_a_known_value_is_put_right(slot, known, text, value):
    changes = {"known": known, "is_asked": True}
    slot = Slot(**{**{name: getattr(slot, name) for name in Slot.__slots__}, **changes})
    assert value_in(heard((slot,), text, options=YES_NO)) == value


def test_what_is_beyond_the_readers_is_never_taken_for_something_else_surely():
    assert heard((SHOP,), "five and twenty past two").confidence < ACCEPT
    assert heard((), "uh huh", options=YES_NO).kind == "nothing"
    assert heard((), "no problem", options=YES_NO).kind == "nothing"
