"""Holds a TwiML document against Twilio's own facts: ``check_twiml(xml)`` lists what is wrong with it.

Elements, attributes, enumerations and what may stand in what come from ``twiml-facts.json`` (made by
``scripts/twiml-facts`` from Twilio's node package). The limits that no type states are rules below; their
sources are Twilio's pages of the verbs and of the errors named.
"""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

FACTS = json.loads((Path(__file__).parent / "twiml-facts.json").read_text(encoding="utf-8"))
XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"
MAX_BYTES = 64 * 1024  # error 11750
MAX_INLINE_CHARS = 4000  # error 32018, for the ``Twiml`` parameter of the REST interface
WITHOUT_TEXT = {
    "Response",
    "Connect",
    "Start",
    "Stop",
    "Stream",
    "Gather",
    "Hangup",
    "Leave",
    "Pause",
    "Reject",
    "Echo",
}
WITH_TEXT = {"Redirect", "Say", "Number", "Client", "Conference", "Sip", "Queue"}
LAST = {"Hangup", "Redirect", "Reject", "Leave"}  # nothing after them is ever reached


def check_twiml(xml: str, *, is_inline: bool = False) -> list[str]:
    """Everything wrong with ``xml``, one sentence each; ``is_inline``: it goes into a REST call."""
    if len(xml.encode()) >= MAX_BYTES:
        return [f"{len(xml.encode())} bytes, at most {MAX_BYTES} (11750)"]
    if is_inline and len(xml) > MAX_INLINE_CHARS:
        return [f"{len(xml)} characters, at most {MAX_INLINE_CHARS} in a REST call (32018)"]
    try:
        root = ElementTree.fromstring(xml.encode())
    except ElementTree.ParseError as error:
        return [f"not XML: {error} (12100)"]
    if root.tag != "Response":
        return [f"root is <{root.tag}>, must be <Response>"]
    return _check(root, FACTS["root"])


def _check(element: ElementTree.Element, kind: str) -> list[str]:
    faults = _check_attributes(element, kind) + _check_text(element) + _check_rules(element)
    children = FACTS["kinds"][kind]["children"]
    for child in element:
        if child.tag in children:
            faults += _check(child, children[child.tag])
        else:
            faults.append(f"<{child.tag}> may not stand in <{element.tag}>")
    return faults


def _check_attributes(element: ElementTree.Element, kind: str) -> list[str]:
    types = FACTS["kinds"][kind]["attributes"]
    faults = []
    for raw, value in element.items():
        name = raw.replace(XML_NAMESPACE, "xml:")
        if name not in types:
            faults.append(f"<{element.tag}> has no attribute {name}")
        elif not _is_of(value, types[name]):
            faults.append(f"<{element.tag} {name}={value!r}> is not {types[name]}")
    return faults


def _is_of(value: str, type_: str) -> bool:
    if type_.endswith("[]"):
        return all(_is_of(part, type_.removesuffix("[]")) for part in value.split())
    match type_:
        case "string":
            return True
        case "number":
            return value.isdecimal()
        case "boolean":
            return value in ("true", "false")
        case _:
            return value in FACTS["enumerations"][type_]


def _check_text(element: ElementTree.Element) -> list[str]:
    text = (element.text or "").strip()
    faults = [
        f"text {child.tail.strip()!r} after <{child.tag}>" for child in element if (child.tail or "").strip()
    ]
    if text and element.tag in WITHOUT_TEXT:
        faults.append(f"<{element.tag}> may not hold text")
    if not text and element.tag in WITH_TEXT and len(element) == 0:
        faults.append(f"<{element.tag}> is empty")
    return faults


def _check_rules(element: ElementTree.Element) -> list[str]:
    tags = [child.tag for child in element]
    match element.tag:
        case "Response":
            return _check_verbs(tags)
        case "Connect":
            faults = [] if len(tags) == 1 else [f"<Connect> holds {len(tags)} nouns, must be 1"]
            return faults + [
                f"<Connect><Stream track={stream.get('track')!r}>: a two-way stream is inbound only"
                for stream in element.iter("Stream")
                if stream.get("track", "inbound_track") != "inbound_track"
            ]
        case "Stream":
            return _check_socket(element.get("url", ""))
        case "Parameter":
            name, value = element.get("name"), element.get("value")
            if not name or value is None:
                return ["<Parameter> needs name and value"]
            size = len(name) + len(value)
            return (
                [] if size < 500 else [f"<Parameter name={name!r}> has {size} characters, must be below 500"]
            )
        case "Dial":
            return _check_dial(element, tags)
        case "Conference":
            label = element.get("participantLabel", "")
            return [] if len(label) <= 128 else [f"participantLabel has {len(label)} characters, at most 128"]
        case _:
            return []


def _check_verbs(tags: list[str]) -> list[str]:
    faults = [f"<{tag}> is followed by what is never reached" for tag in tags[:-1] if tag in LAST]
    if "Reject" in tags[1:]:
        faults.append("<Reject> after another verb: the call has been answered")
    if tags and tags[-1] == "Connect":
        faults.append("<Connect> is last: the call ends with its stream, however that came about")
    return faults


def _check_dial(dial: ElementTree.Element, tags: list[str]) -> list[str]:
    faults = []
    if not tags and not (dial.text or "").strip():
        faults.append("<Dial> dials nothing")
    if len(tags) > 10:
        faults.append(f"<Dial> holds {len(tags)} nouns, at most 10")
    if len(tags) > 1 and {"Conference", "Queue"} & set(tags):
        faults.append("<Dial> holds a <Conference> or <Queue> beside others")
    return faults


def _check_socket(url: str) -> list[str]:
    parts = urlsplit(url)
    is_local = parts.scheme == "ws" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    faults = []
    if parts.scheme != "wss" and not is_local:
        faults.append(f"<Stream url={url!r}> must be wss:// (31922)")
    if "?" in url:
        faults.append(f"<Stream url={url!r}> may not carry a query (31920)")
    return faults
