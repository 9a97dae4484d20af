"""Sessions in Redis: an id that cannot be guessed nor found there, good for twelve hours after its last use."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.accounts.sessions import LIVES_S, Session, Sessions
from ivr.errors import StoreError
from ivr.redisserver import RedisServer
from ivr.store import connect

ADA = Session("ada", 3)


def test_an_id_leads_to_its_session_until_that_ends(client) -> None:
    sessions = Sessions(client)
    first, second = sessions.begin(ADA), sessions.begin(ADA)
    assert first != second and len(first) >= 43
    assert sessions.find(first) == ADA
    sessions.end(first)
    sessions.end(first)
    assert sessions.find(first) is None
    assert sessions.find(second) == ADA


@pytest.mark.parametrize("session_id", ["", "guess", "é" * 100, "x" * 10_000])
def test_what_is_no_id_leads_nowhere(client, session_id: str) -> None:
    assert Sessions(client).find(session_id) is None


def test_who_reads_redis_finds_no_id(client) -> None:
    session_id = Sessions(client).begin(ADA)
    (key,) = client.keys()
    assert session_id not in key and session_id not in client.get(key)


def test_a_session_lives_twelve_hours_from_its_last_use(client) -> None:
    sessions = Sessions(client)
    session_id = sessions.begin(ADA)
    (key,) = client.keys()
    assert client.ttl(key) == pytest.approx(LIVES_S, abs=2)
    client.expire(key, 10)
    assert sessions.find(session_id) == ADA
    assert client.ttl(key) == pytest.approx(LIVES_S, abs=2)


def test_without_redis_nobody_is_known(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        sessions = Sessions(connect(server.url))
    with pytest.raises(StoreError, match="Redis"):
        sessions.find("anything")
