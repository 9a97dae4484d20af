"""Faults noted against a site or a flow, each at the place in its file where the designer wrote the thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ivr.errors import Fault
from ivr.flow.model import Flow, Places
from ivr.flow.site import Site

MOST = 200
"""Faults that are told at one time: nobody reads more, and files that mean harm have thousands."""


class Enough(Exception):
    """So many faults are noted that looking for more is of no use."""


@dataclass(slots=True)
class Notes:
    """Faults found so far."""

    most: int | None = None
    """With more than so many noted, noting one raises Enough."""
    faults: list[Fault] = field(default_factory=list)

    def fault(self, owner: Flow | Site, path: str, found: str, wanted: str, remedy: str, code: str) -> None:
        """Notes a fault at ``path`` of ``owner``, or at the nearest thing around it that was written."""
        line, column = place_of(owner.places, path)
        self.faults.append(Fault(owner.file, line, found, wanted, remedy, code, column))
        if self.most is not None and len(self.faults) > self.most:
            raise Enough

    def warning(self, owner: Flow | Site, path: str, found: str, wanted: str, remedy: str, code: str) -> None:
        """As ``fault``, for what keeps no flow from running."""
        self.fault(owner, path, found, wanted, remedy, code)
        self.faults[-1] = replace(self.faults[-1], is_warning=True)


def place_of(places: Places, path: str) -> tuple[int, int]:
    """Line and column of ``path`` or of the nearest part around it; where the file's first key stands at worst."""
    while path:
        if path in places:
            return places[path]
        path = path.rpartition("/")[0]
    return places.get("", (1, 1))


def order(fault: Fault) -> tuple[str, int, int, str, str]:
    """Sort key: as a reader goes through the files."""
    return fault.file, fault.line, fault.column, fault.code, fault.found


def first(faults: Iterable[Fault]) -> list[Fault]:
    """Each fault once, as a reader goes through the files; of too many the first, and that there are more."""
    found = sorted(set(faults), key=order)
    if len(found) <= MOST:
        return found
    last = found[MOST]
    remedy = "Correct these first."
    more = Fault(last.file, last.line, "many more faults from here on", "fewer", remedy, "too-big")
    return [*found[:MOST], more]
