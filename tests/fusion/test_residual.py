"""Residual fusion: begins as the untrained fusion, keeps its blocks apart, and joins a common part on request."""

import re

import pytest
import torch

from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion, plain_fusion
from mmr_toolkit.fusion.residual import Correction
from mmr_toolkit.similarity.measures import cosine, inner_product
from some_parts import DIMS, features, holes, shaken

WEIGHTS = {"text": 1.0, "image": 2.5, "audio": 0.5}
each_kind = pytest.mark.parametrize("kind", PLAIN)


@each_kind
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "given"])
def test_before_training_it_is_the_untrained_fusion(rng, kind, weights):
    parts, mask = features(rng, 20), holes(rng, 20)
    for mode in (True, False):  # dropout has nothing to drop yet
        z, shares = ResidualFusion(DIMS, kind, weights=weights).train(mode)(parts, mask)
        expected, expected_shares = ConcatFusion(weights, DIMS)(parts, mask)
        torch.testing.assert_close(z, expected)
        torch.testing.assert_close(shares, expected_shares)


@each_kind
def test_the_joint_part_is_mixed_in_by_its_share(rng, kind):
    """⟨z_q, z_x⟩ = (1 − λ) blocks + λ joint, with the same matrices in all three."""
    queries, items, q_mask, x_mask = features(rng, 9), features(rng, 30), holes(rng, 9), holes(rng, 30)
    whole = shaken(ResidualFusion(DIMS, kind, joint=0.3, dim=8))
    blocks = ResidualFusion(DIMS, kind, dim=8).eval()
    blocks.load_state_dict({name: v for name, v in whole.state_dict().items() if not name.startswith("joint.")})
    z_q, z_x = whole(queries, q_mask)[0], whole(items, x_mask)[0]
    apart = inner_product(blocks(queries, q_mask)[0], blocks(items, x_mask)[0])
    together = cosine(whole.joint(queries, q_mask)[0], whole.joint(items, x_mask)[0])
    torch.testing.assert_close(inner_product(z_q, z_x), 0.7 * apart + 0.3 * together, rtol=1e-4, atol=1e-5)
    assert type(whole.joint) is type(plain_fusion(kind, DIMS, 8))


@each_kind
@pytest.mark.parametrize("joint", [0.0, 0.3])
def test_rows_have_length_one_or_zero(rng, kind, joint):
    parts, mask = features(rng, 20), holes(rng, 20)
    z, _ = shaken(ResidualFusion(DIMS, kind, joint=joint, dim=8))(parts, mask)
    some = torch.stack(list(mask.values())).any(dim=0)
    torch.testing.assert_close(z.norm(dim=1), some.float())


@each_kind
def test_a_block_is_the_corrected_part_and_knows_nothing_of_the_others(rng, kind):
    parts = features(rng, 6)
    fusion = shaken(ResidualFusion(DIMS, kind, dim=8))
    z, shares = fusion(parts)
    start = 0
    for i, (name, d) in enumerate(DIMS.items()):
        first, gelu, _, last = fusion.corrections[i].layers
        unit = unit_rows(parts[name])
        expected = unit + gelu(unit @ first.weight.T + first.bias) @ last.weight.T + last.bias
        expected = expected / expected.norm(dim=1, keepdim=True)
        torch.testing.assert_close(z[:, start : start + d], shares[:, i : i + 1].sqrt() * expected)
        alone, _ = fusion({name: parts[name]})
        torch.testing.assert_close(alone[:, start : start + d], expected)
        assert alone[:, :start].abs().sum() == alone[:, start + d :].abs().sum() == 0
        start += d


def test_where_the_weights_come_from_is_the_difference_between_the_kinds(rng):
    parts, mask = features(rng, 30), {m: torch.ones(30, dtype=torch.bool) for m in DIMS}
    shares = {kind: shaken(ResidualFusion(DIMS, kind, weights=WEIGHTS))(parts, mask)[1] for kind in PLAIN}
    given = torch.tensor([0.25, 0.625, 0.125])
    torch.testing.assert_close(shares["concat"], given.expand(30, 3))  # stays as it was given
    torch.testing.assert_close(shares["weighted"], shares["weighted"][:1].expand(30, 3))  # learned, the same for all
    assert (shares["weighted"][0] - given).abs().max() > 0.01
    assert (shares["attention"].std(dim=0) > 0.01).all()  # learned, each item for itself


def test_by_hand_a_weight_of_zero_leaves_a_part_out(rng):
    parts = features(rng, 6)
    fusion = ResidualFusion(DIMS, "concat", weights={"text": 1, "image": 0, "audio": 0})
    z, shares = fusion(parts)
    torch.testing.assert_close(cosine(z, z), cosine(parts["text"], parts["text"]), rtol=1e-4, atol=1e-5)
    assert shares.tolist() == [[1.0, 0.0, 0.0]] * 6


