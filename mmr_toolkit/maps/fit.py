"""Maps: many-dimensional vectors drawn as points on a plane, and how far such a drawing can be believed.

A map keeps some neighbourhoods and breaks others, so every map here comes with numbers: `trustworthiness` and
`neighbour_overlap` say how much of it is true, and `neighbour_purity` asks the vectors themselves, without a map.
Coordinates mean nothing: another seed or another machine turns, bends and shifts them. Compare the numbers.

    fit_umap, fit_pca        a map that can place vectors which come later, a query for instance
    umap_points, pca_points  the points alone

Holes (rows without a value) are left out before: `vectors[mask]`, `labels[mask]`.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mmr_toolkit.maps.quality import (
    Metric,
    check_count,
    check_rows,
)


@dataclass(frozen=True, eq=False, repr=False)
class FittedMap:
    """A map that stays as it is while further vectors are placed on it.

    Attributes:
        points: (N, 2) float32, one per vector that the map was made of.
        dim: length of the vectors.
        metric: what makes two vectors neighbours.
    """

    points: np.ndarray
    dim: int
    metric: Metric
    _transform: Callable[[np.ndarray], np.ndarray]

    def place(self, new_vectors: npt.ArrayLike) -> np.ndarray:
        """Where further vectors belong on this map: near those of its vectors that are nearest to them.

        UMAP takes the weighted mean of the nearest points and refines it with random numbers of its own seed; a place
        therefore depends a little on what is placed in the same call. PCA's shadow is exact.

        Args:
            new_vectors: (n, dim), made in the same way as those of the map.

        Returns:
            Points (n, 2), float32.

        Raises:
            ValueError: not n vectors of finite numbers, or of another length than those of the map.
        """
        rows = check_rows(new_vectors, self.metric)
        if rows.shape[1] != self.dim:
            raise ValueError(
                f"new vectors have {rows.shape[1]} numbers, those of the map {self.dim}; "
                "expected vectors of the same encoders and the same fusion."
            )
        return np.asarray(self._transform(rows), dtype=np.float32)

    def __repr__(self) -> str:
        return f"FittedMap({len(self.points)} points, of vectors of {self.dim}; {self.metric})"


def fit_umap(
    vectors: npt.ArrayLike,
    *,
    metric: Metric = "cosine",
    n_neighbours: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
) -> FittedMap:
    """A map that tries to keep each vector's nearest neighbours together (UMAP; McInnes, Healy & Melville 2018).

    The first map of a Python session takes some ten seconds, because UMAP is compiled then.

    Args:
        vectors: (N, d).
        metric: what makes two vectors neighbours.
        n_neighbours: how many neighbours to keep, 2 … N − 1: few show detail, many the whole.
        min_dist: how close points may lie, in units of the map.
        seed: the same seed on the same machine gives the same map.

    Returns:
        FittedMap: its `points`, and `place` for further vectors.

    Raises:
        ValueError: not N vectors of finite numbers, an unknown metric, too few vectors for `n_neighbours`.
    """
    rows = check_rows(vectors, metric)
    check_count("n_neighbours", n_neighbours, 2, len(rows) - 1)

    def place(new: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mapper.transform(new)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numba and scikit-learn, on the way UMAP uses them
        from umap import UMAP  # takes seconds to load, and warns in notebooks without widgets

        # With a seed UMAP uses one thread in any case, and warns if it is not told so.
        mapper = UMAP(n_neighbors=n_neighbours, min_dist=min_dist, metric=metric, random_state=seed, n_jobs=1)
        points = np.asarray(mapper.fit_transform(rows), dtype=np.float32)
    return FittedMap(points, rows.shape[1], metric, place)


def fit_pca(vectors: npt.ArrayLike) -> FittedMap:
    """The plain baseline of maps: a shadow, cast in the direction that keeps most of the variance.

    Two coordinates of principal component analysis (Pearson 1901). Distances in the shadow are never larger than the
    true ones, but far things may fall together.

    Args:
        vectors: (N, d), at least two of both.

    Returns:
        FittedMap. Each axis points to where its largest coordinate lies, so that maps repeat.

    Raises:
        ValueError: not N vectors of finite numbers, fewer than two of them or shorter than two.
    """
    rows = check_rows(vectors, "euclidean")
    if min(rows.shape) < 2:
        raise ValueError(
            f"vectors have shape {rows.shape}; a plane needs at least two vectors of at least two numbers."
        )
    mean = rows.mean(axis=0)
    directions = np.linalg.svd(rows - mean, full_matrices=False)[2][:2].T
    shadow = (rows - mean) @ directions
    directions *= np.where(shadow[np.abs(shadow).argmax(axis=0), [0, 1]] < 0, -1, 1)

    def place(new: np.ndarray) -> np.ndarray:
        return (new - mean) @ directions

    return FittedMap(place(rows).astype(np.float32), rows.shape[1], "euclidean", place)


def umap_points(
    vectors: npt.ArrayLike,
    *,
    metric: Metric = "cosine",
    n_neighbours: int = 15,
    min_dist: float = 0.1,
    seed: int = 0,
) -> np.ndarray:
    """The points of `fit_umap`, (N, 2) float32, where nothing will be placed on the map later."""
    return fit_umap(vectors, metric=metric, n_neighbours=n_neighbours, min_dist=min_dist, seed=seed).points


def pca_points(vectors: npt.ArrayLike) -> np.ndarray:
    """The points of `fit_pca`, (N, 2) float32."""
    return fit_pca(vectors).points
