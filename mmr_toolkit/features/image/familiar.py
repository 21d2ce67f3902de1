"""Do these pictures look like those that a network has learned from? Mini weights know only the shop.

A network gives a vector for every picture, also for one of a kind that it has never met, and nothing in the vector says
so. How far a vector lies from those of the training pictures does not tell either: to the network a shop's product of a
new type is as strange as a photograph of a football match. What does tell is the setting. The pictures of a shop stand
before a quiet backdrop, and so seven numbers of the rim are enough: its mean colour, how much the colour varies, and
how rough it is.
"""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import torch

RIM = 1 / 16  # of a picture's side
MARGIN = 1.1  # new pictures of the same kind go a little farther than those that were seen


@dataclass(frozen=True)
class Familiar:
    """The rims of the training pictures: where they lie among all rims, and how far from their mean they go.

    The distance of a rim s is that of Mahalanobis (1936): √((s - mean)ᵀ C⁻¹ (s - mean)), with the covariance C of the
    training pictures' rims; its square is 7 on average over them.

    Attributes:
        mean: (7,), float64.
        precision: (7, 7), float64, C⁻¹.
        farthest: the largest distance of a training picture.
    """

    mean: torch.Tensor
    precision: torch.Tensor
    farthest: float

    @classmethod
    def fit(cls, pictures: torch.Tensor) -> Self:
        """Learn from preprocessed pictures (n, 3, height, width), some hundred of them."""
        rims = rim_statistics(pictures)
        known = cls(rims.mean(dim=0), torch.linalg.inv(torch.cov(rims.T)), 0.0)
        return cls(known.mean, known.precision, float(known.distance(pictures).max()))

    def distance(self, pictures: torch.Tensor) -> torch.Tensor:
        """How far each rim is from the mean, (n,)."""
        difference = rim_statistics(pictures) - self.mean
        return ((difference @ self.precision) * difference).sum(dim=1).clamp(min=0).sqrt()

    def is_strange(self, pictures: torch.Tensor) -> torch.Tensor:
        """Whether each picture is clearly farther off than every training picture, bool (n,)."""
        return self.distance(pictures) > MARGIN * self.farthest

    def to_plain(self) -> dict[str, Any]:
        """For a JSON file."""
        return {"mean": self.mean.tolist(), "precision": self.precision.tolist(), "farthest": self.farthest}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """The reverse of `to_plain`."""
        mean, precision = (torch.tensor(plain[name], dtype=torch.float64) for name in ("mean", "precision"))
        return cls(mean, precision, plain["farthest"])


def rim_statistics(pictures: torch.Tensor) -> torch.Tensor:
    """Seven numbers of each picture's rim: mean of three colours, their deviations, mean steepness.

    Args:
        pictures: (n, 3, height, width).

    Returns:
        (n, 7) float64: the deviations are nearly equal, and differences of them count.
    """
    pictures = pictures.double()
    height, width = pictures.shape[-2:]
    inside = torch.zeros(height, width, dtype=torch.bool)
    top, left = max(1, round(height * RIM)), max(1, round(width * RIM))
    inside[top:-top, left:-left] = True
    colours = pictures[:, :, ~inside]
    down = pictures[..., 1:, :-1] - pictures[..., :-1, :-1]
    right = pictures[..., :-1, 1:] - pictures[..., :-1, :-1]
    steepness = (down**2 + right**2).sum(dim=1).sqrt()[:, ~inside[:-1, :-1]]
    return torch.cat([colours.mean(dim=2), colours.std(dim=2), steepness.mean(dim=1, keepdim=True)], dim=1)


class Watch:
    """Looks at the pictures that pass through an encoder and says once when most of a call's are strange.

    Attributes:
        familiar: what is not strange; None: nothing is known, and nothing is ever said.
    """

    def __init__(self, familiar: Familiar | None) -> None:
        """To be kept as long as the encoder, so that it does not repeat itself."""
        self.familiar = familiar
        self._has_warned = False

    def __call__(self, batches: Iterable[torch.Tensor]) -> Iterator[torch.Tensor]:
        """The preprocessed pictures of one call, batch by batch, handed on as they are."""
        strange = total = 0
        for batch in batches:
            if self.familiar is not None:
                strange += int(self.familiar.is_strange(batch).sum())
            total += len(batch)
            yield batch
        if strange > total / 2 and not self._has_warned:
            self._has_warned = True
            warnings.warn(
                f"{strange} of {total} pictures do not look like the built-in shop's, and the mini weights know only "
                "the shop: here their vectors say little. The full tier's weights know the things of the world; "
                "ColourTextureEncoder needs no training at all.",
                UserWarning,
                stacklevel=4,
            )
