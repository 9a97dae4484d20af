"""Talks acted as real telephone calls on the exchange, in real time; scripted engines. Both lines are one to us."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from soundkit import POWER, VOICE, spoken

from ivr.audio import mulaw
from ivr.errors import CarrierError
from ivr.events import Heard
from ivr.rehearsal import exchange
from ivr.rehearsal.exchange import Dialled
from ivr.rehearsal.handset import Condition
from ivr.rehearsal.telephone import Telephone
from ivr.telephony import media

PLAYED = bytes(160 * 10)
"""200 ms."""
MOST = 50
"""Messages within which the next one wanted must come: a second."""


class Party:
    """Our side of a call and the caller on it, both scripted; keeps what our side got."""

    def __init__(self, dial, condition=Condition()):  # noqa: B008
        self.line = dial(condition, POWER, self.tick)
        self.is_staying = True
        self.got = []

    async def tick(self):
        return self.is_staying

    async def until(self, wanted):
        """Read up to a message of a kind, which must be among the next ones."""
        for _ in range(MOST):
            text = await asyncio.wait_for(self.line.receive(), 5)
            self.got.append(media.decode(text))
            if isinstance(self.got[-1], wanted):
                return
        pytest.fail(f"no {wanted.__name__} among {MOST} messages")

    def kinds(self):
        """The kinds of messages, those that follow each other counted once."""
        names = [type(message).__name__ for message in self.got]
        return [name for name, before in zip(names, [None, *names], strict=False) if name != before]


async def small_call(party):
    sid = await party.line.open(0)
    await party.until(media.Media)
    await party.line.send(media.encode_media(sid, PLAYED))
    await party.line.send(media.encode_mark(sid, "reached"))
    await party.until(media.Mark)
    await party.until(media.Media)
    await party.line.send(media.encode_media(sid, PLAYED * 10))
    await party.line.send(media.encode_mark(sid, "cleared"))
    await party.until(media.Media)
    await party.line.send(media.encode_clear(sid))
    await party.until(media.Mark)
    await party.until(media.Media)
    party.line.press("5")
    await party.until(media.Dtmf)
    await party.until(media.Media)
    party.is_staying = False
    await party.until(media.Stop)
    await party.line.leave()


@pytest.mark.parametrize("dial", [Telephone, Dialled])
def test_both_lines_give_our_side_the_same(dial):
    async def run():
        party = Party(dial)
        await small_call(party)
        return party

    party = asyncio.run(run())
    assert party.kinds() == ["Media", "Mark", "Media", "Mark", "Media", "Dtmf", "Media", "Stop"]
    assert [m.name for m in party.got if isinstance(m, media.Mark)] == ["reached", "cleared"]
    assert [m.key for m in party.got if isinstance(m, media.Dtmf)] == ["5"]
    sound = [m for m in party.got if isinstance(m, media.Media)]
    assert [m.timestamp_ms - sound[0].timestamp_ms for m in sound] == [20 * n for n in range(len(sound))]
    assert [m.chunk for m in sound] == list(range(1, len(sound) + 1))
    assert {len(m.payload) for m in sound} == {160}
    assert party.line.handset.heard_ms is not None, "the caller has heard what was played"


def test_the_callers_voice_and_the_noise_come_through_the_exchange_and_its_losses_leave_holes():
    async def run():
        party = Party(Dialled, Condition(noise_db=20, loss_percent=20, seed=3))
        await party.line.open(0)
        party.line.handset.speak(VOICE)
        while party.line.now_ms < 1500:
            await party.until(media.Media)
        party.is_staying = False
        await party.until(media.Stop)
        await party.line.leave()
        return [m for m in party.got if isinstance(m, media.Media)]

    sound = asyncio.run(run())
    lost = 1 - len(sound) / sound[-1].chunk
    assert 0.08 <= lost <= 0.35
    levels = [np.abs(np.frombuffer(mulaw.decode(m.payload), "<i2").astype(float)).mean() for m in sound]
    assert max(levels[:50]) > 1500 and 10 < levels[-1] < max(levels) / 4


def test_what_fails_in_the_caller_ends_the_call_and_is_told():
    async def run():
        party = Party(Dialled)

        async def stumble():
            raise LookupError("a fault of the caller's")

        party.line = Dialled(Condition(), POWER, stumble)
        await party.line.open(0)
        await party.until(media.Stop)
        await party.line.leave()

    with pytest.raises(LookupError):
        asyncio.run(run())


def test_an_exchange_that_brings_no_stream_is_told(monkeypatch):
    monkeypatch.setattr(exchange, "STREAM_S", 0.3)
    monkeypatch.setattr(exchange, "_DOCUMENT", "<Response><Pause/></Response>")

    async def run():
        party = Party(Dialled)
        try:
            await party.line.open(0)
        finally:
            await party.line.leave()

    with pytest.raises(CarrierError, match="no stream"):
        asyncio.run(run())


@pytest.mark.slow
def test_talks_pass_and_fail_on_real_calls(tmp_path):
    right = """
        - bot: Parcel or opening hours?
        - caller: my parcel
          bot: Which number?
          within_ms: 900
        - keys: 1234
          bot: Your parcel is here
          within_ms: 300
          ends: completed
        """
    wrong = "- caller: my parcel\n  bot: Which colour?\n- hangs_up: true\n  ends: caller_hung_up\n"
    handed = "- keys: 0\n  bot: [to the desk, Parcel or opening hours]\n- caller: my parcel\n  step: number\n"
    given = "given: { agents: { name: Bea, answers: 2s, talks_for: 30s, then: hands back, to: again } }\n"
    noisy = Condition(noise_db=20, echo_db=25)

    async def run():
        return await asyncio.gather(
            spoken(tmp_path, right, "my parcel", dial=Dialled),
            spoken(tmp_path, wrong, "my parcel", dial=Dialled, condition=noisy),
            spoken(tmp_path, handed, "my parcel", dial=Dialled, given=given),
        )

    passed, failed, parted = asyncio.run(run())
    assert not passed[1]
    (heard,) = [moment.event for moment in passed[0].moments if isinstance(moment.event, Heard)]
    assert abs((heard.ended_ms - heard.began_ms) - 800) <= 200
    assert [failure.key for failure in failed[1]] == ["bot"] and failed[0].is_over
    assert not parted[1] and parted[0].moments[-1].at_ms > 30_000
