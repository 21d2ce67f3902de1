"""Tuning weights: equal to the fusion itself for every candidate, holes included; the best one; errors."""

from itertools import product

import numpy as np
import pytest
import torch

from mmr_toolkit.evaluation.systems import mean_average_precision
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.training.weights import CANDIDATES, tune_weights, weight_table

N, PARTS = 30, {"text": 5, "image": 4, "audio": 3}
KINDS = {"T": ("text",), "TI": ("text", "image"), "TIA": tuple(PARTS)}


@pytest.fixture
def items(rng):
    vectors = {name: rng.normal(size=(N, dim)).astype("float32") for name, dim in PARTS.items()}
    mask = {name: rng.random(N) > 0.3 for name in PARTS}
    mask["text"] |= ~mask["image"] & ~mask["audio"]
    vectors["image"][3], mask["image"][3], mask["text"][3] = 0, True, True  # a row of zeros is a hole as well
    return Features(vectors, mask, [], [f"item{i}" for i in range(N)])


@pytest.fixture
def questions(items, rng):
    ids = [f"query{i}" for i in range(N)]
    noise = {"text": 1.5, "image": 0.7, "audio": 1.0}
    asked = {
        name: matrix + noise[name] * rng.normal(size=matrix.shape).astype("float32")
        for name, matrix in items.vectors.items()
    }
    asked["image"][:4] = 0  # holes in queries
    qrels = {query: {items.ids[i]: 3, items.ids[(i + 7) % N]: 2} for i, query in enumerate(ids)}
    qrels["query5"] = {"item1": 1}  # no full match
    own = [None if i % 2 else (i + 1) % N for i in range(N)]
    own[0] = own[22] = None
    return {
        kind: Questions(ids, {name: asked[name] for name in parts}, qrels, own=own) for kind, parts in KINDS.items()
    }


def test_every_candidate_scores_as_the_untrained_fusion_does(items, questions):
    table = weight_table(items, questions, candidates=(0.1, 0.5, 2.0))
    assert list(table.columns) == [*PARTS, "mAP"]
    assert [tuple(row) for row in table[list(PARTS)].to_numpy()] == [
        (1, *rest) for rest in product((0.1, 0.5, 2), repeat=2)
    ]
    weighed = {kind: asked for kind, asked in questions.items() if kind != "T"}
    for _, row in table.iterrows():
        fusion = ConcatFusion(dict(row.drop("mAP")), dims=items.dims)
        assert row["mAP"] == pytest.approx(mean_average_precision(fusion, weighed, items), abs=1e-12)


def test_questions_of_one_part_have_nothing_to_weigh(items, questions):
    table = weight_table(items, {"T": questions["T"]}, candidates=(0.1, 2.0))
    assert table["mAP"].nunique() == 1
    expected = mean_average_precision(ConcatFusion(dict.fromkeys(PARTS, 1), dims=PARTS), {"T": questions["T"]}, items)
    assert table["mAP"].iloc[0] == pytest.approx(expected)


def test_the_best_row_is_chosen_and_it_is_no_worse_than_equal_weights(items, questions):
    table, tuned = weight_table(items, questions), tune_weights(items, questions)
    assert len(table) == len(CANDIDATES) ** 2
    chosen = table[(table[list(PARTS)] == list(tuned.values())).all(axis=1)]
    assert chosen["mAP"].item() == table["mAP"].max() > table.query("image == 1 and audio == 1")["mAP"].item()
    assert tuned["text"] == 1


def test_a_modality_of_noise_gets_the_smallest_weight(rng):
    signal = rng.normal(size=(N, 6)).astype("float32")
    vectors = {"text": signal, "depth": rng.normal(size=(N, 6)).astype("float32")}
    items = Features(vectors, {name: np.ones(N, bool) for name in vectors}, [], [f"item{i}" for i in range(N)])
    asked = {"text": signal + 0.8 * rng.normal(size=signal.shape), "depth": rng.normal(size=signal.shape)}
    qrels = {f"query{i}": {f"item{i}": 3} for i in range(N)}
    assert tune_weights(items, {"TD": Questions(list(qrels), asked, qrels)}, (0.1, 1.0, 9.0)) == {
        "text": 1,
        "depth": 0.1,
    }


def test_nothing_is_changed(items, questions):
    before = {name: matrix.copy() for name, matrix in items.vectors.items()}
    weight_table(items, questions, (1.0,))
    assert all((before[name] == items.vectors[name]).all() for name in before)
    assert torch.as_tensor(questions["TIA"].vectors["image"][:4]).eq(0).all()


@pytest.mark.parametrize("candidates", [(), (0.0, 1.0), (-1.0,), (float("nan"),), (float("inf"),)])
def test_candidates_must_be_numbers_above_zero(items, questions, candidates):
    with pytest.raises(ValueError, match="all above zero"):
        tune_weights(items, questions, candidates)


def test_no_questions_are_refused(items):
    with pytest.raises(ValueError, match="no questions: weights are chosen by the mAP of validation questions"):
        tune_weights(items, {})


def test_questions_by_a_modality_that_no_item_has_are_refused(items, questions):
    asked = Questions(["query0"], {"smell": np.ones((1, 2)), "text": np.ones((1, 5))}, {"query0": {"item0": 3}})
    with pytest.raises(ValueError, match="questions ask by smell, the items have text, image, audio"):
        tune_weights(items, {"ST": asked})
