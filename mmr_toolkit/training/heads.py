"""The whole grid in two calls: every fusion trained for every similarity, and all that it has to be compared with.

    heads = train_grid(pairs, weights=tuned)
    systems = grid_systems(items, heads, weights=tuned)
    result = compare(systems, shop_questions(queries), items.ids, against=UNTRAINED, rng=np.random.default_rng(0))

The rows of the table then are: each modality alone, late fusion, the untrained fusion with equal and with tuned
weights, each plain head as it is before training, and every trained head.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np
import torch
from tqdm import tqdm

from mmr_toolkit.common.vectors import Array
from mmr_toolkit.evaluation.systems import baseline_systems, fused_system, mean_average_precision
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import PLAIN, ConcatFusion, Fusion, FusionKind, ResidualFusion, plain_fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.similarity.measures import Similarity
from mmr_toolkit.training.labelled import Labelled
from mmr_toolkit.training.loop import Training, fit
from mmr_toolkit.training.recipe import Recipe

#: The names of the untrained fusion's rows; the first one is what trained heads are tested against.
UNTRAINED, UNTRAINED_EQUAL = "untrained, tuned", "untrained, equal"

KINDS: tuple[FusionKind, ...] = get_args(FusionKind)
SEARCHES: tuple[Similarity, ...] = get_args(Similarity)

System = Callable[[Mapping[str, Array]], torch.Tensor | None]


@dataclass(frozen=True, eq=False)
class Head:
    """A trained fusion and what it was trained for.

    Attributes:
        fusion: in evaluation mode.
        similarity: search with the same one.
        training: history and best step.
    """

    fusion: Fusion
    similarity: Similarity
    training: Training


def head_name(kind: str, similarity: str, *, residual: bool) -> str:
    """Such as "residual concat · inner product"."""
    return f"{'residual' if residual else 'plain'} {kind} · {similarity.replace('_', ' ')}"


def train_grid(
    pairs: Pairs,
    *,
    kinds: Sequence[FusionKind] = KINDS,
    similarities: Sequence[Similarity] = SEARCHES,
    residual: Sequence[bool] = (False, True),
    recipe: Recipe | None = None,
    weights: Mapping[str, float] | None = None,
    joint: float = 0.0,
    shrink: float = 1.0,
    validate: Callable[[Fusion, Similarity], float] | None = None,
    progress: bool = True,
) -> dict[str, Head]:
    """Train every combination of fusion and similarity, each from its own start, all by the same recipe.

    Args:
        pairs: what is trained on.
        kinds: of fusion, names in `PLAIN`.
        similarities: names in `SIMILARITIES`.
        residual: False: plain fusions in one common space; True: corrections of the untrained fusion; or both.
        recipe: all but the similarity; None for the defaults.
        weights: name → weight that residual fusions begin with, best those of `tune_weights`.
        joint: share of a joint part in the residual fusions.
        shrink: share of what they learned that residual fusions keep at the end, see `ResidualFusion.shrink`.
        validate: gives the score to be kept best, from a fusion and its similarity; see `fit`.
        progress: show a bar.

    Returns:
        name as from `head_name` → Head.

    Raises:
        ValueError: unknown kinds or similarities, nothing to train, and as `fit`.
    """
    recipe = Recipe() if recipe is None else recipe
    wanted = [(kind, similarity, more) for more in residual for kind in kinds for similarity in similarities]
    if not wanted:
        raise ValueError(f"kinds {kinds}, similarities {similarities}, residual {residual}: expected one each or more.")
    heads = {}
    for kind, similarity, more in tqdm(wanted, desc="heads", disable=not progress):
        fusion: Fusion = plain_fusion(kind, pairs.dims, seed=recipe.seed)
        if more:
            fusion = ResidualFusion(pairs.dims, kind, weights=weights, joint=joint, seed=recipe.seed)
        judge = None if validate is None else _judge(validate, similarity)
        training = fit(fusion, pairs, replace(recipe, similarity=similarity), validate=judge, progress=False)
        if isinstance(fusion, ResidualFusion):
            fusion.shrink(shrink)
        heads[head_name(kind, similarity, residual=more)] = Head(fusion, similarity, training)
    return heads


def grid_systems(
    items: Features,
    heads: Mapping[str, Head],
    *,
    weights: Mapping[str, float],
    similarity: Similarity = "cosine",
    seed: int = 0,
) -> dict[str, System]:
    """Trained heads, and what they are to be compared with, as systems for `compare`.

    Args:
        items: features of the gallery.
        heads: as from `train_grid`; may be empty.
        weights: name → weight, tuned on validation.
        similarity: of all that is not trained.
        seed: of the plain heads before training, the same as in the recipe.

    Returns:
        name → system, in this order: single modalities, late fusion and reciprocal ranks with the tuned weights, the
        untrained fusion with equal and with tuned weights, plain heads before training, the trained ones.

    Raises:
        ValueError: weights for other modalities than those of the items, an unknown similarity.
    """
    dims = items.dims
    untrained: dict[str, Fusion] = {
        UNTRAINED_EQUAL: ConcatFusion(dict.fromkeys(dims, 1.0), dims=dims),
        UNTRAINED: ConcatFusion(weights, dims=dims),
    }
    at_start: dict[str, Fusion] = {
        f"plain {kind} before training": make(dims, 128, seed) for kind, make in PLAIN.items()
    }
    return {
        **baseline_systems(items, similarity, weights),
        **{name: fused_system(fusion, items, similarity) for name, fusion in (untrained | at_start).items()},
        **{name: fused_system(head.fusion, items, head.similarity) for name, head in heads.items()},
    }


def _judge(validate: Callable[[Fusion, Similarity], float], similarity: Similarity) -> Callable[[Fusion], float]:
    return lambda fusion: validate(fusion, similarity)


# One training from labelled queries to a fusion that is ready to search with: weights, recipe, validation, report.


@dataclass(frozen=True, eq=False)
class TrainedHead:
    """A fusion after its training, and what that was good for.

    Attributes:
        fusion: its best state.
        training: history, best step, and how it ended.
        before: kind → mAP on validation of the untrained fusion with the tuned weights; empty without validation.
        after: the same of the trained fusion.
    """

    fusion: Fusion
    training: Training
    before: dict[str, float]
    after: dict[str, float]


def train_head(
    labelled: Labelled,
    kind: FusionKind = "weighted",
    recipe: Recipe | None = None,
    *,
    plain: bool = False,
    joint: float = 0.0,
    checkpoint: str | Path | None = None,
    progress: bool = True,
) -> TrainedHead:
    """Train one fusion. Where there are validation queries, weights are tuned and the best state is chosen on them.

    Args:
        labelled: items, training queries, validation queries.
        kind: a name in `PLAIN`.
        recipe: of the training; None for the defaults.
        plain: a plain fusion in a common space instead of a correction of the untrained one.
        joint: share of a joint part, see `ResidualFusion`.
        checkpoint: file that an interrupted training goes on from, see `fit`.
        progress: show a bar.

    Raises:
        ValueError: no training queries, an unknown kind, and as `fit`.
    """
    recipe = Recipe() if recipe is None else recipe
    pairs, validation, weights = labelled.pairs, labelled.validation, labelled.weights
    fusion: Fusion
    if plain:
        fusion = plain_fusion(kind, pairs.dims, seed=recipe.seed)
    else:
        fusion = ResidualFusion(pairs.dims, kind, weights=weights, joint=joint, seed=recipe.seed)

    def by_kind(judged: Fusion) -> dict[str, float]:
        return {
            name: mean_average_precision(judged, {name: asked}, labelled.items, recipe.similarity)
            for name, asked in validation.items()
        }

    def validate(judged: Fusion) -> float:
        return float(np.mean(list(by_kind(judged).values())))

    before = by_kind(ConcatFusion(weights, dims=pairs.dims))
    judge = validate if validation else None
    training = fit(fusion, pairs, recipe, validate=judge, checkpoint=checkpoint, progress=progress)
    return TrainedHead(fusion, training, before, by_kind(fusion))
