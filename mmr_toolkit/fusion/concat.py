"""Fusion by concatenation: unit blocks, scaled by the square root of their weight, one behind the other.

`ConcatFusion` needs no training. It brings every part to length one, scales it by the square root of its weight and
joins the parts one behind the other, in a fixed order. The square root makes the inner product of two joined vectors
the weighted sum of the cosines of their parts:

    ⟨√w ⊙ x, √w ⊙ y⟩ = Σ_m √w_m √w_m cos(x_m, y_m) = Σ_m w_m cos(x_m, y_m)

so comparing joined vectors *is* comparing part by part and adding up.

**Holes.** A part may be missing; a query is simply an item with holes. The weights are shared out anew among the
parts that are there, w_m / W with W = Σ_present w_m, so that every joined vector has length one, and the block of a
hole is zero. For two vectors with different holes, and S the parts that both have, this gives

    ⟨z_q, z_x⟩ = Σ_{m in S} w_m cos(q_m, x_m) / √(W_q W_x)

The factor √W_q is the same for all items, but √W_x is not: asked by text alone, an item that has *only* a text
scores cos, and a complete item with the very same text scores cos / √3 (equal weights). The poorer the item, the
better its score. That is not what we want, and the mend is to look at the items as the query does: parts that the
query does not have are left out of the items too, *before* they are joined (`as_seen` makes the mask). Then

    score = (weighted mean of the cosines over S) · √(W_S / W_q)

- what an item has or lacks beside the question makes no difference;
- a part that is asked for and missing costs: the item stands below its complete twin, and above an item whose part
  is there and unlike (cosine 0);
- an item without any part that is asked for scores 0. It cannot be compared at all, and the retriever leaves it out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from mmr_toolkit.common.modalities import check_names, in_order
from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.common.vectors import Array
from mmr_toolkit.fusion.base import Fusion
from mmr_toolkit.fusion.blocks import block_terms, checked_weights, join_blocks, restrict, share_weights


class ConcatFusion(Fusion):
    """Join unit blocks by weight; see the text at the top of this file for the formula and for holes.

    It holds the weights, and how many dimensions each modality has. The dimensions are learned from the first call, so
    that a later query by text alone gets zero blocks of the right size for its other parts.

    Args:
        weights: name → weight, not negative and not all zero; only their ratios count. Weight 0 leaves a modality out.
            None weighs text, image and audio equally, as far as the first call has them. Other names work as well:
            `ConcatFusion({"text": 1, "depth": 1})`.
        dims: name → number of dimensions, where it should not be learned from the first call.
        dim: D: after joining, a linear map from Σ d_m to D dimensions, drawn at random and made to be trained with
            `fit`. It needs dims. Then all parts live in one common space, and items keep all their parts.
        seed: draws the linear map.

    Raises:
        ValueError: weights that are negative, not finite or all zero; dims for other names than weights, or none.

    Example:
        >>> fusion = ConcatFusion({"text": 3, "image": 1})
        >>> z, weights = fusion({"text": torch.tensor([[5.0, 0.0]]), "image": torch.tensor([[0.0, 2.0]])})
        >>> z, weights
        (tensor([[0.8660, 0.0000, 0.0000, 0.5000]]), tensor([[0.7500, 0.2500]]))
        >>> fusion({"text": torch.tensor([[5.0, 0.0]])})  # a query by text is an item with a hole
        (tensor([[1., 0., 0., 0.]]), tensor([[1., 0.]]))
    """

    def __init__(
        self,
        weights: Mapping[str, float] | None = None,
        dims: Mapping[str, int] | None = None,
        *,
        dim: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__(dims)
        self.weights = None if weights is None else checked_weights(weights)
        if self.weights is not None and self.dims is not None:
            check_names("dims", self.dims, known=self.weights, needed=self.weights)
        self.linear: nn.Linear | None = None
        if dim is not None:
            if self.dims is None:
                raise ValueError(f"a linear map to {dim} dimensions needs dims: how many each modality brings.")
            with seeded(seed):
                self.linear = nn.Linear(sum(self.dims.values()), dim, bias=False)  # no part, no vector

    @property
    def settings(self) -> dict[str, Any]:
        """What the constructor was given; the dimensions also if a first call has taught them."""
        return {
            "weights": self.weights,
            "dims": self.dims,
            "dim": None if self.linear is None else self.linear.out_features,
        }

    @property
    def modalities(self) -> tuple[str, ...]:
        """The names in the order of the blocks: text, image, audio, then any others by alphabet."""
        return in_order(self.dims or self.weights or super().modalities)

    def fuse(
        self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Join the blocks; rows of z have length one, or D numbers of the linear map."""
        shares = self._shares(present, factors)
        z = join_blocks(blocks, shares)
        return z if self.linear is None else self.linear(z), shares

    def terms(self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        """Each block among zeros, √w_m u_m; after the linear map, if there is one."""
        terms = block_terms(blocks, self._shares(present, factors))
        return terms if self.linear is None else self.linear(terms)

    def _shares(self, present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        weights = [1.0 if self.weights is None else self.weights[name] for name in self.modalities]
        return share_weights(factors * factors.new_tensor(weights), present)

    def as_seen(self, mask: Mapping[str, Array], parts: Iterable[str]) -> dict[str, torch.Tensor]:
        """Blocks are compared one by one: only the parts that the query has too; with a linear map all parts."""
        return restrict(mask, parts) if self.linear is None else super().as_seen(mask, parts)

    def compared_with(self, parts: Iterable[str]) -> tuple[str, ...]:
        """As of any fusion; all, as long as a first call has to teach the dimensions of all that have a weight."""
        untaught = self.dims is None and self.weights is not None
        return self.modalities if untaught else super().compared_with(parts)

    def _check_names(self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None) -> None:
        super()._check_names(vectors, mask)
        if self.dims is None and self.weights is not None:  # the first call teaches the dimensions of all
            check_names("vectors", vectors, known=self.weights, needed=self.weights)
