"""The self-checks: every solution passes, every typical wrong answer fails with a sentence that helps."""

import re
from decimal import Decimal
from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest
import torch

from lesson_code import function_of
from mmr_toolkit import ConcatFusion
from mmr_toolkit.exercises import (
    a_catalogue,
    clicks,
    comparing,
    fusion,
    measuring,
    pictures,
    search_engine,
    similarity,
    sound,
    start_here,
    text,
    training,
)
from mmr_toolkit.exercises.a_catalogue import check_count_holes, check_near_misses, check_split_families
from mmr_toolkit.exercises.start_here import check_chance_rank, check_fused_score, check_precision_at
from mmr_toolkit.exercises.verdict import NotYet, Verdict, compare, plain, same

#: Lesson → the function that a learner writes → its check, and its typical slips by the sentence that each one gets.
EXERCISES = {
    "00_start_here": {
        "fused_score": (check_fused_score, start_here._SCORE_SLIPS),
        "precision_at": (check_precision_at, start_here._PRECISION_SLIPS),
        "chance_rank": (check_chance_rank, start_here._RANK_SLIPS),
    },
    "01_a_catalogue": {
        "count_holes": (check_count_holes, a_catalogue._HOLE_SLIPS),
        "near_misses": (check_near_misses, a_catalogue._NEAR_SLIPS),
        "split_families": (check_split_families, {}),
    },
    "02_measuring": {
        "average_precision_of": (measuring.check_average_precision_of, measuring._PLACE_SLIPS),
        "ndcg_at": (measuring.check_ndcg_at, measuring._NDCG_SLIPS),
        "impossible": (measuring.check_impossible, measuring._TABLE_SLIPS),
        "chance_average_precision": (measuring.check_chance_average_precision, measuring._CHANCE_SLIPS),
        "measure_for": (measuring.check_measure_for, measuring._CHOICE_SLIPS),
    },
    "03_text": {
        "window_pairs": (text.check_window_pairs, text._PAIR_SLIPS),
        "idf_weights": (text.check_idf_weights, text._IDF_SLIPS),
        "mean_pool": (text.check_mean_pool, text._POOL_SLIPS),
    },
    "04_pictures": {
        "output_size": (pictures.check_output_size, pictures._SIZE_SLIPS),
        "max_pool": (pictures.check_max_pool, pictures._POOL_SLIPS),
        "prepare": (pictures.check_prepare, pictures._PREPARE_SLIPS),
    },
    "05_sound": {
        "mel_to_hz": (sound.check_mel_to_hz, sound._MEL_SLIPS),
        "count_frames": (sound.check_count_frames, sound._FRAME_SLIPS),
        "slopes": (sound.check_slopes, sound._SLOPE_SLIPS),
    },
    "06_fusion": {
        "share_weights": (fusion.check_share_weights, fusion._SHARE_SLIPS),
        "score_with_holes": (fusion.check_score_with_holes, fusion._SCORE_SLIPS),
        "attention_shares": (fusion.check_attention_shares, fusion._ATTENTION_SLIPS),
    },
    "07_similarity": {
        "angle": (similarity.check_angle, similarity._ANGLE_SLIPS),
        "nearest": (similarity.check_nearest, similarity._NEAREST_SLIPS),
        "lift": (similarity.check_lift, similarity._LIFT_SLIPS),
    },
    "08_training": {
        "right_answers": (training.check_right_answers, training._RIGHT_SLIPS),
        "triplet_hardest": (training.check_triplet_hardest, training._TRIPLET_SLIPS),
        "info_nce_several": (training.check_info_nce_several, training._SEVERAL_SLIPS),
    },
    "09_comparing": {
        "interval": (comparing.check_interval, comparing._INTERVAL_SLIPS),
        "sign_p": (comparing.check_sign_p, comparing._SIGN_SLIPS),
        "benjamini_hochberg": (comparing.check_benjamini_hochberg, comparing._FALSE_DISCOVERY_SLIPS),
    },
    "10_search_engine": {
        "cosine_shares": (search_engine.check_cosine_shares, search_engine._SHARE_SLIPS),
        "shapley": (search_engine.check_shapley, search_engine._SHAPLEY_SLIPS),
        "standing_without": (search_engine.check_standing_without, search_engine._STANDING_SLIPS),
    },
    "11_learning_from_clicks": {
        "clicks_per_look": (clicks.check_clicks_per_look, clicks._PER_LOOK_SLIPS),
        "corrected_clicks": (clicks.check_corrected_clicks, clicks._CLICK_SLIPS),
        "popularity_share": (clicks.check_popularity_share, clicks._SHARE_SLIPS),
    },
}
PAIRS = [(lesson, name) for lesson, functions in EXERCISES.items() for name in functions]


