"""What every fusion shares: it reads the parts by name, checks them, and knows what a hole is."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from mmr_toolkit.common.modalities import MODALITIES, check_names, common_rows, in_order
from mmr_toolkit.common.vectors import Array, as_mask, as_matrix, unit_rows
from mmr_toolkit.fusion.blocks import checked_weights


class Fusion(nn.Module, ABC):
    """The vectors of one item's parts become one vector.

    A fusion is called with vectors by name and answers with the fused vectors and with how much each modality counted:
    `z, weights = fusion({"text": H_t, "image": H_i}, mask)`. Each part is brought to length one before anything else
    is done with it, so that no modality is louder than another by its numbers alone.

    Attributes:
        dims: name → number of dimensions, in the order of the blocks; None before a first call taught them.
    """

    dims: dict[str, int] | None

    def __init__(self, dims: Mapping[str, int] | None) -> None:
        super().__init__()
        self.dims = None if dims is None else {name: int(dims[name]) for name in in_order(dims)}
        if self.dims is not None and not (self.dims and all(dim > 0 for dim in self.dims.values())):
            raise ValueError(f"dims must name at least one modality, each with 1 dimension or more, got {self.dims}.")

    @property
    def modalities(self) -> tuple[str, ...]:
        """The names in the order of the blocks: text, image, audio, then any others by alphabet."""
        return in_order(self.dims or MODALITIES)

    @property
    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """What the constructor was given, as plain values: `type(fusion)(**fusion.settings)` builds it anew."""

    def forward(
        self,
        vectors: Mapping[str, Array],
        mask: Mapping[str, Array] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Fuse n items (or queries, which are items with holes).

        Args:
            vectors: name → (n, d_m). A modality that is not given is a hole in all n items.
            mask: name → bool (n,), False for a hole; what stands in such a row does not matter. It has the same names
                as vectors. None: all that is given is present. A row of zeros counts as a hole too: it says nothing.
            weights: name → factor on the weight of this modality, not negative; 1 where a name is not given, and 0
                makes the part a hole. Only ratios count, for the weights are shared out anew.

        Returns:
            z: (n, D), zeros for an item without any part.
            weights: (n, M), how much each modality counts in each item, in the order of `modalities`; rows sum to one,
                or to zero for an item without any part.

        Raises:
            TypeError: no arrays or tensors, or a mask that is not bool.
            ValueError: unknown names, rows or dimensions that do not fit, numbers that are not finite, weights that are
                negative or zero for all.
        """
        return self.fuse(*self._read(vectors, mask, weights))

    def contributions(
        self,
        vectors: Mapping[str, Array],
        mask: Mapping[str, Array] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> torch.Tensor | None:
        """What each part brings into the fused vector, if that is a plain sum: z = Σ_m c_m.

        Args and errors: as for a call.

        Returns:
            Tensor (n, M, D), zeros for a hole. None where z is no sum over the parts, because they look at each other.
        """
        return self.terms(*self._read(vectors, mask, weights))

    def terms(self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor | None:
        """The `contributions`, for unit blocks as in `fuse`; None unless a fusion has them."""
        return None

    def _read(
        self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None, weights: Mapping[str, float] | None
    ) -> tuple[list[torch.Tensor], torch.Tensor, torch.Tensor]:
        """Checked unit blocks in order, what is present, and the factors (M,) on the weights."""
        self._check_names(vectors, mask)
        has = {} if mask is None else mask
        units = {name: unit_rows(as_matrix(vectors[name], name, has.get(name))) for name in vectors}
        n = common_rows(units)
        if self.dims is None:
            self.dims = {name: units[name].shape[1] for name in in_order(units)}
        for name, block in units.items():
            if block.shape[1] != self.dims[name]:
                raise ValueError(f"{name} has {block.shape[1]} dimensions, this fusion expects {self.dims[name]}.")
        like = next(iter(units.values()))
        blocks = [units.get(name, like.new_zeros(n, dim)) for name, dim in self.dims.items()]
        weight = next(self.parameters(), None)
        if weight is not None:  # what is learned decides where and how precisely it is computed
            blocks = [block.to(weight) for block in blocks]
        factors = blocks[0].new_tensor(self._factors(weights))
        return blocks, torch.stack([block.any(dim=1) for block in blocks], dim=1) & (factors > 0), factors

    def _factors(self, weights: Mapping[str, float] | None) -> list[float]:
        if weights is None:
            return [1.0] * len(self.modalities)
        check_names("weights", weights, known=self.modalities, needed=())
        given = dict.fromkeys(self.modalities, 1.0) | dict(weights)
        return list(checked_weights(given).values())

    @abstractmethod
    def fuse(
        self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Fuse unit blocks.

        Args:
            blocks: one (n, d_m) per modality in order.
            present: bool (n, M), False for holes and for what has the factor 0.
            factors: (M,), factors on the weights.

        Returns:
            As a call: z (n, D) and weights (n, M).
        """

    def as_seen(self, mask: Mapping[str, Array], parts: Iterable[str]) -> dict[str, torch.Tensor]:
        """Which parts of the items count for a query that has `parts`: here all, for all live in one common space.

        Args:
            mask: name → bool (n,), what each item has.
            parts: the modalities that the query has.

        Returns:
            A mask of the same form; an item with no part left cannot be compared with such a query.
        """
        return {name: as_mask(has, name) for name, has in mask.items()}

    def compared_with(self, parts: Iterable[str]) -> tuple[str, ...]:
        """The parts of items that count for a query that has `parts`, whatever the items lack.

        By `as_seen`, of an item that has all parts and of items that have a single one.
        """
        one_each = torch.eye(len(self.modalities), dtype=torch.bool)
        has = torch.cat([one_each.new_ones(1, len(self.modalities)), one_each])
        seen = self.as_seen(dict(zip(self.modalities, has.T, strict=True)), parts)
        return tuple(name for name in self.modalities if seen[name].any())

    def _check_names(self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None) -> None:
        if not vectors:
            raise ValueError(f"no modality given: expected some of {', '.join(self.modalities)}.")
        check_names("vectors", vectors, known=self.modalities, needed=())
        if mask is not None:
            check_names("mask", mask, known=vectors, needed=vectors)
