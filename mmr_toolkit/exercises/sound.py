"""Self-checks for notebook 05, Sound."""

from collections.abc import Callable

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_count_frames", "check_mel_to_hz", "check_slopes"]


def _mel_to_hz(mel: float) -> float:
    """The trusted answer: HTK's formula, 2595 log10(1 + f / 700), solved for f."""
    return 700 * (10 ** (mel / 2595) - 1)


_MEL_SLIPS = {
    "that is the formula of the lesson, from Hz to mel. The way back was asked for: 1,000 mel are about 1,000 Hz.": (
        lambda mel: 2595 * np.log10(1 + mel / 700)
    ),
    "0 mel should be 0 Hz; yours is 700. The 1 that is added before the logarithm has to be taken away again.": (
        lambda mel: 700 * 10 ** (mel / 2595)
    ),
    "the formula has a logarithm to base 10, so its inverse is 10 ** x; np.exp undoes the natural one.": (
        lambda mel: 700 * (np.exp(mel / 2595) - 1)
    ),
    "the factor 700 is missing: f was divided by it before the logarithm.": lambda mel: 10 ** (mel / 2595) - 1,
}


@exercise
def check_mel_to_hz(mel_to_hz: Callable[[float], float]) -> str:
    """Exercise 1: `mel_to_hz(mel)` is the frequency in Hz, the inverse of HTK's 2595 log10(1 + f / 700)."""
    compare(mel_to_hz, _mel_to_hz, [(0.0,), (150.0,), (1000.0,), (2840.0,)], _MEL_SLIPS)
    return "there and back again is where one started."


def _count_frames(n_samples: int, n_fft: int, hop: int) -> int:
    """The trusted answer: windows start at 0, hop, 2 hop, … as long as all n_fft samples are there."""
    return 0 if n_samples < n_fft else 1 + (n_samples - n_fft) // hop


_FRAME_SLIPS = {
    "the first window, which starts at sample 0, is missing: add 1.": (
        lambda n_samples, n_fft, hop: 0 if n_samples < n_fft else (n_samples - n_fft) // hop
    ),
    "that counts frames with half a window of silence added at both ends, as in the lesson. Here none is added.": (
        lambda n_samples, n_fft, hop: 1 + n_samples // hop
    ),
    "that counts a last window which only partly fits. Round down: //.": (
        lambda n_samples, n_fft, hop: 0 if n_samples < n_fft else 1 + -(-(n_samples - n_fft) // hop)
    ),
    "the windows overlap: one begins every hop samples, not every n_fft.": (
        lambda n_samples, n_fft, hop: n_samples // n_fft
    ),
    "a sound shorter than one window has 0 frames; yours can be negative.": (
        lambda n_samples, n_fft, hop: 1 + (n_samples - n_fft) // hop
    ),
    "a sound shorter than one window has 0 frames; yours has 1.": (
        lambda n_samples, n_fft, hop: 1 + max(n_samples - n_fft, 0) // hop
    ),
}


@exercise
def check_count_frames(count_frames: Callable[[int, int, int], int]) -> str:
    """Exercise 2: `count_frames(n_samples, n_fft, hop)` is how many whole windows fit into a sound without padding."""
    cases = [(16_000, 512, 160), (1_152, 512, 160), (1_151, 512, 160), (512, 512, 160), (100, 512, 160), (10, 4, 3)]
    compare(count_frames, _count_frames, cases, _FRAME_SLIPS)
    return "whole windows only, and a sound shorter than one has none."


def _slopes(values: np.ndarray, reach: int) -> np.ndarray:
    """The trusted answer: Σ_n n (c[t+n] − c[t−n]) / (2 Σ_n n²), the first and the last value repeated beyond."""
    return _slopes_over(np.pad(values, reach, mode="edge"), reach)


def _slopes_over(longer: np.ndarray, reach: int) -> np.ndarray:
    """As `_slopes`, of values that were already made longer by `reach` at both ends."""
    n = len(longer) - 2 * reach
    steps = range(1, reach + 1)
    rise = [step * (longer[reach + step :][:n] - longer[reach - step :][:n]) for step in steps]
    return np.sum(rise, axis=0) / (2 * sum(step**2 for step in steps))


_SLOPE_SLIPS = {
    "the sign is turned: values that rise should have a positive slope. Subtract the earlier one from the later one.": (
        lambda values, reach: -_slopes(values, reach)
    ),
    "twice too steep: the formula divides by 2 Σ n², since c[t + n] and c[t − n] are 2 n frames apart.": (
        lambda values, reach: 2 * _slopes(values, reach)
    ),
    "beyond the ends it takes zeros, so every sound seems to start and stop with a jump. Repeat the first and the last "
    'value: np.pad(values, reach, mode="edge").': (
        lambda values, reach: _slopes_over(np.pad(np.asarray(values, dtype=float), reach), reach)
    ),
    "it divides by 2 Σ n instead of 2 Σ n².": (
        lambda values, reach: (
            _slopes(values, reach) * (sum(n**2 for n in range(1, reach + 1)) / sum(range(1, reach + 1)))
        )
    ),
    "it looks at the two neighbours only. All frames up to `reach` away count, frame n with weight n.": (
        lambda values, reach: _slopes(values, 1)
    ),
    "it leaves the ends out: one slope per value was asked for. Repeat the first and the last value beyond the ends.": (
        lambda values, reach: _slopes(values, reach)[reach:-reach]
    ),
}


@exercise
def check_slopes(slopes: Callable[[np.ndarray, int], np.ndarray]) -> str:
    """Exercise 3: `slopes(values, reach)` is how fast a row of values changes at each frame.

    values: (T,) float. Returns (T,): Σ_{n = 1 … reach} n (c[t+n] − c[t−n]) / (2 Σ n²), with the first and the last
    value repeated beyond the ends.
    """
    rng = np.random.default_rng(0)
    cases = [(3.0 + 2 * np.arange(8.0), 2), (rng.normal(2, 1, 12), 2), (rng.normal(5, 1, 9), 3), (np.ones(6), 1)]
    compare(slopes, _slopes, cases, _SLOPE_SLIPS)
    return "one slope per frame, fitted over 2 · reach + 1 frames."
