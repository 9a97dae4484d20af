"""Calls from the first ring to the last callback: webhooks, documents, keys, fallbacks."""

from __future__ import annotations

import asyncio
import json
import time
import wave
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from switchboard import CALLER, LINE, Request, World, level_at

from ivr.errors import CarrierError, SpeechError
from ivr.exchange import sound
from ivr.exchange.settings import Faults, Number

DOCUMENTED = {
    "CallSid", "AccountSid", "From", "To", "Caller", "Called", "CallStatus", "ApiVersion", "Direction",
    "FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry",
    "CallerCity", "CallerState", "CallerZip", "CallerCountry",
    "CalledCity", "CalledState", "CalledZip", "CalledCountry",
}  # fmt: skip


async def test_the_first_webhook_is_signed_and_has_every_documented_field() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Hangup/>"
        phone = await world.phone()
        sid = await phone.call(LINE, CALLER)
        await phone.ended()
        request = await world.until("/voice")
    assert request.is_signed
    assert set(request.form) == DOCUMENTED
    assert request.form["CallSid"] == sid
    assert (request.form["CallStatus"], request.form["Direction"]) == ("ringing", "inbound")
    assert (request.form["From"], request.form["To"]) == (CALLER, LINE)
    assert request.headers["I-Twilio-Idempotency-Token"]


async def test_a_webhook_by_get_is_signed_over_its_whole_address() -> None:
    async with World() as world:
        world.exchange.numbers[LINE] = Number(f"{world.base}/voice?line=1", voice_method="GET")
        phone = await world.phone()
        await phone.call(LINE, CALLER)
        request = await world.until("/voice")
    assert request.is_signed
    assert not request.form


async def test_the_caller_hears_what_is_said_and_the_call_ends_with_the_document() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Say>Good day</Say><Pause length='0'/>"
        phone = await world.caller()
        assert await phone.ended() == "completed"
    assert 0.4 < phone.heard.voiced().sum() * 0.02 < 0.6
    assert level_at(phone.heard.pcm()[: 320 * 20], 300) > 2000


async def test_a_voice_that_fails_does_not_end_the_call() -> None:
    async def broken(text: str) -> bytes:
        raise SpeechError("no voice")

    async with World() as world:
        world.exchange.render = broken
        world.pages["/voice"] = "<Say>Good day</Say><Redirect>/next</Redirect>"
        await world.caller()
        await world.until("/next")
        assert world.codes() == [13520]


async def test_a_played_file_is_heard() -> None:
    async def clip(request: Request) -> web.Response:
        return web.Response(body=sound.tone(0.4, 600), content_type="audio/basic")

    async with World() as world:
        world.pages |= {"/voice": "<Play>/clip</Play>", "/clip": clip}
        phone = await world.caller()
        await phone.ended()
    assert level_at(phone.heard.pcm()[: 320 * 15], 600) > 2000


async def test_a_rejected_call_is_busy_and_never_answered() -> None:
    async with World() as world:
        world.pages["/voice"] = '<Reject reason="busy"/>'
        phone = await world.phone()
        await phone.call(LINE, CALLER)
        with pytest.raises(CarrierError, match="busy"):
            await phone.answered(5)


async def test_an_unknown_number_is_refused_with_a_sentence() -> None:
    async with World() as world:
        phone = await world.phone()
        with pytest.raises(CarrierError, match="no such number"):
            await phone.call("+15559999", CALLER)


async def test_the_number_is_told_when_its_call_is_over() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Pause length='5'/>"
        number = Number(f"{world.base}/voice", status_callback=f"{world.base}/status")
        world.exchange.numbers[LINE] = number
        phone = await world.phone()
        await phone.call(LINE, CALLER)
        await world.until("/voice")
        await phone.hang_up()
        told = await world.until("/status")
    assert told.is_signed
    assert told.form["CallbackSource"] == "call-progress-events"
    assert told.form["SequenceNumber"] == "0"
    assert {"Timestamp", "CallDuration", "Duration"} <= set(told.form)


async def test_gather_takes_keys_pressed_during_its_prompt() -> None:
    async with World() as world:
        world.pages |= {
            "/voice": '<Gather action="/got" numDigits="4"><Say>More than two seconds of it</Say></Gather>',
            "/got": "<Hangup/>",
        }
        phone = await world.caller()
        began = time.monotonic()
        await phone.press("12*4", gap_s=0.03)
        await phone.ended()
        request = await world.until("/got")
    assert request.form["Digits"] == "12*4"
    assert request.form["FinishedOnKey"] == ""
    assert request.form["CallStatus"] == "in-progress"
    assert time.monotonic() - began < 1.5


async def test_gather_ends_at_its_finishing_key() -> None:
    async with World() as world:
        world.pages |= {"/voice": '<Gather action="/got"/>', "/got": "<Hangup/>"}
        phone = await world.caller()
        await phone.press("77#", gap_s=0.03)
        request = await world.until("/got")
    assert (request.form["Digits"], request.form["FinishedOnKey"]) == ("77", "#")


async def test_gather_for_speech_is_warned_of() -> None:
    async with World() as world:
        world.pages["/voice"] = '<Gather input="speech dtmf" timeout="0"/>'
        phone = await world.caller()
        await phone.ended()
        assert world.codes() == [12200]


async def test_gather_without_keys_falls_through() -> None:
    async with World() as world:
        world.pages["/voice"] = '<Gather action="/got" timeout="0"/><Redirect>/next</Redirect>'
        phone = await world.caller()
        await phone.ended()
        assert not world.asked("/got")
        assert len(world.asked("/next")) == 1


