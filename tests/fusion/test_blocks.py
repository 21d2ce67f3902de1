"""What every fusion keeps, whatever its kind: parts by name, holes, weights that sum to one, gradients."""

import pytest
import torch
from hypothesis import given, settings, strategies as st

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion import PLAIN, join_blocks, restrict, share_weights
from mmr_toolkit.similarity.measures import cosine, inner_product
from some_parts import DIMS, FUSIONS, features, holes, shaken

each_fusion = pytest.mark.parametrize("make", FUSIONS.values(), ids=FUSIONS)
LEARNED = {name: make for name, make in FUSIONS.items() if name != "blocks"}
each_that_learns = pytest.mark.parametrize("make", LEARNED.values(), ids=LEARNED)


# Order, weights, blocks, masks


def test_names_come_in_the_order_text_image_audio_and_then_by_alphabet():
    assert in_order(["depth", "audio", "braille", "text"]) == ("text", "audio", "braille", "depth")


@given(
    st.lists(st.floats(0, 10), min_size=3, max_size=3).filter(any),
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=6),
)
@settings(deadline=None)
def test_shares_sum_to_one_over_what_is_present(weights, present):
    weights, present = torch.tensor(weights, dtype=torch.float64), torch.tensor(present)
    shares = share_weights(weights, present)
    any_weight = (present & (weights > 0)).any(dim=1)
    torch.testing.assert_close(shares.sum(dim=1), any_weight.double())
    assert (shares[~present] == 0).all()
    assert torch.isfinite(shares).all()


def test_shares_keep_the_ratios_of_the_weights_of_each_item():
    weights = torch.tensor([[1.0, 2.0, 3.0], [4.0, 4.0, 8.0]])
    present = torch.tensor([[True, False, True], [True, True, True]])
    torch.testing.assert_close(share_weights(weights, present), torch.tensor([[0.25, 0, 0.75], [0.25, 0.25, 0.5]]))


def test_block_identity(rng):
    """⟨√w ⊙ x, √w ⊙ y⟩ is the weighted sum of the cosines of the parts."""
    queries, items = features(rng, 4), features(rng, 6)
    w = torch.tensor([0.2, 0.5, 0.3])
    joined = [
        join_blocks([unit_rows(part[m]) for m in DIMS], w.expand(len(part["text"]), 3)) for part in (queries, items)
    ]
    expected = sum(w[i] * cosine(queries[m], items[m]) for i, m in enumerate(DIMS))
    torch.testing.assert_close(inner_product(*joined), expected)


def test_the_root_of_a_weight_that_is_zero_gives_no_nan_gradient():
    """The slope of √w at 0 is infinite, and infinity times the zero of a hole is NaN."""
    weights = torch.tensor([[0.0, 1.0], [0.25, 0.75]], requires_grad=True)
    block = torch.ones(2, 1, requires_grad=True)
    (join_blocks([block, block], weights) * torch.tensor([3.0, 5.0])).sum().backward()
    # By hand: d(3 √w_1 + 5 √w_2) = 3 / (2 √w_1), 5 / (2 √w_2); none where nothing is joined.
    torch.testing.assert_close(weights.grad, torch.tensor([[0.0, 2.5], [3.0, 2.5 / 0.75**0.5]]))
    torch.testing.assert_close(block.grad[:, 0], torch.tensor([5.0, 1.5 + 5 * 0.75**0.5]))


def test_restrict_leaves_the_mask_as_it_was(rng):
    mask = {m: has.numpy() for m, has in holes(rng, 5).items()}
    before = {m: has.copy() for m, has in mask.items()}
    seen = restrict(mask, ("text",))
    assert seen["text"].tolist() == before["text"].tolist()
    assert not seen["image"].any()
    assert all((mask[m] == before[m]).all() for m in mask)


# Holes and weights of every fusion


@each_fusion
def test_weights_sum_to_one_over_the_parts_that_are_there(rng, make):
    parts, mask = features(rng, 30), holes(rng, 30)
    z, weights = shaken(make(DIMS))(parts, mask)
    present = torch.stack([mask[m] for m in DIMS], dim=1)
    assert weights.shape == (30, 3)
    assert (weights[~present] == 0).all()
    assert (weights[present] > 0).all()
    torch.testing.assert_close(weights.sum(dim=1), present.any(dim=1).float())
    assert z[-1].abs().sum() == 0  # an item without any part
    assert (z[present.any(dim=1)].norm(dim=1) > 0.1).all()


