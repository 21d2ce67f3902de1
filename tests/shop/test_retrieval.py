"""What the shop must be like for fusion to be worth a lesson: one part alone is weak, all three together are not.

The first, untrained road is run over the whole test split; the tolerances leave room for another processor's
arithmetic.
"""

import numpy as np
import pytest

from mmr_toolkit import Retriever, cornershop, cornershop_qrels, cornershop_queries
from mmr_toolkit.shop import shop_encoders
from shop_baseline import rank_all, shuffled, table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def baseline():
    shop = cornershop()
    queries, qrels = cornershop_queries("test"), cornershop_qrels("test")
    run = rank_all(Retriever.build(shop, shop_encoders()), queries)
    return table(run, queries, qrels, len(shop) - 1), run, queries, qrels


def test_every_kind_of_query_is_far_above_chance(baseline):
    measured, *_ = baseline
    for name in ("mAP", "nDCG@10", "recall@10"):
        assert (measured[name] > 5 * measured[f"{name} chance"]).all()


def test_one_part_alone_cannot_carry_the_full_intent(baseline):
    intent = baseline[0]["mAP, full intent"]
    assert intent[["T", "I", "A"]].max() < 0.40
    assert intent["TIA"] > intent[["T", "I", "A"]].max() + 0.10
    assert intent["TIA"] == baseline[0]["mAP"]["TIA"]


def test_a_second_part_always_helps_and_nothing_is_saturated(baseline):
    intent = baseline[0]["mAP, full intent"]
    for pair in ("TI", "TA", "IA"):
        assert intent[pair] > max(intent[part] for part in pair)
    assert intent["TIA"] < 0.8


def test_judged_by_another_querys_truth_nothing_is_left(baseline):
    _, run, queries, qrels = baseline
    assert shuffled(run, queries, qrels, np.random.default_rng(0)) < 0.03
