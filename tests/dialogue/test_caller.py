"""What a call knows of its caller: language, pace, a profile kept with consent; values, opening hours."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sitekit import SITE, book
from talkkit import STARTED, Talk

from ivr.actions import Enqueue, Listen, Lookup, Remember, Say
from ivr.dialogue import steps
from ivr.dialogue.callback import begin_callback
from ivr.dialogue.engine import where
from ivr.dialogue.state import begin
from ivr.dialogue.turn import Turn
from ivr.flow.load import parse
from ivr.flow.site import Book

MAIN = """
flow: main
start: hello
steps:
  hello:
    say: Hello{% if profile.name %}, {{ profile.name }}{% endif %}.
    next: menu
  menu:
    ask: What would you like?
    open: true
    choices:
      parcel: { label: a parcel, key: 1, phrases: [parcel], next: parcel }
      chinese: { key: 2, phrases: [Chinese], next: chinese }
      english: { key: 3, phrases: [English], next: english }
      keep: { key: 4, phrases: [remember me], next: keep }
      forget: { key: 5, phrases: [forget me], next: forget }
      enough: { label: that was all, key: 6, phrases: [that was all], next: done }
      who: { key: 7, phrases: [who am I], next: who }
  parcel:
    run: parcel
    next: menu
  chinese:
    language: zh
    next: menu
  english:
    language: en
    next: menu
  keep:
    remember: [name, language, pace, reason]
    next: menu
  forget:
    remember: []
    next: menu
  who:
    look_up: who
    with: { phone: "{{ caller }}" }
    proves: caller_id
    found: menu
    failed: menu
"""
PARCEL = (
    "flow: parcel\nstart: one\nsteps:\n  one:\n    say: It is {{ 2 | number }} days away.\n    next: done\n"
)
MAIN_ZH = """
steps:
  hello: { say: "您好。" }
  menu:
    voice: cmn-soft
    ask: 您要办什么？
    choices:
      parcel: { label: 包裹, phrases: [包裹] }
      chinese: { phrases: [中文] }
      english: { phrases: [英文] }
      keep: { phrases: [记住我] }
      forget: { phrases: [忘记我] }
      enough: { label: 没有了, phrases: [没有了] }
      who: { phrases: [我是谁] }
