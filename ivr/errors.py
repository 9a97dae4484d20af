"""Every error this project raises on purpose, with one root.

An error for a person says what was found, what is wanted and the remedy. Nothing here does any work.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class IvrError(Exception):
    """Root of all errors raised on purpose; the command line prints it in one sentence and exits 2."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file: where it stands, what was found there, what is wanted, and what to do."""

    file: str
    line: int
    found: str
    wanted: str
    remedy: str
    code: str = ""
    """Short stable name of the kind of fault, such as ``unknown-key``."""
    column: int = 0
    """1 for the first character of the line; 0 where only the line is known."""
    is_warning: bool = False
    """True for what lint tells but what keeps no flow from running."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        code = f" [{self.code}]" if self.code else ""
        kind = "warning: " if self.is_warning else ""
        return f"{place}: {kind}found {self.found}; wanted {self.wanted}. {self.remedy}{code}"


class FlowError(IvrError):
    """A flow cannot be loaded; carries every fault of every file, never only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class ConfigError(IvrError):
    """Settings that cannot be used; all faults together, one a line."""


class SpeechError(IvrError):
    """No engine, no model, or an engine that failed."""


class StoreError(IvrError):
    """The store of call states cannot be reached or holds something unreadable."""


class StaleState(StoreError):
    """Another process has moved this call on since it was read; read again, do not overwrite."""


class AccountError(IvrError):
    """An account that cannot be made or changed as asked; all faults, one a line."""


class QueueError(IvrError):
    """The queue of waiting callers cannot take or give a ticket."""


class LookupFailed(IvrError):
    """The company's data could not be asked; ``reason`` is a short word such as ``timeout``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        super().__init__(f"look-up failed: {reason}" + (f" ({detail})" if detail else ""))


class MediaError(IvrError):
    """A message on a media socket that is not of the protocol."""


class FormError(IvrError, ValueError):
    """A webhook's form that does not hold what the carrier promises."""


class CarrierError(IvrError):
    """The telephone carrier refused or did not answer.

    ``is_retryable`` is true only where the carrier states that nothing was done (429).
    """

    def __init__(self, message: str, *, code: int = 0, is_retryable: bool = False) -> None:
        self.code = code
        self.is_retryable = is_retryable
        super().__init__(message)
