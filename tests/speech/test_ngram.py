"""The trigram models: true probabilities, read back from the ARPA text."""

from __future__ import annotations

import pytest

from ivr.speech import ngram

PHRASES = [(("track", "my", "parcel"), 3.0), (("track", "a", "parcel"), 1.0), (("help",), 1.0)]


def read(text: str) -> dict[tuple[str, ...], tuple[float, float]]:
    """Each gram's probability and back-off weight."""
    grams = {}
    order = 0
    for line in text.splitlines():
        if line.endswith("-grams:"):
            order = int(line[1])
        elif order and line and not line.startswith("\\"):
            chance, *rest = line.split(" ")
            weight = float(rest[order]) if len(rest) > order else 0.0
            grams[tuple(rest[:order])] = (10 ** float(chance), 10**weight)
    return grams


def chance(grams: dict, history: tuple[str, ...], word: str) -> float:
    if (*history, word) in grams:
        return grams[(*history, word)][0]
    return grams.get(history, (0, 1.0))[1] * chance(grams, history[1:], word)


@pytest.mark.parametrize("history", [(), ("<s>",), ("track",), ("<s>", "track"), ("track", "my"), ("help",)])
def test_what_may_follow_a_history_adds_up_to_one(history):
    grams = read(ngram.arpa(PHRASES))
    words = [gram[0] for gram in grams if len(gram) == 1 and gram[0] != "<s>"]
    assert sum(chance(grams, history, word) for word in words) == pytest.approx(1.0, abs=0.002)


def test_weight_makes_a_phrase_likelier_and_unseen_orders_stay_possible():
    grams = read(ngram.arpa(PHRASES))
    assert chance(grams, ("<s>", "track"), "my") > 2 * chance(grams, ("<s>", "track"), "a")
    assert 0 < chance(grams, ("track", "my"), "help") < chance(grams, ("track", "my"), "parcel")


def test_counts_in_the_head_are_those_of_the_body():
    text = ngram.arpa(PHRASES)
    grams = read(text)
    for order in (1, 2, 3):
        assert f"ngram {order}={sum(len(gram) == order for gram in grams)}" in text


def test_no_phrase_is_refused():
    with pytest.raises(ValueError, match="at least one phrase"):
        ngram.arpa([])
