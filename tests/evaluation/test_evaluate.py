"""Evaluation: by hand, slow oracles, chance against random rankings, empty queries, errors."""

import math

import numpy as np
import pytest
import torch

from mmr_toolkit.evaluation.evaluate import CUTOFF, Evaluation, ceiling, chance, evaluate_run, judge, ranked_run
from mmr_toolkit.queries.questions import Questions


def slow_ap(ranking, grades, full_match=3):
    relevant = {item for item, grade in grades.items() if grade >= full_match}
    found, total = 0, 0.0
    for place, item in enumerate(ranking, 1):
        if item in relevant:
            found += 1
            total += found / place
    return total / len(relevant)


def slow_ndcg(ranking, grades, k=10):
    def dcg(gains):
        return sum((2**g - 1) / math.log2(place + 1) for place, g in enumerate(gains[:k], 1))

    return dcg([grades.get(item, 0) for item in ranking]) / dcg(sorted(grades.values(), reverse=True))


def slow_recall(ranking, grades, k=10, full_match=3):
    relevant = {item for item, grade in grades.items() if grade >= full_match}
    return len(relevant & set(ranking[:k])) / len(relevant)


def random_judgements(rng, n_query=30, n_item=60, full=(1, 15)):
    items = [f"item{i:02}" for i in range(n_item)]
    qrels = {}
    for q in range(n_query):
        grades = rng.choice([0, 1, 2], n_item, p=[0.6, 0.3, 0.1])
        grades[rng.choice(n_item, rng.integers(*full), replace=False)] = 3
        qrels[f"q{q}"] = {
            item: int(grade) for item, grade in zip(items, grades, strict=True) if grade > 0 or rng.random() < 0.5
        }
    return items, qrels


# Values


def test_worked_by_hand():
    """Full matches a and b at the places 1 and 3; c is one attribute off, at place 2."""
    run = {"q": ["a", "c", "b", "x", "y"]}
    result = evaluate_run(run, {"q": {"a": 3, "b": 3, "c": 2}})
    ap = (1 / 1 + 2 / 3) / 2
    dcg = 7 / 1 + 3 / math.log2(3) + 7 / 2
    best = 7 / 1 + 7 / math.log2(3) + 3 / 2
    assert result.per_query.loc["q"].tolist() == pytest.approx([ap, dcg / best, 1.0])
    assert result.mean.to_dict() == pytest.approx({"AP": 5 / 6, "nDCG@10": dcg / best, "recall@10": 1.0})
    assert list(result.per_query.columns) == ["AP", "nDCG@10", "recall@10"]


def test_a_match_that_is_not_ranked_counts_as_not_found():
    result = evaluate_run({"q": ["x", "a"]}, {"q": {"a": 3, "b": 3}})
    assert result.mean["AP"] == pytest.approx((1 / 2) / 2)
    assert result.mean["recall@10"] == 0.5


def test_equals_the_slow_oracles(rng):
    items, qrels = random_judgements(rng)
    run = {query: list(rng.permutation(items)) for query in qrels}
    run["q3"] = run["q3"][:7]  # rankings may be cut
    result = evaluate_run(run, qrels).per_query
    for query, ranking in run.items():
        expected = [slow(ranking, qrels[query]) for slow in (slow_ap, slow_ndcg, slow_recall)]
        assert result.loc[query].tolist() == pytest.approx(expected)


def test_judgements_of_yes_and_no(rng):
    result = evaluate_run({"q": ["x", "a", "b"]}, {"q": {"a": 1, "b": 0}}, full_match=1)
    assert result.mean.tolist() == pytest.approx([0.5, 1 / math.log2(3), 1.0])


# Ranking


def test_ranking_puts_ties_in_order_of_position_and_leaves_the_own_product_out():
    scores = torch.tensor([[1.0, 3.0, 3.0, -math.inf], [0.0, 0.0, 0.0, 0.0]])
    run = ranked_run(["p", "q"], list("dcba"), scores, exclude=[1, None])
    assert run == {"p": ["b", "d", "a"], "q": ["d", "c", "b", "a"]}
    assert ranked_run(["p", "q"], list("dcba"), scores.numpy())["p"] == ["c", "b", "d", "a"]


# Questions with scores


def test_judging_questions_is_evaluating_their_run(rng):
    items, qrels = random_judgements(rng)
    own = [int(rng.integers(len(items))) if row % 2 else None for row in range(len(qrels))]
    for query, position in zip(qrels, own, strict=True):
        if position is not None:
            qrels[query].pop(items[position], None)
    asked = Questions(list(qrels), {"text": np.ones((len(qrels), 1))}, qrels, own)
    scores = rng.integers(0, 4, (len(qrels), len(items))).astype(float)
    names = ["AP", "nDCG@10", "recall@10"]
    expected = evaluate_run(ranked_run(asked.ids, items, scores, own), qrels, measures=names).per_query
    np.testing.assert_allclose(judge(asked, scores, asked.truth(items), names), expected, rtol=1e-12)
    assert judge(asked, scores, asked.truth(items)).shape == (len(qrels), 1)


# Chance and ceiling


