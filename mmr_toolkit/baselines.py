"""Systems without training, to compare others with: every modality alone, and late fusion of their scores."""

from collections.abc import Callable, Mapping

import torch

from mmr_toolkit.features.extract import Features
from mmr_toolkit.fusion import in_order
from mmr_toolkit.late_fusion import reciprocal_rank_fusion, weighted_sum
from mmr_toolkit.similarity import Similarity, similarity_function
from mmr_toolkit.vectors import Array, as_mask

#: How the scores of several modalities become one.
FUSE: dict[str, Callable[[Mapping[str, Array], Mapping[str, float] | None], torch.Tensor]] = {
    "late fusion": weighted_sum,
    "reciprocal ranks": reciprocal_rank_fusion,
}


def baseline_systems(
    items: Features, similarity: Similarity = "cosine", weights: Mapping[str, float] | None = None
) -> dict[str, Callable[[Mapping[str, Array]], torch.Tensor | None]]:
    """Systems for `compare` that need nothing but the vectors.

    Args:
        items: features of the gallery.
        similarity: how vectors of one modality are compared; items that lack the part score −∞.
        weights: modality → weight, for the late fusions; None weighs all equally.

    Returns:
        "text alone", "image alone", … for every modality of the items: asked with other parts too, they use their own
        only, and asked without it they return None. Then "late fusion" (sum of z-scores) and "reciprocal ranks", which
        use all parts that question and items share, and return None where that is none (or none with a weight).

    Raises:
        ValueError: an unknown similarity, weights for other modalities than those of the items.
    """
    compare_by = similarity_function(similarity)
    if weights is not None and set(weights) != set(items.dims):
        raise ValueError(f"weights are for {', '.join(weights)}, but the items have {', '.join(items.dims)}.")

    def score(name: str, queries: Mapping[str, Array]) -> torch.Tensor:
        scores = compare_by(queries[name], items.vectors[name])
        return scores.where(as_mask(items.mask[name], name).to(scores.device), -torch.inf)

    def alone(name: str) -> Callable[[Mapping[str, Array]], torch.Tensor | None]:
        return lambda queries: score(name, queries) if name in queries else None

    def fused(fuse: Callable) -> Callable[[Mapping[str, Array]], torch.Tensor | None]:
        def system(queries: Mapping[str, Array]) -> torch.Tensor | None:
            used = {name: 1.0 if weights is None else weights[name] for name in in_order(items.dims) if name in queries}
            if not any(used.values()):
                return None
            return fuse({name: score(name, queries) for name in used}, used)

        return system

    singles = {f"{name} alone": alone(name) for name in in_order(items.dims)}
    return singles | {name: fused(fuse) for name, fuse in FUSE.items()}
