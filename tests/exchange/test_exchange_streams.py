"""Media streams as Twilio speaks them: shapes, pace, marks, keys, ends, faults."""

from __future__ import annotations

import asyncio
import base64
import itertools
import re
import socket
from typing import Any

import pytest
from aiohttp import web
from switchboard import Request, Socket, World, level_at

from ivr.exchange import sound
from ivr.exchange.settings import Faults

CONNECTED = {"event": "connected", "protocol": "Call", "version": "1.0.0"}
START = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "accountSid": "AC",
        "streamSid": "MZ",
        "callSid": "CA",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t"},
    },
    "streamSid": "MZ",
}
MEDIA = {
    "event": "media",
    "sequenceNumber": "2",
    "media": {"track": "inbound", "chunk": "1", "timestamp": "171", "payload": ""},
    "streamSid": "MZ",
}
DTMF = {
    "event": "dtmf",
    "sequenceNumber": "3",
    "dtmf": {"track": "inbound_track", "digit": "1"},
    "streamSid": "MZ",
}
MARK = {"event": "mark", "sequenceNumber": "4", "streamSid": "MZ", "mark": {"name": "m"}}
STOP = {
    "event": "stop",
    "sequenceNumber": "5",
    "streamSid": "MZ",
    "stop": {"accountSid": "AC", "callSid": "CA"},
}
"""Messages in the shape of published captures of the real service."""


