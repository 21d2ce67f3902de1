"""Drawings of maps: what is seen, the numbers below it, every error."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import colormaps, pyplot as plt
from matplotlib.colors import to_rgba

from mmr_toolkit.maps.fit import pca_points
from mmr_toolkit.maps.quality import measure_map
from mmr_toolkit.show.maps import MARKERS, looks_of, show_map, show_numbers, show_panels, show_query
from mmr_toolkit.show.palette import PALETTE

GOOD = np.arange(40.0).reshape(20, 2) + 1


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


# --- one map ---------------------------------------------------------------------------------------------------------


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


def test_numbers_are_colours_with_a_bar_that_names_the_unit(ax):
    show_numbers(GOOD[:3], [5, 25, 15], unit="price (€)", title="Dear things", ax=ax)
    (points,) = ax.collections
    ax.figure.canvas.draw()
    np.testing.assert_allclose(points.get_facecolors(), colormaps["cividis"]([0.0, 1.0, 0.5]), atol=0.01)
    np.testing.assert_array_equal(points.get_offsets(), GOOD[:3])
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == "price (€)" and bar.get_ylim() == (5, 25)
    assert ax.get_title() == "Dear things" and len(ax.get_xticks()) == 0


# --- a query among its hits ------------------------------------------------------------------------------------------


def test_a_query_has_a_line_to_each_hit_in_their_order(ax):
    show_map(GOOD, ["a"] * 20, title="", ax=ax)
    before = len(ax.collections)
    hits = GOOD[[7, 2, 11]]
    show_query([3.5, 9.0], hits, ax=ax, label="red top")
    lines = [line.get_xydata().tolist() for line in ax.lines]
    assert lines == [[[3.5, 9.0], hit.tolist()] for hit in hits]
    rings, star = ax.collections[before:]
    np.testing.assert_array_equal(rings.get_offsets(), hits)
    np.testing.assert_array_equal(star.get_offsets(), [[3.5, 9.0]])
    assert tuple(star.get_facecolor()[0]) == to_rgba(PALETTE["vermilion"])
    written = {text.get_text(): tuple(text.xy) for text in ax.texts}
    assert written == {"1": (15, 16), "2": (5, 6), "3": (23, 24), "red top": (3.5, 9.0)}
    assert star.get_zorder() > rings.get_zorder() > ax.lines[0].get_zorder() > ax.collections[0].get_zorder()


def test_a_query_as_a_row_and_hits_without_numbers(ax):
    show_query(np.array([[3.5, 9.0]], np.float32), GOOD[:2], ax=ax, numbered=False)
    assert [text.get_text() for text in ax.texts] == ["query"]


# --- panels ----------------------------------------------------------------------------------------------------------


def panels_of(figure):
    return {ax.get_title(): ax for ax in figure.axes if ax.get_title()}


def test_each_panel_says_how_far_it_can_be_believed(blobs, rng):
    vectors, names = blobs
    panels = {"PCA": pca_points(vectors), "random": rng.normal(size=(60, 2))}
    figure = show_panels(panels, names, vectors=vectors, k=5, metric="euclidean")
    for name, ax in panels_of(figure).items():
        measured = measure_map(vectors, panels[name], 5, metric="euclidean")
        assert ax.get_xlabel().replace("\n", ", ", 1) == str(measured)
    assert list(panels_of(figure)) == ["PCA", "random"]
    assert panels_of(figure)["PCA"].get_xlabel() != panels_of(figure)["random"].get_xlabel()


def test_each_map_is_measured_with_its_own_vectors(blobs, rng):
    """Vectors of different lengths: each map is true to its own, and to no other."""
    others = rng.normal(size=(60, 2))
    vectors = {"a": blobs[0], "b": others}
    figure = show_panels({"a": pca_points(blobs[0]), "b": others}, blobs[1], vectors=vectors, metric="euclidean")
    assert panels_of(figure)["b"].get_xlabel().startswith("trustworthiness 1.00\nneighbours kept 1.00")


def test_panels_share_one_legend_and_lie_alike(blobs):
    vectors, names = blobs
    points = pca_points(vectors)
    figure = show_panels({"first": points, "turned": -3 * points + 5}, names, vectors=vectors)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["left", "right"]
    assert all(ax.get_legend() is None for ax in figure.axes)
    first, turned = (sum(drawn(ax).values(), []) for ax in panels_of(figure).values())
    np.testing.assert_allclose(first, turned, atol=1e-4)
    apart = show_panels({"first": points, "turned": -3 * points + 5}, names, vectors=vectors, align=False)
    _, turned = (sum(drawn(ax).values(), []) for ax in panels_of(apart).values())
    assert not np.allclose(first, turned, atol=1)


def test_panels_of_numbers_share_one_bar(blobs):
    vectors, _ = blobs
    panels = {"a": pca_points(vectors), "b": pca_points(vectors)}
    figure = show_panels(panels, np.arange(60), vectors=vectors, unit="weight (g)")
    assert [ax.get_ylabel() for ax in figure.axes if ax.get_ylabel()] == ["weight (g)"]
    assert figure.legends == []


def test_five_panels_in_rows_of_two_leave_one_place_empty(blobs):
    points = pca_points(blobs[0])
    figure = show_panels({str(i): points for i in range(5)}, blobs[1], vectors=blobs[0], columns=2)
    assert figure.axes[0].get_gridspec().get_geometry() == (3, 2)
    assert [ax.axison for ax in figure.axes] == [True] * 5 + [False]


def test_panels_change_no_settings_and_leave_none_open(blobs):
    before, open_before = dict(mpl.rcParams), plt.get_fignums()
    show_panels({"a": pca_points(blobs[0])}, blobs[1], vectors=blobs[0])
    with pytest.raises(ValueError, match="labels have shape"):
        show_panels({"a": pca_points(blobs[0])}, ["x"], vectors=blobs[0])
    assert dict(mpl.rcParams) == before and plt.get_fignums() == open_before


# --- errors ----------------------------------------------------------------------------------------------------------


def test_errors_of_the_drawing(ax):
    with pytest.raises(ValueError, match=r"points have shape \(3,\)"):
        show_map([1, 2, 3], list("abc"), title="", ax=ax)
    with pytest.raises(ValueError, match=r"labels have shape \(2,\); expected \(3,\)"):
        show_map(GOOD[:3], list("ab"), title="", ax=ax)
    most = len(PALETTE) * len(MARKERS)
    many = np.ones((most + 1, 2))
    with pytest.raises(ValueError, match=f"{most + 1} kinds of labels; at most {most}"):
        show_map(many, range(most + 1), title="", ax=ax)


def test_looks_run_out_and_no_two_are_alike():
    assert len(set(looks_of(range(40)))) == 40
    with pytest.raises(ValueError, match="41 kinds of labels; at most 40"):
        looks_of(range(41))


def test_errors_of_numbers_and_of_queries(ax):
    with pytest.raises(ValueError, match=r"numbers have shape \(2,\), 0 not finite; expected \(3,\)"):
        show_numbers(GOOD[:3], [1, 2], unit="", title="", ax=ax)
    with pytest.raises(ValueError, match=r"1 not finite; expected \(3,\) finite numbers"):
        show_numbers(GOOD[:3], [1, 2, np.nan], unit="", title="", ax=ax)
    with pytest.raises(ValueError, match="query_point has 2 rows; expected one query"):
        show_query(GOOD[:2], GOOD[:3], ax=ax)
    with pytest.raises(ValueError, match=r"query_point have shape \(1, 3\)"):
        show_query([1, 2, 3], GOOD[:3], ax=ax)
    with pytest.raises(ValueError, match=r"hit_points have shape \(0,\); expected \(N, 2\)"):
        show_query([1, 2], [], ax=ax)


def test_errors_of_panels():
    with pytest.raises(ValueError, match="got 0 panels and 3 columns"):
        show_panels({}, [], vectors=GOOD)
    with pytest.raises(ValueError, match="got 1 panels and 0 columns"):
        show_panels({"a": GOOD}, ["x"] * 20, vectors=GOOD, columns=0)
    with pytest.raises(ValueError, match="vectors are named b; expected the names of the panels: a"):
        show_panels({"a": GOOD}, ["x"] * 20, vectors={"b": GOOD})
    with pytest.raises(ValueError, match="20 and 19 points; expected two maps of the same items|19 and 20 points"):
        show_panels({"a": GOOD, "b": GOOD[:19]}, ["x"] * 20, vectors={"a": GOOD, "b": GOOD[:19]}, k=5)
    with pytest.raises(ValueError, match="metric is 'dot'"):
        show_panels({"a": GOOD}, ["x"] * 20, vectors=GOOD, metric="dot")
