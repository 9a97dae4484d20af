"""Links lead somewhere, files named are there, flow examples load, and the plan of the building is the real one."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from reading import MANUAL, PAGES, ROOT, anchors, codes, examples, links, spans, table

from ivr.flow.load import parse

IVR = ROOT / "ivr"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
LAYERS = runpy.run_path(str(ROOT / "tests" / "test_layers.py"))
OURS = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")} - {"var", "ivr.toml"}
MADE = {"ivr.toml", "ivr.egg-info", ".venv", "var"}
"""Not in a fresh clone: made by using it."""


def is_room(span: str) -> bool:
    return re.fullmatch(r"[a-z_]+(?:/|\.py)", span) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), f"{page.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{page.name}: {link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_named_exists(page: Path) -> None:
    for span in spans(page):
        first = span.partition("/")[0]
        if " " in span or first in MADE or not re.fullmatch(r"[\w.-]+(?:/[\w.-]*)*", span):
            continue
        if first in OURS or is_room(span) or span.endswith((".md", ".toml", ".yaml")):
            places = (ROOT / span, page.parent / span, IVR / span, ROOT / "call_flows" / span)
            assert any(place.exists() for place in places), f"{page.name}: {span}"


def test_the_floors_are_those_that_the_layer_test_checks() -> None:
    floors, pure = {}, set()
    for floor, rooms, is_pure in table(ARCHITECTURE, "floor", "rooms", "pure"):
        names = {room.removesuffix("/").removesuffix(".py") for room in codes(rooms)}
        floors |= dict.fromkeys(names, int(floor))
        pure |= names if is_pure == "yes" else set()
    assert floors == LAYERS["FLOORS"]
    assert pure == LAYERS["PURE"]


def test_every_room_is_explained() -> None:
    explained = {room for row in table(ARCHITECTURE, "room", "does") for room in codes(row[0])}
    rooms = {f"{path.name}/" for path in IVR.iterdir() if (path / "__init__.py").exists()}
    rooms |= {path.name for path in IVR.glob("*.py")}
    assert explained == rooms - {"__init__.py", "__main__.py", "events.py", "actions.py"}


@pytest.mark.parametrize("page", [page for page in PAGES if page not in MANUAL], ids=lambda page: page.name)
def test_a_flow_in_a_page_loads(page: Path) -> None:
    paths = [path for path in (ROOT / "call_flows").glob("*.yaml") if "." not in path.stem]
    ours = {path.name: path.read_text(encoding="utf-8") for path in paths}
    flows = [one.body for one in examples(page) if one.language == "yaml"]
    assert flows or page != ROOT / "README.md"
    for flow in flows:
        assert parse(ours | {"main.yaml": flow}).flows
