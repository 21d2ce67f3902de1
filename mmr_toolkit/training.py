"""Training a fusion on labelled pairs: right answers closer, the rest of the batch farther away.

    from mmr_toolkit import Recipe, ResidualFusion, fit
    fusion = ResidualFusion(pairs.dims, "weighted", weights=tuned)
    training = fit(fusion, pairs, Recipe(similarity="cosine"), validate=validate)
    training.history

One step: draw a batch of pairs and a set of parts to ask by (**modality dropout**: any subset of the parts must be able
to ask); fuse the queries and the items as they see them; score all against all; measure the loss; change the weights a
little. Every now and then the validation score is measured, and the best state is the one that is kept.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from tqdm import tqdm

from mmr_toolkit.checkpoint import read_checkpoint, training_key, write_checkpoint
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.fusion import Fusion
from mmr_toolkit.pairs import Pairs
from mmr_toolkit.recipe import Recipe
from mmr_toolkit.seeds import seeded
from mmr_toolkit.training_step import Trainee, look, measured_spread, training_step

Validate = Callable[[Fusion], float]


@dataclass(frozen=True)
class Training:
    """What happened in a training. The fusion itself holds the best state.

    Attributes:
        history: a row for every check (index: step): the mean loss since the last one, the validation score (NaN
            without `validate`), the scale, mean norms of fused queries and items, and how much each modality counts.
        best_step: whose state is kept.
        best_score: its validation score, NaN without `validate`.
        ended: "all steps done", "no gain any more" or "interrupted".
    """

    history: pd.DataFrame
    best_step: int
    best_score: float
    ended: str


def fit(
    fusion: Fusion,
    pairs: Pairs,
    recipe: Recipe | None = None,
    *,
    validate: Validate | None = None,
    check_every: int = 25,
    patience: int = 8,
    checkpoint: str | Path | None = None,
    device: Device = "cpu",
    progress: bool = True,
) -> Training:
    """Train a fusion in place.

    Two runs with the same arguments give equal weights on a CPU. On a GPU the fusion runs in bfloat16 where that is
    safe, and sums may differ in their last digits. Ctrl-C ends the training and keeps the best state so far, and so
    does an error.

    Args:
        fusion: what is trained; afterwards it holds its best state and is in evaluation mode, on `device`.
        pairs: queries, items and who belongs together; see `Pairs`.
        recipe: all settings of the training; None for the defaults of `Recipe`.
        validate: gives the score to be kept best, higher is better, usually the mAP of validation queries; never of
            test queries. None: the last state is the best.
        check_every: steps between two checks.
        patience: after so many checks in a row without a gain the training ends; only with `validate`.
        checkpoint: a file, written at every check. If it is there and belongs to the same training, that goes on from
            it, on a CPU to the same result as if it had never stopped.
        device: where it is computed.
        progress: show a bar.

    Returns:
        The `Training`.

    Raises:
        ValueError: a fusion without anything to learn, other modalities or dimensions than the pairs, batches across
            modalities for a fusion that keeps them apart, numbers out of range, a checkpoint of another training,
            vectors or scores that become NaN or infinite.
    """
    recipe = Recipe() if recipe is None else recipe
    _check(fusion, pairs, recipe, check_every, patience)
    fusion.to(device)
    with seeded(recipe.seed):
        trainee = Trainee(fusion, recipe, recipe.sharpness / measured_spread(fusion, pairs, recipe.similarity))
        progress_so_far = _Progress(trainee, pairs, validate, patience)
        key = training_key(fusion, pairs, recipe)
        if checkpoint is not None and Path(checkpoint).exists():
            progress_so_far.restore(read_checkpoint(checkpoint, key))
        else:
            progress_so_far.check([])
        try:
            progress_so_far.run(check_every, progress, None if checkpoint is None else (checkpoint, key))
            ended = "no gain any more" if progress_so_far.stuck else "all steps done"
        except KeyboardInterrupt:
            ended = "interrupted"
        finally:
            fusion.load_state_dict(progress_so_far.best_state)
            fusion.eval()
    history = pd.DataFrame(progress_so_far.rows).set_index("step")
    return Training(history, progress_so_far.best_step, progress_so_far.best_score, ended)


class _Progress:
    """The history, the best state so far, and how long nothing has been gained."""

    def __init__(self, trainee: Trainee, pairs: Pairs, validate: Validate | None, patience: int) -> None:
        self.trainee, self.pairs, self.validate, self.patience = trainee, pairs, validate, patience
        self.rows: list[dict[str, float]] = []
        self.best_step, self.best_score, self.checks_without_gain = 0, math.nan, 0
        self.best_state: dict[str, torch.Tensor] = {}

    @property
    def stuck(self) -> bool:
        """Whether nothing has been gained for as long as `patience` allows."""
        return self.validate is not None and self.checks_without_gain >= self.patience

    def run(self, check_every: int, show: bool, keep: tuple[str | Path, str] | None) -> None:
        """Train to the last step or until nothing is gained; after every check `keep` (path, key) is written."""
        trainee = self.trainee
        while trainee.step < trainee.recipe.steps and not self.stuck:
            goal = min(trainee.recipe.steps, trainee.step + check_every)
            bar = tqdm(range(trainee.step, goal), desc=f"step {trainee.step}", disable=not show, leave=False)
            self.check([training_step(trainee, self.pairs) for _ in bar])
            if keep is not None:
                write_checkpoint(keep[0], self.state(), keep[1])

    def check(self, losses: list[float]) -> None:
        """Look at the fusion as it is now, and remember it if it is the best so far."""
        trainee = self.trainee
        seen = look(trainee, self.pairs)
        score = math.nan if self.validate is None else float(self.validate(trainee.fusion))
        if self.validate is not None and math.isnan(score):
            raise ValueError(f"validate returned NaN after step {trainee.step}: expected a score, higher is better.")
        measured = [loss for loss in losses if not math.isnan(loss)]
        loss = sum(measured) / len(measured) if measured else math.nan
        self.rows.append({"step": trainee.step, "loss": loss, "validation": score, **seen})
        if self.validate is None or not self.best_state or score > self.best_score:
            self.best_step, self.best_score, self.checks_without_gain = trainee.step, score, 0
            self.best_state = {name: value.detach().clone() for name, value in trainee.fusion.state_dict().items()}
        else:
            self.checks_without_gain += 1

    def state(self) -> dict[str, Any]:
        """All that a later run needs to go on: numbers, and tensors by group."""
        return {
            "numbers": {
                "step": self.trainee.step,
                "rows": self.rows,
                "best_step": self.best_step,
                "best_score": self.best_score,
                "checks_without_gain": self.checks_without_gain,
            },
            "best": self.best_state,
            **self.trainee.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from `state`."""
        numbers = state["numbers"]
        self.trainee.restore(numbers["step"], state)
        self.rows, self.best_step, self.best_score = numbers["rows"], numbers["best_step"], numbers["best_score"]
        self.checks_without_gain, self.best_state = numbers["checks_without_gain"], state["best"]


def _check(fusion: Fusion, pairs: Pairs, recipe: Recipe, check_every: int, patience: int) -> None:
    if not any(parameter.requires_grad for parameter in fusion.parameters()):
        raise ValueError(
            f"this {type(fusion).__name__} has nothing to learn: take a plain_fusion or a ResidualFusion instead."
        )
    if fusion.dims != pairs.dims:
        raise ValueError(f"the fusion expects {fusion.dims}, the pairs have {pairs.dims}: use the dims of the pairs.")
    if recipe.cross_modal and len(pairs.modalities) > 1:
        first, *others = pairs.modalities
        shown = {name: torch.tensor([name in others]) for name in pairs.modalities}
        if not any(has.any() for has in fusion.as_seen(shown, [first]).values()):
            raise ValueError(
                f"cross_modal is {recipe.cross_modal}, but this fusion cannot compare {first} with {others[0]}: take a "
                "plain fusion or a joint part, ResidualFusion(..., joint=0.3)."
            )
    if check_every < 1 or patience < 1:
        raise ValueError(f"check_every is {check_every} and patience {patience}; expected 1 or more.")