def test_a_correction_begins_as_nothing_and_its_answer_has_length_one(rng):
    unit = unit_rows(features(rng, 7)["image"])
    correction = Correction(7, width=4, dropout=0.5)
    torch.testing.assert_close(correction(unit), unit)
    torch.nn.init.normal_(correction.layers[-1].weight, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(correction(unit).norm(dim=1), torch.ones(7))
    assert not torch.allclose(correction(unit), unit, atol=0.1)


@each_kind
def test_items_are_seen_as_the_query_sees_them(rng, kind):
    mask = {m: has.numpy() for m, has in holes(rng, 30).items()}
    seen = ResidualFusion(DIMS, kind).as_seen(mask, ["text", "audio"])
    assert seen["text"].tolist() == mask["text"].tolist()
    assert seen["audio"].tolist() == mask["audio"].tolist()
    assert not seen["image"].any()


@each_kind
def test_with_a_joint_part_an_item_that_shares_no_part_keeps_all_it_has(kind):
    mask = {
        "text": torch.tensor([True, True, False, False, False]),
        "image": torch.tensor([True, False, True, True, False]),
        "audio": torch.tensor([True, False, True, False, False]),
    }
    seen = ResidualFusion(DIMS, kind, joint=0.3, dim=8).as_seen(mask, ["text"])
    assert seen["text"].tolist() == [True, True, False, False, False]
    assert seen["image"].tolist() == [False, False, True, True, False]
    assert seen["audio"].tolist() == [False, False, True, False, False]
    assert mask["image"].tolist() == [True, False, True, True, False]  # the mask itself stays as it was


@each_kind
def test_only_the_joint_part_compares_a_text_with_a_picture(rng, kind):
    parts = features(rng, 12)
    for joint in (0.0, 0.3):
        fusion = shaken(ResidualFusion(DIMS, kind, joint=joint, dim=8))
        z_q, z_x = fusion({"text": parts["text"]})[0], fusion({"image": parts["image"]})[0]
        scores = inner_product(z_q, z_x)
        assert (scores == 0).all() if joint == 0 else (scores.abs() > 1e-4).all()
        assert scores.abs().max() <= joint + 1e-6


@each_kind
def test_plain_fusion_makes_the_kind_that_was_named(kind):
    fusion = plain_fusion(kind, DIMS, 8, seed=3)
    assert fusion.__class__.__name__.lower() == f"{kind}fusion"
    parts = {m: torch.ones(2, d) for m, d in DIMS.items()}
    assert fusion.eval()(parts)[0].shape == (2, 8)
    assert torch.equal(fusion(parts)[0], plain_fusion(kind, DIMS, 8, seed=3).eval()(parts)[0])
    assert not torch.equal(fusion(parts)[0], plain_fusion(kind, DIMS, 8, seed=4).eval()(parts)[0])


@pytest.mark.parametrize("make", [lambda kind: plain_fusion(kind, DIMS), lambda kind: ResidualFusion(DIMS, kind)])
def test_an_unknown_kind_lists_the_table(make):
    with pytest.raises(ValueError, match=re.escape(f"unknown fusion 'sum': choose one of {', '.join(PLAIN)}.")):
        make("sum")


@pytest.mark.parametrize("joint", [-0.1, 1.0, 1.5, float("nan")])
def test_the_joint_share_is_at_least_zero_and_below_one(joint):
    with pytest.raises(ValueError, match=rf"joint is {joint}; expected a share from 0 to below 1"):
        ResidualFusion(DIMS, joint=joint)


def test_weights_that_are_none():
    with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
        ResidualFusion(DIMS, "concat", weights=dict.fromkeys(DIMS, 0))
    with pytest.raises(ValueError, match="weights that are learned start above zero"):
        ResidualFusion(DIMS, "weighted", weights=WEIGHTS | {"audio": 0})
    with pytest.raises(ValueError, match=r"weights: missing audio\."):
        ResidualFusion(DIMS, weights={"text": 1, "image": 1})


@each_kind
def test_shrunk_to_nothing_it_is_the_untrained_fusion_and_shrunk_by_half_the_corrections_are_half(rng, kind):
    parts, mask = features(rng, 20), holes(rng, 20)
    fusion = shaken(ResidualFusion(DIMS, kind, dim=8))
    before = fusion(parts, mask)[0]
    added = fusion.corrections[0].layers(unit_rows(parts["text"]))
    fusion.shrink(1.0)
    assert torch.equal(fusion(parts, mask)[0], before)
    fusion.shrink(0.5)
    torch.testing.assert_close(fusion.corrections[0].layers(unit_rows(parts["text"])), added / 2)
    fusion.shrink(0.0)
    torch.testing.assert_close(fusion(parts, mask)[0], ConcatFusion(None, DIMS)(parts, mask)[0])


def test_by_half_the_learned_weights_go_half_the_way_back(rng):
    fusion = ResidualFusion(DIMS, "weighted", weights=WEIGHTS)
    with torch.no_grad():
        fusion.modality_weights.change.copy_(torch.tensor([0.0, 2.0, -1.0]))
    fusion.shrink(0.5)
    expected = (torch.tensor(list(WEIGHTS.values())).log() + torch.tensor([0.0, 1.0, -0.5])).softmax(dim=0)
    torch.testing.assert_close(fusion.modality_weights(), expected)


@pytest.mark.parametrize("share", [-0.1, 1.5, float("nan")])
def test_the_share_that_is_kept_is_a_share(share):
    with pytest.raises(ValueError, match=rf"share is {share}; expected a number from 0 to 1"):
        ResidualFusion(DIMS).shrink(share)


def test_dropout_is_drawn_for_the_corrections_before_the_attention(rng):
    """The other order once changed what every trained head with attention had learned."""
    parts = {name: torch.as_tensor(part) for name, part in features(rng, 6).items()}
    fusion = shaken(ResidualFusion(DIMS, "attention", dim=8, dropout=0.5)).train()
    blocks = [unit_rows(parts[name]) for name in DIMS]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        z, shares = fusion(parts)
        torch.manual_seed(3)
        corrected = [correct(block) for correct, block in zip(fusion.corrections, blocks, strict=True)]
    for block, wanted, share in zip(z.split(list(DIMS.values()), dim=1), corrected, shares.T, strict=True):
        torch.testing.assert_close(block, share.sqrt()[:, None] * wanted)
