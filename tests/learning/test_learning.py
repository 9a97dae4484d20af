"""From planted calls to changed files: groups, what they mean, the change with its talk, and when it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from learnkit import BOOK, FLOWS, MAIN, NOW, TALKS, Callers, files

from ivr.errors import IvrError
from ivr.flow.load import parse
from ivr.learning import grouping
from ivr.learning.grouping import Group, gather, meaning, unlearnt
from ivr.learning.proposal import Example, Proposal, decide, held_out, is_held_out, propose
from ivr.learning.trial import Score, attempt, score
from ivr.learning.wishes import wishes
from ivr.nlu.normalise import tokens
from ivr.records.answers import BEYOND
from ivr.rehearsal import read, text
from ivr.rehearsal.judge import judge

STOLEN = (
    "someone stole my purse with everything in it",
    "my purse was stolen on the bus",
    "somebody took my purse this morning",
    "a thief took my purse",
    "my purse has been stolen",
)
VOUCHERS = ("do you sell gift vouchers", "can I buy a gift voucher", "gift vouchers for my mother")


def found(callers: Callers, least: int = 2) -> list[Group]:
    return gather(callers.book, unlearnt(callers.book, callers.lessons()), least)


@pytest.fixture
def planted(callers: Callers) -> Callers:
    """Callers whose purse is gone and who find the right key, one who takes the wrong one, and some who want more."""
    for sentence in STOLEN:
        callers.call(sentence, "[2]", "no thanks")
    callers.call(STOLEN[0], "[1]", "no thanks")
    for sentence in VOUCHERS:
        callers.call(sentence, "a person please", about=BEYOND)
    callers.call("is the moon full tonight", "a person please")
    return callers


def test_groups_have_volumes_and_a_meaning_by_vote(planted: Callers) -> None:
    purse, voucher = found(planted)
    assert (purse.calls, purse.label, purse.votes, purse.step) == (
        6,
        "lost_card",
        (("lost_card", 5), ("parcel", 1)),
        "main.menu",
    )
    assert {each.text for each in purse.sentences} == set(STOLEN)
    assert (voucher.calls, voucher.label, voucher.beyond, voucher.to_a_person) == (3, "", 3, 3)


def test_more_groups_than_numbers_have_one_each(planted: Callers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "NUMBERS", 1)
    assert sorted(group.number for group in found(planted)) == [100, 101]


def test_without_a_clear_majority_nothing_is_proposed(callers: Callers) -> None:
    callers.call(STOLEN[1], "[2]")
    [group] = found(callers, least=1)
    assert group.votes == (("lost_card", 1),) and propose(BOOK, group) is None
    for key in ("[1]", "[1]", "[2]"):
        callers.call(STOLEN[1], key)
    [group] = found(callers)
    assert dict(group.votes) == {"lost_card": 2, "parcel": 2} and group.label == ""


def test_what_was_understood_or_would_be_if_heard_well_is_no_lesson(callers: Callers) -> None:
    for _ in range(3):
        callers.call("I lost my card", "[2]", sure=0.2)
        callers.call("I lost my card")
    assert [each.how for each in callers.lessons()] == ["unmatched", "understood"] * 3
    assert found(callers) == []


def test_the_same_words_at_one_question_are_read_once(
    planted: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sentence in STOLEN:
        planted.call(sentence, "[2]", "no thanks")
    lessons = planted.lessons()
    wrong = [each for each in lessons if each.how != "understood"]
    before, expected, read = unlearnt(BOOK, lessons), [], []
    first_question, understand = grouping.first_question, grouping.understand
    monkeypatch.setattr(grouping, "first_question", lambda *of: expected.append(of) or first_question(*of))
    monkeypatch.setattr(grouping, "understand", lambda *of: read.append(of) or understand(*of))
    assert unlearnt(BOOK, lessons) == before
    assert len(read) == len({(each.step, each.language, each.text) for each in wrong}) < len(wrong)
    assert len(expected) == len({(each.step, each.language) for each in wrong}) < len(read)


def test_a_number_means_the_same_group_when_new_calls_have_come(planted: Callers) -> None:
    before = {group.label: group.number for group in found(planted)}
    for _ in range(4):
        planted.call("what is your address please", "[3]")
    after = {group.label: group.number for group in found(planted) if group.label != "invoice"}
    assert after == before


def test_a_planted_cluster_becomes_a_change_with_a_talk_that_then_passes(planted: Callers) -> None:
    group = found(planted)[0]
    proposal = propose(BOOK, group)
    assert proposal is not None and (proposal.file, proposal.step, proposal.choice) == (
        "main.yaml",
        "main.menu",
        "lost_card",
    )
    assert set(proposal.phrases) < set(STOLEN)
    trial = attempt(files(), BOOK, group, proposal, held_out(planted.lessons()))
    assert trial.objections == ()
    assert trial.changed["main.talks.yaml"].startswith(TALKS["main.talks.yaml"].rstrip())
    new = parse({**FLOWS, "main.yaml": trial.changed["main.yaml"]}, {})
    scripts = read.parse(trial.changed["main.talks.yaml"], "main.talks.yaml", new)
    assert [script.name for script in scripts] == ["a parcel", "then that was all", trial.talk]
    assert all(judge(text.perform(script, new)) == () for script in scripts)
    assert judge(text.perform(scripts[-1], BOOK)), "it must not pass before the change"
    [turn] = scripts[-1].talk.turns
    assert (turn.caller, turn.bot, turn.step) == (trial.says, ("Your card is blocked.",), "more")
    assert gather(new, unlearnt(new, planted.lessons()), 2)[0].label != "lost_card"


def test_the_sentences_set_aside_are_never_taught(planted: Callers) -> None:
    group = found(planted)[0]
    aside = {each.text for each in held_out(planted.lessons())}
    proposal = propose(BOOK, group)
    assert aside & set(STOLEN) == {each for each in STOLEN if is_held_out(tokens(each))} != set()
    assert proposal is not None and not aside & set(proposal.phrases)


def test_what_was_hidden_of_a_sentence_keeps_it_from_being_an_example(callers: Callers) -> None:
    for at, words in enumerate(
        ("the number {} was in it", "number {} in my purse", "{} was in my purse", "purse {}")
    ):
        callers.call(words.format(f"4929 1234 5678 901{at}"), "[2]")
    for sentence in STOLEN:
        callers.call(sentence, "[2]")
    masked = [each for group in found(callers, least=1) for each in group.sentences if each.is_masked]
    assert len([each for each in masked if not is_held_out(each.words)]) >= 2
    taught = [phrase for group in found(callers) if (one := propose(BOOK, group)) for phrase in one.phrases]
    assert taught and not any("*" in phrase or "[" in phrase for phrase in taught)


def test_callers_of_another_language_teach_its_words(callers: Callers) -> None:
    for sentence in ("钱包被偷怎么办", "昨天钱包被偷", "今天钱包被偷"):
        callers.call(sentence, "[2]", language="zh")
    [group] = found(callers)
    proposal = propose(BOOK, group)
    assert proposal is not None and (group.language, proposal.file) == ("zh", "main.zh.yaml")
    trial = attempt(files(), BOOK, group, proposal, [])
    assert trial.objections == () and set(trial.changed) == {"main.zh.yaml", "main.talks.yaml"}


def test_a_question_that_comes_later_is_reached_as_a_talk_goes(callers: Callers) -> None:
    for sentence in ("cheerio then my dear", "cheerio my dear", "cheerio my dear lady"):
        callers.call("[1]", sentence, "[7]")
    [group] = found(callers)
    proposal = propose(BOOK, group)
    assert proposal is not None and (proposal.step, proposal.choice) == ("main.more", "finished")
    trial = attempt(files(), BOOK, group, proposal, [])
    assert trial.objections == ()
    script = read.parse(trial.changed["main.talks.yaml"], "main.talks.yaml", BOOK)[-1]
    assert [(turn.caller, turn.keys, turn.ends) for turn in script.talk.turns] == [
        ("where is my parcel", None, None),
        (trial.says, None, "completed"),
    ]
    without = (
        TALKS["main.talks.yaml"].partition("  then that")[0].replace("where is my parcel", "hello there")
    )
    with pytest.raises(IvrError, match=r"no talk comes to the step main\.more yet"):
        attempt(files(talks={"main.talks.yaml": without}), BOOK, group, proposal, [])


def change(group: Group, *phrases: str, choice: str = "lost_card") -> Proposal:
    return Proposal("main.yaml", group.step, choice, phrases)


def test_a_change_that_understands_the_sentences_set_aside_worse_is_refused(planted: Callers) -> None:
    group = found(planted)[0]
    aside = [Example("main.menu", "", "has my parcel been stolen", "parcel")]
    assert score(BOOK, aside) == Score(1, 0)
    trial = attempt(files(), BOOK, group, change(group, "my parcel has been stolen"), aside)
    assert (trial.before, trial.after.right) == (Score(1, 0), 0)
    assert any("it would get worse" in each for each in trial.objections)


def test_a_change_that_breaks_a_talk_is_refused_and_the_talk_is_named(planted: Callers) -> None:
    talks = (
        TALKS["main.talks.yaml"]
        + "  a purse is nothing of ours:\n    - caller: a thief took my purse\n      bot: Sorry\n"
    )
    group = found(planted)[0]
    trial = attempt(
        files(talks={"main.talks.yaml": talks}), BOOK, group, change(group, "a thief took my purse"), []
    )
    assert [each for each in trial.objections if "'a purse is nothing of ours' of main.talks.yaml" in each]
    assert 'expected the words "Sorry"' in trial.objections[0]


def test_a_talk_that_failed_before_stands_in_no_way(planted: Callers) -> None:
    talks = TALKS["main.talks.yaml"] + "  an old sorrow:\n    - caller: track my parcel\n      bot: Never\n"
    group = found(planted)[0]
    proposal = propose(BOOK, group)
    assert proposal is not None
    assert attempt(files(talks={"main.talks.yaml": talks}), BOOK, group, proposal, []).objections == ()


def test_what_lint_would_say_anew_refuses_a_change(planted: Callers) -> None:
    group = found(planted)[0]
    trial = attempt(files(), BOOK, group, change(group, "where is my parcel"), [])
    assert any(each.startswith(("lint finds: main.yaml:", "main.yaml:")) for each in trial.objections)


def test_what_is_understood_already_is_not_learnt_again(planted: Callers) -> None:
    group = found(planted)[0]
    known = replace(group, sentences=(replace(group.sentences[0], text="my card is lost please"),))
    trial = attempt(files(), BOOK, known, change(group, "my card is lost please"), [])
    assert any("is understood already" in each for each in trial.objections)


def test_wishes_are_counted_by_month_and_what_a_person_noted_counts_once(planted: Callers) -> None:
    planted.at = datetime(2026, 10, 12, 9, 0, tzinfo=UTC)
    planted.call(VOUCHERS[0], "a person please")
    planted.call("is there a fax machine", "a person please")
    first = datetime(2026, 11, 1, tzinfo=UTC)
    [wish] = wishes(BOOK, planted.lessons(), first, least=2)
    assert (wish.calls, wish.before, wish.noted, wish.to_a_person) == (3, 1, 3, 3)
    assert {each.text for each in wish.group.sentences} >= set(VOUCHERS)
    told = [each.group.sentences[0].text for each in wishes(BOOK, planted.lessons(), first, least=1)]
    assert "is the moon full tonight" in told and "is there a fax machine" not in told


def test_calls_of_another_time_are_left_out(callers: Callers) -> None:
    callers.at = NOW - timedelta(days=91)
    callers.call(STOLEN[0], "[2]")
    assert callers.calls() == []


def test_a_sentence_means_what_the_whole_step_makes_of_it() -> None:
    parcel, person = (meaning(BOOK, "main.menu", "", said) for said in ("track my parcel", "a person please"))
    assert parcel is not None and (parcel.kind, parcel.value) == ("option", "parcel")
    assert person is not None and (person.kind, person.value) == ("command", "agent")
    assert meaning(BOOK, "main.parcel", "", "hello") is meaning(BOOK, "main.gone", "", "hello") is None
    assert MAIN.count("ask:") == 2


def test_a_designer_may_say_what_callers_meant(callers: Callers) -> None:
    for sentence in STOLEN:
        callers.call(sentence, "a person please")
    [group] = found(callers)
    assert (group.label, propose(BOOK, group)) == ("", None)
    proposal = decide(BOOK, group, "lost_card")
    assert proposal is not None and (proposal.choice, proposal.queue) == ("lost_card", "")
    assert attempt(files(), BOOK, group, proposal, []).objections == ()


def test_what_no_choice_serves_becomes_one_that_leads_to_a_person(planted: Callers) -> None:
    group = found(planted)[1]
    proposal = decide(BOOK, group, "gift_vouchers")
    assert proposal is not None
    trial = attempt(files(), BOOK, group, proposal, held_out(planted.lessons()))
    assert trial.objections == ()
    assert any("choices/gift_vouchers/label in 'zh'" in each for each in trial.todo)
    after = trial.changed["main.yaml"]
    went = [line for line in MAIN.splitlines() if line not in after.splitlines()]
    new = parse({**FLOWS, "main.yaml": after}, {})
    choice = new.flows["main"].steps["menu"].choices["gift_vouchers"]
    assert (went, choice.label, choice.next) == ([], "gift vouchers", "gift_vouchers")
    assert set(choice.phrases) <= set(VOUCHERS) and list(new.flows["main"].steps)[-1] == "gift_vouchers"
    script = read.parse(trial.changed["main.talks.yaml"], "main.talks.yaml", new)[-1]
    ticket = script.talk.turns[0].transfer
    assert ticket is not None and (ticket.queue, ticket.reason) == ("desk", "About gift vouchers.")
    assert judge(text.perform(script, new)) == () != judge(text.perform(script, BOOK))


def test_a_new_choice_needs_a_name_of_its_own(planted: Callers) -> None:
    group = found(planted)[1]
    with pytest.raises(IvrError, match="card is a step of the flow main already"):
        decide(BOOK, group, "card")
    proposal = decide(BOOK, group, "Gift Vouchers")
    assert proposal is not None
    objections = attempt(files(), BOOK, group, proposal, []).objections
    assert any("a name of small letters" in each for each in objections)


def test_a_bare_yes_or_no_teaches_nothing(callers: Callers) -> None:
    for _ in range(3):
        callers.call("yes", "nope", "[3]")
    assert [each.text for each in callers.lessons()] == ["yes", "nope"] * 3
    assert found(callers) == []


def test_what_no_choice_serves_must_not_be_taken_for_one(planted: Callers) -> None:
    aside = [Example("main.menu", "", "do you sell my purse", "")]
    group = found(planted)[0]
    assert score(BOOK, aside) == Score(1, 0)
    trial = attempt(
        files(), BOOK, group, change(group, "do you sell my purse", "my purse has been stolen"), aside
    )
    assert trial.after == Score(0, 1) and sum("it would get worse" in each for each in trial.objections) == 2


def test_of_a_sentence_set_aside_what_went_wrong_tells_more_than_silence(callers: Callers) -> None:
    sentence = next(
        each for each in (f"where is my parcel {word}" for word in WORDS) if is_held_out(tokens(each))
    )
    for _ in range(3):
        callers.call(sentence)
    callers.call(sentence, "[0]", about="invoice")
    assert [(each.text, each.label) for each in held_out(callers.lessons())] == [(sentence, "invoice")]


WORDS = ("now", "today", "then", "please tell me", "anyway", "again", "at last", "though", "by now", "really")


def test_a_sentence_set_aside_that_nothing_served_is_right_once_the_new_choice_does(callers: Callers) -> None:
    aside = next(
        each for each in (f"do you sell gift vouchers {word}" for word in WORDS) if is_held_out(tokens(each))
    )
    for sentence in (*VOUCHERS, "gift vouchers please", aside):
        callers.call(sentence, "a person please", about=BEYOND)
    [group] = found(callers)
    proposal = decide(BOOK, group, "gift_vouchers")
    examples = held_out(callers.lessons())
    assert proposal is not None and aside in {each.text for each in examples}
    trial = attempt(files(), BOOK, group, proposal, examples)
    assert (trial.objections, trial.before.right, trial.after) == ((), 0, Score(len(examples), 0))
