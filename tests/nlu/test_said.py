"""What callers say, as typed values: every type, several at once, corrections, bounds, hostile input."""

from __future__ import annotations

import random
from datetime import date, timedelta
from time import process_time

import pytest

from ivr.actions import Expectation, Option, Slot
from ivr.audio.endpoint import Completeness
from ivr.events import Hypothesis
from ivr.flow import spoken
from ivr.nlu.match import ACCEPT, completeness, understand
from ivr.nlu.phrases import NO, YES
from ivr.nlu.values import Refused, Said, as_text

MONDAY = "2026-11-23"
YES_NO = (Option(name="yes", phrases=YES, key="1"), Option(name="no", phrases=NO, key="2"))
COMMANDS = (
    Option(name="help", phrases=("help",)),
    Option(name="agent", phrases=("agent", "I want to talk to someone")),
)
SIZES = (
    Option(name="small", phrases=("small", "a small one")),
    Option(name="large", phrases=("large", "a big one")),
)
NUMBER = Slot(name="guests", type="number")
MONEY = Slot(name="amount", type="money", currency="GBP")
DAY = Slot(name="day", type="date")
TIME = Slot(name="at", type="time")
CODE = Slot(name="code", type="letters", min_length=2, max_length=6)
ORDER = Slot(name="order", type="digits", min_length=4, max_length=4)
NAME = Slot(name="name", type="name")
PHONE = Slot(name="phone", type="phone", country="+44")
SIZE = Slot(name="size", type="choice", options=SIZES)
AGREED = Slot(name="agreed", type="yes_no")
ALL = (ORDER, DAY, TIME, NAME, SIZE, MONEY, PHONE, CODE, NUMBER)


def replaced(slot, **changes):
    return Slot(**{**{name: getattr(slot, name) for name in Slot.__slots__}, **changes})


def known(slot, value):
    return replaced(slot, known=value, is_asked=False)


def expects(*slots, **more):
    return Expectation(kind="values", slots=slots, today=MONDAY, **more)


def meaning(slots, *texts, confidence=1.0, **more):
    slots = (slots,) if isinstance(slots, Slot) else slots
    readings = tuple(Hypothesis(text=text, confidence=confidence) for text in texts)
    return understand(expects(*slots, **more), readings)


