"""A fusion with a similarity as a system that answers questions, and its mAP as one number to train by."""

from collections.abc import Callable, Mapping

import numpy as np
import torch

from mmr_toolkit.features.extract import Features
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.measures import FULL_MATCH, measure_grades, measure_named
from mmr_toolkit.questions import Questions
from mmr_toolkit.scoring import fused_scores
from mmr_toolkit.similarity import Similarity
from mmr_toolkit.vectors import Array


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
