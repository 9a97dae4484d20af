"""A strict mock of Twilio's REST interface, made from Twilio's own OpenAPI document."""

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRISM = ROOT / "tests/node/node_modules/.bin/prism"
OAS = "twilio_api_v2010.json"
ACCOUNT = "/2010-04-01/Accounts/{AccountSid}"
USED = (f"{ACCOUNT}/Calls", f"{ACCOUNT}/Conferences")


@pytest.fixture(scope="session")
def twilio_document() -> dict:
    """The part of Twilio's OpenAPI document that is about calls and conferences."""
    path = Path(os.environ.get("IVR_TEST_DATA", ROOT.parent / "shared/data")) / OAS
    if not path.exists():
        pytest.skip(f"no {path}: set IVR_TEST_DATA to the folder that holds Twilio's OpenAPI document")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["paths"] = {name: body for name, body in document["paths"].items() if name.startswith(USED)}
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                for content in operation["requestBody"]["content"].values():
                    _repeat_lists(content)
    return _with_relative_pages(document)


@pytest.fixture(scope="session")
def known_parameters(twilio_document):
    """The parameters of a POST by the end of its path, such as ``/Calls/{Sid}.json``."""

    def names(path: str) -> set[str]:
        (operations,) = (body for name, body in twilio_document["paths"].items() if name.endswith(path))
        (content,) = operations["post"]["requestBody"]["content"].values()
        return set(content["schema"]["properties"])

    return names


@pytest.fixture(scope="session")
def prism(twilio_document, tmp_path_factory):
    """Base URL of a server that refuses with 422 what Twilio's document does not allow.

    It passes over parameters that the document does not know: those need ``known_parameters``.
    """
    if shutil.which("node") is None or not PRISM.exists():
        pytest.skip("no node or no tests/node/node_modules: install Node.js, then run `npm ci` in tests/node")
    file = tmp_path_factory.mktemp("prism") / OAS
    file.write_text(json.dumps(twilio_document), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), "--errors", file]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if "Prism is listening" in line:
                break
        else:
            pytest.fail("prism did not start:\n" + "".join(said))
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _repeat_lists(content: dict) -> None:
    """Lists are read as Twilio reads them: the name repeated."""
    for name, property_ in content["schema"].get("properties", {}).items():
        if property_.get("type") == "array":
            content.setdefault("encoding", {})[name] = {"style": "form", "explode": True}


def _with_relative_pages(node):
    """The document's own examples give relative addresses where it promises whole ones."""
    match node:
        case {"format": "uri", **rest}:
            return {key: _with_relative_pages(value) for key, value in rest.items()} | {
                "format": "uri-reference"
            }
        case dict():
            return {key: _with_relative_pages(value) for key, value in node.items()}
        case list():
            return [_with_relative_pages(value) for value in node]
        case _:
            return node
