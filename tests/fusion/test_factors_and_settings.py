"""Factors on a fusion's weights; and settings, from which a fusion is built anew."""

import json

import pytest
import torch

from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion, WeightedFusion, plain_fusion
from some_fusions import DIMS, FUSIONS, ITEMS, MASK


@pytest.mark.parametrize("name", FUSIONS)
@torch.no_grad()
def test_factors_of_one_change_nothing_and_only_ratios_count(name):
    fusion = FUSIONS[name]()
    z, weights = fusion(ITEMS, MASK)
    for same in ({}, {"text": 1.0}, dict.fromkeys(DIMS, 1.0)):
        torch.testing.assert_close(fusion(ITEMS, MASK, same)[0], z)
    seven, seven_weights = fusion(ITEMS, MASK, dict.fromkeys(DIMS, 7.0))
    assert torch.allclose(seven, z, atol=1e-5) and torch.allclose(seven_weights, weights, atol=1e-6)


@pytest.mark.parametrize("name", FUSIONS)
@torch.no_grad()
def test_factors_multiply_the_weights_and_share_them_out_anew(name):
    fusion = FUSIONS[name]()
    _, weights = fusion(ITEMS, MASK)
    factors = torch.tensor([2.0, 1.0, 0.5])
    wanted = weights * factors / (weights * factors).sum(dim=1, keepdim=True)
    _, shared = fusion(ITEMS, MASK, {"text": 2, "audio": 0.5})
    assert torch.allclose(shared, wanted, atol=1e-6)


@pytest.mark.parametrize("name", FUSIONS)
@torch.no_grad()
def test_a_factor_of_zero_makes_a_part_a_hole(name):
    fusion = FUSIONS[name]()
    without = {**MASK, "image": torch.zeros(5, dtype=torch.bool)}
    for mine, wanted in zip(fusion(ITEMS, MASK, {"image": 0}), fusion(ITEMS, without), strict=True):
        assert torch.allclose(mine, wanted, atol=1e-6)
        assert mine.isfinite().all()
    only_text = {name: torch.full((5,), name == "text") for name in DIMS}
    z, weights = fusion(ITEMS, only_text, {"text": 0})  # nothing is left
    assert not weights.any() and z.isfinite().all()


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        ({"text": -1}, "weights must be finite, not negative and not all zero"),
        ({"text": float("nan")}, "weights must be finite"),
        ({"text": 0, "image": 0, "audio": 0}, "not all zero"),
        ({"smell": 1}, "weights: unknown smell. The modalities here are text, image, audio"),
    ],
)
def test_factors_that_are_none_are_refused(factors, message):
    with pytest.raises(ValueError, match=message):
        ConcatFusion(dims=DIMS)(ITEMS, MASK, factors)


@pytest.mark.parametrize("name", FUSIONS)
@torch.no_grad()
def test_a_fusion_is_built_anew_from_its_settings_and_state(name):
    fusion = FUSIONS[name]()
    settings = json.loads(json.dumps(fusion.settings))
    again = type(fusion)(**settings)
    again.load_state_dict(fusion.state_dict())
    assert again.settings == fusion.settings
    for mine, wanted in zip(again.eval()(ITEMS, MASK), fusion(ITEMS, MASK), strict=True):
        assert torch.equal(mine, wanted)


def test_settings_know_what_a_first_call_has_taught():
    fusion = ConcatFusion({"text": 2, "image": 1, "audio": 1})
    fusion(ITEMS, MASK)
    assert fusion.settings == {"weights": {"text": 2.0, "image": 1.0, "audio": 1.0}, "dims": DIMS, "dim": None}


def test_settings_keep_what_differs_from_the_defaults():
    weighted = WeightedFusion(DIMS, 5, weights={"text": 3, "image": 1, "audio": 0}, learn_weights=False)
    assert weighted.settings == {
        "dims": DIMS,
        "dim": 5,
        "weights": {"text": 0.75, "image": 0.25, "audio": 0.0},
        "learn_weights": False,
    }
    residual = ResidualFusion(DIMS, "concat", width=7, dropout=0.4, joint=0.25, dim=8).settings
    assert [residual[name] for name in ("kind", "width", "dropout", "joint", "dim")] == ["concat", 7, 0.4, 0.25, 8]
    attention = plain_fusion("attention", DIMS, 8).settings
    assert attention == {"dims": DIMS, "dim": 8, "heads": 4, "dropout": 0.1}
    assert set(PLAIN) == {"concat", "weighted", "attention"}
