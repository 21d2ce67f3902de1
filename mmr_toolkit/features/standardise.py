"""Bringing numbers of different sizes to one scale, as measured on a catalogue."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from mmr_toolkit.features.encoder import Device, NothingToLearn, batches, without_unencodable


@dataclass(frozen=True)
class Standardiser:
    """Subtract the mean and divide by a power of the standard deviation, column by column: (x - mean) / scale.

    Attributes:
        mean: (d,), float64.
        scale: (d,), float64, positive.
    """

    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, matrix: np.ndarray, *, strength: float = 1.0) -> Self:
        """Learn mean and deviation of each column of (n, d); scale = deviation ** strength.

        Strength 1 makes all columns vary alike, 0 leaves their spread as it is, 0.5 lies between.

        A column that never varies gets scale 1. If none does (a single row, copies of one row), nothing is known
        about the spread and the numbers stay as they are: subtracting the mean would leave vectors of zeros.
        """
        mean, scale = matrix.mean(axis=0, dtype=np.float64), matrix.std(axis=0, dtype=np.float64)
        varies = scale > 1e-6 * np.maximum(np.abs(mean), 1e-6)
        if not varies.any():
            return cls(np.zeros_like(mean), np.ones_like(scale))
        return cls(mean, np.where(varies, scale, 1.0) ** strength)

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, torch.Tensor], dim: int) -> Self:
        """What was written as tensors `mean` and `scale`.

        Raises:
            ValueError: they have another length than `dim`.
        """
        mean, scale = tensors["mean"].numpy(), tensors["scale"].numpy()
        if mean.shape != (dim,) or scale.shape != (dim,):
            raise ValueError(f"mean has the shape {mean.shape} and scale {scale.shape}; expected ({dim},).")
        return cls(mean, scale)

    def __call__(self, matrix: np.ndarray) -> np.ndarray:
        """Standardise (n, d); float32."""
        return ((matrix - self.mean) / self.scale).astype(np.float32)


def describe_all(
    describe: Callable[..., np.ndarray], values: Iterable[Any], *, batch_size: int, device: Device
) -> np.ndarray:
    """Describe values batch by batch, so that decoded pictures or sounds are never all held at once.

    Args:
        describe: as `encode`: list of values -> (n, d). Values that it refuses are passed over.
        values: any iterable.

    Returns:
        (number of usable values, d).

    Raises:
        NothingToLearn: there are no usable values (a ValueError).
    """
    described = []
    reasons: list[str] = []
    for batch in batches(values, batch_size):
        rows, refused = without_unencodable(describe, batch, batch_size=batch_size, device=device)
        reasons += refused.values()
        if rows is not None:
            described.append(rows)
    if not described:
        raise NothingToLearn(f"no usable values to learn from: {reasons[0] if reasons else 'there were none'}.")
    return np.concatenate(described)