def said(slots, *texts, **more):
    return {one.slot: one.value for one in meaning(slots, *texts, **more).values}


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (NUMBER, "four", 4),
        (NUMBER, "a hundred and five", 105),
        (NUMBER, "twelve hundred", 1200),
        (NUMBER, "five thousand two hundred and six", 5206),
        (NUMBER, "1,250.5", 1250.5),
        (NUMBER, "two and a half", 2.5),
        (NUMBER, "three point one four", 3.14),
        (NUMBER, "minus five", -5),
        (NUMBER, "half a dozen", 6),
        (NUMBER, "a couple", 2),
        (NUMBER, "none", 0),
        (NUMBER, "one two three", 123),
        (NUMBER, "we are four people please", 4),
        (MONEY, "five pounds", "5.00"),
        (MONEY, "a hundred and five pounds twenty", "105.20"),
        (MONEY, "a hundred and five pounds and twenty pence", "105.20"),
        (MONEY, "twelve fifty", "12.50"),
        (MONEY, "five pounds oh five", "5.05"),
        (MONEY, "five and a half pounds", "5.50"),
        (MONEY, "fifty p", "0.50"),
        (MONEY, "a pound", "1.00"),
        (MONEY, "a tenner", "10.00"),
        (MONEY, "twenty dollars, sorry, fifteen pounds", "15.00"),
        (MONEY, "two hundred quid", "200.00"),
        (MONEY, "£105.20", "105.20"),
        (MONEY, "£1,250", "1250.00"),
        (MONEY, "80", "80.00"),
        (replaced(MONEY, currency="USD"), "twenty bucks fifty", "20.50"),
        (replaced(MONEY, currency="EUR"), "three euros ten", "3.10"),
        (DAY, "today", "2026-11-23"),
        (DAY, "tomorrow please", "2026-11-24"),
        (DAY, "the day after tomorrow", "2026-11-25"),
        (DAY, "on Friday", "2026-11-27"),
        (DAY, "this Friday", "2026-11-27"),
        (DAY, "next Friday", "2026-12-04"),
        (DAY, "next week on Friday", "2026-12-04"),
        (DAY, "Friday week", "2026-12-04"),
        (DAY, "a week on Tuesday", "2026-12-01"),
        (DAY, "on Monday", "2026-11-30"),
        (DAY, "last Friday", "2026-11-20"),
        (DAY, "the third", "2026-12-03"),
        (DAY, "the third of March", "2027-03-03"),
        (DAY, "third March", "2027-03-03"),
        (DAY, "March the third", "2027-03-03"),
        (DAY, "March 3rd", "2027-03-03"),
        (DAY, "the thirty first of December", "2026-12-31"),
        (DAY, "the third of March twenty twenty eight", "2028-03-03"),
        (DAY, "Thursday the third of December", "2026-12-03"),
        (DAY, "in two weeks", "2026-12-07"),
        (DAY, "in a fortnight", "2026-12-07"),
        (DAY, "in three days' time", "2026-11-26"),
        (DAY, "in a month", "2026-12-23"),
        (DAY, "two weeks from Friday", "2026-12-11"),
        (DAY, "a week ago", "2026-11-16"),
        (DAY, "the first of next month", "2026-12-01"),
        (DAY, "the twenty ninth of February", "2028-02-29"),
        (DAY, "Christmas Eve", "2026-12-24"),
        (DAY, "2026-12-03", "2026-12-03"),
        (DAY, "3/12/2026", "2026-12-03"),
        (replaced(DAY, at_most=MONDAY), "the third of March", "2026-03-03"),
        (replaced(DAY, at_most=MONDAY), "the third of March nineteen eighty four", "1984-03-03"),
        (replaced(DAY, at_most=MONDAY), "Friday", "2026-11-20"),
        (TIME, "half past three", "15:30"),
        (TIME, "quarter to nine", "08:45"),
        (TIME, "a quarter past ten", "10:15"),
        (TIME, "twenty five past six", "18:25"),
        (TIME, "ten minutes to five", "16:50"),
        (TIME, "three p m", "15:00"),
        (TIME, "3pm", "15:00"),
        (TIME, "12 p.m.", "12:00"),
        (TIME, "twelve thirty a m", "00:30"),
        (TIME, "17 30", "17:30"),
        (TIME, "17:30", "17:30"),
        (TIME, "seventeen thirty", "17:30"),
        (TIME, "seventeen hundred", "17:00"),
        (TIME, "oh nine thirty", "09:30"),
        (TIME, "nine fifteen in the morning", "09:15"),
        (TIME, "tomorrow evening at nine", "21:00"),
        (TIME, "eight o'clock", "08:00"),
        (TIME, "noon", "12:00"),
        (TIME, "four minutes to five", "16:56"),
        (TIME, "nine to five", "17:00"),
        (TIME, "midnight", "00:00"),
        (replaced(TIME, at_least="16:00", at_most="20:00"), "seven", "19:00"),
        (CODE, "A B one two", "AB12"),
        (CODE, "ab12", "AB12"),
        (CODE, "B as in Bravo C as in Charlie", "BC"),
        (CODE, "D for David E for Eric", "DE"),
        (CODE, "P as in Bravo A", "BA"),
        (CODE, "alpha bravo x-ray", "ABX"),
        (CODE, "bee see four", "BC4"),
        (CODE, "double A seven", "AA7"),
        (CODE, "double u k", "WK"),
        (CODE, "K oh L", "KOL"),
        (CODE, "K four oh two", "K402"),
        (CODE, "the code is M N O", "MNO"),
        (ORDER, "one two three four", "1234"),
        (ORDER, "double one double two", "1122"),
        (replaced(ORDER, min_length=1, max_length=9), "six hundred and sixty six", "666"),
        (replaced(ORDER, min_length=1, max_length=9), "five hundred and six seven eight", "50678"),
        (ORDER, "twelve thirty four", "1234"),
        (ORDER, "one two, let me see, three four", "1234"),
        (AGREED, "yes please", True),
        (AGREED, "I think so", True),
        (AGREED, "by all means", True),
        (AGREED, "no thank you", False),
        (AGREED, "I don't think so", False),
        (SIZE, "the large one", "large"),
        (SIZE, "I would like a small one please", "small"),
        (NAME, "my name is Ada Lovelace", "Ada Lovelace"),
        (NAME, "it's ada", "Ada"),
        (NAME, "Ada Lovelace please", "Ada Lovelace"),
        (NAME, "this is ludwig van beethoven speaking", "Ludwig van Beethoven"),
        (NAME, "Grace O'Brien", "Grace O'Brien"),
        (NAME, "i am fiona mcdonald", "Fiona McDonald"),
        (NAME, "我叫王小明", "王小明"),
        (NAME, "Peter no Paul", "Paul"),
        (NAME, "it's Peter, sorry, Paul please", "Paul"),
        (NAME, "it's Peter, sorry, I have a cold", "Peter"),
        (ORDER, "一二三四", "1234"),
        (NAME, "John Smith spelled S M Y T H E", "John Smythe"),
        (PHONE, "oh two oh seven nine four six oh nine five eight", "+442079460958"),
        (PHONE, "plus four four two oh seven nine four six oh nine five eight", "+442079460958"),
        (PHONE, "double oh four four twenty seven nine four six zero nine five eight", "+442079460958"),
        (PHONE, "oh seven seven hundred nine hundred one two three", "+447700900123"),
        (PHONE, "020 7946 0958", "+442079460958"),
        (PHONE, "+1 212 555 0199", "+12125550199"),
        (replaced(PHONE, country="+1"), "two one two five five five oh one nine nine", "+12125550199"),
    ],
)  # fmt: skip
def test_one_value(slot, text, value):
    found = said(slot, text)
    assert found == {slot.name: value}
    assert type(found[slot.name]) is type(value)


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (NUMBER, "I don't know"),
        (MONEY, "a lot of money"),
        (DAY, "one second please"),
        (DAY, "next week"),
        (DAY, "the thirty first of February"),
        (DAY, "the thirty second of May"),
        (MONEY, "ten euros"),
        (MONEY, "twelve fifty dollars"),
        (MONEY, "five dollars and twenty cents"),
        (TIME, "ten past"),
        (TIME, "it is ten to"),
        (TIME, "half an hour"),
        (TIME, "seventy five past three"),
        (CODE, "what do you mean"),
        (ORDER, "I have no idea"),
        (SIZE, "purple elephants dance"),
        (NAME, "no"),
        (NAME, "I do not know"),
        (NAME, "one two three"),
        (AGREED, "what was that"),
    ],
)
def test_no_value_is_made_of_other_words(slot, text):
    assert said(slot, text) == {}


