"""The script that trains the ear: a voice in, a network out that is nearer to what is wanted than none."""

from importlib.machinery import SourceFileLoader
from pathlib import Path

import numpy as np
import pytest

from ivr.speech.restore import AFTER, BEFORE, CEPSTRA, Net, windows

SCRIPT = Path(__file__).parents[2] / "scripts" / "train-ear"


@pytest.fixture(scope="module")
def ear():
    return SourceFileLoader("train_ear", str(SCRIPT)).load_module()


@pytest.fixture
def folder(tmp_path):
    """One voice of eight clips: noise that swells and fades, another colour each time."""
    chance, clips = np.random.default_rng(3), []
    for at in range(8):
        tones = np.sin(np.arange(16000)[:, None] * (0.05 + 0.05 * at) * np.arange(1, 4)).sum(axis=1)
        swell = 0.05 + np.abs(np.sin(np.arange(16000) / (1500 + 200 * at)))
        clips.append(((tones + chance.standard_normal(16000)) * swell * 2000).astype(np.int16))
    np.savez(tmp_path / "voice.npz", pcm=np.concatenate(clips), ends=np.cumsum([len(one) for one in clips]))
    return tmp_path


def test_training_brings_the_network_nearer_to_what_is_wanted(ear, folder):
    speech = ear.Speech(folder, seed=1)
    usual = speech.usual(clips=5)
    frames = ear.Frames(speech.clips(usual, passes=2))
    trainer = ear.Trainer(usual, frames.wanted.std(axis=0), seed=1)
    everything = np.arange(len(frames))

    def error():
        found = trainer.net()(frames.seen(everything))[:, : ear.FIRST_WIDENED]
        return float(np.mean(np.square(found - frames.wanted[:, : ear.FIRST_WIDENED])))

    before = error()
    ear.train(trainer, frames, epochs=15, seed=2)
    assert error() < 0.5 * before

    trainer.net().save(folder / "net.npz")
    assert Net.load(folder / "net.npz").layers[-1][0].shape[1] == CEPSTRA


def test_it_sees_of_each_frame_what_the_ear_sees_of_it(ear, folder):
    speech = ear.Speech(folder, seed=1)
    usual = speech.usual(clips=5)
    clips = speech.clips(usual, passes=1)
    seen = ear.Frames(clips).seen(np.arange(len(clips[0].seen)))
    padded = np.concatenate(
        [clips[0].seen[:1].repeat(BEFORE, 0), clips[0].seen, clips[0].seen[-1:].repeat(AFTER, 0)]
    )
    assert np.array_equal(seen, windows(padded))


def test_finer_cepstra_get_back_the_spread_that_least_squares_take(ear):
    spread = np.arange(1, 14, dtype=np.float32)
    trainer = ear.Trainer(np.zeros(23, np.float32), spread, seed=1)
    plain, (weights, _) = trainer._values[2], trainer.net().layers[-1]
    assert np.allclose(weights[:, :3], plain[:, :3] * spread[:3])
    assert np.allclose(weights[:, 3:], plain[:, 3:] * spread[3:] * ear.WIDENED)


def test_what_is_soft_is_cut_off_and_what_is_loud_stays(ear, folder):
    speech = ear.Speech(folder, seed=1)
    sound = np.random.default_rng(5).standard_normal(8000) * np.repeat([1.0, 5000.0, 1.0, 5000.0, 1.0], 1600)
    cut = speech._cut(sound)
    assert np.abs(cut[400:1200]).max() == 0 and np.abs(cut[-1200:]).max() == 0
    assert np.array_equal(cut[1760:3040], sound[1760:3040])
