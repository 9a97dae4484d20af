"""Where the node of a data folder can be reached: told by it, found by the tools."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping

from ivr.config import Config

NODE_FILE = "node.json"
"""In the data folder: where the running node can be reached."""


def attach(config: Config) -> Config | None:
    """The settings of the node that runs on this data folder now; None where none does."""
    path = config.data.folder / NODE_FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        os.kill(told["pid"], 0)
    except (OSError, ValueError, KeyError):
        return None
    return config.model_copy(
        update={
            "redis": config.redis.model_copy(update={"url": told["redis_url"]}),
            "twilio": config.twilio.model_copy(update={"api_url": told["exchange_url"]}),
        }
    )


@contextlib.contextmanager
def announced(config: Config, url: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Let the tools of this data folder find the node. For its owner's eyes: a Redis URL may hold a password."""
    path = config.data.folder / NODE_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "pid": os.getpid(),
        "url": url,
        "redis_url": environment["IVR_REDIS__URL"],
        "exchange_url": environment.get("IVR_TWILIO__API_URL", ""),
    }
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(told), encoding="utf-8")
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