@pytest.mark.parametrize(
    ("slots", "text", "values"),
    [
        ((ORDER, DAY), "order one two three four, for Tuesday", {"order": "1234", "day": "2026-11-24"}),
        ((ORDER, DAY), "for the third of March, number four four seven one", {"order": "4471", "day": "2027-03-03"}),
        ((ORDER, DAY), "one two three four for the fourth", {"order": "1234", "day": "2026-12-04"}),
        ((DAY, TIME), "tomorrow morning at nine", {"day": "2026-11-24", "at": "09:00"}),
        ((DAY, TIME), "Friday the fourth of December at half past three", {"day": "2026-12-04", "at": "15:30"}),
        ((MONEY, ORDER), "pay five pounds twenty for order one two three four", {"amount": "5.20", "order": "1234"}),
        ((ORDER, MONEY), "order one two three four twenty pounds", {"order": "1234", "amount": "20.00"}),
        (
            (NAME, DAY, TIME, SIZE),
            "my name is Ada Lovelace and I would like a small one for tomorrow at three p m",
            {"name": "Ada Lovelace", "day": "2026-11-24", "at": "15:00", "size": "small"},
        ),
        ((DAY, replaced(DAY, name="back")), "from Tuesday to Friday", {"day": "2026-11-24", "back": "2026-11-27"}),
        ((DAY, replaced(DAY, name="back")), "back Friday, day Tuesday", {"day": "2026-11-24", "back": "2026-11-27"}),
    ],
)  # fmt: skip
def test_several_values_in_one_sentence(slots, text, values):
    assert said(slots, text) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("order one two three four, for Tuesday, no, Wednesday", {"order": "1234", "day": "2026-11-25"}),
        ("Tuesday sorry I mean Thursday", {"day": "2026-11-26"}),
        ("tomorrow, make that Friday", {"day": "2026-11-27"}),
        ("not Tuesday, Wednesday", {"day": "2026-11-25"}),
        ("it's not Tuesday it's Wednesday", {"day": "2026-11-25"}),
        ("one two three four no one two three five for Friday", {"order": "1235", "day": "2026-11-27"}),
    ],
)
def test_corrected_in_the_same_sentence(text, values):
    found = meaning((ORDER, DAY), text)
    assert {one.slot: one.value for one in found.values} == values
    (corrected,) = [one for one in found.values if one.is_correction]
    assert corrected.confidence > ACCEPT


