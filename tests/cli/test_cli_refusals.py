"""What cannot be done is said in plain sentences with the remedy, exit code 2, and no trace of Python."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path


def refused(folder: Path, *arguments: str, **settings: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVR_")}
    root = Path(__file__).parents[2]
    environment = kept | {"IVR_DATA__FOLDER": str(folder / "data")} | settings
    command = [sys.executable, "-m", "ivr", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=root, env=environment)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_unknown_command_names_those_there_are(tmp_path: Path) -> None:
    assert "wanted one of demo, serve" in refused(tmp_path, "nonsense")


def test_wrong_settings_are_told_all_together(tmp_path: Path) -> None:
    told = refused(tmp_path, "demo", IVR_SERVER__PORT="99999", IVR_LOG__LEVEL="loud")
    assert "server.port" in told and "log.level" in told


def test_serve_without_a_carrier_says_what_to_set(tmp_path: Path) -> None:
    told = refused(tmp_path, "serve")
    assert "IVR_TWILIO__AUTH_TOKEN" in told and "server.public_url" in told


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = refused(tmp_path, "demo", IVR_SERVER__PORT=str(taken.getsockname()[1]))
    assert "another port" in told and len(told.splitlines()) == 1
