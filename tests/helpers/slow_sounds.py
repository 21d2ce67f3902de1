"""Features of sounds by loops and by librosa: the oracles of the tests of sounds."""

import numpy as np

from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.features.audio.frame_statistics import DELTA_FRAMES
from mmr_toolkit.features.audio.log_mel import FILTER_NORMS, MEL_SCALES, TOP_DB, WINDOWS, LogMel


def slow_statistics(coefficients: np.ndarray) -> np.ndarray:
    """Mean, deviation, deviation of the slope, maximum and minimum of (c, T), by loops; ends are repeated."""
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


def mel_filters(n_mels: int, n_fft: int, mel_scale: str, f_min: float, f_max: float, filter_norm: str) -> np.ndarray:
    """Triangles between points that are evenly spaced on the mel scale, (n_mels, 1 + n_fft / 2)."""
    grid = np.linspace(0, 8000, 2_000_001)
    ends = hz_to_mel(np.array([f_min, f_max]), mel_scale)
    edges = np.interp(np.linspace(*ends, n_mels + 2), hz_to_mel(grid, mel_scale), grid)
    bins = np.arange(1 + n_fft // 2) * SAMPLE_RATE / n_fft
    filters = np.zeros((n_mels, len(bins)))
    for m, (low, top, high) in enumerate(zip(edges, edges[1:], edges[2:], strict=False)):
        for k, hz in enumerate(bins):
            filters[m, k] = max(0, min((hz - low) / (top - low), (high - hz) / (high - top)))
        if filter_norm == "area":
            filters[m] *= 2 / (high - low)
    return filters


def slow_log_mel(
    samples: np.ndarray, n_fft=512, hop_length=160, n_mels=64, mel_scale="slaney", f_min=0, f_max=8000, top_db=TOP_DB
) -> np.ndarray:
    padded = np.pad(samples.astype(np.float64), n_fft // 2)
    n = np.arange(n_fft)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / n_fft)
    dft = np.exp(-2j * np.pi * np.outer(np.arange(1 + n_fft // 2), n) / n_fft)
    frames = [padded[start : start + n_fft] for start in range(0, len(samples) + 1, hop_length)]
    power = np.array([np.abs(dft @ (hann * frame)) ** 2 for frame in frames]).T
    filters = mel_filters(n_mels, n_fft, mel_scale, f_min, f_max, MEL_SCALES[mel_scale])
    decibels = 10 * np.log10(np.maximum(filters @ power, 1e-10))
    return np.maximum(decibels, decibels.max() - top_db)


SETTINGS = [
    {},
    *({"window": window} for window in WINDOWS),
    *({"mel_scale": scale, "filter_norm": norm} for scale in MEL_SCALES for norm in FILTER_NORMS),
    {"mel_scale": "htk"},  # with the filters that go with it
    {"win_length": 400},
    {"n_fft": 400, "hop_length": 160, "n_mels": 40, "window": "hamming"},  # 25 ms, usual in speech recognition
    {"n_fft": 1024, "hop_length": 256, "n_mels": 40},
    {"n_fft": 2048, "hop_length": 512, "n_mels": 128, "top_db": 80.0},  # librosa's own defaults
    {"f_min": 80.0, "f_max": 7600.0},
    {"n_mels": 20, "f_max": 4000.0},
    {"top_db": 80.0},
    {"top_db": None},
]


def librosa_log_mel(samples: np.ndarray, log_mel: LogMel) -> np.ndarray:
    """The same settings, by the names that librosa has for them."""
    import librosa

    norm = MEL_SCALES[log_mel.mel_scale] if log_mel.filter_norm is None else log_mel.filter_norm
    mel = librosa.feature.melspectrogram(
        y=samples,
        sr=SAMPLE_RATE,
        n_fft=log_mel.n_fft,
        win_length=log_mel.win_length,
        hop_length=log_mel.hop_length,
        window=log_mel.window,
        center=True,
        pad_mode="constant",
        power=2.0,
        n_mels=log_mel.n_mels,
        fmin=log_mel.f_min,
        fmax=log_mel.f_max,
        htk=log_mel.mel_scale == "htk",
        norm=FILTER_NORMS[norm],
    )
    return librosa.power_to_db(mel, ref=1.0, amin=1e-10, top_db=log_mel.top_db)


def hz_to_mel(hz: np.ndarray, mel_scale: str) -> np.ndarray:
    if mel_scale == "htk":  # O'Shaughnessy 1987
        return 2595 * np.log10(1 + hz / 700)
    return np.where(hz < 1000, hz * 3 / 200, 15 + 27 * np.log(np.maximum(hz, 1) / 1000) / np.log(6.4))
