"""The grid: every combination once, each as if trained alone, and all the rows that it has to be compared with."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mmr_toolkit.evaluation.comparison import compare
from mmr_toolkit.evaluation.systems import UNTRAINED, UNTRAINED_EQUAL, fused_scores, mean_average_precision
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import PLAIN, ConcatFusion, ResidualFusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.similarity.measures import SIMILARITIES
from mmr_toolkit.training.heads import Head, grid_systems, head_name, train_grid, train_head
from mmr_toolkit.training.loop import fit
from mmr_toolkit.training.recipe import CROSS_MODAL, Recipe

pytestmark = pytest.mark.slow

N, TUNED = 24, {"text": 1.0, "image": 0.5}
SHORT = Recipe(steps=3, batch_size=8, learning_rate=1e-2)


@pytest.fixture
def items(rng):
    vectors = {"text": rng.normal(size=(N, 5)), "image": rng.normal(size=(N, 3))}
    vectors = {name: matrix.astype("float32") for name, matrix in vectors.items()}
    return Features(vectors, {name: np.ones(N, bool) for name in vectors}, [], [f"item{i}" for i in range(N)])


@pytest.fixture
def asked(items, rng):
    return {
        name: matrix + 0.3 * rng.normal(size=matrix.shape).astype("float32") for name, matrix in items.vectors.items()
    }


@pytest.fixture
def pairs(items, asked):
    return Pairs(asked, items.vectors, range(N))


@pytest.fixture
def questions(items, asked):
    ids = [f"query{i}" for i in range(N)]
    qrels = {query: {item: 3} for query, item in zip(ids, items.ids, strict=True)}
    return {
        "TI": Questions(ids, asked, qrels),
        "I": Questions(ids, {"image": asked["image"]}, qrels),
    }


def test_every_fusion_is_trained_for_every_similarity_plain_and_residual(pairs):
    heads = train_grid(pairs, recipe=SHORT, progress=False)
    assert list(heads) == [head_name(k, s, residual=r) for r in (False, True) for k in PLAIN for s in SIMILARITIES]
    assert len(heads) == 18
    for name, head in heads.items():
        assert name.endswith(head.similarity.replace("_", " "))
        assert isinstance(head.fusion, ResidualFusion) == name.startswith("residual")
        assert not head.fusion.training
        assert head.training.ended == "all steps done"


def test_a_name_is_readable():
    assert head_name("concat", "inner_product", residual=True) == "residual concat · inner product"
    assert head_name("attention", "cosine", residual=False) == "plain attention · cosine"


def test_a_head_of_the_grid_is_the_one_that_is_trained_alone(pairs):
    recipe = replace(SHORT, cross_modal=0.5)
    heads = train_grid(pairs, residual=[True], recipe=recipe, weights=TUNED, joint=0.2, progress=False)
    alone = ResidualFusion(pairs.dims, "attention", weights=TUNED, joint=0.2)
    fit(alone, pairs, replace(recipe, similarity="euclidean"), progress=False)
    of_grid = heads["residual attention · euclidean"].fusion.state_dict()
    assert all(torch.equal(value, of_grid[name]) for name, value in alone.state_dict().items())


def test_a_joint_part_learns_across_modalities_unless_the_recipe_says_otherwise(pairs, monkeypatch):
    used = []
    monkeypatch.setattr("mmr_toolkit.training.heads.fit", lambda fusion, pairs, recipe, **_: used.append(recipe))
    train_head(pairs, joint=0.3)
    train_head(pairs)
    train_head(pairs, recipe=SHORT, joint=0.3)
    train_grid(pairs, kinds=["concat"], similarities=["cosine"], residual=[True], joint=0.3, progress=False)
    assert [recipe.cross_modal for recipe in used] == [CROSS_MODAL, 0, 0, CROSS_MODAL]
    monkeypatch.undo()
    with pytest.warns(UserWarning, match="never trained across modalities"):
        train_head(pairs, recipe=SHORT, joint=0.3, progress=False)


def test_a_plain_fusion_has_no_joint_part(pairs):
    with pytest.raises(ValueError, match=r"joint is 0\.3, but a plain fusion has no joint part: .* Leave joint out"):
        train_head(pairs, recipe=SHORT, residual=False, joint=0.3, progress=False)
    crossing = replace(SHORT, cross_modal=0.5)
    heads = train_grid(pairs, kinds=["weighted"], similarities=["cosine"], recipe=crossing, joint=0.3, progress=False)
    assert len(heads) == 2


def test_the_validation_score_is_that_of_the_similarity_trained_for(pairs, questions, items):
    seen = []

    def validate(fusion, similarity):
        seen.append(similarity)
        return mean_average_precision(fusion, questions, items, similarity)

    heads = train_grid(pairs, kinds=["weighted"], residual=[False], recipe=SHORT, validate=validate, progress=False)
    assert set(seen) == set(SIMILARITIES)
    for head in heads.values():
        score = mean_average_precision(head.fusion, questions, items, head.similarity)
        assert head.training.best_score == pytest.approx(score)


def test_the_systems_come_in_the_order_of_the_table(pairs, items):
    heads = train_grid(pairs, kinds=["concat"], similarities=["cosine"], recipe=SHORT, progress=False)
    assert list(grid_systems(items, heads, weights=TUNED)) == [
        "text alone",
        "image alone",
        "late fusion",
        "reciprocal ranks",
        UNTRAINED_EQUAL,
        UNTRAINED,
        "plain concat before training",
        "plain weighted before training",
        "plain attention before training",
        "plain concat · cosine",
        "residual concat · cosine",
    ]


def test_every_system_scores_as_its_fusion_with_its_similarity(pairs, items, asked):
    heads = train_grid(pairs, kinds=["weighted"], residual=[False], recipe=SHORT, progress=False)
    systems = grid_systems(items, heads, weights=TUNED)
    for name, head in heads.items():
        expected = fused_scores(head.fusion, asked, items.vectors, similarity=head.similarity)
        torch.testing.assert_close(systems[name](asked), expected)
    for name, weights in ((UNTRAINED, TUNED), (UNTRAINED_EQUAL, {"text": 1, "image": 1})):
        expected = fused_scores(ConcatFusion(weights), asked, items.vectors)
        torch.testing.assert_close(systems[name](asked), expected)


def test_a_head_before_training_is_where_the_training_of_the_same_seed_starts(pairs, items, asked):
    still = Recipe(steps=1, batch_size=8, learning_rate=1e-30, weight_decay=0, seed=4)
    heads = train_grid(pairs, similarities=["cosine"], residual=[False], recipe=still, progress=False)
    systems = grid_systems(items, heads, weights=TUNED, seed=4)
    for kind in PLAIN:
        start, end = systems[f"plain {kind} before training"](asked), systems[f"plain {kind} · cosine"](asked)
        torch.testing.assert_close(start, end)


def test_what_is_shrunk_to_nothing_is_the_untrained_fusion_again(pairs, items, asked):
    heads = train_grid(
        pairs, kinds=["concat"], recipe=SHORT, weights=TUNED, shrink=0.0, residual=[True], progress=False
    )
    systems = grid_systems(items, heads, weights=TUNED)
    torch.testing.assert_close(systems["residual concat · cosine"](asked), systems[UNTRAINED](asked))
    whole = train_grid(pairs, kinds=["concat"], recipe=SHORT, weights=TUNED, residual=[True], progress=False)
    assert not torch.allclose(grid_systems(items, whole, weights=TUNED)["residual concat · cosine"](asked),
                              systems[UNTRAINED](asked))  # fmt: skip


def test_the_whole_road_from_pairs_to_a_tested_table(pairs, items, questions):
    heads = train_grid(pairs, recipe=SHORT, kinds=["concat"], weights=TUNED, progress=False)
    systems = grid_systems(items, heads, weights=TUNED)
    found = compare(systems, questions, items.ids, against=UNTRAINED, n_resamples=50, n_patterns=50,
                    rng=np.random.default_rng(0))  # fmt: skip
    values = found.wide("AP")
    assert list(values.index) == [*systems, "chance", "shuffled pairs"]
    assert values.loc[list(heads)].notna().all(axis=None)
    assert np.isnan(values.loc["text alone", "I"])  # who is asked by a picture cannot answer by text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kinds": ["sum"]}, "unknown fusion 'sum'"),
        ({"similarities": ["manhattan"]}, "unknown similarity 'manhattan'"),
        ({"kinds": []}, "expected one each or more"),
        ({"residual": []}, "expected one each or more"),
    ],
)
def test_unknown_names_and_nothing_to_train_are_refused(pairs, changes, message):
    with pytest.raises(ValueError, match=message):
        train_grid(pairs, recipe=SHORT, progress=False, **changes)


def test_weights_of_other_modalities_are_refused(items):
    with pytest.raises(ValueError, match="weights are for text, smell, but the items have text, image"):
        grid_systems(items, {}, weights={"text": 1, "smell": 1})


def test_a_head_can_be_made_by_hand(items, asked, pairs):
    fusion = ResidualFusion(pairs.dims).eval()
    head = Head(fusion, "cosine", fit(fusion, pairs, SHORT, progress=False))
    assert torch.isfinite(grid_systems(items, {"mine": head}, weights=TUNED)["mine"](asked)).all()
