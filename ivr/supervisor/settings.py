"""The settings that a node's processes run with: those in force, and an account for a local exchange."""

from __future__ import annotations

import json
import secrets
import socket

from pydantic import SecretStr

from ivr.config import DEMO_NUMBER, Config, is_loopback, reachable
from ivr.errors import ConfigError


def as_environment(config: Config) -> dict[str, str]:
    """The settings in force as the variables that say them."""
    return {
        f"IVR_{section}__{key}".upper(): _text(value)
        for section, values in config
        for key, value in values
        if value is not None
    }


def made_up_account(config: Config) -> dict[str, str]:
    """Settings of an account that exists for one run, on a local exchange."""
    return {
        "IVR_TWILIO__CALLER_ID": config.twilio.caller_id or DEMO_NUMBER,
        "IVR_TWILIO__ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "IVR_TWILIO__AUTH_TOKEN": secrets.token_hex(16),
        "IVR_TWILIO__API_KEY_SID": "SK" + secrets.token_hex(16),
        "IVR_TWILIO__API_KEY_SECRET": secrets.token_hex(16),
        "IVR_TWILIO__API_URL": f"http://127.0.0.1:{free_port()}",
    }


def _text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case tuple():
            return ",".join(map(_text, value))
        case dict():
            return json.dumps({name: _text(each) for name, each in value.items()})
    return str(value)


def check(config: Config, *, with_exchange: bool) -> None:
    """Raises ConfigError, all faults together, where no carrier could ever bring a call here."""
    host = config.server.host
    if not with_exchange:
        faults = config.carrier_faults()
    elif not is_loopback(reachable(host).strip("[]")):
        faults = [
            f"server.host is {host}, and the local exchange streams sound on this machine only; "
            "set server.host to 127.0.0.1, or to 0.0.0.0 for other machines' browsers"
        ]
    else:
        faults = []
    if faults:
        raise ConfigError("\n".join(faults))


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
