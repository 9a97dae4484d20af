"""SIP on the wire: what is lost, late, twice or wrong, against a telephone written out by hand."""

from __future__ import annotations

import asyncio
import random

import pytest
from switchboard import ACCOUNT, CALLER, LINE, TOKEN, World
from twilio.rest import Client
from wirephone import WirePhone, header, tag

from ivr.exchange.calls import Call
from ivr.exchange.rtp import Packet

T1_S = 0.02
ANSWERED = "<Say>hello</Say><Pause length='60'/>"


async def place(world: World, to: str, **more: object) -> Call:
    client = Client(ACCOUNT, TOKEN)
    client.api.base_url = world.exchange.url
    made = await asyncio.to_thread(client.calls.create, to=to, from_=LINE, url=f"{world.base}/agent", **more)
    return world.exchange.calls[str(made.sid)]


async def over(call: Call) -> str:
    await asyncio.wait_for(call.ended.wait(), 5)
    return call.status


def number(world: World) -> str:
    return f"sip:{LINE}@{world.exchange.trunk.address}"


async def test_an_invite_is_sent_again_until_something_comes_back() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        await place(world, phone.address)
        first = await phone.until("INVITE")
        second = await phone.until("INVITE")
        assert first == second
        phone.respond(second, 180)
        count = phone.count("INVITE")
        await asyncio.sleep(8 * T1_S)
        assert phone.count("INVITE") <= count + 1


async def test_a_phone_that_never_answers_its_invite_is_given_up_after_64_t1() -> None:
    async with World(sip_t1_s=0.01) as world, WirePhone(world.exchange.trunk.address) as phone:
        call = await place(world, phone.address)
        assert await over(call) == "no-answer"
        assert phone.count("INVITE") == 7


@pytest.mark.parametrize(
    ("code", "status", "sip_code"),
    [
        (486, "busy", "486"),
        (600, "busy", "486"),
        (603, "busy", "603"),
        (480, "no-answer", "480"),
        (408, "no-answer", "480"),
        (404, "failed", "503"),
        (488, "failed", "503"),
    ],
)
async def test_a_refusal_is_acknowledged_and_told(code: int, status: str, sip_code: str) -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        call = await place(world, phone.address, status_callback=f"{world.base}/status")
        invite = await phone.until("INVITE")
        phone.respond(invite, code)
        ack = await phone.until("ACK")
        phone.respond(invite, code)
        assert await phone.until("ACK") == ack, "a refusal that comes twice is acknowledged twice"
        assert await over(call) == status
        told = await world.until("/status")
    assert (told.form["CallStatus"], told.form["SipResponseCode"]) == (status, sip_code)
    assert header(ack, "Via") == header(invite, "Via"), "of the same transaction"
    assert tag(ack) == "theirs"


async def test_an_answer_is_acknowledged_each_time_it_comes_and_the_call_is_ended_with_bye() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/agent"] = "<Pause length='60'/>"
        call = await place(world, phone.address)
        invite = await phone.until("INVITE")
        assert header(invite, "X-Twilio-CallSid") == call.sid
        phone.respond(invite, 200, phone.sdp())
        first = await phone.until("ACK")
        phone.respond(invite, 200, phone.sdp())
        second = await phone.until("ACK")
        assert (
            header(first, "CSeq") == header(second, "CSeq") == header(invite, "CSeq").replace("INVITE", "ACK")
        )
        assert header(first, "Via") != header(invite, "Via"), (
            "the ACK of an answer is a transaction of its own"
        )
        await world.until("/agent")
        call.end("completed")
        bye = await phone.until("BYE")
        again = await phone.until("BYE")
        assert bye == again, "sent again until it is answered"
        phone.respond(bye, 200)
    assert tag(bye) == "theirs"


async def test_hanging_up_while_it_rings_cancels_and_an_answer_that_crosses_is_hung_up() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        call = await place(world, phone.address)
        invite = await phone.until("INVITE")
        call.end("canceled")
        await asyncio.sleep(4 * T1_S)
        assert phone.count("CANCEL") == 0, "nothing may be cancelled before the telephone was heard of"
        phone.respond(invite, 180)
        cancel = await phone.until("CANCEL")
        assert header(cancel, "Via") == header(invite, "Via")
        phone.respond(cancel, 200)
        phone.respond(invite, 200, phone.sdp())
        await phone.until("ACK")
        await phone.until("BYE")


