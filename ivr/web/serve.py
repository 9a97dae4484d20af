"""Runs the web application on a Unix socket that only the gateway uses, and ends with its parent process."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import waitress
from flask import Flask

THREADS = 8
LOOK_S = 1.0
"""How often the process looks whether its parent still lives."""
MAX_BODY = 1024 * 1024


def serve_web(app: Flask, unix_socket: Path) -> None:
    """Serves until told to end, or the parent has gone. Takes over a socket left by a dead process."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="parent", daemon=True).start()
    waitress.serve(
        app,
        unix_socket=str(unix_socket),
        unix_socket_perms="600",
        threads=THREADS,
        max_request_body_size=MAX_BODY,
        clear_untrusted_proxy_headers=False,
        ident="",
        _quiet=True,
    )


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(0)
