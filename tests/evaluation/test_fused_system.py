"""A fusion as a system: equal to the scores, holes in queries; and its mAP equal to one evaluation at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.evaluate import evaluate_run, ranked_run
from mmr_toolkit.evaluation.systems import fused_scores, fused_system, mean_average_precision, untrained_systems
from mmr_toolkit.fusion import ConcatFusion, ResidualFusion, plain_fusion
from mmr_toolkit.similarity.measures import SIMILARITIES
from small_pairs import DIMS, as_questions, average_precision, small_world


@pytest.fixture
def world():
    pairs = small_world()
    return pairs, *as_questions(pairs)


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_the_system_gives_the_scores_and_rows_of_zeros_are_holes(world, similarity):
    pairs, _, items = world
    fusion = plain_fusion("weighted", DIMS, dim=4)
    queries = {name: matrix[:4].clone() for name, matrix in pairs.queries.items()}
    queries["text"][2] = 0
    mask = {"text": torch.tensor([True, True, False, True]), "image": torch.ones(4, dtype=torch.bool)}
    expected = fused_scores(fusion, queries, pairs.items, similarity=similarity, query_mask=mask)
    torch.testing.assert_close(fused_system(fusion, items, similarity)(queries), expected)


def test_where_no_item_has_anything_to_compare_there_is_no_answer(world):
    """None and NaN, not the order in which the items happen to stand."""
    pairs, questions, items = world
    photos = items.only("image")
    words = {"text": pairs.queries["text"]}
    assert fused_system(ConcatFusion(dims=DIMS), photos)(words) is None
    assert fused_system(ResidualFusion(DIMS, joint=0.3), photos)(words) is not None
    asked = {"T": replace(questions["TI"], vectors={"text": words["text"].numpy()})}
    assert np.isnan(mean_average_precision(ConcatFusion(dims=DIMS), asked, photos))
    for name, system in untrained_systems(photos).items():
        assert system(words) is None, name
    answered = {name: system(pairs.queries) is not None for name, system in untrained_systems(photos).items()}
    assert answered.pop("text alone") is False
    assert all(answered.values())


def test_an_item_with_a_hole_is_judged_by_what_it_has(world):
    pairs, _, items = world
    items.mask["image"][3] = False
    scores = fused_system(ConcatFusion(dims=DIMS), items)({"image": pairs.queries["image"]})
    assert (scores[:, 3] == -torch.inf).all()
    assert scores[:, :3].isfinite().all()


@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_its_map_is_that_of_one_evaluation_at_a_time(world, similarity):
    pairs, questions, items = world
    fusion, asked = plain_fusion("concat", DIMS, dim=4), questions["TI"]
    text_only = type(asked)(asked.ids, {"text": asked.vectors["text"]}, asked.qrels, own=[0, *[None] * 39])
    del text_only.qrels["query0"]  # without an answer it is left out
    kinds = {"TI": asked, "T": text_only}
    expected = []
    for questions_of_kind in kinds.values():
        scores = fused_system(fusion, items, similarity)(questions_of_kind.vectors)
        run = ranked_run(questions_of_kind.ids, items.ids, scores, questions_of_kind.own)
        expected.append(evaluate_run(run, questions_of_kind.qrels, item_ids=items.ids, measures=["AP"]).summary["AP"])
    assert mean_average_precision(fusion, kinds, items, similarity) == pytest.approx(np.mean(expected))


def test_with_one_answer_each_it_is_the_mean_of_one_over_its_place(world):
    pairs, questions, items = world
    fusion = plain_fusion("concat", DIMS, dim=4)
    assert mean_average_precision(fusion, questions, items) == pytest.approx(average_precision(pairs)(fusion))


def test_it_can_be_compared(world):
    _, questions, items = world
    systems = {"untrained": fused_system(ConcatFusion(dims=DIMS), items)}
    table = compare(systems, questions, items.ids, n_resamples=10, rng=np.random.default_rng(0)).wide()
    expected = mean_average_precision(ConcatFusion(dims=DIMS), questions, items)
    assert table.loc["untrained", "TI"] == pytest.approx(expected)