def shape(value: Any) -> Any:
    """Keys and types, without values."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value).__name__


async def test_every_message_has_the_shape_of_the_captures() -> None:
    async with World() as world:
        stream = f'<Stream url="{world.media}"><Parameter name="token" value="x"/></Stream>'
        world.pages["/voice"] = f"<Connect>{stream}</Connect>"
        phone = await world.caller()
        stream = await world.stream()
        await phone.press("1", gap_s=0)
        await stream.until("dtmf")
        await stream.mark("m")
        await stream.until("mark")
        await stream.until("media", 3)
        await phone.hang_up()
        await stream.until("stop")
    assert stream.is_signed
    assert stream.messages[0] == CONNECTED
    assert stream.messages[1]["start"]["customParameters"] == {"token": "x"}
    for captured in (START, MEDIA, DTMF, MARK, STOP):
        assert shape(stream.of(str(captured["event"]))[0]) == shape(captured)
    numbers = [int(message["sequenceNumber"]) for message in stream.messages[1:]]
    assert numbers == list(range(1, len(numbers) + 1))
    first = stream.of("media")[0]["media"]
    assert first["chunk"] == "1"
    assert 100 <= int(first["timestamp"]) <= 171
    assert re.fullmatch("MZ[0-9a-f]{32}", stream.sid)


async def test_the_caller_is_heard_in_real_time_and_silence_is_sent_between() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page()
        phone = await world.caller()
        stream = await world.stream()
        await stream.until("media")
        began = len(stream.of("media"))
        at = asyncio.get_running_loop().time()
        await phone.play(sound.tone(0.5, 800))
        await asyncio.sleep(0.3)
        count = len(stream.of("media")) - began
        took = asyncio.get_running_loop().time() - at
        heard = sound.mulaw.decode(stream.sound())
    assert abs(count - took * 50) <= 2
    assert {len(base64.b64decode(message["media"]["payload"])) for message in stream.of("media")} == {160}
    stamps = [int(message["media"]["timestamp"]) for message in stream.of("media")]
    assert {after - before for before, after in itertools.pairwise(stamps)} == {20}
    voiced = [level_at(heard[at : at + 320], 800) > 2000 for at in range(0, len(heard), 320)]
    assert sum(voiced) == 25, "every frame of the caller arrives, once"
    assert voiced[voiced.index(True) :][:25] == [True] * 25, "without a hole"


async def test_sound_sent_at_once_is_played_in_real_time_and_its_mark_comes_when_it_is_over() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page()
        phone = await world.caller()
        stream = await world.stream()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await stream.mark("empty")
        await stream.until("mark")
        assert loop.time() - began < 0.3, "with nothing buffered a mark comes back at once"
        began = loop.time()
        await stream.play(sound.tone(0.7, 500))
        await stream.mark("over")
        await stream.until("mark", 2)
        assert 0.68 < loop.time() - began < 1
    assert phone.heard.voiced().sum() == 35


async def test_clear_stops_the_sound_and_gives_its_marks_back() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page()
        phone = await world.caller()
        stream = await world.stream()
        await stream.play(sound.tone(3, 500))
        await stream.mark("one")
        await stream.play(sound.tone(3, 500))
        await stream.mark("two")
        await asyncio.sleep(0.2)
        assert not stream.of("mark")
        await stream.send("clear")
        await stream.until("mark", 2)
        assert [message["mark"]["name"] for message in stream.of("mark")] == ["one", "two"]
        voiced = phone.heard.voiced().sum()
        await asyncio.sleep(0.2)
        assert phone.heard.voiced().sum() <= voiced + 1


async def test_keys_pressed_while_the_socket_opens_are_not_lost() -> None:
    async with World() as world:
        world.pages["/voice"] = "<Pause length='0'/>" + world.stream_page()
        phone = await world.phone()
        await phone.call("+15550100", "+15550199")
        await phone.answered(5)
        await phone.press("123", gap_s=0)
        stream = await world.stream()
        await stream.until("dtmf", 3)
    assert [message["dtmf"]["digit"] for message in stream.of("dtmf")] == ["1", "2", "3"]


async def test_when_the_application_closes_the_socket_the_document_goes_on() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page("<Redirect>/resume</Redirect>")
        phone = await world.caller()
        stream = await world.stream()
        await stream.ws.close()
        request = await world.until("/resume")
        await phone.ended()
    assert request.form["CallStatus"] == "in-progress"
    assert not stream.of("stop")


async def test_the_action_of_connect_comes_before_the_next_verb() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page("<Redirect>/next</Redirect>", action="/action")
        phone = await world.caller()
        await (await world.stream()).ws.close()
        await world.until("/action")
        await phone.ended()
        assert not world.asked("/next")


async def test_a_crash_of_the_application_leads_to_the_next_verb() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page("<Redirect>/resume</Redirect>")
        await world.caller()
        stream = await world.stream()
        stream.abort()
        await world.until("/resume")
        assert world.codes() == [31921]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ws://127.0.0.1:1/media", 31902),
        ("ws://192.0.2.1/media", 31922),
        ("http://127.0.0.1/media", 31922),
        ("{media}?x=1", 31920),
        ("{base}", 31922),
        ("ws://127.0.0.1:{port}/voice", 31920),
    ],
)
async def test_a_stream_that_cannot_be_had_leads_to_the_next_verb(url: str, code: int) -> None:
    async with World() as world:
        url = url.format(media=world.media, base=world.base, port=world.port)
        events = f'statusCallback="{world.base}/stream"'
        world.pages["/voice"] = (
            f'<Connect><Stream url="{url}" {events}/></Connect><Redirect>/resume</Redirect>'
        )
        await world.caller()
        await world.until("/resume")
        assert code in world.codes()
        told = await world.until("/stream")
        assert told.form["StreamEvent"] == "stream-error"
        assert told.form["StreamError"]


async def test_a_stream_is_tried_again_before_the_document_goes_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with World() as world:
        world.pages["/voice"] = f'<Connect><Stream url="ws://127.0.0.1:{port}/media"/></Connect>'
        await world.caller()
        await asyncio.sleep(0.1)
        await world.listen(port)
        stream = await world.stream()
        assert stream.of("start")
        assert world.codes() == []


async def test_the_status_callback_tells_start_and_stop() -> None:
    async with World() as world:
        world.pages["/voice"] = (
            f'<Connect><Stream url="{world.media}" statusCallback="/stream"/></Connect><Pause/>'
        )
        await world.caller()
        await (await world.stream()).ws.close()
        await world.until("/stream", 2)
        events = sorted(request.form["StreamEvent"] for request in world.asked("/stream"))
    assert events == ["stream-started", "stream-stopped"]


@pytest.mark.parametrize(
    "message",
    [
        {"event": "media", "stream_sid": "x", "media": {"payload": ""}},
        {"event": "media", "streamSid": "{sid}", "media": {"payload": "", "track": "outbound"}},
        {"event": "mark", "streamSid": "{sid}", "mark": {"name": "a"}, "sequenceNumber": "1"},
        {"event": "clear", "streamSid": "MZ0"},
        {"event": "dtmf", "streamSid": "{sid}", "dtmf": {"digit": "1"}},
    ],
)
async def test_a_message_of_another_form_is_warned_of_once(message: dict[str, Any]) -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        value = {key: stream.sid if part == "{sid}" else part for key, part in message.items()}
        for _ in range(2):
            await stream.ws.send_json(value)
        await stream.ws.send_bytes(b"sound")
        await stream.mark("after")
        await stream.until("mark")
        assert [mark["mark"]["name"] for mark in stream.of("mark")] == ["after"]
        assert world.codes() == [31951, 31950]


async def _ended(world: World, stream: Socket) -> None:
    """The caller hangs up; wait until the stream shows it."""
    for call in world.exchange.calls.values():
        call.hang_up()
    await asyncio.sleep(0.2)


async def test_hanging_up_sends_stop_and_then_closes() -> None:
    async with World() as world:
        world.pages["/voice"] = world.stream_page("<Redirect>/resume</Redirect>")
        await world.caller()
        stream = await world.stream()
        await _ended(world, stream)
        assert stream.messages[-1]["event"] == "stop"
        assert stream.ws.closed
        assert not world.asked("/resume")


async def test_stop_may_come_without_close_and_close_without_stop() -> None:
    async with World(Faults(is_stop_unclosed=True)) as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        await _ended(world, stream)
        assert stream.of("stop") and not stream.ws.closed
        await stream.ws.close()
    async with World(Faults(is_closed_unstopped=True)) as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        await _ended(world, stream)
        assert not stream.of("stop") and stream.ws.closed


async def test_a_slow_reader_takes_messages_late_but_takes_them_all() -> None:
    async with World(Faults(read_delay_ms=100)) as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        began = asyncio.get_running_loop().time()
        for name in "abcd":
            await stream.mark(name)
        await stream.until("mark", 4)
        assert asyncio.get_running_loop().time() - began >= 0.29
    assert [message["mark"]["name"] for message in stream.of("mark")] == list("abcd")


async def test_lost_media_is_a_gap_in_chunk_and_timestamp() -> None:
    async with World(Faults(media_lost=0.5), seed=1) as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        await stream.until("media", 10)
    chunks = [int(message["media"]["chunk"]) for message in stream.of("media")]
    stamps = [int(message["media"]["timestamp"]) for message in stream.of("media")]
    assert chunks[9] - chunks[0] > 9
    assert stamps[9] - stamps[0] == 20 * (chunks[9] - chunks[0])


async def test_jitter_delays_media_but_keeps_its_order() -> None:
    async with World(Faults(media_jitter_ms=80)) as world:
        world.pages["/voice"] = world.stream_page()
        await world.caller()
        stream = await world.stream()
        await stream.until("media", 30)
    chunks = [int(message["media"]["chunk"]) for message in stream.of("media")]
    assert chunks == sorted(chunks)
    steps = [after - before for before, after in itertools.pairwise(stream.at_s[2:])]
    assert max(steps) > 0.035


async def test_the_end_of_one_call_is_not_felt_by_another() -> None:
    async def broken(request: Request) -> web.Response:
        return web.Response(status=500)

    async with World() as world:
        world.pages |= {"/voice": world.stream_page("<Redirect>/broken</Redirect>"), "/broken": broken}
        first, second = await world.caller(), await world.caller()
        one, two = await world.stream(), await world.stream()
        await one.ws.close()
        await asyncio.sleep(0.1)
        before = len(two.of("media"))
        await two.until("media", before + 5)
        assert second.reason == ""
        assert await first.ended() == "completed"
