"""From what speaks for a reading to a confidence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import pytest

from ivr.speech import trust
from ivr.speech.grammar import Kind
from ivr.speech.sphinx import TWICE
from ivr.speech.trust import Evidence, Trust, agreement


def test_every_kind_of_listening_has_a_curve():
    curves = trust.load().curves
    assert set(get_args(Kind)) <= set(curves)
    assert {f"{kind}/{which}" for kind in TWICE for which in ("first", "second")} <= set(curves)
    assert all(len(weights) == len(trust.FEATURES) for weights in curves.values())


@pytest.mark.parametrize("kind", ["closed", "digits", "open", "values"])
def test_what_explains_the_sound_better_is_trusted_more(kind):
    curves, near = trust.load(), Evidence(kind, loss=-5.0, lead=20.0, agreement=0.5)
    far = replace(near, loss=-60.0)
    assert curves.confidence(near) > curves.confidence(far)


def test_a_confidence_is_the_logistic_curve_of_its_evidence_within_bounds():
    made = Trust({"open": (1.0, 0.5, 0.2, 2.0)})
    evidence = Evidence("open", loss=-20.0, lead=10.0, agreement=0.5)
    assert made.confidence(evidence) == round(1 / (1 + math.exp(-(1.0 - 1.0 + 0.2 + 1.0))), 3)
    endless = Evidence("open", loss=-1e9, lead=math.inf)
    assert made.confidence(endless) == made.confidence(Evidence("open", loss=-150.0, lead=100.0))


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        ("where is my parcel", "where is my parcel", 1.0),
        ("where is my parcel", "where is the parcel please", 2 * 3 / 9),
        ("is my", "my is", 0.5),
        ("", "parcel", 0.0),
        ("hours", "parcel", 0.0),
    ],
)
def test_agreement_is_the_share_of_words_in_the_same_order(one, other, share):
    assert agreement(one, other) == pytest.approx(share)
    assert agreement(other, one) == pytest.approx(share)
