"""What Twilio shall do next with a call, as TwiML. Pure; every document here keeps Twilio's published limits.

Knows nothing of flows or states. Raises CarrierError for what Twilio would refuse,
before a caller has to hear it.
Source: https://www.twilio.com/docs/voice/twiml
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from ivr.errors import CarrierError

MAX_BYTES = 64 * 1024
"""Twilio's error 11750."""
MAX_PARAMETER_CHARS = 500
"""Name and value of one ``<Parameter>`` together stay below this."""
CALLER, AGENT = "caller", "agent"
"""Labels of a room's members."""
MAX_ROOM_CHARS = 128
RING_S = 30
KEY_S = 4
"""How long a person may think after the last word of an announced call."""
JITTER = "small"
"""Twilio's default, ``large``, delays every word by 300 to 1000 ms."""
LOCALES = {
    **{
        "en": "en-US",
        "de": "de-DE",
        "fr": "fr-FR",
        "es": "es-ES",
        "it": "it-IT",
        "nl": "nl-NL",
        "pt": "pt-PT",
    },
    **{
        "pl": "pl-PL",
        "da": "da-DK",
        "sv": "sv-SE",
        "nb": "nb-NO",
        "fi": "fi-FI",
        "ja": "ja-JP",
        "ko": "ko-KR",
    },
}
"""Twilio's voices know a language with its country only; one that is not here is said by its default voice."""
_ROOM_EVENTS = "start end join leave hold mute"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document may hold."""
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def connect_stream(ws_url: str, parameters: Mapping[str, str], resume_url: str, status_url: str = "") -> str:
    """Both ways sound over ``ws_url``; whatever ends the stream, Twilio asks ``resume_url`` what next.

    ``parameters`` come back in the stream's ``start`` message: an address with a query would be refused.
    """
    response = Element("Response")
    stream = SubElement(SubElement(response, "Connect"), "Stream", url=_address(ws_url, "ws"))
    if status_url:
        stream.set("statusCallback", _address(status_url, "http"))
    for name, value in parameters.items():
        if not name or len(name) + len(value) >= MAX_PARAMETER_CHARS:
            raise CarrierError(
                f"found the stream parameter {name!r:.40} of {len(name) + len(value)} characters; "
                f"wanted a name, and less than {MAX_PARAMETER_CHARS} with its value"
            )
        SubElement(stream, "Parameter", name=_clean(name), value=_clean(value))
    SubElement(response, "Redirect").text = _address(resume_url, "http")
    return _document(response)


def dial_number(number: str, *, say: str = "", sorry: str = "", language: str = "") -> str:
    """Says ``say``, then rings ``number`` (E.164) for 30 s; ``sorry`` is said when nobody answered."""
    response = Element("Response")
    _say(response, say, language)
    dial = SubElement(response, "Dial", timeout=str(RING_S), answerOnBridge="true")
    SubElement(dial, "Number").text = _e164(number)
    _say(response, sorry, language)
    SubElement(response, "Hangup")
    return _document(response)


def say_and_hangup(text: str, language: str = "") -> str:
    """Twilio's own voice says ``text``: for when ours cannot."""
    response = Element("Response")
    _say(response, text, language)
    SubElement(response, "Hangup")
    return _document(response)


def fallback(number: str, *, apology: str, goodbye: str, language: str = "") -> str:
    """What a caller hears when the machine cannot help: ``apology``, then ``number`` rings (E.164).

    ``goodbye`` is said when nobody answers there. Without a number the apology ends the call.
    """
    if not number:
        return say_and_hangup(f"{apology} {goodbye}".strip(), language)
    return dial_number(number, say=apology, sorry=goodbye, language=language)


def screen(text: str, key_url: str, language: str = "") -> str:
    """Announces a call to a person whose telephone was answered; ``key_url`` is given the key they pressed,
    or none: a voice mailbox presses nothing."""
    response = Element("Response")
    gather = SubElement(response, "Gather", input="dtmf", numDigits="1", timeout=str(KEY_S))
    gather.set("finishOnKey", "")
    gather.set("actionOnEmptyResult", "true")
    gather.set("action", _address(key_url, "http"))
    _say(gather, text, language)
    SubElement(response, "Hangup")
    return _document(response)


