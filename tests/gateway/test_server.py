"""How a gateway process ends, with real processes that share one listening socket."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from gatewaykit import wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

MANY = 40
"""Calls enough that none of two gateways is missed by chance, and that the server has looked around meanwhile."""


@pytest.fixture
def node():
    """Starts gateways on one shared socket: ``start(count, end_s)`` gives the port and the processes."""
    processes: list[subprocess.Popen[bytes]] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def start(count: int, end_s: float = 60) -> tuple[int, dict[int, subprocess.Popen[bytes]]]:
            script = str(Path(__file__).parent / "gatewaynode.py")
            for _ in range(count):
                command = [sys.executable, script, str(listener.fileno()), str(end_s)]
                processes.append(subprocess.Popen(command, pass_fds=[listener.fileno()]))
            seen: set[int] = set()
            wait_until(lambda: seen.add(ask(port)) or len(seen) == count, 20)
            return port, {process.pid: process for process in processes}

        yield start
        for process in processes:
            process.kill()
            process.wait()


def call(port: int) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}/media", proxy=None, open_timeout=20)


def pid_of(line: ClientConnection) -> int:
    line.send("who")
    return int(line.recv(5))


def ask(port: int) -> int:
    with call(port) as line:
        return pid_of(line)


def post(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("POST", "/voice/incoming", "CallSid=CA")
    return connection.getresponse().status


def test_a_gateway_told_to_leave_lets_its_calls_end_while_the_other_takes_new_ones(node):
    port, processes = node(2)
    with call(port) as line:
        leaving = pid_of(line)
        processes[leaving].send_signal(signal.SIGTERM)
        staying = (set(processes) - {leaving}).pop()
        wait_until(lambda: {ask(port) for _ in range(6)} == {staying})
        assert {ask(port) for _ in range(MANY)} == {staying}
        assert pid_of(line) == leaving
        assert processes[leaving].poll() is None
    assert processes[leaving].wait(5) == 0
    assert ask(port) == staying


def test_a_draining_gateway_refuses_new_calls_answers_for_the_others_and_ends_with_the_last(node):
    port, processes = node(1)
    (process,) = processes.values()
    assert post(port) == 200
    with call(port) as line:
        pid_of(line)
        process.send_signal(signal.SIGUSR1)
        wait_until(lambda: post(port) == 503)
        assert {ask(port) for _ in range(MANY)} == {process.pid}
        assert pid_of(line) == process.pid
    assert process.wait(5) == 0


def test_a_call_that_does_not_end_is_let_go_in_time(node):
    port, processes = node(1, end_s=0.2)
    (process,) = processes.values()
    with call(port) as line:
        pid_of(line)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            line.recv(5)
        assert closed.value.rcvd.code == 1012
    assert process.wait(8) == 0


def test_an_interrupt_ends_it_at_once(node):
    port, processes = node(1)
    (process,) = processes.values()
    with call(port) as line:
        pid_of(line)
        process.send_signal(signal.SIGINT)
        assert process.wait(8) == 0
