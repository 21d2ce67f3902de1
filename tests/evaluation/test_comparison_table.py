"""What one makes of a comparison: wide tables, CSV, LaTeX, the heat map; and the untrained systems."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from mmr_toolkit.evaluation.comparison import Comparison
from mmr_toolkit.evaluation.systems import FUSE, baseline_systems
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion.late import reciprocal_rank_fusion, weighted_sum
from mmr_toolkit.show.heat_map import show_heat_map
from mmr_toolkit.similarity.measures import SIMILARITIES, cosine


@pytest.fixture
def comparison():
    """Written by hand: the system b wins T surely, cannot answer I; a_1 stands against it."""
    value = {("a_1", "T"): 0.25, ("b", "T"): 0.5, ("a_1", "I"): 0.125, ("chance", "T"): 0.0625}
    rows = [
        {
            "system": system, "kind": kind, "group": group, "measure": measure, "queries": 4,
            "value": value.get((system, kind), np.nan) / (2 if group == "seen" else 1),
            "p_holm": 0.001 if (system, kind) == ("b", "T") else np.nan,
        }
        for measure in ("AP", "first rank")
        for group in ("all", "seen")
        for kind in ("T", "I")
        for system in ("b", "a_1", "chance", "shuffled pairs")
    ]  # fmt: skip
    return Comparison(pd.DataFrame(rows), pd.DataFrame())


# Tables


def test_the_wide_table_keeps_the_order_in_which_things_came(comparison):
    wide = comparison.wide("AP", "seen")
    assert wide.index.tolist() == ["b", "a_1", "chance", "shuffled pairs"]
    assert wide.columns.tolist() == ["T", "I"]
    assert wide.loc["a_1"].tolist() == [0.125, 0.0625]
    assert comparison.wide(column="p_holm").loc["b", "T"] == 0.001


def test_the_csv_reads_back_as_it_was(comparison, tmp_path):
    comparison.to_csv(tmp_path / "grid.csv")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "grid.csv"), comparison.table)


def test_the_latex_table(comparison):
    assert comparison.to_latex("AP").splitlines() == [
        r"\begin{tabular}{lrr}",
        r"\toprule",
        r"AP & T & I \\",
        r"\midrule",
        r"b & \textbf{0.500$^{*}$} & -- \\",
        r"a\_1 & 0.250 & \textbf{0.125} \\",
        r"\midrule",
        r"chance & 0.062 & -- \\",
        r"shuffled pairs & -- & -- \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


@pytest.mark.parametrize("p, star", [(0.0099, True), (0.01, False), (0.015, False), (0.04, False)])
def test_unless_told_otherwise_a_star_is_a_p_below_one_percent(comparison, p, star):
    comparison.table.loc[comparison.table["p_holm"].notna(), "p_holm"] = p
    assert ("$^{*}$" in comparison.to_latex("AP")) == star


def test_of_ranks_the_lowest_is_bold_and_stars_have_a_level(comparison):
    table = comparison.to_latex("first rank", decimals=2, level=0.0001)
    assert r"a\_1 & \textbf{0.25} & \textbf{0.12} \\" in table
    assert r"b & 0.50 & -- \\" in table


def test_names_that_are_not_in_the_comparison(comparison):
    with pytest.raises(ValueError, match="no measure 'RR' in this comparison: choose one of AP, first rank"):
        comparison.wide("RR")
    with pytest.raises(ValueError, match="no group 'unseen' in this comparison: choose one of all, seen"):
        comparison.to_latex("AP", "unseen")
    with pytest.raises(ValueError, match="no column 'p' in this comparison: choose one of queries, value, p_holm"):
        comparison.wide(column="p")


# The heat map


def test_the_heat_map_has_every_number_and_changes_no_settings(comparison):
    before, open_figures = dict(plt.rcParams), plt.get_fignums()
    figure = show_heat_map(comparison.wide("AP"), title="b wins where it can answer")
    assert dict(plt.rcParams) == before
    assert plt.get_fignums() == open_figures
    (ax,) = figure.axes
    assert ax.get_title(loc="left") == "b wins where it can answer"
    assert [text.get_text() for text in ax.texts] == ["0.50", "–", "0.25", "0.12", "0.06", "–", "–", "–"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a_1", "chance", "shuffled pairs"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["T", "I"]


def test_numbers_can_be_read_on_every_colour():
    figure = show_heat_map(pd.DataFrame([[0.0, 1.0]]), title="dark and bright")
    assert [text.get_color() for text in figure.axes[0].texts] == ["white", "black"]
    figure = show_heat_map(pd.DataFrame([[1.0, 9.0, np.inf]]), title="ranks", falling=True)
    assert [text.get_color() for text in figure.axes[0].texts] == ["black", "white", "black"]
    assert figure.axes[0].texts[2].get_text() == "∞"


def test_a_table_of_holes_and_a_table_of_nothing():
    assert show_heat_map(pd.DataFrame([[np.nan]]), title="no answer").axes[0].texts[0].get_text() == "–"
    with pytest.raises(ValueError, match=r"the table has shape \(0, 0\): there is nothing to draw"):
        show_heat_map(pd.DataFrame(), title="nothing")


# Systems without training


@pytest.fixture
def items(rng):
    mask = {"text": np.array([True] * 5 + [False]), "image": np.array([False] + [True] * 5)}
    vectors = {name: rng.normal(size=(6, 4)) * mask[name][:, None] for name in mask}
    return Features(vectors, mask, [], list("abcdef"))


def test_a_modality_alone_is_its_similarity_with_holes_last(items, rng):
    queries = {"text": rng.normal(size=(3, 4)), "image": rng.normal(size=(3, 4))}
    for name, similarity in SIMILARITIES.items():
        scores = baseline_systems(items, name)["text alone"](queries)
        assert scores[:, 5].isneginf().all()
        torch.testing.assert_close(scores[:, :5], similarity(queries["text"], items.vectors["text"][:5]))


def test_the_late_fusions_are_those_of_the_single_systems(items, rng):
    queries = {"text": rng.normal(size=(3, 4)), "image": rng.normal(size=(3, 4))}
    systems = baseline_systems(items, weights={"text": 3, "image": 1})
    assert list(systems) == ["text alone", "image alone", *FUSE]
    alone = {name: systems[f"{name} alone"](queries) for name in queries}
    for name, fuse in (("late fusion", weighted_sum), ("reciprocal ranks", reciprocal_rank_fusion)):
        torch.testing.assert_close(systems[name](queries), fuse(alone, {"text": 3, "image": 1}))


def test_what_a_baseline_cannot_answer_is_none(items, rng):
    by_sound, by_image = {"audio": rng.normal(size=(3, 4))}, {"image": rng.normal(size=(3, 4))}
    assert all(system(by_sound) is None for system in baseline_systems(items).values())
    systems = baseline_systems(items, weights={"text": 1, "image": 0})
    assert systems["text alone"](by_image) is None
    assert systems["late fusion"](by_image) is None
    scores = systems["image alone"](by_image)[:, 1:]
    torch.testing.assert_close(scores, cosine(by_image["image"], items.vectors["image"][1:]))


def test_baselines_that_do_not_fit(items):
    with pytest.raises(ValueError, match="unknown similarity 'dot': choose one of inner_product, cosine, euclidean"):
        baseline_systems(items, "dot")
    with pytest.raises(ValueError, match="weights are for text, but the items have text, image"):
        baseline_systems(items, weights={"text": 1})
