"""Sounds in any form become mono samples at 16 kHz with peak 1, in batches of similar lengths."""

import numpy as np
import pytest
import soundfile
import torch

from clips import clip
from mmr_toolkit.catalogue.media import MAX_RATE, MAX_SECONDS, SAMPLE_RATE, read_audio, to_mono
from mmr_toolkit.features.audio import waveform as waveform_module
from mmr_toolkit.features.audio.waveform import describe_padded, padded_batches, read_waveforms
from mmr_toolkit.features.encoder import UnencodableValue

SHORTEST = 512


def tones(rate: int, seconds: float = 1.0) -> np.ndarray:
    """Three tones below 3 kHz that swell and fall, peak near 1: the same sound at any rate."""
    time = np.arange(int(rate * seconds)) / rate
    chord = sum(np.sin(2 * np.pi * hz * time + hz) for hz in (220, 997, 2900)) / 3
    return (chord * np.sin(np.pi * time / seconds) ** 2).astype(np.float32)


# Any rate, any number of channels


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000])
def test_any_rate_is_resampled_as_librosa_does(rate):
    import librosa

    (ours,) = read_waveforms([(tones(rate), rate)], SHORTEST)
    for method in ("polyphase", "soxr_hq"):
        theirs = librosa.resample(tones(rate), orig_sr=rate, target_sr=SAMPLE_RATE, res_type=method)
        assert abs(len(ours) - len(theirs)) <= 1
        theirs = theirs[: len(ours)] / np.abs(theirs).max()
        np.testing.assert_allclose(ours[: len(theirs)], theirs, atol=1e-6 if method == "polyphase" else 5e-3)
    direct = tones(SAMPLE_RATE)
    np.testing.assert_allclose(ours[:16_000], direct / np.abs(direct).max(), atol=5e-3)


def test_what_16_khz_cannot_hold_is_filtered_out_not_folded_down():
    time = np.arange(48_000) / 48_000
    high = np.sin(2 * np.pi * 12_000 * time).astype(np.float32)  # would come back as 4 kHz
    mixed = to_mono(0.5 * tones(48_000) + 0.5 * high, 48_000)
    np.testing.assert_allclose(mixed[100:-100], 0.5 * tones(16_000)[100:-100], atol=0.01)


def test_channels_are_averaged():
    left, right = clip(1), clip(2)
    (stereo,) = read_waveforms([(np.stack([left, right]), SAMPLE_RATE)], SHORTEST)
    mono = (left + right) / 2
    np.testing.assert_allclose(stereo, mono / np.abs(mono).max(), atol=1e-6)
    (one,) = read_waveforms([(left[None], SAMPLE_RATE)], SHORTEST)
    np.testing.assert_array_equal(one, left / np.abs(left).max())


def test_a_file_and_its_samples_are_the_same(tmp_path):
    stereo = np.stack([tones(44_100), 0.5 * tones(44_100)])
    soundfile.write(tmp_path / "tones.wav", stereo.T, 44_100, subtype="FLOAT")
    path = tmp_path / "tones.wav"
    from_path, from_text, from_pair = read_waveforms([path, str(path), (stereo, 44_100)], SHORTEST)
    np.testing.assert_array_equal(from_path, from_text)
    np.testing.assert_allclose(from_pair, from_path, atol=1e-6)


def test_samples_at_16_khz_are_only_scaled_and_never_changed_in_place():
    samples = 0.1 * clip(1)
    before = samples.copy()
    alone, pair, wide = read_waveforms([samples, (samples, SAMPLE_RATE), samples.astype(np.float64)], SHORTEST)
    np.testing.assert_array_equal(samples, before)
    np.testing.assert_array_equal(alone, samples / np.abs(samples).max())
    np.testing.assert_array_equal(pair, alone)
    np.testing.assert_array_equal(wide, alone)
    assert alone.dtype == wide.dtype == np.float32
    assert np.abs(alone).max() == 1


