"""Is a difference more than luck? Intervals by resampling, a paired test, and the price of many tests.

Queries that were made of the same family of products are not independent: if one is easy, so are its sisters.
`groups` names the family of each query, and then whole families are drawn, or change sides, together.

Values are given per query. A NaN marks a query for which the measure is not defined; it is left out.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from mmr_toolkit.common.quoting import quoted

Statistic = Literal["mean", "median"]
STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
#: So many resamples are held in memory at a time.
BLOCK = 4096


def bootstrap_interval(
    values: npt.ArrayLike,
    *,
    groups: Sequence[str] | npt.ArrayLike | None = None,
    statistic: Statistic = "mean",
    level: float = 0.95,
    n_resamples: int = 2000,
    rng: np.random.Generator,
) -> np.ndarray:
    """An interval in which the mean (or median) over *all* such queries plausibly lies: the percentile bootstrap.

    As many groups as there are, are drawn with replacement, and the statistic is computed of all their queries; this
    many times over. The interval runs between the quantiles (1 − level)/2 and (1 + level)/2 of what came out (Efron
    1979; for groups: Field & Welsh 2007).

    Args:
        values: (n,), or (n, c) for c columns that share the draws.
        groups: (n,) name of each query's family; None: every query is a group of its own.
        statistic: "mean" or "median".
        level: how often such an interval should hold the truth, above 0 and below 1.
        n_resamples: how many draws.
        rng: where the draws come from.

    Returns:
        (2,) the lower and the upper end, or (2, c). NaN for a column without any value.

    Raises:
        ValueError: no values, infinite ones for a mean, groups of another length, an unknown statistic, a level outside
            (0, 1), n_resamples below 1.
    """
    table, columns = _as_table(values, finite=statistic != "median")
    member, n_groups = _members(groups, len(table))
    _at_least_one(n_resamples)
    if statistic not in STATISTICS:
        raise ValueError(f"unknown statistic {quoted(statistic)}: choose one of {', '.join(STATISTICS)}.")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}, expected a number between 0 and 1, such as 0.95.")
    # How often each group was drawn says all that there is to know about a draw: (n_resamples, n_groups).
    drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=n_resamples)
    if statistic == "mean":
        resampled = _resampled_means(table, member, drawn)
    else:
        resampled = np.column_stack([_resampled_medians(column, drawn[:, member]) for column in table.T])
    tail = (1 - level) / 2
    ends = np.full((2, table.shape[1]), np.nan)
    some = ~np.isnan(table).all(axis=0)
    ends[:, some] = np.nanquantile(resampled[:, some], [tail, 1 - tail], axis=0, method="inverted_cdf")
    return ends if columns else ends[:, 0]


def paired_test(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    groups: Sequence[str] | npt.ArrayLike | None = None,
    n_resamples: int = 100_000,
    rng: np.random.Generator,
) -> np.ndarray:
    """How likely is a mean difference this large, or larger, if the two systems were the same? The randomisation test.

    If nothing but a name told the two systems apart, then swapping them for any group of queries would be as likely as
    not. Each swap turns the sign of the group's difference D_g. The p-value is the share of sign patterns with
    |Σ_g ± D_g| ≥ |Σ_g D_g|, two-sided (Fisher 1935; Pitman 1937; for retrieval: Smucker, Allan & Carterette 2007).

    With at most log2(n_resamples) groups all patterns are looked at. Otherwise n_resamples are drawn, and the observed
    one counts as one of them: p = (1 + as large) / (1 + drawn), which is never 0.

    Args:
        a, b: (n,) values of the same queries, or (n, c) for c pairs of systems that share the patterns.
        groups: (n,) name of each query's family; None: every query is a group of its own.
        n_resamples: how many patterns are drawn; the smallest p is 1 / (1 + n_resamples), which is a bound: more
            patterns might show a smaller one.
        rng: where the patterns come from.

    Returns:
        p, (c,), or a single number; NaN for a column without any pair.

    Raises:
        ValueError: different shapes, no values, infinite ones, groups of another length, n_resamples below 1.
    """
    first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"a has shape {first.shape} and b {second.shape}: expected values of the same queries.")
    if np.isinf(first).any() or np.isinf(second).any():
        raise ValueError("a or b hold infinity, which has no mean: first ranks cannot be tested, test RR instead.")
    table, columns = _as_table(first - second)
    member, n_groups = _members(groups, len(table))
    _at_least_one(n_resamples)
    differences = _sums(np.nan_to_num(table), member, n_groups)
    limit = np.abs(differences.sum(axis=0)) - 1e-9 * np.abs(differences).sum(axis=0)  # equal sums may differ in a digit

    exact = 2**n_groups <= n_resamples
    n_patterns = 2**n_groups if exact else n_resamples
    as_large = np.zeros(table.shape[1])
    for start in range(0, n_patterns, BLOCK):
        count = min(BLOCK, n_patterns - start)
        if exact:
            signs = 1.0 - 2 * (np.arange(start, start + count)[:, None] >> np.arange(n_groups) & 1)
        else:
            signs = 1.0 - 2 * rng.integers(0, 2, (count, n_groups), dtype=np.int8)
        as_large += (np.abs(signs @ differences) >= limit).sum(axis=0)
    p = as_large / n_patterns if exact else (1 + as_large) / (1 + n_patterns)
    p = np.where(np.isnan(table).all(axis=0), np.nan, p)
    return p if columns else p[0]


def holm(p_values: npt.ArrayLike) -> np.ndarray:
    """Make p-values larger so that, over all of them, a single false alarm has at most the chosen probability.

    With m tests in rising order of p, the i-th is multiplied by m − i + 1, never falls below the one before it and
    never rises above 1 (Holm 1979). It needs no independence, and is never weaker than Bonferroni.

    Args:
        p_values: (m,), from 0 to 1. NaN is no test: it stays NaN and does not count.

    Returns:
        (m,) corrected p-values in the order of the input. Of m tests with n drawn patterns none is below about
        m / (n + 1): such a value is a bound, p ≤ m / (n + 1).

    Raises:
        ValueError: not one-dimensional, or a number outside 0 … 1.

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or (p < 0).any() or (p > 1).any():
        raise ValueError(f"p_values must be a list of numbers from 0 to 1, got shape {p.shape}, {p.tolist()}.")
    tests = np.flatnonzero(~np.isnan(p))
    rising = tests[np.argsort(p[tests], kind="stable")]
    corrected = np.full(len(p), np.nan)
    corrected[rising] = np.minimum(np.maximum.accumulate(p[rising] * np.arange(len(rising), 0, -1)), 1)
    return corrected


