"""``ivr test`` on flows of its own: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.cli import main
from ivr.lookups.seed import DEMO
from ivr.redisserver import RedisServer
from ivr.rehearsal.telephone import Telephone
from ivr.supervisor import NODE_FILE

ROOT = Path(__file__).parents[2]

SITE = """
company: Little & Co
entry: main
time_zone: Europe/London
agent_queue: desk
queues: { desk: { name: the desk } }
commands: { help: help, repeat: repeat, back: go back, restart: start over, agent: agent }
prompts:
  no_input: Are you there?
  no_match: Sorry?
  help: Just talk.
  filler: One moment.
  lookup_failed: I can't.
  transfer: To {{ queue }}.
  place: You wait.
  wait: Please hold on.
  too_many_misses: A person, then.
  too_long: That was long.
  resumed: I'm back.
  cannot_help: Sorry.
  nothing_before: Nothing before.
  goodbye: Goodbye.
"""
FLOW = """
flow: main
start: menu
steps:
  menu:
    ask: Tea or coffee?
    choices:
      tea: { phrases: [tea], key: 1, next: tea }
      coffee: { phrases: [coffee], key: 2, next: coffee }
  tea: { say: Tea it is., next: done }
  coffee: { say: Coffee it is., next: done }
"""
TALKS = """
talks:
  tea please:
    - caller: tea
      bot: Tea it is
  coffee please:
    - keys: 2
      bot: Coffee it is
