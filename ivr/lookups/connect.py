"""Where connectors are asked: the databases and hosts of the settings, together."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ivr.config import Config
from ivr.flow.connectors import Connector
from ivr.lookups.ask import Answer
from ivr.lookups.http import Services
from ivr.lookups.sql import Databases

COMPANY = "company"
"""The database that a look-up asks which names none."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What connectors can reach; a ``Sources`` for ``Lookups``."""

    databases: Databases
    services: Services

    def sql(self, connector: Connector, parameters: Mapping[str, Any]) -> Answer:
        return self.databases.ask(connector, parameters)

    def http(self, connector: Connector, parameters: Mapping[str, Any]) -> Future[Answer]:
        return self.services.ask(connector, parameters)


def reach(config: Config, company_url: str) -> Reach:
    """What the settings allow; ``company_url`` is the database ``company`` where they name none so.

    Nothing is opened yet. Raises ConfigError.
    """
    databases = {COMPANY: company_url} | config.lookup_databases()
    return Reach(Databases(databases), Services(config.lookups.hosts, config.lookup_secrets()))
