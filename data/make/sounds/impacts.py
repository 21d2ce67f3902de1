"""Things that are struck: a fingernail on a jar, a cup or a carton, a heel on the floor.

What tells the material apart is how long it rings, how fast the high modes die, and how hard the contact is
(Klatzky, Pai & Krotkov 2000). Mode ratios: glass as in the wall of a wine glass, metal as in a thin shell with
many close modes, the other materials between a plate and a block (Fletcher & Rossing 1998).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .filters import (
    RATE,
    Range,
    Signal,
    add_at,
    damped_modes,
    log_uniform,
    low_pass,
    noise_burst,
    silence,
    slow_noise,
    time_axis,
    to_peak,
)


@dataclass(frozen=True)
class Click:
    """The short noise of the contact itself."""

    level: float  # peak, relative to the ringing
    decay: float  # s
    low: float  # Hz
    high: float  # Hz


@dataclass(frozen=True)
class Material:
    """How a body made of one material answers a tap."""

    pitch: Range  # frequency of the lowest mode, Hz
    ratios: tuple[float, ...]  # frequency of each mode over the lowest
    ring: Range  # T60 of the lowest mode, s
    damping: float  # how much sooner the higher modes die
    dullness: float  # amplitude of a mode = ratio ** -dullness
    contact: Range  # duration of the blow, s
    click: Click


MATERIALS = {
    "glass": Material(
        (950, 2600), (1, 2.32, 2.9, 4.25, 5.1, 6.63), (0.30, 0.85), 0.35, 0.55, (0.0002, 0.0004),
        Click(0.20, 0.002, 2500, 7800),
    ),
    "metal": Material(
        (420, 1300), (1, 1.48, 1.83, 2.41, 2.76, 3.3, 3.94, 4.6, 5.35, 6.2, 7.4, 8.8), (0.18, 0.60), 0.10, 0.25,
        (0.0002, 0.0006), Click(0.35, 0.004, 1500, 7800),
    ),
    "ceramic": Material(
        (650, 1900), (1, 1.72, 2.65, 3.6, 4.9), (0.07, 0.20), 0.30, 0.8, (0.0003, 0.0006),
        Click(0.35, 0.003, 1500, 7000),
    ),
    "plastic": Material(
        (260, 900), (1, 1.45, 2.1, 2.7, 3.5, 4.4), (0.03, 0.085), 0.20, 0.9, (0.0006, 0.0014),
        Click(0.45, 0.005, 600, 4500),
    ),
    "wood": Material(
        (190, 620), (1, 1.9, 2.75, 3.9, 5.4), (0.045, 0.12), 0.25, 1.1, (0.0006, 0.0016),
        Click(0.30, 0.004, 400, 3000),
    ),
    "cardboard": Material(
        (85, 260), (1, 1.6, 2.3, 3.1), (0.03, 0.07), 0.20, 1.3, (0.002, 0.004),
        Click(0.80, 0.012, 150, 2200),
    ),
}  # fmt: skip

CLICK_SAMPLES = RATE // 10
STEP_SAMPLES = RATE // 4


def tapping(material: str) -> Callable[[np.random.Generator], Signal]:
    """The sound class "one to three taps on the same body of this material"."""
    body = MATERIALS[material]

    def taps(rng: np.random.Generator) -> Signal:
        clip = silence()
        pitch, ring = log_uniform(rng, body.pitch), log_uniform(rng, body.ring)
        start = rng.uniform(0.03, 0.25)
        for _ in range(rng.integers(1, 4)):
            add_at(clip, _one_tap(rng, body, pitch, ring), start, rng.uniform(0.5, 1.0))
            start += rng.uniform(0.16, 0.34)
        return clip

    return taps


def _one_tap(rng: np.random.Generator, body: Material, pitch: float, ring: float) -> Signal:
    """The ringing and the click of one tap; it never hits quite the same spot with quite the same force."""
    tap = damped_modes(
        rng,
        pitch * (1 + rng.normal(0, 0.004)),
        body.ratios,
        ring,
        damping=body.damping,
        dullness=body.dullness * rng.uniform(0.7, 1.3),
        contact=rng.uniform(*body.contact),
    )
    click = body.click
    noise = noise_burst(rng, CLICK_SAMPLES, click.low, click.high, click.decay * rng.uniform(0.6, 1.6), order=2)
    add_at(tap, to_peak(noise), 0.0, click.level * rng.uniform(0.5, 1.5))
    return tap


def leather_steps(rng: np.random.Generator) -> Signal:
    """One or two steps in leather shoes: a hard heel, then the softer toe 70 to 150 ms later (Cook 2002)."""
    clip = silence()
    start = rng.uniform(0.03, 0.25)
    for _ in range(rng.integers(1, 3)):
        add_at(clip, _leather_knock(rng), start)
        add_at(clip, _leather_knock(rng), start + rng.uniform(0.07, 0.15), rng.uniform(0.25, 0.6))
        start += rng.uniform(0.4, 0.55)
    return clip


def _leather_knock(rng: np.random.Generator) -> Signal:
    knock = damped_modes(
        rng,
        rng.uniform(130, 320),
        (1, 1.7, 2.6, 3.9, 5.5),
        rng.uniform(0.05, 0.11),
        damping=0.2,
        dullness=0.6,
        contact=0.0006,
        n_samples=STEP_SAMPLES,
    )
    scrape = noise_burst(rng, STEP_SAMPLES, 700, 5000, rng.uniform(0.003, 0.009))
    return knock + rng.uniform(0.5, 1.1) * to_peak(scrape)


def rubber_steps(rng: np.random.Generator) -> Signal:
    """One or two steps in rubber soles: a dull thud, and in six of ten a squeak."""
    clip = silence()
    start = rng.uniform(0.03, 0.25)
    for _ in range(rng.integers(1, 3)):
        add_at(clip, _rubber_thud(rng), start)
        if rng.random() < 0.6:
            add_at(clip, _rubber_squeak(rng), start + rng.uniform(0.05, 0.12), rng.uniform(0.1, 0.45))
        start += rng.uniform(0.4, 0.55)
    return clip


def _rubber_thud(rng: np.random.Generator) -> Signal:
    thud = damped_modes(
        rng,
        rng.uniform(55, 120),
        (1, 1.6, 2.4),
        rng.uniform(0.08, 0.15),
        damping=0.2,
        dullness=1.2,
        contact=0.006,
        n_samples=STEP_SAMPLES,
    )
    rustle = low_pass(rng.standard_normal(STEP_SAMPLES), rng.uniform(500, 1100), order=1)
    rustle *= np.exp(-time_axis(STEP_SAMPLES) / rng.uniform(0.02, 0.05))
    return thud + 0.5 * to_peak(rustle)


def _rubber_squeak(rng: np.random.Generator) -> Signal:
    """Stick-slip friction: a gliding tone with overtones (Akay 2002)."""
    n_samples = int(rng.uniform(0.05, 0.14) * RATE)
    progress = np.arange(n_samples) / n_samples
    glide = 1 + rng.uniform(-0.25, 0.35) * progress + 0.0075 * slow_noise(rng, n_samples, 40)
    phase = 2 * np.pi * np.cumsum(rng.uniform(700, 1700) * glide) / RATE
    tone = np.sin(phase) + 0.5 * np.sin(2 * phase) + 0.3 * np.sin(3 * phase)
    return tone * np.sin(np.pi * progress) ** 1.2
