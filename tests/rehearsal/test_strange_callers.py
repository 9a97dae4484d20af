"""What the recogniser was never made for comes down a real line into the sample: it has an answer for everything,
and never takes it for a request without saying so."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import strangekit
from strangekit import Desk, baby, endless, music, noise, pcm, samples, silence, together

from ivr import config
from ivr.events import Heard
from ivr.flow.load import load
from ivr.rehearsal.stage import Stage, said

pytestmark = pytest.mark.slow

FLOWS = Path(__file__).parents[2] / "call_flows"
CURSES = (
    "you stupid bastards, this is bloody useless, I am furious, you are idiots, shit, I have had enough of this "
    "fucking machine"
)
STORY = (
    "well you know what happened was that my neighbour and I were in the garden, and the dog came along and it "
    "jumped over the wall"
)
Sounds = Callable[[Desk], Awaitable[list[bytes]]]


def just(*sounds: bytes) -> Sounds:
    async def made(desk: Desk) -> list[bytes]:
        return list(sounds)

    return made


def spoken(*texts: str, voice: str = "") -> Sounds:
    async def made(desk: Desk) -> list[bytes]:
        return [await desk.speak(text, voice) for text in texts]

    return made


async def two_at_once(desk: Desk) -> list[bytes]:
    one = await desk.speak("where is my parcel, it hasn't come yet")
    return [together(one, await desk.speak("I'd like to make an appointment for tomorrow", "en-gb"))]


async def without_a_pause(desk: Desk) -> list[bytes]:
    return [endless(await desk.speak(STORY), 21)]


async def swearing(desk: Desk) -> list[bytes]:
    return [endless(await desk.speak(CURSES), 30)]


async def a_radio(desk: Desk) -> list[bytes]:
    voice, tune = samples(await desk.speak(STORY)), samples(music(6))[: 6 * 8000]
    size = min(len(voice), len(tune))
    return [pcm(voice[:size] / 2 + tune[:size])]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Desk]]:
    pytest.importorskip("piper", reason="needs the extra [callers]")
    settings = config.load(
        data={"folder": tmp_path_factory.mktemp("desk")}, speech={"engine": "pocketsphinx"}
    )
    with asyncio.Runner() as runner:
        standing = strangekit.desk(settings, load(FLOWS))
        yield runner, runner.run(standing.__aenter__())
        runner.run(standing.__aexit__(None, None, None))


STRANGE: list[tuple[str, Sounds]] = [
    ("silence", just(silence(15))),
    ("music", just(music(7), music(7))),
    ("a street", just(noise(7), noise(7))),
    ("a tap", just(noise(7, is_sharp=True))),
    ("knocks", just(*[noise(0.6)] * 6)),
    ("a baby", just(baby(4), baby(1), baby(2))),
    ("Korean", spoken("안녕하세요. 제 소포가 어디에 있는지 알고 싶습니다.", "영어를 못 합니다.", voice="ko")),
    ("Chinese", spoken("你好，我想知道我的包裹在哪里。", "请问有会说中文的人吗，我听不懂。", voice="cmn")),
    ("two at once", two_at_once),
    ("a radio", a_radio),
    ("a voice that never stops", without_a_pause),
    ("thirty seconds of swearing", swearing),
]


@pytest.mark.parametrize("sounds", [made for _, made in STRANGE], ids=[name for name, _ in STRANGE])
def test_the_caller_gets_an_answer_and_no_request_is_made_up(
    desk: tuple[asyncio.Runner, Desk], sounds: Sounds, caplog: pytest.LogCaptureFixture
) -> None:
    runner, standing = desk

    async def call() -> Stage:
        return await standing.call(*await sounds(standing))

    with caplog.at_level(logging.ERROR):
        stage = runner.run(call())
    story = [
        (
            moment.at_ms,
            moment.state.intent,
            [(each.text, each.confidence) for each in moment.event.hypotheses],
        )
        for moment in stage.moments
        if isinstance(moment.event, Heard)
    ]
    for before, moment in pairwise(stage.moments):
        if moment.state.intent != before.state.intent:
            assert any("I understood: " in text for text in said([moment])), story
    assert stage.state.outcome == "caller_hung_up"
    assert len(said(stage.moments)) > 3, "more than the greeting, the notice and the question"
    assert not [record for record in caplog.records if record.exc_info], caplog.text
