"""A desk with a real Redis and real records."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
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
from ivr.profiles import Profiles
from ivr.records.store import Records
from ivr.session import Hands
from ivr.store import CallStore


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(database.connect(f"sqlite:///{tmp_path}/records.sqlite"), secret=b"key", keep_days=30)


@pytest.fixture
def desk(client: redis.Redis, tmp_path: Path, profiles: Profiles) -> Iterator[Desk]:
    book = load(FLOWS)
    with ThreadPoolExecutor(4) as executor:
        store, records = CallStore(client), Records(database.connect(f"sqlite:///{tmp_path}/records.sqlite"))
        voice = Beep()
        clips, dictation = {"hold": b"h" * 8000}, Expectation(kind="choice", is_open=True)
        sound = Sound(Deaf(), voice, HarmonicDetector, clips, tmp_path / "messages", dictation)
        distributor = Distributor(client, rules_of(book.site))
        hands = Hands(Lookups([]), distributor, executor, profiles)
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
