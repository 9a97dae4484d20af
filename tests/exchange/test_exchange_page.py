"""The page about the exchange names every fault and every manner there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from ivr.exchange.settings import MANNERS, REST_FAULTS, Faults, Settings

PAGE = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text(encoding="utf-8")


def test_every_fault_has_its_row() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert set(rows) == {field.name for field in fields(Faults)}
    assert set(re.findall("`([a-z-]+)`", rows["phones"])) == set(MANNERS)
    assert set(re.findall("`([a-z0-9]+)`", rows["rest"])) == set(REST_FAULTS) - {""}


def test_the_times_are_the_real_ones() -> None:
    told = {field.name: field.default for field in fields(Settings)}
    assert (told["grace_s"], told["media_timeout_s"]) == (10.0, 30.0)
    assert told["heartbeat_s"] * 1.5 < 8
    assert "10 s" in PAGE and "30 s" in PAGE and "within 8 s" in PAGE
