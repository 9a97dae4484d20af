"""Secrets that are not marked as such, or that go where they would be kept.

A part of ``lint``; that no marked secret stands in words is judged when flows are loaded.
"""

from __future__ import annotations

import re

from ivr.flow import words
from ivr.flow.faults import Notes
from ivr.flow.lint import reading
from ivr.flow.model import Collect, Flow, LookUp, Value
from ivr.flow.site import Book

NAMES = frozenset(
    {"pin", "puk", "tan", "otp", "cvv", "cvc", "csc", "ssn", "secret", "password", "passcode", "passphrase",
     "passwort", "kennwort"}
)  # fmt: skip
"""Parts of a field's name that tell of a secret."""
_NAME = re.compile(
    r"(?:security|access|secret|one_time|door|login|verification)_(?:code|number|word)|memorable|card_number"
)
_ASKED = re.compile(
    r"\b(?:PIN|CVV|CVC|pin code|pass ?words?|pass ?codes?|pass ?phrase|security code|one[- ]time code"
    r"|card number|credit card|debit card|social security number)\b"
)
CARD_DIGITS = range(13, 20)
"""Of payment cards, which carry a Luhn digit (ISO/IEC 7812)."""


def judge(book: Book, secret: frozenset[str], notes: Notes) -> None:
    """Notes warnings; ``secret`` are the fields marked so."""
    for flow in book.flows.values():
        for name, step in flow.steps.items():
            for field, value in words.asked_by(step).items():
                path = f"steps/{name}" if isinstance(step, Collect) else f"steps/{name}/form/{field}"
                if field not in secret and (why := _looks_secret(field, value)):
                    at = f"{path}/collect" if isinstance(step, Collect) else path
                    found = f"the field {field!r}, which looks secret by its {why} and is not marked so"
                    remedy = "Add 'secret: true', so that no log, trace or recording ever holds it."
                    notes.warning(flow, at, found, "secret: true", remedy, "unmasked-secret")
            if isinstance(step, LookUp):
                _address(book, flow, name, step, secret, notes)


def _looks_secret(field: str, value: Value) -> str:
    """By what a value looks secret; empty where it does not."""
    if value.type not in ("digits", "letters"):
        return ""
    if NAMES & set(field.split("_")) or _NAME.search(field):
        return "name"
    if value.check == "luhn" and value.bounds()[1] in CARD_DIGITS:
        return "length and check digit, those of a payment card,"
    asked = str(getattr(value, "ask", ""))
    return "question" if _ASKED.search(reading.said(asked)) else ""


def _address(book: Book, flow: Flow, name: str, step: LookUp, secret: frozenset[str], notes: Notes) -> None:
    """Secrets in the address of a web service, which every server on the way writes into its log."""
    connector = book.look_ups.get(step.look_up)
    if connector is None:
        return
    for parameter, text in step.with_.items():
        if f"{{{parameter}}}" in connector.http and (held := reading.names(text) & secret):
            found = f"the secret {sorted(held)[0]!r} in the address of {step.look_up!r}"
            remedy = f"Send it in the body of the request: take {{{parameter}}} out of the address."
            path = f"steps/{name}/with/{parameter}"
            notes.warning(flow, path, found, "no secret in an address", remedy, "secret-in-address")
