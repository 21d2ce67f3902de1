"""Building blocks of every sound: filters, noise, damped tones.

Times are in seconds, frequencies in hertz. A signal is a float64 array (n_samples,) at RATE samples per second.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

RATE = 16_000
CLIP_SECONDS = 1.0
CLIP_SAMPLES = int(RATE * CLIP_SECONDS)
HIGHEST = 7_900.0  # Hz: filters must stay below half the rate

Signal = NDArray[np.float64]
Range = tuple[float, float]  # (lowest, highest) value that may be drawn


def silence(n_samples: int = CLIP_SAMPLES) -> Signal:
    """An empty signal to add sounds to."""
    return np.zeros(n_samples)


def time_axis(n_samples: int) -> Signal:
    """The time of each sample, in seconds."""
    return np.arange(n_samples) / RATE


def log_uniform(rng: np.random.Generator, limits: Range) -> float:
    """A number whose logarithm is uniform: pitches and decay times are heard as ratios, not as differences."""
    return float(np.exp(rng.uniform(np.log(limits[0]), np.log(limits[1]))))


def band_pass(signal: Signal, low: float, high: float, order: int = 2) -> Signal:
    """Butterworth band-pass from `low` to `high` Hz."""
    return sosfilt(butter(order, [max(low, 20.0), min(high, HIGHEST)], "bandpass", fs=RATE, output="sos"), signal)


def low_pass(signal: Signal, cutoff: float, order: int = 2) -> Signal:
    """Butterworth low-pass below `cutoff` Hz."""
    return sosfilt(butter(order, min(cutoff, HIGHEST), fs=RATE, output="sos"), signal)


def slow_noise(rng: np.random.Generator, n_samples: int, cutoff: float) -> Signal:
    """Random fluctuation below `cutoff` Hz with a standard deviation of about one.

    A second-order Butterworth low-pass lets 1.11 x `cutoff` of the RATE / 2 hertz of white noise through.
    """
    return low_pass(rng.standard_normal(n_samples), cutoff) * np.sqrt(RATE / 2 / (1.11 * cutoff))


def noise_burst(
    rng: np.random.Generator, n_samples: int, low: float, high: float, decay: float, order: int = 1
) -> Signal:
    """Band-passed noise that falls by a factor e every `decay` seconds."""
    return band_pass(rng.standard_normal(n_samples), low, high, order) * np.exp(-time_axis(n_samples) / decay)


def to_peak(signal: Signal) -> Signal:
    """Scale to a peak of one; silence stays silence."""
    return signal / (np.abs(signal).max() + 1e-9)


def to_unit_power(signal: Signal) -> Signal:
    """Scale to a standard deviation of one; silence stays silence."""
    return signal / (signal.std() + 1e-9)


def add_at(clip: Signal, sound: Signal, start: float, gain: float = 1.0) -> None:
    """Add a sound to the clip in place, `start` seconds in; what reaches past the end is cut off."""
    first = int(start * RATE)
    n_samples = max(0, min(len(sound), len(clip) - first))
    clip[first : first + n_samples] += gain * sound[:n_samples]


def damped_modes(
    rng: np.random.Generator,
    pitch: float,
    ratios: tuple[float, ...],
    ring: float,
    *,
    damping: float,
    dullness: float,
    contact: float,
    n_samples: int = CLIP_SAMPLES,
) -> Signal:
    """A struck body: a sum of sine waves that die away (modal synthesis, van den Doel & Pai 1998), peak one.

    Mode k has the frequency f_k = pitch x ratio_k, the amplitude ratio_k^-dullness and the reverberation time
    T60_k = ring / (1 + damping (f_k / pitch - 1)): in real materials high modes die first (Wildes & Richards 1988).
    The blow is a half-sine of force that lasts `contact` seconds; a longer contact excites fewer high modes.

    Args:
        rng: draws small deviations of the frequencies, amplitudes and phases.
        pitch: frequency of the lowest mode, Hz.
        ratios: frequency of each mode over the lowest.
        ring: T60 of the lowest mode, the seconds in which it falls by 60 dB.
    """
    time, sound = time_axis(n_samples), silence(n_samples)
    for ratio in ratios:
        frequency = pitch * ratio * (1 + rng.normal(0, 0.012))
        if frequency > 0.95 * RATE / 2:
            continue
        t60 = ring / (1 + damping * (frequency / pitch - 1))
        amplitude = ratio**-dullness * rng.uniform(0.4, 1.2)
        phase = rng.uniform(0, 2 * np.pi)
        sound += amplitude * np.exp(-np.log(1000) * time / t60) * np.sin(2 * np.pi * frequency * time + phase)
    blow_samples = max(2, int(contact * RATE))
    blow = np.sin(np.pi * np.arange(blow_samples) / blow_samples)
    return to_peak(fftconvolve(sound, blow / blow.sum())[:n_samples])
