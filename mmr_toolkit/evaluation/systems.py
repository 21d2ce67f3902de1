"""Systems: functions that score all items for a batch of questions, to be judged and compared.

    system({"text": (n, d_text), "image": (n, d_image)}) → (n, n_item), higher is closer, −∞ puts an item last

or None if it cannot answer such questions at all, as a search by picture alone that is asked in words.

A fusion with a similarity is one: every question is fused as it is, and the items as it sees them. Others need no
training: every modality alone, and late fusion of their scores.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch

from mmr_toolkit.common.modalities import check_names, common_rows, in_order
from mmr_toolkit.common.vectors import Array, as_mask
from mmr_toolkit.evaluation.evaluate import judge
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import ConcatFusion, Fusion
from mmr_toolkit.fusion.late import reciprocal_rank_fusion, weighted_sum
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.similarity.measures import Similarity, similarity_function

Vectors = Mapping[str, Array]
System = Callable[[Vectors], Array | None]

#: How the scores of several modalities become one.
FUSE: dict[str, Callable[[Mapping[str, Array], Mapping[str, float] | None], torch.Tensor]] = {
    "late fusion": weighted_sum,
    "reciprocal ranks": reciprocal_rank_fusion,
}

#: How the untrained fusion is called, with tuned and with equal weights; trained ones are tested against the first.
UNTRAINED, UNTRAINED_EQUAL = "untrained, tuned", "untrained, equal"


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


def baseline_systems(
    items: Features, similarity: Similarity = "cosine", weights: Mapping[str, float] | None = None
) -> dict[str, System]:
    """Systems for `compare` that need nothing but the vectors.

    Args:
        items: features of the gallery.
        similarity: how vectors of one modality are compared; items that lack the part score −∞.
        weights: modality → weight, for the late fusions; None weighs all equally.

    Returns:
        "text alone", "image alone", … for every modality of the items: asked with other parts too, they use their own
        only, and asked without it, or where no item has it, they return None. Then "late fusion" (sum of z-scores) and
        "reciprocal ranks", which use all parts that question and items share, and return None where that is none (or
        none with a weight).

    Raises:
        ValueError: an unknown similarity, weights for other modalities than those of the items.
    """
    compare_by = similarity_function(similarity)
    if weights is not None and set(weights) != set(items.dims):
        raise ValueError(f"weights are for {', '.join(weights)}, but the items have {', '.join(items.dims)}.")

    there = [name for name in in_order(items.dims) if items.mask[name].any()]

    def score(name: str, queries: Vectors) -> torch.Tensor:
        scores = compare_by(queries[name], items.vectors[name])
        return scores.where(as_mask(items.mask[name], name).to(scores.device), -torch.inf)

    def alone(name: str) -> System:
        return lambda queries: score(name, queries) if name in queries and name in there else None

    def fused(fuse: Callable) -> System:
        def system(queries: Vectors) -> torch.Tensor | None:
            used = {name: 1.0 if weights is None else weights[name] for name in there if name in queries}
            if not any(used.values()):
                return None
            return fuse({name: score(name, queries) for name in used}, used)

        return system

    singles = {f"{name} alone": alone(name) for name in in_order(items.dims)}
    return singles | {name: fused(fuse) for name, fuse in FUSE.items()}


def fused_system(
    fusion: Fusion, items: Features, similarity: Similarity = "cosine"
) -> Callable[[Vectors], torch.Tensor | None]:
    """The system that fuses queries and items and compares them; for `compare`.

    Args:
        fusion: trained or not. A later training changes what the system answers.
        items: vectors and mask of the N items.
        similarity: a name in `SIMILARITIES`.

    Returns:
        A function of queries, name → (n, d_m), to scores (n, N), or None where no item has anything that the fusion
        can compare with them. A row of zeros in a query is a hole.
    """

    def system(queries: Vectors) -> torch.Tensor | None:
        there = {name: torch.as_tensor(matrix).any(dim=1) for name, matrix in queries.items()}
        scores = fused_scores(
            fusion, queries, items.vectors, similarity=similarity, query_mask=there, item_mask=items.mask
        )
        return scores if (scores > -torch.inf).any() else None

    return system


def untrained_systems(
    items: Features, similarity: Similarity = "cosine", weights: Mapping[str, float] | None = None
) -> dict[str, System]:
    """All that needs no training: `baseline_systems`, then the untrained fusion with equal and with the given weights.

    Arguments and errors as there; without weights there is no `UNTRAINED`.
    """
    systems = baseline_systems(items, similarity, weights)
    systems[UNTRAINED_EQUAL] = fused_system(ConcatFusion(dims=items.dims), items, similarity)
    if weights is not None:
        systems[UNTRAINED] = fused_system(ConcatFusion(weights, dims=items.dims), items, similarity)
    return systems


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
        From 0 to 1; questions without a full match are left out. NaN where the fusion cannot answer a kind at all.
    """
    system = fused_system(fusion, items, similarity)
    means = []
    for asked in questions.values():
        scores = system(asked.vectors)
        means.append(np.nan if scores is None else np.nanmean(judge(asked, scores, asked.truth(items.ids))))
    return float(np.mean(means))