# --- solutions pass, empty answers do not ----------------------------------------------------------------------------


def check_of(lesson, name):
    return EXERCISES[lesson][name][0]


@pytest.mark.parametrize(("lesson", "name"), PAIRS)
def test_the_solution_passes(lesson, name):
    verdict = check_of(lesson, name)(function_of(f"solutions/{lesson}", name))
    assert verdict.passed, verdict.message
    assert repr(verdict).startswith("Right: ")


@pytest.mark.parametrize(("lesson", "name"), PAIRS)
def test_the_lesson_asks_for_the_function_and_its_empty_body_does_not_pass(lesson, name):
    verdict = check_of(lesson, name)(function_of(lesson, name))
    assert repr(verdict) == f"Not yet: {name} returns None. Is its last line a `return`?"


@pytest.mark.parametrize(("lesson", "name"), PAIRS)
def test_a_function_that_stops_is_quoted(lesson, name):
    def broken(*arguments):
        raise KeyError("colour")

    verdict = check_of(lesson, name)(broken)
    assert not verdict and "broken(" in verdict.message and "stops with KeyError: 'colour'" in verdict.message


# --- typical wrong answers -------------------------------------------------------------------------------------------

SLIPS = [(lesson, name, sentence) for lesson, name in PAIRS for sentence in EXERCISES[lesson][name][1]]


@pytest.mark.parametrize(("lesson", "name", "sentence"), SLIPS)
def test_each_known_slip_gets_its_own_sentence(lesson, name, sentence):
    check, slips = EXERCISES[lesson][name]
    assert check(slips[sentence]) == Verdict(False, sentence)


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_fused_score, lambda cosines, weights: 0.5, r"should be 0.65; yours is 0.5"),
        (check_fused_score, lambda cosines, weights: max(cosines.values()), "should be 0.65; yours is 0.8"),
        (check_fused_score, lambda cosines, weights: list(cosines), "yours is \\['text', 'image'\\]"),
        (check_precision_at, lambda types, wanted, k: (types[:k].count(wanted) / k) ** 2, "should be 0.75"),
        (check_precision_at, lambda types, wanted, k: types[k].count(wanted) / k, "stops with IndexError: list index"),
        (check_chance_rank, lambda n, r: n // 2, "should be 5; yours is 4"),
        (check_chance_rank, lambda n, r: 304, "should be 5"),
        (check_count_holes, lambda table: table.isna().sum().to_dict(), "should be {'text': 2"),
        (check_count_holes, lambda table: [2, 1, 0], "yours is \\[2, 1, 0\\]"),
        (check_near_misses, lambda table, id: [], "should be {'can-"),
        (check_near_misses, lambda table, id: "can-02-1", "yours is 'can-02-1'"),
        (check_near_misses, lambda table, id: table["id"].tolist()[:10] * 2, "should be"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def _by_product(families, share, seed):
    tested = np.zeros(len(families), dtype=bool)
    tested[np.random.default_rng(seed).permutation(len(families))[: round(share * len(families))]] = True
    return tested


def _by_family(names):
    def split(families, share, seed):
        return np.isin(families, names(sorted(set(families)), share, seed))

    return split


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (_by_product, "are on both sides"),
        (_by_family(lambda names, share, seed: names[: round(share * len(names))]), "five seeds give one split"),
        (
            _by_family(lambda names, share, seed: np.random.default_rng(seed).permutation(names)[:3]),
            "of 20 families 3 are tested for share=0.25, expected 5",
        ),
        (
            _by_family(lambda names, share, seed: np.random.default_rng().permutation(names)[: round(share * 20)]),
            "the same seed gives two different splits",
        ),
        (lambda families, share, seed: np.array(sorted(set(families))[:5]), "expected as many booleans"),
        (lambda families, share, seed: np.zeros(len(families)), "expected True or False"),
        (lambda families, share, seed: np.ones(len(families), dtype=bool), "20 are tested for share=0.25"),
    ],
)
def test_wrong_splits_are_refused_with_their_reason(wrong, hint):
    verdict = check_split_families(wrong)
    assert not verdict and hint in verdict.message


