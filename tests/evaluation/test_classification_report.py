"""The report by category: by hand, scikit-learn's own report, categories without guesses, errors."""

import numpy as np
import pytest
from sklearn.metrics import classification_report
from sklearn.preprocessing import label_binarize

from mmr_toolkit.evaluation.evaluate import AVERAGES, category_report


def test_worked_by_hand():
    """Three cans, one taken for a bottle; one bottle, taken for a can; the pear is never guessed."""
    report = category_report(["can", "can", "can", "bottle", "pear"], ["can", "can", "bottle", "can", "can"])
    assert report.index.tolist() == ["bottle", "can", "pear", "micro average", "macro average", "weighted average"]
    assert report.loc["can"].tolist() == pytest.approx([2 / 4, 2 / 3, 4 / 7, 3])
    assert report.loc["bottle"].tolist() == [0, 0, 0, 1]
    assert report.loc["pear"].tolist() == [0, 0, 0, 1]
    assert report.loc["micro average"].tolist() == pytest.approx([2 / 5, 2 / 5, 2 / 5, 5])
    assert report.loc["macro average"].tolist() == pytest.approx([1 / 6, 2 / 9, 4 / 21, 5])
    assert report.loc["weighted average"].tolist() == pytest.approx([3 / 10, 2 / 5, 12 / 35, 5])


def test_equals_the_report_of_scikit_learn(rng):
    names = np.array(["apple", "bag", "can", "drum", "egg"])
    true, predicted = rng.choice(names[:4], 200), rng.choice(names, 200)
    report = category_report(true, predicted)
    # As yes and no per category, scikit-learn lists the micro average too.
    columns = [label_binarize(values, classes=names) for values in (true, predicted)]
    reference = classification_report(*columns, target_names=names, output_dict=True, zero_division=0)
    for name in [*names, *(f"{average} avg" for average in AVERAGES)]:
        ours = report.loc[name.replace("avg", "average")]
        assert ours.tolist() == pytest.approx(
            [reference[name][key] for key in ("precision", "recall", "f1-score", "support")]
        )


def test_the_micro_average_is_the_share_of_right_guesses(rng):
    true, predicted = rng.integers(0, 6, (2, 300)).astype(str)
    micro = category_report(true, predicted).loc["micro average", ["precision", "recall", "F1"]]
    assert micro.tolist() == pytest.approx([np.mean(true == predicted)] * 3)


def test_a_perfect_answer():
    assert (category_report(["a", "b"], ["a", "b"])[["precision", "recall", "F1"]] == 1).all(axis=None)


def test_the_support_is_whole_numbers():
    assert category_report(["a", "b", "b"], ["a", "b", "a"])["support"].tolist() == [1, 2, 3, 3, 3]
    assert category_report(["a"], ["a"])["support"].dtype.kind == "i"


def test_guesses_that_do_not_fit():
    with pytest.raises(ValueError, match=r"true has shape \(2,\) and predicted \(1,\): expected \(n,\), one each"):
        category_report(["a", "b"], ["a"])
    with pytest.raises(ValueError, match=r"true has shape \(0,\)"):
        category_report([], [])
    with pytest.raises(ValueError, match="predicted has 1 missing values: leave these queries out before"):
        category_report(["a", "b"], ["a", None])
    with pytest.raises(ValueError, match=r"^true has 2 missing values"):
        category_report([None, None, "b"], ["a", "b", "b"])
