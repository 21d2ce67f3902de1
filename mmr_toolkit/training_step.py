"""One step of a training, and what it works on."""

import math
from itertools import combinations
from typing import Any

import torch
from torch import nn

from mmr_toolkit.fusion import Fusion
from mmr_toolkit.losses import loss_function
from mmr_toolkit.pairs import Pairs, Parts
from mmr_toolkit.recipe import Recipe
from mmr_toolkit.similarity import Similarity, similarity_function
from mmr_toolkit.vectors import unit_rows

WARM_UP = 20  # steps in which the learning rate rises
MAX_GRADIENT = 5.0  # longer gradients are cut to this norm
LOOKED_AT = 256  # pairs whose norms and weights are written into the history


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

    def state(self) -> dict[str, dict[str, torch.Tensor]]:
        """Tensors by group: the fusion, the optimiser's means, the scale and the random generator."""
        means = {
            f"{i}.{name}": value.detach().cpu()
            for i, of_parameter in self.optimiser.state_dict()["state"].items()
            for name, value in of_parameter.items()
        }
        return {
            "fusion": {name: value.detach().cpu() for name, value in self.fusion.state_dict().items()},
            "optimiser": means,
            "other": {"log_scale": self.log_scale.detach().cpu(), "generator": torch.get_rng_state()},
        }

    def restore(self, step: int, state: dict[str, Any]) -> None:
        """Go on from `state`, as if the training had never stopped."""
        self.step = step
        self.fusion.load_state_dict(state["fusion"])
        with torch.no_grad():
            self.log_scale.copy_(state["other"]["log_scale"])
        kept = self.optimiser.state_dict()
        kept["state"] = {}
        for name, value in state["optimiser"].items():
            i, what = name.split(".", 1)
            kept["state"].setdefault(int(i), {})[what] = value
        self.optimiser.load_state_dict(kept)
        torch.set_rng_state(state["other"]["generator"])


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
    parts, shown = draw_parts(pairs.modalities, recipe)
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


def draw_parts(modalities: Parts, recipe: Recipe) -> tuple[Parts, Parts]:
    """By which parts the queries of a batch ask, and which parts the items show: all of them, or only the others."""
    subsets = [parts for size in range(1, len(modalities) + 1) for parts in combinations(modalities, size)]
    parts = subsets[int(torch.randint(len(subsets), ()))] if recipe.modality_dropout else modalities
    others = tuple(name for name in modalities if name not in parts)
    crosses = others and torch.rand(()) < recipe.cross_modal
    return parts, others if crosses else modalities


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
    spread = similarity_function(similarity)(q[there], x[there]).std().item() if there.sum() > 1 else math.nan
    if not (math.isfinite(spread) and spread > 0):
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
