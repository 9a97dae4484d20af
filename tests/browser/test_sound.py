"""The browser's telephone sound against the server's: mu-law on every code and sample, filters on tones."""

from __future__ import annotations

import numpy as np
import pytest

from ivr.audio import mulaw

RUN = """async ([name, argument]) => {
  const sound = await import("/static/sound.js");
  const power = (made) => made.reduce((sum, value) => sum + value * value, 0) / made.length;
  const gain = (made, skip) => Math.sqrt(2 * power(made.slice(skip)));
  const sine = (hz, rate) => (_, n) => Math.sin(2 * Math.PI * hz * n / rate);
  const tone = (hz, rate, length) => Float32Array.from({length}, sine(hz, rate));
  const inPieces = (filter, samples, size) => {
    const made = [];
    for (let at = 0; at < samples.length; at += size) made.push(...filter.push(samples.slice(at, at + size)));
    return made;
  };
  const ways = {
    encode: () => Array.from({length: 65536}, (_, n) => sound.encodeSample(n - 32768)),
    decode: () => [...sound.decode(Uint8Array.from({length: 256}, (_, n) => n))].map((one) => one * 32768),
    clipped: () => [...sound.encode([2, -2, 1, -1, 0])],
    down: (hz) => gain(inPieces(new sound.Decimator(6), tone(hz, 48000, 48000), 128), 400),
    up: (hz) => gain(inPieces(new sound.Interpolator(6), tone(hz, 8000, 8000), 160), 2400),
    pieces: (size) => inPieces(new sound.Decimator(6), tone(1000, 48000, 4800), size),
    jitter: () => {
      const buffer = new sound.JitterBuffer(3, 6), heard = [];
      const take = (times) => { for (let n = 0; n < times; n++) heard.push(buffer.take()); };
      const put = (...frames) => frames.forEach((frame) => buffer.put(frame));
      put(1, 2); take(1); put(3); take(4); put(4); take(1);
      put(5, 6); take(2); put(7, 8, 9, 10, 11, 12); take(3);
      return heard;
    },
  };
  return ways[name](argument);
}"""


@pytest.fixture
def run(open_page):
    page = open_page("/")
    return lambda name, argument=None: page.evaluate(RUN, [name, argument])


def test_every_sample_gets_the_code_the_server_gives_it(run):
    samples = np.arange(-32768, 32768, dtype="<i2")
    assert bytes(run("encode")) == mulaw.encode(samples.tobytes())


def test_every_code_gets_the_sample_the_server_gives_it(run):
    expected = np.frombuffer(mulaw.decode(bytes(range(256))), dtype="<i2")
    assert run("decode") == expected.tolist()


def test_too_loud_is_clipped_and_never_wraps(run):
    assert run("clipped") == [0x80, 0x00, 0x80, 0x00, 0xFF]


@pytest.mark.parametrize("hz", [200, 1000, 2000, 3000])
@pytest.mark.parametrize("way", ["down", "up"])
def test_speech_passes_both_ways_unchanged(run, way, hz):
    assert run(way, hz) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("hz", [4200, 5000, 7000, 9000, 16000])
def test_what_would_fold_back_into_speech_is_filtered_out(run, hz):
    assert run("down", hz) < 0.001


def test_pieces_of_any_length_make_the_same_sound(run):
    whole = run("pieces", 4800)
    assert len(whole) == 800
    assert run("pieces", 128) == whole
    assert run("pieces", 7) == whole


def test_the_jitter_buffer_waits_plays_in_order_and_throws_away_what_is_late(run):
    waiting = [None]
    assert run("jitter") == [*waiting, 1, 2, 3, *waiting, *waiting, 4, 5, 10, 11, 12]