async def test_a_phone_without_mu_law_is_not_connected() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        call = await place(world, phone.address)
        phone.respond(await phone.until("INVITE"), 200, phone.sdp(kinds="9"))
        await phone.until("ACK")
        await phone.until("BYE")
        assert await over(call) == "failed"


async def test_no_call_leaves_this_machine_unless_the_exchange_is_open() -> None:
    async with World(sip_t1_s=T1_S) as world:
        assert await over(await place(world, "sip:anna@192.0.2.1")) == "failed"
        assert await over(await place(world, "sip:anna@no such host")) == "failed"


async def test_a_call_from_a_sip_phone_runs_its_numbers_document() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = ANSWERED
        uri = number(world)
        phone.ask("INVITE", uri, body=phone.sdp())
        await phone.until("SIP/2.0 100")
        await phone.until("SIP/2.0 180")
        phone.ask("INVITE", uri, body=phone.sdp())
        ok = await phone.until("SIP/2.0 200")
        assert await phone.until("SIP/2.0 200") == ok, "sent again until it is acknowledged"
        phone.ask("ACK", uri, to_tag=tag(ok), branch="z9hG4bKack")
        asked = await world.until("/voice")
        assert (asked.form["From"], asked.form["To"]) == (CALLER, LINE)
        assert len(world.exchange.calls) == 1, "an INVITE that comes twice is one call"
        count = phone.count("SIP/2.0 200")
        await asyncio.sleep(8 * T1_S)
        assert phone.count("SIP/2.0 200") == count
        phone.ask("BYE", uri, cseq=2, to_tag=tag(ok))
        await phone.until("SIP/2.0 200")
        (call,) = world.exchange.calls.values()
        assert await over(call) == "completed"
        phone.ask("BYE", uri, cseq=3, to_tag=tag(ok))
        await phone.until("SIP/2.0 481")
    assert "m=audio" in ok and "a=rtpmap:96 telephone-event/8000" in ok


async def test_a_call_whose_answer_is_never_acknowledged_is_hung_up() -> None:
    async with World(sip_t1_s=0.01) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = ANSWERED
        phone.ask("INVITE", number(world), body=phone.sdp())
        await phone.until("SIP/2.0 200")
        await phone.until("BYE")


async def test_a_call_may_leave_the_offer_to_the_exchange() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = ANSWERED
        phone.ask("INVITE", number(world))
        ok = await phone.until("SIP/2.0 200")
        assert "a=rtpmap:101 telephone-event/8000" in ok
        phone.ask("ACK", number(world), to_tag=tag(ok), branch="z9hG4bKack", body=phone.sdp(port=4000))
        await asyncio.sleep(0.1)
        (call,) = world.exchange.calls.values()
        assert call.status == "in-progress"


async def test_a_caller_who_gives_up_while_it_rings() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = "<Pause length='60'/>"
        phone.ask("INVITE", number(world), body=phone.sdp())
        await phone.until("SIP/2.0 180")
        phone.ask("CANCEL", number(world), branch="z9hG4bKINVITE1")
        await phone.until("SIP/2.0 200")
        ended = await phone.until("SIP/2.0 487")
        phone.ask("ACK", number(world), to_tag=tag(ended), branch="z9hG4bKINVITE1")
        (call,) = world.exchange.calls.values()
        assert await over(call) == "no-answer"
        count = phone.count("SIP/2.0 487")
        await asyncio.sleep(8 * T1_S)
        assert phone.count("SIP/2.0 487") == count


async def test_a_number_that_rejects_is_busy() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = "<Reject reason='busy'/>"
        phone.ask("INVITE", number(world), body=phone.sdp())
        await phone.until("SIP/2.0 486")


@pytest.mark.parametrize(
    ("method", "user", "more", "code"),
    [
        ("INVITE", "+15550777", {}, 404),
        ("INVITE", LINE, {"body": "v=0\r\n"}, 488),
        ("INVITE", LINE, {"extra": "\nRequire: timer, 100rel"}, 420),
        ("MESSAGE", LINE, {}, 405),
        ("OPTIONS", LINE, {}, 200),
        ("CANCEL", LINE, {}, 481),
        ("BYE", LINE, {"to_tag": "unknown"}, 481),
        ("REGISTER", "anna", {"extra": "\nContact: <tel:5>"}, 400),
    ],
)
async def test_what_the_exchange_answers_outside_a_call(
    method: str, user: str, more: dict[str, str], code: int
) -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        phone.ask(method, f"sip:{user}@{world.exchange.trunk.address}", **more)
        answer = await phone.until(f"SIP/2.0 {code}")
        assert not world.exchange.calls
    if code == 420:
        assert header(answer, "Unsupported") == "timer"
    if method == "OPTIONS":
        assert "INVITE" in header(answer, "Allow")


