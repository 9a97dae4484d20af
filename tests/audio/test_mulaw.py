"""Mu-law against the segments of ITU-T G.711 table 2, written out slowly, for every sample and every code."""

from __future__ import annotations

import importlib
import struct
import warnings

import pytest

from ivr.audio import mulaw

SEGMENTS = [(31, 2), (95, 4), (223, 8), (479, 16), (991, 32), (2015, 64), (4063, 128), (8159, 256)]
"""G.711 table 2a, column 1: each segment's end on the 14-bit scale and the size of its intervals."""


def decision_values() -> list[int]:
    """The 129 decision values of table 2a; the first interval is half as long as its neighbours."""
    values = [0, 1]
    for end, step in SEGMENTS:
        while values[-1] < end:
            values.append(values[-1] + step)
    assert len(values) == 129
    return values


DECISIONS = decision_values()
EVERY_SAMPLE = struct.pack("<65536h", *range(-32768, 32768))


def reference_code(sample: int) -> int:
    """255 - n for a positive value between decision values n and n + 1; the first bit is the sign."""
    magnitude = abs(sample) / 4
    n = 0
    while n < 127 and magnitude >= DECISIONS[n + 1]:
        n += 1
    return (255 - n) if sample >= 0 else (127 - n)


def reference_sample(code: int) -> int:
    """y_0 = 0 and y_n = (x_n + x_(n+1)) / 2, on the 16-bit scale."""
    n = 255 - code if code >= 128 else 127 - code
    value = 0 if n == 0 else (DECISIONS[n] + DECISIONS[n + 1]) * 2
    return value if code >= 128 else -value


def test_every_sample_has_the_code_of_the_standard() -> None:
    wanted = bytes(reference_code(sample) for sample in range(-32768, 32768))
    assert mulaw.encode(EVERY_SAMPLE) == wanted


def test_every_code_has_the_sample_of_the_standard() -> None:
    wanted = struct.pack("<256h", *(reference_sample(code) for code in range(256)))
    assert mulaw.decode(bytes(range(256))) == wanted


def test_codes_survive_a_round_trip() -> None:
    """All but negative zero, which no sample decodes to."""
    codes = bytes(code for code in range(256) if code != 0x7F)
    assert mulaw.encode(mulaw.decode(codes)) == codes


def test_silence_is_zero() -> None:
    assert mulaw.encode(b"\0\0") == bytes([mulaw.SILENCE])
    assert mulaw.decode(bytes([mulaw.SILENCE])) == b"\0\0"


def test_nothing_stays_nothing_and_half_a_sample_is_refused() -> None:
    assert mulaw.encode(b"") == b"" == mulaw.decode(b"")
    with pytest.raises(ValueError):
        mulaw.encode(b"\0\0\0")


def test_agrees_with_audioop_on_its_14_bit_scale() -> None:
    """audioop rounds negative samples downwards before it codes them; on whole 14-bit values all agree."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            audioop = importlib.import_module("audioop")
    except ImportError:
        pytest.skip("this Python has no audioop (gone since 3.13)")
    exact = struct.pack("<16384h", *range(-32768, 32768, 4))
    assert mulaw.encode(exact) == audioop.lin2ulaw(exact, 2)
    positive = struct.pack("<32768h", *range(32768))
    assert mulaw.encode(positive) == audioop.lin2ulaw(positive, 2)
    codes = bytes(range(256))
    assert mulaw.decode(codes) == audioop.ulaw2lin(codes, 2)
