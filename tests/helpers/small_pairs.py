"""A small world for the tests of training: items, and queries made from them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from mmr_toolkit.evaluation.systems import fused_scores
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import Fusion, ResidualFusion, plain_fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.similarity.measures import Similarity
from mmr_toolkit.training.loop import Training, fit
from mmr_toolkit.training.recipe import Recipe

DIMS = {"text": 6, "image": 8}
N_ITEMS, N_QUERIES = 20, 40
QUICK = Recipe(steps=100, batch_size=40, learning_rate=3e-2, weight_decay=0.02, noise=0, sharpness=5)
SHORT = replace(QUICK, steps=10, learning_rate=1e-2, noise=0.3)


def small_world(seed: int = 0, labels: bool = True) -> Pairs:
    """Text tells the first half of what an item is and image the second, both buried under loud, useless numbers.

    Before training the useless numbers decide; a linear map can leave them out.
    """
    draw = torch.Generator().manual_seed(seed)
    inner = torch.randn(N_ITEMS, 6, generator=draw)
    own = torch.arange(N_QUERIES) % N_ITEMS
    halves = {"text": inner[:, :3], "image": inner[:, 3:]}

    def seen(rows: torch.Tensor) -> dict[str, torch.Tensor]:
        noise = {name: torch.randn(len(rows), dim - 3, generator=draw) for name, dim in DIMS.items()}
        return {name: torch.cat([halves[name][rows], 2 * noise[name]], dim=1) for name in DIMS}

    items, queries = seen(torch.arange(N_ITEMS)), seen(own)
    names = [f"intent {i}" for i in range(N_ITEMS)]
    return Pairs(queries, items, own, labels={"text": [names], "image": [names]} if labels else None)


def average_precision(pairs: Pairs, similarity: Similarity = "cosine") -> Callable[[Fusion], float]:
    """What `fit` is to keep best: the mean of 1 / place of the own item, queries with all parts."""

    def measure(fusion: Fusion) -> float:
        scores = fused_scores(fusion, pairs.queries, pairs.items, similarity=similarity)
        own = scores.gather(1, pairs.item_of[:, None])
        return float((1 / (scores >= own).sum(dim=1)).mean())

    return measure


def as_questions(pairs: Pairs) -> tuple[dict[str, Questions], Features]:
    """The same queries as questions of one kind, their own item the only answer."""
    ids = [f"query{i}" for i in range(len(pairs))]
    items = Features(
        {name: matrix.numpy() for name, matrix in pairs.items.items()},
        {name: has.numpy() for name, has in pairs.item_mask.items()},
        [],
        [f"item{i}" for i in range(len(pairs.items["text"]))],
    )
    qrels = {query: {items.ids[own]: 3} for query, own in zip(ids, pairs.item_of.tolist(), strict=True)}
    vectors = {name: matrix.numpy() for name, matrix in pairs.queries.items()}
    return {"TI": Questions(ids, vectors, qrels, groups={"even": np.arange(len(ids)) % 2 == 0})}, items


def small_fusion(kind="weighted", residual=True, dropout=0.2, joint=0.0) -> Fusion:
    """A fusion for it, small and fast."""
    if residual:
        return ResidualFusion(DIMS, kind, width=8, dim=8, dropout=dropout, joint=joint)
    return plain_fusion(kind, DIMS, dim=8)


def train(fusion, pairs, recipe=SHORT, **options) -> Training:
    """Train it for a few steps and look often."""
    return fit(fusion, pairs, recipe, **({"progress": False, "check_every": 5} | options))


def same_weights(one, other) -> bool:
    """Whether two fusions have learned the very same numbers."""
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def scripted(*scores):
    """A validation that gives these scores one after the other, and remembers the weights it saw."""
    seen = []

    def validate(fusion):
        seen.append({name: value.clone() for name, value in fusion.state_dict().items()})
        score = scores[len(seen) - 1]
        if isinstance(score, BaseException):
            raise score
        return score

    return validate, seen
