"""SIP messages, SDP and RTP as text and bytes: examples of the RFCs, and nonsense."""

from __future__ import annotations

import random

import pytest

from ivr.exchange import sdp
from ivr.exchange.rtp import Ear, Mouth, Packet
from ivr.exchange.sip import Address, Request, Response, SipError, Uri, Via, answer, parse, received

RFC_3261_24_2 = (
    b"INVITE sip:bob@biloxi.com SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n"
    b"Via: SIP/2.0/UDP bigbox3.site3.atlanta.com;branch=z9hG4bK77ef4c2312983.1, SIP/2.0/UDP a.b;branch=x\r\n"
    b"Max-Forwards: 70\r\n"
    b"To: Bob <sip:bob@biloxi.com>\r\n"
    b"From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
    b"Call-ID: a84b4c76e66710\r\n"
    b"CSeq: 314159 INVITE\r\n"
    b"Subject: a\r\n\tfolded line\r\n"
    b"m: <sip:alice@pc33.atlanta.com>\r\n"
    b"l: 4\r\n"
    b"\r\nbodyand more"
)


def test_the_example_of_the_rfc_is_read() -> None:
    request = parse(RFC_3261_24_2)
    assert isinstance(request, Request)
    assert (request.method, request.uri, request.body) == ("INVITE", "sip:bob@biloxi.com", b"body")
    assert request.cseq == (314159, "INVITE")
    assert Address.parse(request.get("From")).params["tag"] == "1928301774" and request.to_tag == ""
    assert len(request.all("via")) == 3
    assert request.get("Subject") == "a folded line"
    assert Address.parse(request.get("Contact")).uri == "sip:alice@pc33.atlanta.com"


def test_a_message_that_is_written_reads_the_same() -> None:
    request = parse(RFC_3261_24_2)
    again = parse(request.render())
    without_length = tuple(header for header in request.headers if header[0] != "Content-Length")
    assert again.headers == (*without_length, ("Content-Length", "4"))
    assert again.body == request.body


def test_a_response_repeats_what_it_must() -> None:
    request = parse(RFC_3261_24_2)
    assert isinstance(request, Request)
    response = parse(answer(request, 180, to_tag="a6c85cf").render())
    assert isinstance(response, Response)
    assert (response.code, response.reason, response.to_tag) == (180, "Ringing", "a6c85cf")
    for name in ("Via", "From", "Call-ID", "CSeq"):
        assert response.all(name) == request.all(name)


def test_a_request_is_noted_to_come_from_where_it_really_came() -> None:
    request = parse(RFC_3261_24_2.replace(b"nashds8", b"nashds8;rport"))
    assert isinstance(request, Request)
    via = received(request, "192.0.2.1", 9988).via
    assert (via.params["received"], via.params["rport"]) == ("192.0.2.1", "9988")
    plain = parse(RFC_3261_24_2)
    assert isinstance(plain, Request)
    assert "rport" not in received(plain, "192.0.2.1", 9988).via.params


@pytest.mark.parametrize(
    "text",
    [
        "sip:anna@127.0.0.1:5060",
        "sip:+15550100@127.0.0.1;transport=udp",
        "sip:[::1]:5070",
        "sip:example.com",
        "sip:an%20na@example.com",
    ],
)
def test_an_address_that_is_read_is_written_the_same(text: str) -> None:
    assert str(Uri.parse(text)) == text


