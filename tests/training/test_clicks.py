"""Clicks as pairs and as counts: what they hold, what the correction cancels, and that clicks do teach."""

import numpy as np
import pandas as pd
import pytest
import torch

from mmr_toolkit.evaluation.systems import fused_scores
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.training.clicks import (
    asked_questions,
    click_counts,
    click_pairs,
    click_weights,
    examination,
    simulate_clicks,
)
from small_pairs import QUICK, average_precision, small_fusion, small_world, train


def history_of(*rows):
    """A history of (query, item, rank, clicked)."""
    return pd.DataFrame(rows, columns=["query", "item", "rank", "clicked"])


SEEN = history_of((0, 5, 1, True), (0, 7, 2, False), (3, 7, 1, True), (3, 5, 2, True))


# --- what visitors want ----------------------------------------------------------------------------------------------


def test_right_is_who_has_all_labels_of_the_own_item_but_never_that_item_itself(rng):
    items = {"text": rng.normal(size=(4, 3)), "image": rng.normal(size=(4, 2))}
    labels = {"text": [["can", "can", "can", "can"]], "image": [["red", "red", "blue", "red"]]}
    pairs = Pairs({name: part[[0, 2]] for name, part in items.items()}, items, [0, 2], labels=labels)
    asked = asked_questions(pairs, ["first", "second"], list("abcd"))
    assert asked.truth(list("abcd")).tolist() == [[0, 3, 0, 3], [0, 0, 0, 0]]
    assert asked.own == [0, 2]
    assert torch.equal(torch.as_tensor(asked.vectors["text"]), pairs.queries["text"])


def test_without_labels_nobody_knows_what_is_right():
    with pytest.raises(ValueError, match=r"these pairs have no labels"):
        asked_questions(small_world(labels=False), ["q"] * 40, ["i"] * 20)
    with pytest.raises(ValueError, match=r"3 item ids for 20 items\."):
        asked_questions(small_world(), [f"q{i}" for i in range(40)], ["a", "b", "c"])


# --- clicks as pairs -------------------------------------------------------------------------------------------------


def test_every_click_is_a_pair_of_its_query_and_the_clicked_item():
    world = small_world()
    pairs = click_pairs(SEEN, world)
    assert pairs.item_of.tolist() == [5, 7, 5]
    for name in world.modalities:
        assert torch.equal(pairs.queries[name], world.queries[name][[0, 3, 3]])
        assert torch.equal(pairs.items[name], world.items[name])
    assert pairs.codes is None  # a click does not say who else is right


def test_holes_of_queries_stay_holes():
    world = small_world()
    world.query_mask["text"][3] = False
    assert click_pairs(SEEN, world).query_mask["text"].tolist() == [True, False, False]


def test_a_click_counts_the_more_the_fewer_look_there():
    assert click_weights([1, 2, 10, 100]).tolist() == [1, 2, 10, 20]
    assert click_weights([1, 3], 2).tolist() == pytest.approx([1, 9])
    assert click_weights([1, 3], at_most=2).tolist() == [1, 2]


def test_corrected_clicks_are_drawn_in_proportion_to_their_weights(rng):
    many = history_of(*[(0, rank, rank, True) for rank in (1, 2, 4)] * 5000)
    drawn = click_pairs(many, small_world(), rng=rng, steepness=1).item_of
    counts = np.bincount(drawn.numpy())[[1, 2, 4]]
    assert counts.sum() == 15_000
    np.testing.assert_allclose(counts / 15_000, [1 / 7, 2 / 7, 4 / 7], atol=4 * (0.25 / 15_000) ** 0.5)


def test_the_correction_cancels_what_was_shown_on_top(rng):
    """Two equally right items, one always shown above the other: its share of the clicks is 3/4, corrected one half."""
    order, right = np.tile([1, 0, 0], (40, 1)), np.zeros((40, 3), bool)
    order[:, 1:] = [2, 0]  # item 1 at rank 1, item 2 at rank 2, item 0 last and wrong
    right[:, 1:] = True
    history = simulate_clicks(order, right, rng, n_searches=20_000, click_wrong=0, steepness=np.log2(3))
    plain = click_pairs(history, small_world()).item_of.numpy()
    corrected = click_pairs(history, small_world(), rng=rng, steepness=np.log2(3)).item_of.numpy()
    assert (plain == 1).mean() == pytest.approx(0.75, abs=0.02)
    assert (corrected == 1).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.slow
def test_training_on_clicks_finds_more_than_no_training():
    """The small world's loud useless numbers decide the ranking that is shown; its clicks are enough to see through."""
    world, measure = small_world(), average_precision(small_world())
    fusion = small_fusion()
    before = measure(fusion)
    order = (-fused_scores(fusion, world.queries, world.items)).argsort(dim=1).numpy()
    right = np.arange(20) == world.item_of.numpy()[:, None]
    history = simulate_clicks(order, right, np.random.default_rng(0), n_searches=4000, click_wrong=0.02)
    train(fusion, click_pairs(history, world), QUICK)
    assert measure(fusion) > before + 0.2


# --- clicks as counts ------------------------------------------------------------------------------------------------


def test_counts_by_hand():
    assert click_counts(SEEN, 8).tolist() == [0, 0, 0, 0, 0, 2, 0, 1]
    looks = np.array([0, 0, 0, 0, 0, 1.5, 0, 1.5])
    np.testing.assert_allclose(click_counts(SEEN, 8, steepness=1), (click_counts(SEEN, 8) + 1) / (looks + 5))


def test_counts_per_look_do_not_depend_on_where_an_item_was_shown(rng):
    order, right = np.tile([0, 1, 2, 3], (10, 1)), np.ones((10, 4), bool)
    history = simulate_clicks(order, right, rng, n_searches=20_000)
    plain = click_counts(history, 4)
    np.testing.assert_allclose(plain / plain[0], examination([1, 2, 3, 4]), atol=0.02)
    np.testing.assert_allclose(click_counts(history, 4, steepness=1), 0.8, atol=0.03)


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda w: click_pairs(SEEN.drop(columns="rank"), w), r"no column rank: expected query, item, rank, clicked\."),
        (lambda w: click_counts(SEEN.assign(clicked=False), 8), r"nobody clicked in 4 rows"),
        (lambda w: click_pairs(history_of((40, 1, 1, True)), w), r"queries or items that these pairs do not have"),
        (lambda w: click_pairs(history_of((1, 20, 1, True)), w), r"queries or items that these pairs do not have"),
        (lambda w: click_pairs(SEEN, w, steepness=1), r"draws the clicks again: give it a generator"),
        (lambda w: click_counts(SEEN, 7), r"the history names item 7, but there are 7\."),
        (lambda w: click_weights([0]), r"a rank is 0"),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(small_world())
