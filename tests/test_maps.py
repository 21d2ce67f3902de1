"""Maps and the measures of how far they can be believed: known answers, slow oracles, every error."""

import warnings

import numpy as np
import pytest
from matplotlib import pyplot as plt
from scipy.spatial.distance import cdist

from mmr_toolkit.maps import (
    MARKERS,
    METRICS,
    neighbour_overlap,
    neighbour_purity,
    pca_points,
    show_map,
    trustworthiness,
    umap_points,
)
from mmr_toolkit.plots import PALETTE


@pytest.fixture
def blobs(rng):
    """Two clouds of 30 vectors each in opposite directions of ten dimensions, and their names."""
    centres = np.repeat([np.eye(10)[0], -np.eye(10)[0]], 30, axis=0)
    return 5 * centres + 0.3 * rng.normal(size=(60, 10)), ["left"] * 30 + ["right"] * 30


@pytest.fixture
def ax():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def ranks(distances):
    """The rank of each other row by distance from 1; a row itself has none (a large number)."""
    order = distances + np.diag(np.full(len(distances), np.inf))
    return order.argsort(axis=1).argsort(axis=1) + 1


def slow_trustworthiness(vectors, points, k, metric):
    """The formula of the docstring, word by word."""
    true, drawn, n, sum_ = ranks(cdist(vectors, vectors, metric)), ranks(cdist(points, points)), len(vectors), 0.0
    for i in range(n):
        for j in range(n):
            if i != j and drawn[i, j] <= k < true[i, j]:
                sum_ += true[i, j] - k
    return 1 - 2 / (n * k * (2 * n - 3 * k - 1)) * sum_


def slow_overlap(vectors, points, k, metric):
    true, drawn = ranks(cdist(vectors, vectors, metric)), ranks(cdist(points, points))
    return np.mean([((true[i] <= k) & (drawn[i] <= k)).sum() / k for i in range(len(vectors))])


def slow_purity(vectors, labels, k, metric, within):
    distances, shares = cdist(vectors, vectors, metric), []
    for i in range(len(vectors)):
        others = [j for j in range(len(vectors)) if j != i and within[j] == within[i]]
        nearest = sorted(others, key=lambda j: distances[i, j])[:k]
        shares.append(np.mean([labels[j] == labels[i] for j in nearest]))
    return np.mean(shares)


# --- the measures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("k", [1, 7])
def test_the_measures_of_a_map_are_those_of_a_loop(rng, metric, k):
    vectors, points = rng.normal(size=(40, 6)), rng.normal(size=(40, 2))
    trusted, overlap = (f(vectors, points, k, metric) for f in (slow_trustworthiness, slow_overlap))
    assert trustworthiness(vectors, points, k, metric=metric) == pytest.approx(trusted, abs=1e-9)
    assert neighbour_overlap(vectors, points, k, metric=metric) == pytest.approx(overlap, abs=1e-9)


def test_by_hand_on_a_line():
    """Five on a line; the map puts the last beside the first, so 0's only neighbour is wrong, and rank 4 in truth."""
    line = np.array([[0.0], [1.0], [2.1], [3.3], [4.6]])
    moved = np.array([[0.0, 0], [1.0, 0], [2.1, 0], [3.3, 0], [-0.5, 0]])
    # Nearest in truth: 1, 0, 1, 2, 3. On the map: 4, 0, 1, 2, 0. Two of five differ: 0 → 4 (rank 4) and 4 → 0 (rank 4).
    assert neighbour_overlap(line, moved, 1, metric="euclidean") == pytest.approx(3 / 5)
    assert trustworthiness(line, moved, 1, metric="euclidean") == pytest.approx(1 - 2 / (5 * 1 * 6) * (3 + 3))


def test_a_map_that_is_the_vectors_is_true(rng):
    points = rng.normal(size=(50, 2))
    turned = points @ [[0, -3], [3, 0]]  # turned and enlarged
    assert trustworthiness(points, turned, metric="euclidean") == 1
    assert neighbour_overlap(points, turned, metric="euclidean") == 1


def test_a_map_at_random_is_at_chance(rng):
    vectors, points = rng.normal(size=(600, 8)), rng.normal(size=(600, 2))
    assert trustworthiness(vectors, points) == pytest.approx(0.5, abs=0.03)
    assert neighbour_overlap(vectors, points) == pytest.approx(10 / 599, abs=0.01)


def test_purity_of_two_clouds_is_one_beside_its_chance(blobs):
    vectors, names = blobs
    purity = neighbour_purity(vectors, names)
    assert purity.share == 1
    assert purity.chance == pytest.approx(29 / 59)


def test_purity_of_labels_at_random_is_chance(rng):
    purity = neighbour_purity(rng.normal(size=(1500, 8)), rng.choice(["a", "b", "b", "b"], 1500))
    assert purity.chance == pytest.approx(0.25**2 + 0.75**2, abs=0.03)
    assert purity.share == pytest.approx(purity.chance, abs=0.02)


