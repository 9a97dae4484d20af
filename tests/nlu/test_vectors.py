"""The table of word meanings: its pieces of words, sentences as vectors, and what has none."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from ivr.nlu import vectors
from ivr.nlu.normalise import tokens


def near(one: str, other: str) -> float:
    a, b = vectors.embed(tokens(one)), vectors.embed(tokens(other))
    assert a is not None and b is not None
    return float(a @ b)


def test_sentences_that_mean_alike_are_near_without_sharing_a_word() -> None:
    assert near("my payment card was stolen", "somebody took the visa") > near(
        "my payment card was stolen", "somebody took the bus"
    )


def test_a_sentence_is_one_vector_of_length_one_and_always_the_same() -> None:
    vector = vectors.embed(tokens("Where's my parcel?"))
    assert vector is not None and vector.dtype == np.float32 and vector.shape == (vectors.SIZE,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(vector, vectors.embed(("where", "is", "my", "parcel")))


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("parcel", ["▁par", "cel"]),
        ("the", ["▁the"]),
        ("naïve", ["▁na", "ï", "ve"]),
        ("20", ["▁", "2", "0"]),
        ("ȝ", ["▁", "<0xC8>", "<0x9D>"]),
    ],
)
def test_words_come_apart_as_the_table_was_trained(word: str, pieces: list[str]) -> None:
    table = vectors._table()
    assert table is not None
    assert vectors._pieces(table.pieces, word) == pieces


@pytest.mark.parametrize("text", ["", "我要查余额", "привет", "🎈"])
def test_what_the_table_does_not_know_has_no_vector(text: str) -> None:
    assert vectors.embed(tokens(text)) is None


def test_the_package_itself_is_not_imported() -> None:
    code = "import sys; from ivr.nlu import vectors; vectors.embed(('a',)); print('wordllama' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.usefixtures("no_table")
def test_without_the_package_there_is_no_vector() -> None:
    assert vectors.embed(("parcel",)) is None
    assert not vectors.is_installed()