async def test_nonsense_is_passed_over() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        for nonsense in ("hello", "INVITE sip:x SIP/2.0\nVia: nothing", "\0\0", "SIP/2.0 200 OK\nCSeq: x"):
            phone.send(nonsense)
        phone.ask("OPTIONS", number(world))
        await phone.until("SIP/2.0 200")


async def test_a_registration_lasts_as_long_as_it_says() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        registrar = f"sip:anna@{world.exchange.trunk.address}"
        phone.ask("REGISTER", registrar, extra="\nExpires: 60")
        answer = await phone.until("SIP/2.0 200")
        assert header(answer, "Contact") == f"<{phone.address}>;expires=60"
        call = await place(world, registrar)
        phone.respond(await phone.until("INVITE"), 486)
        assert await over(call) == "busy"
        phone.ask("REGISTER", registrar, cseq=2, extra="\nExpires: 0")
        assert "Contact" not in await phone.until("SIP/2.0 200")
        assert await over(await place(world, registrar)) == "failed"


async def test_keys_by_rfc_4733_count_once_however_many_packets_tell_them() -> None:
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages |= {"/voice": "<Gather numDigits='2' action='/keys'/>"}
        async with WirePhone(world.exchange.trunk.address) as sound:
            phone.ask("INVITE", number(world), body=phone.sdp(port=sound.port))
            ok = await phone.until("SIP/2.0 200")
            phone.ask("ACK", number(world), to_tag=tag(ok), branch="z9hG4bKack")
            port = int(ok.partition("m=audio ")[2].split()[0])
            await world.until("/voice")
            sequence = 65534
            for key, timestamp in ((1, 800), (11, 4000)):
                for _ in range(4):
                    packet = Packet(96, sequence, timestamp, 7, bytes([key, 10, 0, 160]))
                    sound._transport.sendto(packet.render(), ("127.0.0.1", port))
                    sequence = (sequence + 1) % 65536
            asked = await world.until("/keys")
    assert (asked.form["Digits"], asked.form["FinishedOnKey"]) == ("1", "#")


async def test_damaged_datagrams_do_no_harm(caplog: pytest.LogCaptureFixture) -> None:
    draw = random.Random(4)
    async with World(sip_t1_s=T1_S) as world, WirePhone(world.exchange.trunk.address) as phone:
        world.pages["/voice"] = ANSWERED
        lines = [
            f"{method} {number(world)} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{phone.port};branch=z9hG4bK%d;rport\r\n"
            f"From: <sip:a@b>;tag=1\r\nTo: <{number(world)}>\r\nCall-ID: %d\r\nCSeq: 1 {method}\r\n"
            f"Contact: <{phone.address}>\r\nRequire: \r\nExpires: 5\r\n\r\n{phone.sdp()}"
            for method in ("INVITE", "REGISTER", "OPTIONS", "CANCEL", "ACK", "BYE")
        ]
        for count in range(1200):
            damaged = bytearray((draw.choice(lines) % (count, count)).encode())
            for _ in range(draw.randrange(1, 4)):
                at = draw.randrange(len(damaged))
                damaged[at : at + draw.randrange(3)] = draw.randbytes(draw.randrange(3))
            world.exchange.trunk.datagram_received(bytes(damaged), ("127.0.0.1", phone.port))
        await asyncio.sleep(0.3)
        phone.ask("OPTIONS", number(world), call_id="after")
        await phone.until("SIP/2.0 200")
        assert len(world.exchange.calls) > 20
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def from_afar(world: World, method: str) -> list[bytes]:
    """What is answered to a request from another machine."""
    trunk, answers = world.exchange.trunk, []
    trunk.transactions.send = lambda datagram, place: answers.append(datagram)
    uri = f"sip:anna@{trunk.address}"
    text = (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKa\r\nFrom: <{uri}>;tag=1\r\n"
        f"To: <{uri}>\r\nCall-ID: a\r\nCSeq: 1 {method}\r\nContact: <sip:anna@192.0.2.7>\r\n\r\n"
    )
    trunk.datagram_received(text.encode(), ("192.0.2.7", 5060))
    return answers


async def test_other_machines_are_not_answered() -> None:
    async with World() as world:
        assert from_afar(world, "OPTIONS") == []
        assert from_afar(world, "REGISTER") == []
