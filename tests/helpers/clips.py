"""Sounds for tests."""

import numpy as np

from mmr_toolkit.catalogue.media import SAMPLE_RATE


def clip(seed: int, n_samples: int = SAMPLE_RATE, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A decaying tone in noise, from the seed."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / rate
    tone = np.sin(2 * np.pi * rng.uniform(200, 3000) * time) * np.exp(-time * rng.uniform(1, 8))
    return (0.3 * tone + 0.03 * rng.standard_normal(n_samples)).astype(np.float32)


def click_at_the_end(n_samples: int) -> np.ndarray:
    """Faint noise and a click in the last samples: what a frame beyond the end hears best."""
    samples = clip(0, n_samples) * 0.01
    samples[-3:] = 0.9
    return samples
