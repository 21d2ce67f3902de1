"""Training: it learns, repeats itself, keeps the best, stops when asked to, goes on where it stopped, and says no."""

import math
import warnings
from dataclasses import replace

import pytest
import torch

from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.evaluation.systems import fused_scores
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.similarity.measures import SIMILARITIES, similarity_function
from mmr_toolkit.training.loop import draw_parts
from mmr_toolkit.training.losses import LOSSES
from mmr_toolkit.training.recipe import CROSS_MODAL
from small_pairs import (
    DIMS,
    N_ITEMS,
    N_QUERIES,
    QUICK,
    SHORT,
    average_precision,
    same_weights,
    scripted,
    small_fusion,
    small_world,
    train,
)


@pytest.fixture
def pairs():
    return small_world()


# It learns


@pytest.mark.slow
@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
def test_it_finds_what_matters_under_loud_noise(pairs, residual):
    measure = average_precision(pairs)
    training = train(small_fusion(residual=residual, dropout=0), pairs, QUICK, validate=measure, check_every=10)
    before, after = training.history["validation"].iloc[0], training.best_score
    assert before < 0.35  # chance is 0.18
    assert after > 0.9
    losses = training.history["loss"].dropna()
    assert losses.iloc[-1] < losses.iloc[0] / 3


@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("residual", [False, True], ids=["plain", "residual"])
@pytest.mark.parametrize("kind", PLAIN)
def test_every_fusion_similarity_and_loss_takes_a_step(pairs, kind, residual, loss, similarity):
    fusion, untouched = small_fusion(kind, residual), small_fusion(kind, residual)
    recipe = replace(SHORT, steps=3, loss=loss, similarity=similarity)
    training = train(fusion, pairs, recipe)
    assert not same_weights(fusion, untouched)
    assert all(parameter.isfinite().all() for parameter in fusion.parameters())
    assert math.isfinite(training.history["loss"].iloc[-1])


# It repeats itself


def test_two_runs_give_equal_weights_and_another_seed_others(pairs):
    first, second, other = small_fusion("attention"), small_fusion("attention"), small_fusion("attention")
    histories = [train(fusion, pairs).history for fusion in (first, second)]
    train(other, pairs, replace(SHORT, seed=1))
    assert same_weights(first, second)
    assert histories[0].equals(histories[1])
    assert not same_weights(first, other)


def test_the_generator_that_all_share_is_not_touched(pairs):
    before = torch.get_rng_state()
    train(small_fusion("attention"), pairs)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_generator_comes_back_after_an_error_too(pairs):
    before = torch.get_rng_state()
    with pytest.raises(ValueError, match="validate returned NaN"):
        train(small_fusion(), pairs, validate=lambda fusion: math.nan)
    assert torch.equal(torch.get_rng_state(), before)


# It keeps the best, and stops


def test_the_best_state_is_kept(pairs):
    validate, seen = scripted(0.1, 0.5, 0.3)
    fusion = small_fusion()
    training = train(fusion, pairs, validate=validate)
    assert (training.best_step, training.best_score, training.ended) == (5, 0.5, "all steps done")
    assert training.history.index.tolist() == [0, 5, 10]
    assert training.history["validation"].tolist() == [0.1, 0.5, 0.3]
    assert all(torch.equal(value, seen[1][name]) for name, value in fusion.state_dict().items())
    assert not fusion.training


def test_the_state_before_training_can_be_the_best(pairs):
    fusion = small_fusion()
    training = train(fusion, pairs, validate=scripted(0.9, 0.5, 0.3)[0])
    assert training.best_step == 0
    assert same_weights(fusion, small_fusion())


def test_of_equal_scores_the_first_is_kept(pairs):
    assert train(small_fusion(), pairs, validate=lambda fusion: 0.5).best_step == 0


def test_without_validation_the_last_state_is_kept(pairs):
    fusion = small_fusion()
    training = train(fusion, pairs, check_every=4)
    assert training.history.index.tolist() == [0, 4, 8, 10]
    assert (training.best_step, training.ended) == (10, "all steps done")
    assert math.isnan(training.best_score)
    assert training.history["validation"].isna().all()
    undisturbed = small_fusion()
    train(undisturbed, pairs, check_every=100)
    assert same_weights(fusion, undisturbed)  # looking does not change what is drawn


@pytest.mark.parametrize("patience", [1, 2])
def test_it_ends_after_so_many_checks_without_a_gain(pairs, patience):
    scores = (0.1, 0.3, 0.2, 0.3, 0.9)
    training = train(small_fusion(), pairs, validate=scripted(*scores)[0], check_every=2, patience=patience)
    assert training.ended == "no gain any more"
    assert training.history.index.tolist() == [0, 2, 4, 6][: 2 + patience]
    assert training.best_step == 2


def test_a_gain_makes_it_patient_again(pairs):
    scores = (0.1, 0.0, 0.2, 0.1, 0.3, 0.2)
    training = train(small_fusion(), pairs, validate=scripted(*scores)[0], check_every=2, patience=2)
    assert (training.ended, training.best_step) == ("all steps done", 8)


