"""How far a map can be believed, and what the vectors know without one.

`trustworthiness` and `neighbour_overlap` compare neighbourhoods on the map with those of the vectors; `measure_map`
gives both beside the level of chance. `neighbour_purity` asks the vectors themselves.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.manifold import trustworthiness as of_sklearn
from sklearn.neighbors import NearestNeighbors

from mmr_toolkit.common.vectors import as_matrix

__all__ = ["MapQuality", "Purity", "measure_map", "neighbour_overlap", "neighbour_purity", "trustworthiness"]

#: What "near" means between vectors; between points of a map it is always the distance on paper.
Metric = Literal["cosine", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)


def check_rows(vectors: npt.ArrayLike, metric: str) -> np.ndarray:
    """The vectors as an array (N, d), or an error that says what is wrong with them."""
    if metric not in METRICS:
        raise ValueError(f"metric is {metric!r}; expected one of {', '.join(METRICS)}.")
    rows = check_numbers("vectors", vectors, "(N, d)")
    empty = np.flatnonzero(~rows.any(axis=1))
    if metric == "cosine" and len(empty):
        raise ValueError(
            f"{len(empty)} vectors are all zeros, first row {empty[0]}: they have no direction. "
            "Leave holes out before: vectors[mask]."
        )
    return rows


def check_pair(vectors: npt.ArrayLike, points: npt.ArrayLike, metric: str) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (N, d) and the points (N, 2) that stand for them."""
    rows, plane = check_rows(vectors, metric), check_numbers("points", points, "(N, 2)")
    if len(rows) != len(plane):
        raise ValueError(f"{len(rows)} vectors and {len(plane)} points; expected one point per vector, in order.")
    return rows, plane


def check_numbers(name: str, numbers: npt.ArrayLike, shape: str) -> np.ndarray:
    """Finite numbers as a float64 array of the shape "(N, d)" or "(N, 2)"."""
    rows = np.asarray(numbers, dtype=np.float64)
    if rows.ndim != 2 or 0 in rows.shape or (shape == "(N, 2)" and rows.shape[1] != 2):
        raise ValueError(f"{name} have shape {rows.shape}; expected {shape}, one row each.")
    return as_matrix(rows, name).numpy()


def check_labels(name: str, labels: Sequence[str] | npt.ArrayLike, count: int) -> np.ndarray:
    """One label per vector, as text (count,)."""
    given = np.asarray(labels, dtype=object)
    if given.shape != (count,):
        raise ValueError(f"{name} have shape {given.shape}; expected ({count},), one per vector.")
    if pd.isna(given).any():
        raise ValueError(f"{name} have {pd.isna(given).sum()} missing values; leave these rows out before.")
    return given.astype(str)


def check_count(name: str, number: int, least: int, most: int) -> None:
    """Raise a ValueError unless the number is in its range."""
    if not least <= number <= most:
        raise ValueError(f"{name} is {number}; expected {least} … {most} with this many vectors.")


class MapQuality(NamedTuple):
    """How far a map can be believed: 1 is the whole truth; chance is that of the neighbour overlap."""

    trustworthiness: float
    neighbour_overlap: float
    chance: float

    def __str__(self) -> str:
        return (
            f"trustworthiness {self.trustworthiness:.2f}, "
            f"neighbours kept {self.neighbour_overlap:.2f} (chance {self.chance:.2f})"
        )


class Purity(NamedTuple):
    """How often a neighbour has the same label, from 0 to 1, and how often it would by chance."""

    share: float
    chance: float


def measure_map(vectors: npt.ArrayLike, points: npt.ArrayLike, k: int = 10, *, metric: Metric = "cosine") -> MapQuality:
    """Both measures of a map, and the neighbour overlap to expect of points thrown at random, k / (N − 1).

    These numbers, not coordinates, are what can be compared between two maps.

    Args:
        vectors: (N, d).
        points: (N, 2), in the same order.
        k: how many neighbours, fewer than N / 2.
        metric: what makes two vectors neighbours.

    Raises:
        ValueError: vectors or points that are no such arrays, of different lengths, or a k out of range.
    """
    trusted = trustworthiness(vectors, points, k, metric=metric)
    kept = neighbour_overlap(vectors, points, k, metric=metric)
    return MapQuality(trusted, kept, k / (len(np.asarray(points)) - 1))


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
    rows, plane = check_pair(vectors, points, metric)
    check_count("k", k, 1, (len(rows) - 1) // 2)
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
    rows, plane = check_pair(vectors, points, metric)
    check_count("k", k, 1, len(rows) - 1)
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
    rows = check_rows(vectors, metric)
    names = check_labels("labels", labels, len(rows))
    groups = np.zeros(len(rows), int) if within is None else check_labels("within", within, len(rows))
    share, by_chance = np.zeros(len(rows)), np.zeros(len(rows))
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        check_count("k", k, 1, len(members) - 1)
        own = names[members]
        share[members] = (own[_nearest(rows[members], k, metric)] == own[:, None]).mean(axis=1)
        by_chance[members] = ((own == own[:, None]).sum(axis=1) - 1) / (len(members) - 1)
    return Purity(float(share.mean()), float(by_chance.mean()))


def _nearest(rows: np.ndarray, k: int, metric: Metric) -> np.ndarray:
    """The k nearest other rows of each row, (N, k) positions."""
    search = NearestNeighbors(n_neighbors=k, metric=metric, algorithm="brute").fit(rows)
    return search.kneighbors(return_distance=False)  # without an argument no row is its own neighbour
