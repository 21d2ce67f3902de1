"""What lies between a sound and its file: the room, the microphone, the noise of the shop.

The ranges here set how hard the sounds are to tell apart. With them a linear classifier on the mean and the
standard deviation of 20 MFCCs names the class of about nine in ten recordings; with 10 dB less it is eight in ten.
"""

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter

from .filters import (
    CLIP_SAMPLES,
    RATE,
    Range,
    Signal,
    band_pass,
    low_pass,
    slow_noise,
    time_axis,
    to_peak,
    to_unit_power,
)

REVERBERATION: Range = (0.08, 0.45)  # T60 of the room, s
WET: Range = (0.05, 0.30)  # root energy of the reverberation, relative to the direct sound
SNR: Range = (6.0, 26.0)  # dB of the loudest 30 % of the clip over the background noise
LEVEL: Range = (-18.0, -3.0)  # peak, dB below full scale: room for the codec to overshoot


def capture(sound: Signal, rng: np.random.Generator) -> Signal:
    """The sound as it is recorded: in a room, through a microphone, over background noise, at some level (peak < 1)."""
    heard = _through_microphone(_in_room(sound, rng), rng)
    loudest = np.sort(heard**2)[-int(0.3 * len(heard)) :]
    noise_level = np.sqrt(loudest.mean()) * 10 ** (-rng.uniform(*SNR) / 20)
    recording = heard + noise_level * _background(rng)
    return to_peak(recording) * 10 ** (rng.uniform(*LEVEL) / 20)


def _in_room(sound: Signal, rng: np.random.Generator) -> Signal:
    """Direct sound, three early reflections, and a tail of noise that falls by 60 dB in T60 (Moorer 1979)."""
    n_samples = int(rng.uniform(*REVERBERATION) * RATE)
    tail = rng.standard_normal(n_samples) * np.exp(-np.log(1000) * np.arange(n_samples) / n_samples)
    tail = low_pass(tail, rng.uniform(2500, 6500), order=1)  # walls and air swallow the high frequencies first
    response = rng.uniform(*WET) * tail / np.sqrt((tail**2).sum())
    response[0] += 1
    for _ in range(3):
        response[rng.integers(20, min(n_samples, 400))] += rng.uniform(-0.25, 0.25)
    return fftconvolve(sound, response)[: len(sound)]


def _through_microphone(sound: Signal, rng: np.random.Generator) -> Signal:
    """A cheap microphone loses some treble: a mixture of the sound and its low-passed copy."""
    share = rng.uniform(0, 0.6)
    b, a = butter(1, rng.uniform(2500, 7500), fs=RATE)
    return (1 - share) * sound + share * lfilter(b, a, sound)


def _background(rng: np.random.Generator) -> Signal:
    """Noise of unit power: between white and pink, in four of ten clips mains hum, in three of ten people murmuring."""
    spectrum = np.fft.rfft(rng.standard_normal(CLIP_SAMPLES))
    frequencies = np.maximum(np.fft.rfftfreq(CLIP_SAMPLES, 1 / RATE), 30)
    noise = to_unit_power(np.fft.irfft(spectrum * frequencies ** -rng.uniform(0.3, 1.0), CLIP_SAMPLES))
    if rng.random() < 0.4:
        hum = np.sin(2 * np.pi * rng.choice([50, 60, 100, 120]) * time_axis(CLIP_SAMPLES))
        noise += rng.uniform(0.2, 0.8) * hum
    if rng.random() < 0.3:
        voices = band_pass(rng.standard_normal(CLIP_SAMPLES), 200, 2500, order=1)
        voices *= np.clip(1 + 0.5 * slow_noise(rng, CLIP_SAMPLES, 5), 0, 3)
        noise += rng.uniform(0.3, 1.0) * to_unit_power(voices)
    return to_unit_power(noise)