def test_ctrl_c_keeps_the_best_state_so_far(pairs):
    validate, seen = scripted(0.1, 0.4, KeyboardInterrupt())
    fusion = small_fusion()
    training = train(fusion, pairs, validate=validate)
    assert (training.ended, training.best_step, training.best_score) == ("interrupted", 5, 0.4)
    assert training.history.index.tolist() == [0, 5]
    assert all(torch.equal(value, seen[1][name]) for name, value in fusion.state_dict().items())
    assert not fusion.training


def test_an_error_keeps_the_best_state_too(pairs):
    validate, seen = scripted(0.1, 0.4, RuntimeError("the disk is full"))
    fusion = small_fusion()
    with pytest.raises(RuntimeError, match="the disk is full"):
        train(fusion, pairs, validate=validate)
    assert all(torch.equal(value, seen[1][name]) for name, value in fusion.state_dict().items())


# What it says


def test_the_history_says_what_happened(pairs):
    training = train(small_fusion(), pairs, validate=lambda fusion: 0.5)
    history = training.history
    columns = ["loss", "validation", "scale", "query_norm", "item_norm", "weight_text", "weight_image"]
    assert list(history) == columns
    assert history.index.name == "step"
    assert math.isnan(history.loc[0, "loss"])
    assert history.drop(columns="loss").notna().all(axis=None)
    assert history[["query_norm", "item_norm"]].to_numpy() == pytest.approx(1)
    assert (history["weight_text"] + history["weight_image"]).tolist() == pytest.approx([1] * 3)
    assert history.loc[0, "weight_text"] == pytest.approx(0.5)
    assert history.loc[10, "scale"] != history.loc[0, "scale"]  # it is learned too


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_scale_starts_where_the_scores_spread_as_much_as_asked_for(pairs, similarity):
    fusion = small_fusion()
    z_queries, z_items = (fusion(side)[0].detach() for side in (pairs.queries, pairs.items))
    spread = similarity_function(similarity)(z_queries, z_items[pairs.item_of]).std().item()
    recipe = replace(SHORT, similarity=similarity, sharpness=7.0, steps=1, scale_rate=0.0)
    history = train(fusion, pairs, recipe).history
    assert history["scale"].tolist() == pytest.approx([7 / spread] * 2, rel=1e-4)


# What goes wrong


@pytest.mark.parametrize("kind", ["concat", "attention"])
def test_numbers_that_run_away_stop_it_with_step_setting_and_cause(pairs, kind):
    fusion = small_fusion(kind)
    message = r"not finite in step \d+ \((pairs|asked).*similarity cosine, loss info_nce.*learning rate 1e\+30\)\. Most"
    with pytest.raises(ValueError, match=message + r" likely the learning rate or the sharpness is too high: try a"):
        train(fusion, pairs, replace(SHORT, learning_rate=1e30))
    assert same_weights(fusion, small_fusion(kind))  # the best state so far


def test_numbers_that_run_away_in_the_very_last_step_are_noticed(pairs):
    with pytest.raises(ValueError, match=r"the fused vectors are not finite in step 1 \(asked by all parts;"):
        train(small_fusion(), pairs, replace(SHORT, steps=1, learning_rate=1e38))


def test_a_validation_that_gives_nan_is_named(pairs):
    with pytest.raises(ValueError, match=r"validate returned NaN after step 5: expected a score, higher is better\."):
        train(small_fusion(), pairs, validate=scripted(0.5, math.nan)[0])


def test_a_fusion_with_nothing_to_learn(pairs):
    with pytest.raises(ValueError, match=r"this ConcatFusion has nothing to learn: take a plain_fusion or a Residual"):
        train(ConcatFusion(dims=DIMS), pairs)


def test_other_dimensions_or_modalities_than_the_pairs(pairs):
    with pytest.raises(ValueError, match=r"expects \{'text': 6, 'image': 9\}, the pairs have \{'text': 6, 'image': 8"):
        train(ResidualFusion({"text": 6, "image": 9}), pairs)
    with pytest.raises(ValueError, match=r"expects \{'text': 6\}, the pairs have"):
        train(ResidualFusion({"text": 6}), pairs)


@pytest.mark.parametrize("wrong", [{"check_every": 0}, {"patience": 0}])
def test_numbers_below_one(pairs, wrong):
    with pytest.raises(ValueError, match=r"check_every is \d+ and patience \d+; expected 1 or more"):
        train(small_fusion(), pairs, **wrong)


def test_asking_across_modalities_needs_something_in_common(pairs):
    across = replace(SHORT, cross_modal=0.5, steps=2)
    with pytest.raises(
        ValueError, match=r"cross_modal is 0\.5, but this fusion cannot compare text with image: take a"
    ):
        train(small_fusion(), pairs, across)
    for fusion in (small_fusion(joint=0.3), small_fusion(residual=False)):
        assert train(fusion, pairs, across).ended == "all steps done"


