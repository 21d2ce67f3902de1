"""Maps and the measures of how far they can be believed: known answers, slow oracles, every error."""

import warnings

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmr_toolkit.maps.fit import fit_pca, fit_umap, pca_points, umap_points
from mmr_toolkit.maps.quality import (
    METRICS,
    MapQuality,
    measure_map,
    neighbour_overlap,
    neighbour_purity,
    trustworthiness,
)
from mmr_toolkit.show.maps import align_points


@pytest.fixture
def blobs(rng):
    """Two clouds of 30 vectors each in opposite directions of ten dimensions, and their names."""
    centres = np.repeat([np.eye(10)[0], -np.eye(10)[0]], 30, axis=0)
    return 5 * centres + 0.3 * rng.normal(size=(60, 10)), ["left"] * 30 + ["right"] * 30


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


def test_both_measures_together(rng):
    vectors, points = rng.normal(size=(41, 6)), rng.normal(size=(41, 2))
    measured = measure_map(vectors, points, 4, metric="euclidean")
    assert measured.trustworthiness == trustworthiness(vectors, points, 4, metric="euclidean")
    assert measured.neighbour_overlap == neighbour_overlap(vectors, points, 4, metric="euclidean")
    assert measured.chance == pytest.approx(0.1)
    assert str(MapQuality(0.987, 0.5, 0.1)) == "trustworthiness 0.99, neighbours kept 0.50 (chance 0.10)"


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_umap_says_nothing(blobs, capfd):
    umap_points(blobs[0])
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
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


@pytest.mark.slow
def test_places_on_a_umap_lie_with_their_neighbours_and_leave_the_map_alone(blobs):
    vectors, names = blobs
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = fit_umap(vectors[::2], n_neighbours=10)
        before = fitted.points.copy()
        placed, again = fitted.place(vectors[1:20:2]), fitted.place(vectors[1:20:2])
    np.testing.assert_array_equal(fitted.points, before)
    np.testing.assert_array_equal(placed, again)
    assert placed.shape == (10, 2) and placed.dtype == np.float32
    left = np.array(names[::2]) == "left"
    to_left, to_right = (cdist(placed, fitted.points[side]).min(axis=1) for side in (left, ~left))
    assert (to_left < to_right).all()
    assert repr(fitted) == "FittedMap(30 points, of vectors of 10; cosine)"


@pytest.mark.slow
def test_a_vector_of_the_umap_is_placed_near_its_own_point(blobs):
    fitted = fit_umap(blobs[0])
    far = np.linalg.norm(fitted.place(blobs[0][:5]) - fitted.points[:5], axis=1)
    assert far.max() < 0.25 * np.ptp(fitted.points, axis=0).max()


@pytest.mark.slow
def test_the_simple_call_is_the_points_of_the_fitted_map(blobs):
    options = {"n_neighbours": 8, "min_dist": 0.3, "seed": 3, "metric": "euclidean"}
    np.testing.assert_array_equal(umap_points(blobs[0], **options), fit_umap(blobs[0], **options).points)
    np.testing.assert_array_equal(pca_points(blobs[0]), fit_pca(blobs[0]).points)


def test_places_on_a_pca_are_on_the_same_plane(rng):
    vectors = rng.normal(size=(40, 6)) * [1, 9, 2, 5, 0.5, 1] + 3
    fitted = fit_pca(vectors)
    np.testing.assert_allclose(fitted.place(vectors), fitted.points, atol=1e-5)
    halfway = fitted.place((vectors[:1] + vectors[1:2]) / 2)  # a projection keeps what is between
    np.testing.assert_allclose(halfway[0], fitted.points[:2].mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(fitted.place([vectors.mean(axis=0)]), [[0, 0]], atol=1e-5)


# --- laying one map upon another -------------------------------------------------------------------------------------


def test_a_map_turned_mirrored_scaled_and_moved_is_laid_back(rng):
    points = rng.normal(size=(30, 2))
    turn = np.array([[np.cos(1), np.sin(1)], [np.sin(1), -np.cos(1)]])  # with a mirror in it
    np.testing.assert_allclose(align_points(7 * points @ turn + [5, -9], points), points, atol=1e-5)


def test_no_turn_and_size_lies_better(rng):
    """All angles of a fine grid, both mirrors, each with its best size by least squares."""
    points, onto = rng.normal(size=(2, 25, 2))
    left = ((align_points(points, onto) - onto) ** 2).sum()
    centred, target, found = points - points.mean(axis=0), onto - onto.mean(axis=0), []
    for angle in np.linspace(0, 2 * np.pi, 721):
        for mirror in (1, -1):
            turned = centred @ [[np.cos(angle), np.sin(angle)], [-mirror * np.sin(angle), mirror * np.cos(angle)]]
            size = (turned * target).sum() / (turned**2).sum()
            found.append(((size * turned - target) ** 2).sum())
    assert left == pytest.approx(min(found), rel=1e-3)
    assert left <= min(found) + 1e-4


def test_laying_a_map_changes_no_neighbourhood(rng):
    vectors, points, onto = rng.normal(size=(50, 6)), rng.normal(size=(50, 2)), rng.normal(size=(50, 2))
    assert measure_map(vectors, align_points(points, onto)) == pytest.approx(measure_map(vectors, points))


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
        (lambda: umap_points(np.vstack([GOOD, [np.nan, 0]])), "vectors: row 20 holds nan or infinity"),
        (lambda: pca_points([[1.0, 2.0]]), r"vectors have shape \(1, 2\); a plane needs at least two"),
        (lambda: pca_points([[1.0], [2.0]]), r"vectors have shape \(2, 1\); a plane needs"),
        (
            lambda: fit_pca(GOOD).place(np.ones((1, 3))),
            "new vectors have 3 numbers, those of the map 2; expected vectors",
        ),
        (lambda: fit_pca(GOOD).place(GOOD[0]), r"vectors have shape \(2,\)"),
        (lambda: align_points(GOOD, GOOD[:5]), "20 and 5 points; expected two maps of the same items"),
        (lambda: align_points(np.ones((20, 2)), GOOD), "all points of a map fall together"),
        (lambda: measure_map(GOOD, GOOD), "k is 10; expected 1 … 9"),
        (lambda: trustworthiness(GOOD, GOOD[:5]), "20 vectors and 5 points"),
        (lambda: trustworthiness(GOOD, GOOD), "k is 10; expected 1 … 9"),
        (lambda: trustworthiness(GOOD, GOOD, metric="dot"), "metric is 'dot'"),
        (lambda: neighbour_overlap(GOOD, GOOD @ np.ones((2, 3))), r"points have shape \(20, 3\); expected \(N, 2\)"),
        (lambda: neighbour_overlap(GOOD, GOOD, 20), "k is 20; expected 1 … 19"),
        (lambda: neighbour_overlap(GOOD, GOOD, 0), "k is 0"),
        (lambda: neighbour_overlap(GOOD, GOOD * np.inf), "points: row 0 holds nan or infinity"),
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
