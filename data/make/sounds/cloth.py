"""Cloth that is stroked, and a zip.

Rubbed cloth is noise shaped by the weave and by the speed of the hand (An, James & Marschner 2012): smooth
threads sound high and even, the ribs of a twill beat in the rhythm in which the finger crosses them, a fuzzy
knit is low and crackles softly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .filters import (
    RATE,
    Range,
    Signal,
    add_at,
    band_pass,
    damped_modes,
    log_uniform,
    noise_burst,
    silence,
    slow_noise,
    time_axis,
)


@dataclass(frozen=True)
class Cloth:
    """How a cloth sounds under a stroking hand."""

    low: float  # Hz, lower edge of the noise
    high: float  # Hz, upper edge
    shimmer: float  # standard deviation of slow changes of loudness
    rib_depth: float  # 0: even, 1: silent between two ribs
    rib_rate: Range  # ribs per second under the finger
    crackles: tuple[int, int]  # lowest and highest number of crackles in a stroke


CLOTHS = {
    "silk": Cloth(2600, 7600, 0.16, 0.0, (0, 0), (0, 0)),
    "denim": Cloth(600, 3200, 0.0, 0.9, (70, 170), (0, 0)),
    "wool": Cloth(180, 1300, 0.0, 0.5, (15, 40), (3, 13)),
}


def stroking(kind: str) -> Callable[[np.random.Generator], Signal]:
    """The sound class "a hand strokes this cloth a few times"."""
    cloth = CLOTHS[kind]

    def strokes(rng: np.random.Generator) -> Signal:
        clip = silence()
        start, brightness = rng.uniform(0, 0.1), log_uniform(rng, (0.6, 1.5))
        while start < 0.85:
            length = rng.uniform(0.15, 0.4)
            add_at(clip, _stroke(rng, cloth, int(length * RATE), brightness), start, rng.uniform(0.4, 1.0))
            start += length * rng.uniform(0.9, 1.3)
        return clip

    return strokes


def _stroke(rng: np.random.Generator, cloth: Cloth, n_samples: int, brightness: float) -> Signal:
    speed = np.sin(np.pi * np.arange(n_samples) / n_samples) ** rng.uniform(0.7, 2.0)
    noise = band_pass(rng.standard_normal(n_samples), cloth.low * brightness, cloth.high * brightness, order=1)
    noise *= np.clip(1 + cloth.shimmer * slow_noise(rng, n_samples, 12), 0.1, 3)
    ribs_crossed = np.cumsum(rng.uniform(*cloth.rib_rate) * (0.5 + speed)) / RATE
    beat = np.sin(np.pi * ribs_crossed + 0.15 * slow_noise(rng, n_samples, 20)) ** 2
    noise *= 1 - cloth.rib_depth + 1.6 * cloth.rib_depth * beat
    for _ in range(rng.integers(*cloth.crackles, endpoint=True)):
        add_at(noise, noise_burst(rng, 60, 500, 2500, 0.0009), rng.random() * n_samples / RATE, 0.8)
    return noise * speed


def pull_zip(rng: np.random.Generator) -> Signal:
    """A zip: 50 to 260 teeth per second click past the slider, ever faster or ever slower; half end with a knock."""
    clip = silence()
    length = rng.uniform(0.35, 0.8)
    start = rng.uniform(0.02, 0.95 - length)
    first_rate, last_rate = rng.uniform(50, 110), rng.uniform(120, 260)  # teeth per second
    if rng.random() < 0.4:
        first_rate, last_rate = last_rate, first_rate
    resonance, moment = rng.uniform(1900, 4500), start
    while moment < start + length:
        progress = (moment - start) / length
        add_at(clip, _tooth(rng, resonance), moment, rng.uniform(0.6, 1.0) * max(np.sin(np.pi * progress), 0.15) ** 0.4)
        moment += rng.uniform(0.9, 1.1) / (first_rate + (last_rate - first_rate) * progress)
    if rng.random() < 0.5:
        add_at(clip, _end_knock(rng), min(start + length, 0.95), 0.8)
    return clip


def _tooth(rng: np.random.Generator, resonance: float) -> Signal:
    n_samples = int(0.02 * RATE)
    time = time_axis(n_samples)
    low = np.sin(2 * np.pi * resonance * rng.normal(1, 0.05) * time)
    high = np.sin(2 * np.pi * 1.63 * resonance * rng.normal(1, 0.04) * time)
    return np.exp(-time / rng.uniform(0.001, 0.003)) * (low + 0.6 * high + 0.5 * rng.standard_normal(n_samples))


def _end_knock(rng: np.random.Generator) -> Signal:
    pitch = rng.uniform(1500, 3000)
    return damped_modes(rng, pitch, (1, 1.7, 2.4), 0.08, damping=0.2, dullness=0.5, contact=0.0003, n_samples=3000)
