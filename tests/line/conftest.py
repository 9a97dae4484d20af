"""A renderer, a wire and a list of events for the tests of lines."""

from __future__ import annotations

import pytest
from linekit import ScriptedRenderer, ScriptedWire

from ivr.events import Event


@pytest.fixture
def renderer() -> ScriptedRenderer:
    return ScriptedRenderer()


@pytest.fixture
def wire() -> ScriptedWire:
    return ScriptedWire()


@pytest.fixture
def events() -> list[Event]:
    return []
