"""Late fusion: by hand, slow loops, the rule for holes, what must not matter, errors."""

import math

import numpy as np
import pytest
import torch

from mmr_toolkit.fusion.late import NORMALISERS, reciprocal_rank_fusion, weighted_sum

HOLE = -math.inf


def random_scores(rng, n_query=4, n_item=12, holes=0.3):
    scores = {name: rng.normal(size=(n_query, n_item)) * scale for name, scale in (("text", 1), ("image", 50))}
    for matrix in scores.values():
        matrix[rng.random(matrix.shape) < holes] = HOLE
    return scores


def slow_normalised(row, normaliser):
    there = [s for s in row if s > HOLE]
    if normaliser == "z_score":
        shift, spread = np.mean(there), np.std(there)
    else:
        shift, spread = min(there), max(there) - min(there)
    return [(s - shift) / spread if s > HOLE else None for s in row]


def slow_rrf(row, constant):
    ranking = sorted((i for i, s in enumerate(row) if s > HOLE), key=lambda i: (-row[i], i))
    return [1 / (constant + 1 + ranking.index(i)) if i in ranking else None for i in range(len(row))]


def slow_mean(parts, weights):
    """The weighted mean of what is there, item by item."""
    fused = []
    for values in zip(*parts, strict=True):
        there = [(w, v) for w, v in zip(weights, values, strict=True) if v is not None and w > 0]
        fused.append(sum(w * v for w, v in there) / sum(w for w, _ in there) if there else HOLE)
    return fused


FUSIONS = {
    "z_score": (weighted_sum, lambda row: slow_normalised(row, "z_score")),
    "min_max": (lambda s, w=None: weighted_sum(s, w, "min_max"), lambda row: slow_normalised(row, "min_max")),
    "ranks": (reciprocal_rank_fusion, lambda row: slow_rrf(row, 60)),
}


@pytest.fixture(params=FUSIONS)
def fusion(request):
    return FUSIONS[request.param]


def test_every_normaliser_is_tried_here():
    assert set(NORMALISERS) < set(FUSIONS)


# Values


def test_reciprocal_ranks_by_hand():
    fused = reciprocal_rank_fusion({"text": np.array([[0.9, 0.1, 0.5]]), "image": np.array([[7.0, 9.0, 8.0]])})
    assert fused[0].tolist() == pytest.approx([(1 / 61 + 1 / 63) / 2, (1 / 63 + 1 / 61) / 2, 1 / 62])
    first = reciprocal_rank_fusion({"text": np.array([[0.9, 0.1]])}, constant=0)
    assert first[0].tolist() == [1, 1 / 2]


def test_z_scores_by_hand():
    fused = weighted_sum({"text": np.array([[1.0, 3.0]]), "image": np.array([[50.0, 10.0]])}, {"text": 3, "image": 1})
    assert fused[0].tolist() == pytest.approx([(-3 + 1) / 4, (3 - 1) / 4])


def test_equal_the_slow_loop_with_holes(fusion, rng):
    fuse, slow = fusion
    scores, weights = random_scores(rng), {"text": 2.0, "image": 0.5}
    expected = [
        slow_mean([slow(rows[0].tolist()), slow(rows[1].tolist())], list(weights.values()))
        for rows in zip(scores["text"], scores["image"], strict=True)
    ]
    assert any(HOLE in row for row in expected)
    np.testing.assert_allclose(fuse(scores, weights).numpy(), expected, atol=1e-12)


# The rule for holes


def test_an_item_with_one_part_scores_as_that_part_says(fusion):
    fuse, _ = fusion
    text, image = torch.tensor([[3.0, 2.0, 1.0]]), torch.tensor([[HOLE, 1.0, 2.0]])
    torch.testing.assert_close(fuse({"text": text, "image": image})[0, 0], fuse({"text": text})[0, 0])


def test_a_hole_is_neither_a_zero_nor_a_last_place(fusion):
    """Two items with the same text; the second lacks the picture, where it would stand last if it counted."""
    fuse, _ = fusion
    text = torch.tensor([[5.0, 5.0, 1.0, 1.0, 1.0, 1.0]])
    image = torch.tensor([[0.0, HOLE, 2.0, 3.0, 4.0, 5.0]])
    fused = fuse({"text": text, "image": image})[0]
    assert fused[1] > fused[0]
    torch.testing.assert_close(fused[1], fuse({"text": text})[0, 1])


def test_without_any_part_an_item_comes_last(fusion):
    fuse, _ = fusion
    scores = {"text": torch.tensor([[1.0, HOLE, 2.0]]), "image": torch.tensor([[1.0, HOLE, HOLE]])}
    assert fuse(scores)[0].isneginf().tolist() == [False, True, False]
    assert fuse(scores, {"text": 0, "image": 1})[0].isneginf().tolist() == [False, True, True]


