"""The sample company, asked as its look_ups.yaml says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.connectors import Connector
from ivr.lookups.ask import Answer
from ivr.lookups.sql import Databases


@dataclass(frozen=True)
class Company:
    connectors: Mapping[str, Connector]
    databases: Databases

    def ask(self, name: str, *values: str) -> Answer:
        connector = self.connectors[name]
        return self.databases.ask(connector, dict(zip(connector.parameters, values, strict=True)))
