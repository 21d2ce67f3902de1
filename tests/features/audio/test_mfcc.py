"""MFCC against a transform written out step by step and against librosa, and the encoder that is made of them."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from clips import click_at_the_end, clip
from mmr_toolkit.features.audio.log_mel import MEL_SCALES
from mmr_toolkit.features.audio.mfcc import DCT_NORMS, MfccEncoder
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint, megabytes
from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from slow_sounds import SETTINGS, librosa_log_mel, slow_log_mel, slow_statistics


@pytest.fixture(scope="module")
def encoder() -> MfccEncoder:
    return MfccEncoder().fit([clip(seed) for seed in range(20)])


# The coefficients


def slow_mfcc(samples: np.ndarray, n_mfcc=20, **spectrogram) -> np.ndarray:
    decibels = slow_log_mel(samples, **spectrogram)
    n_mels = len(decibels)
    i, k = np.arange(n_mels), np.arange(n_mfcc)[:, None]
    dct = np.cos(np.pi * k * (2 * i + 1) / (2 * n_mels)) * np.sqrt(2 / n_mels)
    dct[0] /= np.sqrt(2)
    return dct @ decibels


@pytest.mark.parametrize("mel_scale", MEL_SCALES)
def test_mfcc_is_dft_mel_decibels_dct(mel_scale):
    samples = clip(1, 4000)
    fast = MfccEncoder(mel_scale=mel_scale).mfcc(torch.from_numpy(samples)[None])[0].numpy()
    assert fast.shape == (20, 1 + 4000 // 160)
    np.testing.assert_allclose(fast, slow_mfcc(samples, mel_scale=mel_scale), atol=0.01)  # of values up to about 300


@pytest.mark.slow
@pytest.mark.parametrize("n_mfcc", [13, 20])
@pytest.mark.parametrize("dct_norm", DCT_NORMS)
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_librosa_agrees(settings, dct_norm, n_mfcc):
    import librosa

    encoder = MfccEncoder(n_mfcc=n_mfcc, dct_norm=dct_norm, **settings)
    samples = np.stack([clip(seed) for seed in range(2)])
    theirs = [
        librosa.feature.mfcc(S=librosa_log_mel(sound, encoder.log_mel), n_mfcc=n_mfcc, norm=DCT_NORMS[dct_norm])
        for sound in samples
    ]
    scale = np.abs(theirs).max()  # some 100; without the norm 16 times as much
    np.testing.assert_allclose(encoder.mfcc(torch.from_numpy(samples)) / scale, theirs / scale, atol=1e-5)


def test_a_vector_is_the_statistics_of_the_scaled_sound():
    samples = clip(3, 5000)
    expected = slow_statistics(slow_mfcc(samples / np.abs(samples).max()))
    np.testing.assert_allclose(MfccEncoder().describe([samples])[0], expected, atol=0.02)


# The encoder


def test_a_sound_is_encoded_alike_alone_and_among_longer_and_louder_ones(encoder):
    sounds = [clip(1, 600), 20 * clip(2), clip(3, 40_000), 0.01 * clip(4, 5_000), clip(5, 512), click_at_the_end(5_100)]
    together = encoder.encode(sounds)
    assert together.shape == (6, encoder.dim) == (6, 100)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([sound]) for sound in sounds])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(sounds, batch_size=2), alone, atol=1e-4)


def test_loudness_does_not_matter(encoder):
    np.testing.assert_allclose(encoder.encode([clip(1)]), encoder.encode([0.01 * clip(1)]), atol=1e-4)


def test_rate_and_channels_do_not_matter(encoder):
    def tone(rate: int) -> np.ndarray:
        time = np.arange(rate) / rate
        return (0.5 * np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time)).astype(np.float32)

    stereo = np.stack([1.5 * tone(44_100), 0.5 * tone(44_100)])
    direct, resampled = encoder.encode([tone(16_000), (stereo, 44_100)])
    assert direct @ resampled / np.linalg.norm(direct) / np.linalg.norm(resampled) > 0.99


def test_fitted_sounds_have_mean_0_and_the_square_root_of_their_deviation(encoder):
    sounds = [clip(seed) for seed in range(20)]
    vectors, described = encoder.encode(sounds), encoder.describe(sounds)
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(vectors.std(axis=0), np.sqrt(described.std(axis=0)), rtol=1e-3)


def test_fit_reads_an_iterator_and_passes_over_what_cannot_be_used(encoder, tmp_path):
    (tmp_path / "page.wav").write_text("<html>", encoding="utf-8")
    unusable = [np.zeros(16_000, np.float32), clip(0, 100), tmp_path / "page.wav"]
    again = MfccEncoder().fit(iter([clip(0), *unusable, *map(clip, range(1, 20))]), batch_size=3)
    np.testing.assert_allclose(again.standardise.mean, encoder.standardise.mean, atol=1e-4)


def test_one_sound_alone_can_be_fitted_and_is_not_zero():
    vector = MfccEncoder().fit([clip(0)]).encode([clip(0)])
    assert np.isfinite(vector).all()
    assert vector.any()


def test_what_its_vectors_depend_on(encoder):
    assert isinstance(encoder, Identified)
    assert json.loads(json.dumps(encoder.settings)) == encoder.settings
    assert {"n_mfcc", "dct_norm", "n_fft", "hop_length", "window", "mel_scale", "top_db"} <= encoder.settings.keys()
    assert megabytes(encoder) == 2 * 100 * 8 / 1e6
    assert MfccEncoder().tensors() == {}
    sounds = [clip(seed) for seed in range(20)]
    assert fingerprint(MfccEncoder().fit(sounds)) == fingerprint(encoder)
    others = [MfccEncoder().fit(sounds[:10]), MfccEncoder(), MfccEncoder(n_mfcc=13), MfccEncoder(top_db=None)]
    assert len({fingerprint(other) for other in (encoder, *others)}) == 5


THREAD_SCRIPT = """
import sys, numpy as np
sys.path.insert(0, "tests/helpers")
from clips import clip
from mmr_toolkit.features.audio.mfcc import MfccEncoder
sounds = [clip(seed) for seed in range(20)]
np.save(sys.argv[1], MfccEncoder().fit(sounds).encode(sounds))
"""


@pytest.mark.slow
@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_does_not_matter(encoder, root, tmp_path, threads):
    environment = os.environ | {"OMP_NUM_THREADS": threads}
    path = tmp_path / "vectors.npy"
    subprocess.run([sys.executable, "-c", THREAD_SCRIPT, str(path)], env=environment, cwd=root, check=True)
    np.testing.assert_allclose(np.load(path), encoder.encode([clip(seed) for seed in range(20)]), atol=1e-3)


# What is refused; test_waveform.py has all kinds of sounds


def test_sounds_that_say_nothing(encoder):
    for sound, reason in [(np.zeros(16_000, np.float32), "silent"), (clip(0, 511), "one window has 512")]:
        with pytest.raises(UnencodableValue, match=f"value 1: .*{reason}"):
            encoder.encode([clip(0), sound])
        with pytest.raises(NothingToLearn, match=reason):
            MfccEncoder().fit([sound])


def test_values_that_are_no_list_of_sounds(encoder):
    with pytest.raises(ValueError, match="Value 1 is None"):
        encoder.encode([clip(0), None])


def test_not_fitted():
    with pytest.raises(ValueError, match=r"MfccEncoder has not learned .* call .fit\(sounds\) first"):
        MfccEncoder().encode([clip(0)])


def test_nothing_to_fit():
    with pytest.raises(NothingToLearn, match="there were none"):
        MfccEncoder().fit([])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"n_mfcc": 0}, ValueError, "n_mfcc is 0; expected 1 … n_mels = 64"),
        ({"n_mfcc": 65}, ValueError, "n_mfcc is 65; expected 1 … n_mels = 64"),
        ({"dct_norm": None}, ValueError, "dct_norm is None; expected one of ortho, none"),
        ({"mel_scale": "bark"}, ValueError, "mel_scale is 'bark'; expected one of htk, slaney"),  # from LogMel
        ({"n_ftt": 512}, TypeError, "n_ftt"),
    ],
)
def test_settings_that_make_no_sense(settings, error, message):
    with pytest.raises(error, match=message):
        MfccEncoder(**settings)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_the_gpu_agrees_with_the_processor(encoder):
    sounds = [clip(seed, 4000 + 500 * seed) for seed in range(10)]
    np.testing.assert_allclose(encoder.encode(sounds, device="cuda"), encoder.encode(sounds), atol=1e-2)
