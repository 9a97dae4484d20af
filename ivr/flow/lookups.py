"""What a flow may ask the company's data: the shape of a look-up as lint knows it."""

from __future__ import annotations

from typing import Protocol


class Signature(Protocol):
    """What a look-up takes and gives."""

    @property
    def parameters(self) -> tuple[str, ...]: ...

    @property
    def fields(self) -> tuple[str, ...]: ...