@pytest.mark.parametrize("metric", METRICS)
def test_purity_within_groups_is_that_of_a_loop(rng, metric):
    vectors = rng.normal(size=(60, 4))
    labels, within = rng.choice(["a", "b", "c"], 60), np.repeat(["x", "y", "z"], 20)
    slow = slow_purity(vectors, labels, 5, metric, within)
    assert neighbour_purity(vectors, labels, 5, metric=metric, within=within).share == pytest.approx(slow)
    whole = slow_purity(vectors, labels, 5, metric, np.zeros(60))
    assert neighbour_purity(vectors, labels, 5, metric=metric).share == pytest.approx(whole)


def test_within_groups_what_the_group_tells_does_not_count(blobs, rng):
    """A label that is the cloud's is known without a group, and says nothing inside one."""
    vectors, names = blobs
    inside = neighbour_purity(vectors, names, within=names)
    assert inside == (1, 1)
    coin = rng.permutation(["head", "tail"] * 30)
    assert neighbour_purity(vectors, coin, within=names).chance == pytest.approx(0.48, abs=0.02)


def test_chance_within_groups_by_hand():
    """Group x has labels a a b: each a finds one a among 2 others, b none. Group y has a a a: all."""
    vectors = np.arange(6.0)[:, None] + [[1.0, 0.0]]
    purity = neighbour_purity(vectors, list("aabaaa"), 1, metric="euclidean", within=list("xxxyyy"))
    assert purity.chance == pytest.approx((1 / 2 + 1 / 2 + 0 + 1 + 1 + 1) / 6)


# --- the maps --------------------------------------------------------------------------------------------------------


