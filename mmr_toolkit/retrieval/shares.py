"""How much each part of a query brought into the score of a hit; the shares add up to the score.

**Exact shares.** Where the fused vector is a sum over the parts, z = Σ_m c_m, as in concatenation and weighted fusion,
the score splits by plain algebra. With the query q and the item x:

    inner product    ⟨q, x⟩ = Σ_m ⟨c_m(q), x⟩
    cosine           the same, divided by ‖q‖ ‖x‖
    euclidean        −‖q − x‖ = Σ_m −⟨q − x, c_m(q) − c_m(x)⟩ / ‖q − x‖

For blocks side by side the last one is the squared distance of each block over the whole distance.

**Shapley shares.** In a fusion by attention the parts look at each other, and there is no such sum. There the share of
a part is what it adds to the score when it joins others, averaged over all orders in which the parts can join
(Shapley 1953; Lundberg & Lee 2017 for explaining models):

    φ_m = Σ_{S without m} |S|! (M − |S| − 1)! / M! · (v(S ∪ {m}) − v(S))

v(S) is the score that the hit has when only the parts in S are asked for, v of nothing is 0, and so is v(S) of a hit
that has nothing to be compared with S. With three parts these are seven scores, no sampling is needed.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial

import torch

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.common.vectors import Array, unit_rows
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.similarity.measures import Similarity, similarity_function

ROWS = 256  # hits whose shares are computed at once

Vectors = Mapping[str, Array]


def score_shares(
    fusion: Fusion,
    similarity: Similarity,
    query: Vectors,
    items: Vectors,
    mask: Mapping[str, Array],
    weights: Mapping[str, float] | None = None,
) -> list[dict[str, float]]:
    """Each part's share of the score between one query and n items.

    Args:
        fusion: in evaluation mode.
        similarity: a name in `SIMILARITIES`.
        query: modality → (1, d_m), the parts that are asked for.
        items: modality → (n, d_m).
        mask: modality → bool (n,), what each item has.
        weights: as for a call of the fusion.

    Returns:
        For each item: modality → share, in the order of the blocks. The shares add up to the score, up to rounding.
        The modalities are those of the query; for euclidean those that only the item has come too, since a vector that
        stands alone adds to the distance.
    """
    shares: list[dict[str, float]] = []
    with torch.no_grad():
        terms = fusion.contributions(query, weights=weights)
        for start in range(0, len(next(iter(items.values()))), ROWS):
            rows = {name: matrix[start : start + ROWS] for name, matrix in items.items()}
            has = {name: there[start : start + ROWS] for name, there in mask.items()}
            seen = None if terms is None else fusion.contributions(rows, fusion.as_seen(has, query), weights)
            if terms is None or seen is None or similarity not in SPLIT_BY:
                parts = in_order(query)
                values = shapley_shares(parts, _game(fusion, similarity, query, rows, has, weights))
            else:
                parts = fusion.modalities
                values = exact_shares(terms[0].double(), seen.double(), similarity)
            shares += [dict(zip(parts, row, strict=True)) for row in values.tolist()]
    silent = {name for name in fusion.modalities if name not in query and not any(row.get(name) for row in shares)}
    return [{name: share for name, share in row.items() if name not in silent} for row in shares]


def exact_shares(query: torch.Tensor, items: torch.Tensor, similarity: Similarity) -> torch.Tensor:
    """Split the scores of one query by the formulas at the top of this file.

    Args:
        query: (M, D), what each part brings into the query's vector.
        items: (n, M, D), the same for each item.
        similarity: a name in `SIMILARITIES`.

    Returns:
        Tensor (n, M). Its rows sum to the scores.

    Raises:
        ValueError: an unknown similarity.
    """
    if similarity not in SPLIT_BY:
        raise ValueError(f"unknown similarity {quoted(similarity)}: choose one of {', '.join(SPLIT_BY)}.")
    return SPLIT_BY[similarity](query, items)


def _split_inner_product(query: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    return items.sum(dim=1) @ query.T


def _split_cosine(query: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    return unit_rows(items.sum(dim=1)) @ (query / _or_one(torch.linalg.vector_norm(query.sum(dim=0)))).T


def _split_euclidean(query: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
    by_part = query - items
    difference = by_part.sum(dim=1)
    distance = torch.linalg.vector_norm(difference, dim=1, keepdim=True)
    return 0 - torch.einsum("id,imd->im", difference, by_part) / _or_one(distance)


#: How a score splits, for each similarity that can be split; the shares of any other are Shapley values.
SPLIT_BY: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "inner_product": _split_inner_product,
    "cosine": _split_cosine,
    "euclidean": _split_euclidean,
}


def shapley_shares(parts: Sequence[str], value: Callable[[tuple[str, ...]], torch.Tensor]) -> torch.Tensor:
    """Share a score out by the formula of Shapley at the top of this file.

    Args:
        parts: M names.
        value: some of the names, in the order of `parts` → (n,), the scores when only these are asked for. It is called
            once for each of the 2^M − 1 subsets that are not empty.

    Returns:
        Tensor (n, M), float64. Its rows sum to value(parts).
    """
    subsets = [some for size in range(1, len(parts) + 1) for some in combinations(parts, size)]
    values = {some: value(some).double() for some in subsets}
    values[()] = torch.zeros_like(values[tuple(parts)])
    shares = {part: torch.zeros_like(values[()]) for part in parts}
    for some in subsets:
        weight = factorial(len(some) - 1) * factorial(len(parts) - len(some)) / factorial(len(parts))
        for part in some:  # the one that came last
            before = tuple(name for name in some if name != part)
            shares[part] += weight * (values[some] - values[before])
    return torch.stack(list(shares.values()), dim=1)


def _game(
    fusion: Fusion,
    similarity: Similarity,
    query: Vectors,
    items: Vectors,
    mask: Mapping[str, Array],
    weights: Mapping[str, float] | None,
) -> Callable[[tuple[str, ...]], torch.Tensor]:
    """v(S): the scores of the items when only the parts in S are asked for."""
    compare = similarity_function(similarity)

    def value(parts: tuple[str, ...]) -> torch.Tensor:
        if weights is not None and not any(weights.get(part, 1.0) for part in parts):
            return torch.zeros(len(next(iter(items.values()))))  # nothing is asked for
        z_query, _ = fusion({part: query[part] for part in parts}, weights=weights)
        z_items, counts = fusion(items, fusion.as_seen(mask, parts), weights)
        scores = compare(z_query.double(), z_items.double())[0]
        return scores.where(counts.any(dim=1), 0)

    return value


def _or_one(length: torch.Tensor) -> torch.Tensor:
    return torch.where(length > 0, length, 1)
