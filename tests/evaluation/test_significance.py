"""Significance: SciPy as the reference, every pattern counted by hand, coverage of intervals, groups, errors."""

import itertools

import numpy as np
import pytest
from scipy import stats

from mmr_toolkit.evaluation.significance import STATISTICS, bootstrap_interval, holm, paired_test

# Intervals


@pytest.mark.parametrize("statistic", STATISTICS)
def test_the_interval_is_that_of_scipy(statistic, rng):
    values = rng.exponential(size=60)
    ours = bootstrap_interval(values, statistic=statistic, n_resamples=20_000, rng=rng)
    reference = stats.bootstrap(
        (values,), getattr(np, statistic), method="percentile", n_resamples=20_000, rng=rng, vectorized=True
    ).confidence_interval
    np.testing.assert_allclose(ours, reference, atol=0.03)


def test_the_resamples_of_groups_are_those_of_a_slow_loop(rng):
    values, groups = rng.random(30), rng.integers(0, 6, 30).astype(str)
    names = np.unique(groups)
    for statistic in STATISTICS:
        slow = []
        for _ in range(4000):
            drawn = rng.choice(names, len(names))
            slow.append(getattr(np, statistic)(np.concatenate([values[groups == name] for name in drawn])))
        ours = bootstrap_interval(values, groups=groups, statistic=statistic, n_resamples=8000, rng=rng)
        np.testing.assert_allclose(ours, np.quantile(slow, [0.025, 0.975]), atol=0.02)


@pytest.mark.slow
def test_95_of_100_intervals_hold_the_truth(rng):
    """600 samples of 40 families of 4 sisters that are alike: by groups the truth is held, one by one it is missed."""
    by_group, one_by_one = 0, 0
    names = np.repeat(np.arange(40), 4)
    for _ in range(600):
        values = rng.normal(size=40)[names] + 0.3 * rng.normal(size=160)
        low, high = bootstrap_interval(values, groups=names, n_resamples=400, rng=rng)
        by_group += low <= 0 <= high
        low, high = bootstrap_interval(values, n_resamples=400, rng=rng)
        one_by_one += low <= 0 <= high
    assert 0.90 < by_group / 600 < 0.98
    assert one_by_one / 600 < 0.80


def test_every_query_its_own_group_is_no_group(rng):
    values = rng.random(20)
    alone = bootstrap_interval(values, groups=np.arange(20), rng=np.random.default_rng(3))
    np.testing.assert_allclose(alone, bootstrap_interval(values, rng=np.random.default_rng(3)))


def test_columns_get_the_interval_that_they_get_alone(rng):
    table = rng.random((25, 3))
    together = bootstrap_interval(table, rng=np.random.default_rng(1))
    for column, ends in zip(table.T, together.T, strict=True):
        np.testing.assert_allclose(ends, bootstrap_interval(column, rng=np.random.default_rng(1)))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_nan_is_left_out_and_a_column_of_it_has_no_interval(statistic):
    table = np.array([[0.5, np.nan], [np.nan, np.nan], [0.5, np.nan]])
    ends = bootstrap_interval(table, statistic=statistic, rng=np.random.default_rng(0))
    assert ends[:, 0].tolist() == [0.5, 0.5]
    assert np.isnan(ends[:, 1]).all()


def test_the_median_takes_infinite_ranks(rng):
    low, high = bootstrap_interval([1, 2, 2, 3, np.inf], statistic="median", rng=rng)
    assert (low, high) == (1, np.inf)


# The paired test


@pytest.mark.parametrize("n", [3, 9])
def test_few_groups_are_counted_one_by_one_as_scipy_does(n, rng):
    a, b = rng.random(n), rng.random(n)
    reference = stats.permutation_test((a - b,), np.mean, permutation_type="samples", n_resamples=np.inf).pvalue
    assert paired_test(a, b, rng=rng) == pytest.approx(reference)


def test_signs_turn_by_group(rng):
    a, b, groups = rng.random(12), rng.random(12), list("aabbbccddddd")
    sums = [sum(x - y for x, y, g in zip(a, b, groups, strict=True) if g == name) for name in "abcd"]
    signs = list(itertools.product([1, -1], repeat=4))
    expected = np.mean([abs(np.dot(s, sums)) >= abs(sum(sums)) - 1e-12 for s in signs])
    assert paired_test(a, b, groups=groups, rng=rng) == pytest.approx(expected)


@pytest.mark.parametrize("unit", [0.1, 1 / 3, 0.7, 1e-7, 1e5 / 3])
@pytest.mark.parametrize("n_resamples", [2**10, 700])
def test_sums_that_are_equal_up_to_rounding_count_as_equally_large(unit, n_resamples):
    """Tenths have no exact float: 0.1 + 0.2 - 0.3 is not 0. The p of whole numbers, which are exact, is the truth."""
    for seed in range(12):
        whole = np.random.default_rng(seed).integers(-3, 4, 10).astype(float)
        exact, rounded = (
            paired_test(each, 0 * each, n_resamples=n_resamples, rng=np.random.default_rng(seed))
            for each in (whole, whole * unit)
        )
        assert rounded == exact
    assert paired_test([0.1, 0.2, -0.3], [0, 0, 0], rng=np.random.default_rng(0)) == 1  # the sum is 0


