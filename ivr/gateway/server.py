"""Runs a gateway under uvicorn, and lets its calls end before it does.

SIGTERM: stop accepting (others share the port) and end with the last call. SIGUSR1: go on answering, refuse
new calls, and end when no call is left and none asks what next. SIGINT: end at once.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import threading
from types import FrameType

import uvicorn

from ivr.gateway.front import Gateway

MAX_MESSAGE = 64 * 1024
"""Bytes of one message on any socket; longer ones close that socket (1009)."""
LINGER_S = 5.0
"""How long after the last call, or the last webhook of one, a drained gateway still answers: the carrier asks
what next within a second of a stream's end, and reports the call's end after that."""
PING_S = 20.0
"""Idle proxies commonly drop a socket after 60 s without traffic."""

_log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """One gateway process on a listening socket that its parent opened and other gateways may share."""

    def __init__(
        self,
        gateway: Gateway,
        listener: socket.socket | int,
        *,
        end_s: float = 3600.0,
        linger_s: float = LINGER_S,
    ) -> None:
        """``listener``: a bound socket, or the inherited descriptor of one. ``end_s``: seconds that calls
        may go on once an end is wanted. ``linger_s``: see ``LINGER_S``.
        """
        super().__init__(
            uvicorn.Config(
                gateway,
                loop="uvloop",
                ws="websockets-sansio",
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                ws_max_size=MAX_MESSAGE,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PING_S,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._gateway = gateway
        self._listener = socket.socket(fileno=listener) if isinstance(listener, int) else listener
        self._end_s = end_s
        self._linger_s = linger_s
        self._is_ending = False
        self._is_drained = False
        self._ending_s: float | None = None

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve(sockets or [self._listener])

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until a signal ends it."""
        super().run(sockets or [self._listener])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGUSR1, self.drain)
            loop.add_signal_handler(signal.SIGTERM, self.leave)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    def drain(self) -> None:
        """Refuses new calls, goes on answering for those that live, and ends once there are none."""
        self._gateway.drain()
        self._is_ending = self._is_drained = True

    def leave(self) -> None:
        """Accepts nothing new, for others share the port, and ends with the last call it carries."""
        self._is_ending = True
        for server in self.servers:
            server.close()

    async def on_tick(self, counter: int) -> bool:
        if await super().on_tick(counter):
            return True
        if not self._is_ending:
            return False
        now = asyncio.get_running_loop().time()
        if self._ending_s is None:
            self._ending_s = now
            _log.info("no new calls; waiting for %d to end", self._gateway.calls)
        if self._gateway.calls and now >= self._ending_s + self._end_s:
            _log.warning(
                "%d calls did not end in time; another process goes on with them", self._gateway.calls
            )
            return True
        if self._is_drained:
            return self._gateway.quiet_s(self._ending_s) >= self._linger_s
        return not self._gateway.calls