WHOLE, HOLES = torch.ones(N_QUERIES, dtype=torch.bool), torch.zeros(N_QUERIES, dtype=torch.bool)
ALL, NONE = torch.ones(N_ITEMS, dtype=torch.bool), torch.zeros(N_ITEMS, dtype=torch.bool)


@pytest.mark.parametrize(
    ("settings", "query_mask", "item_mask", "across"),
    [
        ({}, None, None, False),
        ({"cross_modal": 0.5}, None, None, True),
        ({"cross_modal": 0.5, "modality_dropout": False}, None, None, False),  # nothing is left to show across
        ({"cross_modal": 0.5, "modality_dropout": False}, {"text": WHOLE, "image": HOLES}, None, True),
        ({}, {"text": WHOLE, "image": HOLES}, None, False),
        ({}, {"text": WHOLE, "image": HOLES}, {"text": NONE, "image": ALL}, True),  # photos without texts
        ({"modality_dropout": False}, {"text": WHOLE, "image": HOLES}, {"text": NONE, "image": ALL}, True),
        ({}, None, {"text": NONE, "image": ALL}, True),
        ({"modality_dropout": False}, None, {"text": NONE, "image": ALL}, False),
        ({"cross_modal": 0.5}, {"text": WHOLE, "image": HOLES}, {"text": ALL, "image": NONE}, False),
    ],
)
def test_a_joint_part_that_is_never_trained_across_modalities_is_said(pairs, settings, query_mask, item_mask, across):
    """By what it says beforehand, and by what the batches then hold."""
    holed = Pairs(pairs.queries, pairs.items, pairs.item_of, query_mask, item_mask)
    recipe = replace(SHORT, **settings)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        train(small_fusion(joint=0.3), holed, recipe)
        train(small_fusion(residual=False), holed, recipe)  # a common space learns from every batch
    told = [str(warning.message) for warning in said if "never trained across" in str(warning.message)]
    assert len(told) == (not across)
    if told:
        assert f"with cross_modal {recipe.cross_modal:g} and modality_dropout {recipe.modality_dropout}" in told[0]
        assert "Train with Recipe(cross_modal=0.25), or leave the joint part out." in told[0]
    with seeded(0):
        drawn = [draw_parts(holed.asked, holed.modalities, recipe) for _ in range(100)]
    met = False
    for parts, shown in drawn:
        asks = {name: bool(holed.query_mask[name].any()) for name in parts}
        has = {name: bool(holed.item_mask[name].any()) for name in shown}
        met |= any(asks.values()) and any(has.values()) and not any(asks[name] and has.get(name) for name in asks)
    assert met == across


def test_a_joint_part_finds_across_modalities_only_where_it_was_trained_to():
    """A text of numbers that the picture has too: found with batches across, by chance without."""
    inner = torch.randn(N_ITEMS, 6, generator=torch.Generator().manual_seed(1))
    turn = torch.randn(6, 8, generator=torch.Generator().manual_seed(2))
    items = {"text": inner, "image": inner @ turn}
    pairs = Pairs({"text": inner, "image": torch.zeros(N_ITEMS, 8)}, items, range(N_ITEMS))
    places = {}
    for cross_modal in (0.0, CROSS_MODAL):
        fusion = small_fusion(joint=0.3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            train(fusion, pairs, replace(QUICK, steps=200, cross_modal=cross_modal))
        scores = fused_scores(fusion, {"text": inner}, {"image": items["image"]})
        places[cross_modal] = float((scores >= scores.diagonal()[:, None]).sum(dim=1).float().mean())
    assert places[0.0] > 5  # 10.5 by chance
    assert places[CROSS_MODAL] < 2


def test_vectors_that_are_all_the_same(pairs):
    same = {name: torch.ones(N_ITEMS, dim) for name, dim in DIMS.items()}
    with pytest.raises(
        ValueError, match=r"the cosine of the pairs does not vary \(spread [\de.-]+\): are all vectors the"
    ):
        train(small_fusion(), Pairs(same, same, range(N_ITEMS)))
    # Another processor adds in another order: the same vectors with the last digits of float32 changed.
    nearly = {name: matrix + 3e-7 * torch.rand(matrix.shape) for name, matrix in same.items()}
    with pytest.raises(ValueError, match="does not vary"):
        train(small_fusion(), Pairs(nearly, nearly, range(N_ITEMS)))


def test_one_usable_query_is_too_few_and_that_is_said(pairs):
    alone = pairs.subset([0, 1])
    alone.queries = {name: matrix * torch.tensor([[1.0], [0.0]]) for name, matrix in alone.queries.items()}
    alone.query_mask = {name: torch.tensor([True, False]) for name in alone.queries}
    with pytest.raises(ValueError, match="1 of 2 training queries can be compared with their item; expected 2 or more"):
        train(small_fusion(), alone)
