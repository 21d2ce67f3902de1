"""One training from labelled queries to a fusion that is ready to search with: weights, recipe, validation, report."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmr_toolkit.fused_system import mean_average_precision
from mmr_toolkit.fusion import ConcatFusion, Fusion, FusionKind, ResidualFusion, plain_fusion
from mmr_toolkit.labelled import Labelled
from mmr_toolkit.recipe import Recipe
from mmr_toolkit.training import Training, fit


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
