"""How close is an item to a query? Three answers.

All three take queries (n_query, D) and items (n_item, D) and return scores (n_query, n_item):

- one row per query, one column per item;
- **a higher score is always closer**, so Euclidean distance comes with a minus sign;
- only `cosine` normalises. On vectors of length one all three rank alike, because ‖q − x‖² = 2 − 2 cos(q, x);
  on raw vectors they part: the inner product favours long vectors, the Euclidean distance near ones.
"""

from collections.abc import Callable
from typing import Literal

import torch

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.common.vectors import Array, as_pair, unit_rows

Similarity = Literal["inner_product", "cosine", "euclidean"]


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
        raise ValueError(f"unknown similarity {quoted(name)}: choose one of {', '.join(SIMILARITIES)}.")
    return SIMILARITIES[name]
