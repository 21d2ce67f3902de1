"""Lesson 09, comparing: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pytest
from scipy.stats import false_discovery_control, permutation_test

from lesson_code import function_of
from mmr_toolkit.evaluation.significance import bootstrap_interval, holm, paired_test
from mmr_toolkit.exercises import comparing
from mmr_toolkit.exercises.comparing import check_benjamini_hochberg, check_interval, check_sign_p

LESSON = "09_comparing"


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [4, 9, 25])
def test_the_bootstrap_of_the_lesson_is_the_package_s_but_for_the_draws(rng, n):
    values = rng.random(n)
    means = function_of(LESSON, "drawn_means")(values, rng.integers(0, n, (20_000, n)))
    package = bootstrap_interval(values, n_resamples=20_000, rng=rng)
    np.testing.assert_allclose(np.quantile(means, [0.025, 0.975]), package, atol=0.01)


@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_paired_test_of_the_lesson_is_the_package_s(rng, n):
    a, b = rng.random(n), rng.random(n)
    by_hand = function_of(LESSON, "share_of_patterns")(a - b)
    assert by_hand == pytest.approx(paired_test(a, b, rng=rng))


@pytest.mark.parametrize("m", [1, 5, 12])
def test_the_correction_of_the_lesson_is_the_package_s(rng, m):
    p = rng.random(m) ** 2
    np.testing.assert_allclose(function_of(LESSON, "holm_by_hand")(p.tolist()), holm(p))


def test_the_trusted_p_value_is_that_of_a_library(rng):
    a, b = rng.random(8), rng.random(8)
    library = permutation_test((a, b), lambda x, y: np.sum(x - y), permutation_type="samples", n_resamples=np.inf)
    assert comparing._sign_p(a, b) == pytest.approx(library.pvalue) == pytest.approx(paired_test(a, b, rng=rng))


@pytest.mark.parametrize("m", [1, 4, 20])
def test_the_trusted_false_discovery_values_are_those_of_a_library(rng, m):
    p = rng.random(m)
    np.testing.assert_allclose(comparing._benjamini_hochberg(p), false_discovery_control(p))
    np.testing.assert_allclose(comparing._holm(p), holm(p))


def test_the_trusted_interval_is_the_package_s_but_for_the_draws(rng):
    values = rng.random(20)
    trusted = comparing._interval(values, rng.integers(0, 20, (20_000, 20)))
    np.testing.assert_allclose(trusted, bootstrap_interval(values, n_resamples=20_000, rng=rng), atol=0.01)


# --- the exercises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_interval, lambda values, draws: values.mean(), r"should be \["),
        (check_interval, lambda values, draws: draws["low"], "stops with IndexError"),
        (check_sign_p, lambda a, b: a.mean() - b.mean(), "should be 1; yours is"),
        (check_sign_p, lambda a, b: 0.05, "should be 1; yours is 0.05"),
        (check_benjamini_hochberg, lambda p: p, r"yours is \[0.01, 0.04, 0.03\]"),
        (check_benjamini_hochberg, lambda p: p.tolist() * 2, r"should be \[0.03, 0.04, 0.04\]"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_interval(lambda values, draws: list(comparing._interval(values, draws)))
    assert check_sign_p(lambda a, b: np.array(comparing._sign_p(a, b)))
    assert check_benjamini_hochberg(lambda p: comparing._benjamini_hochberg(p).tolist())
