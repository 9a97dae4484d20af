"""Tables made by several processes of a node at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import inspect

from ivr import database
from ivr.records import schema

AT_ONCE = 6


def test_all_who_make_the_tables_at_once_succeed(tmp_path: Path) -> None:
    for number in range(10):
        url = f"sqlite:///{tmp_path / str(number)}.sqlite"
        gate = Barrier(AT_ONCE)

        def make(url: str = url, gate: Barrier = gate) -> None:
            engine = database.connect(url)
            gate.wait()
            schema.create(engine)

        with ThreadPoolExecutor(AT_ONCE) as threads:
            for made in [threads.submit(make) for _ in range(AT_ONCE)]:
                made.result()
        assert set(schema.METADATA.tables) <= set(inspect(database.connect(url)).get_table_names())
