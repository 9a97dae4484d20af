"""A real Chromium, and the pages it looks at: the web application behind a gateway on a real port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agents import COOKIE, Counter
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

CHROMIUM = os.environ.get("IVR_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parent.parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
)


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts a Chromium. ``microphone``: a WAV file to be heard instead of a beep, played over and over.

    Not for the whole session: while playwright runs, no other test of this thread can run an event loop.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium here; scripts/system-packages installs it")
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*, microphone: Path | None = None, is_allowed: bool = True) -> Browser:
            flags = [*FLAGS, "--use-fake-ui-for-media-stream" if is_allowed else "--deny-permission-prompts"]
            if microphone is not None:
                flags.append(f"--use-file-for-fake-audio-capture={microphone}")
            started.append(playwright.chromium.launch(executable_path=CHROMIUM, args=flags))
            return started[-1]

        yield start
        for browser in started:
            browser.close()


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture
def complaints() -> list[str]:
    """What pages wrote on their consoles; a test that wants one takes it out."""
    return []


@pytest.fixture
def open_page(browser: Browser, url: str, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page of the application; at the end of the test, none may have complained on its console."""
    contexts: list[BrowserContext] = []

    def open_(path: str, *, width: int = 1280, height: int = 800, is_dark: bool = False, **more: Any) -> Page:
        more = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce"} | more
        context = browser.new_context(color_scheme="dark" if is_dark else "light", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(url + path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@dataclass(frozen=True)
class Violation:
    rule: str
    impact: str
    nodes: tuple[str, ...]


@pytest.fixture(scope="session")
def faults_of() -> Callable[[Page], list[Violation]]:
    """What axe finds wrong with a page."""
    if not AXE.exists():
        pytest.skip(f"no axe-core here; run `npm ci` in {AXE.parents[2]}")
    source = AXE.read_text(encoding="utf-8")

    def check(page: Page) -> list[Violation]:
        page.evaluate(source)
        found = page.evaluate("axe.run()")["violations"]
        return [
            Violation(one["id"], one["impact"], tuple(node["html"] for node in one["nodes"])) for one in found
        ]

    return check


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of pages go: IVR_TEST_PICTURES, or nowhere that lasts."""
    folder = Path(os.environ.get("IVR_TEST_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def desk_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the desk keeps what it keeps."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="session")
def url(desk_folder: Path) -> Iterator[str]:
    """A desk of pages, gateway and a scripted exchange, in a process of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    script = Path(__file__).parent / "desk.py"
    folder = desk_folder
    desk = subprocess.Popen(
        [sys.executable, str(script), str(listener.fileno()), str(folder)], pass_fds=[listener.fileno()]
    )
    until = time.monotonic() + 20
    while not (folder / "ready").exists():
        assert desk.poll() is None and time.monotonic() < until, "the desk did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    desk.terminate()
    desk.wait(10)
    listener.close()


@pytest.fixture(scope="module")
def counter(tmp_path_factory) -> Iterator[Counter]:
    listener = socket.create_server(("127.0.0.1", 0))
    folder = tmp_path_factory.mktemp("counter")
    script = Path(__file__).parent / "counter.py"
    desk = subprocess.Popen(
        [sys.executable, str(script), str(listener.fileno()), str(folder)], pass_fds=[listener.fileno()]
    )
    until = time.monotonic() + 20
    while not (folder / "ready").exists():
        assert desk.poll() is None and time.monotonic() < until, "the counter did not start"
        time.sleep(0.02)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield Counter(url, folder, (folder / "ready").read_text())
    desk.terminate()
    desk.wait(10)
    listener.close()


@pytest.fixture
def nora(browser, counter: Counter) -> Iterator[Callable[..., Page]]:
    """Opens the console of Nora, who is gone again at the end; no script of hers may have failed."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(path: str = "/console", *, width: int = 1280, height: int = 800, is_dark: bool = False) -> Page:
        colours: Any = "dark" if is_dark else "light"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=colours, reduced_motion="reduce"
        )
        contexts.append(context)
        counter.clear("nora")  # a beat of the window before may have come after it was closed
        session = counter.person("Nora Blake", "agent", "supervisor")
        context.add_cookies([{"name": COOKIE, "value": session, "url": counter.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(counter.url + path)
        expect(page.locator("#work[inert]")).to_have_count(0)
        return page

    yield open_
    for context in contexts:
        context.close()
    counter.clear("nora")
    assert complaints == []


@pytest.fixture
def once() -> Callable[[Page, str, str], list[str]]:
    """The next request to an address is ``lost`` on its way, or has ``failed`` there; the requests so far."""

    def refuse(page: Page, address: str, how: str) -> list[str]:
        asked: list[str] = []

        def meet(route: Route) -> None:
            asked.append(route.request.url)
            if len(asked) > 1:
                route.continue_()
            elif how == "lost":
                route.abort()
            else:
                route.fulfill(status=502)

        page.route(address, meet)
        return asked

    return refuse
