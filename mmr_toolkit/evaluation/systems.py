"""Scores of fused queries and fused items: every question is fused as it is, and the items as it sees them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch

from mmr_toolkit.common.modalities import check_names, common_rows, in_order
from mmr_toolkit.common.vectors import Array, as_mask
from mmr_toolkit.evaluation.measures import measure_grades, measure_named
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.fusion.late import reciprocal_rank_fusion, weighted_sum
from mmr_toolkit.queries.qrels import FULL_MATCH
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.similarity.measures import Similarity, similarity_function

Vectors = Mapping[str, Array]


def fused_scores(
    fusion: Fusion,
    queries: Vectors,
    items: Vectors,
    *,
    similarity: Similarity = "cosine",
    query_mask: Mapping[str, Array] | None = None,
    item_mask: Mapping[str, Array] | None = None,
) -> torch.Tensor:
    """The score of every item for every query; queries with different holes are welcome.

    Args:
        fusion: trained or not; it is asked in evaluation mode and stays in the mode it was in.
        queries: name → (n_query, d_m).
        items: name → (n_item, d_m).
        similarity: a name in `SIMILARITIES`.
        query_mask, item_mask: name → bool, False for a hole; None: all that is given is present.

    Returns:
        Tensor (n_query, n_item), float32, higher is closer; −inf where an item has nothing that can be compared. The
        scores are summed in float64, so that they do not depend on the processor.

    Raises:
        ValueError: an unknown similarity, names or dimensions that the fusion does not have, a mask with other names
            than the vectors, rows that do not fit, no queries, or a query without any part.
    """
    compare = similarity_function(similarity)
    asked = _present("queries", queries, query_mask)
    there = _present("items", items, item_mask)
    names = in_order(asked)
    table = torch.stack([asked[name].cpu() for name in names], dim=1)
    if not len(table) or not table.any(dim=1).all():
        which = f"query {int((~table.any(dim=1)).nonzero()[0])} has no part" if len(table) else "there are no queries"
        raise ValueError(f"{which}: expected some of {', '.join(names)}.")
    blocks = []
    with torch.no_grad(), _asked_not_trained(fusion):
        for kind in table.unique(dim=0):
            rows = (table == kind).all(dim=1).nonzero()[:, 0]
            parts = [name for name, has in zip(names, kind.tolist(), strict=True) if has]
            z_items, weights = fusion(items, fusion.as_seen(there, parts))  # first: it may teach the dimensions of all
            z_queries, _ = fusion({name: queries[name][_rows_for(queries[name], rows)] for name in parts})
            scores = compare(z_queries.double(), z_items.double()).float()
            blocks.append((rows, scores.where(weights.any(dim=1), -torch.inf)))
    order = torch.cat([rows for rows, _ in blocks]).argsort()
    scores = torch.cat([scores for _, scores in blocks])
    return scores[order.to(scores.device)]


@contextmanager
def _asked_not_trained(fusion: Fusion) -> Iterator[None]:
    """Evaluation mode inside; afterwards the mode it was in."""
    was_training = fusion.training
    fusion.eval()
    try:
        yield
    finally:
        fusion.train(was_training)


def _present(side: str, vectors: Vectors, mask: Mapping[str, Array] | None) -> dict[str, torch.Tensor]:
    if not vectors:
        raise ValueError(f"the {side} have no part: give at least one modality.")
    if mask is not None:
        check_names(f"mask of the {side}", mask, known=vectors, needed=vectors)
    has = {
        name: torch.ones(len(matrix), dtype=torch.bool) if mask is None else as_mask(mask[name], name)
        for name, matrix in vectors.items()
    }
    common_rows(has)
    return has


def _rows_for(matrix: Array, rows: torch.Tensor) -> Array:
    return rows.to(matrix.device) if isinstance(matrix, torch.Tensor) else rows.numpy()


# Systems without training, to compare others with: every modality alone, and late fusion of their scores.


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


# A fusion with a similarity as a system that answers questions, and its mAP as one number to train by.


def fused_system(
    fusion: Fusion, items: Features, similarity: Similarity = "cosine"
) -> Callable[[Mapping[str, Array]], torch.Tensor]:
    """The system that fuses queries and items and compares them; for `compare`.

    Args:
        fusion: trained or not. A later training changes what the system answers.
        items: vectors and mask of the N items.
        similarity: a name in `SIMILARITIES`.

    Returns:
        A function of queries, name → (n, d_m), to scores (n, N). A row of zeros in a query is a hole.
    """

    def system(queries: Mapping[str, Array]) -> torch.Tensor:
        there = {name: torch.as_tensor(matrix).any(dim=1) for name, matrix in queries.items()}
        return fused_scores(
            fusion, queries, items.vectors, similarity=similarity, query_mask=there, item_mask=items.mask
        )

    return system


def mean_average_precision(
    fusion: Fusion, questions: Mapping[str, Questions], items: Features, similarity: Similarity = "cosine"
) -> float:
    """The mAP over all kinds of questions, each kind counting the same: what `fit` is to keep best.

        validate = lambda fusion: mean_average_precision(fusion, validation_questions, items)

    Args:
        fusion: to be judged.
        questions: kind → questions of the validation split.
        items: vectors and mask of the N items.
        similarity: a name in `SIMILARITIES`.

    Returns:
        From 0 to 1; questions without a full match are left out.
    """
    system, measure = fused_system(fusion, items, similarity), measure_named("AP")
    means = []
    for asked in questions.values():
        truth = asked.truth(items.ids)
        order = asked.order(system(asked.vectors), len(items))
        ordered, best = np.take_along_axis(truth, order, axis=1), -np.sort(-truth, axis=1)
        values = measure_grades(ordered, best, [measure], FULL_MATCH)
        means.append(np.nanmean(values))
    return float(np.mean(means))
