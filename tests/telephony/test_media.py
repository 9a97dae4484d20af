"""Shapes as recorded from Twilio (2019, 2024), and from bridges that speak a little otherwise."""

import base64
import json
from contextlib import suppress

import pytest

from ivr.errors import MediaError
from ivr.telephony.media import (
    MAX_GAP_MS,
    Connected,
    Dtmf,
    Mark,
    Media,
    Start,
    Stop,
    TwilioSide,
    decode,
    encode_clear,
    encode_mark,
    encode_media,
    gap_ms,
)

STREAM = "MZ" + "a" * 32
CALL = "CA" + "b" * 32
ACCOUNT = "AC" + "c" * 32
SOUND = bytes(range(160))
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}


def start(**changes):
    body = {
        "accountSid": ACCOUNT,
        "streamSid": STREAM,
        "callSid": CALL,
        "tracks": ["inbound"],
        "mediaFormat": FORMAT,
        "customParameters": {"token": "tök"},
    }
    return {"event": "start", "sequenceNumber": "1", "start": body | changes, "streamSid": STREAM}


def media(**changes):
    body = {"track": "inbound", "chunk": "1", "timestamp": "171", "payload": base64.b64encode(SOUND).decode()}
    return {"event": "media", "sequenceNumber": "2", "media": body | changes, "streamSid": STREAM}


def read(message):
    return decode(json.dumps(message))


def test_a_whole_stream_as_twilio_sent_it():
    assert read({"event": "connected", "protocol": "Call", "version": "1.0.0"}) == Connected()
    assert read({"event": "connected", "protocol": "Call", "version": "0.2.0"}) == Connected()
    assert read(start()) == Start(STREAM, CALL, ACCOUNT, {"token": "tök"})
    assert read(media()) == Media(sequence=2, chunk=1, timestamp_ms=171, payload=SOUND)
    mark = {"event": "mark", "sequenceNumber": "3", "streamSid": STREAM, "mark": {"name": "p1.2"}}
    assert read(mark) == Mark("p1.2")
    key = {"track": "inbound_track", "digit": "#"}
    assert read({"event": "dtmf", "streamSid": STREAM, "sequenceNumber": "4", "dtmf": key}) == Dtmf("#")
    stop = {"accountSid": ACCOUNT, "callSid": CALL}
    assert read({"event": "stop", "sequenceNumber": "5", "streamSid": STREAM, "stop": stop}) == Stop()


def test_bridges_that_differ_are_understood():
    more = {"token": "t", "sipCallId": "x@y", "from": "sip:1@h"}
    assert read(start(accountSid="", customParameters=more)) == Start(STREAM, CALL, "", more)
    bare = start()
    del bare["start"]["customParameters"]
    assert read(bare) == Start(STREAM, CALL, ACCOUNT, {})
    assert read(media(chunk="0", timestamp="0")) == Media(2, 0, 0, SOUND)
    assert read({"event": "stop", "sequenceNumber": "", "streamSid": STREAM, "stop": {}}) == Stop()
    assert read(media(payload="", unknown=1)).payload == b""


@pytest.mark.parametrize("key", "0123456789*#")
def test_every_key(key):
    assert decode(TwilioSide(STREAM, CALL, ACCOUNT).dtmf(key)) == Dtmf(key)


def test_the_far_side_counts_and_writes_as_twilio_does():
    far = TwilioSide(STREAM, CALL, ACCOUNT)
    written = [
        far.connected(),
        far.start({"token": "tök"}),
        far.media(171, SOUND),
        far.mark("p1.2"),
        far.media(191, SOUND),
    ]
    far.skip(2)
    written += [far.media(251, SOUND), far.dtmf("5"), far.stop()]
    messages = [json.loads(text) for text in written]
    assert messages[0] == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert messages[1] == start()
    assert messages[2] == media()
    assert messages[6]["dtmf"] == {"track": "inbound_track", "digit": "5"}
    assert messages[7]["stop"] == {"accountSid": ACCOUNT, "callSid": CALL}
    assert [message.get("sequenceNumber") for message in messages] == [
        None,
        "1",
        "2",
        "3",
        "4",
        "7",
        "8",
        "9",
    ]
    assert [message["media"]["chunk"] for message in messages if "media" in message] == ["1", "2", "5"]
    assert all(message["streamSid"] == STREAM for message in messages[1:])
    assert [type(decode(text)) for text in written] == [
        Connected,
        Start,
        Media,
        Mark,
        Media,
        Media,
        Dtmf,
        Stop,
    ]


def test_we_send_exactly_the_keys_that_are_allowed():
    """Twilio's warning 31951 comes once a stream, for missing and for additional fields alike."""
    assert json.loads(encode_media(STREAM, SOUND)) == {
        "event": "media",
        "streamSid": STREAM,
        "media": {"payload": base64.b64encode(SOUND).decode()},
    }
    assert json.loads(encode_mark(STREAM, 'a"ü')) == {
        "event": "mark",
        "streamSid": STREAM,
        "mark": {"name": 'a"ü'},
    }
    assert json.loads(encode_clear(STREAM)) == {"event": "clear", "streamSid": STREAM}


