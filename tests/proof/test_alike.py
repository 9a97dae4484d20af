"""Which phrases sound so near that they must be tried."""

from __future__ import annotations

import pytest

from ivr.proof.alike import Ear, apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fifteen", "fifty"), ("Boston", "Austin"), ("billing", "dialing"), ("shipping", "shopping"),
        ("mail", "male"), ("new order", "new older"), ("very well", "not very well"), ("repair", "repeat"),
        ("one", "none"),
    ],
)  # fmt: skip
def test_near(one: str, other: str) -> None:
    assert Ear([one, other]).is_suspect(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bank", "shop"), ("two", "three"), ("balance", "parcel"), ("where is my parcel", "where is my order"),
        ("what is my balance", "what are your opening hours"), ("客服", "余额"),
    ],
)  # fmt: skip
def test_far(one: str, other: str) -> None:
    assert not Ear([one, other]).is_suspect(one, other)


def test_distance_is_even_and_zero_for_the_same() -> None:
    card, cart = ("K", "AA", "R", "D"), ("K", "AA", "R", "T")
    assert apart(card, card) == 0.0
    assert apart(card, cart) == apart(cart, card) == pytest.approx(0.05)
    assert apart(card, ()) > apart(card, cart)


def test_sounds_that_a_telephone_blurs_are_nearer() -> None:
    assert apart(("F", "IY"), ("S", "IY")) < apart(("F", "IY"), ("G", "IY"))
    assert apart(("M", "AE", "P"), ("N", "AE", "P")) < apart(("M", "AE", "P"), ("T", "AE", "P"))


def test_no_more_is_counted_than_is_asked_for() -> None:
    assert apart(("K", "AA", "R", "D"), ("B", "IY"), limit=0.1) == 1.0
    assert apart(("K", "AA", "R", "D"), ("B", "IY"), limit_sounds=0.5) == 1.0
