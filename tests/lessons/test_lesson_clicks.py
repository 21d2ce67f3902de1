"""Lesson 11: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pandas as pd
import pytest

from lesson_code import function_of
from mmr_toolkit.exercises import clicks
from mmr_toolkit.exercises.clicks import check_clicks_per_look, check_corrected_clicks, check_popularity_share
from mmr_toolkit.training.clicks import attention_share, click_counts, click_weights, examination, simulate_clicks

LESSON = "11_learning_from_clicks"
N_ITEMS = 9


def some_rows(rng, n_rows=80):
    """A history: items (never the last one), ranks and clicks."""
    return rng.integers(0, N_ITEMS - 1, n_rows), rng.integers(1, 31, n_rows), rng.random(n_rows) < 0.3


# --- by hand and in the package ---------------------------------------------------------------------------------------


def test_the_expected_clicks_of_the_lesson_are_those_of_simulated_visitors(rng):
    right = rng.random(12) < 0.5
    by_hand = function_of(LESSON, "expected_clicks")(right.tolist(), 50_000)
    np.testing.assert_allclose(by_hand, 50_000 * examination(np.arange(1, 13)) * np.where(right, 0.8, 0.05))
    drawn = simulate_clicks([list(range(12))], right[None], rng, n_searches=50_000, shown=12)
    np.testing.assert_allclose(drawn.groupby("rank")["clicked"].sum(), by_hand, atol=5 * np.sqrt(max(by_hand)))


@pytest.mark.parametrize("at_most", [1, 3, 20])
def test_the_correction_of_the_lesson_is_the_package_s(rng, at_most):
    ranks = rng.integers(1, 31, 200)
    by_hand = function_of(LESSON, "corrected_by_loop")(ranks.tolist(), at_most)
    package = np.bincount(ranks, weights=click_weights(ranks, at_most=at_most))
    assert by_hand == pytest.approx({int(rank): package[rank] for rank in np.unique(ranks)})


# --- the trusted answers are the package's ----------------------------------------------------------------------------


def test_the_trusted_clicks_per_look_are_the_package_s_but_for_what_everybody_is_given(rng):
    items, ranks, clicked = some_rows(rng)
    history = pd.DataFrame({"query": 0, "item": items, "rank": ranks, "clicked": clicked})
    looks = np.bincount(items, weights=examination(ranks), minlength=N_ITEMS)
    trusted = clicks._clicks_per_look(items, ranks, clicked, N_ITEMS)
    assert np.isnan(trusted).tolist() == [False] * (N_ITEMS - 1) + [True]
    package = click_counts(history, N_ITEMS, steepness=1.0)
    np.testing.assert_allclose((np.nan_to_num(trusted) * looks + 1) / (looks + 5), package)


def test_the_trusted_correction_is_the_package_s(rng):
    items, ranks, _ = some_rows(rng)
    package = np.bincount(items, weights=click_weights(ranks, at_most=7), minlength=N_ITEMS)
    np.testing.assert_allclose(clicks._corrected_clicks(items, ranks, N_ITEMS, 7), package)


def test_the_trusted_share_is_the_package_s(rng):
    order = np.stack([rng.permutation(N_ITEMS) for _ in range(5)])
    right, popular = rng.random((5, N_ITEMS)) < 0.4, rng.random(N_ITEMS) < 0.4
    assert clicks._popularity_share(order, right, popular) == pytest.approx(attention_share(order, right, popular))


# --- the exercises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_clicks_per_look, lambda items, ranks, clicked, n_items: np.zeros(n_items), "should be .*yours is"),
        (check_clicks_per_look, lambda items, ranks, clicked, n_items: [0.5] * n_items, "should be .*nan"),
        (check_clicks_per_look, lambda items, ranks, clicked, n_items: items["rank"], "stops with IndexError"),
        (check_corrected_clicks, lambda items, ranks, n_items, at_most: 9, "should be .*yours is 9"),
        (check_corrected_clicks, lambda items, ranks, n_items, at_most: ranks[n_items**9], "stops with IndexError"),
        (check_popularity_share, lambda order, right, popular: 2, "should be .*yours is 2"),
        (check_popularity_share, lambda order, right, popular: right[order], "stops with IndexError"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_clicks_per_look(lambda *case: clicks._clicks_per_look(*case).tolist())
    assert check_clicks_per_look(clicks_by_loop)
    assert check_corrected_clicks(lambda *case: clicks._corrected_clicks(*case).astype(int))
    assert check_corrected_clicks(lambda *case: pd.Series(clicks._corrected_clicks(*case)))
    assert check_popularity_share(lambda *case: np.float64(clicks._popularity_share(*case)))
    assert check_popularity_share(share_by_loop)


def clicks_by_loop(items, ranks, clicked, n_items):
    looks, found = [0.0] * n_items, [0] * n_items
    for item, rank, click in zip(items, ranks, clicked, strict=True):
        looks[item] += 1 / rank
        found[item] += int(click)
    return [c / n if n else float("nan") for c, n in zip(found, looks, strict=True)]


def share_by_loop(order, right, popular):
    of_popular = of_all = 0.0
    for query, items in enumerate(order):
        for rank, item in enumerate(items, start=1):
            if right[query, item]:
                of_all += 1 / rank
                of_popular += popular[item] / rank
    return of_popular / of_all
