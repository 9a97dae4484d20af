"""A desk with a real Redis and real records."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from carrykit import FLOWS, Beep, Deaf, Desk

from ivr import database
from ivr.actions import Expectation
from ivr.agents.distributor import Distributor
from ivr.agents.rules import rules_of
from ivr.audio.vad import HarmonicDetector
from ivr.carry import Carrying
from ivr.flow.load import load
from ivr.line.audio import Sound
from ivr.lookups.ask import Lookups
from ivr.newsroom import Newsroom
from ivr.records.store import Records
from ivr.redisserver import RedisServer
from ivr.session import Hands
from ivr.store import CallStore, connect


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with RedisServer(tmp_path_factory.mktemp("carry")) as server:
        yield server.url


@pytest.fixture
def desk(redis_url: str, tmp_path: Path) -> Iterator[Desk]:
    book = load(FLOWS)
    with connect(redis_url) as client, ThreadPoolExecutor(4) as executor:
        client.flushall()
        store, records = CallStore(client), Records(database.connect(f"sqlite:///{tmp_path}/records.sqlite"))
        voice = Beep()
        clips, dictation = {"hold": b"h" * 8000}, Expectation(kind="choice", is_open=True)
        sound = Sound(Deaf(), voice, HarmonicDetector, clips, tmp_path / "messages", dictation)
        distributor = Distributor(client, rules_of(book.site))
        hands = Hands(Lookups([]), distributor, executor)
        carrying = Carrying(
            lambda version: book,
            hands,
            lambda book: sound,
            store,
            records,
            distributor,
            Newsroom(distributor),
        )
        yield Desk(carrying, store, records, voice)
        records.close()
