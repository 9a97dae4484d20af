"""What each part of a node costs: processor seconds and memory of its processes, read from Linux's /proc.

A part is a name for people; worker processes count apart from the process that started them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.supervisor import Node

PROC = Path("/proc")
WORKERS = {
    "ivr.speech.decoder": "recognition workers",
    "ivr.speech.pyttsx": "voice workers",
    "ivr.speech.piper": "voice workers",
}
"""Module in a worker's command line -> part."""
PARTS = ("gateway", "recognition workers", "voice workers", "web", "dispatch", "redis", "exchange", "callers")
OURS = PARTS[:6]
"""The parts that run where real calls are carried; the others play the world outside."""
_TICKS_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


@dataclass(frozen=True, slots=True)
class Usage:
    """One part, summed over its processes."""

    cpu_s: float = 0.0
    """Since the processes began."""
    rss_bytes: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.cpu_s + other.cpu_s, self.rss_bytes + other.rss_bytes)


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    usage: Usage


def is_measurable() -> bool:
    return (PROC / "self" / "statm").exists()


def usage(node: Node) -> dict[str, Usage]:
    """Each part's usage now; empty where the system has no /proc. This process is ``callers``."""
    if not is_measurable():
        return {}
    everyone = _everyone()
    roots = {child.pid: child.name.split()[0] for child in node.children if child.pid}
    found: dict[str, Usage] = dict.fromkeys(PARTS, Usage())
    for process in everyone.values():
        part = _part(process, everyone, roots)
        if part:
            found[part] += process.usage
    return found


def _everyone() -> dict[int, _Process]:
    found = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            # The command's name, in brackets, may hold spaces and brackets itself (proc(5)).
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            pages = int((folder / "statm").read_text().split()[1])
        except OSError:
            continue
        cpu_s = (int(fields[11]) + int(fields[12])) / _TICKS_S
        pid = int(folder.name)
        found[pid] = _Process(pid, int(fields[1]), Usage(cpu_s, pages * _PAGE_BYTES))
    return found


def _part(process: _Process, everyone: Mapping[int, _Process], roots: Mapping[int, str]) -> str:
    """The part a process belongs to; empty for a stranger."""
    me = os.getpid()
    if process.pid == me:
        return "callers"
    if process.parent == me and process.pid not in roots:
        return "redis" if "redis-server" in _command(process.pid) else ""
    above: _Process | None = process
    while above is not None and above.pid not in roots:
        above = everyone.get(above.parent)
    if above is None:
        return ""
    root = roots[above.pid]
    if root != "gateway" or above is process:
        return root
    command = _command(process.pid)
    return next((part for module, part in WORKERS.items() if module in command), root)


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