"""


@pytest.fixture
def ivr_test(tmp_path, monkeypatch, capsys):
    """Run the command in a folder with these talks: exit code, what was printed, what was complained about."""
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "site.yaml").write_text(SITE)
    (flows / "main.yaml").write_text(FLOW)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, talks=TALKS):
        if talks is not None:
            (flows / "main.talks.yaml").write_text(talks)
        code = main(["test", "--folder", str(flows), *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    run.folder = flows
    return run


def test_all_talks_pass_and_cover_everything(ivr_test):
    code, out, _ = ivr_test("--coverage", "100")
    assert code == 0
    assert (
        "2 of 2 conversations passed" in out
        and "100.0 % of the steps and 100.0 % of the ways of main." in out
    )


def test_a_talk_that_fails_ends_with_one_and_is_told_as_a_conversation(ivr_test):
    code, out, _ = ivr_test(talks=TALKS.replace("Tea it is", "Cocoa it is"))
    assert code == 1
    assert "FAILED  main.talks.yaml: tea please" in out and "main.talks.yaml:5: bot" in out
    assert "coffee please" not in out and "1 of 2" in out


def test_too_little_coverage_ends_with_one_and_lists_what_is_missed(ivr_test):
    talks = "talks: { tea please: [{ caller: tea }] }\n"
    code, out, _ = ivr_test("--coverage", "100", talks=talks)
    assert code == 1 and "main.yaml:11: the step main.coffee: no talk comes here" in out
    assert ivr_test("--coverage", "50", talks=talks)[0] == 0
    code, out, _ = ivr_test(talks=talks)
    assert code == 0 and "no talk comes" not in out and "--coverage 100 lists" in out


def test_talks_are_chosen_by_name(ivr_test):
    code, out, _ = ivr_test("-k", "COFFEE", "--verbose")
    assert code == 0 and "passed  main.talks.yaml: coffee please" in out and "1 of 1" in out
    code, _, err = ivr_test("-k", "cocoa")
    assert code == 2 and "no conversation is named like 'cocoa'" in err


def test_a_file_by_its_path_tests_the_flow_that_it_names(ivr_test, tmp_path):
    other = tmp_path / "bugs.talks.yaml"
    other.write_text("flow: main\ntalks: { tea: [{ caller: tea, bot: Tea }] }\n")
    assert ivr_test(str(other))[0] == 0
    assert ivr_test("main")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "talks", "told"),
    [
        ((), TALKS.replace("caller", "calller"), "main.talks.yaml:4:7: found the unknown key 'calller'"),
        (("nothing",), TALKS, "no such file"),
        (("--noise", "10"), TALKS, "add --audio"),
        (("--exchange",), TALKS, "add --audio"),
        (("--audio", "--update"), TALKS, "leave --audio out"),
        ((), None, "no conversations in"),
        (("flows/main.yaml",), TALKS, "flows/main.yaml holds no conversations"),
        (("-k", "tea", "--coverage", "100"), TALKS, "leave -k out"),
    ],
)
def test_what_cannot_be_run_ends_with_two_and_says_why(ivr_test, arguments, talks, told):
    code, out, err = ivr_test(*arguments, talks=talks)
    assert code == 2 and told in err and not out


@pytest.mark.slow
def test_talks_are_acted_as_real_calls(ivr_test, tmp_path, monkeypatch):
    monkeypatch.setenv("IVR_SPEECH__ENGINE", "pocketsphinx")
    monkeypatch.setattr(Telephone, "open", None)
    talks = TALKS.replace("caller: tea", "keys: 1").replace("Tea it is", "Cocoa it is")
    results = tmp_path / "results.xml"
    code, out, _ = ivr_test("--audio", "--exchange", "--junit", str(results), talks=talks)
    assert code == 1 and "1 of 2 conversations passed" in out, out
    assert "FAILED  main.talks.yaml: tea please (clean)" in out and "came    Tea it is. Goodbye." in out
    (suite,) = ElementTree.parse(results).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_update_writes_the_words_and_junit_the_results(ivr_test, tmp_path):
    old = "# ours\n" + TALKS.replace("Tea it is", "Cocoa it is   # here")
    code, out, _ = ivr_test("--update", "--junit", str(tmp_path / "results.xml"), talks=old)
    assert code == 1 and "written anew" in out
    text = (ivr_test.folder / "main.talks.yaml").read_text()
    assert text == old.replace("Cocoa it is ", "Tea it is. Goodbye. ")
    assert ivr_test(talks=None)[0] == 0
    (suite,) = ElementTree.parse(tmp_path / "results.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_a_flow_without_talks_counts_where_all_talks_are_run(ivr_test):
    (ivr_test.folder / "other.yaml").write_text(FLOW.replace("flow: main", "flow: other"))
    code, out, _ = ivr_test("--coverage", "100")
    assert code == 1 and "the step other.menu: no talk comes here" in out
    code, out, _ = ivr_test("main", "--coverage", "100")
    assert code == 0 and "of main." in out


def test_results_that_cannot_be_written_are_told(ivr_test, tmp_path):
    code, _, err = ivr_test("--junit", str(tmp_path / "nowhere" / "results.xml"))
    assert code == 2 and "cannot write" in err and len(err.splitlines()) == 1


def test_update_keeps_how_lines_end(ivr_test):
    path = ivr_test.folder / "main.talks.yaml"
    old = TALKS.replace("Tea it is", "Cocoa it is").replace("\n", "\r\n").encode()
    path.write_bytes(old)
    ivr_test("--update", talks=None)
    assert path.read_bytes() == old.replace(b"Cocoa it is", b"Tea it is. Goodbye.")


def test_a_name_with_characters_that_xml_does_not_know_is_written_without_them(ivr_test, tmp_path):
    results = tmp_path / "results.xml"
    strange = '"tea\\e\\uFFFE please"'
    code, _, err = ivr_test("--junit", str(results), talks=TALKS.replace("tea please", strange))
    assert code == 0, err
    (suite,) = ElementTree.parse(results).getroot()
    assert suite[0].get("name") == "tea please"


def test_a_typed_call_becomes_a_test_that_passes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(ROOT)
    path = tmp_path / "mine.talks.yaml"
    turns = ["--say", "where is my parcel", "--keys", DEMO.parcel, "--say", "no thanks"]
    for _ in range(2):
        assert main(["call", "--text", *turns, "--record", str(path)]) == 0
    assert f"ivr test {path}" in capsys.readouterr().err
    assert main(["test", str(path)]) == 0
    assert "2 of 2 conversations passed" in capsys.readouterr().out
    assert "Your parcel should be with you tomorrow" in path.read_text()


def test_a_typed_call_goes_while_the_desk_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path))
    monkeypatch.chdir(ROOT)
    with RedisServer(tmp_path) as server:
        told = {"pid": os.getpid(), "url": "", "redis_url": server.url, "exchange_url": ""}
        (tmp_path / NODE_FILE).write_text(json.dumps(told), encoding="utf-8")
        assert main(["call", "--text", "--say", "no thanks"]) == 0
    assert "How can I help you today?" in capsys.readouterr().out


def test_a_typed_call_goes_through_a_copy_of_the_flows(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "data"))
    drafts = shutil.copytree(ROOT / "call_flows", tmp_path / "drafts")
    main_flow = drafts / "main.yaml"
    text = main_flow.read_text(encoding="utf-8")
    main_flow.write_text(text.replace("Hello, this is", "Good day from"), encoding="utf-8")
    assert main(["call", "--text", "--folder", str(drafts), "--keys", "0"]) == 0
    assert "Good day from Fernhill." in capsys.readouterr().out
    assert main(["call", "--folder", str(drafts), "--keys", "0"]) == 2
    assert "add --text" in capsys.readouterr().err


def test_a_caller_who_withholds_the_number_is_written_as_carriers_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "var"))
    monkeypatch.chdir(ROOT)
    main(["call", "--text", "--from", "anonymous", "--say", "remember me"])
    assert "You're withholding your number" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--text", "balanse"), "found no flow 'balanse'; there is: appointment, balance, "),
        (("--text", "balanse"), "Did you mean 'balance'?"),
        (("--to", "+15550100", "balance"), "give one of them"),
        (("--text", "--noise", "15"), "--noise is sound and --text has none"),
        (("--text", "--record", "call.wav"), "name a file that ends in .talks.yaml"),
        (("--text", "--wait", "-3"), "--wait: found '-3'; wanted seconds, such as 6 or 2.5"),
        (("--text", "--wait", "nan"), "wanted seconds"),
    ],
)
def test_a_call_that_would_not_be_what_was_meant_is_refused(
    arguments: tuple[str, ...],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path / "data"))
    monkeypatch.chdir(ROOT)
    assert main(["call", "--say", "agent", *arguments]) == 2
    out, err = capsys.readouterr()
    assert told in err and not out