@pytest.mark.parametrize("text", ["", "tel:5", "sips:a@b", "sip:", "sip:a@b:99999", "sip:a b@c", "sip:a@b c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SipError):
        Uri.parse(text)


@pytest.mark.parametrize(
    ("text", "uri", "tag"),
    [
        ('"A, \\"B\\" <x>" <sip:a@b;lr>;tag=1', "sip:a@b;lr", "1"),
        ("Anna <sip:a@b>", "sip:a@b", ""),
        ("sip:a@b;tag=2", "sip:a@b", "2"),
        ("*", "*", ""),
    ],
)
def test_names_and_parameters_around_an_address(text: str, uri: str, tag: str) -> None:
    address = Address.parse(text)
    assert (address.uri, address.params.get("tag", "")) == (uri, tag)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"SIP/2.0\r\n", b"SIP/3.0\r\n"),
        (b"Call-ID: a84b4c76e66710\r\n", b""),
        (b"314159 INVITE", b"314159 BYE"),
        (b"314159 INVITE", b"many INVITE"),
        (b"l: 4", b"l: 400"),
        (b"l: 4", b"l: -1"),
        (b"SIP/2.0/UDP pc33", b"SIP/2.0/TCP pc33"),
        (b"Max-Forwards: 70", b"Max-Forwards 70"),
        (b"\r\n\r\n", b"\r\n"),
        (b"Bob", b"\xff\xfe"),
        (b"To: Bob <sip:bob@biloxi.com>", b'To: "Bob <sip:bob@biloxi.com'),
    ],
)
def test_a_message_that_is_wrong_is_refused(old: bytes, new: bytes) -> None:
    assert old in RFC_3261_24_2
    with pytest.raises(SipError):
        parse(RFC_3261_24_2.replace(old, new, 1))


def test_no_datagram_does_more_than_be_refused() -> None:
    draw = random.Random(4)
    for _ in range(3000):
        damaged = bytearray(RFC_3261_24_2)
        for _ in range(draw.randrange(1, 6)):
            at = draw.randrange(len(damaged))
            damaged[at : at + draw.randrange(3)] = draw.randbytes(draw.randrange(3))
        try:
            message = parse(bytes(damaged))
        except SipError:
            continue
        assert (
            message.cseq and message.via and Address.parse(message.get("From")) and message.to_tag is not None
        )
        assert parse(message.render()).body == message.body


def test_the_branch_of_a_via_with_spaces() -> None:
    assert Via.parse(
        "SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;branch=z9hG4bKa7c6a8dlze.1".replace(": ", ":")
    ).branch == ("z9hG4bKa7c6a8dlze.1")


OFFER = b"""v=0
o=alice 2890844526 2890844526 IN IP4 host.example.com
s=-
c=IN IP4 192.0.2.4
t=0 0
m=video 51372 RTP/AVP 31
m=audio 49170 RTP/AVP 8 0 97
c=IN IP4 192.0.2.5
a=rtpmap:97 telephone-event/8000
a=sendonly
m=audio 49180 RTP/SAVP 0
""".replace(b"\n", b"\r\n")
US = sdp.Origin("127.0.0.1", 6000, 77)


def test_the_one_stream_that_fits_is_taken_and_the_others_are_turned_down_in_their_places() -> None:
    theirs = sdp.read(OFFER)
    assert (theirs.host, theirs.port, theirs.events, theirs.direction) == ("192.0.2.5", 49170, 97, "sendonly")
    assert not theirs.is_hearing
    lines = sdp.answer(theirs, US).decode().splitlines()
    media = [line for line in lines if line.startswith("m=")]
    assert media == [
        "m=video 0 RTP/AVP 31",
        "m=audio 6000 RTP/AVP 0 97",
        "m=audio 0 RTP/SAVP 0",
    ]
    assert "a=recvonly" in lines


def test_an_offer_is_read_by_ourselves_and_a_later_one_has_the_same_session() -> None:
    first = sdp.offer(US)
    theirs = sdp.read(first)
    assert (theirs.host, theirs.port, theirs.events, theirs.direction) == ("127.0.0.1", 6000, 101, "sendrecv")
    later = sdp.offer(sdp.Origin("127.0.0.1", 6000, 77, 2))
    assert b"o=- 77 1 " in first and b"o=- 77 2 " in later


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"v=0\r\nm=audio 4000 RTP/AVP 0\r\n",
        b"c=IN IP4 1.2.3.4\r\nm=audio 0 RTP/AVP 0\r\n",
        b"c=IN IP4 1.2.3.4\r\nm=audio 4000 RTP/AVP 8\r\n",
        b"c=IN IP4 1.2.3.4\r\nm=audio x RTP/AVP 0\r\n",
        b"c=IN IP4 1.2.3.4\r\nm=\r\n",
        b"c=IN IP4 phone.example.com\r\nm=audio 4000 RTP/AVP 0\r\n",
        b"c=IN IP4 1.2.3.4\r\nm=video 4000 RTP/AVP 0\r\n",
    ],
)
def test_a_description_without_a_stream_for_us_is_refused(body: bytes) -> None:
    with pytest.raises(sdp.SdpError):
        sdp.read(body)


