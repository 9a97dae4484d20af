"""What a flow may ask the company's data: the shape of a look-up as lint knows it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Signature(Protocol):
    """What a look-up takes and gives; a ``Connector`` is one, and so is that of a look-up in code."""

    @property
    def parameters(self) -> Collection[str]: ...

    @property
    def fields(self) -> Collection[str]: ...
