"""Lesson 10: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pytest
import torch

from lesson_code import NOTEBOOKS, function_of
from mmr_toolkit import ConcatFusion
from mmr_toolkit.exercises import search_engine
from mmr_toolkit.exercises.search_engine import check_cosine_shares, check_shapley, check_standing_without
from mmr_toolkit.retrieval.shares import score_shares, shapley_shares
from run_notebooks import read

LESSON = "10_search_engine"
DIMS = {"text": 3, "image": 5}


def some_parts(rng):
    """One vector per part, of very different lengths."""
    return {name: rng.normal(size=dim) * scale for (name, dim), scale in zip(DIMS.items(), (1, 100), strict=True)}


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", [{"text": 0.75, "image": 0.25}, {"text": 0.1, "image": 0.9}])
def test_the_shares_of_the_lesson_are_the_package_s(rng, weights):
    query, item = some_parts(rng), some_parts(rng)
    by_hand = shares_of_the_lesson()(query, item, weights)
    rows = [{name: part[None].astype(np.float32) for name, part in side.items()} for side in (query, item)]
    there = {name: np.array([True]) for name in DIMS}
    (package,) = score_shares(ConcatFusion(weights, dims=DIMS), "cosine", *rows, there)
    assert package == pytest.approx(by_hand, abs=1e-6)


def shares_of_the_lesson():
    """`shares_by_hand`, which calls `blocks`: both stand in one cell."""
    shares = function_of(LESSON, "shares_by_hand")
    shares.__globals__["blocks"] = function_of(LESSON, "blocks")
    return shares


@pytest.mark.parametrize("parts", [["text"], ["text", "image"], ["text", "image", "audio"]])
def test_the_shapley_shares_of_the_lesson_are_the_package_s(rng, parts):
    subsets = [tuple(part for i, part in enumerate(parts) if number >> i & 1) for number in range(2 ** len(parts))]
    scores = {some: float(rng.random()) if some else 0.0 for some in subsets}
    by_hand = function_of(LESSON, "shapley_by_orders")(scores, parts)
    package = shapley_shares(parts, lambda some: torch.tensor([scores[some]]))
    np.testing.assert_allclose(list(by_hand.values()), package[0])
    assert search_engine._shapley(scores, parts) == pytest.approx(by_hand)


def test_the_trusted_standing_is_the_place_in_a_stable_sort(rng):
    shares = {name: rng.integers(0, 4, 30) / 4 for name in ("text", "image", "audio")}
    rest = shares["text"] + shares["audio"]
    order = sorted(range(30), key=lambda i: -rest[i])  # stable
    for item in range(30):
        assert search_engine._standing_without(shares, item, "image") == order.index(item) + 1


def test_the_page_is_closed_in_the_stored_run():
    cells = [cell for cell in read(NOTEBOOKS / f"{LESSON}.ipynb").cells if cell.cell_type == "code"]
    assert any("LIVE = False" in cell.source for cell in cells)
    (served,) = [cell for cell in cells if "start(" in cell.source]
    assert "server.close()" in served.source
    assert not any("iframe" in output.get("data", {}).get("text/html", "") for output in served.outputs)


# --- the exercises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_cosine_shares, lambda query, item, weights: 0.72, "should be .*'text': 0.72.*yours is 0.72"),
        (check_cosine_shares, lambda query, item, weights: {"text": 0.72}, "should be"),
        (check_cosine_shares, lambda query, item, weights: query["audio"], "stops with KeyError: 'audio'"),
        (check_shapley, lambda scores, parts: scores, "should be"),
        (check_shapley, lambda scores, parts: dict.fromkeys(parts, scores[tuple(parts)] / len(parts)), "'text': 0.45"),
        (check_standing_without, lambda shares, item, part: 99, "should be 4.*yours is 99"),
        (check_standing_without, lambda shares, item, part: shares["all"], "stops with KeyError: 'all'"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_cosine_shares(
        lambda *given: {name: np.array(share) for name, share in search_engine._cosine_shares(*given).items()}
    )
    assert check_standing_without(lambda *given: float(search_engine._standing_without(*given)))
