"""Maps: many-dimensional vectors drawn as points on a plane, and how far such a drawing can be believed.

A map keeps some neighbourhoods and breaks others, so every map here comes with numbers: `trustworthiness` and
`neighbour_overlap` say how much of it is true, and `neighbour_purity` asks the vectors themselves, without a map.
Coordinates mean nothing: another seed or another machine turns, bends and shifts them. Compare the numbers.

Holes (rows without a value) are left out before: `vectors[mask]`, `labels[mask]`.
"""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from mmr_toolkit.plots import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "METRICS",
    "Purity",
    "neighbour_overlap",
    "neighbour_purity",
    "pca_points",
    "show_map",
    "trustworthiness",
    "umap_points",
]

#: What "near" means between vectors; between points of a map it is always the distance on paper.
Metric = Literal["cosine", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)
MARKERS = ("o", "^", "s", "D", "v")  # eight categories have a colour each; the next eight the same with another shape
TURNS = 7  # in which the points of a map are drawn


class Purity(NamedTuple):
    """How often a neighbour has the same label, from 0 to 1, and how often it would by chance."""

    share: float
    chance: float


def umap_points(
    vectors: npt.ArrayLike,
    *,
    metric: Metric = "cosine",
    n_neighbours: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
) -> np.ndarray:
    """A map that tries to keep each vector's nearest neighbours together (UMAP; McInnes, Healy & Melville 2018).

    The first map of a Python session takes some ten seconds, because UMAP is compiled then.

    Args:
        vectors: (N, d).
        metric: what makes two vectors neighbours.
        n_neighbours: how many neighbours to keep, 2 … N − 1: few show detail, many the whole.
        min_dist: how close points may lie, in units of the map.
        seed: the same seed on the same machine gives the same map.

    Returns:
        Points (N, 2), float32.

    Raises:
        ValueError: not N vectors of finite numbers, an unknown metric, too few vectors for `n_neighbours`.
    """
    rows = _check_rows(vectors, metric)
    _check_count("n_neighbours", n_neighbours, 2, len(rows) - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numba and scikit-learn, on the way UMAP uses them
        from umap import UMAP  # seconds

        # With a seed UMAP uses one thread in any case, and warns if it is not told so.
        mapper = UMAP(n_neighbors=n_neighbours, min_dist=min_dist, metric=metric, random_state=seed, n_jobs=1)
        return np.asarray(mapper.fit_transform(rows), dtype=np.float32)


def pca_points(vectors: npt.ArrayLike) -> np.ndarray:
    """The plain baseline of maps: a shadow, cast in the direction that keeps most of the variance.

    Two coordinates of principal component analysis (Pearson 1901). Distances in the shadow are never larger than the
    true ones, but far things may fall together.

    Args:
        vectors: (N, d), at least two of both.

    Returns:
        Points (N, 2), float32. Each axis points to where its largest coordinate lies, so that maps repeat.

    Raises:
        ValueError: not N vectors of finite numbers, fewer than two of them or shorter than two.
    """
    rows = _check_rows(vectors, "euclidean")
    if min(rows.shape) < 2:
        raise ValueError(
            f"vectors have shape {rows.shape}; a plane needs at least two vectors of at least two numbers."
        )
    centred = rows - rows.mean(axis=0)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    points = left[:, :2] * lengths[:2]
    signs = np.sign(points[np.abs(points).argmax(axis=0), [0, 1]])
    return (points * np.where(signs < 0, -1, 1)).astype(np.float32)


def trustworthiness(vectors: npt.ArrayLike, points: npt.ArrayLike, k: int = 10, *, metric: Metric = "cosine") -> float:
    """Whether neighbours on the map are neighbours in truth: 1 if all are, about 0.5 for points thrown at random.

    T(k) = 1 − 2 / (N k (2N − 3k − 1)) · Σ_i Σ_j (r(i, j) − k), over the j that are among the k nearest of i on the map
    but not in truth, where r is the true rank (Venna & Kaski 2001). Wrong neighbours from far away cost most.

    Args:
        vectors: (N, d).
        points: (N, 2), in the same order.
        k: how many neighbours, fewer than N / 2.
        metric: what makes two vectors neighbours.

    Raises:
        ValueError: vectors or points that are no such arrays, of different lengths, or a k out of range.
    """
    from sklearn.manifold import trustworthiness as of_sklearn

    rows, plane = _check_pair(vectors, points, metric)
    _check_count("k", k, 1, (len(rows) - 1) // 2)
    return float(of_sklearn(rows, plane, n_neighbors=k, metric=metric))


def neighbour_overlap(
    vectors: npt.ArrayLike, points: npt.ArrayLike, k: int = 10, *, metric: Metric = "cosine"
) -> float:
    """The share of each vector's k nearest that are also among the k nearest on the map, from 0 to 1.

    By chance k / (N − 1). Stricter than `trustworthiness`: the eleventh instead of the tenth neighbour is a miss.

    Args:
        vectors: (N, d).
        points: (N, 2), in the same order.
        k: how many neighbours, 1 … N − 1.
        metric: what makes two vectors neighbours.

    Raises:
        ValueError: vectors or points that are no such arrays, of different lengths, or a k out of range.
    """
    rows, plane = _check_pair(vectors, points, metric)
    _check_count("k", k, 1, len(rows) - 1)
    pairs = zip(_nearest(rows, k, metric), _nearest(plane, k, "euclidean"), strict=True)
    return float(np.mean([len(np.intersect1d(true, drawn)) / k for true, drawn in pairs]))


def neighbour_purity(
    vectors: npt.ArrayLike,
    labels: Sequence[str] | npt.ArrayLike,
    k: int = 10,
    *,
    metric: Metric = "cosine",
    within: Sequence[str] | npt.ArrayLike | None = None,
) -> Purity:
    """How often the k nearest of a vector have its label: what the vectors know of the label, without a map.

    Args:
        vectors: (N, d).
        labels: (N,), one per vector.
        k: how many neighbours, fewer than there are vectors (in each group).
        metric: what makes two vectors neighbours.
        within: (N,) groups; neighbours are looked for in the vector's own group only. Where the group already says much
            of the label (a scarf has no flavour), this asks what the vectors know beyond it.

    Returns:
        The mean share over all vectors, and the share expected of a random order: (n_label − 1) / (n_group − 1).

    Raises:
        ValueError: no such arrays, of different lengths, or a group with k vectors or fewer.
    """
    rows = _check_rows(vectors, metric)
    names = _check_labels("labels", labels, len(rows))
    groups = np.zeros(len(rows), int) if within is None else _check_labels("within", within, len(rows))
    share, by_chance = np.zeros(len(rows)), np.zeros(len(rows))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        _check_count("k", k, 1, len(members) - 1)
        own = names[members]
        share[members] = (own[_nearest(rows[members], k, metric)] == own[:, None]).mean(axis=1)
        by_chance[members] = ((own == own[:, None]).sum(axis=1) - 1) / (len(members) - 1)
    return Purity(float(share.mean()), float(by_chance.mean()))


def show_map(points: npt.ArrayLike, labels: Sequence[str] | npt.ArrayLike, *, title: str, ax: "Axes") -> None:
    """Draw a map: one point per vector, colour and shape by label, the legend beside it.

    Args:
        points: (N, 2).
        labels: (N,), of at most 40 kinds; up to eight differ in colour, more in shape too.
        title: what the map shows.
        ax: where to draw.

    Raises:
        ValueError: not N points of finite numbers, not one label per point, or too many kinds.
    """
    plane = _check_numbers("points", points, "(N, 2)")
    names = _check_labels("labels", labels, len(plane))
    kinds = np.unique(names)
    colours = list(PALETTE.values())
    if len(kinds) > len(colours) * len(MARKERS):
        raise ValueError(
            f"{len(kinds)} kinds of labels; at most {len(colours) * len(MARKERS)} can be told apart. Draw fewer."
        )
    for turn in range(TURNS):  # a few points of every kind at a time, else the last kind would cover all others
        some, kinds_of_some = plane[turn::TURNS], names[turn::TURNS]
        for i, kind in enumerate(kinds):
            x, y = some[kinds_of_some == kind].T
            marker, colour = MARKERS[i // len(colours)], colours[i % len(colours)]
            label = str(kind) if turn == 0 else None  # once in the legend
            ax.scatter(x, y, s=14, c=colour, marker=marker, edgecolors="white", linewidths=0.3, label=label)
    ax.set(xticks=[], yticks=[], title=title)  # coordinates mean nothing
    ax.legend(
        loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=1 + (len(kinds) > 13), fontsize=7, frameon=False,
        markerscale=1.3, handletextpad=0.1, columnspacing=0.6,
    )  # fmt: skip


def _nearest(rows: np.ndarray, k: int, metric: Metric) -> np.ndarray:
    """The k nearest other rows of each row, (N, k) positions."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(rows)
    return search.kneighbors(return_distance=False)  # without an argument no row is its own neighbour


def _check_rows(vectors: npt.ArrayLike, metric: str) -> np.ndarray:
    """The vectors as an array (N, d), or an error that says what is wrong with them."""
    if metric not in METRICS:
        raise ValueError(f"metric is {metric!r}; expected one of {', '.join(METRICS)}.")
    rows = _check_numbers("vectors", vectors, "(N, d)")
    empty = np.flatnonzero(~rows.any(axis=1))
    if metric == "cosine" and len(empty):
        raise ValueError(
            f"{len(empty)} vectors are all zeros, first row {empty[0]}: they have no direction. "
            "Leave holes out before: vectors[mask]."
        )
    return rows


def _check_pair(vectors: npt.ArrayLike, points: npt.ArrayLike, metric: str) -> tuple[np.ndarray, np.ndarray]:
    rows, plane = _check_rows(vectors, metric), _check_numbers("points", points, "(N, 2)")
    if len(rows) != len(plane):
        raise ValueError(f"{len(rows)} vectors and {len(plane)} points; expected one point per vector, in order.")
    return rows, plane


def _check_numbers(name: str, numbers: npt.ArrayLike, shape: str) -> np.ndarray:
    rows = np.asarray(numbers, dtype=np.float64)
    if rows.ndim != 2 or 0 in rows.shape or (shape == "(N, 2)" and rows.shape[1] != 2):
        raise ValueError(f"{name} have shape {rows.shape}; expected {shape}, one row each.")
    if not np.isfinite(rows).all():
        where = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"{name} have NaN or infinity, first in row {where}; leave such rows out before.")
    return rows


def _check_labels(name: str, labels: Sequence[str] | npt.ArrayLike, count: int) -> np.ndarray:
    given = np.asarray(labels, dtype=object)
    if given.shape != (count,):
        raise ValueError(f"{name} have shape {given.shape}; expected ({count},), one per vector.")
    if pd.isna(given).any():
        raise ValueError(f"{name} have {pd.isna(given).sum()} missing values; leave these rows out before.")
    return given.astype(str)


def _check_count(name: str, number: int, least: int, most: int) -> None:
    if not least <= number <= most:
        raise ValueError(f"{name} is {number}; expected {least} … {most} with this many vectors.")