def test_the_last_of_two_counts_but_is_not_sure():
    (one,) = meaning(DAY, "Tuesday Wednesday").values
    assert one.value == "2026-11-25"
    assert not one.is_correction
    assert one.confidence < ACCEPT


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [
        ("no, Wednesday", "day", "2026-11-25"),
        ("Wednesday", "day", "2026-11-25"),
        ("make it Friday", "day", "2026-11-27"),
        ("Friday instead", "day", "2026-11-27"),
        ("the day is wrong it should be Friday", "day", "2026-11-27"),
        ("no the order is one two three nine", "order", "1239"),
        ("not six, nine", "order", "1239"),
        ("not six but nine", "order", "1239"),
        ("no, it's a nine, not a six", "order", "1239"),
    ],
)
def test_corrected_at_the_read_back(text, slot, value):
    slots = (known(ORDER, "1236"), known(DAY, "2026-11-24"))
    (one,) = meaning(slots, text, options=YES_NO).values
    assert (one.slot, one.value, one.is_correction) == (slot, value, True)


BACK = Slot(name="back", type="date", is_asked=False)


@pytest.mark.parametrize(
    ("slots", "text", "values"),
    [
        ((MONEY, replaced(NUMBER, is_asked=False)), "twenty", {"amount": "20.00"}),
        ((DAY, BACK), "Tuesday", {"day": "2026-11-24"}),
        ((DAY, BACK), "Tuesday no Wednesday", {"day": "2026-11-25"}),
        ((known(DAY, "2026-11-24"), BACK), "Friday", {"back": "2026-11-27"}),
        ((AGREED, DAY), "yes, for Tuesday, no, Wednesday", {"agreed": True, "day": "2026-11-25"}),
        ((known(DAY, "2026-12-01"),), "no, next Tuesday", {"day": "2026-11-24"}),
        ((CODE, DAY), "A B for Tuesday", {"code": "AB", "day": "2026-11-24"}),
        ((DAY, replaced(NAME, is_asked=False)), "it is for Friday", {"day": "2026-11-27"}),
        ((DAY, replaced(NAME, is_asked=False)), "it's Tom", {}),
        ((DAY, replaced(NAME, is_asked=False)), "my name is Tom", {"name": "Tom"}),
        ((ORDER,), "one two I was thinking about it three four", {}),
    ],
)
def test_whose_value_it_is(slots, text, values):
    assert said(slots, text) == values


def test_words_that_only_sound_like_letters_are_not_sure():
    (one,) = meaning(CODE, "I see").values
    assert (one.value, one.confidence < ACCEPT) == ("IC", True)


def test_the_whole_string_called_wrong_is_no_half_of_it_put_right():
    found = meaning(known(ORDER, "1234"), "not one two three four", options=YES_NO)
    assert (found.kind, found.value, found.values) == ("option", "no", ())


def test_a_sign_that_stands_twice_is_not_guessed_at():
    assert said(known(ORDER, "1266"), "not six, nine") == {}


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("yes", "option", "yes"),
        ("that's right", "option", "yes"),
        ("yes Tuesday", "option", "yes"),
        ("no", "option", "no"),
        ("no that's wrong", "option", "no"),
        ("not Tuesday", "option", "no"),
        ("help", "command", "help"),
        ("I want to speak to a real person", "command", "agent"),
    ],
)
def test_options_and_commands_besides(text, kind, value):
    slots = (known(ORDER, "1236"), known(DAY, "2026-11-24"), known(NAME, "Ada"))
    found = meaning(slots, text, options=YES_NO, commands=COMMANDS)
    assert (found.kind, found.value, found.values) == (kind, value, ())


