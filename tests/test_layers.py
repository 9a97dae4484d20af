"""The plan of the building, checked from the code's own imports: who may import whom, and what pure rooms may not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "ivr"
FLOORS: dict[str, int] = {
    "errors": 0,
    **dict.fromkeys(
        ("events", "actions", "config", "mask", "logs", "checkdigit", "database", "trouble", "tables"), 1
    ),
    **dict.fromkeys(("flow", "audio"), 2),
    "nlu": 3,
    "dialogue": 4,
    **dict.fromkeys(
        (
            "speech",
            "telephony",
            "agents",
            "accounts",
            "lookups",
            "records",
            "store",
            "redisserver",
            "legs",
            "profiles",
        ),
        5,
    ),
    **dict.fromkeys(("line", "session", "keeper", "exchange", "handover", "newsroom", "proof", "shelf"), 6),
    **dict.fromkeys(("web", "gateway", "carry", "dispatch"), 7),
    **dict.fromkeys(("app", "supervisor", "caller"), 8),
    "rehearsal": 9,
    "bench": 10,
    "evaluation": 10,
    "learning": 10,
    "cli": 11,
    "__main__": 12,
}
ALLOWED_SIDEWAYS = {("session", "line"), ("logs", "mask"), ("carry", "gateway")}
"""``session`` knows the Protocol of ``line`` and nothing else of it; logs are masked."""
PURE = {"events", "actions", "mask", "checkdigit", "tables", "flow", "audio", "nlu", "dialogue"}
IMPURE = {
    *("time", "random", "os", "threading", "asyncio", "socket", "redis", "flask", "sqlalchemy"),
    *("vosk", "pocketsphinx", "pyttsx3", "piper"),
}
EXCHANGE_MAY = {"audio", "telephony", "errors"}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every module that a file imports, by its full name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom(level=0, module=str(module)):
                found |= {f"{module}.{alias.name}" if module == "ivr" else module for alias in node.names}
            case ast.ImportFrom():
                pytest.fail(f"{path}: a relative import hides which room it means")
    return found


FILES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_lower_floors_only(path: Path) -> None:
    room = room_of(path)
    assert room in FLOORS, f"{room} has no floor: give it one here and in docs/architecture.md"
    for name in imports(path):
        if not name.startswith("ivr."):
            continue
        other = name.split(".")[1]
        lower = FLOORS[other] < FLOORS[room]
        assert other == room or lower or (room, other) in ALLOWED_SIDEWAYS, f"{path} imports {name}"


@pytest.mark.parametrize("path", [path for path in FILES if room_of(path) in PURE], ids=str)
def test_a_pure_room_has_no_clock_no_chance_and_no_engine(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE


def test_the_exchange_shares_only_sound_and_the_words_of_the_wire() -> None:
    for path in FILES:
        if room_of(path) == "exchange":
            rooms = {name.split(".")[1] for name in imports(path) if name.startswith("ivr.")}
            assert rooms <= EXCHANGE_MAY | {"exchange"}, path
            assert not any(
                name.startswith("ivr.telephony") and name != "ivr.telephony.media" for name in imports(path)
            ), path


def test_no_import_hides_inside_a_function() -> None:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [sub for sub in ast.walk(node) if isinstance(sub, ast.Import | ast.ImportFrom)]
                assert not inner, f"{path}:{node.lineno} imports inside {node.name}"
