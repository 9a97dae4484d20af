"""A failure reads as the conversation it was; junit can read the results; --update keeps the rest of a file."""

from __future__ import annotations

import textwrap
from xml.etree import ElementTree

from playkit import BOOK, GIVEN, scripts

from ivr.rehearsal import text
from ivr.rehearsal.judge import judge
from ivr.rehearsal.report import MARK, Result, junit, summary, table, told
from ivr.rehearsal.update import updated

BODY = (
    GIVEN
    + """# ours
talks:   # all
  goes well:
    - keys: 1
      bot:   Which number?   # a note
  goes wrong:
    - caller: my parcel
    - keys: 1234
      bot:
        - Your parcel is gone.
        - Goodbye.
      # kept
      ends: completed
    - bot_exactly: >-
        Something
        else
  in brackets:
    turns:
      - { keys: 1, bot: "What, number?", step: number }
      - bot_one_of: [a, b]
"""
)


def results(body=BODY, condition=""):
    found = []
    for script in scripts(body):
        stage = text.perform(script, BOOK)
        found.append(Result(script, condition, stage, judge(stage), 0.25))
    return found


def test_a_failure_is_a_conversation_with_a_mark_where_it_went_wrong() -> None:
    lines = told(results()[1]).splitlines()
    assert lines[0] == "FAILED  main.talks.yaml: goes wrong"
    (marked,) = [line for line in lines if line.startswith(MARK)]
    assert marked.endswith("caller  [1234]")
    assert any(line.endswith("bot     Which number?") for line in lines[: lines.index(marked)])
    after = "\n".join(lines[lines.index(marked) :])
    assert "looks up parcel { number: 1234 }" in after and "(answer: { status: here })" in after
    assert 'main.talks.yaml:10: bot\n          wanted  the words "Your parcel is gone."' in after
    assert "          came    Your parcel is here. Goodbye." in after
    assert "why     the call stands at main.tell" in after and "1 more went wrong after that" in after


def test_words_that_were_heard_otherwise_are_shown() -> None:
    (result,) = results("talks: { one: [{ caller: my parsley, sure: 0.5, step: number }] }\n")
    assert "(heard: my parsley, 0.50)" in told(result)


def test_the_summary_and_the_table_count() -> None:
    found = [*results(condition="clean"), *results(condition="10 dB")[:1]]
    assert summary(found) == "2 of 4 conversations passed"
    assert table(found).splitlines()[1:] == [
        "clean           1 of 3 (33 %)",
        "10 dB           1 of 1 (100 %)",
    ]


def test_junit_reads_the_results() -> None:
    root = ElementTree.fromstring(junit(results()))
    (suite,) = root.findall("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    first, second, _ = suite.findall("testcase")
    assert first.find("failure") is None and first.get("name") == "goes well" and first.get("line") == "4"
    failure = second.find("failure")
    assert (
        failure is not None
        and "Your parcel is gone" in failure.get("message", "")
        and MARK in (failure.text or "")
    )


def test_update_writes_the_words_and_keeps_the_rest() -> None:
    after = updated(BODY, results())
    wanted = BODY.replace(
        """      bot:
        - Your parcel is gone.
        - Goodbye.
""",
        "      bot: Your parcel is here. Goodbye.\n",
    ).replace(
        """    - bot_exactly: >-
        Something
        else
""",
        "    - bot_exactly: Your parcel is here. Goodbye.\n",
    )
    wanted = wanted.replace('"What, number?"', "Which number?").replace("[a, b]", "Which number?")
    assert after == wanted
    assert all(result.has_passed for result in results(after))
    assert updated(after, results(after)) == after


def test_update_quotes_what_would_not_be_a_text() -> None:
    body = textwrap.dedent("""
        given: { agents: busy }
        talks:
          one:
            - { keys: 0, bot: nothing }
        """)
    after = updated(body, results(body))
    assert "- { keys: 0, bot: \"I'm putting you through" in after
    assert all(result.has_passed for result in results(after))


def test_update_keeps_the_notes_inside_a_list() -> None:
    body = GIVEN + textwrap.dedent("""
        talks:
          one:
            - keys: 1
              bot:
                # first this
                - nothing   # of it
                # then that
                - "no - thing"
                - nowhere # at all
            - keys: 1234
        """)
    after = updated(body, results(body))
    wanted = body.replace("- nothing ", "- Which number? ").replace('        - "no - thing"\n', "")
    assert after == wanted.replace("- nowhere # at", "# at")
    assert all(result.has_passed for result in results(after))


def test_update_leaves_alone_what_came_where_something_else_never_did() -> None:
    body = (
        GIVEN
        + "talks:\n  one:\n    sometime: [{ bot: nothing }]\n    turns:\n      - { keys: 1, bot: which number }\n"
    )
    assert [failure.key for failure in results(body)[0].failures] == ["bot"]
    assert updated(body, results(body)) == body
