"""Lesson 07, similarity: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re
from itertools import combinations

import numpy as np
import pytest
import torch
from scipy.stats import kendalltau

import mmr_toolkit as mmr
from lesson_code import function_of
from mmr_toolkit.exercises import similarity
from mmr_toolkit.exercises.similarity import check_angle, check_lift, check_nearest
from mmr_toolkit.similarity.hubs import k_occurrence

LESSON = "07_similarity"


def taught(name, *needed):
    """A function of the lesson, together with those that it calls."""
    function = function_of(LESSON, name)
    for other in needed:
        function.__globals__[other] = function_of(LESSON, other)
    return function


def some_vectors(rng, n):
    """Rows of very different length, the first one zero."""
    rows = rng.normal(size=(n, 5)) * rng.uniform(0.2, 5, size=(n, 1))
    rows[0] = 0
    return rows


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", mmr.SIMILARITIES)
def test_each_loop_of_the_lesson_is_the_package_s_similarity(rng, name):
    by_loop = taught(f"{name}_of", *(["inner_product_of"] if name == "cosine" else []))
    queries, items = some_vectors(rng, 4), some_vectors(rng, 6)
    slow = [[by_loop(q, x) for x in items] for q in queries]
    np.testing.assert_allclose(mmr.SIMILARITIES[name](queries, items), slow, atol=1e-12)


@pytest.mark.parametrize("name", mmr.SIMILARITIES)
def test_each_matrix_of_the_lesson_is_the_package_s_similarity(rng, name):
    queries, items = some_vectors(rng, 4), some_vectors(rng, 6)
    by_arrays = taught(f"{name}_matrix")(queries, items)
    np.testing.assert_allclose(mmr.SIMILARITIES[name](queries, items), by_arrays, atol=1e-12)


def test_the_unit_vectors_of_the_lesson_are_the_package_s(rng):
    from mmr_toolkit.common.vectors import unit_rows

    rows = some_vectors(rng, 6)
    np.testing.assert_allclose(taught("unit")(rows), unit_rows(torch.from_numpy(rows)), atol=1e-12)


@pytest.mark.parametrize("chunk_size", [1, 3, 40, 99])
def test_the_search_in_chunks_of_the_lesson_is_the_package_s_with_ties(rng, chunk_size):
    items = rng.integers(-1, 2, size=(40, 3)).astype(float)
    for query in items[:5]:
        best, positions = taught("best_in_chunks")(query, items, 7, chunk_size)
        package = mmr.top_k(query[None], items, 7, "inner_product")
        assert positions.tolist() == package[1][0].tolist()
        assert best.tolist() == package[0][0].tolist()


def test_the_counts_of_the_lesson_are_the_package_s_k_occurrence(rng):
    positions = np.array([rng.choice(9, size=3, replace=False) for _ in range(20)])
    assert taught("count_found")(positions, 9) == k_occurrence(positions, 9).tolist()


def test_the_flips_of_the_lesson_are_the_pairs_that_kendall_counts_against(rng):
    first, second = rng.permutation(8).tolist(), rng.permutation(8).tolist()
    found = taught("flips")(first, second)
    pairs = list(combinations(first, 2))
    assert all(first.index(a) < first.index(b) and second.index(a) > second.index(b) for a, b in found)
    places = [[order.index(item) for item in range(8)] for order in (first, second)]
    assert kendalltau(*places).statistic == pytest.approx(1 - 2 * len(found) / len(pairs))
    assert taught("flips")(first, first) == []
    assert len(taught("flips")(first, first[::-1])) == len(pairs)


def test_nearest_others_leaves_out_the_item_itself_even_where_it_is_not_its_own_best(rng):
    items = some_vectors(rng, 12)
    for name in mmr.SIMILARITIES:
        scores = mmr.SIMILARITIES[name](items, items).numpy()
        np.fill_diagonal(scores, -np.inf)
        expected = (-scores.astype(np.float32)).argsort(axis=1, kind="stable")[:, :4]
        assert taught("nearest_others")(items, name, k=4).tolist() == expected.tolist()
    raw = mmr.inner_product(items, items)
    assert (raw.argmax(dim=1) != torch.arange(12)).sum() > 1  # the case is there: others score more than oneself


def test_the_share_of_common_answers_counts_each_row_alone():
    first, second = torch.tensor([[0, 1], [2, 3]]), torch.tensor([[1, 0], [2, 4]])
    assert taught("shared")(first, second) == pytest.approx(0.75)


def test_the_trusted_distance_on_lifted_items_ranks_as_the_inner_product(rng):
    queries, items = some_vectors(rng, 6), some_vectors(rng, 50)
    lifted = similarity._lift(items)
    np.testing.assert_allclose(np.linalg.norm(lifted, axis=1), np.linalg.norm(items, axis=1).max())
    by_distance = similarity._nearest(np.column_stack([queries, np.zeros(6)]), lifted, 10)[1:]  # the first is zero
    assert by_distance.tolist() == mmr.top_k(queries[1:], items, 10, "inner_product")[1].tolist()


def test_the_trusted_nearest_are_the_package_s(rng):
    queries, items = rng.integers(0, 3, size=(9, 3)).astype(float), rng.integers(0, 3, size=(30, 3)).astype(float)
    assert similarity._nearest(queries, items, 8).tolist() == mmr.top_k(queries, items, 8, "euclidean")[1].tolist()


def test_the_trusted_angle_turns_with_the_vector():
    for degrees in (0.0, 30.0, 90.0, 135.0, 180.0):
        turned = 7 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        assert similarity._angle(np.array([2.0, 0.0]), turned) == pytest.approx(degrees, abs=1e-6)


# --- the exercises ----------------------------------------------------------------------------------------------------


def bare_angle(q, x):
    """The formula alone: no thought of zeros, none of rounding."""
    with np.errstate(invalid="ignore"):
        return np.degrees(np.arccos(q @ x / (np.linalg.norm(q) * np.linalg.norm(x))))


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_angle, bare_angle, "opposite vectors is nan.*np.clip"),
        (check_angle, lambda q, x: similarity._angle(q, x) if x.any() else np.nan, "zeros has no direction"),
        (check_angle, lambda q, x: 0, "should be 16.26; yours is 0"),
        (check_angle, lambda q, x: 1 / 0, "stops with ZeroDivisionError"),
        (check_nearest, lambda queries, items, k: [0], r"should be \[\[1, 2\]\]; yours is \[0\]"),
        (check_nearest, lambda queries, items, k: similarity._nearest(queries, items, k) + 1, "yours is"),
        (check_lift, lambda items: items, "should be"),
        (check_lift, lambda items: items.T @ items, "should be"),
    ],
)
def test_other_wrong_answers_are_named_or_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_angle(lambda q, x: torch.tensor(similarity._angle(q, x), dtype=torch.float64))
    assert check_angle(lambda q, x: float(np.degrees(np.arccos(mmr.cosine(q[None], x[None]).item()))))
    assert check_nearest(lambda queries, items, k: mmr.top_k(queries, items, k, "euclidean")[1])
    assert check_lift(lambda items: similarity._lift(items).tolist())