def test_a_sum_that_is_smaller_by_more_than_rounding_does_not_count():
    # Only the two patterns that leave all signs, or turn all, reach the sum; the next one misses it by 2e-6.
    assert paired_test([1.0, 1.0, 1e-6], [0, 0, 0], rng=np.random.default_rng(0)) == 2 / 8


def test_drawn_patterns_are_near_the_exact_p(rng):
    a, b = rng.random(14), rng.random(14) + 0.1
    exact = paired_test(a, b, n_resamples=2**14, rng=rng)
    assert paired_test(a, b, n_resamples=2**14 - 1, rng=rng) == pytest.approx(exact, abs=0.02)


def test_the_same_system_twice_has_p_one_and_a_clear_winner_the_smallest(rng):
    a = rng.random(40)
    assert paired_test(a, a, n_resamples=999, rng=rng) == 1
    assert paired_test(a + 1, a, n_resamples=999, rng=rng) == 1 / 1000


def test_under_no_difference_p_is_spread_evenly(rng):
    p = [paired_test(rng.random(30), rng.random(30), n_resamples=499, rng=rng) for _ in range(400)]
    assert stats.kstest(p, "uniform").pvalue > 0.01


def test_nan_is_no_pair(rng):
    a, b = np.array([0.3, np.nan, 0.8, 0.9]), np.array([0.1, np.nan, 0.2, 0.4])
    kept = ~np.isnan(a)
    assert paired_test(a, b, rng=rng) == paired_test(a[kept], b[kept], rng=rng)
    both = paired_test(np.column_stack([a, a * np.nan]), np.column_stack([b, b]), rng=rng)
    assert both.shape == (2,)
    assert both[0] == 0.25
    assert np.isnan(both[1])


# Many tests


def test_the_smallest_corrected_p_is_a_bound_that_more_patterns_lower(rng):
    """m tests of n drawn patterns cannot show less than m / (n + 1), however large the difference."""
    better = rng.uniform(1, 2, (60, 7))
    for n in (999, 4999):
        p = paired_test(better, np.zeros_like(better), n_resamples=n, rng=rng)
        np.testing.assert_allclose(holm(p), 7 / (n + 1))


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.6]).tolist() == [1, 1]
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).tolist() == []


def test_holm_equals_a_slow_step_down(rng):
    p = rng.random(15) ** 3
    slow = np.zeros(15)
    highest = 0.0
    for step, i in enumerate(sorted(range(15), key=lambda i: p[i])):
        highest = max(highest, min(1.0, (15 - step) * p[i]))
        slow[i] = highest
    assert holm(p) == pytest.approx(slow)


def test_nan_is_no_test():
    corrected = holm([np.nan, 0.02, np.nan, 0.03])
    assert np.isnan(corrected[[0, 2]]).all()
    assert corrected[[1, 3]] == pytest.approx([0.04, 0.04])


# Errors


def test_values_that_do_not_fit(rng):
    with pytest.raises(
        ValueError, match=r"values have shape \(0,\), expected \(n,\) or \(n, c\) with at least one row"
    ):
        bootstrap_interval([], rng=rng)
    with pytest.raises(ValueError, match=r"groups have shape \(1,\), expected \(2,\), one name per query"):
        bootstrap_interval([1, 2], groups=["a"], rng=rng)
    with pytest.raises(ValueError, match="values hold infinity, which has no mean: use the statistic median"):
        bootstrap_interval([1, np.inf], rng=rng)
    with pytest.raises(ValueError, match=r"a has shape \(2,\) and b \(3,\): expected values of the same queries"):
        paired_test([1, 2], [1, 2, 3], rng=rng)
    with pytest.raises(ValueError, match="a or b hold infinity"):
        paired_test([1, np.inf], [1, 2], rng=rng)
    for bad in ([0.1, 1.2], [-0.1], [[0.1]]):
        with pytest.raises(ValueError, match="p_values must be a list of numbers from 0 to 1"):
            holm(bad)


def test_settings_that_make_no_sense(rng):
    with pytest.raises(ValueError, match="unknown statistic 'mode': choose one of mean, median"):
        bootstrap_interval([1, 2], statistic="mode", rng=rng)
    for level in (0, 1, 95):
        with pytest.raises(ValueError, match=rf"level is {level}, expected a number between 0 and 1"):
            bootstrap_interval([1, 2], level=level, rng=rng)
    for function in (lambda n: bootstrap_interval([1, 2], n_resamples=n, rng=rng),
                     lambda n: paired_test([1, 2], [1, 2], n_resamples=n, rng=rng)):  # fmt: skip
        with pytest.raises(ValueError, match="n_resamples must be at least 1, got 0"):
            function(0)
