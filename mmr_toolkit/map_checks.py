"""What a map is made of, checked: vectors (N, d), points (N, 2), labels (N,). Errors say how to mend it."""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    if not np.isfinite(rows).all():
        where = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])
        raise ValueError(f"{name} have NaN or infinity, first in row {where}; leave such rows out before.")
    return rows


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
