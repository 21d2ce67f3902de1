"""Scores of fused queries: against one query at a time, queries with different holes, modes, and errors."""

import pytest
import torch

from mmr_toolkit.evaluation.systems import fused_scores
from mmr_toolkit.fusion import ConcatFusion, ResidualFusion, plain_fusion
from mmr_toolkit.similarity.measures import SIMILARITIES
from some_parts import DIMS, FUSIONS, features, holes, shaken

each_fusion = pytest.mark.parametrize("make", FUSIONS.values(), ids=FUSIONS)


def one_at_a_time(fusion, queries, items, similarity, query_mask, item_mask):
    """The score of every pair by itself, in float64, −inf where nothing can be compared."""
    n, n_items = len(query_mask["text"]), len(item_mask["text"])
    scores = torch.full((n, n_items), -torch.inf)
    for i in range(n):
        parts = [m for m in DIMS if query_mask[m][i]]
        z_query, _ = fusion({m: queries[m][i : i + 1] for m in parts})
        for j in range(n_items):
            seen = fusion.as_seen({m: item_mask[m][j : j + 1] for m in DIMS}, parts)
            if any(has.any() for has in seen.values()):
                z_item, _ = fusion({m: items[m][j : j + 1] for m in DIMS}, seen)
                scores[i, j] = SIMILARITIES[similarity](z_query.double(), z_item.double()).item()
    return scores


@pytest.mark.slow
@each_fusion
@pytest.mark.parametrize("similarity", SIMILARITIES)
def test_one_query_and_one_item_at_a_time_gives_the_same(rng, make, similarity):
    queries, items, item_mask = features(rng, 8), features(rng, 9), holes(rng, 9)
    query_mask = {m: has[:8] for m, has in holes(rng, 9).items()}
    query_mask["text"] |= ~torch.stack(list(query_mask.values())).any(dim=0)
    assert len(torch.stack(list(query_mask.values()), dim=1).unique(dim=0)) > 2  # different holes in one call
    fusion = shaken(make(DIMS))
    masks = {"query_mask": query_mask, "item_mask": item_mask}
    scores = fused_scores(fusion, queries, items, similarity=similarity, **masks)
    with torch.no_grad():
        expected = one_at_a_time(fusion, queries, items, similarity, **masks)
    assert scores.dtype == torch.float32
    assert (expected[:, -1] == -torch.inf).all()  # the last item has no part
    torch.testing.assert_close(scores, expected, rtol=1e-4, atol=1e-5)


def test_untrained_it_is_what_the_retriever_gives(rng):
    """The mean of the cosines of the parts that the query has."""
    queries, items = features(rng, 4), features(rng, 5)
    asked = {m: queries[m] for m in ("audio", "text")}
    expected = sum(SIMILARITIES["cosine"](queries[m], items[m]) for m in asked) / 2
    torch.testing.assert_close(fused_scores(ConcatFusion(dims=DIMS), asked, items), expected)


def test_an_item_that_shares_no_part_is_out_unless_there_is_something_common(rng):
    items = features(rng, 3)
    only_picture = {"text": torch.tensor([True, False, True]), "image": torch.ones(3, dtype=torch.bool)}
    only_picture["audio"] = only_picture["text"]
    text = {"text": features(rng, 2)["text"]}
    for fusion, comparable in (
        (ConcatFusion(dims=DIMS), False),
        (ResidualFusion(DIMS), False),
        (ResidualFusion(DIMS, joint=0.3), True),
        (plain_fusion("weighted", DIMS), True),
    ):
        scores = fused_scores(fusion, text, items, item_mask=only_picture)
        assert scores[:, [0, 2]].isfinite().all()
        assert scores[:, 1].isfinite().all() == comparable


def test_vectors_may_be_arrays_and_queries_may_come_in_any_order(rng):
    queries, items = features(rng, 6), features(rng, 5)
    mask = {m: has[:6] for m, has in holes(rng, 7).items()}
    mask["audio"][:] = True
    fusion = shaken(ResidualFusion(DIMS, dim=8))
    scores = fused_scores(fusion, queries, items, query_mask=mask)
    order = [3, 0, 5, 1, 4, 2]
    turned = fused_scores(
        fusion,
        {m: v[order].numpy() for m, v in queries.items()},
        {m: v.numpy() for m, v in items.items()},
        query_mask={m: has[order].numpy() for m, has in mask.items()},
    )
    torch.testing.assert_close(turned, scores[order])


@pytest.mark.parametrize("training", [True, False])
def test_nothing_is_dropped_and_the_mode_comes_back(rng, training):
    queries, items = features(rng, 4), features(rng, 5)
    fusion = shaken(ResidualFusion(DIMS, "attention", dim=8, dropout=0.9)).train(training)
    first = fused_scores(fusion, queries, items)
    assert fusion.training == training
    assert torch.equal(fused_scores(fusion, queries, items), first)
    assert not first.requires_grad
    with pytest.raises(ValueError, match="text has 2 dimensions"):
        fused_scores(fusion, {"text": torch.ones(1, 2)}, items)
    assert fusion.training == training


def test_what_does_not_fit(rng):
    fusion, queries, items = ConcatFusion(dims=DIMS), features(rng, 3), features(rng, 4)
    has = {m: torch.tensor([True, False, True]) for m in DIMS}
    with pytest.raises(ValueError, match=r"query 1 has no part: expected some of text, image, audio\."):
        fused_scores(fusion, queries, items, query_mask=has)
    with pytest.raises(ValueError, match=r"there are no queries: expected some of text, image, audio\."):
        fused_scores(fusion, features(rng, 0), items)
    with pytest.raises(ValueError, match=r"the queries have no part: give at least one modality\."):
        fused_scores(fusion, {}, items)
    with pytest.raises(ValueError, match=r"unknown similarity 'dot': choose one of inner_product, cosine, euclidean"):
        fused_scores(fusion, queries, items, similarity="dot")
    with pytest.raises(ValueError, match=r"vectors: unknown depth"):
        fused_scores(fusion, {"depth": torch.ones(3, 2)}, items)
    with pytest.raises(ValueError, match=r"mask of the items: missing image, audio"):
        fused_scores(fusion, queries, items, item_mask={"text": torch.ones(4, dtype=torch.bool)})
    with pytest.raises(ValueError, match=r"one row per item, got \{'text': 3, 'image': 2, 'audio': 3\} rows"):
        fused_scores(fusion, queries | {"image": queries["image"][:2]}, items)
    with pytest.raises(TypeError, match=r"text: the mask must be .* bool"):
        fused_scores(fusion, queries, items, query_mask=has | {"text": [True, True, True]})
