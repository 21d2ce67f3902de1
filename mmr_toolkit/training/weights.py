"""Which weights should the modalities have? Try many on validation questions, and keep the best.

The score of an untrained fusion is a weighted mean of cosines (see `mmr_toolkit.fusion.concat`), so the cosines are
computed once, and every candidate only adds them up anew:

    score = Σ_{m in S} w_m cos(q_m, x_m) / √(W_q W_x)

with S the parts that query and item both have, W_q the sum of the weights of all that the query has, and W_x that of
all that the item has of what the query asks for.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
import torch

from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.vectors import as_mask
from mmr_toolkit.evaluation.evaluate import judge
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.similarity.measures import cosine

#: Weights of the other modalities, where the first one has weight 1.
CANDIDATES = (0.05, 0.1, 0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 1.5, 2.0)


def weight_table(
    items: Features, questions: Mapping[str, Questions], candidates: Sequence[float] = CANDIDATES
) -> pd.DataFrame:
    """The mAP of the untrained fusion for every combination of weights.

    Args:
        items: vectors and mask of the gallery.
        questions: kind → questions, of the validation split.
        candidates: weights that every modality but the first can have; the first one always has 1.

    Returns:
        One row per combination: a column per modality and "mAP", the mean over the kinds of questions that have more
        than one part (with a single part there is nothing to weigh; if there are no others, over those). Questions
        without a full match are left out.

    Raises:
        ValueError: no questions, questions with parts that the items lack, candidates that are not above zero.
    """
    names = in_order(items.dims)
    asked = [some for some in questions.values() if len(some.vectors) > 1] or list(questions.values())
    if not asked:
        raise ValueError("no questions: weights are chosen by the mAP of validation questions.")
    if not candidates or not all(0 < weight < np.inf for weight in candidates):
        raise ValueError(f"candidates are {tuple(candidates)}; expected at least one number, all above zero.")
    for some in asked:
        if strangers := set(some.vectors) - set(names):
            raise ValueError(f"questions ask by {', '.join(sorted(strangers))}, the items have {', '.join(names)}.")
    combinations = [(1.0, *others) for others in product(candidates, repeat=len(names) - 1)]
    table = pd.DataFrame(combinations, columns=names)
    table["mAP"] = np.mean([_means(items, some, table) for some in asked], axis=0)
    return table


def tune_weights(
    items: Features, questions: Mapping[str, Questions], candidates: Sequence[float] = CANDIDATES
) -> dict[str, float]:
    """The weights with the highest mAP, name → weight; the first of `weight_table` among equals, arguments as there."""
    table = weight_table(items, questions, candidates)
    best = table.iloc[int(table["mAP"].argmax())].drop("mAP")
    return {str(name): float(weight) for name, weight in best.items()}


def _means(items: Features, asked: Questions, table: pd.DataFrame) -> list[float]:
    """The mAP of one kind of questions for every row of weights."""
    parts = in_order(asked.vectors)
    # Per part: cosines (n, N), and as bool whether the query has it (n, 1) and the item has it (1, N).
    cosines = torch.stack([cosine(asked.vectors[name], items.vectors[name]).double() for name in parts])
    has_query = torch.stack([torch.as_tensor(asked.vectors[name]).any(dim=1) for name in parts])[:, :, None]
    some = {name: torch.as_tensor(items.vectors[name]).any(dim=1) for name in parts}
    has_item = torch.stack([as_mask(items.mask[name], name) & some[name] for name in parts])[:, None, :]
    truth, means = asked.truth(items.ids), []
    for weights in torch.tensor(table[list(parts)].to_numpy())[:, :, None, None]:
        of_query, of_item = (weights * has_query).sum(dim=0), (weights * (has_item & has_query)).sum(dim=0)
        scores = (weights * cosines * has_item).sum(dim=0) / (of_query * of_item).sqrt()
        scores = scores.where(of_item > 0, -torch.inf).float()
        means.append(float(np.nanmean(judge(asked, scores, truth))))
    return means
