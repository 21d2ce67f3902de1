"""Food that is bitten: crisp or soft.

A crisp food breaks in many tiny fractures, each a short click with energy far above 1 kHz (Vickers & Bourne
1976); as many random grains make the sound (Cook 1997). A soft food is squeezed: low noise that swells and
falls, with a few wet blips.
"""

import numpy as np

from .filters import RATE, Signal, add_at, band_pass, noise_burst, silence, slow_noise, time_axis, to_peak

LOUDEST_GRAIN = 4.0  # without a limit one grain of the heavy tail would take the whole peak
BLIP_SAMPLES = int(0.03 * RATE)


def crunch(rng: np.random.Generator) -> Signal:
    """Two to four bites of 18 to 60 fractures each."""
    clip = silence()
    start = rng.uniform(0.02, 0.2)
    for _ in range(rng.integers(2, 5)):
        length, centre = rng.uniform(0.08, 0.2), rng.uniform(1200, 3200)
        for _ in range(rng.integers(18, 60)):
            moment = start + length * rng.beta(1.3, 2.2)  # most fractures early in the bite
            add_at(clip, _fracture(rng, centre), moment, min(rng.pareto(1.8), LOUDEST_GRAIN) + 0.2)
        start += length + rng.uniform(0.04, 0.18)
    return clip


def _fracture(rng: np.random.Generator, centre: float) -> Signal:
    frequency = min(centre * np.exp(rng.normal(0, 0.45)), 6500.0)
    decay = rng.uniform(0.001, 0.006)
    return noise_burst(rng, int(7 * decay * RATE) + 20, 0.6 * frequency, 1.7 * frequency, decay)


def squish(rng: np.random.Generator) -> Signal:
    """Two or three soft bites."""
    clip = silence()
    start = rng.uniform(0.02, 0.2)
    for _ in range(rng.integers(2, 4)):
        length = rng.uniform(0.15, 0.35)
        add_at(clip, _squeeze(rng, int(length * RATE)), start, rng.uniform(0.5, 1.0))
        for _ in range(rng.integers(3, 10)):
            add_at(clip, _wet_blip(rng), start + length * rng.random(), rng.uniform(0.1, 0.5))
        start += length + rng.uniform(0.03, 0.12)
    return clip


def _squeeze(rng: np.random.Generator, n_samples: int) -> Signal:
    swell = np.sin(np.pi * (np.arange(n_samples) / n_samples) ** rng.uniform(0.5, 1.2)) ** 1.5
    unsteady = np.clip(1 + 0.3 * slow_noise(rng, n_samples, rng.uniform(20, 45)), 0, 3)
    noise = band_pass(rng.standard_normal(n_samples), rng.uniform(120, 220), rng.uniform(600, 1400), order=1)
    return to_peak(noise * swell * unsteady)


def _wet_blip(rng: np.random.Generator) -> Signal:
    """A small cavity that opens: a short tone whose pitch climbs."""
    time = time_axis(BLIP_SAMPLES)
    phase = 2 * np.pi * rng.uniform(250, 900) * time * (1 + rng.uniform(2, 8) * time)
    return np.exp(-time / 0.008) * np.sin(phase)