def test_who_asks_for_a_person_is_heard_whatever_else_they_say():
    text = "one two three four and let me speak to a real person"
    assert meaning((ORDER, DAY), text, commands=COMMANDS).value == "agent"


def test_a_command_is_no_name():
    assert meaning(NAME, "help", commands=COMMANDS).kind == "command"
    assert meaning(NAME, "I want to talk to someone", commands=COMMANDS).value == "agent"


@pytest.mark.parametrize(
    ("slot", "text", "why"),
    [
        (replaced(DAY, at_least="2026-11-24"), "today", "too_little"),
        (replaced(DAY, at_most="2026-12-10"), "the third of March", "too_much"),
        (replaced(TIME, at_least="09:00", at_most="17:00"), "six p m", "too_much"),
        (replaced(NUMBER, at_most="8"), "nine", "too_much"),
        (replaced(MONEY, at_least="5"), "four pounds ninety", "too_little"),
        (ORDER, "one two three", "too_short"),
        (ORDER, "one two three four five", "too_long"),
        (CODE, "A B C D E F G", "too_long"),
        (replaced(ORDER, check="luhn"), "one two three four", "check"),
        (replaced(DAY, denied=("2026-11-24",)), "tomorrow", "denied"),
        (PHONE, "one two three", "unclear"),
    ],
)
def test_what_cannot_be_is_not_understood_but_says_why(slot, text, why):
    found = meaning(slot, text)
    assert (found.kind, found.values) == ("nothing", ())
    assert found.refused == (Refused(slot.name, why),)
    assert found.evidence == f"{why}: {slot.name}"
    assert found.text == text


def test_one_value_may_be_refused_beside_another():
    slots = (ORDER, replaced(DAY, at_most="2026-12-10"))
    found = meaning(slots, "one two three four for the third of March")
    assert [one.slot for one in found.values] == ["order"]
    assert found.refused == (Refused("day", "too_much"),)


def test_what_was_denied_gives_way_to_the_other_reading():
    assert said(replaced(DAY, denied=("2026-12-04",)), "next Friday") == {"day": "2026-11-27"}
    assert said(replaced(TIME, denied=("15:30",)), "half past three") == {"at": "03:30"}
    assert said(replaced(TIME, denied=("15:30", "03:30")), "half past three") == {}
    assert said(replaced(ORDER, denied=("1234",)), "one two three four", "one two three five") == {}, (
        "the second reading of a string is seldom right: it is asked for again"
    )
    assert said(replaced(AGREED, denied=("true",)), "yes") == {}


def test_two_meanings_are_asked_back_unless_bounds_decide():
    (open_,) = meaning(TIME, "half past three").values
    (closed,) = meaning(replaced(TIME, at_least="09:00", at_most="18:00"), "half past three").values
    assert open_.confidence < ACCEPT < closed.confidence
    (day,) = meaning(DAY, "next Friday").values
    assert day.confidence < ACCEPT


def test_confidence_is_the_recognisers_times_the_readings():
    doubtful = meaning(DAY, "tomorrow", confidence=0.6)
    assert doubtful.values == (Said("day", "2026-11-24", 0.6),)
    unsure = meaning(DAY, "tomorrow", confidence=0.3)
    assert (unsure.kind, unsure.text) == ("nothing", "tomorrow")


def test_a_right_check_digit_makes_sure_and_chooses_among_readings():
    slot = replaced(ORDER, check="luhn", min_length=8, max_length=8)
    wrong, right = "one two three four five six seven five", "one two three four five six seven four"
    (one,) = meaning(slot, wrong, right, confidence=0.5).values
    assert one.value == "12345674"
    assert one.confidence > ACCEPT


def test_readings_that_agree_are_surer_than_one():
    (alone,) = meaning(DAY, "for tomorrow", confidence=0.45).values
    (agreed,) = meaning(DAY, "for tomorrow", "tomorrow", confidence=0.45).values
    assert agreed.confidence > alone.confidence


