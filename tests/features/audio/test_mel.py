"""The encoder of log-Mel statistics. test_log_mel.py holds the spectrogram itself against librosa."""

import json

import numpy as np
import pytest
import torch

from clips import click_at_the_end, clip
from mmr_toolkit.features.audio.log_mel import TOP_DB
from mmr_toolkit.features.audio.mel import MelSpectrogramEncoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.audio.waveform import read_waveforms
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint, megabytes
from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from slow_sounds import librosa_log_mel, slow_statistics


@pytest.fixture(scope="module")
def encoder() -> MelSpectrogramEncoder:
    return MelSpectrogramEncoder().fit([clip(seed) for seed in range(20)])


@pytest.mark.parametrize("settings", [{}, {"n_fft": 1024, "hop_length": 256, "n_mels": 40, "window": "hamming"}])
def test_a_vector_is_four_statistics_of_each_band(settings):
    samples, encoder = clip(3, 5000), MelSpectrogramEncoder(**settings)
    levels = librosa_log_mel(samples / np.abs(samples).max(), encoder.log_mel)
    described = encoder.describe([samples])[0]
    assert described.shape == (encoder.dim,) == (4 * len(levels),)
    np.testing.assert_allclose(described, slow_statistics(levels)[: 4 * len(levels)], atol=0.005)  # dB


def test_the_minimum_that_is_left_out_is_mostly_the_floor(root):
    paths = sorted((root / "data/cornershop/audio").glob("*-1.opus"))[::10]
    at_floor = []
    for samples in read_waveforms(paths, shortest=512):
        levels = MelSpectrogramEncoder().log_mel(torch.from_numpy(samples)[None])[0]
        at_floor.append(float((levels.amin(dim=1) < levels.max() - TOP_DB + 1e-3).float().mean()))
    assert len(at_floor) > 20
    assert 0.65 < np.mean(at_floor) < 0.85


def test_a_sound_is_encoded_alike_alone_and_among_longer_and_louder_ones(encoder):
    sounds = [clip(1, 600), 20 * clip(2), clip(3, 40_000), 0.01 * clip(4, 5_000), clip(5, 512), click_at_the_end(5_100)]
    together = encoder.encode(sounds)
    assert together.shape == (6, encoder.dim) == (6, 256)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([sound]) for sound in sounds])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(sounds, batch_size=2), alone, atol=1e-4)


def test_loudness_rate_and_channels_do_not_matter(encoder):
    np.testing.assert_allclose(encoder.encode([clip(1)]), encoder.encode([0.01 * clip(1)]), atol=1e-4)
    stereo = np.stack([1.5 * clip(1), 0.5 * clip(1)])
    np.testing.assert_allclose(encoder.encode([clip(1)]), encoder.encode([(stereo, 16_000)]), atol=1e-4)


def test_fitted_sounds_have_mean_0_and_the_square_root_of_their_deviation(encoder):
    sounds = [clip(seed) for seed in range(20)]
    vectors, described = encoder.encode(sounds), encoder.describe(sounds)
    varies = described.std(axis=0) > 1e-3
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(vectors.std(axis=0)[varies], np.sqrt(described.std(axis=0))[varies], rtol=1e-3)


def test_fit_reads_an_iterator_and_passes_over_what_cannot_be_used(encoder):
    sounds = [clip(0), np.zeros(16_000, np.float32), *map(clip, range(1, 20)), clip(0, 100)]
    again = MelSpectrogramEncoder().fit(iter(sounds), batch_size=3)
    np.testing.assert_allclose(again.standardise.mean, encoder.standardise.mean, atol=1e-4)


def test_what_its_vectors_depend_on(encoder):
    assert isinstance(encoder, Identified)
    assert json.loads(json.dumps(encoder.settings)) == encoder.settings
    assert megabytes(encoder) == 2 * 256 * 8 / 1e6
    assert MelSpectrogramEncoder().tensors() == {}
    sounds = [clip(seed) for seed in range(20)]
    assert fingerprint(MelSpectrogramEncoder().fit(sounds)) == fingerprint(encoder)
    others = [MelSpectrogramEncoder().fit(sounds[:10]), MelSpectrogramEncoder(), MelSpectrogramEncoder(n_mels=40)]
    assert len({fingerprint(other) for other in (encoder, *others, MfccEncoder().fit(sounds))}) == 5


def test_what_is_refused(encoder):
    with pytest.raises(UnencodableValue, match="value 1: the sound is silent"):
        encoder.encode([clip(0), np.zeros(16_000, np.float32)])
    with pytest.raises(UnencodableValue, match="511 samples are too short, one window has 512"):
        encoder.encode([clip(0, 511)])
    with pytest.raises(ValueError, match="Value 0 is None"):
        encoder.encode([None])
    with pytest.raises(NothingToLearn, match="there were none"):
        MelSpectrogramEncoder().fit([])
    with pytest.raises(ValueError, match=r"MelSpectrogramEncoder has not learned .* call .fit\(sounds\) first"):
        MelSpectrogramEncoder().encode([clip(0)])
    with pytest.raises(ValueError, match="window is 'kaiser'; expected one of hann"):
        MelSpectrogramEncoder(window="kaiser")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_the_gpu_agrees_with_the_processor(encoder):
    sounds = [clip(seed, 4000 + 500 * seed) for seed in range(10)]
    np.testing.assert_allclose(encoder.encode(sounds, device="cuda"), encoder.encode(sounds), atol=1e-2)
