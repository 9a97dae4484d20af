"""Logs: masked, one object a line, with the call's id."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ivr.logs import about_call, current_call, setup

PLANTED = ("40718264", "2580", "7700900123", "s3cr3tt0k3n")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _put_root_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("ivr").setLevel(logging.NOTSET)


def test_libraries_do_not_tell_every_message_of_a_socket() -> None:
    stream = io.StringIO()
    setup("debug", stream)
    logging.getLogger("websockets.client").debug('< TEXT {"event":"dtmf","dtmf":{"digit":"4"}}')
    logging.getLogger("ivr.session").debug("ours")
    assert "ours" in stream.getvalue()
    assert "dtmf" not in stream.getvalue()


def test_a_line_is_an_object_with_the_calls_id() -> None:
    stream = io.StringIO()
    setup("info", stream)
    log = logging.getLogger("ivr.session")
    with about_call("CA1"):
        log.info("step %s took %d ms", "main/menu", 12345)
    log.debug("not said")
    log.warning("no call")
    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert first["message"] == "step main/menu took 12345 ms"
    assert (first["level"], first["logger"], first["call_id"]) == ("info", "ivr.session", "CA1")
    assert first["at"].endswith("+00:00")
    assert "call_id" not in second
    assert current_call() == ""


def test_no_planted_secret_reaches_a_log() -> None:
    for stream in (io.StringIO(), Terminal()):
        setup("debug", stream)
        log = logging.getLogger("some.library")
        log.info("account 40718264 pin 2580")
        log.info("caller %s keyed %r", "+447700900123", {"pin": "2580"})
        log.info("%(account)s", {"account": "40718264"})
        log.info("token=s3cr3tt0k3n")
        try:
            raise ValueError("pin 2580 of 40718264")
        except ValueError:
            log.exception("failed for 40718264")
        text = stream.getvalue()
        assert "ValueError" in text
        for secret in PLANTED:
            assert secret not in text, text


def test_a_terminal_gets_plain_lines() -> None:
    stream = Terminal()
    setup("info", stream)
    with about_call("CA1"):
        logging.getLogger("ivr").info("ready")
    assert stream.getvalue().endswith("ready  [CA1]\n")
    assert not stream.getvalue().startswith("{")