@pytest.mark.slow
def test_chance_equals_the_mean_of_random_rankings(rng):
    items, qrels = random_judgements(rng, n_query=4, n_item=25, full=(1, 14))
    expected = chance(qrels, len(items)).per_query
    runs = [evaluate_run({q: list(rng.permutation(items)) for q in qrels}, qrels).per_query for _ in range(400)]
    draws = np.stack([run.to_numpy() for run in runs])
    error = draws.std(axis=0) / len(draws) ** 0.5
    assert (np.abs(draws.mean(axis=0) - expected.to_numpy()) < 4 * error).all()


def test_chance_by_hand():
    table = chance({"q": {"a": 3}, "r": {"a": 3, "b": 3}}, 2).per_query
    assert table.loc["q"].tolist() == pytest.approx([(1 + 1 / 2) / 2, (1 + 1 / math.log2(3)) / 2, 1.0])
    assert table.loc["r"].tolist() == pytest.approx([1.0, 1.0, 1.0])  # every order is right
    assert chance({"q": {"a": 3}}, 40).mean["recall@10"] == pytest.approx(CUTOFF / 40)
    assert chance({"q": {"a": 3}}, 1).mean.tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_ceiling(rng):
    _, qrels = random_judgements(rng, full=(5, 20))
    best = ceiling(qrels).per_query
    assert best["AP"].tolist() == pytest.approx([1] * len(qrels))
    assert best["nDCG@10"].tolist() == pytest.approx([1] * len(qrels))
    full = [sum(grade == 3 for grade in grades.values()) for grades in qrels.values()]
    assert best["recall@10"].tolist() == pytest.approx([min(1, 10 / r) for r in full])
    assert max(full) > 10


# Queries without an answer


def test_a_query_without_a_full_match_is_left_out_of_the_mean_and_named():
    qrels = {"good": {"a": 3}, "near": {"a": 2}, "zero": {"a": 0}, "empty": {}}
    run = {query: ["x", "a"] for query in [*qrels, "unjudged"]}
    for result in (evaluate_run(run, qrels), chance(qrels | {"unjudged": {}}, 2)):
        assert isinstance(result, Evaluation)
        assert result.without_full_match == ["near", "zero", "empty", "unjudged"]
        assert result.per_query["recall@10"].isna().tolist() == [False, True, True, True, True]
        assert result.per_query["nDCG@10"].isna().tolist() == [False, False, True, True, True]
    assert evaluate_run(run, qrels).mean["AP"] == 0.5
    assert evaluate_run({"empty": ["a"]}, qrels).mean.isna().all()


def test_the_result_is_a_table_in_the_order_of_the_run():
    run = {"z": ["a"], "b": ["a"], "m": ["a"]}
    table = evaluate_run(run, {q: {"a": 3} for q in "abmz"}).per_query
    assert table.index.tolist() == ["z", "b", "m"]
    assert table.index.name == "query_id"
    assert table.dtypes.tolist() == [np.dtype(float)] * 3


# Errors


def test_scores_that_do_not_fit():
    with pytest.raises(ValueError, match=r"scores have shape \(1, 3\), expected \(1, 2\)"):
        ranked_run(["q"], ["a", "b"], torch.zeros(1, 3))
    with pytest.raises(ValueError, match=r"scores of query 'q' hold NaN"):
        ranked_run(["p", "q"], ["a", "b"], torch.tensor([[0.0, 1.0], [0.0, math.nan]]))
    with pytest.raises(ValueError, match=r"every item id must be there once"):
        ranked_run(["q"], ["a", "a"], torch.zeros(1, 2))
    with pytest.raises(ValueError, match=r"every query id must be there once"):
        ranked_run(["q", "q"], ["a"], torch.zeros(2, 1))
    with pytest.raises(ValueError, match=r"exclude has 1 entries for 2 queries"):
        ranked_run(["p", "q"], ["a"], torch.zeros(2, 1), exclude=[0])
    for bad in (-1, 2):
        with pytest.raises(ValueError, match=rf"exclude holds position {bad}, expected 0 to 1"):
            ranked_run(["q"], ["a", "b"], torch.zeros(1, 2), exclude=[bad])


def test_runs_and_judgements_that_do_not_fit():
    with pytest.raises(ValueError, match="the run holds no query"):
        evaluate_run({}, {})
    with pytest.raises(ValueError, match="the ranking of query 'q' holds an item twice"):
        evaluate_run({"q": ["a", "a"]}, {"q": {"a": 3}})
    with pytest.raises(ValueError, match=r"the qrels of query 'q' name 'ghost' and 1 more that are not in the gallery"):
        evaluate_run({"q": ["a"]}, {"q": {"a": 3, "ghost": 1, "spook": 1}}, item_ids=["a", "b"])
    with pytest.raises(ValueError, match=r"the qrels of query 'q' give 'a' the grade -1"):
        evaluate_run({"q": ["a"]}, {"q": {"a": -1}})
    with pytest.raises(ValueError, match=r"query 'q' has 3 judged items, but only 2 items are ranked"):
        chance({"q": {"a": 3, "b": 1, "c": 1}}, 2)
