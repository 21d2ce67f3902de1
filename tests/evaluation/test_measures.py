"""Measures: by hand, trec_eval itself on runs with ties, every order of a small gallery, no answer, names."""

import itertools
import math

import numpy as np
import pytest

from mmr_toolkit.evaluation.evaluate import ceiling, chance, evaluate_run, ranked_run
from mmr_toolkit.evaluation.measures import FAMILIES, best_order, measure_grades, measure_named, measures_named

ALL = ("AP", "RR", "first rank", "nDCG@3", "nDCG@10", "recall@5", "precision@5", "hit rate@2")


def grades_in_order(run, qrels):
    longest = max(map(len, run.values()))
    rows = [[qrels[q].get(item, 0) for item in ranking] + [0] * (longest - len(ranking)) for q, ranking in run.items()]
    return np.array(rows)


def random_judgements(rng, n_query=20, n_item=40):
    items = [f"item{i:02}" for i in range(n_item)][::-1]
    qrels = {}
    for q in range(n_query):
        grades = rng.choice([0, 1, 2, 3], n_item, p=[0.6, 0.2, 0.1, 0.1])
        grades[rng.integers(n_item)] = 3
        qrels[f"q{q}"] = {item: int(grade) for item, grade in zip(items, grades, strict=True) if grade > 0}
    return items, qrels


# Values


def test_all_measures_worked_by_hand():
    """Full matches a, b and c; a at place 2, b at place 4, c not ranked; n is a near match at place 1."""
    run = {"q": ["n", "a", "x", "b", "y"]}
    qrels = {"q": {"a": 3, "b": 3, "c": 3, "n": 2}}
    reached = evaluate_run(run, qrels, measures=ALL).per_query.loc["q"]
    dcg = [3, 7 / math.log2(3), 0, 7 / math.log2(5)]
    ideal = [7, 7 / math.log2(3), 7 / 2, 3 / math.log2(5)]
    assert reached.to_dict() == pytest.approx({
        "AP": (1 / 2 + 2 / 4) / 3,
        "RR": 1 / 2,
        "first rank": 2,
        "nDCG@3": sum(dcg[:3]) / sum(ideal[:3]),
        "nDCG@10": sum(dcg) / sum(ideal),
        "recall@5": 2 / 3,
        "precision@5": 2 / 5,
        "hit rate@2": 1,
    })  # fmt: skip


def test_every_family_stands_in_the_list_that_the_tests_use():
    assert {name.partition("@")[0] for name in ALL} == {name.partition("@")[0] for name in FAMILIES}


@pytest.fixture
def pytrec_eval():
    """The reference implementation of these measures; it has no wheel for Linux on ARM."""
    return pytest.importorskip("pytrec_eval", reason="pytrec-eval-terrier has no wheel for this processor")


def test_equal_trec_eval_called_directly_on_runs_with_ties(rng, pytrec_eval):
    """trec_eval breaks ties by falling document id, we by position: with items listed by falling id both are one."""
    items, qrels = random_judgements(rng)
    scores = rng.integers(0, 4, (len(qrels), len(items))).astype(float)
    run = ranked_run(list(qrels), items, scores)
    given = {q: dict(zip(items, row, strict=True)) for q, row in zip(qrels, scores.tolist(), strict=True)}
    asked = {"map", "recip_rank", "recall.5", "P.5", "success.2"}
    binary = pytrec_eval.RelevanceEvaluator(qrels, asked, relevance_level=3).evaluate(given)
    gains = {q: {item: 2**grade - 1 for item, grade in grades.items()} for q, grades in qrels.items()}
    graded = pytrec_eval.RelevanceEvaluator(gains, {"ndcg_cut.3,10"}).evaluate(given)
    expected = [
        [
            binary[q]["map"], binary[q]["recip_rank"], 1 / binary[q]["recip_rank"], graded[q]["ndcg_cut_3"],
            graded[q]["ndcg_cut_10"], binary[q]["recall_5"], binary[q]["P_5"], binary[q]["success_2"],
        ]
        for q in qrels
    ]  # fmt: skip
    np.testing.assert_allclose(evaluate_run(run, qrels, measures=ALL).per_query, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("name", "of_trec"),
    [
        ("AP", "map"),
        ("RR", "recip_rank"),
        ("nDCG@7", "ndcg_cut.7"),
        ("recall@50", "recall.50"),
        ("precision@50", "P.50"),
        ("hit rate@1", "success.1"),
    ],
)
def test_equal_trec_eval_on_rankings_that_are_cut(name, of_trec, rng, pytrec_eval):
    items, qrels = random_judgements(rng)
    run = {q: list(rng.permutation(items)[: rng.integers(1, 40)]) for q in qrels}
    given = {q: {item: -float(place) for place, item in enumerate(ranking)} for q, ranking in run.items()}
    judged, level = qrels, 3
    if name.startswith("nDCG"):
        judged, level = {q: {item: 2**grade - 1 for item, grade in grades.items()} for q, grades in qrels.items()}, 1
    expected = pytrec_eval.RelevanceEvaluator(judged, {of_trec}, relevance_level=level).evaluate(given)
    reached = evaluate_run(run, qrels, measures=[name]).per_query[name]
    assert reached.tolist() == pytest.approx([expected[q][of_trec.replace(".", "_")] for q in qrels], rel=1e-9)


