from xml.etree import ElementTree
from xml.etree.ElementTree import canonicalize

import pytest
from twilio.twiml.voice_response import VoiceResponse
from twimlcheck import check_twiml

from ivr.errors import CarrierError
from ivr.telephony import twiml

WS = "wss://ivr.example/media"
RESUME = "https://ivr.example/voice/resume"
STATUS = "https://ivr.example/stream/status#rc=2"
WAIT = "https://ivr.example/voice/hold"


EVERY_DOCUMENT = {
    "stream": twiml.connect_stream(WS, {"token": "t" * 43, "call": "CA1"}, RESUME, STATUS),
    "stream bare": twiml.connect_stream(WS, {}, RESUME),
    "stream here": twiml.connect_stream(
        "ws://127.0.0.1:8080/media", {"token": "x"}, "http://[::1]:8080/resume"
    ),
    "dial": twiml.dial_number("+14155550100", say="One moment & goodbye.", sorry="Sorry."),
    "dial bare": twiml.dial_number("+14155550100"),
    "dial in German": twiml.dial_number("+4930123456", say="Einen Moment, bitte.", language="de-DE"),
    "say": twiml.say_and_hangup("We <cannot> help you now.", "en-GB"),
    "hangup": twiml.hangup(),
    **{f"say in {name}": twiml.say_and_hangup("Ja.", name) for name in (*twiml.LOCALES, "xx", "")},
    "screen": twiml.screen(
        "Ann <b>, 1 & 2.", "https://ivr.example/voice/agent/key?offer=1&agent=ann", "en-GB"
    ),
    "agent": twiml.agent_room("r1", after_url=RESUME, status_url=STATUS),
    "caller": twiml.caller_room("r1", resume_url=RESUME, status_url=STATUS, wait_url=RESUME),
    "music": twiml.music("https://ivr.example/sound/hold.wav"),
}


@pytest.mark.parametrize("name", EVERY_DOCUMENT)
def test_every_document_keeps_twilios_facts(name):
    assert check_twiml(EVERY_DOCUMENT[name]) == []


def test_the_same_as_twilios_own_builder_writes():
    theirs = VoiceResponse()
    stream = theirs.connect().stream(url=WS, status_callback=STATUS)
    stream.parameter(name="token", value='a"b<c>&')
    theirs.redirect(RESUME)
    assert canonicalize(twiml.connect_stream(WS, {"token": 'a"b<c>&'}, RESUME, STATUS)) == canonicalize(
        theirs.to_xml()
    )

    theirs = VoiceResponse()
    theirs.say("Füße & <Hände>", language="de-DE")
    theirs.dial(timeout=30, answer_on_bridge=True).number("+4930123456")
    theirs.hangup()
    ours = twiml.dial_number("+4930123456", say="Füße & <Hände>", language="de-DE")
    assert canonicalize(ours) == canonicalize(theirs.to_xml())


def test_characters_that_xml_cannot_hold_do_not_spoil_the_document():
    assert check_twiml(twiml.say_and_hangup("a\x00b\x0bc\ud800d\ufffe")) == []


@pytest.mark.parametrize(
    "url",
    [
        "ws://ivr.example/media",
        "https://ivr.example/media",
        "wss://ivr.example/media?token=1",
        "wss://ivr.example/media#x",
        "wss:///media",
        "wss://ivr.example/a b",
        "wss://[ivr/media",
        "/media",
        "",
    ],
)
def test_a_socket_that_twilio_would_refuse(url):
    with pytest.raises(CarrierError, match="found the address"):
        twiml.connect_stream(url, {}, RESUME)


@pytest.mark.parametrize(
    "url", ["http://ivr.example/resume", "wss://ivr.example/resume", "ftp://127.0.0.1/", ""]
)
def test_an_address_that_twilio_would_refuse(url):
    with pytest.raises(CarrierError, match="found the address"):
        twiml.connect_stream(WS, {}, url)


def test_a_parameter_stays_below_500_characters():
    assert check_twiml(twiml.connect_stream(WS, {"abcde": "x" * 494}, RESUME)) == []
    with pytest.raises(CarrierError, match="500 characters"):
        twiml.connect_stream(WS, {"abcde": "x" * 495}, RESUME)
    with pytest.raises(CarrierError, match="wanted a name"):
        twiml.connect_stream(WS, {"": "x"}, RESUME)


def test_a_document_stays_below_64_kb():
    with pytest.raises(CarrierError, match="wanted less than 65536"):
        twiml.say_and_hangup("ü" * 33_000)


@pytest.mark.parametrize(
    "number", ["", "4155550100", "+0155550100", "+1 415 555", "+1415555010012345", "+1415\n"]
)
def test_only_e164_is_dialled_and_no_number_stands_in_the_error(number):
    with pytest.raises(CarrierError, match=r"not E\.164") as caught:
        twiml.dial_number(number)
    assert "415" not in str(caught.value)


def test_the_rooms_are_the_same_as_twilios_own_builder_writes():
    theirs = VoiceResponse()
    theirs.dial(action=RESUME).conference(
        "r1",
        participant_label="caller",
        start_conference_on_enter=True,
        end_conference_on_exit=True,
        beep="false",
        jitter_buffer_size="small",
        wait_url=WAIT,
        wait_method="POST",
        status_callback=STATUS,
        status_callback_event="start end join leave hold mute",
    )
    theirs.redirect(RESUME)
    ours = twiml.caller_room("r1", resume_url=RESUME, status_url=STATUS, wait_url=WAIT)
    assert canonicalize(ours) == canonicalize(theirs.to_xml())


def test_the_person_may_leave_without_ending_the_room():
    conference = ElementTree.fromstring(EVERY_DOCUMENT["agent"]).find("Dial/Conference")
    assert conference.get("endConferenceOnExit") == "false"
    assert conference.get("waitUrl") == "", "silence, but no document that could fail"


@pytest.mark.parametrize("room", ["", "r" * 129, "a\x00b"])
def test_a_room_has_a_name_that_twilio_takes(room):
    with pytest.raises(CarrierError, match="room's name"):
        twiml.agent_room(room, after_url=RESUME, status_url=STATUS)


def test_a_screen_takes_one_key_and_hangs_up_without_one():
    document = ElementTree.fromstring(EVERY_DOCUMENT["screen"])
    assert [verb.tag for verb in document] == ["Gather", "Hangup"]
    assert document.find("Gather").get("numDigits") == "1"
    assert document.findtext("Gather/Say") == "Ann <b>, 1 & 2."
