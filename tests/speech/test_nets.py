"""Nets of ways to say something: arcs of a finite-state grammar, and random walks."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

from ivr.speech.nets import Again, Arcs, Opt, Times, alt, seq, walk, words_in

GREETING = seq(
    Opt("well", 0.5), alt(("good morning", 3.0), "hello"), Times("dear", 1, 2), Again("ann", "and", 0.25)
)


def graph(net):
    """State to its arcs (target, chance, word) as PocketSphinx would read them; 0 begins, 1 ends."""
    arcs = Arcs(2)
    arcs.add(net, 0, 1)
    found = defaultdict(list)
    for line in arcs.lines:
        label, start, end, chance, *word = line.split()
        assert label == "TRANSITION" and int(start) < arcs.states and int(end) < arcs.states
        found[int(start)].append((int(end), float(chance), " ".join(word)))
    return found


def accepts(found, words):
    """True where the words lead from the first state to the last."""

    def silent(states):
        todo = list(states)
        while todo:
            for end, _, word in found[todo.pop()]:
                if not word and end not in states:
                    states.add(end)
                    todo.append(end)
        return states

    states = silent({0})
    for said in words:
        states = silent({end for state in states for end, _, word in found[state] if word == said})
    return 1 in states


@pytest.mark.parametrize(
    ("text", "is_said"),
    [
        ("hello dear ann", True),
        ("well good morning dear dear ann and ann and ann", True),
        ("hello ann", False),
        ("good dear ann", False),
        ("hello dear dear dear ann", False),
        ("hello dear", False),
        ("", False),
    ],
)
def test_arcs_say_what_the_net_says(text, is_said):
    assert accepts(graph(GREETING), text.split()) is is_said


def test_every_walk_is_a_way_through_the_arcs():
    found, chance = graph(GREETING), random.Random(1)
    for _ in range(200):
        assert accepts(found, list(walk(GREETING, chance)))


def test_alternatives_have_their_share():
    found = graph(alt(("one", 3.0), "two", ("", 4.0)))
    assert sorted((word, chance) for _, chance, word in found[0]) == [
        ("", 0.5),
        ("one", 0.375),
        ("two", 0.125),
    ]


def test_a_repeat_may_stop_early_but_hardly():
    ends = {
        chance
        for arcs in graph(Times("no", 3, 4)).values()
        for end, chance, word in arcs
        if not word and end == 1
    }
    assert ends == {0.1, 1.0}


def test_the_same_seed_walks_the_same_way():
    first, again = ([list(walk(GREETING, random.Random(5))) for _ in range(5)] for _ in range(2))
    assert first == again


def test_all_words_are_known():
    assert words_in(GREETING) == {"well", "good", "morning", "hello", "dear", "ann", "and"}
