"""Rendered speech kept, with a scripted synthesiser that counts."""

from __future__ import annotations

import asyncio

import pytest

from ivr.errors import SpeechError
from ivr.speech.cache import Cache


class Scripted:
    """Says a text as its letters; may fail; waits for ``gate`` where one is given."""

    engine = "scripted"

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        self.asked: list[str] = []
        self.is_broken = False
        self.is_running = False
        self._gate = gate

    async def render(self, text: str, voice: str = "", pace: float = 1.0) -> bytes:
        self.asked.append(text)
        if self._gate is not None:
            await self._gate.wait()
        if self.is_broken:
            raise SpeechError("broken")
        return f"{voice}:{text}".encode() + b" slowly" * (pace < 1)

    async def voices(self):
        self.is_running = True
        return ()

    async def close(self) -> None:
        pass

    def describe(self) -> str:
        return "scripted"


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_text_is_rendered_once_ever(tmp_path):
    async def scenario():
        first = Scripted()
        cache = Cache(first, tmp_path, "id")
        await cache.warm(["hello", "bye", "hello"])
        assert await cache.render("hello") == b":hello"
        again = Scripted()
        assert await Cache(again, tmp_path, "id").render("hello") == b":hello"
        return first.asked, again.asked

    assert asyncio.run(scenario()) == (["hello", "bye"], [])
    assert all(path.suffix == ".ulaw" for path in files(tmp_path))


def test_a_warm_cache_has_its_engine_running_even_where_every_text_is_on_disk(tmp_path):
    async def scenario():
        await Cache(Scripted(), tmp_path, "id").warm(["hello"])
        again = Scripted()
        await Cache(again, tmp_path, "id").warm(["hello"])
        return again.asked, again.is_running

    assert asyncio.run(scenario()) == ([], True)


def test_pace_tells_sounds_apart(tmp_path):
    async def scenario():
        cache = Cache(Scripted(), tmp_path, "id")
        assert await cache.render("hello") == b":hello"
        assert await cache.render("hello", pace=0.7) == b":hello slowly"
        again = Cache(Scripted(), tmp_path, "id")
        return await again.render("hello", "", 0.7), again._synthesiser.asked

    assert asyncio.run(scenario()) == (b":hello slowly", [])


def test_voice_and_identity_tell_sounds_apart(tmp_path):
    async def scenario():
        scripted = Scripted()
        cache = Cache(scripted, tmp_path, "id")
        assert await cache.render("hello", "de") == b"de:hello"
        assert await cache.render("hello") == b":hello"
        await Cache(scripted, tmp_path, "faster").render("hello")
        return len(scripted.asked)

    assert asyncio.run(scenario()) == 3


def test_two_callers_of_one_text_share_one_rendering_even_if_one_hangs_up(tmp_path):
    async def scenario():
        gate = asyncio.Event()
        scripted = Scripted(gate)
        cache = Cache(scripted, tmp_path, "id")
        impatient, patient = (asyncio.create_task(cache.render("hello")) for _ in range(2))
        while not scripted.asked:
            await asyncio.sleep(0)
            await asyncio.to_thread(lambda: None)
        impatient.cancel()
        gate.set()
        return await patient, impatient.cancelled() or impatient.cancelling() > 0, scripted.asked

    assert asyncio.run(scenario()) == (b":hello", True, ["hello"])


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: b"x" * len(data)])
def test_a_damaged_file_is_rendered_again_and_mended(tmp_path, damage):
    async def scenario():
        await Cache(Scripted(), tmp_path, "id").render("hello")
        (file,) = files(tmp_path)
        whole = file.read_bytes()
        file.write_bytes(damage(whole))
        scripted = Scripted()
        sound = await Cache(scripted, tmp_path, "id").render("hello")
        return sound, scripted.asked, file.read_bytes() == whole

    assert asyncio.run(scenario()) == (b":hello", ["hello"], True)


def test_a_secret_is_never_on_disk_and_still_remembered(tmp_path):
    async def scenario():
        scripted = Scripted()
        cache = Cache(scripted, tmp_path, "id")
        for _ in range(2):
            await cache.render("your pin is 1 2 3 4", is_secret=True)
        return scripted.asked

    assert len(asyncio.run(scenario())) == 1
    assert files(tmp_path) == []


def test_memory_is_bounded_and_the_least_used_goes_first(tmp_path):
    async def scenario():
        scripted = Scripted()
        cache = Cache(scripted, tmp_path, "id", memory_bytes=8)
        for text in ("aaa", "bbb", "aaa", "ccc", "aaa", "bbb"):
            await cache.render(text, is_secret=True)
        return scripted.asked

    assert asyncio.run(scenario()) == ["aaa", "bbb", "ccc", "bbb"]


def test_a_failure_reaches_the_caller_and_is_not_remembered(tmp_path):
    async def scenario():
        scripted = Scripted()
        scripted.is_broken = True
        cache = Cache(scripted, tmp_path, "id")
        with pytest.raises(SpeechError, match="broken"):
            await cache.render("hello")
        scripted.is_broken = False
        return await cache.render("hello")

    assert asyncio.run(scenario()) == b":hello"


def test_a_disk_that_takes_nothing_costs_only_the_cache(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert asyncio.run(Cache(Scripted(), blocked, "id").render("hello")) == b":hello"
