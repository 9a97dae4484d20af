"""The Lua scripts, each with the common part before it, the tables of ``machine`` and the memory of ``estimate``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ivr.agents.estimate import MEMORY
from ivr.agents.machine import AGENT, CALL, as_lua

COMMON = ("base", "match", "person", "ticket", "parting")
"""What every script begins with, in this order; see the head of each file."""


@cache
def script(name: str) -> str:
    """The whole text of one change, such as ``join``."""
    folder = files("ivr.agents") / "lua"
    parts = [(folder / f"{part}.lua").read_text(encoding="utf-8") for part in (*COMMON, name)]
    given = f"local AGENT = {as_lua(AGENT)}\nlocal CALL = {as_lua(CALL)}\nlocal MEMORY = {MEMORY}\n"
    return given + "\n".join(parts)
