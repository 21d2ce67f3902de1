"""A drink that is poured, still or sparkling.

Running water sounds because it traps air: a bubble of radius R (metres) rings at f = 3.26 / R hertz under
normal pressure (Minnaert 1933). Its pitch rises while it closes in on the surface (van den Doel 2005). While
the glass fills, the column of air above the drink gets shorter and its resonance climbs (Cabe & Pittenger
2000). A sparkling drink adds thousands of small bubbles that burst.
"""

import numpy as np

from .filters import (
    CLIP_SAMPLES,
    CLIP_SECONDS,
    RATE,
    Range,
    Signal,
    add_at,
    band_pass,
    log_uniform,
    low_pass,
    silence,
    slow_noise,
    time_axis,
    to_unit_power,
)

MINNAERT = 3.26  # Hz m: resonance frequency x radius of an air bubble in water
POUR_RADII: Range = (0.0014, 0.0093)  # m: 350 to 2,300 Hz
FIZZ_RADII: Range = (0.00044, 0.0011)  # m: 3.0 to 7.4 kHz
LONGEST_BUBBLE = 0.08  # s


def bubbles(
    rng: np.random.Generator, rate: float, radii: Range, quality: float, start: float, stop: float, rise: float = 0.0
) -> Signal:
    """Bubbles at random moments between `start` and `stop`: damped sines at their Minnaert frequencies.

    Args:
        rate: bubbles per second.
        radii: smallest and largest radius, m.
        quality: Q, about the number of oscillations of a bubble times pi.
        rise: how far the pitch climbs while the bubble dies away.
    """
    clip = silence()
    for moment in rng.uniform(start, stop, rng.poisson(rate * (stop - start))):
        frequency = MINNAERT / log_uniform(rng, radii)
        decay = quality / (np.pi * frequency)
        time = time_axis(int(min(LONGEST_BUBBLE, 7 * decay) * RATE) + 8)
        tone = np.exp(-time / decay) * np.sin(2 * np.pi * frequency * time * (1 + rise * time / (5 * decay)))
        add_at(clip, tone, moment, 0.4 * min(rng.pareto(2.2), 3.0) + 0.15)
    return clip


def pour_still(rng: np.random.Generator) -> Signal:
    """A stream into a glass: large bubbles, the rush of the water, the rising resonance of the air above it."""
    start, stop = rng.uniform(0, 0.15), rng.uniform(0.8, CLIP_SECONDS)
    return _stream(rng, start, stop)


def pour_sparkling(rng: np.random.Generator) -> Signal:
    """The same stream, and over it the fizz that goes on when the stream has stopped."""
    start, stop = rng.uniform(0, 0.15), rng.uniform(0.8, CLIP_SECONDS)
    stream = rng.uniform(0.35, 1.0) * _stream(rng, start, stop)
    return stream + rng.uniform(0.12, 0.6) * _fizz(rng, start, stop)


def _stream(rng: np.random.Generator, start: float, stop: float) -> Signal:
    vessel = rng.uniform(0.75, 1.35)  # a smaller vessel sounds higher
    radii = (POUR_RADII[0] / vessel, POUR_RADII[1] / vessel)
    large = bubbles(rng, rng.uniform(140, 380), radii, rng.uniform(10, 20), start, stop, rise=0.25)
    open_tap = np.where((time_axis(CLIP_SAMPLES) >= start) & (time_axis(CLIP_SAMPLES) < stop), 1.0, 0.0)
    flow = low_pass(open_tap, 8, order=1)
    rush = to_unit_power(band_pass(rng.standard_normal(CLIP_SAMPLES), 250 * vessel, 1300 * vessel, order=1))
    pitch = np.linspace(rng.uniform(350, 600), rng.uniform(650, 1100), CLIP_SAMPLES)
    air_column = slow_noise(rng, CLIP_SAMPLES, 30) * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
    return to_unit_power(large) + (rng.uniform(0.15, 0.5) * rush + 0.1 * air_column) * flow


def _fizz(rng: np.random.Generator, start: float, stop: float) -> Signal:
    time = time_axis(CLIP_SAMPLES)
    small = bubbles(rng, rng.uniform(1100, 3200), FIZZ_RADII, rng.uniform(8, 16), start, CLIP_SECONDS)
    hiss = band_pass(rng.standard_normal(CLIP_SAMPLES), 3500, 7600, order=1)
    fading = np.exp(-np.maximum(time - stop / 2, 0) / rng.uniform(0.4, 2.0)) * np.minimum(1, time / 0.1)
    return (to_unit_power(small) + rng.uniform(0.1, 0.5) * to_unit_power(hiss)) * fading