def without(message, *path):
    inner = message
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return message


BAD = [
    ("", "not JSON"),
    ("{", "not JSON"),
    ("[" * 60_000, "not JSON"),
    ("9" * 5000, "not JSON"),
    ("null", "is missing"),
    ('"media"', "is a string"),
    ("[]", "is a list"),
    ("7", "is a number"),
    ("{}", "event None"),
    (json.dumps({"event": "Media"}), "event 'Media'"),
    (json.dumps({"event": ["media"]}), "event ['media']"),
    (json.dumps({"event": "x" * 1000}), "event 'xxx"),
    (json.dumps({"event": "media"}), "media is missing"),
    (json.dumps({"event": "media", "media": "AAAA"}), "media is a string"),
    (json.dumps(media(track="outbound")), "track 'outbound'"),
    (json.dumps(media(payload=None)), "payload' that is missing"),
    (json.dumps(media(payload=[1])), "payload' that is a list"),
    (json.dumps(media(payload="AAA")), "not base64"),
    (json.dumps(media(payload="AA AA")), "not base64"),
    (json.dumps(media(payload="AA==AA==")), "not base64"),
    (json.dumps(media(payload="ÄÄÄÄ")), "not base64"),
    (json.dumps(media(chunk=1)), "chunk 1"),
    (json.dumps(media(timestamp="-20")), "timestamp '-20'"),
    (json.dumps(media(timestamp="1e3")), "timestamp '1e3'"),
    (json.dumps(media(timestamp="1_0")), "timestamp '1_0'"),
    (json.dumps(media(timestamp="٣")), "timestamp"),
    (json.dumps(media(timestamp="1" * 16)), "timestamp"),
    (json.dumps(without(media(), "sequenceNumber")), "sequenceNumber None"),
    (json.dumps(media() | {"sequenceNumber": ""}), "sequenceNumber ''"),
    (json.dumps({"event": "dtmf", "dtmf": {"digit": "12"}}), "key '12'"),
    (json.dumps({"event": "dtmf", "dtmf": {"digit": ""}}), "key ''"),
    (json.dumps({"event": "dtmf", "dtmf": {"digit": "A"}}), "key 'A'"),
    (json.dumps({"event": "dtmf", "dtmf": {"digit": 5}}), "digit' that is a number"),
    (json.dumps({"event": "mark", "mark": {}}), "name' that is missing"),
    (json.dumps(start(mediaFormat=FORMAT | {"sampleRate": 16000})), "mediaFormat"),
    (json.dumps(start(mediaFormat=FORMAT | {"encoding": "audio/x-l16"})), "mediaFormat"),
    (json.dumps(start(mediaFormat=FORMAT | {"channels": 2})), "mediaFormat"),
    (json.dumps(start(mediaFormat=FORMAT | {"sampleRate": "8000"})), "mediaFormat"),
    (json.dumps(without(start(), "start", "mediaFormat")), "mediaFormat None"),
    (json.dumps(without(start(), "start", "callSid")), "callSid' that is missing"),
    (json.dumps(start(callSid="")), "without streamSid or callSid"),
    (json.dumps(start(streamSid="")), "without streamSid or callSid"),
    (json.dumps(start(customParameters=["token"])), "customParameters that is a list"),
    (json.dumps(start(customParameters={"token": 5})), "token' that is a number"),
    (json.dumps(start(customParameters={"token": "\ud83d"})), "half a character"),
    (json.dumps(media(payload="A" * 70_000)), "wanted at most 65536"),
]


@pytest.mark.parametrize(("text", "words"), BAD, ids=range(len(BAD)))
def test_whatever_is_not_of_the_protocol_is_a_media_error_in_words(text, words):
    with pytest.raises(MediaError) as caught:
        decode(text)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 250 and str(caught.value).isascii()


def test_damaged_messages_never_raise_anything_else():
    """Every single character of a real message replaced, and every prefix of it."""
    for whole in (json.dumps(start()), json.dumps(media(payload="AAAA"))):
        for at in range(len(whole)):
            for damaged in (
                whole[:at],
                *(whole[:at] + character + whole[at + 1 :] for character in '"{[9\\\x00é'),
            ):
                with suppress(MediaError):
                    decode(damaged)


def at(timestamp_ms):
    return Media(2, 1, timestamp_ms, SOUND)


def test_lost_sound_is_counted_in_whole_frames():
    assert gap_ms(at(171), origin_ms=171, clock_ms=0) == 0
    assert gap_ms(at(191), origin_ms=171, clock_ms=20) == 0
    assert gap_ms(at(251), origin_ms=171, clock_ms=20) == 60
    assert gap_ms(at(259), origin_ms=171, clock_ms=20) == 60
    assert gap_ms(at(150), origin_ms=171, clock_ms=20) == 0
    assert gap_ms(at(10**12), origin_ms=171, clock_ms=0) == MAX_GAP_MS


def test_jittering_timestamps_do_not_add_up():
    clock_ms = 0
    for frame in range(1000):
        jitter_ms = (frame * 7) % 19
        clock_ms += gap_ms(at(171 + 20 * frame + jitter_ms), 171, clock_ms) + 20
    assert clock_ms == 20_000
