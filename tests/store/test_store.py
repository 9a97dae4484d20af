"""Call state, owners, tokens and journals against a real Redis."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from ivr.errors import StaleState, StoreError
from ivr.store import ENDED_S, LIVE_S, TOKEN_S, CallStore, Saved, connect

CALL = "CA00000000000000000000000000000001"


@pytest.fixture
def store(client: redis.Redis) -> CallStore:
    return CallStore(client)


def test_a_state_comes_back_as_it_was_saved(store: CallStore) -> None:
    assert store.load(CALL) is None
    assert store.save(CALL, '{"a":1}', 0) == 1
    assert store.save(CALL, '{"a":2}', 1) == 2
    assert store.load(CALL) == Saved('{"a":2}', 2)


def test_a_stale_save_changes_nothing(store: CallStore) -> None:
    store.save(CALL, "one", 0)
    store.save(CALL, "two", 1)
    for revision in (0, 1, 3):
        with pytest.raises(StaleState):
            store.save(CALL, "other", revision)
    assert store.load(CALL) == Saved("two", 2)


def test_a_save_repeated_after_a_lost_answer_is_no_fault(store: CallStore) -> None:
    assert store.save(CALL, "one", 0) == store.save(CALL, "one", 0) == 1


def test_who_carries_a_call_writes_it_anew_where_redis_has_lost_everything(
    store: CallStore, client: redis.Redis
) -> None:
    older, newer = store.claim(CALL, "old", 60_000), store.claim(CALL, "new", 60_000)
    assert store.save(CALL, "one", 0, generation=newer) == 1
    client.flushall()
    assert store.save(CALL, "two", 1, generation=newer) == 2
    assert store.load(CALL) == Saved("two", 2)
    assert store.live() == [CALL]
    with pytest.raises(StaleState):
        store.save(CALL, "other", 1, generation=older)
    assert store.save(CALL, "three", 2, generation=newer) == 3
    assert 0 < client.ttl(f"ivr:{{{CALL}}}:state") <= LIVE_S
    assert store.release(CALL, "new") and store.live() == []


def test_a_state_that_was_never_claimed_is_not_written_anew(store: CallStore) -> None:
    with pytest.raises(StaleState):
        store.save(CALL, "two", 1)


def test_of_many_saves_from_one_revision_one_wins(store: CallStore) -> None:
    store.save(CALL, "start", 0)
    barrier = threading.Barrier(8)

    def race(number: int) -> int:
        barrier.wait()
        try:
            return store.save(CALL, f"state {number}", 1)
        except StaleState:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8))) == [0] * 7 + [2]


def test_states_are_kept_a_day_and_an_hour_after_the_end(store: CallStore, client: redis.Redis) -> None:
    key = f"ivr:{{{CALL}}}:state"
    store.save(CALL, "live", 0)
    assert LIVE_S - 5 <= client.ttl(key) <= LIVE_S
    store.save(CALL, "over", 1, is_ended=True)
    assert ENDED_S - 5 <= client.ttl(key) <= ENDED_S


def test_a_new_stream_always_wins_and_the_old_one_can_save_no_more(store: CallStore) -> None:
    old = store.claim(CALL, "gateway-1/MZ1", 5000)
    revision = store.save(CALL, "by the old", 0, generation=old)
    new = store.claim(CALL, "gateway-2/MZ2", 5000)
    assert new > old > 0
    with pytest.raises(StaleState):
        store.save(CALL, "late", revision, generation=old)
    assert store.save(CALL, "by the new", revision, generation=new) == revision + 1


def test_only_the_owner_releases(store: CallStore) -> None:
    store.claim(CALL, "old", 5000)
    store.claim(CALL, "new", 5000)
    assert not store.release(CALL, "old")
    assert store.owner(CALL) == "new"
    assert store.release(CALL, "new")
    assert store.owner(CALL) is None


def test_live_calls_are_counted_once_each_until_their_owner_lets_go(store: CallStore) -> None:
    store.claim(CALL, "old", 5000)
    store.claim(CALL, "new", 5000)
    store.claim("CA2", "other", 5000)
    assert store.live_calls() == 2
    store.release(CALL, "old")
    assert store.live_calls() == 2
    store.release(CALL, "new")
    assert store.live_calls() == 1


def test_a_lease_runs_out(store: CallStore, client: redis.Redis) -> None:
    store.claim(CALL, "dead", 60_000)
    assert 50_000 < client.pttl(f"ivr:{{{CALL}}}:owner") <= 60_000
    store.claim(CALL, "dead", 1)
    until = time.monotonic() + 2
    while store.owner(CALL) and time.monotonic() < until:
        pass
    assert store.owner(CALL) is None


def test_a_token_is_good_once_for_its_call_only(store: CallStore, client: redis.Redis) -> None:
    token = store.issue_token(CALL)
    assert not store.take_token("CA2", token)
    assert not store.take_token(CALL, token + "x")
    assert not store.take_token(CALL, "")
    [key] = client.keys("*token*")
    assert 0 < client.ttl(key) <= TOKEN_S
    assert store.take_token(CALL, token)
    assert not store.take_token(CALL, token)


def test_a_repeated_webhook_does_not_spoil_the_first_answers_token(store: CallStore) -> None:
    first, second = store.issue_token(CALL), store.issue_token(CALL)
    assert first != second
    assert store.take_token(CALL, first)
    assert store.take_token(CALL, second)


def test_the_token_itself_is_not_in_redis(store: CallStore, client: redis.Redis) -> None:
    token = store.issue_token(CALL)
    assert not [key for key in client.keys("*") if token in key or client.get(key) == token]


def test_a_webhook_is_first_once(store: CallStore) -> None:
    assert [store.is_first("status/CA1/completed", 60) for _ in range(3)] == [True, False, False]
    assert store.is_first("status/CA2/completed", 60)


def test_the_journal_is_read_on_from_where_one_was(store: CallStore) -> None:
    store.note(CALL, {"text": "one"})
    [one] = store.entries(CALL)
    store.note(CALL, {"text": "two"}, {"text": "three"})
    assert [entry.fields["text"] for entry in store.entries(CALL, one.entry_id)] == ["two", "three"]
    assert store.entries("unknown") == []


def test_reading_the_journal_waits_for_the_next_line(store: CallStore) -> None:
    store.note(CALL, {"text": "one"})
    [one] = store.entries(CALL)
    assert store.entries(CALL, one.entry_id, block_ms=10) == []
    timer = threading.Timer(0.05, store.note, (CALL, {"text": "two"}))
    timer.start()
    assert [entry.fields for entry in store.entries(CALL, one.entry_id, block_ms=5000)] == [{"text": "two"}]
    timer.join()


def test_all_keys_of_a_call_share_a_hash_tag(store: CallStore, client: redis.Redis) -> None:
    store.save(CALL, "s", 0, generation=store.claim(CALL, "o", 5000))
    store.issue_token(CALL)
    store.note(CALL, {})
    keys = set(client.keys("*")) - {"ivr:live"}
    assert len(keys) == 5
    assert all(f"{{{CALL}}}" in key for key in keys)


def test_redis_gone_is_a_store_error_at_once() -> None:
    store = CallStore(connect("unix:///nowhere/redis.sock"))
    began = time.monotonic()
    for ask in (
        lambda: store.save(CALL, "s", 0),
        lambda: store.load(CALL),
        lambda: store.claim(CALL, "o", 1),
        lambda: store.take_token(CALL, "t"),
        lambda: store.note(CALL, {}),
        lambda: store.entries(CALL),
        store.ping,
    ):
        with pytest.raises(StoreError):
            ask()
    assert time.monotonic() - began < 2