def test_a_query_that_lacks_a_part_is_answered_by_the_others(fusion, rng):
    fuse, _ = fusion
    scores = random_scores(rng, holes=0)
    scores["image"][1] = HOLE
    np.testing.assert_allclose(fuse(scores)[1], fuse({"text": scores["text"]})[1])


# Properties


def test_weight_one_and_zero_is_the_single_modality_and_only_ratios_count(fusion, rng):
    fuse, _ = fusion
    scores = random_scores(rng, holes=0)
    single = fuse(scores, {"text": 1, "image": 0})
    torch.testing.assert_close(single, fuse({"text": scores["text"]}))
    np.testing.assert_array_equal(single.argsort(dim=1), scores["text"].argsort(axis=1))
    a, b = (fuse(scores, {"text": w, "image": 2 * w}) for w in (1, 5))
    np.testing.assert_allclose(a, b)


def test_scale_and_shift_of_a_modality_do_not_matter(fusion, rng):
    fuse, _ = fusion
    scores = random_scores(rng)
    other = {"image": scores["image"] * 7 - 3, "text": scores["text"]}
    np.testing.assert_allclose(fuse(other), fuse(scores), atol=1e-9)


def test_equal_scores_decide_nothing():
    """0.1 + 0.2 is not 0.3 in every digit: such a difference must not be blown up."""
    flat = torch.tensor([[0.1 + 0.2, 0.3, 0.3]], dtype=torch.float64)
    for name in NORMALISERS:
        assert weighted_sum({"text": flat}, normaliser=name)[0].tolist() == [0, 0, 0]


def test_any_names_will_do(fusion, rng):
    fuse, _ = fusion
    scores = random_scores(rng) | {"depth": rng.random((4, 12))}
    assert fuse(scores).shape == (4, 12)
    assert fuse(scores).isfinite().all()


# Errors


def test_scores_that_do_not_fit(fusion):
    fuse, _ = fusion
    with pytest.raises(ValueError, match="no scores given"):
        fuse({})
    with pytest.raises(ValueError, match=r"one shape \(n_query, n_item\), got \{'text': \(1, 2\), 'image': \(1, 3\)\}"):
        fuse({"text": torch.zeros(1, 2), "image": torch.zeros(1, 3)})
    with pytest.raises(ValueError, match=r"one shape \(n_query, n_item\), got \{'text': \(2,\)\}"):
        fuse({"text": torch.zeros(2)})
    for bad in (math.nan, math.inf):
        with pytest.raises(ValueError, match="scores of image hold NaN or"):
            fuse({"text": torch.zeros(1, 1), "image": torch.tensor([[bad]])})


def test_weights_that_do_not_fit(fusion):
    fuse, _ = fusion
    scores = {"text": torch.zeros(1, 2), "image": torch.zeros(1, 2)}
    with pytest.raises(ValueError, match="weights are for text, but scores are for text, image"):
        fuse(scores, {"text": 1})
    for bad in ({"text": -1, "image": 1}, {"text": 0, "image": 0}, {"text": math.nan, "image": 1}):
        with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
            fuse(scores, bad)


def test_settings_that_make_no_sense():
    with pytest.raises(ValueError, match="unknown normaliser 'rank': choose one of z_score, min_max"):
        weighted_sum({"text": torch.zeros(1, 2)}, normaliser="rank")
    for bad in (-1, math.inf, math.nan):
        with pytest.raises(ValueError, match="constant is .*, expected a finite number of at least 0"):
            reciprocal_rank_fusion({"text": torch.zeros(1, 2)}, constant=bad)


@pytest.mark.parametrize("normalise", NORMALISERS.values(), ids=NORMALISERS)
@pytest.mark.parametrize("size", [-3e6, -1.0, 1.0, 3e6])
def test_a_spread_of_rounding_is_none_and_a_small_one_is_whole_whatever_the_size(normalise, size):
    present = torch.ones(1, 3, dtype=torch.bool)
    step = torch.tensor([[0.0, 1.0, 2.0]], dtype=torch.float64)
    assert not normalise(size * (1 + 1e-14 * step), present).any()
    small = normalise(size * (1 + 1e-8 * step), present)
    torch.testing.assert_close(small, normalise(math.copysign(1, size) * step, present), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("normalise", NORMALISERS.values(), ids=NORMALISERS)
def test_scores_that_are_all_zero_stay_zero(normalise):
    assert normalise(torch.zeros(2, 3), torch.ones(2, 3, dtype=torch.bool)).tolist() == [[0.0] * 3] * 2
