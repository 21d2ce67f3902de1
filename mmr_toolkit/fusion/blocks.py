"""The parts of an item: their order, their weights, and which of them a query looks at.

**Holes.** A part may be missing; a query is simply an item with holes. The weights are shared out anew among the
parts that are there, w_m / W with W = Σ_present w_m, so that a hole never counts as evidence.
"""

import math
from collections.abc import Iterable, Mapping

import torch

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.vectors import Array, as_mask


def share_weights(weights: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Share the weights out among the parts that are there: w_m / Σ_present w_m.

    Args:
        weights: (M,), one per modality, or (n, M), one per item and modality; not negative.
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
    some = weights > 0
    # The slope of √w at 0 is infinite and would turn learned weights into NaN: a part that is left out takes no root.
    roots = torch.where(some, weights, 1).sqrt() * some
    return torch.cat([root[:, None] * block for root, block in zip(roots.T, blocks, strict=True)], dim=1)


def block_terms(blocks: list[torch.Tensor], weights: torch.Tensor) -> torch.Tensor:
    """What `join_blocks` joins, one modality at a time: (n, M, Σ d_m), the sum over M being the joined vector."""
    alone = [
        [block if i == m else torch.zeros_like(block) for i, block in enumerate(blocks)] for m in range(len(blocks))
    ]
    return torch.stack([join_blocks(some, weights) for some in alone], dim=1)


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


def checked_weights(weights: Mapping[str, float], *, positive: bool = False) -> dict[str, float]:
    """Weights by name, in the order of blocks.

    Raises:
        ValueError: weights that are negative, not finite or all zero; any zero, if they must be `positive`.
    """
    checked = {name: float(weights[name]) for name in in_order(weights)}
    if not all(math.isfinite(w) and w >= 0 for w in checked.values()) or not any(checked.values()):
        raise ValueError(f"weights must be finite, not negative and not all zero, got {checked}.")
    if positive and not all(checked.values()):
        raise ValueError(f"weights that are learned start above zero, got {checked}: leave the modality out instead.")
    return checked
