"""The script with a machine of scripted commands: what is there, and how apt behaves."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts/system-packages"
SHELL = ("bash", "env", "mktemp", "rm", "tail", "sleep")
ALL = ("chromium", "dot", "node", "npm", "python3")


class Machine:
    """A PATH that holds nothing but what is put there."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.log = folder / "apt.log"
        for name in SHELL:
            (self.bin / name).symlink_to(shutil.which(name))
        self.put("id", "echo 0")
        for name in ALL:
            self.put(name, "exit 0")

    def put(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/bash\n{script}\n")
        file.chmod(0o755)

    def lose(self, *names: str) -> None:
        for name in names:
            (self.bin / name).unlink()

    def apt(self, script: str) -> None:
        self.put("apt-get", f'echo "$DEBIAN_FRONTEND $@" >> {self.log}\n{script}')

    def run(self) -> tuple[str, list[str]]:
        """What it said, and what apt was asked."""
        environment = {"PATH": str(self.bin), "SYSTEM_PACKAGES_PAUSE_S": "0"}
        done = subprocess.run(
            [self.bin / "bash", SCRIPT],
            env=environment,
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout, self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_when_all_is_there_nothing_is_done_or_said(machine):
    machine.apt("exit 0")
    assert machine.run() == ("", [])


def test_only_what_is_missing_is_installed_and_without_questions(machine):
    machine.apt("exit 0")
    machine.lose("chromium", "npm")
    said, asked = machine.run()
    assert said == "system-packages: installing chromium npm\n"
    (line,) = asked
    assert line.startswith("noninteractive -qq") and line.endswith(
        "install -y --no-install-recommends chromium npm"
    )


def test_the_lists_are_fetched_only_where_they_are_needed(machine):
    machine.apt(f'case "$*" in *update*) exit 0;; esac; [ "$(wc -l < {machine.log})" -ge 3 ]')
    (machine.bin / "wc").symlink_to(shutil.which("wc"))
    machine.lose("node")
    said, asked = machine.run()
    assert "by hand" not in said
    assert ["update" in line for line in asked] == [False, True, False]


def test_an_apt_that_is_locked_is_tried_again_and_given_up_in_words(machine):
    machine.apt("echo 'E: Could not get lock' >&2; exit 100")
    machine.lose("chromium")
    said, asked = machine.run()
    assert len(asked) == 6
    assert "Could not get lock" in said
    assert "apt-get failed; install by hand: chromium (Debian: apt-get install chromium)" in said


def test_without_apt_it_says_what_to_install(machine):
    machine.lose("node", "npm")
    machine.put("python3", "exit 1")
    said, _ = machine.run()
    assert "no apt-get here; install by hand: nodejs npm python3-venv" in said


def test_without_root_it_says_what_to_install(machine):
    machine.apt("exit 0")
    machine.put("id", "echo 1000")
    machine.put("sudo", "exit 1")
    machine.lose("chromium")
    said, asked = machine.run()
    assert "not root; install by hand: chromium" in said and asked == []


def test_with_sudo_that_asks_no_password_it_installs(machine):
    machine.apt("exit 0")
    machine.put("id", "echo 1000")
    machine.put("sudo", 'shift; "$@"')
    (machine.bin / "true").symlink_to(shutil.which("true"))
    machine.lose("chromium")
    _, asked = machine.run()
    assert len(asked) == 1
