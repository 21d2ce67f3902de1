"""The measures of a ranking by name: definition, ceiling, chance, and what they do without an answer.

All are per query, with R full matches among N items; `recall@5` is the measure `recall@k` with k = 5. The sign ≥ full
means: of a grade that counts as full match.

    AP            1/R Σ_{places i of full matches} (full matches up to i) / i. Mean over queries: mAP, the headline.
    RR            1 / place of the first full match, 0 if none is ranked. Mean: MRR (Voorhees 1999).
    first rank    place of the first full match, ∞ if none is ranked. Summed up by its *median*, which stays finite.
    nDCG@k        Σ_{i ≤ k} (2^grade_i − 1) / log2(i + 1), divided by the same sum for the best order (Järvelin &
                  Kekäläinen 2002; the exponential gain is that of Burges et al. 2005). The only one to see near misses.
    recall@k      (full matches among the first k) / R.
    precision@k   (full matches among the first k) / k, also where fewer than k items are ranked.
    hit rate@k    1 if there is a full match among the first k, else 0 (TREC: success).

**Ceiling**: the measure of the best order, all items by falling grade. It is 1 except for recall@k with R > k (k / R)
and precision@k with R < k (R / k). **Chance**: the expected value over all orders of the items, by formula; for first
rank the median (the first place by which at least half of the orders have shown a full match).

**No answer**: without a full match (R = 0) all but nDCG are NaN, without any graded item nDCG is NaN too. **Ties** are
broken before, where the ranking is made: lower position first. **Not ranked** counts as not found.

Where an answer exists, the numbers are those of trec_eval, which the tests ask; without one it writes 0 or nothing at
all, and a system would be blamed for a question without an answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from mmr_toolkit.common.quoting import listed, quoted
from mmr_toolkit.queries.qrels import FULL_MATCH

Family = Literal["AP", "RR", "first rank", "nDCG@k", "recall@k", "precision@k", "hit rate@k"]
FAMILIES: tuple[Family, ...] = get_args(Family)
MOST_DIGITS = 9  # of a k


@dataclass(frozen=True)
class Measure:
    """A measure with its cut-off filled in, made by `measure_named`.

    Attributes:
        name: as asked for, such as "nDCG@10".
        family: its row in the table at the top of this file.
        cutoff: k, or 0 for a measure of the whole ranking.
    """

    name: str
    family: Family
    cutoff: int

    @property
    def summary(self) -> Literal["mean", "median"]:
        """How values of many queries become one."""
        return "median" if self.family == "first rank" else "mean"

    def of_grades(self, ordered: np.ndarray, best: np.ndarray, full_match: int = FULL_MATCH) -> np.ndarray:
        """The value of each query, float (n_query,), NaN where it is not defined; arguments as `measure_grades`."""
        values = _OF_GRADES[self.family](ordered, best, self.cutoff, full_match)
        return np.where(self.is_defined(best, full_match), values, np.nan)

    def by_chance(self, best: np.ndarray, n_items: int, full_match: int = FULL_MATCH) -> np.ndarray:
        """What a random order of `n_items` items reaches, float (n_query,), NaN where it is not defined."""
        values = _BY_CHANCE[self.family](best, n_items, self.cutoff, full_match)
        return np.where(self.is_defined(best, full_match), values, np.nan)

    def is_defined(self, best: np.ndarray, full_match: int = FULL_MATCH) -> np.ndarray:
        """Which queries have an answer that this measure can count, bool (n_query,)."""
        return best.max(axis=1, initial=0) >= (1 if self.family == "nDCG@k" else full_match)


def measure_named(name: str) -> Measure:
    """Read a name such as "AP" or "recall@5".

    Raises:
        ValueError: no such measure, or a cut-off that is not a whole number of at least 1.
    """
    head, at, cutoff = str(name).partition("@")
    family = f"{head}@k" if at else head
    if family not in FAMILIES:
        raise ValueError(f"unknown measure {quoted(name)}: choose one of {', '.join(FAMILIES)}, with a number for k.")
    if at and not (cutoff.isdecimal() and len(cutoff) <= MOST_DIGITS and int(cutoff) > 0):
        raise ValueError(
            f"{quoted(name)}: the number after @ must be a whole number of at least 1, with up to {MOST_DIGITS} "
            f"digits, such as {head}@10."
        )
    return Measure(name, family, int(cutoff) if at else 0)


def measures_named(names: Sequence[str]) -> list[Measure]:
    """Read several names, in their order.

    Raises:
        TypeError: one string in place of several.
        ValueError: as `measure_named`, no name at all, or a name twice.
    """
    if isinstance(names, str):
        raise TypeError(f"measures is the string {quoted(names)}: expected several names, such as ({quoted(names)},).")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"measures must hold at least one name, each once, got {listed(names) or 'none'}.")
    return [measure_named(name) for name in names]


def measure_grades(
    ordered: np.ndarray, best: np.ndarray, measures: Sequence[Measure], full_match: int = FULL_MATCH
) -> np.ndarray:
    """Measure many rankings at once.

    Args:
        ordered: int (n_query, n_place), the grade of the item at each place, best place first; 0 where nothing is
            judged or nothing is ranked.
        best: int (n_query, any), the grades of all judged items of each query, falling; zeros fill up the rows.
        measures: as from `measures_named`.
        full_match: the grade from which on an item counts as full match.

    Returns:
        float (n_query, number of measures), NaN where a measure is not defined.
    """
    return np.column_stack([measure.of_grades(ordered, best, full_match) for measure in measures])


def best_order(qrels: Sequence[Mapping[str, int]]) -> np.ndarray:
    """The judged grades of each query, falling, filled up with zeros: int (n_query, most judged items of a query)."""
    best = np.zeros((len(qrels), max((len(grades) for grades in qrels), default=0)), dtype=np.int64)
    for row, grades in zip(best, qrels, strict=True):
        row[: len(grades)] = sorted(grades.values(), reverse=True)
    return best


# What each measure is for the grades in ranked order. R is at least 1 below: `is_defined` takes care of R = 0.


def _n_full(best: np.ndarray, full: int) -> np.ndarray:
    return np.maximum((best >= full).sum(axis=1), 1)


def _average_precision(ordered: np.ndarray, best: np.ndarray, k: int, full: int) -> np.ndarray:
    match = ordered >= full
    precision = match.cumsum(axis=1) / np.arange(1, match.shape[1] + 1)
    return (precision * match).sum(axis=1) / _n_full(best, full)


def _first_rank(ordered: np.ndarray, best: np.ndarray, k: int, full: int) -> np.ndarray:
    match = ordered >= full
    found = match.any(axis=1)
    first = match.argmax(axis=1) if match.shape[1] else 0
    return np.where(found, first + 1.0, np.inf)


def _discounted_gain(grades: np.ndarray, k: int) -> np.ndarray:
    top = grades[:, :k].astype(float)
    return ((2**top - 1) / np.log2(np.arange(2, top.shape[1] + 2))).sum(axis=1)


def _ndcg(ordered: np.ndarray, best: np.ndarray, k: int, full: int) -> np.ndarray:
    ideal = _discounted_gain(best, k)
    return _discounted_gain(ordered, k) / np.where(ideal > 0, ideal, 1)


def _found(ordered: np.ndarray, k: int, full: int) -> np.ndarray:
    return (ordered[:, :k] >= full).sum(axis=1)


_OF_GRADES: dict[Family, Callable[[np.ndarray, np.ndarray, int, int], np.ndarray]] = {
    "AP": _average_precision,
    "RR": lambda ordered, best, k, full: 1 / _first_rank(ordered, best, k, full),
    "first rank": _first_rank,
    "nDCG@k": _ndcg,
    "recall@k": lambda ordered, best, k, full: _found(ordered, k, full) / _n_full(best, full),
    "precision@k": lambda ordered, best, k, full: _found(ordered, k, full) / k,
    "hit rate@k": lambda ordered, best, k, full: (_found(ordered, k, full) > 0).astype(float),
}

# What a random order of N items reaches.


def _chance_average_precision(best: np.ndarray, n: int, k: int, full: int) -> np.ndarray:
    """E[AP] = 1/N Σ_i 1/i (1 + (i − 1)(R − 1)/(N − 1)).

    Place i holds a full match with probability R/N, and then (i − 1)(R − 1)/(N − 1) more are expected before it.
    """
    place = np.arange(1, n + 1)
    before = (place - 1) * (_n_full(best, full)[:, None] - 1) / max(n - 1, 1)
    return ((1 + before) / place).mean(axis=1)


def _chance_ndcg(best: np.ndarray, n: int, k: int, full: int) -> np.ndarray:
    """E[nDCG@k] = (mean gain of an item) · Σ_{i ≤ k} 1/log2(i + 1) / (the same sum for the best order)."""
    ideal = _discounted_gain(best, k)
    mean_gain = (2.0**best - 1).sum(axis=1) / n
    return mean_gain * (1 / np.log2(np.arange(2, min(k, n) + 2))).sum() / np.where(ideal > 0, ideal, 1)


def _still_hidden(best: np.ndarray, n: int, full: int) -> np.ndarray:
    """P(no full match among the first i places) = Π_{j < i} (N − R − j)/(N − j), (n_query, N + 1) for i = 0 … N."""
    j = np.arange(n)
    factors = np.maximum((n - _n_full(best, full)[:, None] - j) / (n - j), 0)
    return np.hstack([np.ones((len(best), 1)), factors.cumprod(axis=1)])


def _chance_reciprocal_rank(best: np.ndarray, n: int, k: int, full: int) -> np.ndarray:
    """E[RR] = Σ_i 1/i · P(the first full match stands at place i)."""
    return (-np.diff(_still_hidden(best, n, full), axis=1) / np.arange(1, n + 1)).sum(axis=1)


_BY_CHANCE: dict[Family, Callable[[np.ndarray, int, int, int], np.ndarray]] = {
    "AP": _chance_average_precision,
    "RR": _chance_reciprocal_rank,
    "first rank": lambda best, n, k, full: (_still_hidden(best, n, full) > 0.5 + 1e-12).sum(axis=1).astype(float),
    "nDCG@k": _chance_ndcg,
    "recall@k": lambda best, n, k, full: np.full(len(best), min(k / n, 1.0)),
    "precision@k": lambda best, n, k, full: _n_full(best, full) / n * min(k, n) / k,
    "hit rate@k": lambda best, n, k, full: 1 - _still_hidden(best, n, full)[:, min(k, n)],
}