def test_yes_and_no_judgements_count_from_the_grade_that_is_given():
    reached = evaluate_run({"q": ["x", "a"]}, {"q": {"a": 1, "b": 1}}, full_match=1, measures=ALL).mean
    assert reached[["AP", "RR", "recall@5", "hit rate@2"]].tolist() == [0.25, 0.5, 0.5, 1]


def test_the_median_of_first_ranks_stays_finite_when_one_query_finds_nothing():
    run = {"p": ["a", "x", "y"], "q": ["x", "a", "y"], "r": ["x", "y"]}
    result = evaluate_run(run, {q: {"a": 3} for q in run}, measures=("first rank", "RR"))
    assert result.per_query["first rank"].tolist() == [1, 2, math.inf]
    assert result.summary.to_dict() == {"first rank": 2, "RR": pytest.approx(0.5)}
    assert result.mean["first rank"] == math.inf


def test_an_empty_ranking_finds_nothing():
    reached = evaluate_run({"p": [], "q": []}, {"p": {"a": 3}, "q": {"a": 3}}, measures=ALL).per_query
    assert (reached.drop(columns="first rank") == 0).all(axis=None)
    assert np.isinf(reached["first rank"]).all()


# Chance and ceiling


@pytest.mark.parametrize(
    "grades", [{"a": 3}, {"a": 3, "b": 3, "c": 2}, {"a": 3, "b": 3, "c": 3, "d": 3, "e": 1}], ids=["1", "2", "4"]
)
def test_chance_is_the_mean_and_the_ceiling_the_best_of_all_orders(grades):
    orders = list(itertools.permutations("abcdef"))
    run = {str(i): list(order) for i, order in enumerate(orders)}
    every = evaluate_run(run, dict.fromkeys(run, grades), measures=ALL).per_query
    by_chance = chance({"q": grades}, 6, measures=ALL).per_query.loc["q"]
    best = ceiling({"q": grades}, measures=ALL).per_query.loc["q"]
    for name in ALL:
        if name == "first rank":  # the first place by which half of the orders have shown a full match
            assert by_chance[name] == np.quantile(every[name], 0.5, method="inverted_cdf")
            assert best[name] == every[name].min() == 1
        else:
            assert by_chance[name] == pytest.approx(every[name].mean()), name
            assert best[name] == pytest.approx(every[name].max()), name


def test_ceilings_that_are_not_one():
    few, many = {"a": 3}, {f"item{i}": 3 for i in range(20)}
    best = ceiling({"few": few, "many": many}, measures=("recall@5", "precision@5", "AP")).per_query
    assert best.to_numpy().tolist() == [[1, 0.2, 1], [0.25, 1, 1]]


def test_chance_with_a_cut_off_beyond_the_gallery():
    by_chance = chance({"q": {"a": 3}}, 4, measures=("recall@9", "precision@8", "hit rate@9", "nDCG@9")).mean
    assert by_chance[["recall@9", "hit rate@9"]].tolist() == [1, 1]
    assert by_chance["precision@8"] == pytest.approx(1 / 8)
    assert by_chance["nDCG@9"] == pytest.approx(np.mean([1 / math.log2(i + 1) for i in range(1, 5)]))


# Without an answer


def test_without_an_answer_every_measure_is_nan_and_the_query_is_named():
    qrels = {"good": {"a": 3}, "near": {"a": 2}, "none": {}}
    run = {query: ["a", "x"] for query in qrels}
    best = best_order(list(qrels.values()))
    by_grades = measure_grades(grades_in_order(run, qrels), best, measures_named(ALL))
    for result in (evaluate_run(run, qrels, measures=ALL), chance(qrels, 5, measures=ALL)):
        defined = result.per_query.notna()
        graded = [name.startswith("nDCG") for name in ALL]
        assert defined.loc["good"].all()
        assert defined.loc["near"].tolist() == graded
        assert not defined.loc["none"].any()
        assert result.without_full_match == ["near", "none"]
        assert np.array_equal(np.isnan(by_grades), ~defined.to_numpy())


def test_a_query_without_a_full_match_is_named_whatever_is_measured():
    assert evaluate_run({"q": ["a"]}, {"q": {"a": 1}}, measures=["nDCG@10"]).without_full_match == ["q"]


# Names


def test_an_unknown_measure_is_told_the_legal_ones():
    for name in ("mAP", "nDCG", "AP@10", "recall", "@10", ""):
        with pytest.raises(
            ValueError, match=r"unknown measure '.*': choose one of AP, RR, first rank, nDCG@k, recall@k"
        ):
            measure_named(name)


def test_a_cut_off_below_one_is_refused():
    for name in ("recall@0", "nDCG@-1", "precision@2.5", "hit rate@", "recall@k"):
        with pytest.raises(ValueError, match=rf"'{name}': the number after @ must be a whole number of at least 1"):
            evaluate_run({"q": ["a"]}, {"q": {"a": 3}}, measures=[name])


def test_lists_of_measures_that_make_no_sense():
    with pytest.raises(TypeError, match=r"measures is the string 'AP': expected several names, such as \('AP',\)"):
        chance({"q": {"a": 3}}, 2, measures="AP")
    for names in ([], ["AP", "AP"]):
        with pytest.raises(ValueError, match="measures must hold at least one name, each once"):
            measures_named(names)
