"""Flows that are changed while processes use them: what is in force, what running calls keep, what is told."""

from __future__ import annotations

import logging
import os
import shutil
import time
from pathlib import Path

import pytest
import redis

from ivr.errors import FlowError
from ivr.flow.model import Say
from ivr.shelf import IN_FORCE, MEMORY, Shelf
from ivr.store import connect

GOOD = Path(__file__).parents[1] / "flows" / "good"
BROKEN = "flow: main\nsteps: { oops: }\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(GOOD, tmp_path / "flows")
    return tmp_path / "flows"


@pytest.fixture
def shelf(folder: Path, client: redis.Redis) -> Shelf:
    return opened(folder, client)


def opened(folder: Path, client: redis.Redis, *, or_last: bool = False) -> Shelf:
    shelf = Shelf(folder, client)
    shelf.open(or_last=or_last)
    return shelf


def save(folder: Path, words: str) -> None:
    """Another ``other.yaml``, as an editor saves it."""
    text = f"flow: other\nstart: a\nsteps: {{ a: {{ say: {words}, next: done }} }}\n"
    draft = folder / ".other.yaml.new"
    draft.write_text(text, encoding="utf-8")
    draft.replace(folder / "other.yaml")


def refreshed(shelf: Shelf) -> bool:
    """Two looks, as many as a change needs."""
    return any([shelf.refresh(), shelf.refresh()])


def words(shelf: Shelf, version: str = "") -> str:
    step = next(iter(shelf.of(version).flows["other"].steps.values()))
    assert isinstance(step, Say)
    return step.say


def test_what_is_saved_is_in_force_and_a_call_that_runs_keeps_its_version(shelf: Shelf, folder: Path) -> None:
    before, old = shelf.book.version, words(shelf)
    save(folder, "New.")
    assert refreshed(shelf)
    assert words(shelf) == "New." and shelf.book.version != before
    assert words(shelf, before) == old


def test_a_file_that_is_still_being_written_is_not_taken(shelf: Shelf, folder: Path) -> None:
    before = shelf.book.version
    save(folder, "Half.")
    assert not shelf.refresh()
    save(folder, "Whole.")
    assert not shelf.refresh() and shelf.book.version == before
    assert shelf.refresh() and words(shelf) == "Whole."


def test_a_change_of_the_same_length_within_the_same_second_is_seen(shelf: Shelf, folder: Path) -> None:
    for said in ("Aaaa.", "Bbbb.", "Cccc."):
        save(folder, said)
        refreshed(shelf)
        assert words(shelf) == said


def test_broken_files_are_told_once_and_the_old_version_stays(
    shelf: Shelf, folder: Path, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    sibling = opened(folder, client)
    before = shelf.book.version
    (folder / "main.yaml").write_text(BROKEN, encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        for each in (shelf, sibling, shelf, sibling):
            assert not refreshed(each)
    told = [record.message for record in caplog.records]
    assert len(told) == 1 and "main.yaml:" in told[0] and "last sound ones" in told[0]
    assert shelf.book.version == sibling.book.version == before
    assert any(fault.file == "main.yaml" for fault in shelf.faults)
    shutil.copy(GOOD / "main.yaml", folder / "main.yaml")
    refreshed(shelf)
    assert shelf.faults == () and shelf.book.version == before


def test_a_folder_that_goes_away_takes_nothing_with_it(shelf: Shelf, folder: Path) -> None:
    before = shelf.book.version
    shutil.rmtree(folder)
    assert not refreshed(shelf) and shelf.book.version == before
    assert "no such folder" in shelf.faults[0].found


def test_any_process_knows_the_version_of_a_call(shelf: Shelf, folder: Path, client: redis.Redis) -> None:
    before, old = shelf.book.version, words(shelf)
    save(folder, "New.")
    refreshed(shelf)
    later = opened(folder, client)
    assert later.book.version != before and words(later, before) == old


def test_a_version_long_gone_is_the_one_in_force(
    shelf: Shelf, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    assert shelf.of("0123456789ab") is shelf.book and "0123456789ab are gone" in caplog.text
    client.set(f"{IN_FORCE}:beef", '{"site.yaml": "company: ["}')
    assert shelf.of("beef") is shelf.book


def test_a_process_started_on_broken_files_goes_on_with_what_its_siblings_use(
    shelf: Shelf, folder: Path, client: redis.Redis
) -> None:
    (folder / "main.yaml").write_text(BROKEN, encoding="utf-8")
    with pytest.raises(FlowError):
        opened(folder, client)
    again = opened(folder, client, or_last=True)
    assert again.book.version == shelf.book.version and again.faults
    client.delete(IN_FORCE)
    with pytest.raises(FlowError):
        opened(folder, client, or_last=True)


def test_what_is_kept_outlives_the_calls_and_no_more(shelf: Shelf, client: redis.Redis) -> None:
    kept_s, in_force_s = client.ttl(f"{IN_FORCE}:{shelf.book.version}"), client.ttl(IN_FORCE)
    assert 24 * 3600 < int(kept_s) <= 2 * 24 * 3600  # type: ignore[arg-type]
    assert 20 < int(in_force_s) <= 60  # type: ignore[arg-type]


def test_redis_that_is_gone_keeps_no_change_back(folder: Path, tmp_path: Path) -> None:
    with connect(f"unix://{tmp_path}/nowhere.sock") as client:
        shelf = opened(folder, client, or_last=True)
        save(folder, "New.")
        assert refreshed(shelf) and words(shelf) == "New."
        assert shelf.of("0123456789ab") is shelf.book


def test_those_who_follow_are_ready_before_the_book_is_in_force(shelf: Shelf, folder: Path) -> None:
    seen: list[tuple[str, str]] = []
    shelf.follow(lambda book: seen.append((book.version, shelf.book.version)))
    before = shelf.book.version
    save(folder, "New.")
    refreshed(shelf)
    assert seen == [(shelf.book.version, before)]


def test_memory_holds_few_books(shelf: Shelf, folder: Path) -> None:
    for number in range(MEMORY + 3):
        save(folder, f"Number {number}.")
        refreshed(shelf)
    assert len(shelf._books) == MEMORY


def test_conversations_and_hidden_files_are_no_change(shelf: Shelf, folder: Path) -> None:
    (folder / "main.talks.yaml").write_text("talks: []\n", encoding="utf-8")
    (folder / ".main.yaml.swp").write_text("x", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    signs = shelf._signs()
    assert {name for name, *_ in signs} == {"main.yaml", "other.yaml", "site.yaml"}


def test_a_change_is_live_within_a_second(shelf: Shelf, folder: Path) -> None:
    with shelf.watching():
        save(folder, "Now.")
        began = time.monotonic()
        while words(shelf) != "Now.":
            assert time.monotonic() - began < 5
            os.sched_yield()
            time.sleep(0.01)
        assert time.monotonic() - began < 1.0
