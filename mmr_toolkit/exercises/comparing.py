"""Self-checks for notebook 09, Comparing."""

from collections.abc import Callable
from itertools import product

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_benjamini_hochberg", "check_interval", "check_sign_p"]


def _interval(values: np.ndarray, draws: np.ndarray) -> tuple[float, float]:
    """The trusted answer: the quantiles 0.025 and 0.975 of the means of all draws."""
    low, high = np.quantile(values[draws].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _middle(values: np.ndarray, draws: np.ndarray, tail: float) -> tuple[float, ...]:
    return tuple(np.quantile(values[draws].mean(axis=1), [tail, 1 - tail]))


_INTERVAL_SLIPS = {
    "that is where 95 % of the single values lie, not of the means: take the mean of each draw first.": (
        lambda values, draws: tuple(np.quantile(values, [0.025, 0.975]))
    ),
    "those are quantiles of all drawn values. Each draw is one row: .mean(axis=1) first.": (
        lambda values, draws: tuple(np.quantile(values[draws], [0.025, 0.975]))
    ),
    "each row of draws is one draw, so the mean runs along axis 1; yours runs down the columns.": (
        lambda values, draws: tuple(np.quantile(values[draws].mean(axis=0), [0.025, 0.975]))
    ),
    "that leaves out 5 % at each end, which is a 90 % interval. 95 % in the middle leave 2.5 % at each end.": (
        lambda values, draws: _middle(values, draws, 0.05)
    ),
    "that is mean ± one standard deviation of the values: how much queries differ, not how unsure their mean is.": (
        lambda values, draws: (values.mean() - values.std(), values.mean() + values.std())
    ),
    "the ends are swapped: the lower one comes first.": lambda values, draws: _interval(values, draws)[::-1],
    "those are the smallest and the largest mean of all draws: 100 %, and wider with every further draw.": (
        lambda values, draws: (values[draws].mean(axis=1).min(), values[draws].mean(axis=1).max())
    ),
}


@exercise
def check_interval(interval: Callable[[np.ndarray, np.ndarray], tuple[float, float]]) -> str:
    """Exercise 1: `interval(values, draws)` is the 95 % bootstrap interval of the mean, (low, high).

    values: (n,) one per query. draws: int (B, n), each row the positions of one draw with replacement.
    """
    rng = np.random.default_rng(0)
    cases = [(rng.random(n), rng.integers(0, n, (400, n))) for n in (5, 12, 30)]
    compare(interval, _interval, cases, _INTERVAL_SLIPS)
    return "an interval for the mean of all such queries, not for a single one."


def _sums(differences: np.ndarray) -> np.ndarray:
    """The sum of the differences under every pattern of signs, (2^n,); the observed one comes first."""
    patterns = np.array(list(product([1, -1], repeat=len(differences))))
    return patterns @ differences


def _share(differences: np.ndarray, as_large: Callable[[np.ndarray, float], np.ndarray]) -> float:
    sums = _sums(differences)
    return float(as_large(sums, sums[0]).mean())


def _sign_p(a: np.ndarray, b: np.ndarray) -> float:
    """The trusted answer: the share of all sign patterns with a sum at least as large as the observed, both ways."""
    return _share(a - b, lambda sums, seen: np.abs(sums) >= abs(seen) - 1e-9)


_SIGN_SLIPS = {
    "the observed pattern is one of them, and as large as itself: >= in place of >. A p-value is never 0.": (
        lambda a, b: _share(a - b, lambda sums, seen: np.abs(sums) > abs(seen) + 1e-9)
    ),
    "that looks at one side only: a sum as large with the other sign counts too. Compare absolute values.": (
        lambda a, b: _share(a - b, lambda sums, seen: sums >= seen - 1e-9)
    ),
    "that is the share of patterns that stay below the observed one: 1 minus what was asked for.": (
        lambda a, b: _share(a - b, lambda sums, seen: np.abs(sums) < abs(seen) - 1e-9)
    ),
    "that only counts who won how often: a win by 0.5 should weigh more than one by 0.01. Sum the differences.": (
        lambda a, b: _share(np.sign(a - b), lambda sums, seen: np.abs(sums) >= abs(seen) - 1e-9)
    ),
    "that adds a and b; their difference was asked for.": (
        lambda a, b: _share(a + b, lambda sums, seen: np.abs(sums) >= abs(seen) - 1e-9)
    ),
}


@exercise
def check_sign_p(sign_p: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Exercise 2: `sign_p(a, b)` is the two-sided p-value of the paired randomisation test, by all 2^n patterns."""
    rng = np.random.default_rng(1)
    cases = [(rng.random(n), rng.random(n)) for n in (1, 4, 7, 10)]
    cases.append((np.array([0.5, 0.5, 0.5]), np.array([0.5, 0.5, 0.5])))
    cases.append((np.array([0.9, 0.8, 0.4]), np.array([0.1, 0.7, 0.5])))
    compare(sign_p, _sign_p, cases, _SIGN_SLIPS)
    return "every pattern counted once, the observed one among them, both ways."


def _from_the_largest(p: np.ndarray, factors: Callable[[int], np.ndarray]) -> np.ndarray:
    """Sorted p-values times factors, from the largest down never rising, at most 1, back in the order of the input."""
    rising = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[rising] = np.minimum(np.minimum.accumulate((p[rising] * factors(len(p)))[::-1])[::-1], 1)
    return corrected


def _benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """The trusted answer: min over j ≥ i of p_(j) m / j, at most 1 (Benjamini & Hochberg 1995)."""
    return _from_the_largest(p, lambda m: m / np.arange(1, m + 1))


def _holm(p: np.ndarray) -> np.ndarray:
    rising = np.argsort(p, kind="stable")
    corrected = np.empty(len(p))
    corrected[rising] = np.minimum(np.maximum.accumulate(p[rising] * np.arange(len(p), 0, -1)), 1)
    return corrected


def _times_m_over_rank(p: np.ndarray) -> np.ndarray:
    ranks = np.argsort(np.argsort(p, kind="stable"), kind="stable") + 1
    return p * len(p) / ranks


_FALSE_DISCOVERY_SLIPS = {
    "that is Bonferroni: every p times m. Here the i-th smallest is multiplied by m / i only.": (
        lambda p: np.minimum(p * len(p), 1)
    ),
    "that is Holm, whose factors are m − i + 1. Here they are m / i.": _holm,
    "that is m / i times p, but not yet in order: a larger p must not get a smaller value than a smaller p. From the "
    "largest down, take the smallest so far.": _times_m_over_rank,
    "the values come back sorted; they belong in the order of the input.": lambda p: np.sort(_benjamini_hochberg(p)),
    "the running step goes the wrong way: it starts at the largest p and takes the smallest value so far.": (
        lambda p: np.minimum(np.maximum.accumulate(np.sort(p) * len(p) / np.arange(1, len(p) + 1)), 1)[
            np.argsort(np.argsort(p, kind="stable"), kind="stable")
        ]
    ),
    "the ranks are turned round: the smallest p gets the factor m / 1, the largest m / m.": (
        lambda p: _from_the_largest(p, lambda m: m / np.arange(m, 0, -1))
    ),
}


@exercise
def check_benjamini_hochberg(benjamini_hochberg: Callable[[np.ndarray], np.ndarray]) -> str:
    """Exercise 3: `benjamini_hochberg(p)` corrects p-values so that among the findings few are false.

    p: (m,). Returns (m,) in the same order: p_(i) · m / i for the i-th smallest, at most 1, and made so that no larger
    p gets a smaller value.
    """
    rng = np.random.default_rng(2)
    cases = [(np.array(p),) for p in ([0.01, 0.04, 0.03], [0.001, 0.021, 0.02, 0.5], [0.9, 0.2, 0.8, 0.7])]
    cases += [(rng.random(m) ** 2,) for m in (1, 6, 15)]
    compare(benjamini_hochberg, _benjamini_hochberg, cases, _FALSE_DISCOVERY_SLIPS)
    return "of what is then called a finding, at most the chosen share is false on average."
