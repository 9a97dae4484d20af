"""What is kept in memory is bounded and goes when its time is over."""

from __future__ import annotations

from ivr.lookups.cache import Cache, Shelf


def test_the_least_lately_used_goes_first() -> None:
    cache: Cache[str] = Cache(lambda: 0.0, most=2)
    for key in ("a", "b"):
        cache.put(key, key, 10)
    assert cache.get("a") == "a"
    cache.put("c", "c", 10)
    assert [cache.get(key) for key in ("a", "b", "c")] == ["a", None, "c"]


def test_what_is_over_is_not_given() -> None:
    now = [0.0]
    cache: Cache[str] = Cache(lambda: now[0])
    cache.put("a", "a", 10)
    now[0] = 9.99
    assert cache.get("a") == "a"
    now[0] = 10.0
    assert cache.get("a") is None


def test_a_shelf_makes_each_thing_once_and_lets_go_of_the_oldest() -> None:
    made = iter(range(9))
    shelf: Shelf[int] = Shelf(2, lambda: next(made))
    assert [shelf.get(key) for key in ("a", "b", "a", "c", "a", "b")] == [0, 1, 0, 2, 0, 3]