"""
PARCEL_ZH = "steps:\n  one: { say: '还有{{ 2 | count(\"天\") }}。' }\n"
SITE_ZH = "commands: { help: 帮助, repeat: 再说一遍, back: 返回, restart: 重新开始, agent: 人工 }\n"
MORE = "languages: { zh: { voice: cmn, name: 中文 } }\n"


@pytest.fixture(scope="module")
def site() -> Book:
    return book(MAIN, PARCEL, site=MORE, main_zh=MAIN_ZH, parcel_zh=PARCEL_ZH, site_zh=SITE_ZH)


def known(site: Book, **profile: object) -> Talk:
    return Talk(site, begin(site, replace(STARTED, profile=profile)))


def kept(talk: Talk) -> dict[str, object] | None:
    """What is kept at the end of the call."""
    talk.hangs_up()
    found = talk.of(Remember)
    return found[0].profile if found else None


class TestLanguage:
    def test_another_language_from_the_next_word_on(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("2")
        assert talk.words().endswith("您要办什么？")
        (listen,) = talk.of(Listen)
        assert listen.expect.language == "zh"
        assert {option.name: option.phrases for option in listen.expect.commands}["agent"] == ("人工",)
        talk.says("包裹")
        assert "还有两天。" in talk.words()

    def test_and_back(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("23")
        assert talk.state.language == "" and talk.words().endswith("What would you like?")

    def test_the_ticket_carries_it(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("2")
        talk.says("转 人工")
        (queued,) = talk.of(Enqueue)
        assert queued.ticket.language == "zh"
        called_back = Talk(site, begin_callback(site, STARTED, queued.ticket))
        assert called_back.state.language == "zh" and called_back.of(Say)[0].voice == "cmn"

    def test_a_voice_of_the_language_and_one_of_a_step(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("2")
        assert [say.voice for say in talk.of(Say)] == ["cmn-soft"]
        talk.presses("1")
        assert [say.voice for say in talk.of(Say)] == ["cmn", "cmn-soft"]
        talk.presses("0")
        talk.hears()
        talk.placed(1)
        assert [say.voice for say in talk.of(Say)] == ["cmn"], "no step of ours speaks in line"

    def test_the_flows_version_stays(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("2")
        assert talk.state.book_version == site.version

    def test_a_line_that_breaks_stays_in_it(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("2")
        talk.resumes()
        assert talk.words().endswith("您要办什么？")


class TestPace:
    def test_slower_says_it_again_and_goes_on_so(self, site: Book) -> None:
        talk = Talk(site)
        talk.hears()
        for pace in (0.85, 0.7, 0.7):
            talk.says("slower please")
            (said,) = talk.of(Say)
            assert (said.pace, " ".join(said.phrases)) == (pace, "Hello. What would you like?")
            talk.hears()
        talk.presses("1")
        assert {say.pace for say in talk.of(Say)} == {0.7}

    def test_the_usual_pace_is_one(self, site: Book) -> None:
        assert {say.pace for say in Talk(site).of(Say)} == {1.0}


class TestProfile:
    def test_nothing_is_kept_without_consent(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("71")
        assert kept(talk) is None

    def test_what_is_known_at_the_end_is_kept(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("4")
        assert not talk.of(Remember), "at the end, not before"
        talk.presses("7")
        talk.looked_up(name="Ann Lee")
        talk.says("slower")
        talk.presses("126")
        assert kept(talk) == {"name": "Ann Lee", "language": "zh", "pace": 0.85, "reason": "parcel"}

    def test_it_holds_from_the_first_word_of_the_next_call(self, site: Book) -> None:
        talk = known(site, name="Ann Lee", language="zh", pace=0.85, reason="parcel")
        assert talk.words() == "您好。 您要办什么？"
        assert {say.pace for say in talk.of(Say)} == {0.85}
        assert known(site, name="Ann Lee").words().startswith("Hello, Ann Lee.")

    def test_consent_goes_on_and_what_is_new_is_kept(self, site: Book) -> None:
        talk = known(site, name="Ann Lee", reason="")
        talk.presses("1")
        assert kept(talk) == {"name": "Ann Lee", "reason": "parcel"}

    @pytest.mark.parametrize("keys", ["5", "45"])
    def test_who_wants_to_be_forgotten_is_at_once(self, site: Book, keys: str) -> None:
        talk = known(site, name="Ann Lee")
        talk.presses(keys)
        assert [action.profile for action in talk.of(Remember)] == [{}]
        assert talk.state.profile == {} and kept(talk) is None

    @pytest.mark.parametrize("caller", ["", "anonymous", "client:ann", "+266696687"])
    def test_a_withheld_number_is_never_kept(self, site: Book, caller: str) -> None:
        talk = Talk(site, begin(site, replace(STARTED, caller=caller)))
        talk.presses("4")
        assert kept(talk) is None

    def test_what_a_profile_may_hold_is_checked(self, site: Book) -> None:
        talk = known(site, language="xx", pace=0.1, reason=7, wishes="all")
        assert (talk.state.language, talk.state.pace) == ("", 1.0)
        assert talk.state.keeps == ("language", "pace", "reason")

    def test_a_call_that_ended_keeps_once(self, site: Book) -> None:
        talk = Talk(site)
        talk.presses("4")
        assert kept(talk) is not None and kept(talk) is None

    def test_the_last_reason_is_said_as_it_is_called(self, site: Book) -> None:
        main = MAIN.replace("say: Hello", "say: Hello, about {{ profile.reason }}")
        other = book(main, PARCEL, site=MORE)
        assert known(other, reason="parcel").words().startswith("Hello, about a parcel.")
        by_name = book(MAIN.replace("say: Hello", "say: Hello, {{ profile.intent }}"), PARCEL, site=MORE)
        assert known(by_name, reason="parcel").words().startswith("Hello, parcel.")


ANSWERS = """
flow: main
start: menu
steps:
  menu:
    ask: What would you like?{% if profile.answers == "keys" %} Press one for a parcel.{% endif %}
    open: true
    choices:
      parcel: { label: a parcel, key: 1, phrases: [parcel], next: number }
      keep: { key: 2, phrases: [remember me], next: keep }
  keep:
    remember: [answers]
    next: menu
  number:
    collect: number
    digits: 4
    confirm: never
    ask: Which number?
    next: pin
  pin:
    collect: pin
    digits: 2
    secret: true
    ask: Your PIN?
    next: day
  day:
    collect: day
    type: date
    ask: Which day?
    next: sure
  sure:
    confirm: Shall I?
    "yes": menu
    "no": done
