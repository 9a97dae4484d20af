"""Flow files in, a Book or every fault out: the good and bad corpora, and files that mean harm."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from corpus import GOOD, LOOKUPS, good_files

from ivr.errors import FlowError
from ivr.flow.load import load, parse
from ivr.flow.model import Ask, Collect, Confirm, If, LookUp, Say, Transfer

QUICK_S = 1.0
"""CPU seconds in which a hostile file is refused."""


def test_a_good_folder_loads_with_every_verb() -> None:
    book = load(GOOD, LOOKUPS)
    kinds = {type(step) for flow in book.flows.values() for step in flow.steps.values()}
    assert {Say, Ask, Collect, Confirm, LookUp, If, Transfer} <= kinds
    assert book.site.company == "Little & Co"
    assert book.flows["main"].file == "main.yaml"


def test_plain_words_keep_their_meaning() -> None:
    main = load(GOOD).flows["main"]
    menu, hello, right = main.steps["menu"], main.steps["hello"], main.steps["right"]
    assert isinstance(menu, Ask) and isinstance(hello, Say) and isinstance(right, Confirm)
    assert menu.open is True
    assert menu.choices["yes"].phrases == ("yes", "please do") and menu.choices["yes"].key == "1"
    assert menu.choices["no"].phrases == ("no",)
    assert menu.timers.no_input == 7_000
    assert hello.barge_in == "off"
    assert (right.yes, right.no) == ("pin", "account")


def test_times_are_milliseconds() -> None:
    timers = load(GOOD).site.timers
    assert (timers.no_input, timers.between_keys, timers.complete) == (4_000, 2_500, 250)


def test_borrowed_choices_come_after_the_own_ones() -> None:
    step = load(GOOD).flows["main"].steps["menu_again"]
    assert isinstance(step, Ask)
    assert list(step.choices) == ["no", "yes", "other"]
    assert step.choices["no"].phrases == ("no", "that is all")
    assert step.choices["yes"].next == "account"


def test_the_version_follows_the_content() -> None:
    files = good_files()
    version = parse(files).version
    assert len(version) == 12 and parse(dict(reversed(files.items()))).version == version
    files["other.yaml"] += "# a comment\n"
    assert parse(files).version != version


def test_all_faults_of_all_files_come_at_once() -> None:
    files = good_files()
    files["main.yaml"] = files["main.yaml"].replace("next: menu,", "next: mneu,")
    files["other.yaml"] = "flow: other\nstart: a\nsteps: {a: {sya: Hi., next: done}}\n"
    files["site.yaml"] = files["site.yaml"].replace("agent_queue: desk", "agent_queue: dsk")
    files["third.yaml"] = "flow: [x, y\n"
    with pytest.raises(FlowError) as raised:
        parse(files)
    codes = {(fault.file, fault.code) for fault in raised.value.faults}
    assert codes >= {
        ("main.yaml", "unknown-step"),
        ("other.yaml", "no-verb"),
        ("site.yaml", "unknown-queue"),
        ("third.yaml", "brackets"),
    }


def test_two_flows_of_one_name() -> None:
    files = good_files() | {"third.yaml": good_files()["other.yaml"]}
    with pytest.raises(
        FlowError, match=r"third.yaml:1:1: found a second flow called 'other', the first in other.yaml"
    ):
        parse(files)


def test_no_site() -> None:
    files = good_files()
    del files["site.yaml"]
    with pytest.raises(
        FlowError, match=r"^site.yaml:1: found no site.yaml; wanted the file that all flows share"
    ):
        parse(files)


# Folders


def folder_of(tmp_path: Path, **more: bytes) -> Path:
    for name, text in good_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for name, content in more.items():
        (tmp_path / f"{name}.yaml").write_bytes(content)
    return tmp_path


def only_fault(folder: Path) -> str:
    with pytest.raises(FlowError) as raised:
        load(folder)
    assert len(raised.value.faults) == 1, raised.value
    return str(raised.value)


def test_no_folder(tmp_path: Path) -> None:
    assert "found no such folder" in only_fault(tmp_path / "nowhere")
    (tmp_path / "main.yaml").write_text("flow: main")
    assert (
        f"found a file; wanted a folder of flow files. Name the folder that it is in, {tmp_path}."
        in only_fault(tmp_path / "main.yaml")
    )


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "secret.yaml").write_text("password: swordfish\n")
    folder = folder_of(tmp_path / "flows")
    (folder / "more.yaml").symlink_to(tmp_path / "secret.yaml")
    said = only_fault(folder)
    assert "more.yaml:1: found a link that leads out of the folder" in said and "swordfish" not in said


def test_a_dangling_link_and_a_folder_are_no_files(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "gone.yaml").symlink_to(folder / "missing.yaml")
    assert "gone.yaml:1: found a file that cannot be read" in only_fault(folder)
    (folder / "gone.yaml").unlink()
    (folder / "inner.yaml").mkdir()
    assert "inner.yaml:1: found no regular file" in only_fault(folder)


def test_the_other_ending(tmp_path: Path) -> None:
    folder = folder_of(tmp_path)
    (folder / "more.yml").write_text("flow: more\n")
    assert (
        "more.yml:1: found the ending .yml; wanted the ending .yaml. Rename it to more.yaml."
        in only_fault(folder)
    )


def test_a_file_too_big_is_not_even_read(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, big=b"")
    with (folder / "big.yaml").open("wb") as file:
        file.truncate(2_000_000)
    assert "big.yaml:1: found 2,000,000 bytes; wanted at most 1,000,000" in only_fault(folder)


def test_another_encoding(tmp_path: Path) -> None:
    assert "a byte at position 9 that is not UTF-8" in only_fault(
        folder_of(tmp_path, more=b"flow: caf\xe9\n")
    )


def test_a_byte_order_mark_and_dos_lines_are_fine(tmp_path: Path) -> None:
    text = good_files()["other.yaml"].replace("other", "third").replace("\n", "\r\n")
    assert "third" in load(folder_of(tmp_path, third=b"\xef\xbb\xbf" + text.encode())).flows


def test_hidden_and_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".hidden.yaml").write_text("[")
    (tmp_path / "notes.txt").write_text("[")
    assert load(folder_of(tmp_path)).flows


# Files that mean harm

STEPS = "flow: main\nstart: s0\nsteps:\n"
HOSTILE = {
    "more than a megabyte": ("x: 1\n" * 250_000, "too-big"),
    "one long line": ("a" * 900_000, "too-big"),
    "a tag of a megabyte": ("!" * 900_000, "too-big"),
    "deep brackets": ("\n".join(["["] * 100_000), "too-deep"),
    "deep braces": ("a:\n" + "\n".join([" {a: "] * 50_000), "too-deep"),
    "a bomb of references": (
        "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a, *a, *a]\n" for n in range(9)),
        "alias",
    ),
    "an object to build": ("flow: !!python/object/apply:os.system ['touch owned']\n", "tag"),
    "thousands of documents": ("---\n" * 200_000, "documents"),
    "thousands of values": ("a:\n" + "- x\n" * 200_000, "too-big"),
    "thousands of steps": (
        STEPS + "".join(f"  s{n}: {{say: Hi., next: s{n + 1}}}\n" for n in range(2_001)),
        "too-big",
    ),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_quickly_in_one_sentence(text: str, code: str) -> None:
    files = good_files()
    del files["main.yaml"]
    began = time.process_time()
    with pytest.raises(FlowError) as raised:
        parse(files | {"hostile.yaml": text})
    taken_s = time.process_time() - began
    mine = [fault for fault in raised.value.faults if fault.file == "hostile.yaml"]
    assert [fault.code for fault in mine] == [code]
    assert len(str(mine[0])) < 300
    assert taken_s < QUICK_S


def test_thousands_of_repeated_keys_do_not_flood_the_reader() -> None:
    with pytest.raises(FlowError) as raised:
        parse(good_files() | {"hostile.yaml": "x: 1\n" * 10_000})
    assert len(raised.value.faults) == 101


def test_two_thousand_steps_are_fine() -> None:
    files = good_files()
    steps = "".join(f"  s{n}: {{say: Hi., next: s{n + 1}}}\n" for n in range(1_980))
    files["more.yaml"] = f"flow: more\nstart: s0\nsteps:\n{steps}  s1980: {{hang_up: Bye.}}\n"
    assert len(parse(files).flows["more"].steps) == 1_981


def test_a_folder_of_large_files_is_refused_before_all_are_read(tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"more{number}.yaml").write_text("# filler\n" * 100_000)
    with pytest.raises(FlowError, match="wanted at most 5,000,000 in all"):
        load(tmp_path)


def test_more_languages_than_a_site_can_have_are_counted() -> None:
    many = "".join(f"  a{chr(97 + number)}: {{}}\n" for number in range(21))
    files = good_files()
    with pytest.raises(FlowError, match="found 21 under 'languages'; wanted at most 20"):
        parse(files | {"site.yaml": f"{files['site.yaml']}languages:\n{many}"})
