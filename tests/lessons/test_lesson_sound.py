"""Lesson 05, sound: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pytest
import torch

from lesson_code import function_of
from mmr_toolkit.exercises import sound
from mmr_toolkit.exercises.sound import check_count_frames, check_mel_to_hz, check_slopes
from mmr_toolkit.features import MfccEncoder
from mmr_toolkit.features.audio.log_mel import LogMel

LESSON = "05_sound"


def taught(name, *needed):
    """A function of the lesson, together with those that it calls."""
    function = function_of(LESSON, name)
    for other in needed:
        function.__globals__[other] = taught(other, *needed[needed.index(other) + 1 :])
    return function


def some_sound(seed, n_samples=3000):
    """A tone that fades, in noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / 16_000
    tone = np.sin(2 * np.pi * rng.uniform(200, 3000) * time) * np.exp(-5 * time)
    return 0.3 * tone + 0.03 * rng.standard_normal(n_samples)


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 16])
def test_the_two_sums_are_the_fourier_transform(rng, n):
    samples = rng.normal(size=n)
    np.testing.assert_allclose(taught("dft")(samples), np.fft.rfft(samples), atol=1e-9)


@pytest.mark.parametrize("n_mels", [20, 64])
def test_the_log_mel_of_the_lesson_is_the_package_s(n_mels):
    power_frames, decibels = taught("power_frames"), taught("decibels")
    mel_filters = taught("mel_filters", "band_edges", "triangle", "hz_to_mel")
    samples = some_sound(n_mels)
    by_hand = decibels(power_frames(samples) @ mel_filters(n_mels).T)
    package = LogMel(n_mels=n_mels, mel_scale="htk", top_db=80)(torch.from_numpy(samples).float()[None])[0].T
    np.testing.assert_allclose(by_hand, package, atol=0.005)  # dB, of values from -60 to 30


@pytest.mark.parametrize(("n_mels", "n_mfcc"), [(20, 8), (64, 20)])
def test_the_mfcc_of_the_lesson_are_the_package_s(n_mels, n_mfcc):
    mfcc = taught("mfcc", "power_frames", "decibels", "dct", "mel_filters", "band_edges", "triangle", "hz_to_mel")
    samples = some_sound(n_mfcc)
    encoder = MfccEncoder(n_mels=n_mels, n_mfcc=n_mfcc, mel_scale="htk")
    package = encoder.mfcc(torch.from_numpy(samples).float()[None])[0].T
    by_hand = mfcc(samples, n_mels=n_mels, n_mfcc=n_mfcc, top_db=encoder.log_mel.top_db)
    np.testing.assert_allclose(by_hand, package, atol=0.005)


def test_the_masked_mean_of_the_lesson_is_the_first_of_the_package_s_statistics(rng):
    from mmr_toolkit.features.audio.frame_statistics import frame_statistics

    values, lengths = rng.normal(size=(3, 9)), [2, 9, 5]
    package = frame_statistics(torch.from_numpy(values)[:, None], torch.tensor(lengths))[:, 0]
    np.testing.assert_allclose(taught("masked_mean")(values, lengths), package)


def test_the_slopes_of_the_exercise_are_those_of_the_package(rng):
    from torchaudio.functional import compute_deltas

    values = rng.normal(size=12)
    for reach in (1, 2, 3):
        library = compute_deltas(torch.from_numpy(values)[None], win_length=2 * reach + 1)[0]
        np.testing.assert_allclose(sound._slopes(values, reach), library)


def test_the_trusted_way_back_from_mel_undoes_the_lesson_s_formula():
    for hz in (0.0, 440.0, 8000.0):
        assert sound._mel_to_hz(taught("hz_to_mel")(hz)) == pytest.approx(hz, abs=1e-9)


@pytest.mark.parametrize("n_samples", [0, 3, 4, 7, 100, 101])
def test_the_trusted_number_of_frames_is_that_of_a_loop(n_samples):
    starts = [start for start in range(0, max(n_samples, 1), 3) if start + 4 <= n_samples]
    assert sound._count_frames(n_samples, 4, 3) == len(starts)


# --- the exercises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_mel_to_hz, lambda mel: 700 * 10 ** (mel / 2595 - 1), "should be 0; yours is 70"),
        (check_mel_to_hz, lambda mel: mel, "should be 99.65; yours is 150"),
        (check_mel_to_hz, lambda mel: np.log(mel + "1"), "stops with UFuncTypeError|stops with TypeError"),
        (check_count_frames, lambda n_samples, n_fft, hop: n_samples / hop, "should be 97; yours is 100"),
        (check_count_frames, lambda n_samples, n_fft, hop: range(0, n_samples - n_fft, hop), r"\(16000, 512, 160\)"),
        (check_slopes, lambda values, reach: np.diff(values), "yours is \\[2, 2, 2"),
        (check_slopes, lambda values, reach: np.gradient(values), "should be \\[1, 1.6, 2, 2, 2, 2, 1.6, 1\\]"),
        (check_slopes, lambda values, reach: values.mean(), "yours is 10"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_slopes(lambda values, reach: sound._slopes(values, reach).tolist())
    assert check_mel_to_hz(lambda mel: torch.tensor(sound._mel_to_hz(mel), dtype=torch.float64))
    assert check_count_frames(lambda n, w, hop: len([s for s in range(0, n, hop) if s + w <= n]))
