"""Scores of fused queries and fused items: every question is fused as it is, and the items as it sees them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

from mmr_toolkit.fusion import Fusion, in_order
from mmr_toolkit.fusion.parts import check_names, common_rows
from mmr_toolkit.similarity import Similarity, similarity_function
from mmr_toolkit.vectors import Array, as_mask

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