class Heard:
    """What an ear gave on."""

    def __init__(self, events: int | None = 101) -> None:
        self.frames: list[bytes] = []
        self.keys = ""
        self.ear = Ear(self.frames.append, self._key)
        self.ear.events = events

    def _key(self, key: str) -> None:
        self.keys += key


def sound(sequence: int, payload: bytes = b"\x01" * 160, source: int = 5) -> Packet:
    return Packet(0, sequence, 160 * sequence, source, payload)


def test_a_packet_that_is_written_reads_the_same() -> None:
    packet = Packet(101, 65535, 2**32 - 1, 2**31, b"\x05\x8a\x03\x20", is_marked=True)
    assert Packet.parse(packet.render()) == packet


def test_a_packet_with_sources_extension_and_padding_gives_its_sound() -> None:
    head = bytes([0x80 | 0x20 | 0x10 | 2, 0]) + bytes(10)
    datagram = head + bytes(8) + b"\xbe\xde\x00\x01" + bytes(4) + b"sound" + b"\0\0\3"
    packet = Packet.parse(datagram)
    assert packet is not None and packet.payload == b"sound"


@pytest.mark.parametrize(
    "datagram",
    [b"", bytes(12), bytes([0x40]) + bytes(20), b"\x90" + bytes(12), b"\xa0" + bytes(10) + b"\xff"],
)
def test_what_is_no_packet_is_passed_over(datagram: bytes) -> None:
    assert Packet.parse(datagram) is None


def test_each_packet_follows_the_one_before() -> None:
    mouth = Mouth()
    packets = [mouth.speak(bytes(160)) for _ in range(3)]
    assert [packet.is_marked for packet in packets] == [True, False, False]
    assert {(packets[at + 1].sequence - packets[at].sequence) % 65536 for at in (0, 1)} == {1}
    assert {(packets[at + 1].timestamp - packets[at].timestamp) % 2**32 for at in (0, 1)} == {160}
    assert len({packet.source for packet in packets}) == 1


def test_packets_of_other_lengths_are_cut_into_frames() -> None:
    heard = Heard()
    for sequence in range(4):
        heard.ear.take(sound(sequence, bytes([sequence]) * 240))
    assert b"".join(heard.frames) == b"".join(bytes([sequence]) * 240 for sequence in range(4))
    assert {len(frame) for frame in heard.frames} == {160}


def test_what_comes_twice_or_late_is_heard_once_and_numbers_may_begin_again() -> None:
    heard = Heard()
    for sequence in (65534, 65535, 65535, 0, 65534, 1):
        heard.ear.take(sound(sequence))
    assert len(heard.frames) == 4
    heard.ear.take(sound(9, source=6))
    assert len(heard.frames) == 5, "another source is another count"


def test_kinds_that_were_not_agreed_on_are_passed_over() -> None:
    heard = Heard(events=None)
    heard.ear.take(Packet(101, 1, 0, 5, b"\x05\x0a\x00\xa0"))
    heard.ear.take(Packet(13, 2, 0, 5, b"\x40"))
    assert (heard.frames, heard.keys) == ([], "")


def test_a_key_is_told_by_whichever_of_its_packets_arrives_and_a_flash_is_none() -> None:
    heard = Heard()
    for sequence, (event, timestamp) in enumerate([(5, 0), (5, 0), (10, 800), (16, 1600), (5, 2400)]):
        heard.ear.take(Packet(101, sequence, timestamp, 5, bytes([event, 0x8A, 0, 160])))
    heard.ear.take(Packet(101, 9, 3200, 5, b"\x01"))
    assert heard.keys == "5*5"
