"""Hubs: items that are near to everything, and so stand in far too many answers.

In many dimensions some vectors lie close to the middle of all others, or are simply longer, and turn up among the k
nearest of query after query, whatever was asked; many others are never found (Radovanović, Nanopoulos & Ivanović
2010). The inner product breeds hubs out of long vectors and the Euclidean distance out of short ones, which a histogram
of the norms shows beforehand.
"""

import numpy as np
import numpy.typing as npt


def k_occurrence(positions: npt.ArrayLike, n_items: int) -> np.ndarray:
    """N_k: in how many answers each item stands.

    Args:
        positions: whole numbers (n_query, k), the items found for each query, as from `top_k`.
        n_items: how many items there are.

    Returns:
        int (n_items,); the sum is n_query · k, the mean n_query · k / n_items.

    Raises:
        TypeError: positions that are no whole numbers.
        ValueError: not two-dimensional, no answers, a position that does not exist, an item twice in one answer.
    """
    found = np.asarray(positions)
    if found.dtype.kind not in "iu":
        raise TypeError(f"positions must be whole numbers, got {found.dtype}.")
    if found.ndim != 2 or found.size == 0:
        raise ValueError(f"positions have shape {found.shape}, expected (n_query, k) with at least one answer.")
    if found.min() < 0 or found.max() >= n_items:
        raise ValueError(f"positions run from {found.min()} to {found.max()}, expected 0 to {n_items - 1}.")
    if (np.diff(np.sort(found, axis=1), axis=1) == 0).any():
        raise ValueError("an answer holds an item twice.")
    return np.bincount(found.ravel(), minlength=n_items)


def hubness(occurrences: npt.ArrayLike) -> float:
    """The skewness of the k-occurrence, E[(N_k − mean)³] / standard deviation³.

    About 0: all items are found about equally often. Far above 0: a few hubs stand in many answers. Items found
    equally often, every one, have no spread; that is called 0 too.

    Args:
        occurrences: (n_items,), as from `k_occurrence`.

    Raises:
        ValueError: not one-dimensional, or empty.
    """
    counts = np.asarray(occurrences, dtype=float)
    if counts.ndim != 1 or not len(counts):
        raise ValueError(f"occurrences have shape {counts.shape}, expected (n_items,), one number per item.")
    centred = counts - counts.mean()
    spread = np.sqrt((centred**2).mean())
    return float((centred**3).mean() / spread**3) if spread > 0 else 0.0
