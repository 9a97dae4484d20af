"""How callers say values, as nets: what a recogniser listens for where values are asked for.

English; how such sentences are understood is ``nlu``'s.
"""

from __future__ import annotations

import random
from dataclasses import replace

from ivr.actions import Expectation, Slot
from ivr.nlu.days import FEASTS, ORDINALS
from ivr.nlu.letters import NATO
from ivr.nlu.normalise import TEENS
from ivr.nlu.phrases import NO, YES
from ivr.speech.nets import Again, Alt, Net, Opt, Times, alt, seq, walk, words_in
from ivr.speech.people import FIRST_NAMES, LAST_NAMES
from ivr.speech.stt import DIGITS, phrases_of, words_of

EXAMPLES, MOST_EXAMPLES = 150, 600
"""Sentences for each slot, and for all: enough for every word to have its usual neighbours (a bigram model). 600
take Vosk 18 ms at each utterance."""
LONGEST_STRING = 20
SHORTEST_PHONE, LONGEST_PHONE = 7, 14
ASKED, OTHER = 1.0, 0.3
"""What the question asks for is said more often than what may be corrected besides."""
LED, TAKEN_BACK, POLITE, MORE = 0.25, 0.1, 0.15, 0.25
"""Chances that words stand before a value, that one is taken back, of "please", and of one more value."""