async def test_the_fallback_is_asked_with_the_error() -> None:
    async def broken(request: Request) -> web.Response:
        return web.Response(status=500)

    async with World() as world:
        world.pages |= {"/voice": broken, "/fallback": "<Say>sorry</Say>"}
        world.exchange.numbers[LINE] = Number(f"{world.base}/voice", fallback_url=f"{world.base}/fallback")
        phone = await world.caller()
        assert await phone.ended() == "completed"
        request = await world.until("/fallback")
        assert request.form["ErrorCode"] == "11200"
        assert request.form["ErrorUrl"] == f"{world.base}/voice"
        assert request.is_signed
        assert world.codes() == [11200]


async def _text_page(request: Request) -> web.Response:
    return web.Response(text="hello", content_type="text/plain")


async def _long_page(request: Request) -> web.Response:
    return web.Response(text="<Response>" + " " * 65_536 + "</Response>", content_type="text/xml")


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("<Say>unclosed", 12100),
        ("<Dance/>", 12100),
        ("<Gather><Dial>1</Dial></Gather>", 12100),
        (_text_page, 12300),
        (_long_page, 11750),
    ],
)
async def test_a_document_that_cannot_be_run_is_an_application_error(page: object, code: int) -> None:
    async with World() as world:
        world.pages["/voice"] = page  # type: ignore[assignment]
        phone = await world.caller()
        assert await phone.ended() == "completed"
        assert world.codes() == [code]
    assert phone.heard.voiced().sum() > 20, "the caller hears the error tone"


async def test_an_unknown_attribute_is_only_a_warning() -> None:
    async with World() as world:
        world.pages["/voice"] = '<Say colour="red">hello</Say>'
        phone = await world.caller()
        await phone.ended()
        assert [(notice.code, notice.level) for notice in world.exchange.debugger] == [(12200, "warning")]


async def test_a_webhook_that_answers_too_late_is_cut() -> None:
    async def slow(request: Request) -> web.Response:
        await asyncio.sleep(3)
        return web.Response()

    async with World(webhook_timeout_s=0.3) as world:
        world.pages["/voice"] = slow
        phone = await world.caller()
        await phone.ended()
        assert world.codes() == [11205]


async def test_a_retry_carries_the_same_idempotency_token() -> None:
    async def broken(request: Request) -> web.Response:
        return web.Response(status=503)

    async with World() as world:
        world.pages["/voice"] = broken
        world.exchange.numbers[LINE] = Number(f"{world.base}/voice#rc=2&rp=5xx")
        phone = await world.caller()
        await phone.ended()
        requests = world.asked("/voice")
    assert len(requests) == 3
    assert len({request.headers["I-Twilio-Idempotency-Token"] for request in requests}) == 1
    assert all(request.is_signed for request in requests), "the fragment is neither sent nor signed"


async def test_a_broken_phone_may_come_back_to_its_call() -> None:
    async with World() as world:
        world.pages["/voice"] = '<Gather action="/got" numDigits="1" timeout="8"/>'
        first = await world.caller()
        await first._socket.close()
        second = await world.phone()
        await second.attach(first.leg)
        await second.press("5")
        assert (await world.until("/got")).form["Digits"] == "5"


async def test_a_refusal_names_the_order_that_was_refused() -> None:
    orders = [
        {"do": "call", "to": "+15559999"},
        {"do": "attach", "leg": "of nobody"},
        {"do": "register"},
        {"do": "answer"},
    ]
    async with (
        World() as world,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{world.exchange.url}/phone") as socket,
    ):
        for order in orders:
            await socket.send_json(order)
            told = await socket.receive_json(timeout=5)
            assert (told["on"], told["order"]) == ("error", order["do"])


async def test_a_phone_that_stays_away_loses_its_call() -> None:
    async with World(grace_s=0.2) as world:
        world.pages["/voice"] = "<Pause length='1'/><Pause length='20'/>"
        phone = await world.caller()
        await phone._socket.close()
        call = world.exchange.calls[phone.call_sid]
        await asyncio.wait_for(call.ended.wait(), 2)
        assert call.status == "completed"


async def test_faults_are_changed_by_the_admin_route() -> None:
    async with World() as world, aiohttp.ClientSession() as http:
        async with http.post(
            f"{world.exchange.url}/faults", json={"rest": "429", "media_lost": 0.5}
        ) as answer:
            assert answer.status == 200
        assert world.exchange.faults == Faults(rest="429", media_lost=0.5)
        async with http.post(f"{world.exchange.url}/faults", json={"rest": "no", "wind": 3}) as answer:
            assert answer.status == 400
            text = await answer.text()
        assert "wind" in text and "rest" in text
        async with http.get(f"{world.exchange.url}/debugger") as answer:
            assert json.loads(await answer.text()) == []


async def test_a_call_is_recorded_with_the_caller_left_and_the_answer_right(tmp_path: Path) -> None:
    async with World() as world:
        world.pages["/voice"] = "<Say>Good day to you</Say><Pause length='1'/>"
        phone = await world.caller()
        await phone.play(sound.tone(0.3, 700))
        await phone.ended()
    phone.save(tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as clip:
        assert (clip.getnchannels(), clip.getframerate(), clip.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(clip.readframes(clip.getnframes()), "<i2").reshape(-1, 2)
    left, right = both[400:2000, 0].tobytes(), both[400:2000, 1].tobytes()
    assert level_at(left, 700) > 1500 > level_at(left, 300)
    assert level_at(right, 300) > 1500 > level_at(right, 700)
