"""``ivr user`` as it is typed: what it makes of people, what it asks, and what it says where it cannot."""

from __future__ import annotations

import io
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr import config
from ivr.accounts.users import Users
from ivr.app.desk import open_users
from ivr.cli import demo, doctor, main

ROOT = Path(__file__).parents[2]
PASSWORD = "marble kestrel fog"
NEW = "quartz heron mill"
ADA = ("add", "ada", "--name", "Ada Holloway", "--queues", "complaints,customer_service")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in [name for name in os.environ if name.startswith("IVR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IVR_DATA__FOLDER", str(tmp_path))


@pytest.fixture
def users() -> Users:
    return open_users(config.load())


@pytest.fixture
def ivr_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Runs ``ivr user`` with a password on standard input; exit code, what it said, what it complained of."""

    def run(*words: str, password: str = PASSWORD) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
        asks = words[0] in ("add", "passwd")
        code = main(["user", *words, *(["--password-stdin"] if asks else [])])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_somebody_new_can_sign_in_and_is_an_agent(ivr_user, users: Users) -> None:
    code, said, _ = ivr_user(*ADA, "--skills", "german, refunds", "--endpoint", "+447700900123")
    assert (code, said) == (0, "ada can sign in now.\n")
    ada = users.verify("ada", PASSWORD)
    assert (ada.name, ada.roles, ada.queues) == (
        "Ada Holloway",
        ("agent",),
        ("complaints", "customer_service"),
    )
    assert (ada.skills, ada.endpoint) == (("german", "refunds"), "+447700900123")


def test_roles_may_be_several_and_others_than_agents_need_no_queue(ivr_user, users: Users) -> None:
    assert ivr_user("add", "Bo", "--name", "Bo", "--role", "supervisor,designer")[0] == 0
    assert users.get("bo").roles == ("supervisor", "designer")


@pytest.mark.parametrize(
    ("words", "password", "told"),
    [
        (ADA, "short", "10 or more"),
        (ADA, "holloway-1987", "rare words"),
        (
            ADA[:4],
            PASSWORD,
            "an agent without queues gets no calls; add --queues with some of customer_service",
        ),
        (
            (*ADA[:4], "--queues", "nowhere"),
            PASSWORD,
            "found the queues nowhere; wanted some of customer_service",
        ),
        ((*ADA, "--role", "boss"), PASSWORD, "found boss; wanted one or more of agent, supervisor"),
        ((*ADA, "--endpoint", "0800"), PASSWORD, "endpoint: found '0800'; wanted a number such as"),
        (("add", "A!", *ADA[2:]), PASSWORD, "login: found 'a!'"),
        (("add", "ada"), PASSWORD, "--name"),
        (("passwd", "nobody"), PASSWORD, "found no user 'nobody'; `ivr user list`"),
        (("change", "nobody", "--name", "X"), PASSWORD, "found no user 'nobody'"),
        (("change", "nobody"), PASSWORD, "found nothing to change; say what: --name"),
        (("disable", "nobody"), PASSWORD, "found no user 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    ivr_user, users: Users, words, password, told
) -> None:
    code, said, complaint = ivr_user(*words, password=password)
    assert code == 2 and told in complaint and said == ""
    assert password not in complaint
    assert users.all() == []


def test_a_login_is_taken_once(ivr_user, users: Users) -> None:
    ivr_user(*ADA)
    code, _, complaint = ivr_user("add", "ADA", *ADA[2:], password=NEW)
    assert code == 2 and "ivr user change ada" in complaint
    assert users.verify("ada", PASSWORD)


def test_a_new_password_replaces_the_old_one(ivr_user, users: Users) -> None:
    ivr_user(*ADA)
    code, said, _ = ivr_user("passwd", "Ada", password=NEW)
    assert (code, said) == (0, "ada has a new password, and is signed out everywhere.\n")
    assert users.verify("ada", NEW) and not users.verify("ada", PASSWORD)
    assert users.get("ada").credential == 2


def test_people_are_locked_out_and_let_in_again(ivr_user, users: Users) -> None:
    ivr_user(*ADA)
    assert ivr_user("disable", "ada")[1] == "ada is locked out.\n"
    assert users.verify("ada", PASSWORD) is None
    assert "disabled" in ivr_user("list")[1]
    assert ivr_user("enable", "ada")[1] == "ada can sign in again.\n"
    assert users.verify("ada", PASSWORD)


def test_a_change_touches_what_is_named(ivr_user, users: Users) -> None:
    ivr_user(*ADA, "--skills", "german", "--endpoint", "sip:ada@desk.example.org")
    before = users.get("ada")
    code, said, _ = ivr_user("change", "ada", "--queues", "specialists", "--endpoint", "browser")
    assert code == 0 and "specialists" in said
    after = users.get("ada")
    assert (after.queues, after.endpoint) == (("specialists",), "")
    assert (after.name, after.roles, after.skills) == (before.name, before.roles, before.skills)
    assert ivr_user("change", "ada", "--skills", "")[0] == 0
    assert users.get("ada").skills == ()
    assert "without queues" in ivr_user("change", "ada", "--queues", "")[2]
    assert users.get("ada").queues == ("specialists",)


def test_the_list_is_a_table_and_shows_no_hash(ivr_user) -> None:
    assert "ivr user add" in ivr_user("list")[1]
    ivr_user(*ADA)
    ivr_user("add", "bo", "--name", "Bo", "--role", "admin")
    said = ivr_user("list")[1]
    head, ada, bo = said.splitlines()
    assert head.split() == ["login", "name", "roles", "queues", "skills", "endpoint"]
    assert ada.split() == ["ada", "Ada", "Holloway", "agent", "complaints,customer_service", "-", "browser"]
    assert bo.index("admin") == ada.index("agent") == head.index("roles")
    assert "argon2" not in said


def test_the_doctor_says_whether_anybody_takes_calls(ivr_user) -> None:
    settings = config.load()
    assert "nobody takes calls yet; run: ivr user add" in doctor.people(settings)
    ivr_user(*ADA)
    ivr_user("add", "bo", "--name", "Bo", "--role", "admin")
    assert doctor.people(settings) == "2 can sign in, 1 of them take calls"
    ivr_user("disable", "ada")
    assert "nobody takes calls yet" in doctor.people(settings)


def test_without_a_terminal_it_says_how_to_pipe_a_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], users: Users
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD))
    assert main(["user", *ADA]) == 2
    assert "--password-stdin" in capsys.readouterr().err
    assert users.all() == []


def typed(*lines: str) -> str:
    """What a terminal shows while ``ivr user add`` runs in it and these lines are typed, each at its question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-m", "ivr", "user", *ADA])
    shown = b""
    answers = iter(lines)
    while True:
        try:
            found = os.read(terminal, 1024)
        except OSError:
            break
        if not found:
            break
        shown += found
        if shown.endswith((b"Password: ", b"again: ")):
            os.write(terminal, next(answers).encode() + b"\n")
    os.waitpid(pid, 0)
    os.close(terminal)
    return shown.decode()


def test_a_password_is_asked_for_twice_and_never_shown(users: Users) -> None:
    shown = typed(PASSWORD, PASSWORD)
    assert "Password:" in shown and "The same again:" in shown and PASSWORD not in shown
    assert "ada can sign in now." in shown
    assert users.verify("ada", PASSWORD)


def test_two_different_passwords_change_nothing(users: Users) -> None:
    assert "two different passwords; nothing was changed" in typed(PASSWORD, NEW)
    assert users.all() == []


def test_the_demos_agent_is_made_once_and_its_password_told_once(users: Users) -> None:
    settings = config.load()
    first = demo.agent(settings)
    password = first.split("password ")[1].split()[0]
    found = users.verify(demo.AGENT, password)
    assert found.has_role("agent") and found.queues == ("customer_service", "complaints", "specialists")
    again = demo.agent(settings)
    assert password not in again and "ivr user passwd demo" in again
    assert users.verify(demo.AGENT, password) == found


def test_secrets_are_refused_in_the_settings_file_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / config.TOML).write_text(
        '[twilio]\nauth_token = "one-secret"\napi_key_secret = "other-secret"\n', encoding="utf-8"
    )
    assert main(["config"]) == 2
    told = capsys.readouterr().err
    assert (
        "found twilio.auth_token" in told and "found twilio.api_key_secret" in told and "-secret" not in told
    )
    (tmp_path / config.TOML).unlink()
    (tmp_path / "key").write_text("filed-secret\n", encoding="utf-8")
    monkeypatch.setenv("IVR_TWILIO__API_KEY_SECRET", "other-secret")
    assert main(["config"]) == 0
    assert "other-secret" not in capsys.readouterr().out
    assert config.load().api_key_secret() == "other-secret"
    monkeypatch.setenv("IVR_TWILIO__API_KEY_SECRET_FILE", "key")
    assert config.load().api_key_secret() == "filed-secret"
    monkeypatch.setenv("IVR_TWILIO__API_KEY_SECRET_FILE", "nowhere")
    with pytest.raises(config.ConfigError, match="set IVR_TWILIO__API_KEY_SECRET instead"):
        config.load().api_key_secret()
