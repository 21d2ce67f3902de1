"""Lesson 06, fusion: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pytest
import torch

from lesson_code import function_of
from mmr_toolkit import ConcatFusion, cosine
from mmr_toolkit.exercises import fusion
from mmr_toolkit.exercises.fusion import check_attention_shares, check_score_with_holes, check_share_weights
from mmr_toolkit.fusion import AttentionFusion, WeightedFusion
from mmr_toolkit.fusion.attention import attention_shares
from some_parts import DIMS, features, holes, shaken

LESSON = "06_fusion"
WEIGHTS = {"text": 0.2, "image": 0.5, "audio": 0.3}


# --- by hand and in the package ---------------------------------------------------------------------------------------


def test_the_cosine_of_the_lesson_is_the_package_s(rng):
    a, b = rng.normal(size=(2, 6))
    assert function_of(LESSON, "cosine")(a, b) == pytest.approx(cosine(a[None], b[None]).item(), abs=1e-6)


def test_the_joined_blocks_of_the_lesson_are_the_package_s(rng):
    join = function_of(LESSON, "join")
    join.__globals__["unit"] = function_of(LESSON, "unit")
    parts = {name: rows.numpy() for name, rows in features(rng, 7).items()}
    np.testing.assert_allclose(join(parts, WEIGHTS), ConcatFusion(WEIGHTS)(parts)[0], atol=1e-5)


def test_the_weighted_mean_of_the_lesson_is_the_package_s_with_and_without_holes(rng):
    weighted_mean = function_of(LESSON, "weighted_mean")
    parts, mask = features(rng, 20), holes(rng, 20)
    head = WeightedFusion(DIMS, dim=6, weights=WEIGHTS, learn_weights=False)
    maps = {name: linear.weight for name, linear in zip(DIMS, head.maps, strict=True)}
    z, _ = head(parts, mask)
    for i in range(19):  # the last item has no part
        there = {name: parts[name][i] for name in DIMS if mask[name][i]}
        if there:
            torch.testing.assert_close(weighted_mean(there, maps, WEIGHTS), z[i], rtol=1e-4, atol=1e-5)


def test_the_attention_of_the_lesson_is_the_package_s_with_and_without_holes(rng):
    attention_by_hand = function_of(LESSON, "attention_by_hand")
    parts, mask = features(rng, 20), holes(rng, 20)
    head = shaken(AttentionFusion(DIMS, dim=6, heads=1))
    z, weights = head(parts, mask)
    for i in range(19):
        there = {name: parts[name][i] for name in DIMS if mask[name][i]}
        if there:
            by_hand, shares = attention_by_hand(there, head)
            torch.testing.assert_close(by_hand, z[i], rtol=1e-4, atol=1e-5)
            columns = [list(DIMS).index(name) for name in there]
            torch.testing.assert_close(shares, weights[i, columns], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("query", [["text"], ["image", "audio"], list(DIMS)])
def test_the_trusted_score_of_the_exercise_is_that_of_the_package_s_vectors(rng, query):
    parts = {name: rows[:1] for name, rows in features(rng, 1).items()}
    other = {name: rows[:1] for name, rows in features(rng, 1).items()}
    cosines = {name: cosine(parts[name], other[name]).item() for name in DIMS}
    joined = ConcatFusion(WEIGHTS, DIMS)
    for item in (["text"], ["text", "audio"], list(DIMS)):
        z_query, _ = joined({name: parts[name] for name in query})
        z_item, _ = joined({name: other[name] for name in item})
        expected = (z_query @ z_item.T).item()
        assert fusion._score_with_holes(cosines, WEIGHTS, query, item) == pytest.approx(expected, abs=1e-6)


def test_the_trusted_shares_of_the_exercises_are_the_package_s(rng):
    logits, present = rng.normal(size=(30, 3)), rng.random((30, 3)) < 0.5
    by_package = attention_shares(torch.from_numpy(logits), torch.from_numpy(present))
    np.testing.assert_allclose(fusion._attention_shares(logits, present), by_package, atol=1e-9)
    parts, mask = features(rng, 30), holes(rng, 30)
    _, weights = ConcatFusion(WEIGHTS)(parts, mask)
    for i in range(30):
        there = [name for name in DIMS if mask[name][i]]
        shares = fusion._share_weights(WEIGHTS, there)
        assert [shares[name] for name in DIMS] == pytest.approx(weights[i].tolist(), abs=1e-6)


# --- the exercises ----------------------------------------------------------------------------------------------------


def careless_shares(logits, present):
    grown = np.exp(np.where(present, logits, -np.inf))
    return grown / grown.sum(axis=1, keepdims=True)


def shares_that_forget_empty_rows(logits, present):
    masked = np.where(present, logits, -np.inf)
    grown = np.exp(masked - masked.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)


def shares_of_nothing(weights, present):
    kept = {name: weight * (name in present) for name, weight in weights.items()}
    return {name: weight / (sum(kept.values()) or 1 / 3) + (not sum(kept.values())) for name, weight in kept.items()}


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_share_weights, lambda weights, present: 1 / len(present), "yours is 0.5"),
        (check_share_weights, shares_of_nothing, "where nothing with a weight is there, all shares are 0"),
        (
            check_share_weights,
            lambda weights, present: (
                {n: w * (n in present) / sum(weights[p] for p in present) for n, w in weights.items()}
            ),
            "stops with ZeroDivisionError",
        ),
        (check_score_with_holes, lambda cosines, weights, query, item: cosines["text"], "yours is 0.9"),
        (check_score_with_holes, lambda cosines, weights, query, item: "text", "yours is 'text'"),
        (check_attention_shares, careless_shares, r"exp\(900\) is too large"),
        (check_attention_shares, shares_that_forget_empty_rows, "a row without any part should be zeros"),
        (check_attention_shares, lambda logits, present: present / 3, "attention_shares|<lambda>"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning", "ignore:overflow:RuntimeWarning")
def test_other_wrong_answers_are_shown_beside_the_right_one_or_get_their_reason(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_attention_shares(
        lambda logits, present: attention_shares(torch.from_numpy(logits), torch.from_numpy(present))
    )
    assert check_attention_shares(lambda logits, present: fusion._attention_shares(logits, present).tolist())
    assert check_score_with_holes(lambda *given: np.float32(fusion._score_with_holes(*given)))
