"""``ivr queue --callbacks`` against a real Redis."""

from __future__ import annotations

import json

import pytest
import redis

from ivr.actions import Ticket
from ivr.agents.distributor import Distributor
from ivr.cli import main


@pytest.fixture
def queue(client: redis.Redis, redis_url: str, tmp_path, monkeypatch) -> Distributor:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_REDIS__URL", redis_url)
    return Distributor(client, {})


def test_how_far_callbacks_came_is_told(queue: Distributor, capsys) -> None:
    assert main(["queue", "--callbacks"]) == 0
    assert capsys.readouterr().out == "No callback was booked.\n"
    queue.join(Ticket(ticket_id="a", call_id="CA1", queue="help", reason="a bill", caller="+442079460001"))
    assert queue.book_callback("a", "+442079460001") == ""
    queue.done("a", "cancelled")
    assert main(["queue", "--callbacks"]) == 0
    assert capsys.readouterr().out == "1 booked: 1 never called\n"
    assert main(["queue", "--callbacks", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["never_dialled"] == 1