"""
READ_BACK = ANSWERS.replace(
    "    next: pin\n",
    "    next: right\n  right:\n    confirm: Is {{ number | digits }} right?\n    of: number\n"
    '    "yes": pin\n    "no": number\n',
)


@pytest.fixture(scope="module")
def asks() -> Book:
    return book(ANSWERS, site=MORE)


class TestAnswers:
    @pytest.mark.parametrize(
        ("before", "answers", "way"),
        [
            ("voice", ("1", "1234", "22"), "keys"),
            ("keys", ("parcel", "one two three four", "22"), "voice"),
            ("keys", ("parcel", "22"), "voice"),
            ("keys", ("parcel", "1234", "22"), "keys"),
            ("voice", ("1", "one two three four", "22"), "voice"),
        ],
    )
    def test_what_most_answers_came_by_is_kept_secrets_aside(
        self, asks: Book, before: str, answers: tuple[str, ...], way: str
    ) -> None:
        talk = known(asks, answers=before)
        for answer in answers:
            talk.presses(answer) if answer.isdigit() else talk.says(answer)
        assert kept(talk) == {"answers": way}

    @pytest.mark.parametrize("yes", ["1", "yes"])
    def test_a_value_that_is_read_back_counts_once(self, yes: str) -> None:
        talk = known(book(READ_BACK, site=MORE), answers="voice")
        talk.presses("11234")
        assert talk.words().startswith("Is ")
        talk.presses(yes) if yes.isdigit() else talk.says(yes)
        assert talk.words() == "Your PIN?"
        assert (talk.state.keyed, talk.state.spoken) == (2, 0)

    def test_as_before_where_neither_were_more(self, asks: Book) -> None:
        assert kept(known(asks, answers="keys")) == {"answers": "keys"}
        assert kept(known(asks, answers="")) == {"answers": ""}

    def test_whoever_likes_the_keys_is_told_them_with_the_question(self, asks: Book) -> None:
        talk = known(asks, answers="keys")
        assert talk.words() == "What would you like? Press one for a parcel."
        talk.presses("11234")
        assert talk.words() == "Your PIN?", "that digits can be keyed, they know"
        talk.presses("22")
        assert talk.words() == "Which day? You can also key in the day and the month, two digits each."
        talk.presses("0312#")
        assert talk.words().endswith("Is that right? You can also press one for yes, or two for no.")
        talk.presses("1")
        assert talk.words() == "Shall I? You can also press one for yes, or two for no."

    @pytest.mark.parametrize("answers", ["voice", "", 7])
    def test_others_are_not(self, asks: Book, answers: object) -> None:
        talk = known(asks, answers=answers)
        assert talk.words() == "What would you like?"
        talk.presses("1123422")
        assert talk.words() == "Which day?"


SETS = """
flow: main
start: pin
steps:
  pin:
    collect: pin
    ask: Your PIN?
    digits: 2
    secret: true
    next: keep
  keep:
    set: { copied: "{{ pin }}", greeting: "Hello from {{ company }}" }
    next: look
  look:
    look_up: thing
    with: { what: "{{ copied }}" }
    found: say
    failed: say
  say:
    say: "{{ greeting }}."
    next: done
"""


def test_what_is_said_for_a_secret_in_vain_is_not_noted(asks: Book) -> None:
    talk = Talk(asks)
    talk.presses("11234")
    talk.says("the purple elephant")
    assert talk.state.visit.no_match == 1 and talk.state.verdicts == ()


def test_values_that_a_flow_sets() -> None:
    talk = Talk(book(SETS.replace("    secret: true\n", "")))
    talk.presses("47")
    assert talk.state.fields["copied"] == "47" and talk.of(Lookup)[0].parameters == {"what": "47"}
    talk.looked_up()
    assert "Hello from Little & Co." in talk.words()


def test_what_is_made_of_a_secret_is_a_secret() -> None:
    site = book(SETS.replace("    secret: true\n", ""))
    talk = Talk(site)
    turn = Turn(site, replace(talk.state, fields={"pin": "47"}, secrets=("pin",)))
    steps.go(turn, "keep")
    assert turn.state.secrets == ("pin", "copied")
    (asked,) = [action for action in turn.actions if isinstance(action, Lookup)]
    assert asked.secrets == ("what",)


HOURS = """
flow: main
start: ask
steps:
  ask:
    if: hours.shop.is_open
    then: open
    else: closed
  open:
    say: Open until {{ hours.shop.closes | time }}.
    next: done
  closed:
    say: >-
      Closed{% if hours.shop.is_holiday %} for {{ hours.shop.holiday }}{% endif %}. We open
      {{ hours.shop.opens | on_date }} at {{ hours.shop.opens | time }}.
    next: done
"""
SHOP = """
hours: { shop: { mon: "09:00-17:30", fri: "10:00-16:00" } }
holidays: { "2026-12-25": Christmas Day }
"""


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-23T10:00:00+00:00", "Open until five thirty p m."),
        ("2026-11-24T10:00:00+00:00", "Closed. We open on Friday the twenty-seventh of November at ten a m."),
        ("2026-11-26T10:00:00+00:00", "Closed. We open tomorrow at ten a m."),
        ("2026-12-25T10:00:00+00:00", "Closed for Christmas Day. We open on Monday the twenty-eighth of"),
    ],
)
def test_prompts_say_when_it_is_open(at: str, said: str) -> None:
    site = parse({"site.yaml": SITE + SHOP, "main.yaml": HOURS})
    talk = Talk(site, begin(site, replace(STARTED, started_at=at)))
    assert talk.words().startswith(said)
    assert where(talk.state).startswith("main.")
