"""The shop's training pairs: who is a right answer is what the shop's own judgements call a full match."""

import numpy as np
import pytest
import torch

from mmr_toolkit import cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.qrels import QUERY_KINDS
from mmr_toolkit.shop.data import TOLD_BY, shop_features, shop_pairs

pytestmark = pytest.mark.slow


def features_of(ids):
    """Vectors that say nothing; only names and labels count here."""
    vectors = {name: np.ones((len(ids), 2), np.float32) for name in TOLD_BY}
    return Features(vectors, {name: np.ones(len(ids), bool) for name in TOLD_BY}, [], list(ids))


@pytest.fixture(scope="module")
def products():
    return features_of(cornershop().ids)


@pytest.fixture(scope="module")
def pairs(products):
    return shop_pairs(products, features_of(cornershop_queries("train")["query_id"]))


@pytest.mark.parametrize("split", ["validation", "test"])
@pytest.mark.parametrize("kind", QUERY_KINDS)
def test_right_answers_are_the_full_matches_of_the_judgements(pairs, kind, split):
    """The labels are asked as if the queries of this split were in one batch with all products."""
    shop, qrels, ids = cornershop(), cornershop_qrels(split), cornershop().ids
    codes = torch.cat([pairs.codes[name] for name in QUERY_KINDS[kind]], dim=1)
    for query, product in cornershop_queries(split, kind=kind)[["query_id", "product_id"]].itertuples(index=False):
        equal = (codes == codes[shop.position(product)]).all(dim=1).nonzero()[:, 0].tolist()
        judged = {other for other, grade in qrels.get(query, {}).items() if grade == 3}
        assert {ids[i] for i in equal} - {product} == judged, query


def test_queries_stand_beside_the_product_that_they_were_made_from(pairs):
    table, shop = cornershop_queries("train"), cornershop()
    ids = shop.ids
    assert [ids[i] for i in pairs.item_of.tolist()] == table["product_id"].tolist()
    assert set(shop.table.set_index("id").loc[table["product_id"], "split"]) == {"train"}
    assert len(pairs) == len(table)


def test_in_a_batch_other_products_are_right_answers_too(pairs):
    rows = torch.arange(128)
    full = pairs.positives(rows, tuple(TOLD_BY))
    own = pairs.item_of[rows]
    same = own[:, None] == own[None, :]
    assert (full & same).sum() == same.sum()
    assert (full & ~same).any()  # false negatives, if nobody knew
    assert pairs.positives(rows, ["audio"]).sum() > full.sum()


def test_some_queries_and_some_modalities_do(products):
    some = cornershop_queries("train")["query_id"].tolist()[10:3:-1]
    queries = features_of(some)
    two = [
        Features(*({m: part[m] for m in ("text", "audio")} for part in (f.vectors, f.mask)), [], f.ids)
        for f in (products, queries)
    ]
    pairs = shop_pairs(*two)
    assert pairs.modalities == ("text", "audio")
    table = cornershop_queries("train").set_index("query_id")
    assert [cornershop().ids[i] for i in pairs.item_of.tolist()] == table.loc[some, "product_id"].tolist()


def test_products_and_queries_of_elsewhere(products):
    with pytest.raises(ValueError, match="the features are not those of this catalogue: extract them"):
        shop_pairs(features_of(products.ids[:-1]), features_of(["q0001"]))
    query = cornershop_queries("test")["query_id"][0]
    with pytest.raises(ValueError, match=rf"'{query}' is no training query: take shop_features\(encoders, 'train'\)"):
        shop_pairs(products, features_of(["q0001", query]))


class LengthOfText:
    """An encoder: how many letters a text has."""

    modality, name, dim = "text", "length", 1

    def encode(self, values, **_):
        return np.array([[len(value)] for value in values], np.float32)


def test_features_are_those_of_the_products_or_of_the_queries_of_one_split():
    products = shop_features({"text": LengthOfText()}, cache=False)
    shop = cornershop()
    assert products.ids == shop.ids
    first = products.mask["text"].argmax()
    assert products.vectors["text"][first, 0] == len(shop.values("text")[first])
    table = cornershop_queries("validation")
    queries = shop_features({"text": LengthOfText()}, "validation", cache=False)
    assert queries.ids == table["query_id"].tolist()
    assert queries.mask["text"].tolist() == table["text"].notna().tolist()
    with pytest.raises(ValueError, match=r"split is 'dev'; expected one of train, validation, test"):
        shop_features({"text": LengthOfText()}, "dev")
