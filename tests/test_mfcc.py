"""MFCC against a transform written out step by step and against librosa; masks for sounds of different lengths."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch

from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from mmr_toolkit.features.mfcc import DELTA_FRAMES, MEL_SCALES, TOP_DB, MfccEncoder, frame_statistics
from mmr_toolkit.features.standardise import Standardiser
from mmr_toolkit.media import SAMPLE_RATE


def clip(seed: int, n_samples: int = SAMPLE_RATE) -> np.ndarray:
    """A decaying tone in noise, from the seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * rng.uniform(200, 3000) * time) * np.exp(-time * rng.uniform(1, 8))
    return (0.3 * tone + 0.03 * rng.standard_normal(n_samples)).astype(np.float32)


@pytest.fixture(scope="module")
def encoder() -> MfccEncoder:
    return MfccEncoder().fit([clip(seed) for seed in range(20)])


# The transform, written out


def hz_to_mel(hz: np.ndarray, mel_scale: str) -> np.ndarray:
    if mel_scale == "htk":  # O'Shaughnessy 1987
        return 2595 * np.log10(1 + hz / 700)
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1) / 1000) / np.log(6.4))


def mel_filters(n_mels: int, n_fft: int, mel_scale: str) -> np.ndarray:
    """Triangles between points that are evenly spaced on the mel scale, (n_mels, 1 + n_fft / 2)."""
    grid = np.linspace(0, 8000, 2_000_001)
    edges = np.interp(
        np.linspace(0, hz_to_mel(np.array(8000.0), mel_scale), n_mels + 2), hz_to_mel(grid, mel_scale), grid
    )
    bins = np.arange(1 + n_fft // 2) * SAMPLE_RATE / n_fft
    filters = np.zeros((n_mels, len(bins)))
    for m, (low, top, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        for k, hz in enumerate(bins):
            filters[m, k] = max(0, min((hz - low) / (top - low), (high - hz) / (high - top)))
        if mel_scale == "slaney":
            filters[m] *= 2 / (high - low)  # equal areas
    return filters


def slow_mfcc(samples: np.ndarray, n_mfcc=20, n_fft=512, hop_length=160, n_mels=64, mel_scale="slaney") -> np.ndarray:
    padded = np.pad(samples.astype(np.float64), n_fft // 2)
    n = np.arange(n_fft)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / n_fft)
    dft = np.exp(-2j * np.pi * np.outer(np.arange(1 + n_fft // 2), n) / n_fft)
    frames = [padded[start : start + n_fft] for start in range(0, len(samples) + 1, hop_length)]
    power = np.array([np.abs(dft @ (hann * frame)) ** 2 for frame in frames]).T
    decibels = 10 * np.log10(np.maximum(mel_filters(n_mels, n_fft, mel_scale) @ power, 1e-10))
    decibels = np.maximum(decibels, decibels.max() - TOP_DB)
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


@pytest.mark.parametrize("mel_scale", MEL_SCALES)
@pytest.mark.parametrize(("n_fft", "hop_length", "n_mels", "n_mfcc"), [(512, 160, 64, 20), (1024, 256, 40, 13)])
def test_mfcc_agrees_with_librosa(mel_scale, n_fft, hop_length, n_mels, n_mfcc):
    import librosa

    samples = np.stack([clip(seed) for seed in range(3)])
    settings = {"n_mfcc": n_mfcc, "n_fft": n_fft, "hop_length": hop_length, "n_mels": n_mels}
    ours = MfccEncoder(**settings, mel_scale=mel_scale).mfcc(torch.from_numpy(samples)).numpy()
    for row, sound in zip(ours, samples, strict=True):
        mel = librosa.feature.melspectrogram(
            y=sound, sr=SAMPLE_RATE, n_fft=n_fft, hop_length=hop_length, n_mels=n_mels, fmin=0, fmax=8000,
            htk=mel_scale == "htk", norm=MEL_SCALES[mel_scale], pad_mode="constant",
        )  # fmt: skip
        theirs = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=TOP_DB), n_mfcc=n_mfcc)
        np.testing.assert_allclose(row, theirs, atol=0.002)


# Statistics over time


def slow_statistics(coefficients: np.ndarray) -> np.ndarray:
    """Mean, deviation, deviation of the slope, maximum and minimum of (n_mfcc, T), by loops; ends are repeated."""
    reach = DELTA_FRAMES // 2
    columns = []
    for row in coefficients:
        longer = [row[0]] * reach + list(row) + [row[-1]] * reach
        slopes = [
            sum(step * longer[t + reach + step] for step in range(-reach, reach + 1))
            / sum(step**2 for step in range(-reach, reach + 1))
            for t in range(len(row))
        ]
        columns.append([np.mean(row), np.std(row), np.std(slopes), max(row), min(row)])
    return np.array(columns).T.ravel()


def test_statistics_by_loops_and_padding_does_not_count(rng):
    lengths = [1, 4, 9, 12]
    rows = [rng.standard_normal((3, length)) for length in lengths]
    padded = torch.full((4, 3, 12), 1e6, dtype=torch.float64)
    for i, row in enumerate(rows):
        padded[i, :, : row.shape[1]] = torch.from_numpy(row)
    fast = frame_statistics(padded, torch.tensor(lengths)).numpy()
    np.testing.assert_allclose(fast, [slow_statistics(row) for row in rows], atol=1e-12)


def test_a_vector_is_the_statistics_of_the_scaled_sound():
    samples = clip(3, 5000)
    expected = slow_statistics(slow_mfcc(samples / np.abs(samples).max()))
    np.testing.assert_allclose(MfccEncoder().describe([samples])[0], expected, atol=0.02)


# The encoder


def test_a_sound_is_encoded_alike_alone_and_among_longer_and_louder_ones(encoder):
    sounds = [clip(1, 600), 20 * clip(2, 16_000), clip(3, 40_000), 0.01 * clip(4, 5_000), clip(5, 512)]
    together = encoder.encode(sounds)
    assert together.shape == (5, encoder.dim) == (5, 100)
    assert together.dtype == np.float32
    alone = np.concatenate([encoder.encode([sound]) for sound in sounds])
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(sounds, batch_size=2), alone, atol=1e-4)


def test_loudness_does_not_matter(encoder):
    np.testing.assert_allclose(encoder.encode([clip(1)]), encoder.encode([0.01 * clip(1)]), atol=1e-4)


def test_fitted_sounds_have_mean_0_and_the_square_root_of_their_deviation(encoder):
    sounds = [clip(seed) for seed in range(20)]
    vectors, described = encoder.encode(sounds), encoder.describe(sounds)
    np.testing.assert_allclose(vectors.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(vectors.std(axis=0), np.sqrt(described.std(axis=0)), rtol=1e-3)


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_standardiser(rng, strength):
    matrix = np.column_stack([rng.normal(5, 3, 50), rng.normal(0, 0.1, 50), np.full(50, 7.0)])
    standardise = Standardiser.fit(matrix, strength=strength)
    by_hand = (matrix[:, :2] - matrix[:, :2].mean(axis=0)) / matrix[:, :2].std(axis=0) ** strength
    np.testing.assert_allclose(standardise(matrix)[:, :2], by_hand, atol=1e-6)
    np.testing.assert_array_equal(standardise(matrix)[:, 2], 0)  # a column that never varies tells nothing
    np.testing.assert_array_equal(Standardiser.fit(matrix[:1], strength=strength)(matrix[:1]), matrix[:1].astype("f4"))


def test_fit_reads_an_iterator_and_passes_over_what_cannot_be_used(encoder):
    sounds = [clip(0), np.zeros(16_000, np.float32), *map(clip, range(1, 20)), clip(0, 100)]
    again = MfccEncoder().fit(iter(sounds), batch_size=3)
    np.testing.assert_allclose(again.standardise.mean, encoder.standardise.mean, atol=1e-4)


def test_one_sound_alone_can_be_fitted_and_is_not_zero():
    vector = MfccEncoder().fit([clip(0)]).encode([clip(0)])
    assert np.isfinite(vector).all()
    assert vector.any()


def test_a_file_is_resampled_and_mixed_to_mono(encoder, tmp_path):
    time = np.arange(44_100) / 44_100
    tone = 0.5 * np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time)
    soundfile.write(tmp_path / "tone.wav", np.stack([tone, tone], axis=1), 44_100, subtype="FLOAT")
    time = np.arange(16_000) / 16_000
    direct = (0.5 * np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time)).astype(np.float32)
    from_file, from_array = encoder.encode([tmp_path / "tone.wav"])[0], encoder.encode([direct])[0]
    assert from_file @ from_array / np.linalg.norm(from_file) / np.linalg.norm(from_array) > 0.99
    np.testing.assert_array_equal(encoder.encode([str(tmp_path / "tone.wav")])[0], from_file)


THREAD_SCRIPT = """
import sys, numpy as np
sys.path.insert(0, "tests")
from test_mfcc import clip
from mmr_toolkit.features.mfcc import MfccEncoder
sounds = [clip(seed) for seed in range(20)]
np.save(sys.argv[1], MfccEncoder().fit(sounds).encode(sounds))
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_the_number_of_threads_does_not_matter(encoder, root, tmp_path, threads):
    environment = os.environ | {"OMP_NUM_THREADS": threads}
    path = tmp_path / "vectors.npy"
    subprocess.run([sys.executable, "-c", THREAD_SCRIPT, str(path)], env=environment, cwd=root, check=True)
    np.testing.assert_allclose(np.load(path), encoder.encode([clip(seed) for seed in range(20)]), atol=1e-3)


# What is refused


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.zeros(16_000, np.float32), "silent"),
        (clip(0, 511), r"511 samples are too short, one window has 512 \(32 ms\)"),
        (np.zeros(0, np.float32), "0 samples are too short"),
        (np.full(16_000, np.nan, np.float32), "NaN or infinite"),
        (np.append(clip(0), np.float32(np.inf)), "NaN or infinite"),
    ],
)
def test_sounds_that_say_nothing(encoder, sound, reason):
    with pytest.raises(UnencodableValue, match=f"value 1: .*{reason}"):
        encoder.encode([clip(0), sound])
    with pytest.raises(NothingToLearn, match=reason):
        MfccEncoder().fit([sound])


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (clip(0), TypeError, r"got a ndarray. Put a single value into a list: encode\(\[value\]\)"),
        ("a.wav", TypeError, "got a str. Put a single value"),
        ([], ValueError, "empty list"),
        ([clip(0), None], ValueError, "Value 1 is None"),
        ([[0.1, 0.2]], TypeError, "Value 0 is a list"),
        ([np.zeros((2, 16_000), np.float32)], ValueError, r"shape \(2, 16000\), expected \(n_samples,\)"),
        ([np.zeros(16_000, np.int16)], TypeError, "int16, expected floats.* divide 16-bit samples by 32768"),
    ],
)
def test_values_that_are_no_list_of_sounds(encoder, values, error, message):
    with pytest.raises(error, match=message):
        encoder.encode(values)


def test_a_missing_file(encoder, tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.wav"):
        encoder.encode([tmp_path / "nothing.wav"])


def test_not_fitted():
    with pytest.raises(ValueError, match=r"call .fit\(sounds\) first"):
        MfccEncoder().encode([clip(0)])


def test_nothing_to_fit():
    with pytest.raises(NothingToLearn, match="there were none"):
        MfccEncoder().fit([])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mel_scale": "bark"}, "mel_scale is 'bark'; expected one of htk, slaney"),
        ({"n_mfcc": 0}, "n_mfcc is 0; expected 1 … n_mels = 64"),
        ({"n_mfcc": 65}, "n_mfcc is 65; expected 1 … n_mels = 64"),
        ({"hop_length": 0}, "hop_length is 0"),
        ({"hop_length": 513}, "hop_length is 513; expected 1 … n_fft = 512"),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(ValueError, match=message):
        MfccEncoder(**settings)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_the_gpu_agrees_with_the_processor(encoder):
    sounds = [clip(seed, 4000 + 500 * seed) for seed in range(10)]
    np.testing.assert_allclose(encoder.encode(sounds, device="cuda"), encoder.encode(sounds), atol=1e-2)
