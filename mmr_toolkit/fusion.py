"""Fusion: the vectors of one item's parts (text, image, audio) become one vector.

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
query does not have are left out of the items too, *before* they are joined (`restrict` makes the mask). Then

    score = (weighted mean of the cosines over S) · √(W_S / W_q)

- what an item has or lacks beside the question makes no difference;
- a part that is asked for and missing costs: the item stands below its complete twin, and above an item whose part
  is there and unlike (cosine 0);
- an item without any part that is asked for scores 0. It cannot be compared at all, and the retriever leaves it out.
"""

import math
from collections.abc import Iterable, Mapping

import torch

from mmr_toolkit.modalities import MODALITIES
from mmr_toolkit.vectors import Array, as_mask, as_matrix, unit_rows


def share_weights(weights: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Share the weights out among the parts that are there: w_m / Σ_present w_m.

    Args:
        weights: (M,), one per modality, not negative.
        present: bool (n, M), what each item has.

    Returns:
        Tensor (n, M). Each row sums to 1, or holds only zeros where nothing with a weight is present.
    """
    kept = torch.where(present, weights, 0)
    total = kept.sum(dim=1, keepdim=True)
    return kept / torch.where(total > 0, total, 1)


def join_blocks(blocks: list[torch.Tensor], weights: torch.Tensor) -> torch.Tensor:
    """Scale each unit block by √w and join them: z = [√w_1 u_1, √w_2 u_2, …].

    Args:
        blocks: one tensor (n, d_m) per modality, rows of length one (or zero).
        weights: (n, M), one per item and modality, as from `share_weights`.

    Returns:
        Tensor (n, Σ d_m).
    """
    return torch.cat([w.sqrt()[:, None] * block for w, block in zip(weights.T, blocks, strict=True)], dim=1)


def restrict(mask: Mapping[str, Array], parts: Iterable[str]) -> dict[str, torch.Tensor]:
    """The mask of the items as a query sees them that has only `parts`: everything else counts as a hole.

    Args:
        mask: name → bool (n,), what each item has.
        parts: the modalities that the query has.

    Returns:
        New dict name → bool tensor (n,); `mask` stays as it was.
    """
    parts = set(parts)
    return {name: as_mask(has, name) & (name in parts) for name, has in mask.items()}


class ConcatFusion:
    """Join unit blocks by weight; see the text at the top of this file for the formula and for holes.

    It holds two things: the weights, and how many dimensions each modality has. The dimensions are learned from the
    first call, so that a later query by text alone gets zero blocks of the right size for its other parts.

    Args:
        weights: name → weight, not negative and not all zero; only their ratios count. Weight 0 leaves a modality out.
            None weighs text, image and audio equally, as far as the first call has them. Other names work as well:
            `ConcatFusion({"text": 1, "depth": 1})`.
        dims: name → number of dimensions, where it should not be learned from the first call.

    Raises:
        ValueError: weights that are negative, not finite or all zero; dims for other names than weights.

    Example:
        >>> fusion = ConcatFusion({"text": 3, "image": 1})
        >>> z, weights = fusion({"text": torch.tensor([[5.0, 0.0]]), "image": torch.tensor([[0.0, 2.0]])})
        >>> z, weights
        (tensor([[0.8660, 0.0000, 0.0000, 0.5000]]), tensor([[0.7500, 0.2500]]))
        >>> fusion({"text": torch.tensor([[5.0, 0.0]])})  # a query by text is an item with a hole
        (tensor([[1., 0., 0., 0.]]), tensor([[1., 0.]]))
    """

    def __init__(self, weights: Mapping[str, float] | None = None, dims: Mapping[str, int] | None = None) -> None:
        self.weights = None if weights is None else _checked_weights(weights)
        self.dims = None if dims is None else {name: int(dims[name]) for name in in_order(dims)}
        if self.weights is not None and self.dims is not None:
            _check_names("dims", self.dims, known=self.weights, needed=self.weights)

    @property
    def modalities(self) -> tuple[str, ...]:
        """The names in the order of the blocks: text, image, audio, then any others by alphabet."""
        return in_order(self.dims or self.weights or MODALITIES)

    def __call__(
        self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Fuse n items (or queries, which are items with holes).

        Args:
            vectors: name → (n, d_m). A modality that is not given is a hole in all n items; only the first call must
                have every modality that has a weight.
            mask: name → bool (n,), False for a hole; what stands in such a row does not matter. It has the same names
                as vectors. None: all that is given is present. A row of zeros counts as a hole too: it says nothing.

        Returns:
            z: (n, Σ d_m), rows of length one, or zeros for an item without any part; float32 (float64 if a vector is).
            weights: (n, M), how much each modality counts in each item, in the order of `modalities`; rows sum to one,
                or to zero for an item without any part.

        Raises:
            TypeError: no arrays or tensors, or a mask that is not bool.
            ValueError: unknown or missing names, rows or dimensions that do not fit, numbers that are not finite.
        """
        self._check(vectors, mask)
        has = {} if mask is None else mask
        units = {name: unit_rows(as_matrix(vectors[name], name, has.get(name))) for name in vectors}
        n = _common_rows(units)
        if self.dims is None:
            self.dims = {name: units[name].shape[1] for name in in_order(units)}
        for name, block in units.items():
            if block.shape[1] != self.dims[name]:
                raise ValueError(f"{name} has {block.shape[1]} dimensions, this fusion expects {self.dims[name]}.")

        like = next(iter(units.values()))
        blocks = [units.get(name, like.new_zeros(n, dim)) for name, dim in self.dims.items()]
        weights = like.new_tensor([1.0 if self.weights is None else self.weights[name] for name in self.dims])
        present = torch.stack([block.any(dim=1) for block in blocks], dim=1)
        shares = share_weights(weights, present)
        return join_blocks(blocks, shares), shares

    def _check(self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None) -> None:
        if not vectors:
            raise ValueError(f"no modality given: expected some of {', '.join(self.modalities)}.")
        needed = self.weights if self.dims is None and self.weights is not None else ()
        _check_names("vectors", vectors, known=self.modalities, needed=needed)
        if mask is not None:
            _check_names("mask", mask, known=vectors, needed=vectors)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names into the one order of blocks: text, image, audio, then any others by alphabet."""
    names = set(names)
    return tuple(name for name in MODALITIES if name in names) + tuple(sorted(names - set(MODALITIES)))


def _checked_weights(weights: Mapping[str, float]) -> dict[str, float]:
    checked = {name: float(weights[name]) for name in in_order(weights)}
    if not all(math.isfinite(w) and w >= 0 for w in checked.values()) or not any(checked.values()):
        raise ValueError(f"weights must be finite, not negative and not all zero, got {checked}.")
    return checked


def _check_names(what: str, names: Iterable[str], known: Iterable[str], needed: Iterable[str]) -> None:
    unknown, missing = in_order(set(names) - set(known)), in_order(set(needed) - set(names))
    if unknown or missing:
        faults = [f"unknown {', '.join(unknown)}"] * bool(unknown) + [f"missing {', '.join(missing)}"] * bool(missing)
        raise ValueError(f"{what}: {'; '.join(faults)}. The modalities here are {', '.join(in_order(known))}.")


def _common_rows(units: Mapping[str, torch.Tensor]) -> int:
    counts = {name: len(block) for name, block in units.items()}
    if len(set(counts.values())) > 1:
        raise ValueError(f"every modality must have one row per item, got {counts} rows.")
    return next(iter(counts.values()))
