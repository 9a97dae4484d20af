"""What English words mean, as vectors: the static table of the ``wordllama`` package, and sentences as its mean.

The table (MIT, 32,000 pieces of words by 256 numbers) and its vocabulary are constants read once from the installed
package, whose own code is not imported: it configures logging and costs more than all that is needed of it. Where
the package is absent, and for words of other scripts, there is no vector.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
SIZE = 256
"""Numbers of a vector."""
PACKAGE = "wordllama"
TABLE = Path("weights", "l2_supercat_256.safetensors")
VOCABULARY = Path("tokenizers", "l2_supercat_tokenizer_config.json")
_START = "▁"
"""What the vocabulary puts before the first piece of a word."""
_LAST_LETTER = "ɏ"
"""The last of the Latin letters; the pieces of other scripts are mostly single letters and mean little."""


@dataclass(frozen=True, slots=True)
class _Table:
    """Pieces of words, the commoner the lower their number, and a row of float16 for each, mapped, not read."""

    pieces: dict[str, int]
    rows: np.ndarray


def embed(words: Iterable[str]) -> Vector | None:
    """The meaning of canonical words (``normalise.tokens``) together: float32 of ``SIZE``, of length 1.

    None where no word has a vector: no words, a script that is not Latin, or no table installed.
    """
    found = [vector for vector in map(_word, words) if vector is not None]
    if not found:
        return None
    whole = np.asarray(found).sum(axis=0)
    length = float(np.linalg.norm(whole))
    return whole / length if length else None


def is_installed() -> bool:
    """Whether there is a table; without one everything is understood by words and letters alone."""
    return _table() is not None


@lru_cache(maxsize=8192)
def _word(word: str) -> Vector | None:
    """The sum of the rows of a word's pieces."""
    table = _table()
    if table is None or not word or max(word) > _LAST_LETTER:
        return None
    rows = [table.pieces[piece] for piece in _pieces(table.pieces, word)]
    return np.asarray(table.rows[rows], dtype=np.float32).sum(axis=0)


def _pieces(known: dict[str, int], word: str) -> list[str]:
    """A word in pieces as the table was trained: two neighbours that make the commonest piece join first.

    A letter that is no piece stands as its UTF-8 bytes do.
    """
    parts: list[str] = []
    for letter in _START + word:
        parts += [letter] if letter in known else [f"<0x{byte:02X}>" for byte in letter.encode()]
    while len(parts) > 1:
        joins = [(known.get(parts[i] + parts[i + 1], len(known)), i) for i in range(len(parts) - 1)]
        number, at = min(joins)
        if number == len(known):
            break
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


@cache
def _table() -> _Table | None:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    if not (folder / TABLE).is_file() or not (folder / VOCABULARY).is_file():
        return None
    text = (folder / VOCABULARY).read_text(encoding="utf-8")
    pieces, _ = json.JSONDecoder().raw_decode(text, text.index("{", text.index('"vocab"')))
    with (folder / TABLE).open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        facts = json.loads(file.read(size))["embedding.weight"]
    begin, _ = facts["data_offsets"]
    rows = np.memmap(folder / TABLE, "<f2", mode="r", offset=8 + size + begin, shape=tuple(facts["shape"]))
    return _Table(pieces, rows)