def test_evidence_never_holds_what_the_caller_said():
    found = meaning((ORDER, DAY), "one two three four for Tuesday")
    assert found.evidence == "values: order day"


@pytest.mark.parametrize(
    ("slots", "text", "wanted"),
    [
        (DAY, "", Completeness.NOTHING),
        (DAY, "on", Completeness.INCOMPLETE),
        (DAY, "tomorrow", Completeness.COMPLETE),
        (DAY, "the third", Completeness.CONFIDENT),
        (DAY, "the third of", Completeness.INCOMPLETE),
        (DAY, "the third of March", Completeness.COMPLETE),
        (DAY, "Tuesday no", Completeness.INCOMPLETE),
        (ORDER, "one two three", Completeness.INCOMPLETE),
        (ORDER, "one two three four", Completeness.COMPLETE),
        (CODE, "A B", Completeness.INCOMPLETE),
        (CODE, "A B C D E F", Completeness.COMPLETE),
        (NUMBER, "twenty", Completeness.CONFIDENT),
        (MONEY, "five pounds", Completeness.CONFIDENT),
        (MONEY, "five pounds twenty", Completeness.COMPLETE),
        (TIME, "three", Completeness.CONFIDENT),
        (TIME, "three p m", Completeness.COMPLETE),
        (PHONE, "oh two oh seven nine four six oh nine five", Completeness.INCOMPLETE),
        (PHONE, "oh two oh seven nine four six oh nine five eight", Completeness.COMPLETE),
        (AGREED, "yes", Completeness.COMPLETE),
        (SIZE, "large", Completeness.COMPLETE),
        ((ORDER, DAY), "one two three four", Completeness.CONFIDENT),
        ((ORDER, DAY), "one two three four for", Completeness.INCOMPLETE),
        ((ORDER, DAY), "one two three four for tomorrow", Completeness.COMPLETE),
        (DAY, "purple elephants", Completeness.INCOMPLETE),
    ],
)
def test_completeness(slots, text, wanted):
    slots = (slots,) if isinstance(slots, Slot) else slots
    assert completeness(expects(*slots), text) is wanted


@pytest.mark.parametrize(
    ("slot", "text", "value"),
    [
        (DAY, "明天", "2026-11-24"),
        (DAY, "大后天吧", "2026-11-26"),
        (DAY, "下周五", "2026-12-04"),
        (DAY, "星期天", "2026-11-29"),
        (DAY, "三月三号", "2027-03-03"),
        (DAY, "二零二八年三月三号", "2028-03-03"),
        (DAY, "十二月 二十三号", "2026-12-23"),
        (DAY, "三号", "2026-12-03"),
        (DAY, "两个星期以后", "2026-12-07"),
        (DAY, "星期二 不 星期三", "2026-11-25"),
        (DAY, "不是星期二 星期三", "2026-11-25"),
        (TIME, "下午三点半", "15:30"),
        (TIME, "九点一刻", "09:15"),
        (TIME, "十七点三十分", "17:30"),
        (TIME, "中午十二点", "12:00"),
        (NUMBER, "一百零五", 105),
        (NUMBER, "三万五千", 35_000),
        (NUMBER, "三点五", 3.5),
        (MONEY, "五英镑二十便士", "5.20"),
        (replaced(MONEY, currency="EUR"), "两千欧元", "2000.00"),
        (AGREED, "是的", True),
        (AGREED, "不用了", False),
        (NAME, "我叫王小明", "王小明"),
    ],
)
def test_values_in_mandarin(slot, text, value):
    assert said(slot, text, language="zh") == {slot.name: value}


def test_several_values_in_mandarin():
    found = said((ORDER, DAY), "订单一二三四 星期五 不对 星期六", language="zh")
    assert found == {"order": "1234", "day": "2026-11-28"}


