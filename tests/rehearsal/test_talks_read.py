"""Files of talks are read as strictly as flows: every fault on its line, hostile files refused."""

from __future__ import annotations

import pytest
from playkit import BOOK, LOOK_UPS, script, scripts

from ivr.errors import FlowError
from ivr.rehearsal import read
from ivr.rehearsal.model import Reply

HEAD = "talks:\n  one:\n"


def refused(body):
    with pytest.raises(FlowError) as caught:
        scripts(body)
    return [(fault.code, fault.line) for fault in caught.value.faults], str(caught.value)


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        (HEAD + "    - calller: hello\n", "unknown-key", 3),
        (HEAD + "    - caller: hello\n      keys: 1\n", "two-acts", 3),
        (HEAD + "    - hello\n", "type", 3),
        (HEAD + "    - caller: hello\n    - step: nowhere\n", "unknown-step", 4),
        (HEAD + "    - step: main.menuu\n", "unknown-step", 3),
        (HEAD + "    - step: nowhere.menu\n", "unknown-step", 3),
        (HEAD + "    - transfer: nobody\n", "unknown-queue", 3),
        (HEAD + "    - looks_up: order\n", "unknown-look-up", 3),
        (HEAD + "    - keys: 12a\n", "name", 3),
        (HEAD + "    - silent: for ever\n", "type", 3),
        (HEAD + "    - sure: 0.5\n      bot: hello\n", "no-act", 3),
        (HEAD + "    - interrupts: 1s\n      silent: 2s\n", "no-act", 3),
        (HEAD + "    turns: []\n", "missing-key", 3),
        (
            HEAD + "    given: { look_ups: { order: found } }\n    turns: [{ bot: hi }]\n",
            "unknown-look-up",
            3,
        ),
        (HEAD + "    given: { hours: { bank: open } }\n    turns: [{ bot: hi }]\n", "unknown-hours", 3),
        (HEAD + "    given: { language: fr }\n    turns: [{ bot: hi }]\n", "unknown-language", 3),
        (HEAD + "    never: { step: nowhere }\n    turns: [{ bot: hi }]\n", "unknown-step", 3),
        ("given: { att: 2026-01-01 10:00 }\ntalks: { one: [{ bot: hi }] }\n", "unknown-key", 1),
        ("given: { at: tomorrow }\ntalks: { one: [{ bot: hi }] }\n", "name", 1),
        ("given: { at: 2026-02-30 10:00 }\ntalks: { one: [{ bot: hi }] }\n", "time", 1),
        ("talks: {}\n", "missing-key", 1),
        ("about: nothing\n", "missing-key", 1),
        ("flow: nowhere\ntalks: { one: [{ bot: hi }] }\n", "unknown-flow", 1),
        ("talks: { one: [{ bot: &a hi }] }\n", "alias", 1),
        (HEAD + "    - step:\n", "empty", 3),
        (HEAD + "    - ends:\n", "empty", 3),
        (HEAD + "    - transfer:\n", "empty", 3),
        (HEAD + "    - within_ms:\n", "empty", 3),
        (HEAD + "    - bot_exactly:\n", "empty", 3),
        (HEAD + "    - caller:\n", "empty", 3),
        (HEAD + "    - keys:\n", "empty", 3),
        (HEAD + "    - bot: []\n", "empty", 3),
        (HEAD + "    - fields: {}\n", "empty", 3),
        (HEAD + "    - looks_up: []\n", "empty", 3),
        (HEAD + "    - never: '...'\n", "empty", 3),
        (HEAD + "    - never: [goodbye, '!']\n", "empty", 3),
        (HEAD + "    - {}\n", "empty", 3),
        (HEAD + "    sometime: [{ step: }]\n    turns: [{ bot: hi }]\n", "empty", 3),
        (HEAD + "    never: { bot: '-' }\n    turns: [{ bot: hi }]\n", "empty", 3),
        (HEAD + "    whenever: [{ bot: [], caller: hi }]\n    turns: [{ bot: hi }]\n", "empty", 3),
        ("never: { step: [] }\ntalks: { one: [{ bot: hi }] }\n", "empty", 1),
        ("whenever: [{ bot: '?', keys: 1 }]\ntalks: { one: [{ bot: hi }] }\n", "empty", 1),
        (HEAD + "    - silent: 600s\n" * 2_001, "too-big", 1),
        ("talks: { one: [{ bot: !!python/name:os.system hi }] }\n", "tag", 1),
    ],
)
def test_a_fault_is_told_with_its_line(body: str, code: str, line: int) -> None:
    found, told = refused(body)
    assert (code, line) in found, told


def test_a_mistyped_key_is_guessed() -> None:
    assert "Did you mean 'caller'?" in refused(HEAD + "    - calller: hello\n")[1]


def test_all_faults_are_told_at_once() -> None:
    found, _ = refused(HEAD + "    - calller: hello\n    - keyss: 1\n  two:\n    - step: nowhere\n")
    assert [line for _, line in found] == [3, 4, 6]


def test_a_file_of_ten_megabytes_is_refused_at_once() -> None:
    with pytest.raises(FlowError, match="characters"):
        read.parse("a" * 10_000_000, "main.talks.yaml", BOOK, LOOK_UPS)


def test_of_too_many_faults_the_first_are_told() -> None:
    found, _ = refused(HEAD + "    - step: nowhere\n" * 1_000)
    assert len(found) == 201 and found[-1][0] == "too-big"


def test_nothing_said_and_any_transfer_may_be_expected() -> None:
    found = script(HEAD + '    - caller: ""\n      bot_exactly: ""\n      transfer: {}\n')
    assert found.talk.turns[0].is_act


def test_a_name_that_is_no_flow_needs_a_flow() -> None:
    assert scripts("flow: main\ntalks: { one: [{ bot: hi }] }\n", "bugs.talks.yaml")[0].flow == "main"
    with pytest.raises(FlowError, match="talks of the flow 'bugs'"):
        scripts("talks: { one: [{ bot: hi }] }\n", "bugs.talks.yaml")


def test_what_the_file_gives_holds_where_the_talk_gives_nothing() -> None:
    found = script(
        """
        given: { at: 2026-05-04 09:00, look_ups: { parcel: found }, agents: none }
        talks:
          one:
            given: { agents: busy }
            turns: [{ bot: hi }]
        """
    )
    given = found.talk.given
    assert (given.at, given.agents, list(given.look_ups)) == ("2026-05-04 09:00", "busy", ["parcel"])
    assert found.lines == (6,)


@pytest.mark.parametrize(
    ("written", "reply"),
    [
        ("not found", Reply(gives="not found")),
        ("slow 2s", Reply(gives="found", slow="2s")),
        ("{ slow: 2s }", Reply(slow="2s")),
        ('{ a: 1, b: "1", c: true, d: null, e: 1.50, f: 007 }',
         Reply(gives={"a": 1, "b": "1", "c": True, "d": None, "e": 1.5, "f": "007"})),
    ],
)  # fmt: skip
def test_answers_of_look_ups_may_be_written_shortly(written: str, reply: Reply) -> None:
    found = script(f"given: {{ look_ups: {{ parcel: {written} }} }}\ntalks: {{ one: [{{ bot: hi }}] }}\n")
    assert found.talk.given.look_ups["parcel"] == (reply,)
