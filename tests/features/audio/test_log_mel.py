"""The log-Mel spectrogram against one written out step by step and against librosa."""

import numpy as np
import pytest
import torch

from clips import click_at_the_end, clip
from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.features.audio.log_mel import MEL_SCALES, TOP_DB, LogMel
from slow_sounds import SETTINGS, hz_to_mel, librosa_log_mel, slow_log_mel

# The transform, written out


@pytest.mark.parametrize("mel_scale", MEL_SCALES)
@pytest.mark.parametrize("settings", [{}, {"n_fft": 400, "hop_length": 100, "f_min": 100, "f_max": 5000, "top_db": 70}])
def test_windows_dft_mel_filters_decibels(settings, mel_scale):
    samples = clip(1, 4000)
    fast = LogMel(**settings, mel_scale=mel_scale)(torch.from_numpy(samples)[None])[0].numpy()
    slow = slow_log_mel(samples, **settings, mel_scale=mel_scale)
    assert fast.shape == slow.shape == (64, 1 + 4000 // settings.get("hop_length", 160))
    np.testing.assert_allclose(fast, slow, atol=0.01)


# Against librosa

#: Changes of the defaults.


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_librosa_agrees(settings):
    log_mel = LogMel(**settings)
    samples = np.stack([clip(seed) for seed in range(3)])
    theirs = [librosa_log_mel(sound, log_mel) for sound in samples]
    np.testing.assert_allclose(log_mel(torch.from_numpy(samples)), theirs, atol=0.002)  # dB; measured: 0.0005


@pytest.mark.parametrize("settings", [settings for settings in SETTINGS if settings and settings != {"window": "hann"}])
def test_every_setting_matters(settings):
    """Else the agreement above could be one of settings that nobody reads."""
    samples = torch.from_numpy(clip(0) + np.float32(1e-5))[None]
    default, changed = LogMel()(samples).numpy(), LogMel(**settings)(samples).numpy()
    same = settings in ({"mel_scale": "slaney", "filter_norm": "area"},)
    assert (default.shape == changed.shape and np.allclose(default, changed, atol=0.01)) == same


# Padding


def test_padding_does_not_count():
    """Also where the frame after the end is the loudest: the floor is that of the sound alone."""
    log_mel = LogMel()
    short = torch.from_numpy(click_at_the_end(5_100))
    padded = torch.zeros(2, 16_000)
    padded[0, : len(short)], padded[1] = short, torch.from_numpy(clip(1))
    together = log_mel(padded, torch.tensor([len(short), 16_000]))
    alone = log_mel(short[None])[0]
    n_frames = int(log_mel.n_frames(torch.tensor(len(short))))
    assert alone.shape[1] == n_frames == 32
    torch.testing.assert_close(together[0, :, :n_frames], alone, atol=1e-4, rtol=0)
    torch.testing.assert_close(together[0, :, n_frames:], alone.min().expand(64, 101 - n_frames), atol=1e-4, rtol=0)
    next_frame = log_mel(padded)[0, :, n_frames]
    assert next_frame.max() > alone.max() + 3  # what would have been the loudest


def test_each_sound_has_its_own_floor():
    sounds = torch.from_numpy(np.stack([clip(0), 0.001 * clip(1)]))
    for levels in LogMel()(sounds):
        assert float(levels.max() - levels.min()) == pytest.approx(TOP_DB, abs=1e-3)
    assert float((LogMel(top_db=None)(sounds).amax((1, 2)) - LogMel(top_db=None)(sounds).amin((1, 2))).min()) > TOP_DB


def test_a_tone_is_loudest_in_its_band():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 1000 * time).astype(np.float32)
    levels = LogMel(n_mels=60, f_max=4000.0)(torch.from_numpy(tone)[None])[0, :, 50]
    points = np.linspace(0, hz_to_mel(np.array(4000.0), "slaney"), 62)
    band = np.abs(points[1:-1] - hz_to_mel(np.array(1000.0), "slaney")).argmin()
    assert int(levels.argmax()) == band


# What is refused


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": "kaiser"}, "window is 'kaiser'; expected one of hann, hamming, blackman, bartlett"),
        ({"mel_scale": "bark"}, "mel_scale is 'bark'; expected one of htk, slaney"),
        ({"filter_norm": "slaney"}, "filter_norm is 'slaney'; expected one of height, area"),
        ({"n_mels": 0}, "n_mels is 0; expected a whole number from 1 to 65,536"),
        ({"hop_length": 0}, "hop_length is 0; expected a whole number from 1"),
        ({"hop_length": 513}, "hop_length is 513; expected 1 … n_fft = 512, else samples go unheard"),
        ({"win_length": 0}, "win_length is 0; expected a whole number from 1"),
        ({"n_mels": 10**9}, "n_mels is 1000000000; expected a whole number from 1 to 65,536"),
        ({"n_mels": 300_000}, "n_mels is 300000"),
        ({"hop_length": 1.5}, "hop_length is 1.5; expected a whole number"),
        ({"win_length": True}, "win_length is True; expected a whole number"),
        ({"n_fft": 10**7}, "n_fft is 10000000"),
        ({"top_db": 10**400}, "top_db is 1000"),
        ({"top_db": True}, "top_db is True; expected a number of dB"),
        ({"top_db": "40"}, "top_db is '40'; expected a number of dB"),
        ({"win_length": 513}, "win_length is 513"),
        ({"f_min": -1.0}, "f_min is -1.0"),
        ({"f_min": 4000.0, "f_max": 4000.0}, "f_min is 4000.0 and f_max 4000.0; expected 0 <= f_min < f_max <= 8000"),
        ({"f_max": 8001.0}, "f_max 8001.0"),
        ({"top_db": 0.0}, "top_db is 0.0; expected a number of dB above 0, up to 1,000, or None"),
        ({"top_db": float("nan")}, "top_db is nan"),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(ValueError, match=message):
        LogMel(**settings)
