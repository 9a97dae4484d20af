"""The settings of look-ups: by name, from the toml or the environment; secrets from the environment and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr import config
from ivr.cli import main
from ivr.errors import ConfigError

PASSWORD = "hunter2 & more"


def write(folder: Path, text: str) -> None:
    (folder / config.TOML).write_text(text, encoding="utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(ConfigError) as error:
        config.load(folder)
    return str(error.value)


def test_none_is_set() -> None:
    assert config.Lookups() == config.Config.model_fields["lookups"].default


def test_names_come_from_both_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        "[lookups]\nhosts = ['a.example.com']\n[lookups.databases]\nold = 'sqlite://'\ncrm = 'x://'\n",
    )
    monkeypatch.setenv("IVR_LOOKUPS__DATABASES__CRM", "sqlite:///crm.db")
    monkeypatch.setenv("IVR_LOOKUPS__HOSTS", "api.example.com, http://10.0.0.5:8080")
    settings = config.load(tmp_path)
    assert settings.lookup_databases() == {"old": "sqlite://", "crm": "sqlite:///crm.db"}
    assert settings.lookups.hosts == ("api.example.com", "http://10.0.0.5:8080")


def test_a_password_stands_in_for_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "[lookups.databases]\ncrm = 'postgresql+psycopg://ivr:secret:Crm@db.example.org/crm'\n")
    monkeypatch.setenv("IVR_LOOKUPS__SECRETS__CRM", PASSWORD)
    url = config.load(tmp_path).lookup_databases()["crm"]
    assert url == "postgresql+psycopg://ivr:hunter2%20%26%20more@db.example.org/crm"


def test_a_missing_secret_is_named_with_its_remedy(tmp_path: Path) -> None:
    write(tmp_path, "[lookups.databases]\ncrm = 'postgresql://ivr:secret:crm@db/crm'\n")
    with pytest.raises(ConfigError, match="IVR_LOOKUPS__SECRETS__CRM"):
        config.load(tmp_path).lookup_databases()


def test_secrets_come_from_the_environment_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("k3y\n")
    write(tmp_path, f"[lookups.secret_files]\nShop = '{tmp_path / 'key'}'\n")
    monkeypatch.setenv("IVR_LOOKUPS__SECRETS__CRM_KEY", PASSWORD)
    assert config.load(tmp_path).lookup_secrets() == {"crm_key": PASSWORD, "shop": "k3y"}


def test_a_secret_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    write(tmp_path, "[lookups.secret_files]\nshop = 'nowhere'\n")
    with pytest.raises(ConfigError, match=r"lookups\.secret_files\.shop.*IVR_LOOKUPS__SECRETS__SHOP"):
        config.load(tmp_path).lookup_secrets()


@pytest.mark.parametrize(
    "text",
    [
        f"[lookups.secrets]\ncrm = '{PASSWORD}'\n",
        f"[lookups.databases]\ncrm = 'postgresql://ivr:{PASSWORD}@db/crm'\n",
        f"[lookups]\nsecrets = '{PASSWORD}'\n",
    ],
)
def test_a_secret_in_the_toml_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    said = refused(tmp_path)
    assert "ivr.toml" in said and "IVR_LOOKUPS__SECRETS__NAME" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "host",
    ["*", "https://a.example.com/path", "user@a.example.com", "ftp://a.example.com", "a.example.com:99999"],
)
def test_what_is_no_host_is_refused(tmp_path: Path, host: str) -> None:
    write(tmp_path, f"[lookups]\nhosts = ['{host}']\n")
    assert "lookups.hosts" in refused(tmp_path)


def test_no_value_of_a_secret_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_LOOKUPS__SECRETS__CRM", PASSWORD)
    monkeypatch.setenv("IVR_LOOKUPS__DATABASES__CRM", f"postgresql://ivr:{PASSWORD}@db/crm")
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert "hunter2" not in out
    row = next(line for line in out.splitlines() if line.startswith("lookups.databases"))
    assert "crm" in row and "IVR_LOOKUPS__DATABASES" in row
