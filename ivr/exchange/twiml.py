"""TwiML documents: XML to verbs, checked against what this exchange knows of Twilio's verb pages.

Reads only; ``verbs`` carries out. Sources: https://www.twilio.com/docs/voice/twiml and its page of each verb.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin
from xml.etree import ElementTree

from ivr.exchange.webhook import Reply

_ACTION = frozenset({"action", "method"})
_CALLBACK = frozenset({"statusCallback", "statusCallbackMethod"})
_EVENTS = _CALLBACK | {"statusCallbackEvent"}
ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "Response": frozenset(),
    "Connect": _ACTION,
    "Stream": _CALLBACK | {"url", "name", "track"},
    "Parameter": frozenset({"name", "value"}),
    "Redirect": frozenset({"method"}),
    "Play": frozenset({"loop", "digits"}),
    "Say": frozenset({"voice", "language", "loop"}),
    "Pause": frozenset({"length"}),
    "Gather": _ACTION
    | {"input", "timeout", "numDigits", "finishOnKey", "actionOnEmptyResult", "language", "speechTimeout"},
    "Dial": _ACTION
    | {"timeout", "callerId", "answerOnBridge", "hangupOnStar", "timeLimit", "ringTone", "record", "trim"},
    "Number": _EVENTS | {"url", "method", "sendDigits", "machineDetection"},
    "Client": _EVENTS | {"url", "method"},
    "Identity": frozenset(),
    "Sip": _EVENTS | {"url", "method"},
    "Conference": _EVENTS
    | {
        "muted",
        "beep",
        "startConferenceOnEnter",
        "endConferenceOnExit",
        "participantLabel",
        "jitterBufferSize",
        "waitUrl",
        "waitMethod",
        "maxParticipants",
        "record",
        "region",
        "trim",
        "coach",
    },
    "Hangup": frozenset(),
    "Reject": frozenset({"reason"}),
}
"""Known verbs and nouns with their attributes."""
CHILDREN: Mapping[str, frozenset[str]] = {
    "Response": frozenset(
        {"Connect", "Redirect", "Play", "Say", "Pause", "Gather", "Dial", "Hangup", "Reject"}
    ),
    "Connect": frozenset({"Stream"}),
    "Stream": frozenset({"Parameter"}),
    "Gather": frozenset({"Say", "Play", "Pause"}),
    "Dial": frozenset({"Number", "Client", "Conference", "Sip"}),
    "Client": frozenset({"Identity", "Parameter"}),
}
"""What may stand inside what."""
XML_TYPES = frozenset({"text/xml", "application/xml", "text/html"})
"""Content types taken for TwiML (docs/voice/twiml, "TwiML and MIME types")."""
PARAMETER_LIMIT = 500
"""Characters of a parameter's name and value together."""


class DocumentError(Exception):
    """A document that cannot be run; ``code`` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Verb:
    """One element with all that is in it."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple[Verb, ...]
    base: str
    """The address the document came from; relative addresses start there."""

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        return {"true": True, "false": False}.get(self.get(name).lower(), default)

    def number(self, name: str, default: int) -> int:
        text = self.get(name)
        return int(text) if text.isascii() and text.isdigit() else default

    def address(self, text: str) -> str:
        """An address written in this element, made absolute."""
        return urljoin(self.base, text.strip())


@dataclass(frozen=True, slots=True)
class Document:
    """A TwiML document, ready to run."""

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = ()


def read_reply(reply: Reply) -> Document:
    """What a webhook answered, as a document. Raises DocumentError."""
    if not reply.body.strip():
        return Document(())
    if reply.content_type.startswith("audio/"):
        return Document((Verb("Play", {}, reply.url, (), reply.url),))
    if reply.content_type not in XML_TYPES:
        raise DocumentError(12300, f"content type {reply.content_type!r}; wanted text/xml")
    return parse(reply.body, reply.url)


def parse(body: bytes | str, base: str = "") -> Document:
    """A document from its XML. Raises DocumentError for what cannot be run, warns of what can."""
    if b"<!ENTITY" in (body.encode() if isinstance(body, str) else body):
        raise DocumentError(12100, "a document type with entities is not allowed")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise DocumentError(12100, f"not well-formed XML: {error}") from None
    if root.tag != "Response":
        raise DocumentError(12100, f"the root is <{root.tag}>; wanted <Response>")
    warnings: list[str] = []
    return Document(_verb(root, base, warnings).children, tuple(warnings))


def _verb(element: ElementTree.Element, base: str, warnings: list[str]) -> Verb:
    name = element.tag
    known = ATTRIBUTES[name]
    warnings.extend(f"<{name}> has no attribute {key}" for key in element.attrib if key not in known)
    is_spoken = name == "Say"
    children = () if is_spoken else tuple(_child(name, child, base, warnings) for child in element)
    text = "".join(element.itertext()) if is_spoken else element.text or ""
    if name == "Parameter" and sum(map(len, element.attrib.values())) >= PARAMETER_LIMIT:
        raise DocumentError(12100, f"<Parameter> of {PARAMETER_LIMIT} characters or more")
    return Verb(name, dict(element.attrib), text.strip(), children, base)


def _child(parent: str, element: ElementTree.Element, base: str, warnings: list[str]) -> Verb:
    if element.tag not in CHILDREN.get(parent, frozenset()):
        wanted = ", ".join(f"<{name}>" for name in sorted(CHILDREN.get(parent, ()))) or "nothing"
        raise DocumentError(12100, f"<{element.tag}> inside <{parent}>; wanted {wanted}")
    return _verb(element, base, warnings)
