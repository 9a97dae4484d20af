"""Talks acted as sound: the real ear and mouth, scripted engines; the line's noise, losses and echo."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
import pytest
from soundkit import POWER, spoken

from ivr.audio import mulaw
from ivr.events import Heard
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.telephone import STREAM, Telephone
from ivr.telephony import media


@pytest.fixture
def play(tmp_path):
    """A talk as sound, in memory."""
    return lambda *texts, **more: asyncio.run(spoken(tmp_path, *texts, **more))


def test_a_talk_passes_as_sound(play):
    body = """
        - bot: Parcel or opening hours?
        - caller: my parcel
          bot: Which number?
          within_ms: 500
        - keys: 1234
          bot: Your parcel is here
          within_ms: 100
          ends: completed
        """
    stage, failures, ears = play(body, "my parcel")
    assert not failures
    (heard,) = [moment.event for moment in stage.moments if isinstance(moment.event, Heard)]
    assert abs((heard.ended_ms - heard.began_ms) - 800) <= 200
    assert len(ears.heard) == 1


def test_what_is_misheard_fails_and_says_what_was_heard(play):
    _, failures, _ = play("- caller: my parcel\n  step: number\n", "my parsley")
    (failure,) = failures
    assert failure.key == "step" and 'heard "my parsley" (0.90)' in failure.why


def test_the_answer_is_late_by_the_lines_own_clock(play):
    _, failures, _ = play("- caller: my parcel\n  within_ms: 100\n", "my parcel")
    assert [failure.key for failure in failures] == ["within_ms"]
    took_ms = int(failures[0].came.split()[2])
    assert 250 <= took_ms <= 400, "the pause that ends the turn, and nothing of what the engines took"


def test_the_same_talk_gives_the_same_call(play):
    body = "- caller: my parcel\n  interrupts: 300ms\n"
    condition = Condition(noise_db=15, loss_percent=3, echo_db=20, seed=4)
    first, second = (play(body, "my parcel", condition=condition) for _ in range(2))
    assert [(m.at_ms, m.event.type) for m in first[0].moments] == [
        (m.at_ms, m.event.type) for m in second[0].moments
    ]
    assert first[2].heard == second[2].heard
    other = play(body, "my parcel", condition=Condition(noise_db=15, loss_percent=3, echo_db=20, seed=5))
    assert other[2].heard != first[2].heard


def test_a_caller_talks_over_the_machine(play):
    stage, failures, _ = play("- caller: my parcel\n  interrupts: 200ms\n  step: number\n", "my parcel")
    assert not failures
    assert stage.beats[1].ended_ms < 1500


def test_a_silent_caller_is_asked_again(play):
    _, failures, _ = play("- silent: 4500ms\n  bot: I didn't hear you\n- keys: 1\n  step: number\n")
    assert not failures


def test_a_person_takes_the_caller_and_hands_them_back_on_another_stream(play):
    given = "given: { agents: { name: Bea, answers: 3s, talks_for: 30s, then: hands back, to: again } }\n"
    body = "- keys: 0\n  bot: [to the desk, Parcel or opening hours]\n- caller: my parcel\n  step: number\n"
    stage, failures, _ = play(body, "my parcel", given=given)
    assert not failures
    assert stage.moments[-1].at_ms > 33_000


def test_a_message_is_left_after_the_tone(play):
    body = "- keys: 0\n  bot: leave a message\n- keys: 1\n- caller: call me tomorrow\n  never: Sorry\n"
    stage, failures, _ = play(body, "call me tomorrow", given="given: { agents: full }\n")
    assert not failures
    assert any(moment.event.type == "recorded" for moment in stage.moments)


def test_the_caller_hangs_up(play):
    stage, failures, _ = play("- caller: my parcel\n- hangs_up: true\n  ends: caller_hung_up\n", "my parcel")
    assert not failures and stage.is_over


def listen(condition, frames, *sent):
    """What the machine gets in so many frames, having sent this."""
    left = iter(range(frames))

    async def tick():
        return next(left, None) is not None

    async def run():
        phone = Telephone(condition, POWER, tick)
        for text in sent:
            await phone.send(text)
        found = []
        while (message := await phone.receive()) is not None:
            found.append(media.decode(message))
        return found

    return asyncio.run(run())


def pcm(messages):
    sound = b"".join(m.payload for m in messages if isinstance(m, media.Media))
    return np.frombuffer(mulaw.decode(sound), "<i2").astype(float)


def test_noise_is_as_far_below_the_voice_as_it_should_be():
    noise = pcm(listen(Condition(noise_db=15), 200))
    assert abs(10 * np.log10(POWER / np.mean(np.square(noise))) - 15) < 1
    assert not pcm(listen(Condition(), 200)).any()


def test_frames_get_lost_and_leave_a_hole():
    found = [m for m in listen(Condition(loss_percent=10, seed=3), 1000) if isinstance(m, media.Media)]
    assert 850 <= len(found) <= 950
    gaps = [(b.timestamp_ms - a.timestamp_ms, b.chunk - a.chunk) for a, b in pairwise(found)]
    assert all(ms == 20 * chunks for ms, chunks in gaps) and max(chunks for _, chunks in gaps) > 1


def test_the_machines_voice_comes_back_as_an_echo():
    loud = mulaw.encode((np.ones(160 * 50) * 8000).astype("<i2").tobytes())
    heard = pcm(listen(Condition(echo_db=20), 60, media.encode_media(STREAM, loud)))
    assert not heard[: 160 * 6].any()
    assert abs(np.abs(heard[160 * 10 : 160 * 40]).mean() - 800) < 60


def test_marks_come_back_when_they_are_reached_or_cleared():
    async def run():
        ticks = iter(range(100))

        async def tick():
            return next(ticks, None) is not None

        phone = Telephone(Condition(), POWER, tick)
        for text in (media.encode_media(STREAM, b"\x00" * 480), media.encode_mark(STREAM, "a")):
            await phone.send(text)
        await phone.send(media.encode_media(STREAM, b"\x00" * 8000))
        await phone.send(media.encode_mark(STREAM, "b"))
        found = [media.decode(await phone.receive()) for _ in range(8)]
        names = [m.name if isinstance(m, media.Mark) else "frame" for m in found]
        await phone.send(media.encode_clear(STREAM))
        last = media.decode(await phone.receive())
        return names, last, phone.is_sounding

    names, last, is_sounding = asyncio.run(run())
    assert names.index("a") in (2, 3, 4) and "b" not in names
    assert last == media.Mark("b") and not is_sounding
