"""Logging for every process: masked, with the call's id; JSON lines, or plain lines at a terminal.

Set up once at start; everybody else just uses ``logging``.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

from ivr.mask import MaskingFilter

_CALL_ID: ContextVar[str] = ContextVar("call_id", default="")


@contextmanager
def about_call(call_id: str) -> Iterator[None]:
    """Everything logged inside, also by tasks started inside, carries this call's id."""
    token = _CALL_ID.set(call_id)
    try:
        yield
    finally:
        _CALL_ID.reset(token)


def current_call() -> str:
    """The call that is being worked on here; empty for none."""
    return _CALL_ID.get()


class JsonFormatter(logging.Formatter):
    """An object a line: ``at`` (ISO 8601 UTC), ``level``, ``logger``, ``message``, ``call_id``, ``error``."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call_id := current_call():
            line["call_id"] = call_id
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False)


class PlainFormatter(logging.Formatter):
    """For a person at a terminal: time, level, call, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        call_id = current_call()
        return f"{line}  [{call_id}]" if call_id else line


def setup(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs, masked, to ``stream`` (default: standard error); replaces what was set up before.

    Libraries never log below ``info``: theirs would show every key a caller presses.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(PlainFormatter() if target.isatty() else JsonFormatter())
    handler.addFilter(MaskingFilter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    wanted: int = getattr(logging, level.upper())
    root.setLevel(max(wanted, logging.INFO))
    logging.getLogger("ivr").setLevel(wanted)
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it writes whole requests at info
