"""One step of a training: what is drawn, what is seen, how the weights move, and rates."""

import math
from dataclasses import replace

import pytest
import torch

from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.fusion import ResidualFusion, plain_fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.similarity.measures import cosine
from mmr_toolkit.training.loop import (
    MAX_GRADIENT,
    WARM_UP,
    Trainee,
    draw_parts,
    fit,
    fused_batch,
    look,
    training_step,
    with_noise,
)
from mmr_toolkit.training.losses import info_nce
from mmr_toolkit.training.recipe import Recipe
from small_pairs import DIMS, small_fusion, small_world
from some_parts import DIMS as THREE, features, holes

RECIPE = Recipe(steps=100, batch_size=16, learning_rate=1e-2, noise=0)


@pytest.fixture(autouse=True)
def one_seed():
    with seeded(0):
        yield


# What is drawn


def test_with_modality_dropout_every_set_of_parts_is_asked_by():
    everything = ("text", "image", "audio")
    drawn = {draw_parts(everything, everything, RECIPE) for _ in range(200)}
    assert {parts for parts, _ in drawn} == {
        ("text",), ("image",), ("audio",), ("text", "image"), ("text", "audio"), ("image", "audio"), everything,
    }  # fmt: skip
    assert {shown for _, shown in drawn} == {everything}


def test_without_it_always_by_all():
    recipe = replace(RECIPE, modality_dropout=False, cross_modal=1.0)  # and then nothing is left to show across
    assert {draw_parts(tuple(THREE), tuple(THREE), recipe) for _ in range(50)} == {(tuple(THREE), tuple(THREE))}


def test_nobody_asks_by_what_no_query_has():
    recipe = replace(RECIPE, cross_modal=1.0)
    drawn = {draw_parts(("text", "audio"), tuple(THREE), recipe) for _ in range(100)}
    assert drawn == {(("text",), ("image", "audio")), (("audio",), ("text", "image")), (("text", "audio"), ("image",))}
    pairs = small_world()
    assert pairs.asked == ("text", "image")
    assert Pairs(pairs.queries | {"image": torch.zeros(40, 8)}, pairs.items, pairs.item_of).asked == ("text",)


def test_across_modalities_items_show_only_what_the_query_lacks():
    for _ in range(100):
        parts, shown = draw_parts(tuple(THREE), tuple(THREE), replace(RECIPE, cross_modal=1.0))
        assert shown == (tuple(m for m in THREE if m not in parts) or tuple(THREE))
    two = ("text", "image")
    some = [draw_parts(two, two, replace(RECIPE, cross_modal=0.25)) for _ in range(900)]
    crossed = sum(len(parts) == 1 and shown != ("text", "image") for parts, shown in some)
    assert crossed / sum(len(parts) == 1 for parts, _ in some) == pytest.approx(0.25, abs=0.05)


# What a batch is


def test_a_batch_is_what_the_fusion_makes_of_its_pairs(rng):
    pairs = Pairs(features(rng, 9), features(rng, 6), [5, 0, 0, 1, 2, 3, 4, 5, 1], item_mask=holes(rng, 6))
    fusion, rows = ResidualFusion(THREE, joint=0.4).eval(), torch.tensor([1, 0, 6, 4])
    q, x, there = fused_batch(fusion, pairs, rows, ("text", "audio"), ("text", "image", "audio"), noise=0)
    own = pairs.item_of[rows]
    torch.testing.assert_close(q, fusion({m: pairs.queries[m][rows] for m in ("text", "audio")})[0])
    seen = fusion.as_seen({m: pairs.item_mask[m][own] for m in THREE}, ("text", "audio"))
    torch.testing.assert_close(x, fusion({m: pairs.items[m][own] for m in THREE}, seen)[0])
    assert there.tolist() == [any(bool(has[i]) for has in seen.values()) for i in range(4)]
    assert not there[1]  # the last item has no part


def test_noise_has_the_length_asked_for_and_leaves_holes_alone(rng):
    vectors = 50 * torch.from_numpy(rng.standard_normal((2000, 30))).float()
    moved = with_noise(vectors, 0.3) - vectors / vectors.norm(dim=1, keepdim=True)
    assert moved.norm(dim=1).mean().item() == pytest.approx(0.3, abs=0.01)
    assert with_noise(vectors, 0) is vectors
    pairs = small_world()
    holed = Pairs(pairs.queries | {"image": torch.zeros(40, 8)}, pairs.items, pairs.item_of)
    fusion = plain_fusion("weighted", DIMS, dim=4)
    q, _, there = fused_batch(fusion, holed, torch.arange(40), ("image",), ("text", "image"), noise=0.5)
    assert not there.any()
    assert not q.any()


def test_nothing_to_compare_is_no_step():
    pairs = small_world()
    one_picture = pairs.queries["image"] * (torch.arange(40) == 0)[:, None]
    holed = Pairs(pairs.queries | {"image": one_picture}, pairs.items, pairs.item_of)
    fusion = ResidualFusion(DIMS, width=4)
    trainee = Trainee(fusion, RECIPE, scale=10.0)
    losses, changed = [], []
    for _ in range(30):
        before = [parameter.clone() for parameter in fusion.parameters()]
        losses.append(training_step(trainee, holed))
        changed.append(any(not torch.equal(a, b) for a, b in zip(before, fusion.parameters(), strict=True)))
    skipped = [math.isnan(loss) for loss in losses]
    assert 0 < sum(skipped) < 30  # asked by the image alone
    assert changed == [not skip for skip in skipped]
    training = fit(ResidualFusion(DIMS, width=4), holed, replace(RECIPE, steps=30), check_every=10, progress=False)
    assert training.history["loss"].notna().tolist() == [False, True, True, True]  # the mean of the other steps


