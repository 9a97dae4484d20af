"""Look-ups by HTTP against a real server: what it may do to us, and what our callers' words may do to it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from httpkit import Service, serving, took_s

from ivr.errors import LookupFailed
from ivr.flow.connectors import Connector, address_of
from ivr.lookups.ask import Answer, Lookups
from ivr.lookups.connect import Reach
from ivr.lookups.http import MAX_OPEN, Services, fill, origin
from ivr.lookups.sql import Databases

FIELDS = {"status": "state", "last_place": "places.1", "expected": "due as date", "note": "note?"}
FOUND = {"status": "on its way", "last_place": "Leeds", "expected": "2026-11-25", "note": None}
SECRET = "k3y-of-the-shop"


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def service(running: Service) -> Iterator[Service]:
    running.asked.clear()
    running.failures = 0
    yield running
    running.gate.set()
    running.gate = threading.Event()


def over(service: Service, *hosts: str, **more: Any) -> Lookups:
    allowed = hosts or (f"http://{service.host}",)
    return Lookups([], Reach(Databases({}), Services(allowed, {"shop": SECRET})), **more)


def connector(
    service: Service, path: str = "/parcels/{number}", method: str = "GET", **more: Any
) -> Connector:
    shape: dict[str, Any] = {"parameters": ("number",), "fields": FIELDS, "under": "data.parcel"}
    if "{number}" not in path and "body" not in more:
        shape["parameters"] = ()
    return Connector.model_validate({**shape, "http": f"{method} http://{service.host}{path}", **more})


def ask(lookups: Lookups, asked: Connector, number: str = "7", secrets: tuple[str, ...] = ()) -> Answer:
    given = {"number": number} if asked.parameters else {}
    return asyncio.run(lookups.ask("it", given, secrets=secrets, look_ups={"it": asked}))


def failure(lookups: Lookups, asked: Connector, number: str = "7") -> LookupFailed:
    with pytest.raises(LookupFailed) as failed:
        ask(lookups, asked, number)
    return failed.value


def test_an_answer_gives_its_fields(service: Service) -> None:
    assert ask(over(service), connector(service)) == Answer(True, FOUND)
    method, target, headers, body = service.asked[0]
    assert (method, target, headers["accept"], body) == ("GET", "/parcels/7", "application/json", "")


@pytest.mark.parametrize(
    "number",
    [
        "a/b",
        "../admin",
        "%2e%2e",
        "7?all=1",
        "7#x",
        "ab cd",
        "7&x=1",
        "é中",
        "'; drop table",
        "\r\nX: y",
        "..%2f",
    ],
)
def test_whatever_a_caller_says_is_one_part_of_the_address(service: Service, number: str) -> None:
    ask(over(service), connector(service, "/parcels/{number}/now?copy={number}&x=1"), number)
    path, query = service.paths()[0].split("?")
    assert [unquote(part) for part in path.split("/")] == ["", "parcels", number, "now"]
    assert [unquote(part) for part in query.split("&")] == [f"copy={number}", "x=1"]


@pytest.mark.parametrize("number", ["", ".", ".."])
def test_what_would_ask_for_something_else_is_not_sent(service: Service, number: str) -> None:
    assert failure(over(service), connector(service), number).reason == "parameters"
    assert service.asked == []
    assert (
        fill("https://a.example.com/x?n={number}", {"number": number})
        == f"https://a.example.com/x?n={number}"
    )


def test_a_body_keeps_its_structure(service: Service) -> None:
    body = {
        "query": {"number": ":number", "tags": ["a", ":number"]},
        "limit": 1,
        "how many": ":number as number",
    }
    asked = connector(service, "/search", "POST", body=body)
    ask(over(service), asked, "7")
    assert json.loads(service.asked[0][3]) == {
        "query": {"number": "7", "tags": ["a", "7"]},
        "limit": 1,
        "how many": 7,
    }
    plain = connector(service, "/search", "POST", body={"number": ":number"})
    ask(over(service), plain, '", "admin": true, "x": "')
    assert json.loads(service.asked[1][3]) == {"number": '", "admin": true, "x": "'}


def test_a_secret_is_sent_in_its_header_alone(service: Service) -> None:
    asked = connector(service, headers={"Authorization": "Bearer secret:SHOP", "X-App": "ivr"})
    assert ask(over(service), asked).is_found
    headers = service.asked[0][2]
    assert (headers["authorization"], headers["x-app"]) == (f"Bearer {SECRET}", "ivr")
    failed = failure(over(service), connector(service, headers={"Authorization": "secret:other"}))
    assert failed.reason == "error" and SECRET not in str(failed)
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("allowed", "address", "is_allowed"),
    [
        ("api.example.com", "https://api.example.com/x", True),
        ("api.example.com", "https://API.example.com.:443/x", True),
        ("api.example.com", "http://api.example.com/x", False),
        ("api.example.com", "https://api.example.com:8443/x", False),
        ("api.example.com:8443", "https://api.example.com:8443/x", True),
        ("api.example.com", "https://api.example.com.evil.org/x", False),
        ("api.example.com", "https://evil.org/api.example.com", False),
        ("example.com", "https://api.example.com/x", False),
        ("http://10.0.0.5:8080", "http://10.0.0.5:8080/x", True),
        ("http://10.0.0.5:8080", "http://10.0.0.5/x", False),
        ("http://10.0.0.5", "https://10.0.0.5/x", False),
    ],
)
def test_only_hosts_of_the_settings_are_asked(allowed: str, address: str, is_allowed: bool) -> None:
    asked = Connector(http=f"GET {address}")
    assert Services((allowed,), {}).is_allowed(address_of(asked)) is is_allowed


def test_another_host_is_not_asked(service: Service) -> None:
    assert failure(over(service, "api.example.com"), connector(service)).reason == "error"
    assert service.asked == []


@pytest.mark.parametrize("host", ["", "user@a.example.com", "ftp://a", "https://a/path", "a?x"])
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError):
        origin(host)


def test_no_redirect_is_followed(service: Service) -> None:
    assert failure(over(service), connector(service, "/redirect")).reason == "error"
    assert service.paths() == ["/redirect"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/garbage", "no JSON"),
        ("/deep", "no JSON"),
        ("/nan", "which no flow can read"),
        ("/web", "not JSON"),
        ("/big", "65,536 bytes"),
        ("/zipped", "compressed"),
        ("/close", "ServerDisconnectedError"),
        ("/half", "ClientPayloadError"),
        ("/well", "no stateless"),
    ],
)
def test_what_is_no_answer_is_a_failure_and_quick(service: Service, path: str, words: str) -> None:
    asked = connector(service, path, fields={"status": "stateless"} if path == "/well" else FIELDS)
    began = time.monotonic()
    failed = failure(over(service), asked)
    assert (failed.reason, took_s(began) < 1.5) == ("error", True)
    assert words in str(failed)


def test_not_found_is_no_failure(service: Service) -> None:
    for path in ("/status/404", "/empty"):
        assert ask(over(service), connector(service, path)) == Answer(False)
    assert ask(over(service), connector(service, "/empty", under="data.list")) == Answer(False)


@pytest.mark.parametrize("status", [400, 403, 422, 429, 500, 503])
def test_a_bad_status_is_a_failure(service: Service, status: int) -> None:
    reason = "refused" if status in (400, 403, 422) else "error"
    assert failure(over(service), connector(service, f"/status/{status}")).reason == reason


def test_an_answer_without_words_is_enough_where_no_field_is_wanted(service: Service) -> None:
    asked = connector(service, "/nothing", "DELETE", fields={}, under="", changes=True)
    assert ask(over(service), asked) == Answer(True)


def test_many_entries_become_lists(service: Service) -> None:
    fields = {"numbers": "n", "names": "who.name"}
    asked = connector(service, "/list", under="items", rows="many", fields=fields)
    assert ask(over(service), asked) == Answer(True, {"numbers": [1, 2], "names": ["Ada", "Bo"]})
    first = connector(service, "/list", under="items", fields=fields)
    assert ask(over(service), first) == Answer(True, {"numbers": 1, "names": "Ada"})
    none = connector(service, "/empty", under="data.list", rows="many", fields=fields)
    assert ask(over(service), none) == Answer(True, {"numbers": [], "names": []})
    assert not ask(over(service), none.model_copy(update={"found_if": "names | length > 0"})).is_found


@pytest.mark.parametrize("path", ["/stall", "/drip"])
def test_a_server_that_stalls_or_drips_is_given_up_and_holds_no_thread(service: Service, path: str) -> None:
    lookups, slow = over(service, workers=1), connector(service, path, timeout=0.3)
    threads = threading.active_count()

    async def many() -> list[Any]:
        asks = (lookups.ask("it", {}, look_ups={"it": slow}) for _ in range(20))
        return await asyncio.gather(*asks, return_exceptions=True)

    began = time.monotonic()
    failed = asyncio.run(many())
    assert took_s(began) < 1.5
    assert {getattr(one, "reason", one) for one in failed} == {"timeout"}
    ours = threading.active_count() - threads - len(service.asked)  # the server takes a thread a request
    assert ours <= 2
    assert ask(lookups, connector(service)).is_found


def test_a_host_that_stalls_does_not_keep_callers_from_another(service: Service) -> None:
    with serving() as other:
        lookups = over(service, f"http://{service.host}", f"http://{other.host}")
        book = {"slow": connector(service, "/stall", timeout=1), "quick": connector(other, timeout=0.5)}

        async def calls() -> Answer:
            asks = [asyncio.create_task(lookups.ask("slow", {}, look_ups=book)) for _ in range(MAX_OPEN + 10)]
            await asyncio.sleep(0.2)
            quick = await lookups.ask("quick", {"number": "7"}, look_ups=book)
            assert not any(one.done() for one in asks)
            await asyncio.gather(*asks, return_exceptions=True)
            return quick

        assert asyncio.run(calls()).is_found


def test_what_changes_nothing_is_tried_again_and_no_more_often_than_told(service: Service) -> None:
    service.failures = 2
    assert ask(over(service), connector(service, "/flaky", retry=2)).is_found
    assert len(service.asked) == 3
    service.failures = 3
    assert failure(over(service), connector(service, "/flaky", retry=2)).reason == "error"
    assert len(service.asked) == 6


@pytest.mark.parametrize("path", ["/status/422", "/status/404"])
def test_an_answer_that_is_an_answer_is_not_asked_for_again(service: Service, path: str) -> None:
    lookups, asked = over(service), connector(service, path, retry=3)
    assert failure(lookups, asked).reason == "refused" if "422" in path else not ask(lookups, asked).is_found
    assert len(service.asked) == 1


def test_what_changes_something_is_done_once(service: Service) -> None:
    service.failures = 1
    asked = connector(service, "/flaky", "POST", changes=True).model_copy(
        update={"retry": 3, "cache": 60_000}
    )
    assert failure(over(service), asked).reason == "error"
    assert len(service.asked) == 1
    lookups = over(service)
    for _ in range(2):
        assert ask(lookups, asked).is_found
    assert len(service.asked) == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/close", "/half"])
def test_a_change_is_not_sent_again_where_the_connection_broke(
    service: Service, method: str, path: str
) -> None:
    asked = connector(service, path, method, changes=True)
    assert failure(over(service), asked).reason == "error"
    assert service.paths() == [path]


def test_tries_are_apart_and_not_all_alike() -> None:
    with serving() as service:
        times = []
        for chance in (0.0, 1.0):
            service.failures = 2
            began = time.monotonic()
            ask(over(service, chance=lambda chance=chance: chance), connector(service, "/flaky", retry=2))
            times.append(took_s(began))
        assert 0.3 <= times[0] < times[1] and times[1] >= 0.45


def test_an_answer_is_kept_for_its_time_by_parameters(service: Service) -> None:
    now = [0.0]
    lookups, asked = over(service, clock=lambda: now[0]), connector(service, cache=60)
    for number in ("1", "1", "2", "1"):
        assert ask(lookups, asked, number) == Answer(True, FOUND)
    assert service.paths() == ["/parcels/1", "/parcels/2"]
    now[0] = 60.0
    ask(lookups, asked, "1")
    assert len(service.asked) == 3


def test_what_was_kept_cannot_be_changed_by_who_got_it(service: Service) -> None:
    lookups, asked = over(service), connector(service, cache=60)
    ask(lookups, asked).fields["status"] = "lost"
    assert ask(lookups, asked).fields == FOUND


def test_nothing_is_kept_that_a_secret_led_to(service: Service) -> None:
    lookups, asked = over(service), connector(service, cache=60)
    for _ in range(2):
        ask(lookups, asked, "2580", secrets=("number",))
    assert len(service.asked) == 2


def test_a_changed_look_up_forgets_what_was_kept_and_what_failed(service: Service) -> None:
    lookups, asked = over(service, failures=1), connector(service, cache=60)
    ask(lookups, asked)
    assert set(ask(lookups, asked.model_copy(update={"fields": {"state": "state"}})).fields) == {"state"}
    broken = connector(service, "/status/500")
    assert [failure(lookups, broken).reason for _ in range(2)] == ["error", "open"]
    assert ask(lookups, asked.model_copy(update={"cache": 0})).is_found


def test_callers_odd_words_do_not_shut_it_for_the_others(service: Service) -> None:
    lookups = over(service, failures=2)
    for _ in range(5):
        assert failure(lookups, connector(service), "..").reason == "parameters"
        assert failure(lookups, connector(service, "/status/422")).reason == "refused"
    assert ask(lookups, connector(service)).is_found


def test_callers_share_no_cookie(service: Service) -> None:
    lookups = over(service)
    for _ in range(2):
        ask(lookups, connector(service, "/cookie"))
    assert ["cookie" in headers for _, _, headers, _ in service.asked] == [False, False]


def test_a_host_that_is_not_there_is_a_failure() -> None:
    with serving() as service:
        gone = connector(service)
    assert failure(over(service), gone).reason == "error"