MONTHS = alt(
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
WEEKDAYS = alt("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DIGIT = alt(*DIGITS)
UNIT = alt(*DIGITS[1:10])
TEEN = alt(*TEENS)
TEN = alt("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
TWO_FIGURES = alt((TEEN, 1.0), (seq(TEN, Opt(UNIT, 0.5)), 2.0))
BELOW_100 = alt((UNIT, 1.0), (TWO_FIGURES, 2.0))
HUNDREDS = seq(alt("a", UNIT), "hundred", Opt(seq(Opt("and", 0.7), BELOW_100), 0.5))
BELOW_1000 = alt((BELOW_100, 3.0), (HUNDREDS, 1.0))
THOUSANDS = seq(alt(("a", 1.0), (BELOW_100, 3.0)), "thousand", Opt(seq(Opt("and", 0.3), BELOW_1000), 0.5))
CARDINAL = alt((BELOW_1000, 8.0), (THOUSANDS, 1.0))
DAY = alt(*ORDINALS, *(f"twenty {word}" for word in tuple(ORDINALS)[:9]), "thirty first")
YEAR = alt(
    (seq(alt("twenty", "nineteen"), BELOW_100), 3.0), (seq("two thousand", Opt("and", 0.5), BELOW_100), 1.0)
)
HOUR = alt(*DIGITS[1:10], "ten", "eleven", "twelve")
UNITS = alt("day", "days", "week", "weeks", "month", "months", "fortnight")
LATE = alt(
    *tuple(TEENS)[3:],
    "twenty",
    "twenty one",
    "twenty two",
    "twenty three",
    *(f"oh {word}" for word in DIGITS[1:10]),
)
PART = alt("a m", "p m", "in the morning", "in the afternoon", "in the evening", "at night")
MINUTES = alt((alt("fifteen", "thirty", "forty five", seq("oh", UNIT)), 2.0), (TWO_FIGURES, 1.0))

LEADS: dict[str, tuple[str, ...]] = {
    "digits": ("it is", "it's", "number", "the number is", "my number is"),
    "number": ("it is", "it's", "about", "we are", "there are"),
    "money": ("it is", "it's", "about", "pay", "i would like to pay", "i want to pay"),
    "date": ("on", "for", "it is", "it's", "by", "could i come on", "i would like to come on", "can i have"),
    "time": ("at", "around", "about", "for", "it is", "it's", "could i come at"),
    "letters": ("it is", "it's", "the code is"),
    "yes_no": (),
    "choice": ("the", "a", "i would like", "i would like a", "i want the", "it is", "it's"),
    "name": ("my name is", "it is", "it's", "this is", "i am", "i'm", "the name is"),
    "phone": ("it is", "it's", "my number is", "the number is"),
}
TAKE_BACK = alt(
    ("no", 3.0), "no i mean", "sorry", "no sorry", "i mean", "make that", "make it", "actually", "not", "no it's",
    "no it is", "change it to",
)  # fmt: skip


def heard_as(expect: Expectation) -> Expectation:
    """The expectation without what changes from call to call but not what can be heard: day, known and denied."""
    slots = tuple(
        replace(slot, denied=(), known="", at_least="", at_most="", heard=(), is_in_data=False)
        for slot in expect.slots
    )
    return replace(expect, slots=slots, today="", denied=(), heard=(), is_in_data=False, is_reranked=True)


def sentence(slots: tuple[Slot, ...], own: tuple[str, ...] = ()) -> Net:
    """All that may be said to fill the slots: one value or several, led, corrected, politely. ``own``: words of the
    company's that may be names."""
    values = Alt(tuple((_value(slot, own), ASKED if slot.is_asked else OTHER) for slot in slots))
    link = alt(("", 3.0), (TAKE_BACK, 3.0), "and", "for")
    return seq(
        Opt(TAKE_BACK, TAKEN_BACK), Again(values, link, MORE), Opt(alt("please", "thanks", "instead"), POLITE)
    )


def examples(slots: tuple[Slot, ...], own: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Random sentences of the slots, always the same ones, and every word alone."""
    net, chance = sentence(slots, own), random.Random(0)
    found = dict.fromkeys(tuple(walk(net, chance)) for _ in range(min(MOST_EXAMPLES, EXAMPLES * len(slots))))
    return [*found, *((word,) for word in sorted(words_in(net)))]


def _value(slot: Slot, own: tuple[str, ...]) -> Net:
    name = " ".join(words_of(slot.name.replace("_", " ")))
    called = [
        f"{lead}{name}{tail}" for lead in ("", "the ", "my ") for tail in ("", " is", " number is", " number")
    ]
    called.append(f"change the {name} to")
    leads = alt(*LEADS[slot.type], *(called if name else ()))
    value = saying(slot, own)
    if slot.type in ("digits", "letters", "phone") and not slot.is_asked:
        sign = saying(
            replace(slot, type="letters" if slot.type == "letters" else "digits", min_length=1, max_length=2)
        )
        value = alt((value, 3.0), (seq("not", sign, Opt(alt("but", "it's", "it is"), 0.4), sign), 1.0))
    return seq(Opt(leads, LED), value)


def saying(slot: Slot, own: tuple[str, ...] = ()) -> Net:
    """Ways to say one value, and nothing else."""
    longest = min(slot.max_length, LONGEST_STRING)
    match slot.type:
        case "digits":
            return Times(_digit(), min(slot.min_length, longest), longest)
        case "letters":
            return Times(_letter(), min(slot.min_length, longest), longest)
        case "phone":
            return seq(Opt("plus", 0.1), Times(_digit(), SHORTEST_PHONE, LONGEST_PHONE))
        case "number":
            return _number()
        case "money":
            return _money(slot.currency)
        case "date":
            return _date()
        case "time":
            return _time()
        case "name":
            first, last = alt(*FIRST_NAMES, *own), alt(*LAST_NAMES, *own)
            return alt((first, 2.0), (seq(first, last), 3.0), (last, 1.0))
        case "choice":
            phrases = tuple(map(" ".join, phrases_of(slot.options)))
            return seq(alt(*phrases), Opt("one", 0.15)) if phrases else ""
        case "yes_no":
            return alt(*(" ".join(words_of(phrase)) for phrase in (*YES, *NO)))


def _digit() -> Net:
    return alt((DIGIT, 20.0), (seq(alt(("double", 3.0), "triple"), DIGIT), 1.0))


def _letter() -> Net:
    spoken = {
        letter: word for word, letter in NATO.items() if word not in ("alfa", "juliett", "whisky", "xray")
    }
    spoken["X"] = "x ray"
    plain = alt(*(letter.lower() for letter in spoken))
    told = alt(*(f"{letter.lower()} as in {word}" for letter, word in spoken.items()))
    return alt(
        (plain, 8.0), (DIGIT, 4.0), (alt(*spoken.values()), 2.0), (told, 1.0), (seq("double", plain), 0.2)
    )


def _number() -> Net:
    broken = seq(BELOW_100, alt((seq("point", Times(UNIT, 1, 2)), 2.0), ("and a half", 1.0)))
    whole = seq(CARDINAL, Opt(alt("people", "of us", "of them"), 0.05))
    return alt((whole, 20.0), (broken, 1.0), (alt("a couple", "a dozen", "none", "zero"), 1.0))


def _money(currency: str) -> Net:
    words = {
        "GBP": ("pound", "pounds", "pence"),
        "EUR": ("euro", "euros", "cents"),
        "USD": ("dollar", "dollars", "cents"),
    }
    if currency not in words:
        return _number()
    one, unit, part = words[currency]
    rest = Opt(seq(Opt("and", 0.3), BELOW_100, Opt(part, 0.5)), 0.4)
    return alt(
        (seq(CARDINAL, unit, rest), 6.0),
        (seq(alt(f"a {one}", f"one {one}"), rest), 0.5),
        (seq(BELOW_100, part), 1.0),
        (seq(BELOW_100, TWO_FIGURES), 1.5),
        (CARDINAL, 1.5),
    )


def _date() -> Net:
    near = alt(("today", 2.0), ("tomorrow", 3.0), "the day after tomorrow", "yesterday", "tonight")
    dated = alt((seq(Opt("the", 0.8), DAY, "of", MONTHS), 3.0), (seq(MONTHS, Opt("the", 0.5), DAY), 1.0))
    after = alt("week", "next week", seq("the", DAY, Opt(seq("of", MONTHS), 0.5)))
    weekday = seq(
        Opt(alt(("next", 3.0), ("this", 2.0), "last", "this coming"), 0.3), WEEKDAYS, Opt(after, 0.15)
    )
    amount = seq(alt(("a", 2.0), ("two", 2.0), "three", "four", "five", "six", "ten"), UNITS)
    counted = alt(
        (seq("in", amount, Opt("time", 0.2)), 3.0),
        seq(
            amount,
            alt(
                seq("from", alt("now", "today", "tomorrow")), "ago", "today", "tomorrow", seq("on", WEEKDAYS)
            ),
        ),
    )
    return alt(
        (near, 3.0),
        (weekday, 5.0),
        (seq(dated, Opt(YEAR, 0.1)), 5.0),
        (seq("the", DAY), 2.0),
        (counted, 1.0),
        (alt("the end of the month", *map(" ".join, FEASTS)), 0.3),
    )


def _time() -> Net:
    few = seq(alt("five", "ten", "twenty", "twenty five"), Opt("minutes", 0.1))
    to = seq(
        alt(
            ("half past", 3.0),
            (seq(Opt("a", 0.2), "quarter", alt("past", "to")), 4.0),
            (seq(few, alt("past", "to")), 2.0),
        ),
        HOUR,
    )
    return alt(
        (seq(to, Opt(PART, 0.1)), 3.0),
        (seq(HOUR, Opt(MINUTES, 0.5), PART), 3.0),
        (seq(HOUR, MINUTES), 2.0),
        (HOUR, 1.0),
        (seq(HOUR, "o'clock", Opt(PART, 0.2)), 2.0),
        (seq(LATE, alt((MINUTES, 3.0), "hundred")), 1.0),
        (alt("noon", "midday", "midnight"), 0.5),
        (seq("tomorrow", alt("morning", "afternoon", "evening"), "at", HOUR), 0.2),
    )
