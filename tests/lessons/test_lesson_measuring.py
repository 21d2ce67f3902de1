"""Lesson 02, measuring: what it builds by hand is what the package and scikit-learn compute; its exercises tell right
from wrong, and let every right answer pass."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

import mmr_toolkit as mmr
from lesson_code import function_of
from mmr_toolkit.evaluation import chance
from mmr_toolkit.exercises import measuring
from project_files import ROOT
from run_notebooks import read

LESSON = "02_measuring"


#: Rankings of eight by their grades, best place first, none in the best order.
GRADES = [[0, 3, 2, 3, 1, 0, 0, 3], [2, 0, 0, 3, 1, 1, 3, 0], [3, 0, 1, 2, 0, 0, 2, 3]]


def measured(grades, *measures, n_ranked=None):
    """The package's values for a ranking given by its grades; items behind n_ranked are judged and not ranked."""
    items = [f"item {i}" for i in range(len(grades))]
    run, truth = {"q": items[:n_ranked]}, {"q": dict(zip(items, grades, strict=True))}
    return mmr.evaluate_run(run, truth, measures=measures).mean.to_list()


def right_of(grades):
    return [int(grade == 3) for grade in grades]


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("grades", GRADES)
@pytest.mark.parametrize("k", [1, 3, 8, 12])
def test_the_window_of_the_lesson_is_the_package_s(grades, k):
    right = right_of(grades)
    by_hand = function_of(LESSON, "window_measures")(right, sum(right), k)
    np.testing.assert_allclose(by_hand, measured(grades, f"precision@{k}", f"recall@{k}", f"hit rate@{k}"))


@pytest.mark.parametrize("grades", GRADES)
@pytest.mark.parametrize("n_ranked", [8, 5, 1])
def test_rr_and_ap_of_the_lesson_are_the_package_s(grades, n_ranked):
    right = right_of(grades)
    reciprocal_rank, average_precision = (
        function_of(LESSON, name) for name in ("reciprocal_rank", "average_precision")
    )
    by_hand = [reciprocal_rank(right[:n_ranked]), average_precision(right[:n_ranked], sum(right))]
    np.testing.assert_allclose(by_hand, measured(grades, "RR", "AP", n_ranked=n_ranked))


@pytest.mark.parametrize("grades", GRADES)
@pytest.mark.parametrize("k", [2, 4, 8])
def test_the_dcg_of_the_lesson_is_the_package_s(grades, k):
    dcg = function_of(LESSON, "dcg")
    by_hand = dcg(grades, k) / dcg(sorted(grades, reverse=True), k)
    np.testing.assert_allclose([by_hand], measured(grades, f"nDCG@{k}"))


def test_the_two_pages_are_ranked_differently_by_two_measures():
    """The hook of the lesson, on the grades that its pages have in the shop."""
    judged = mmr.cornershop_qrels("test")["q2714"]
    first = next(cell.source for cell in read(ROOT / "notebooks" / f"{LESSON}.ipynb").cells if cell.cell_type == "code")
    pages = {}
    exec("\n".join(line for line in first.splitlines() if line.startswith(("A =", "B ="))), pages)
    grades = {name: [judged.get(item, 0) for item in pages[name]] for name in "AB"}
    assert grades == {"A": [2, 0, 3, 3, 1, 3], "B": [3, 2, 1, 0, 3, 3]}
    a, b = (dict(zip(("RR", "recall@4"), measured(row, "RR", "recall@4"), strict=True)) for row in grades.values())
    assert a["RR"] < b["RR"] and a["recall@4"] > b["recall@4"]


# --- the exercises let every right answer pass ------------------------------------------------------------------------


def ap_by_sklearn(places, n_right):
    """Right answers that were not found stand behind everything, at places where they add nothing."""
    if not places:
        return 0.0
    row = np.zeros(max(places))
    row[np.array(places) - 1] = 1
    return average_precision_score(row, -np.arange(len(row))) * len(places) / n_right


def ndcg_with_natural_logarithm(ranked, judged, k):
    def dcg(grades):
        return sum((2**grade - 1) / np.log(place + 2) for place, grade in enumerate(grades[:k]))

    return dcg(ranked) / dcg(sorted(judged)[::-1])


def ndcg_by_sklearn(ranked, judged, k):
    """Judged items that were not ranked stand behind everything."""
    missing = list(judged)
    for grade in ranked:
        if grade in missing:
            missing.remove(grade)
    gains = [2**grade - 1 for grade in [*ranked, *[0] * (k - len(ranked)), *missing]]
    return ndcg_score([gains], [-np.arange(len(gains))], k=k)


