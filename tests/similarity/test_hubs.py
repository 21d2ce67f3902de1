"""Hubs: counted by hand, the skewness of SciPy, what breeds hubs, the figures, errors."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import stats

from mmr_toolkit.show.plots import show_k_occurrence, show_norms
from mmr_toolkit.similarity.exact_search import top_k
from mmr_toolkit.similarity.hubs import hubness, k_occurrence
from mmr_toolkit.similarity.measures import SIMILARITIES


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def test_counted_by_hand():
    assert k_occurrence([[0, 2], [2, 3], [2, 0]], 5).tolist() == [2, 0, 3, 1, 0]


def test_the_counts_add_up_to_all_places(rng):
    _, positions = top_k(rng.normal(size=(30, 8)), rng.normal(size=(50, 8)), k=7)
    counts = k_occurrence(positions, 50)
    assert counts.sum() == 30 * 7
    assert counts.tolist() == [int((positions == item).sum()) for item in range(50)]


def test_hubness_is_the_skewness(rng):
    counts = rng.poisson(2, 200)
    assert hubness(counts) == pytest.approx(stats.skew(counts))
    assert hubness([0, 0, 0, 4]) == pytest.approx(2 / 3**0.5)


def test_without_spread_there_is_no_hub():
    assert hubness([3, 3, 3]) == 0


def test_long_vectors_are_hubs_of_the_inner_product_and_short_ones_of_the_euclidean_distance(rng):
    items = rng.normal(size=(400, 20)) * rng.lognormal(sigma=1, size=(400, 1))
    queries = rng.normal(size=(300, 20))
    found = {name: k_occurrence(top_k(queries, items, 10, name)[1], 400) for name in SIMILARITIES}
    by_length = np.linalg.norm(items, axis=1).argsort()
    shortest, longest = by_length[:100], by_length[-100:]
    for name, hubs, rare in (("inner_product", longest, shortest), ("euclidean", shortest, longest)):
        assert hubness(found[name]) > 2 * hubness(found["cosine"])
        assert found[name][hubs].sum() > 2 * found["cosine"][hubs].sum()
        assert found[name][rare].sum() == 0


def test_the_figures_show_every_number_once(ax, rng):
    vectors = {"raw": rng.normal(size=(60, 5)), "unit": np.eye(5)}
    show_norms(vectors, title="Raw vectors differ in length", ax=ax)
    assert ax.get_title() == "Raw vectors differ in length"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["raw", "unit"]
    heights = [np.diff(patch.get_path().vertices[:, 1]) for patch in ax.patches]
    assert [round(steps[steps > 0].sum()) >= 5 for steps in heights] == [True, True]


def test_the_legend_names_the_skewness(ax):
    show_k_occurrence({"cosine": [1, 1, 1], "inner_product": [0, 0, 0, 4]}, title="One hub", ax=ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["cosine, skewness 0.0", "inner_product, skewness 1.2"]
    assert ax.get_yscale() == "log"
    assert len({(patch.get_edgecolor(), patch.get_linestyle()) for patch in ax.patches}) == 2


def test_answers_that_do_not_fit():
    with pytest.raises(TypeError, match="positions must be whole numbers, got float64"):
        k_occurrence([[0.0, 1.0]], 3)
    for bad in (np.zeros(3, int), np.zeros((0, 3), int)):
        with pytest.raises(ValueError, match=r"expected \(n_query, k\) with at least one answer"):
            k_occurrence(bad, 3)
    with pytest.raises(ValueError, match="positions run from 0 to 3, expected 0 to 2"):
        k_occurrence([[0, 3]], 3)
    with pytest.raises(ValueError, match="positions run from -1 to 0"):
        k_occurrence([[0, -1]], 3)
    with pytest.raises(ValueError, match="an answer holds an item twice"):
        k_occurrence([[1, 0, 1]], 3)
    for bad in ([], [[1, 2]]):
        with pytest.raises(ValueError, match=r"expected \(n_items,\), one number per item"):
            hubness(bad)