def agent_room(room: str, *, after_url: str, status_url: str) -> str:
    """The person's telephone waits in the room, in silence, and may leave it without ending it."""
    response = Element("Response")
    _conference(response, room, AGENT, action=after_url, status_url=status_url, wait_url="", is_end=False)
    SubElement(response, "Hangup")
    return _document(response)


def caller_room(room: str, *, resume_url: str, status_url: str, wait_url: str) -> str:
    """The caller goes to the room; when they leave it, it is over, and ``resume_url`` is asked.

    ``wait_url``: what is heard should nobody be there yet.
    """
    response = Element("Response")
    _conference(
        response, room, CALLER, action=resume_url, status_url=status_url, wait_url=wait_url, is_end=True
    )
    SubElement(response, "Redirect").text = _address(resume_url, "http")
    return _document(response)


def music(sound_url: str) -> str:
    """A sound file over and over, for whoever waits or is on hold."""
    response = Element("Response")
    SubElement(response, "Play", loop="0").text = _address(sound_url, "http")
    return _document(response)


def hangup() -> str:
    """Ends the call at once."""
    response = Element("Response")
    SubElement(response, "Hangup")
    return _document(response)


def _conference(
    response: Element, room: str, label: str, *, action: str, status_url: str, wait_url: str, is_end: bool
) -> None:
    if not 0 < len(room) <= MAX_ROOM_CHARS or room != _clean(room):
        raise CarrierError(f"found a room's name of {len(room)} characters; wanted 1 to {MAX_ROOM_CHARS}")
    dial = SubElement(response, "Dial", action=_address(action, "http"))
    conference = SubElement(
        dial,
        "Conference",
        participantLabel=label,
        startConferenceOnEnter="true",
        endConferenceOnExit="true" if is_end else "false",
        beep="false",
        jitterBufferSize=JITTER,
        waitUrl=_address(wait_url, "http") if wait_url else "",
        statusCallback=_address(status_url, "http"),
        statusCallbackEvent=_ROOM_EVENTS,
    )
    if wait_url:
        conference.set("waitMethod", "POST")
    conference.text = room


def _say(response: Element, text: str, language: str) -> None:
    if not text:
        return
    say = SubElement(response, "Say")
    locale = language if "-" in language else LOCALES.get(language, "")
    if locale:
        say.set("language", locale)
    say.text = _clean(text)


def _document(response: Element) -> str:
    text = '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode")
    size = len(text.encode())
    if size >= MAX_BYTES:
        raise CarrierError(f"found TwiML of {size} bytes; wanted less than {MAX_BYTES}")
    return text


def _clean(text: str) -> str:
    """A character that XML cannot hold would cost the caller the whole document."""
    return _NOT_XML.sub(" ", text)


def _e164(number: str) -> str:
    if not _E164.fullmatch(number):
        raise CarrierError("found a number to dial that is not E.164; wanted + and 2 to 15 digits")
    return number


def _address(url: str, scheme: Literal["http", "ws"]) -> str:
    """``url`` if Twilio can reach it: encrypted, or on this machine; a socket's without query (31920)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise CarrierError(f"found the address {url!r:.80}; wanted {scheme}s://host/path") from None
    is_secure = parts.scheme == scheme + "s"
    is_local = parts.scheme == scheme and host in _LOOPBACK
    if not host or not (is_secure or is_local):
        raise CarrierError(
            f"found the address {url!r:.80}; wanted {scheme}s:// (or {scheme}:// on this machine)"
        )
    if scheme == "ws" and ("?" in url or "#" in url):
        raise CarrierError(f"found the address {url!r:.80}; wanted no query: pass values as parameters")
    if url != _clean(url) or " " in url:
        raise CarrierError(f"found the address {url!r:.80}; wanted one without spaces")
    return url