def impossible_by_tenths(row):
    """As a learner may write it who rounds in place of a tolerance."""
    return bool(
        row["mAP"] != row["MRR"]
        or row["recall@10"] != row["hit rate@10"]
        or abs(row["precision@10"] - row["hit rate@10"] / 10) > 0.0011
        or row["hit rate@1"] > min(row["MRR"], row["hit rate@10"])
        or row["MRR"] > row["hit rate@10"] + 1 / 11
    )


def impossible_by_the_closest_bounds(row):
    """The place is 1, or from 2 to 10, or from 11 on: so narrow are the bounds of MRR."""
    at_1, at_10 = row["hit rate@1"], row["hit rate@10"]
    lowest = at_1 + (at_10 - at_1) / 10
    highest = at_1 + (at_10 - at_1) / 2 + (1 - at_10) / 11
    equal = np.allclose(
        [row["mAP"], row["recall@10"], 10 * row["precision@10"]], [row["MRR"], at_10, at_10], atol=0.0055
    )
    return not (equal and at_1 <= at_10 and lowest - 0.002 <= row["MRR"] <= highest + 0.002)


def ap_as_a_mean(places, n_right):
    precisions = np.arange(1, len(places) + 1) / np.sort(places)
    return np.mean([*precisions, *[0.0] * (n_right - len(places))])


def chance_by_the_package(n_items, n_right):
    truth = {"q": dict.fromkeys("abcdef"[:n_right], 3)}
    return chance(truth, n_items, measures=["AP"]).mean["AP"]


@pytest.mark.parametrize(
    ("check", "right"),
    [
        (measuring.check_average_precision_of, ap_by_sklearn),
        (measuring.check_average_precision_of, ap_as_a_mean),
        (measuring.check_ndcg_at, ndcg_with_natural_logarithm),
        (measuring.check_ndcg_at, ndcg_by_sklearn),
        (measuring.check_impossible, impossible_by_tenths),
        (measuring.check_impossible, impossible_by_the_closest_bounds),
        (measuring.check_impossible, lambda row: np.bool_(impossible_by_tenths(row))),
        (measuring.check_chance_average_precision, chance_by_the_package),
        (measuring.check_measure_for, lambda situation: measuring._CHOICES[situation][0]),
    ],
)
def test_another_right_answer_passes(check, right):
    assert check(right), check(right).message


@pytest.mark.parametrize("seed", range(60))
def test_the_mean_of_2000_shuffles_passes(seed):
    """A simulation is a right answer too: none of these is refused."""
    rng = np.random.default_rng(seed)

    def by_shuffling(n_items, n_right):
        rows = np.zeros((2000, n_items))
        rows[:, :n_right] = 1
        rows = rng.permuted(rows, axis=1)
        return (rows.cumsum(axis=1) / np.arange(1, n_items + 1) * rows).sum(axis=1).mean() / n_right

    verdict = measuring.check_chance_average_precision(by_shuffling)
    assert verdict.passed, verdict.message


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (
            measuring.check_average_precision_of,
            lambda places, n_right: min(places, default=1) ** -1,
            "should be 0.4444",
        ),
        (measuring.check_ndcg_at, lambda ranked, judged, k: ranked[k], "stops with IndexError"),
        (measuring.check_impossible, lambda row: row["MRR"] > row["mAP"], "should be True|should be 1"),
        (measuring.check_chance_average_precision, lambda n, r: 0.5, "should be 0.4567; yours is 0.5"),
        (measuring.check_measure_for, lambda situation: "mean average precision", "is none of the five: AP, RR"),
        (measuring.check_measure_for, lambda situation: 3, "3 for assistant is none of the five"),
    ],
)
def test_other_wrong_answers_are_told(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert np.any([part in verdict.message for part in hint.split("|")]), verdict.message


def test_three_rows_of_the_published_table_are_impossible():
    """The table of exercise 3 has the three faults that its solution names."""
    cell = next(c.source for c in read(ROOT / "notebooks" / f"{LESSON}.ipynb").cells if "published =" in c.source)
    names = {}
    exec("import pandas as pd\n" + cell[: cell.index("print(")], names)
    faulty = [name for name, row in names["published"].iterrows() if measuring._impossible(row.to_dict())]
    assert faulty == ["BERT", "BERT + photo", "fusion"]