HOSTILE = [
    "", "'", "   ", "one " * 10_000, "double " * 5_000, "the third of " * 3_000, "not " * 3_000, "9" * 20_000,
    "plus " * 2_000, "a b " * 2_000, "no " * 3_000, "half past " * 2_000, "٣٤٥ ١٢",
    "我叫王小明 明天下午三点", "हेलो दस",
    "\x00\x1b[31m", "{{ 7 * 7 }}", "' OR 1=1 --", "e" * 50_000, "in nine hundred thousand million years",
    "a million million million weeks ago", "²³¹", "Ⅻ ½", "万" * 3_000, "一" * 3_000, "零零零零年零月零号",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_read_quickly_and_never_raise(text, language):
    expect = expects(*ALL, options=YES_NO, commands=COMMANDS, language=language)
    understand(expect, (Hypothesis(text="warm", confidence=1.0),))
    began = process_time()
    understand(expect, (Hypothesis(text=text, confidence=0.9),))
    completeness(expect, text)
    assert process_time() - began < 2.0


WORDS = (
    "one two twenty hundred and point pounds p half past quarter to the third of march friday next no sorry not a b "
    "bravo as in for double oh plus my name is ada small large yes week ago today 17 30 £5 . ,"
)


def test_any_words_at_all_give_only_values_within_bounds():
    chance = random.Random(7)
    words = WORDS.split()
    slots = (
        ORDER, replaced(DAY, at_least="2026-11-23", at_most="2027-11-23"), CODE, NAME,
        replaced(TIME, at_least="09:00", at_most="17:30"), replaced(MONEY, at_least="1", at_most="99.99"),
        replaced(NUMBER, at_least="1", at_most="50"),
    )  # fmt: skip
    expect = expects(*slots)
    for _ in range(1500):
        text = " ".join(chance.choice(words) for _ in range(chance.randint(1, 14)))
        found = understand(expect, (Hypothesis(text=text, confidence=1.0),))
        values = {one.slot: one.value for one in found.values}
        assert len(values) == len(found.values)
        assert len(values.get("order", "1234")) == 4
        assert "2026-11-23" <= values.get("day", MONDAY) <= "2027-11-23"
        assert 1 <= values.get("guests", 1) <= 50
        assert "09:00" <= values.get("at", "09:00") <= "17:30"
        assert 1 <= float(values.get("amount", "1")) <= 99.99
        assert 2 <= len(values.get("code", "AB")) <= 6


def spoken_date(value):
    class Now(dict):
        """The context of a template, as the filter reads it."""

    return spoken.date(Now(now=MONDAY), value)


@pytest.mark.parametrize(
    ("slot", "say", "make"),
    [
        (
            NUMBER,
            spoken.number,
            lambda chance: chance.choice((chance.randint(0, 999), chance.randint(0, 999_999))),
        ),
        (NUMBER, spoken.number, lambda chance: chance.randint(0, 9999) / 100),
        (MONEY, spoken.money, lambda chance: f"{chance.randint(0, 999_999) / 100:.2f}"),
        (
            DAY,
            spoken_date,
            lambda chance: (date(2026, 11, 21) + timedelta(days=chance.randint(0, 700))).isoformat(),
        ),
        (TIME, spoken.time, lambda chance: f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"),
        (ORDER, spoken.digits, lambda chance: f"{chance.randint(0, 9999):04}"),
        (
            CODE,
            spoken.spell,
            lambda chance: "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ123456789", k=5)),
        ),
    ],
    ids=["whole", "broken", "money", "date", "time", "digits", "letters"],
)
def test_what_our_own_voice_says_is_read_back(slot, say, make):
    chance = random.Random(11)
    for value in [make(chance) for _ in range(300)]:
        assert said(slot, say(value)) == {slot.name: value}, say(value)


def test_values_as_text():
    assert [as_text(value) for value in (True, False, 4, 2.5, "105.20")] == [
        "true",
        "false",
        "4",
        "2.5",
        "105.20",
    ]


def test_the_day_of_the_call_decides_and_nothing_else():
    for offset in range(7):
        today = date(2026, 11, 23) + timedelta(days=offset)
        expect = Expectation(kind="values", slots=(DAY,), today=today.isoformat())
        (one,) = understand(expect, (Hypothesis(text="Friday", confidence=1.0),)).values
        found = date.fromisoformat(one.value)
        assert found.weekday() == 4 and 0 < (found - today).days <= 7


def test_without_the_day_of_the_call_no_day_is_understood():
    expect = Expectation(kind="values", slots=(DAY,))
    assert understand(expect, (Hypothesis(text="tomorrow", confidence=1.0),)).kind == "nothing"