def _resampled_means(table: np.ndarray, member: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    n_groups = drawn.shape[1]
    sums = drawn @ _sums(np.nan_to_num(table), member, n_groups)
    counts = drawn @ _sums((~np.isnan(table)).astype(float), member, n_groups)
    return np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def _resampled_medians(column: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The median of the column with row i taken times[:, i] times: (n_resamples,)."""
    order = np.argsort(column)  # NaN last
    order = order[: (~np.isnan(column)).sum()]
    if not len(order):
        return np.full(len(times), np.nan)
    up_to = times[:, order].cumsum(axis=1)
    half = up_to[:, -1:] / 2
    lower, upper = (up_to >= half).argmax(axis=1), (up_to > half).argmax(axis=1)
    ranked = column[order]
    return np.where(half[:, 0] > 0, (ranked[lower] + ranked[upper]) / 2, np.nan)


def _as_table(values: npt.ArrayLike, finite: bool = True) -> tuple[np.ndarray, bool]:
    """As (n, c), and whether it came with columns."""
    table = np.asarray(values, dtype=float)
    if table.ndim not in (1, 2) or len(table) == 0:
        raise ValueError(f"values have shape {table.shape}, expected (n,) or (n, c) with at least one row.")
    if finite and np.isinf(table).any():
        raise ValueError("values hold infinity, which has no mean: use the statistic median.")
    return table.reshape(len(table), -1), table.ndim == 2


def _members(groups: Sequence[str] | npt.ArrayLike | None, n: int) -> tuple[np.ndarray, int]:
    """The number of each query's group, (n,), and how many groups there are."""
    if groups is None:
        return np.arange(n), n
    names = np.asarray(groups)
    if names.shape != (n,):
        raise ValueError(f"groups have shape {names.shape}, expected ({n},), one name per query.")
    kinds, member = np.unique(names, return_inverse=True)
    return member, len(kinds)


def _sums(table: np.ndarray, member: np.ndarray, n_groups: int) -> np.ndarray:
    """The sum of each group's rows: (n_groups, c)."""
    sums = np.zeros((n_groups, table.shape[1]))
    np.add.at(sums, member, table)
    return sums


def _at_least_one(n_resamples: int) -> None:
    if n_resamples < 1:
        raise ValueError(f"n_resamples must be at least 1, got {n_resamples}.")