def test_to_mono_refuses_what_is_no_sound():
    with pytest.raises(ValueError, match=r"samples have shape \(1, 2, 3\); expected \(n_samples,\) or \(channels, n_s"):
        to_mono(np.zeros((1, 2, 3), np.float32), 16_000)
    for rates in ((0, 16_000), (16_000, 0), (16_000, 22_050.0), (MAX_RATE + 1, 16_000)):
        with pytest.raises(ValueError, match="rate is .*; expected a positive whole number of Hz"):
            to_mono(clip(0), *rates)


# Batches


def test_batches_hold_similar_lengths_and_zeros_after_the_end():
    waveforms = [clip(seed, n) for seed, n in enumerate([900, 300, 800, 200, 700])]
    seen = []
    for positions, padded, n_samples in padded_batches(waveforms, batch_size=2):
        assert padded.shape == (len(positions), max(n_samples))
        for i, row, n in zip(positions, padded.numpy(), n_samples, strict=True):
            np.testing.assert_array_equal(row[:n], waveforms[i])
            assert not row[n:].any()
        seen.append(positions)
    assert seen == [[3, 1], [4, 2], [0]]


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_descriptions_come_in_the_order_of_the_sounds(batch_size):
    waveforms = [clip(seed, n) for seed, n in enumerate([900, 300, 800, 200, 700])]

    def describe(padded: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
        return torch.stack([n_samples, padded.abs().sum(dim=1)], dim=1)

    described = describe_padded(waveforms, describe, batch_size=batch_size, device="cpu")
    assert described.dtype == np.float32
    np.testing.assert_allclose(described, [[len(w), np.abs(w).sum()] for w in waveforms], rtol=1e-5)


def test_a_cpu_takes_a_batch_of_long_sounds_in_pieces(monkeypatch):
    waveforms = [clip(seed, n) for seed, n in enumerate([900, 300, 800, 200, 700])]
    seen: list[tuple[int, ...]] = []

    def describe(padded: torch.Tensor, n_samples: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(padded.shape))
        return torch.stack([n_samples, padded.abs().sum(dim=1)], dim=1)

    for n_samples, shapes in ((1800, [(2, 900), (2, 900), (1, 900)]), (5, [(1, 900)] * 5)):
        monkeypatch.setattr(waveform_module, "CPU_SAMPLES", n_samples)
        seen.clear()
        described = describe_padded(waveforms, describe, batch_size=100, device="cpu")
        assert seen == shapes
        np.testing.assert_allclose(described, [[len(w), np.abs(w).sum()] for w in waveforms], rtol=1e-5)


def test_channels_that_cancel_each_other_are_heard():
    loud, soft = clip(0), 0.1 * clip(1)
    for channels in ([loud, -loud], [soft, loud, -soft - loud]):
        samples = np.stack(channels)
        heard = read_waveforms([(samples, SAMPLE_RATE)], SHORTEST)[0]
        loudest = samples[np.ptp(samples, axis=1).argmax()]
        np.testing.assert_allclose(heard, loudest / np.abs(loudest).max(), atol=1e-6)


# What is refused

TOO_LONG = np.resize(np.float32([0.1, -0.1]), int(MAX_SECONDS) * SAMPLE_RATE + 1)


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.zeros(16_000, np.float32), "the sound is silent"),
        (np.full(16_000, 0.5, np.float32), "the sound is silent"),  # a steady voltage
        (np.resize(np.float32([0, 1 / 32768, -1 / 32768]), 16_000), "the sound is silent"),  # dither
        ((np.stack([np.full(16_000, 0.5), np.zeros(16_000)]), 16_000), "the sound is silent"),
        (clip(0, 511), r"511 samples are too short, one window has 512 \(32 ms\)"),
        ((clip(0, 1000), 48_000), "334 samples are too short"),
        (np.zeros(0, np.float32), "0 samples are too short"),
        ((np.zeros((2, 0), np.float32), 44_100), "0 samples are too short"),
        (np.full(16_000, np.nan, np.float32), "NaN or infinite"),
        (np.append(clip(0), np.float32(np.inf)), "NaN or infinite"),
        ((np.stack([clip(0), np.full(16_000, np.nan)]), 44_100), "NaN or infinite"),
        (np.full(16_000, 1e300), "NaN or infinite"),
        (TOO_LONG, "600 s long, at most 600 s are encoded"),
        ((TOO_LONG, 8_000), "1,200 s long, at most 600 s"),
        ((np.stack([TOO_LONG, TOO_LONG]), 8_000), "1,200 s long, at most 600 s"),
    ],
    ids=str,
)
def test_sounds_that_say_nothing(sound, reason):
    with pytest.raises(UnencodableValue, match=f"value 1: .*{reason}"):
        read_waveforms([clip(0), sound, clip(1)], SHORTEST)


