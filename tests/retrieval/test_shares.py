"""Shares of a score: they add up to it, they follow the formulas, and Shapley's average over all orders."""

from itertools import permutations

import pytest
import torch

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.retrieval.shares import exact_shares, score_shares, shapley_shares
from mmr_toolkit.similarity.measures import SIMILARITIES, similarity_function
from some_fusions import DIMS, FUSIONS, ITEMS, MASK, QUERY

EXACT = [name for name in FUSIONS if "attention" not in name]
FACTORS = [None, {"text": 2.0, "audio": 0.5}, {"image": 0.0}]


KINDS = [("text", "image", "audio"), ("text", "audio"), ("image",)]


def scores(fusion, similarity, query, factors):
    z_query, _ = fusion(query, weights=factors)
    z_items, _ = fusion(ITEMS, fusion.as_seen(MASK, query), factors)
    return similarity_function(similarity)(z_query.double(), z_items.double())[0]


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize("similarity", SIMILARITIES)
@pytest.mark.parametrize("name", FUSIONS)
@torch.no_grad()
def test_shares_add_up_to_the_score(name, similarity, factors):
    fusion = FUSIONS[name]()
    for kind in KINDS:
        if factors == {"image": 0.0} and kind == ("image",):
            continue  # nothing is asked
        query = {part: QUERY[part] for part in kind}
        shares = score_shares(fusion, similarity, query, ITEMS, MASK, factors)
        wanted = scores(fusion, similarity, query, factors)
        seen = fusion(ITEMS, fusion.as_seen(MASK, query), factors)[1].any(dim=1)
        for row, score, comparable in zip(shares, wanted.tolist(), seen.tolist(), strict=True):
            if comparable:
                assert sum(row.values()) == pytest.approx(score, abs=1e-5)
                assert set(kind) <= set(row) or factors == {"image": 0.0}


@pytest.mark.parametrize("factors", FACTORS)
@pytest.mark.parametrize("name", EXACT)
@torch.no_grad()
def test_contributions_add_up_to_the_fused_vector(name, factors):
    fusion = FUSIONS[name]()
    z, weights = fusion(ITEMS, MASK, factors)
    terms = fusion.contributions(ITEMS, MASK, factors)
    assert torch.allclose(terms.sum(dim=1), z, atol=1e-6)
    assert not terms[~(weights > 0)].any()  # a hole, or a factor of 0, brings nothing


@pytest.mark.parametrize("name", [name for name in FUSIONS if name not in EXACT])
def test_attention_has_no_contributions(name):
    assert FUSIONS[name]().contributions(ITEMS, MASK) is None


def test_blocks_side_by_side_share_by_their_weighted_cosines():
    """Two parts by hand: the text agrees in full, the picture is at a right angle; weights 3 and 1."""
    fusion = ConcatFusion({"text": 3, "image": 1})
    items = {"text": torch.tensor([[2.0, 0.0]]), "image": torch.tensor([[0.0, 5.0]])}
    query = {"text": torch.tensor([[1.0, 0.0]]), "image": torch.tensor([[1.0, 0.0]])}
    mask = {name: torch.tensor([True]) for name in items}
    assert score_shares(fusion, "cosine", query, items, mask) == [{"text": pytest.approx(0.75), "image": 0.0}]
    # ‖q − x‖² = 0 for the text and 2 · 1/4 for the picture
    assert score_shares(fusion, "euclidean", query, items, mask) == [{"text": 0.0, "image": pytest.approx(-(0.5**0.5))}]
    # asked with twice the weight for the picture: 3 and 2 of 5
    shares = score_shares(fusion, "cosine", query, items, mask, {"image": 2})
    assert shares == [{"text": pytest.approx(0.6), "image": 0.0}]


def test_an_item_that_equals_the_query_has_no_distance_to_share():
    terms = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    assert exact_shares(terms, terms[None], "euclidean").tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("name", ["plain attention", "residual attention", "residual concat with a joint part"])
@pytest.mark.parametrize("similarity", SIMILARITIES)
@torch.no_grad()
def test_shapley_shares_are_the_average_over_all_orders(name, similarity):
    fusion = FUSIONS[name]()

    def value(parts):
        return scores(fusion, similarity, {part: QUERY[part] for part in parts}, None)[[0, 4]]  # complete items

    mine = shapley_shares(tuple(DIMS), value)
    wanted = torch.zeros(2, 3, dtype=torch.float64)
    orders = list(permutations(DIMS))
    for order in orders:
        before = torch.zeros(2, dtype=torch.float64)
        for place, part in enumerate(order):
            after = value(in_order(order[: place + 1]))
            wanted[:, list(DIMS).index(part)] += (after - before) / len(orders)
            before = after
    assert torch.allclose(mine, wanted, atol=1e-12)
    if "attention" in name:
        shares = score_shares(fusion, similarity, QUERY, ITEMS, MASK)
        assert torch.allclose(torch.tensor([list(shares[i].values()) for i in (0, 4)]).double(), wanted, atol=1e-6)


def test_shapley_asks_for_every_subset_once():
    asked = []

    def value(parts):
        asked.append(parts)
        return torch.tensor([float(len(parts) ** 2)])

    assert shapley_shares(("a", "b", "c"), value).tolist() == [[3.0, 3.0, 3.0]]
    assert len(asked) == len(set(asked)) == 7


def test_many_items_are_shared_out_in_parts(monkeypatch):
    fusion = FUSIONS["residual weighted"]()
    at_once = score_shares(fusion, "cosine", QUERY, ITEMS, MASK)
    monkeypatch.setattr("mmr_toolkit.retrieval.shares.ROWS", 2)
    in_parts = score_shares(fusion, "cosine", QUERY, ITEMS, MASK)
    assert in_parts == [pytest.approx(row) for row in at_once]


def test_an_unknown_similarity_is_named():
    with pytest.raises(ValueError, match="unknown similarity 'angle': choose one of inner_product, cosine, euclidean"):
        exact_shares(torch.zeros(1, 2), torch.zeros(1, 1, 2), "angle")


def test_shares_of_a_measure_that_only_the_table_knows_are_shapley_values(monkeypatch):
    monkeypatch.setitem(SIMILARITIES, "manhattan", lambda q, x: 0 - torch.cdist(q, x, p=1))
    fusion, query = ConcatFusion(dims=DIMS), {"text": QUERY["text"], "audio": QUERY["audio"]}
    shares = score_shares(fusion, "manhattan", query, ITEMS, MASK)
    seen = fusion(ITEMS, fusion.as_seen(MASK, query))[1].any(dim=1)
    for row, score, comparable in zip(shares, scores(fusion, "manhattan", query, None), seen, strict=True):
        assert sum(row.values()) == pytest.approx(float(score) if comparable else 0, abs=1e-6)
