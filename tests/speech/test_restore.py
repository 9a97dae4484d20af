"""The restored band: spectra against PocketSphinx's own, pieces against the whole, and the file that ships."""

import struct

import numpy as np
import pytest
from pocketsphinx import Decoder

from ivr.errors import SpeechError
from ivr.speech import restore
from ivr.speech.restore import LINE, NET, WIDE, Levelling, Net, Restoring, Spectra, cepstra
from ivr.speech.sphinx import Sphinx


def sound(samples, seed=0):
    """Noise that swells and fades, as PCM16."""
    chance = np.random.default_rng(seed)
    swell = 0.1 + np.abs(np.sin(np.arange(samples) / 1500))
    return (chance.standard_normal(samples) * 900 * swell).astype("<i2")


def in_pieces(restoring, pcm, size):
    return np.concatenate(
        [restoring.feed(pcm[at : at + size]) for at in range(0, len(pcm), size)] + [restoring.finish()]
    )


@pytest.mark.parametrize("samples", [16000, 16037, 700])
def test_wide_band_cepstra_are_those_of_the_engine(tmp_path, samples):
    pcm = sound(samples)
    engine = Decoder(loglevel="FATAL", lm=None, mfclogdir=str(tmp_path))
    engine.config["remove_noise"] = False
    engine.reinit_feat(engine.config)
    engine.add_allphone_file("search", None)
    engine.activate_search("search")
    engine.start_utt()
    engine.process_raw(pcm.tobytes(), no_search=True)
    engine.end_utt()
    raw = next(tmp_path.iterdir()).read_bytes()
    assert struct.unpack(">i", raw[:4])[0] * 4 + 4 == len(raw)
    wanted = np.frombuffer(raw[4:], ">f4").reshape(-1, 13)

    own = cepstra(in_pieces(Spectra(WIDE), pcm, 333))
    assert own.shape == wanted.shape
    assert np.abs(own - wanted).max() < 1e-3


def test_pieces_of_any_size_give_what_the_whole_gives():
    pcm, net = sound(9601), Net.load(NET)
    whole = in_pieces(Restoring(net), pcm, len(pcm))
    assert whole.shape == (119, 13) and whole.dtype == np.float32
    for size in (80, 333, 4000):
        assert np.allclose(in_pieces(Restoring(net), pcm, size), whole, atol=1e-3)


def test_what_comes_out_is_less_than_300_ms_behind():
    restoring = Restoring(Net.load(NET))
    out = restoring.feed(sound(8000))
    assert 100 - 30 < len(out) <= 100


def test_nothing_or_next_to_nothing_is_restored_to_next_to_nothing():
    net = Net.load(NET)
    assert in_pieces(Restoring(net), np.zeros(0, "<i2"), 1).shape == (0, 13)
    assert in_pieces(Restoring(net), np.zeros(40, "<i2"), 7).shape == (0, 13)
    assert in_pieces(Restoring(net), np.zeros(250, "<i2"), 50).shape == (2, 13)
    assert np.isfinite(in_pieces(Restoring(net), np.full(4000, 32767, "<i2"), 800)).all()


def test_a_softer_line_is_levelled_to_the_same():
    loud = sound(24000)
    usual = Net.load(NET).usual

    def levelled(pcm):
        levelling = Levelling(usual)
        frames = in_pieces(Spectra(LINE), pcm, 800)
        return np.concatenate([levelling.feed(frames), levelling.finish()])

    differs = np.abs(levelled(loud) - levelled((loud * 0.25).astype("<i2"))).mean()
    assert differs < 0.6, "12 dB are 2.8 in spectra"


def test_a_net_is_read_as_it_was_written(tmp_path):
    chance = np.random.default_rng(1)
    layers = tuple(
        (
            chance.standard_normal(shape).astype(np.float32),
            chance.standard_normal(shape[1]).astype(np.float32),
        )
        for shape in ((345, 8), (8, 13))
    )
    net = Net(chance.standard_normal(23).astype(np.float32), layers)
    net.save(tmp_path / "net.npz")
    read = Net.load(tmp_path / "net.npz")
    seen = chance.standard_normal((4, 345)).astype(np.float32)
    assert np.allclose(read(seen), net(seen), rtol=0.01, atol=0.1)
    with pytest.raises(OSError):
        Net.load(tmp_path / "none.npz")


def test_the_net_that_ships_is_found_from_any_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert NET.is_absolute() and NET.stat().st_size < 1_000_000
    net = Net.load(restore.NET)
    assert net.layers[0][0].shape[0] == (restore.BEFORE + 1 + restore.AFTER) * LINE.filters
    assert net.layers[-1][0].shape[1] == restore.CEPSTRA


def test_without_the_net_the_built_in_engine_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(restore, "NET", tmp_path / "telephone-ear.npz")
    with pytest.raises(SpeechError, match=r"telephone-ear\.npz: not there; restore it"):
        Sphinx(workers=1)
