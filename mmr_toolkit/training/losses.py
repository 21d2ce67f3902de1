"""Losses that pull a query towards its right answers and away from the rest of the batch.

Both take a matrix of scores S (b, b), row = query, column = item, higher is closer, and a bool matrix of the same shape
that says who is a right answer to whom. Both look from either side: query → item and item → query.
"""

from collections.abc import Callable
from typing import Literal

import torch
from torch.nn import functional as F

from mmr_toolkit.common.quoting import quoted

LossName = Literal["info_nce", "triplet"]

MARGIN = 2.0  # of the triplet loss, in units of the scaled scores


def info_nce(scores: torch.Tensor, positives: torch.Tensor) -> torch.Tensor:
    """InfoNCE (van den Oord, Li & Vinyals 2018), symmetric (Radford et al. 2021), with several right answers.

        L = −½ Σ_i 1/|P_i| Σ_{j in P_i} log softmax_j(S_i)  / b  −  ½ (the same for the columns)

    the mean over the right answers outside of the logarithm (Khosla et al. 2020).

    Args:
        scores: (b, b), the similarity times its scale.
        positives: bool (b, b), at least one in each row and column.

    Returns:
        Tensor (), nats; ln b for scores that are all alike and one right answer each.
    """
    right = positives.to(scores.dtype)
    by_query = -(right / right.sum(dim=1, keepdim=True) * F.log_softmax(scores, dim=1)).sum(dim=1).mean()
    by_item = -(right / right.sum(dim=0, keepdim=True) * F.log_softmax(scores, dim=0)).sum(dim=0).mean()
    return (by_query + by_item) / 2


def triplet(scores: torch.Tensor, positives: torch.Tensor) -> torch.Tensor:
    """Triplet loss with the hardest of the batch (Schroff et al. 2015; Hermans, Beyer & Leibe 2017), symmetric.

        L = mean_i max(0, margin − min_{j in P_i} S_ij + max_{j not in P_i} S_ij)

    The farthest right answer must beat the closest wrong one by the margin. A row without a wrong one adds nothing.
    Arguments as for `info_nce`; the margin is `MARGIN`, so the scale of the scores matters here too.
    """
    losses = []
    for side, right in ((scores, positives), (scores.T, positives.T)):
        farthest = side.masked_fill(~right, torch.inf).min(dim=1).values
        closest = side.masked_fill(right, -torch.inf).max(dim=1).values
        losses.append(F.relu(MARGIN - farthest + closest).mean())
    return (losses[0] + losses[1]) / 2


#: Every loss that `fit` offers.
LOSSES: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {"info_nce": info_nce, "triplet": triplet}


def loss_function(name: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The function of that name in `LOSSES`.

    Raises:
        ValueError: no such loss; the message lists the table.
    """
    if name not in LOSSES:
        raise ValueError(f"unknown loss {quoted(name)}: choose one of {', '.join(LOSSES)}.")
    return LOSSES[name]
