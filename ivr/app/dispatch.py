"""The dispatcher as a process: it brings people's telephones to the callers that the queue gives them."""

from __future__ import annotations

from ivr.config import Config


def run(config: Config) -> None:
    """Dispatch until the process is told to end. Every node may run one: a lease decides which one acts."""
    raise NotImplementedError