def test_umap_keeps_two_clouds_apart_and_repeats_without_a_warning(blobs):
    vectors, names = blobs
    before = list(warnings.filters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points = umap_points(vectors, n_neighbours=10)
        again = umap_points(vectors, n_neighbours=10)
    assert warnings.filters == before
    assert points.shape == (60, 2) and points.dtype == np.float32
    np.testing.assert_array_equal(points, again)
    assert neighbour_purity(points, names, metric="euclidean").share == 1
    assert trustworthiness(vectors, points) > 0.7
    assert not np.array_equal(points, umap_points(vectors, n_neighbours=10, seed=1))


def test_umap_says_nothing(blobs, capfd):
    umap_points(blobs[0])
    assert capfd.readouterr() == ("", "")


def test_umap_uses_its_metric(blobs):
    """Cosine does not see lengths, the Euclidean distance does."""
    vectors, _ = blobs
    longer = vectors * np.linspace(1, 9, 60)[:, None]
    assert trustworthiness(vectors, umap_points(longer)) == pytest.approx(
        trustworthiness(vectors, umap_points(vectors)), abs=0.05
    )
    far = umap_points(np.repeat([[1.0, 0.0], [9.0, 0.0]], 30, axis=0), metric="euclidean")
    assert neighbour_purity(far, ["near"] * 30 + ["far"] * 30, metric="euclidean").share == 1


def test_pca_is_the_projection_on_the_two_widest_directions(rng):
    vectors = rng.normal(size=(80, 5)) * [1, 9, 2, 5, 0.5]
    points = pca_points(vectors)
    values, directions = np.linalg.eigh(np.cov(vectors.T))
    projected = (vectors - vectors.mean(axis=0)) @ directions[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(points), np.abs(projected), atol=1e-4)
    np.testing.assert_allclose(points.var(axis=0, ddof=1), values[::-1][:2], rtol=1e-4)
    assert points.dtype == np.float32
    assert (points[np.abs(points).argmax(axis=0), [0, 1]] > 0).all()


def test_pca_of_points_on_a_plane_keeps_all(rng):
    plane = rng.normal(size=(50, 2)) @ rng.normal(size=(2, 7))
    assert neighbour_overlap(plane, pca_points(plane), metric="euclidean") == 1


def test_pca_never_stretches(rng):
    vectors = rng.normal(size=(30, 6))
    assert (cdist(*[pca_points(vectors)] * 2) <= cdist(vectors, vectors) + 1e-5).all()


# --- the drawing -----------------------------------------------------------------------------------------------------


def drawn(ax):
    """What is seen: for each look (colour and shape) its points, sorted."""
    looks = {}
    for collection in ax.collections:
        look = (tuple(collection.get_facecolor()[0]), collection.get_paths()[0].vertices.tobytes())
        looks.setdefault(look, []).extend(map(tuple, collection.get_offsets().tolist()))
    return {look: sorted(points) for look, points in looks.items()}


def test_a_map_has_all_points_a_title_a_legend_and_no_coordinates(blobs, ax):
    vectors, names = blobs
    points = pca_points(vectors)
    show_map(points, names, title="Two clouds", ax=ax)
    halves = [sorted(map(tuple, half.tolist())) for half in (points[:30], points[30:])]
    np.testing.assert_allclose(list(drawn(ax).values()), halves, rtol=1e-6)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["left", "right"]
    assert ax.get_title() == "Two clouds"
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 0


@pytest.mark.parametrize("n_kinds", [1, 8, 9, 40])
def test_no_two_kinds_look_alike(rng, ax, n_kinds):
    show_map(rng.normal(size=(n_kinds, 2)), [f"kind {i:02}" for i in range(n_kinds)], title="", ax=ax)
    assert [len(points) for points in drawn(ax).values()] == [1] * n_kinds
    assert len({colour for colour, _ in drawn(ax)}) == min(n_kinds, 8)


def test_the_legend_shows_each_kind_as_it_is_drawn(ax):
    show_map([[0, 0], [1, 1], [2, 2]], ["b", "a", "b"], title="", ax=ax)
    assert list(drawn(ax).values()) == [[(1, 1)], [(0, 0), (2, 2)]]
    shown = [tuple(handle.get_facecolor()[0]) for handle in ax.get_legend().legend_handles]
    assert shown == [colour for colour, _ in drawn(ax)]


def test_no_kind_covers_another(ax):
    """The kind that comes last in the alphabet is not drawn above all others: the two take turns."""
    show_map(np.zeros((40, 2)), ["first", "last"] * 20, title="", ax=ax)
    colours = [tuple(collection.get_facecolor()[0]) for collection in ax.collections]
    assert len(colours) > 4 and set(colours[::2]) == {colours[0]} and set(colours[1::2]) == {colours[1]}


# --- errors ----------------------------------------------------------------------------------------------------------

GOOD = np.arange(40.0).reshape(20, 2) + 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: umap_points(GOOD, metric="manhattan"), "metric is 'manhattan'; expected one of cosine, euclidean"),
        (lambda: umap_points(GOOD[0]), r"vectors have shape \(2,\); expected \(N, d\)"),
        (lambda: umap_points(GOOD[:0]), r"vectors have shape \(0, 2\)"),
        (lambda: umap_points(GOOD[:10]), "n_neighbours is 15; expected 2 … 9"),
        (lambda: umap_points(GOOD, n_neighbours=1), "n_neighbours is 1; expected 2 … 19"),
        (lambda: umap_points(np.vstack([GOOD, [0, 0]])), r"1 vectors are all zeros, first row 20.*vectors\[mask\]"),
        (lambda: umap_points(np.vstack([GOOD, [np.nan, 0]])), "vectors have NaN or infinity, first in row 20"),
        (lambda: pca_points([[1.0, 2.0]]), r"vectors have shape \(1, 2\); a plane needs at least two"),
        (lambda: pca_points([[1.0], [2.0]]), r"vectors have shape \(2, 1\); a plane needs"),
        (lambda: trustworthiness(GOOD, GOOD[:5]), "20 vectors and 5 points"),
        (lambda: trustworthiness(GOOD, GOOD), "k is 10; expected 1 … 9"),
        (lambda: trustworthiness(GOOD, GOOD, metric="dot"), "metric is 'dot'"),
        (lambda: neighbour_overlap(GOOD, GOOD @ np.ones((2, 3))), r"points have shape \(20, 3\); expected \(N, 2\)"),
        (lambda: neighbour_overlap(GOOD, GOOD, 20), "k is 20; expected 1 … 19"),
        (lambda: neighbour_overlap(GOOD, GOOD, 0), "k is 0"),
        (lambda: neighbour_overlap(GOOD, GOOD * np.inf), "points have NaN or infinity, first in row 0"),
        (lambda: neighbour_purity(GOOD, ["a"] * 3), r"labels have shape \(3,\); expected \(20,\)"),
        (lambda: neighbour_purity(GOOD, ["a"] * 19 + [None]), "labels have 1 missing values"),
        (lambda: neighbour_purity(GOOD, ["a"] * 20, within=["x"] * 4), r"within have shape \(4,\)"),
        (lambda: neighbour_purity(GOOD, ["a"] * 20, within=["x"] * 12 + ["y"] * 8), "k is 10; expected 1 … 7"),
    ],
)
def test_errors_name_what_came_and_what_was_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_zero_vectors_have_a_distance_but_no_direction():
    assert neighbour_overlap(np.vstack([GOOD, [0, 0]]), np.vstack([GOOD, [0, 0]]), metric="euclidean") == 1


def test_errors_of_the_drawing(ax):
    with pytest.raises(ValueError, match=r"points have shape \(3,\)"):
        show_map([1, 2, 3], list("abc"), title="", ax=ax)
    with pytest.raises(ValueError, match=r"labels have shape \(2,\); expected \(3,\)"):
        show_map(GOOD[:3], list("ab"), title="", ax=ax)
    most = len(PALETTE) * len(MARKERS)
    many = np.ones((most + 1, 2))
    with pytest.raises(ValueError, match=f"{most + 1} kinds of labels; at most {most}"):
        show_map(many, range(most + 1), title="", ax=ax)
