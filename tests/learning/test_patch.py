"""Phrases are added to a file in whatever way its designer writes; nothing else in it moves."""

from __future__ import annotations

import difflib

import pytest
from learnkit import CHINESE, ENGLISH, FLOWS, MAIN

from ivr.errors import IvrError
from ivr.flow.load import parse
from ivr.learning.patch import with_phrases

QUESTION = "flow: main\nstart: a\nsteps:\n  a:\n    ask: Tea?\n    choices:\n"
NEW = ("no, it's gone: all of it", "my card is gone")


def added(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    diff = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [each[2:] for each in diff if each[:1] == "-"], [each[2:] for each in diff if each[:1] == "+"]


@pytest.mark.parametrize("choice", ["parcel", "lost_card", "invoice"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_phrases_are_added_and_all_else_stays(choice: str, ending: str) -> None:
    before = MAIN.replace("\n", ending)
    after = with_phrases(before, "menu", choice, NEW)
    old, new = parse(FLOWS, {}), parse({**FLOWS, "main.yaml": after}, {})
    assert after.count(ending) == after.count("\n")
    for name, was in old.flows["main"].steps["menu"].choices.items():
        now = new.flows["main"].steps["menu"].choices[name]
        assert now.phrases == was.phrases + (NEW if name == choice else ())
    went, came = added(before, after)
    assert len(went) <= 1 and len(came) <= 2
    assert all(comment in after for comment in ("# Every call", "# the one question", "# the commonest"))


def test_what_is_written_in_lines_gets_lines_of_its_own() -> None:
    assert added(MAIN, with_phrases(MAIN, "menu", "parcel", NEW)) == (
        [],
        ['          - "no, it\'s gone: all of it"', "          - my card is gone"],
    )


def test_what_is_written_in_brackets_stays_in_brackets() -> None:
    after = with_phrases(MAIN, "menu", "lost_card", NEW[1:])
    assert '        phrases: [I lost my card, "my card is lost", my card is gone]' in after.splitlines()


@pytest.mark.parametrize(
    "choice",
    [
        "      tea:\n        next: done  # at once\n",
        "      tea: { next: done }\n",
        "      tea: { phrases: [], next: done }\n",
    ],
)
def test_a_choice_without_phrases_gets_its_first(choice: str) -> None:
    text = f"{QUESTION}{choice}"
    after = with_phrases(text, "a", "tea", ("tea please",))
    book = parse({"site.yaml": ENGLISH, "main.yaml": after}, {})
    assert book.flows["main"].steps["a"].choices["tea"].phrases == ("tea please",)
    assert "# at once" not in text or "# at once" in after


def test_the_last_line_of_a_file_may_lack_its_end() -> None:
    text = f"{QUESTION}      tea:\n        next: done\n        phrases:\n          - tea"
    assert with_phrases(text, "a", "tea", ("tea please",)).endswith(
        "          - tea\n          - tea please\n"
    )


def test_words_of_another_language_are_added_to_theirs() -> None:
    after = with_phrases(CHINESE, "menu", "lost_card", ("卡不见了",))
    book = parse({**FLOWS, "main.zh.yaml": after}, {})
    assert book.speaking("zh").flows["main"].steps["menu"].choices["lost_card"].phrases == (
        "我的卡丢了",
        "卡不见了",
    )


def test_a_choice_that_is_not_there_is_named() -> None:
    with pytest.raises(IvrError, match="found no choice 'tea' at the step 'menu'"):
        with_phrases(MAIN, "menu", "tea", NEW)
