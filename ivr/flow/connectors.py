"""What ``look_ups.yaml`` may say: look-ups of the company's data by SQL or HTTP, without code.

Only shapes; who runs them is ``lookups``, and which databases and hosts there are is the operator's setting.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ivr.flow.kinds import Duration, Name, Shape


class Connector(Shape):
    """One look-up: ``sql`` or ``http``, its parameters by name, and the fields of its answer."""

    about: str = ""
    """For colleagues."""
    sql: str = ""
    """One statement; parameters as ``:name``, bound, never pasted in."""
    database: str = "company"
    """A name under ``lookups.databases`` of the settings."""
    http: str = ""
    """Method and address, such as ``GET https://api.example.com/parcels/{number}``; parameters in braces are
    escaped as one part of the path or query. The host must stand in ``lookups.hosts`` of the settings."""
    headers: dict[str, str] = Field(default_factory=dict)
    """``secret:NAME`` stands for a secret of the settings."""
    body: dict[str, Any] | None = None
    """Sent as JSON; a text ``:name`` is replaced by the parameter."""
    parameters: tuple[Name, ...] = ()
    fields: dict[Name, str] = Field(default_factory=dict)
    """Field to column (SQL), or to the path in the JSON answer such as ``data.status`` (HTTP)."""
    rows: Literal["one", "many"] = "one"
    """many: the fields are lists, one entry a row; none at all is still found."""
    found_if: str = ""
    """A condition on the fields; empty: one row, or status 200 to 299 (404: not found)."""
    timeout: Duration = Field(3_000, ge=100, le=6_000)
    retry: int = Field(0, ge=0, le=3)
    """Only where asking twice does no harm: never with ``changes``."""
    cache: Duration = 0
    """How long an answer may be given again; 0: never."""
    changes: bool = False
    """True where it changes something: not retried, not cached."""