@each_fusion
def test_an_item_does_not_depend_on_the_others(rng, make):
    parts, mask = features(rng, 8), holes(rng, 8)
    fusion = shaken(make(DIMS))
    z, weights = fusion(parts, mask)
    for i in range(8):
        alone, its_weights = fusion(
            {m: v[i : i + 1] for m, v in parts.items()}, {m: v[i : i + 1] for m, v in mask.items()}
        )
        torch.testing.assert_close(alone[0], z[i], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(its_weights[0], weights[i], rtol=1e-4, atol=1e-5)


@each_fusion
@pytest.mark.parametrize("garbage", [float("nan"), float("inf"), 1e30])
def test_what_stands_in_a_hole_does_not_matter_and_does_not_reach_the_gradients(rng, make, garbage):
    parts, mask = features(rng, 6), holes(rng, 6)
    answers, gradients = [], []
    for fill in (0.0, garbage):
        filled = {m: v.where(mask[m][:, None], fill).requires_grad_() for m, v in parts.items()}
        fusion = shaken(make(DIMS))
        z, weights = fusion(filled, mask)
        (z * torch.arange(z.shape[1])).sum().backward()
        answers.append((z.detach(), weights.detach()))
        gradients.append([v.grad for v in (*filled.values(), *fusion.parameters())])
    for first, second in zip(answers[0], answers[1], strict=True):
        assert torch.equal(first, second)
    for first, second in zip(*gradients, strict=True):
        assert torch.isfinite(first).all()
        torch.testing.assert_close(first, second)


@each_fusion
def test_a_part_that_is_not_given_and_a_part_that_is_masked_are_the_same_hole(rng, make):
    parts = features(rng, 4)
    fusion = shaken(make(DIMS))
    mask = {m: torch.full((4,), m != "image") for m in DIMS}
    masked, not_given = fusion(parts, mask), fusion({m: parts[m] for m in ("text", "audio")})
    zeros = fusion(parts | {"image": torch.zeros(4, 7)})
    for answer in (not_given, zeros):
        torch.testing.assert_close(masked, answer)


@each_fusion
def test_scale_of_a_part_does_not_matter(rng, make):
    parts = features(rng, 4)
    scaled = {m: v * s for (m, v), s in zip(parts.items(), (1e-20, 3.0, 1e20), strict=True)}
    fusion = shaken(make(DIMS))
    torch.testing.assert_close(fusion(scaled)[0], fusion(parts)[0], rtol=1e-4, atol=1e-5)


@each_fusion
def test_the_order_of_the_names_does_not_matter(rng, make):
    parts, mask = features(rng, 4), holes(rng, 4)
    z, weights = shaken(make(DIMS))(parts, mask)
    backwards = [dict(reversed(names.items())) for names in (DIMS, parts, mask)]
    z2, weights2 = shaken(make(backwards[0]))(*backwards[1:])
    torch.testing.assert_close((z2, weights2), (z, weights))


@each_fusion
def test_an_empty_catalogue_has_no_vectors(make):
    z, weights = make(DIMS).eval()({m: torch.zeros(0, d) for m, d in DIMS.items()})
    assert len(z) == len(weights) == 0
    assert weights.shape == (0, 3)


@each_fusion
def test_a_fourth_modality_needs_only_its_name(rng, make):
    dims = DIMS | {"depth": 4}
    parts, mask = features(rng, 20, dims), holes(rng, 20, dims)
    fusion = shaken(make(dims))
    z, weights = fusion(parts, mask)
    assert fusion.modalities == ("text", "image", "audio", "depth")
    torch.testing.assert_close(weights.sum(dim=1), torch.stack(list(mask.values())).any(dim=0).float())
    assert (weights[mask["depth"], 3] > 0).all()
    other = fusion(parts | {"depth": -parts["depth"]}, mask)[0]
    changed = (other - z).abs().amax(dim=1) > 1e-3
    assert torch.equal(changed, mask["depth"])  # it counts where it is, and nowhere else


# Learning


@each_fusion
@pytest.mark.parametrize("with_holes", [False, True])
def test_gradients_reach_every_parameter_and_every_part_and_are_finite(rng, make, with_holes):
    parts = {m: v.requires_grad_() for m, v in features(rng, 12).items()}
    mask = holes(rng, 12) if with_holes else None
    fusion = shaken(make(DIMS)).train()
    z, _ = fusion(parts, mask)
    (z * torch.from_numpy(rng.standard_normal(z.shape))).sum().backward()
    for name, parameter in fusion.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().max() > 1e-5, name
    for name, part in parts.items():
        assert torch.isfinite(part.grad).all()
        assert part.grad.abs().sum() > 0
        if with_holes:
            assert (part.grad[~mask[name]] == 0).all()


@each_that_learns
def test_a_few_steps_from_the_start_move_every_parameter(rng, make):
    """The zeros that a residual fusion begins with must not stop what lies behind them from learning."""
    parts, mask = features(rng, 12), holes(rng, 12)
    fusion = make(DIMS).train()
    before = {name: parameter.detach().clone() for name, parameter in fusion.named_parameters()}
    target = torch.from_numpy(rng.standard_normal(fusion(parts, mask)[0].shape)).float()
    optimizer = torch.optim.SGD(fusion.parameters(), lr=0.1)
    for _ in range(4):
        optimizer.zero_grad()
        (fusion(parts, mask)[0] * target).sum().backward()
        optimizer.step()
    for name, parameter in fusion.named_parameters():
        assert torch.isfinite(parameter).all(), name
        assert (parameter - before[name]).abs().max() > 1e-7, name


@each_that_learns
def test_the_same_seed_gives_the_same_matrices_and_the_shared_generator_is_left_alone(make):
    state = torch.random.get_rng_state()
    first = make(DIMS)
    assert torch.equal(torch.random.get_rng_state(), state)
    torch.rand(7)
    second = make(DIMS)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("kind", PLAIN)
def test_another_seed_gives_other_matrices(kind):
    first, second = (dict(PLAIN[kind](DIMS, 8, seed).named_parameters()) for seed in (0, 1))
    drawn = [name for name in first if not torch.equal(first[name], second[name])]
    assert any("weight" in name for name in drawn)


@each_fusion
def test_no_gradient_and_inference_mode_give_what_training_sees(rng, make):
    """torch takes another road through attention where no gradient is asked for."""
    parts, mask = features(rng, 9), holes(rng, 9)
    fusion = shaken(make(DIMS))
    z, weights = fusion(parts, mask)
    with torch.inference_mode():
        z2, weights2 = fusion(parts, mask)
    torch.testing.assert_close(z2, z, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(weights2, weights, rtol=1e-4, atol=1e-5)
