"""What a comparison says in words, on tables that are made by hand."""

import numpy as np
import pandas as pd
import pytest

from mmr_toolkit.cli.compare import LEVEL, verdict
from mmr_toolkit.evaluation.comparison import Comparison

#: system → kind → (value, corrected p)
VALUES = {
    "text alone": {"T": (0.5, 0.5), "TI": (0.8, 0.001)},
    "image alone": {"T": (np.nan, np.nan), "TI": (0.3, 0.001)},
    "untrained": {"T": (0.5, np.nan), "TI": (0.6, np.nan)},
    "trained": {"T": (0.4, LEVEL / 2), "TI": (0.75, LEVEL / 2)},
    "chance": {"T": (0.1, np.nan), "TI": (0.1, np.nan)},
    "shuffled pairs": {"T": (0.1, np.nan), "TI": (0.1, np.nan)},
}


def comparison(values=VALUES, against="untrained", measure="AP"):
    rows = [
        (system, kind, "all", measure, 5, value, value, value, value - values["untrained"][kind][0], 0, 0, p, p)
        for system, kinds in values.items()
        for kind, (value, p) in kinds.items()
    ]
    columns = ["system", "kind", "group", "measure", "queries", "value", "low", "high"]
    columns += ["difference", "difference_low", "difference_high", "p", "p_holm"]
    return Comparison(pd.DataFrame(rows, columns=columns), pd.DataFrame(), against)


def changed(**kinds):
    """The values with another row of the trained system."""
    return VALUES | {"trained": VALUES["trained"] | kinds}


def test_the_best_system_is_the_one_with_the_highest_mean_over_all_kinds():
    found = verdict(comparison())
    assert (found.best, found.against) == ("text alone", "untrained")
    assert found.value == pytest.approx(0.65)
    assert found.reference == pytest.approx(0.55)
    assert (found.better, found.worse) == (["TI"], [])  # p of T is 0.5


def test_a_system_that_cannot_answer_a_kind_is_not_the_best():
    values = VALUES | {"image alone": {"T": (np.nan, np.nan), "TI": (0.99, 0.001)}}
    assert verdict(comparison(values)).best == "text alone"


def test_sure_differences_go_both_ways():
    found = verdict(comparison(changed(TI=(0.95, LEVEL / 2))))
    assert (found.best, found.better, found.worse) == ("trained", ["TI"], ["T"])
    assert "better on TI; worse on T" in found.sentences()[1]


def test_a_lead_without_a_sure_difference_may_be_luck():
    found = verdict(comparison(changed(T=(0.5, 0.2), TI=(0.95, LEVEL))))
    assert found.sentences()[:2] == [
        "Best over all kinds by AP: trained, 0.725.",
        "untrained reaches 0.550. Sure differences (corrected p < 0.01): none, so this may be luck.",
    ]


def test_where_no_fusion_is_ahead_of_the_best_single_modality_it_says_so():
    found = verdict(comparison())
    assert found.no_gain == {"TI": ("text alone", 0.8, "trained", 0.75)}
    expected = "Fusion does not help on TI: text alone reaches 0.800, the best fusion trained 0.750."
    assert found.sentences()[-1] == expected
    assert verdict(comparison(changed(TI=(0.81, 0.5)))).no_gain == {}


def test_the_reference_itself_may_be_the_best():
    values = VALUES | {"untrained": {"T": (0.9, np.nan), "TI": (0.9, np.nan)}}
    assert verdict(comparison(values)).sentences() == [
        "Best over all kinds by AP: untrained, 0.900.",
        "No other system is ahead of it.",
    ]


def test_groups_of_questions_are_reported_apart():
    whole = comparison(changed(TI=(0.95, 0.5)))
    unseen = comparison(changed(T=(0.2, 0.5), TI=(0.5, 0.5))).table.assign(group="unseen")
    found = verdict(Comparison(pd.concat([whole.table, unseen]), pd.DataFrame(), "untrained"))
    assert found.best == "trained"
    assert found.groups == {"unseen": (pytest.approx(0.35), pytest.approx(0.55))}
    assert "On unseen questions trained 0.350, untrained 0.550." in found.sentences()


def test_comparisons_that_say_nothing():
    with pytest.raises(ValueError, match=r"nothing was tested: give compare\(\.\.\., against=\.\.\.\)"):
        verdict(comparison(against=None))
    with pytest.raises(ValueError, match="first rank is better when it is lower; take RR instead"):
        verdict(comparison(measure="first rank"))
    with pytest.raises(ValueError, match="no system answers all kinds of questions"):
        verdict(comparison(against="image alone"))
