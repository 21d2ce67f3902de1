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
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
import torch
from torch import nn
from tqdm import tqdm

from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.common.vectors import unit_rows
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.fusion import Fusion, ResidualFusion
from mmr_toolkit.queries.pairs import Pairs, Parts
from mmr_toolkit.similarity.measures import Similarity, similarity_function
from mmr_toolkit.training.losses import loss_function
from mmr_toolkit.training.recipe import CROSS_MODAL, Recipe

WARM_UP = 20  # steps in which the learning rate rises
MAX_GRADIENT = 5.0  # longer gradients are cut to this norm
LOOKED_AT = 256  # pairs whose norms and weights are written into the history
ROUNDING = 1e-5  # of the largest score: a smaller spread is that of rounding
NEVER_ACROSS = (
    "The joint part is never trained across modalities, and what it finds there is chance: with cross_modal "
    "{recipe.cross_modal:g} and modality_dropout {recipe.modality_dropout}, no query of these pairs meets an item that "
    f"lacks all its parts. Train with Recipe(cross_modal={CROSS_MODAL}), or leave the joint part out."
)


class Trainee:
    """A fusion, the scale of its scores, and the optimiser that changes both.

    Args:
        fusion: what learns.
        recipe: how.
        scale: of the scores, to begin with.
    """

    def __init__(self, fusion: Fusion, recipe: Recipe, scale: float) -> None:
        self.fusion, self.recipe, self.step = fusion, recipe, 0
        learned = [parameter for parameter in fusion.parameters() if parameter.requires_grad]
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale), device=learned[0].device))
        self.optimiser = torch.optim.AdamW(
            [
                {"params": learned, "weight_decay": recipe.weight_decay},
                {"params": [self.log_scale], "weight_decay": 0.0},
            ]
        )

    def set_rates(self) -> None:
        """The learning rates of this step: up over `WARM_UP` steps, then down as a half cosine."""
        share = min(1.0, (self.step + 1) / WARM_UP) * (1 + math.cos(math.pi * self.step / self.recipe.steps)) / 2
        rates = (self.recipe.learning_rate, self.recipe.scale_rate)
        for group, rate in zip(self.optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share


def training_step(trainee: Trainee, pairs: Pairs) -> float:
    """Draw a batch, measure its loss, and change the weights a little so that it falls.

    Returns:
        The loss; NaN where nearly nothing could be compared.

    Raises:
        ValueError: vectors, a loss or a gradient that are not finite; the message says where, and what is likely to
            help.
    """
    recipe, fusion = trainee.recipe, trainee.fusion
    rows = torch.randperm(len(pairs))[: recipe.batch_size]
    parts, shown = draw_parts(pairs.asked, pairs.modalities, recipe)
    trainee.set_rates()
    trainee.step += 1
    fusion.train()
    where = f"pairs {rows[:5].tolist()}..., asked by {', '.join(parts)}"
    q, x, there = fused_batch(fusion, pairs, rows, parts, shown, recipe.noise)
    _check_finite("the fused vectors are", torch.stack([q.sum(), x.sum()]), trainee, where)
    positives = pairs.positives(rows, parts)[there][:, there].to(q.device)
    if len(positives) < 2:
        return math.nan  # the parts that were drawn are holes in nearly all of the batch
    scores = similarity_function(recipe.similarity)(q[there], x[there]) * trainee.log_scale.exp()
    loss = loss_function(recipe.loss)(scores, positives)
    _check_finite("the loss is", loss, trainee, where)
    trainee.optimiser.zero_grad()
    loss.backward()
    _check_finite("the gradient is", nn.utils.clip_grad_norm_(fusion.parameters(), MAX_GRADIENT), trainee, where)
    trainee.optimiser.step()
    return loss.item()


def draw_parts(asked: Parts, modalities: Parts, recipe: Recipe) -> tuple[Parts, Parts]:
    """By which parts the queries of a batch ask, and which parts the items show: all of them, or only the others.

    Args:
        asked: the modalities that there are queries with, one or more.
        modalities: all of them.
        recipe: says how they are drawn.
    """
    sets = askable(asked, recipe)
    parts = sets[int(torch.randint(len(sets), ()))] if recipe.modality_dropout else asked
    others = tuple(name for name in modalities if name not in parts)
    crosses = others and torch.rand(()) < recipe.cross_modal
    return parts, others if crosses else modalities


def askable(asked: Parts, recipe: Recipe) -> list[Parts]:
    """The sets of parts that a batch may ask by."""
    if not recipe.modality_dropout:
        return [asked]
    return [parts for size in range(1, len(asked) + 1) for parts in combinations(asked, size)]


def asks_across(pairs: Pairs, recipe: Recipe) -> bool:
    """Whether a batch can hold a query and its item that, as both are drawn, have no part in common."""
    asks = torch.stack([pairs.query_mask[name] for name in pairs.modalities], dim=1)
    has = torch.stack([pairs.item_mask[name][pairs.item_of] for name in pairs.modalities], dim=1)

    def across(parts: Parts, shown: Parts) -> bool:
        query = asks & torch.tensor([name in parts for name in pairs.modalities])
        item = has & torch.tensor([name in shown for name in pairs.modalities])
        return bool((query.any(dim=1) & item.any(dim=1) & ~(query & item).any(dim=1)).any())

    for parts in askable(pairs.asked, recipe):
        others = tuple(name for name in pairs.modalities if name not in parts)
        if across(parts, pairs.modalities) or (recipe.cross_modal > 0 and others and across(parts, others)):
            return True
    return False


def fused_batch(
    fusion: Fusion, pairs: Pairs, rows: torch.Tensor, parts: Parts, shown: Parts, noise: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Fuse the queries and the items of a batch.

    Args:
        rows: (b,) which pairs.
        parts: what the queries ask by.
        shown: what the items show.
        noise: length of the random vector added to every unit part.

    Returns:
        Fused queries (b, D) and items (b, D) in float32, and bool (b,): both have something to compare.
    """
    own = pairs.item_of[rows]
    device = next(fusion.parameters()).device
    query_mask = {name: pairs.query_mask[name][rows] & (name in parts) for name in pairs.modalities}
    item_mask = {name: pairs.item_mask[name][own] & (name in shown) for name in pairs.modalities}
    item_mask = fusion.as_seen(item_mask, parts)
    queries = {name: with_noise(pairs.queries[name][rows], noise).to(device) for name in pairs.modalities}
    items = {name: with_noise(pairs.items[name][own], noise).to(device) for name in pairs.modalities}
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
        (q, q_weights), (x, x_weights) = (
            fusion(vectors, {name: has.to(device) for name, has in mask.items()})
            for vectors, mask in ((queries, query_mask), (items, item_mask))
        )
    there = (q_weights.detach().sum(dim=1) > 0) & (x_weights.detach().sum(dim=1) > 0)
    return q.float(), x.float(), there.cpu()


def with_noise(vectors: torch.Tensor, length: float) -> torch.Tensor:
    """Unit rows plus a random vector of about this length; with length 0 the vectors as they are."""
    if length == 0:
        return vectors
    return unit_rows(vectors) + length * torch.randn_like(vectors) / math.sqrt(vectors.shape[1])


def measured_spread(fusion: Fusion, pairs: Pairs, similarity: Similarity) -> float:
    """Standard deviation of the similarity over one batch of whole queries and items, before training."""
    q, x, there, _ = _sample(fusion, pairs)
    if there.sum() < 2:
        raise ValueError(
            f"{int(there.sum())} of {len(there)} training queries can be compared with their item; expected 2 or more: "
            "the others, or their items, have no part that could be used."
        )
    scores = similarity_function(similarity)(q[there], x[there])
    spread = scores.std().item()
    # Equal vectors have scores that differ in the last digits of float32, on some processors.
    if not (math.isfinite(spread) and spread > ROUNDING * scores.abs().max().item()):
        raise ValueError(
            f"the {similarity} of the pairs does not vary (spread {spread}): are all vectors the same, or all holes?"
        )
    return spread


def look(trainee: Trainee, pairs: Pairs) -> dict[str, float]:
    """What the history says of a fusion as it is now: scale, norms, and how much each modality counts.

    Raises:
        ValueError: fused vectors that are not finite.
    """
    q, x, there, weights = _sample(trainee.fusion, pairs)
    _check_finite("the fused vectors are", torch.stack([q.sum(), x.sum()]), trainee, "asked by all parts")
    shares = dict(zip(pairs.modalities, weights[there].mean(dim=0).tolist(), strict=True))
    return {
        "scale": trainee.log_scale.exp().item(),
        "query_norm": q[there].norm(dim=1).mean().item(),
        "item_norm": x[there].norm(dim=1).mean().item(),
        **{f"weight_{name}": share for name, share in shares.items()},
    }


def _sample(fusion: Fusion, pairs: Pairs) -> tuple[torch.Tensor, ...]:
    """Some pairs, evenly spread and with all their parts: fused queries and items, whom to compare, item weights."""
    rows = torch.linspace(0, len(pairs) - 1, min(len(pairs), LOOKED_AT)).long()
    fusion.eval()
    with torch.no_grad():
        q, x, there = fused_batch(fusion, pairs, rows, pairs.modalities, pairs.modalities, noise=0)
        own, device = pairs.item_of[rows], next(fusion.parameters()).device
        items = {name: pairs.items[name][own].to(device) for name in pairs.modalities}
        _, weights = fusion(items, {name: pairs.item_mask[name][own].to(device) for name in pairs.modalities})
    return q, x, there, weights


def _check_finite(what: str, values: torch.Tensor, trainee: Trainee, where: str) -> None:
    """Raise a ValueError that names step, setting and likely cause if a number is NaN or infinite."""
    if not values.isfinite().all():
        recipe = trainee.recipe
        raise ValueError(
            f"{what} not finite in step {trainee.step} ({where}; similarity {recipe.similarity}, loss {recipe.loss}, "
            f"scale {trainee.log_scale.exp().item():.3g}, learning rate {recipe.learning_rate:g}). Most likely the "
            "learning rate or the sharpness is too high: try a tenth."
        )


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
        device: where it is computed.
        progress: show a bar.

    Returns:
        The `Training`.

    Warns:
        UserWarning: the fusion has a joint part, and no batch can teach it to find one modality by another.

    Raises:
        ValueError: a fusion without anything to learn, other modalities or dimensions than the pairs, batches across
            modalities for a fusion that keeps them apart, numbers out of range, vectors or scores that become NaN or
            infinite.
    """
    recipe = Recipe() if recipe is None else recipe
    _check(fusion, pairs, recipe, check_every, patience)
    fusion.to(device)
    with seeded(recipe.seed):
        trainee = Trainee(fusion, recipe, recipe.sharpness / measured_spread(fusion, pairs, recipe.similarity))
        if isinstance(fusion, ResidualFusion) and fusion.joint is not None and not asks_across(pairs, recipe):
            warnings.warn(NEVER_ACROSS.format(recipe=recipe), stacklevel=2)
        progress_so_far = _Progress(trainee, pairs, validate, patience)
        progress_so_far.check([])
        try:
            progress_so_far.run(check_every, progress)
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

    def run(self, check_every: int, show: bool) -> None:
        """Train to the last step or until nothing is gained."""
        trainee = self.trainee
        while trainee.step < trainee.recipe.steps and not self.stuck:
            goal = min(trainee.recipe.steps, trainee.step + check_every)
            bar = tqdm(range(trainee.step, goal), desc=f"step {trainee.step}", disable=not show, leave=False)
            self.check([training_step(trainee, self.pairs) for _ in bar])

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
