"""Late fusion: every modality ranks alone, and only the scores (or the ranks) are put together.

It is the yardstick of the other fusions: nothing is learned, and any scores will do, from anywhere. What it cannot do
is to let one modality change what another one means.

Scores come as name → (n_query, n_item), higher is closer, and −∞ where an item lacks the part.

**Holes.** An item is judged by the parts that it has: the weights are shared out anew among them, for every item
apart, so that a missing part is neither a zero nor a last place. An item with one part scores as that part says. What
has no part at all (or only parts of weight 0) scores −∞ and comes last.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import torch

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.common.vectors import Array

Normaliser = Literal["z_score", "min_max"]


def z_score(scores: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """(s − mean) / standard deviation over the items that are there, each query apart; zeros where all are equal.

    Args:
        scores: float (n_query, n_item); what stands where nothing is present does not matter.
        present: bool (n_query, n_item).
    """
    count = present.sum(dim=1, keepdim=True).clamp(min=1)
    centred = (scores - scores.where(present, 0).sum(dim=1, keepdim=True) / count).where(present, 0)
    deviation = (centred.square().sum(dim=1, keepdim=True) / count).sqrt()
    return centred / deviation.where(deviation > _rounding(scores, present), torch.inf)


def min_max(scores: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """(s − lowest) / (highest − lowest) over the items that are there, each query apart; zeros where all are equal."""
    lowest = scores.where(present, torch.inf).amin(dim=1, keepdim=True)
    width = scores.where(present, -torch.inf).amax(dim=1, keepdim=True) - lowest
    return (scores - lowest).where(present, 0) / width.where(width > _rounding(scores, present), torch.inf)


NORMALISERS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {"z_score": z_score, "min_max": min_max}


def weighted_sum(
    scores: Mapping[str, Array], weights: Mapping[str, float] | None = None, normaliser: Normaliser = "z_score"
) -> torch.Tensor:
    """Add up the normalised scores of the modalities: Σ_present w_m n(s_m) / Σ_present w_m.

    Modalities score on scales of their own; the normaliser n makes them comparable first (Fox & Shaw 1994 add what
    min-max makes of them).

    Args:
        scores: name → (n_query, n_item), −∞ where an item lacks the part.
        weights: name → weight, not negative and not all zero, for the same names; None weighs all equally.
        normaliser: a name in `NORMALISERS`.

    Returns:
        float64 (n_query, n_item), −∞ for items without any part that has a weight.

    Raises:
        ValueError: no scores, shapes that differ, NaN or +∞, other names in weights than in scores, weights that are
            negative, not finite or all zero, an unknown normaliser.

    Example:
        >>> text = torch.tensor([[1.0, 0.0, 0.5]])
        >>> sound = torch.tensor([[30.0, 20.0, -torch.inf]])
        >>> weighted_sum({"text": text, "audio": sound}, normaliser="min_max")
        tensor([[1.0000, 0.0000, 0.5000]], dtype=torch.float64)
    """
    if normaliser not in NORMALISERS:
        raise ValueError(f"unknown normaliser {quoted(normaliser)}: choose one of {', '.join(NORMALISERS)}.")
    read = _read(scores)
    shares = _checked_weights(weights, read)
    parts = {name: (NORMALISERS[normaliser](matrix, present), present) for name, (matrix, present) in read.items()}
    return _mean_of_present(parts, shares)


def reciprocal_rank_fusion(
    scores: Mapping[str, Array], weights: Mapping[str, float] | None = None, constant: float = 60
) -> torch.Tensor:
    """Add up 1 / (constant + rank) over the modalities (Cormack, Clarke & Büttcher 2009), divided by Σ_present w_m.

    Only ranks count, so no scale does any harm, and no score says how sure it is. The rank is 1 for the best of the
    items that have the part; equal scores are ranked by position. For items with all parts the order is that of the
    paper, which adds nothing for an item that a list does not have, where here the rule for holes above holds.

    Args:
        scores, weights: as for `weighted_sum`.
        constant: the larger, the less the first places stand out; 60 in the paper. Not negative.

    Returns:
        float64 (n_query, n_item), at most 1 / (constant + 1), −∞ for items without any part that has a weight.

    Raises:
        ValueError: as `weighted_sum`; a constant that is negative or not finite.
    """
    if not 0 <= constant < float("inf"):
        raise ValueError(f"constant is {constant}, expected a finite number of at least 0; the paper takes 60.")
    read = _read(scores)
    shares = _checked_weights(weights, read)
    parts = {name: (1 / (constant + _ranks(matrix)), present) for name, (matrix, present) in read.items()}
    return _mean_of_present(parts, shares)


def _ranks(scores: torch.Tensor) -> torch.Tensor:
    """The place of each item, from 1, in its row; −∞ comes last."""
    order = scores.argsort(dim=1, descending=True, stable=True)
    places = torch.arange(1, scores.shape[1] + 1, dtype=scores.dtype, device=scores.device).expand_as(scores)
    return torch.empty_like(scores).scatter_(1, order, places)


def _mean_of_present(
    parts: Mapping[str, tuple[torch.Tensor, torch.Tensor]], weights: Mapping[str, float]
) -> torch.Tensor:
    """Σ_present w_m v_m / Σ_present w_m for values and masks by name; −∞ where the sum of weights is zero."""
    total = torch.stack([weights[name] * present.double() for name, (_, present) in parts.items()]).sum(dim=0)
    added = torch.stack([weights[name] * values.where(has, 0) for name, (values, has) in parts.items()]).sum(dim=0)
    return (added / total.where(total > 0, 1)).where(total > 0, -torch.inf)


def _read(scores: Mapping[str, Array]) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """name → scores in float64 and where they are present, after a look at them."""
    if not scores:
        raise ValueError("no scores given: expected at least one modality.")
    tensors = {name: torch.as_tensor(matrix).double() for name, matrix in scores.items()}
    shapes = {name: tuple(matrix.shape) for name, matrix in tensors.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 2 for shape in shapes.values()):
        raise ValueError(f"scores must all have one shape (n_query, n_item), got {shapes}.")
    for name, matrix in tensors.items():
        if matrix.isnan().any() or matrix.isposinf().any():
            raise ValueError(f"scores of {name} hold NaN or +∞: write −∞ where an item lacks the part.")
    return {name: (matrix, matrix > -torch.inf) for name, matrix in tensors.items()}


def _checked_weights(weights: Mapping[str, float] | None, scores: Mapping[str, object]) -> dict[str, float]:
    checked = {name: float(weight) for name, weight in (weights or dict.fromkeys(scores, 1.0)).items()}
    if set(checked) != set(scores):
        raise ValueError(f"weights are for {', '.join(checked)}, but scores are for {', '.join(scores)}.")
    if not all(0 <= weight < float("inf") for weight in checked.values()) or not any(checked.values()):
        raise ValueError(f"weights must be finite, not negative and not all zero, got {checked}.")
    return checked


def _rounding(scores: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Differences up to this are rounding: they must not be blown up to a full spread. (n_query, 1)."""
    return 1e-12 * scores.where(present, 0).abs().amax(dim=1, keepdim=True)