# What a step and a look do with dropout


def test_dropout_is_on_in_every_step_and_off_whenever_somebody_looks():
    fusion, modes = small_fusion(dropout=0.5), []
    fusion.register_forward_hook(lambda module, *_: modes.append(module.training))
    trainee, pairs = Trainee(fusion, RECIPE, scale=10.0), small_world()
    for _ in range(3):
        modes.clear()
        training_step(trainee, pairs)
        assert modes and all(modes)
        modes.clear()
        look(trainee, pairs)
        assert modes and not any(modes)

    def validate(fusion):
        assert not fusion.training
        return 0.0

    fit(fusion, pairs, replace(RECIPE, steps=4), check_every=2, validate=validate, progress=False)
    assert not fusion.training


def test_with_dropout_two_steps_on_the_same_pairs_have_different_losses():
    def losses(dropout):
        fusion = small_fusion(dropout=dropout)
        with torch.no_grad():
            for parameter in fusion.parameters():  # the correction begins at zero, and so would what is dropped of it
                parameter += 0.5
        recipe = replace(RECIPE, modality_dropout=False, batch_size=40, learning_rate=1e-12, scale_rate=1e-12)
        trainee = Trainee(fusion, recipe, scale=10.0)
        return [training_step(trainee, small_world()) for _ in range(2)]

    first, second = losses(dropout=0.5)
    assert abs(first - second) > 1e-3
    first, second = losses(dropout=0.0)
    assert first == pytest.approx(second, rel=1e-5)


# How the weights move


def test_the_loss_of_a_step_is_that_of_its_batch():
    pairs, recipe = small_world(), replace(RECIPE, modality_dropout=False, batch_size=40)
    fusion = plain_fusion("concat", DIMS, dim=4)
    z_queries, z_items = (fusion(side)[0] for side in (pairs.queries, pairs.items))
    own = pairs.item_of
    expected = info_nce(10 * cosine(z_queries, z_items[own]), own[:, None] == own[None, :])
    loss = training_step(Trainee(fusion, recipe, scale=10.0), pairs)
    assert loss == pytest.approx(expected.item(), rel=1e-5)  # the order of the batch does not matter


def test_labels_change_what_is_learned():
    """With the same draws, a batch in which equals are right answers moves the weights elsewhere."""
    pairs, fusions = small_world(labels=False), []
    halves = [["left", "right"][i % 2] for i in range(20)]
    labelled = Pairs(pairs.queries, pairs.items, pairs.item_of, labels={"text": [halves], "image": [halves]})
    for some in (pairs, labelled):
        fusions.append(plain_fusion("weighted", DIMS, dim=4))
        fit(fusions[-1], some, replace(RECIPE, steps=10), progress=False)
    one, other = (fusion.maps[0].weight for fusion in fusions)
    assert (one - other).abs().max() > 1e-3


@pytest.mark.parametrize("sharpness", [1e-4, 1e3])
def test_long_gradients_are_cut_and_short_ones_are_not(sharpness):
    fusion = plain_fusion("concat", DIMS, dim=4)
    with torch.no_grad():
        fusion.linear.weight *= 1e-3  # cosines of tiny vectors are steep
    trainee = Trainee(fusion, RECIPE, scale=sharpness)
    training_step(trainee, small_world())
    norm = fusion.linear.weight.grad.norm().item()
    if sharpness > 1:
        assert norm == pytest.approx(MAX_GRADIENT, rel=1e-3)
    else:
        assert 0 < norm < MAX_GRADIENT / 2


def test_the_learning_rate_rises_and_falls():
    trainee = Trainee(ResidualFusion(DIMS), replace(RECIPE, scale_rate=5e-3), scale=1.0)
    rates = []
    for trainee.step in range(100):
        trainee.set_rates()
        rates.append([group["lr"] for group in trainee.optimiser.param_groups])
    learned = [rate for rate, _ in rates]
    assert max(learned) == learned[WARM_UP - 1] == pytest.approx(0.01 * (1 + math.cos(math.pi * 0.19)) / 2)
    assert learned[:WARM_UP] == sorted(learned[:WARM_UP])
    assert learned[WARM_UP:] == sorted(learned[WARM_UP:], reverse=True)
    assert learned[-1] < 1e-5
    assert [of_scale / rate for rate, of_scale in rates] == pytest.approx([0.5] * 100)


def test_weight_decay_pulls_a_residual_fusion_back_and_leaves_the_scale_alone():
    trainee = Trainee(ResidualFusion(DIMS), replace(RECIPE, weight_decay=0.7), scale=2.0)
    assert [group["weight_decay"] for group in trainee.optimiser.param_groups] == [0.7, 0.0]
    assert trainee.log_scale.exp().item() == pytest.approx(2)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("kind", ["concat", "weighted", "attention"])
def test_on_a_gpu_it_learns_too_and_the_fusion_stays_in_float32(kind):
    fusion = plain_fusion(kind, DIMS, dim=8)
    history = fit(fusion, small_world(), replace(RECIPE, learning_rate=3e-2), device="cuda", progress=False).history
    assert history["loss"].iloc[-1] < history["loss"].iloc[1] / 1.5
    assert all(parameter.is_cuda and parameter.dtype == torch.float32 for parameter in fusion.parameters())