def _as_text(value):
    """The same answer with every number written as text, names as one text, and a text as bytes."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, dict):
        return {key: _as_text(part) for key, part in value.items()}
    if isinstance(value, set):
        return dict.fromkeys(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return " ".join(value)
    if isinstance(value, list | tuple):
        return [_as_text(part) for part in value]
    return value.astype(str) if isinstance(value, np.ndarray) else str(value)


def _with_none(value):
    return [None] * len(value) if hasattr(value, "__len__") else [None]


def _wrapped(value):
    return [value]


@pytest.mark.parametrize("spoil", [_as_text, repr, _with_none, _wrapped], ids=["text", "repr", "none", "wrapped"])
@pytest.mark.parametrize(("lesson", "name"), PAIRS)
def test_a_right_answer_of_the_wrong_kind_does_not_pass(lesson, name, spoil):
    solution = function_of(f"solutions/{lesson}", name)
    verdict = check_of(lesson, name)(lambda *case: spoil(solution(*case)))
    assert not verdict
    assert verdict.message


def test_every_right_simulation_of_the_chance_rank_passes(rng):
    """A thousand answers, each the mean of 1,000 shuffles: the best place drawn from its exact distribution."""
    draw = _best_places(rng)
    for _ in range(1000):
        verdict = check_chance_rank(lambda n, r: draw(n, r).mean())
        assert verdict, verdict.message


def test_wrong_simulations_of_the_chance_rank_do_not_pass(rng):
    draw = _best_places(rng)
    for _ in range(200):
        verdict = check_chance_rank(lambda n, r: draw(n, r).mean() - 1)
        assert verdict.message.startswith("it counts places from 0.")
        assert not check_chance_rank(lambda n, r: draw(n, 1).mean())  # as if one item were right


def _best_places(rng):
    """1,000 draws of the first of r right items in a random order of n."""
    chances = {}

    def draw(n, r):
        if (n, r) not in chances:
            chances[n, r] = [comb(n - place, r - 1) / comb(n, r) for place in range(1, n - r + 2)]
        return rng.choice(n - r + 1, size=1000, p=chances[n, r]) + 1

    return draw


def test_answers_in_another_form_pass():
    assert check_near_misses(lambda table, id: sorted(a_catalogue._near_misses(table, id)))
    assert check_count_holes(lambda table: table[["text", "image", "audio"]].isna().sum().to_dict())
    assert check_fused_score(lambda c, w: torch.tensor(start_here._fused_score(c, w), dtype=torch.float64))
    assert check_split_families(lambda f, s, seed: _by_family(_drawn)(f, s, seed).tolist())


def _drawn(names, share, seed):
    return np.random.default_rng(seed).permutation(names)[: round(share * len(names))]


def test_a_learner_may_change_the_arguments():
    def greedy(families, share, seed):
        tested = np.isin(families, _drawn(sorted(set(families)), share, seed))
        families.clear()
        return tested

    assert check_split_families(greedy)


# --- the trusted answers are right -----------------------------------------------------------------------------------


def test_the_trusted_score_is_what_the_package_computes(rng):
    """The inner product of fused vectors, with a query that lacks a part."""
    weights = {"text": 3.0, "image": 1.0, "audio": 2.0}
    fusion = ConcatFusion(weights, dims=dict.fromkeys(weights, 4))
    query, item = ({name: rng.normal(size=(1, 4)) for name in ("text", "audio")} for _ in range(2))
    unit = {name: [part[name][0] / np.linalg.norm(part[name]) for part in (query, item)] for name in query}
    cosines = {name: float(a @ b) for name, (a, b) in unit.items()}
    fused = (fusion(query)[0] * fusion(item)[0]).sum().item()
    assert start_here._fused_score(cosines, weights) == pytest.approx(fused, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("n_items", "n_right"), [(9, 1), (10, 3), (6, 6), (40, 2)])
def test_the_trusted_rank_is_the_mean_over_shuffles(rng, n_items, n_right):
    best = [(rng.permutation(n_items) < n_right).argmax() + 1 for _ in range(20_000)]
    assert np.mean(best) == pytest.approx(start_here._chance_rank(n_items, n_right), rel=0.02)
    assert check_chance_rank(lambda n, r: np.mean([(rng.permutation(n) < r).argmax() + 1 for _ in range(20_000)]))


def test_the_trusted_near_misses_are_those_of_a_loop():
    shop = a_catalogue._small_shop().set_index("id", drop=False)
    columns = a_catalogue.ATTRIBUTES
    slow = {
        id
        for id, row in shop.iterrows()
        if row["type"] == "can" and sum(row[name] != shop.loc["can-01-1", name] for name in columns) == 1
    }
    assert a_catalogue._near_misses(shop.reset_index(drop=True), "can-01-1") == slow
    assert len(slow) == 10  # five attributes, two members in each family


# --- what the checks share -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "right", "equal"),
    [
        (1.0, 1 + 1e-8, True),
        (1.0, 1.1, False),
        ([1, 2], np.array([1.0, 2.0]), True),
        ([1, 2], [[1, 2]], False),
        ("one", 1.0, False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1, "b": 0}, {"a": 1.0}, False),
        (["b", "a"], {"a", "b"}, True),
        (["b", "a", "a"], {"a", "b"}, False),
        (pd.Series(["a"]), {"a"}, True),
        ("a", {"a"}, False),
        (3, {"a"}, False),
        ([["a"]], {"a"}, False),
        ("1.0", 1.0, False),
        (b"1.0", 1.0, False),
        (np.str_("1.0"), 1.0, False),
        (np.array("1.0", dtype=object), 1.0, False),
        (["1", "2"], [1.0, 2.0], False),
        ([1, "2"], [1.0, 2.0], False),
        ({"a": "1"}, {"a": 1.0}, False),
        (np.datetime64(1, "s"), 1.0, False),
        (1 + 0j, 1.0, False),
        ([1, None], [1.0, np.nan], False),
        ([1, np.nan], [1.0, np.nan], True),
        ([1, 0], [1.0, np.nan], False),
        ([1, np.nan], [1.0, 0.0], False),
        (None, 1.0, False),
        ([[1], [2, 3]], [1.0, 2.0], False),
        (10**400, 1.0, False),
        ([1.0], 1.0, False),
        (np.ones((2, 1)), np.ones((1, 2)), False),
        (np.ones((1, 2)), np.ones(2), False),
        ({"a": 1}, {"a"}, False),
        (b"a", {97}, False),
        (Fraction(1, 2), 0.5, True),
        (Decimal("0.5"), 0.5, True),
        (np.array([Fraction(1, 2), 2], dtype=object), [0.5, 2.0], True),
        (torch.tensor(1.0), 1.0, True),
        (torch.tensor(1.0, requires_grad=True), 1.0, False),
        (np.float32(1), 1.0, True),
    ],
)
def test_same(answer, right, equal):
    assert same(answer, right) is equal


def test_what_is_shown_of_a_value():
    assert plain(pd.DataFrame({"a": [1]})) == "<table of 1 rows>"
    assert plain(np.float64(2) / 3) == "0.6667"
    assert plain({"b", "a"}) == "{'a', 'b'}"
    assert len(plain(list(range(1000)))) == 120


def test_what_is_no_function_is_named():
    assert check_chance_rank(3).message == "give the function itself, as in check(my_function); this is int."


def test_compare_stops_at_the_first_difference():
    with pytest.raises(NotYet, match=r"\(2\) should be 4; yours is 5"):
        compare(lambda n: 1 if n == 1 else 5, lambda n: n * n, [(1,), (2,), (3,)], {})
