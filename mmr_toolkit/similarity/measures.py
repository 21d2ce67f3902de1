"""How close is an item to a query? Three answers, and the exact search for the k closest items.

All three take queries (n_query, D) and items (n_item, D) and return scores (n_query, n_item):

- one row per query, one column per item;
- **a higher score is always closer**, so Euclidean distance comes with a minus sign;
- only `cosine` normalises. On vectors of length one all three rank alike, because ‖q − x‖² = 2 − 2 cos(q, x);
  on raw vectors they part: the inner product favours long vectors, the Euclidean distance near ones.
"""

import operator
from collections.abc import Callable
from typing import Literal

import torch

from mmr_toolkit.common.vectors import Array, as_pair, unit_rows
from mmr_toolkit.similarity.exact_search import ShortList

Similarity = Literal["inner_product", "cosine", "euclidean"]

# Queries are searched in blocks of this many rows, so that memory is bounded however many come at once.
QUERY_BLOCK = 1024


def inner_product(queries: Array, items: Array) -> torch.Tensor:
    """Inner product ⟨q, x⟩ = Σ_j q_j x_j: direction and length both count; any real number.

    Args:
        queries: (n_query, D), array or tensor.
        items: (n_item, D), array or tensor.

    Returns:
        Tensor (n_query, n_item), float32 (float64 if an input is float64), on the device of the input.

    Raises:
        TypeError: not an array or tensor of real numbers.
        ValueError: not two-dimensional, different D, numbers that are not finite.

    Example:
        >>> inner_product(torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 4.0], [30.0, 40.0], [-4.0, 3.0]]))
        tensor([[ 25., 250.,   0.]])
    """
    q, x = as_pair(queries, items)
    return q @ x.T


def cosine(queries: Array, items: Array) -> torch.Tensor:
    """Cosine similarity ⟨q, x⟩ / (‖q‖ ‖x‖): only direction counts; from −1 to 1, never beyond by rounding.

    A vector of zeros has no direction: its cosine with everything is 0.
    Arguments, result and errors as for `inner_product`.

    Example:
        >>> cosine(torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 4.0], [30.0, 40.0], [-4.0, 3.0]]))
        tensor([[1., 1., 0.]])
    """
    q, x = as_pair(queries, items)
    return (unit_rows(q) @ unit_rows(x).T).clamp(-1, 1)


def euclidean(queries: Array, items: Array) -> torch.Tensor:
    """Minus the Euclidean distance, −‖q − x‖ = −√(Σ_j (q_j − x_j)²): position counts; 0 at best.

    The differences are formed one by one. The faster expansion ‖q‖² − 2⟨q, x⟩ + ‖x‖² subtracts large, nearly equal
    numbers, and for near vectors far from the origin nothing but rounding error is left.
    Arguments, result and errors as for `inner_product`.

    Example:
        >>> euclidean(torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 4.0], [30.0, 40.0], [0.0, 0.0]]))
        tensor([[  0., -45.,  -5.]])
    """
    q, x = as_pair(queries, items)
    return 0 - torch.cdist(q, x, compute_mode="donot_use_mm_for_euclid_dist")  # 0 − 0 is 0, while −(0) prints as -0


SIMILARITIES: dict[str, Callable[[Array, Array], torch.Tensor]] = {
    "inner_product": inner_product,
    "cosine": cosine,
    "euclidean": euclidean,
}


def similarity_function(name: str) -> Callable[[Array, Array], torch.Tensor]:
    """The function of that name in `SIMILARITIES`.

    Raises:
        ValueError: no such similarity; the message lists the table.
    """
    if name not in SIMILARITIES:
        raise ValueError(f"unknown similarity {name!r}: choose one of {', '.join(SIMILARITIES)}.")
    return SIMILARITIES[name]


def top_k(
    queries: Array, items: Array, k: int, similarity: Similarity = "cosine", chunk_size: int = 4096
) -> tuple[torch.Tensor, torch.Tensor]:
    """The k closest items of every query: exact, best first, without ever holding all scores at once.

    The items are read in chunks. After each chunk only those are kept that may still be among the k best, so the
    memory is that of `chunk_size` columns, not of the whole (n_query, n_item) matrix. Rough scores in float32 with a
    known error make a short list (see `mmr_toolkit.similarity.exact_search`); precise ones decide.

    **Ties** go to the item with the lower position. The precise scores are summed in float64 and rounded to float32
    before they are compared, because a float32 sum may differ in its last digit between chunks and between
    processors: this way two equal items do get equal scores, and the ranking does not depend on `chunk_size`.

    Args:
        queries: (n_query, D), array or tensor.
        items: (n_item, D), array or tensor, at least one row.
        k: how many items per query, at least 1; more than n_item gives all n_item.
        similarity: a name in `SIMILARITIES`.
        chunk_size: how many items are compared at a time.

    Returns:
        scores (n_query, min(k, n_item)) float32, falling from left to right, and
        positions (n_query, min(k, n_item)) int64: row numbers in `items`. Both on the device of the input.

    Raises:
        TypeError: k or chunk_size is not a whole number, or the vectors are no array or tensor.
        ValueError: k or chunk_size below 1, no items, an unknown similarity, or vectors that do not fit.

    Example:
        >>> scores, positions = top_k(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0], [2.0, 0.0]]), k=1)
        >>> scores, positions
        (tensor([[1.]]), tensor([[1]]))
    """
    compare = similarity_function(similarity)
    k, chunk_size = _at_least_one(k, "k"), _at_least_one(chunk_size, "chunk_size")
    q, x = (vectors.detach() for vectors in as_pair(queries, items))
    if len(x) == 0:
        raise ValueError("items has no rows: there is nothing to search.")
    k = min(k, len(x))
    blocks = [ShortList(block, x, k, similarity, compare, chunk_size).search() for block in q.split(QUERY_BLOCK)]
    scores, positions = zip(*blocks, strict=True)
    return torch.cat(scores), torch.cat(positions)


def _at_least_one(value: int, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {value!r}.") from None
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}.")
    return number
