"""Fusion by weights: every part is mapped into one common space, and the fused vector is their weighted mean.

    z = Σ_m w_m t_m / Σ_present w_m,    t_m = W_m u_m / ‖W_m u_m‖,    u_m = h_m / ‖h_m‖

The matrices W_m are drawn at random and made to be trained with `fit`: before that the parts of one item lie anywhere,
and the mean of unrelated vectors means nothing. The weights are given by hand, or learned as softmax(log w + a) with M
free numbers a that begin at zero: they stay positive and their sum one. The parts t_m have length one, so that a weight
says how much its part counts.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from mmr_toolkit.common.modalities import check_names
from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.fusion.base import Fusion
from mmr_toolkit.fusion.blocks import checked_weights, share_weights


class ModalityWeights(nn.Module):
    """One weight per modality, given or learned.

    Args:
        dims: name → number of dimensions; only the names count here.
        weights: name → weight to begin with; only their ratios count. None: all alike.
        learn: whether training may change them; then they must be above zero.

    Raises:
        ValueError: weights for other names than dims, or that are no weights.
    """

    start: torch.Tensor

    def __init__(self, dims: Mapping[str, int], weights: Mapping[str, float] | None, *, learn: bool) -> None:
        super().__init__()
        start = dict.fromkeys(dims, 1.0) if weights is None else checked_weights(weights, positive=learn)
        check_names("weights", start, known=dims, needed=dims)
        # On the CPU first: on the "meta" device, where saved fusions are rebuilt, arithmetic loads half of a compiler.
        values = torch.tensor([start[name] for name in dims], device="cpu")
        values = (values / values.sum()).to(torch.get_default_device())
        self.names = tuple(dims)
        self.register_buffer("start", values)
        # Learned as a change of the start, so that weight decay pulls back to the start and not to equal weights.
        self.change = nn.Parameter(torch.zeros(len(values))) if learn else None

    @property
    def given(self) -> dict[str, float]:
        """The weights to begin with, by name."""
        return dict(zip(self.names, self.start.tolist(), strict=True))

    @property
    def learns(self) -> bool:
        """Whether training may change them."""
        return self.change is not None

    def forward(self) -> torch.Tensor:
        """The weights (M,), in the order of dims, with the sum one."""
        return self.start if self.change is None else (self.start.log() + self.change).softmax(dim=0)


class WeightedFusion(Fusion):
    """The weighted mean of all parts in one common space; see the text at the top of this file.

    Args:
        dims: name → number of dimensions d_m.
        dim: D, the dimensions of the common space.
        weights: name → weight by hand, or to begin with; None: all alike.
        learn_weights: whether training may change the weights.
        seed: draws the matrices.

    Raises:
        ValueError: weights that are negative, not finite or all zero, or for other names than dims.

    Example:
        >>> fusion = WeightedFusion({"text": 2, "image": 3}, dim=4, weights={"text": 3, "image": 1})
        >>> z, weights = fusion({"text": torch.ones(1, 2), "image": torch.ones(1, 3)})
        >>> z.shape, weights.detach()
        (torch.Size([1, 4]), tensor([[0.7500, 0.2500]]))
    """

    dims: dict[str, int]

    def __init__(
        self,
        dims: Mapping[str, int],
        dim: int = 128,
        *,
        weights: Mapping[str, float] | None = None,
        learn_weights: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__(dims)
        with seeded(seed):
            self.maps = nn.ModuleList(nn.Linear(self.dims[name], dim, bias=False) for name in self.modalities)
        self.dim = dim
        self.modality_weights = ModalityWeights(self.dims, weights, learn=learn_weights)

    @property
    def settings(self) -> dict[str, Any]:
        """What the constructor was given; the weights with the sum one."""
        weights = self.modality_weights
        return {"dims": self.dims, "dim": self.dim, "weights": weights.given, "learn_weights": weights.learns}

    def fuse(
        self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The weighted mean (n, D), of length one where an item has one part, and at most one with more."""
        parts, shares = self._parts(blocks), self._shares(present, factors)
        return torch.einsum("im,imd->id", shares, parts), shares

    def terms(self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Each part in the common space by its weight, w_m t_m."""
        return self._shares(present, factors)[:, :, None] * self._parts(blocks)

    def _parts(self, blocks: list[torch.Tensor]) -> torch.Tensor:
        """(n, M, D): t_m."""
        mapped = [unit_rows(to_space(block)) for to_space, block in zip(self.maps, blocks, strict=True)]
        return torch.stack(mapped, dim=1)

    def _shares(self, present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        return share_weights(self.modality_weights() * factors, present)