def test_ten_minutes_are_not_too_long():
    assert len(read_waveforms([(TOO_LONG[:-1], SAMPLE_RATE)], SHORTEST)[0]) == MAX_SECONDS * SAMPLE_RATE


def test_files_that_cannot_be_used_are_named_all_at_once(tmp_path):
    soundfile.write(tmp_path / "good.wav", clip(0), SAMPLE_RATE)
    (tmp_path / "page.wav").write_text("<html>", encoding="utf-8")
    soundfile.write(tmp_path / "broken.wav", np.full(16_000, np.nan), SAMPLE_RATE, subtype="FLOAT")
    soundfile.write(tmp_path / "long.wav", np.zeros(100 * 601), 100)
    names = ("page", "good", "broken", "long")
    with pytest.raises(UnencodableValue) as caught:
        read_waveforms([tmp_path / f"{name}.wav" for name in names], SHORTEST)
    assert list(caught.value.reasons) == [0, 2, 3]
    for (position, reason), text in zip(
        caught.value.reasons.items(), ("not a sound that can be read", "NaN", "at most 600 s are read"), strict=True
    ):
        assert f"{names[position]}.wav" in reason
        assert text in reason


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        (clip(0), TypeError, r"got a ndarray. Put a single value into a list: encode\(\[value\]\)"),
        ("a.wav", TypeError, "got a str. Put a single value"),
        ([], ValueError, "empty list"),
        ([clip(0), None], ValueError, "Value 1 is None"),
        (
            [[0.1, 0.2]],
            TypeError,
            r"Value 0 is a list, expected sounds \(float arrays .*, pairs \(samples, rate\), or pat",
        ),
        ((clip(0), 16_000), TypeError, "Value 1 is an int, expected sounds"),  # a pair that is not in a list
        (
            [np.zeros((2, 16_000), np.float32)],
            ValueError,
            r"Value 0 has shape \(2, 16000\), expected \(n_samples,\); a st",
        ),
        ([np.array(0.5)], ValueError, r"shape \(\)"),
        ([(np.zeros((1, 2, 3)), 16_000)], ValueError, r"expected \(n_samples,\) or \(channels, n_samples\)"),
        ([(np.zeros((16_000, 2)), 16_000)], ValueError, r"more channels than samples.*transpose .* samples.T"),
        ([np.zeros(16_000, np.int16)], TypeError, "int16, expected floats.* divide 16-bit samples by 32768"),
        ([(np.zeros(16_000, np.int16), 16_000)], TypeError, "int16, expected floats"),
        ([(clip(0), 16_000, 2)], TypeError, "Value 0 is a tuple, but not a pair"),
        ([("a.wav", 16_000)], TypeError, "Value 0 is a tuple, but not a pair"),
        ([(clip(0), 0)], ValueError, "rate is 0; expected a positive whole number of Hz"),
        ([(clip(0), 44_100.0)], ValueError, "rate is 44100.0"),
        ([(clip(0), "44100")], ValueError, "rate is '44100'"),
        ([(clip(0), MAX_RATE + 1)], ValueError, f"up to {MAX_RATE}"),
    ],
)
def test_values_that_are_no_list_of_sounds(values, error, message):
    with pytest.raises(error, match=message):
        read_waveforms(values, SHORTEST)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing.wav"):
        read_waveforms([tmp_path / "nothing.wav"], SHORTEST)


def test_the_shop_is_mono_at_16_khz(root):
    """So that its vectors do not depend on a resampler."""
    path = root / "data/cornershop/audio/apple-01-1.opus"
    (waveform,) = read_waveforms([path], SHORTEST)
    samples = read_audio(path)
    np.testing.assert_array_equal(waveform, samples / np.abs(samples).max())
