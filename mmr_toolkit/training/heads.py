"""Train one head (a fusion for a similarity), or the whole grid of them, beside all that it has to be compared with.

    heads = train_grid(pairs, weights=tuned)
    systems = grid_systems(items, heads, weights=tuned)
    result = compare(systems, shop_questions(queries), items.ids, against=UNTRAINED, rng=np.random.default_rng(0))

The rows of the table then are: each modality alone, late fusion, the untrained fusion with equal and with tuned
weights, each plain head as it is before training, and every trained head.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from tqdm import tqdm

from mmr_toolkit.evaluation.systems import System, fused_system, untrained_systems
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.fusion import PLAIN, Fusion, FusionKind, ResidualFusion, plain_fusion
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.similarity.measures import Similarity
from mmr_toolkit.training.loop import Training, Validate, fit
from mmr_toolkit.training.recipe import CROSS_MODAL, Recipe

KINDS: tuple[FusionKind, ...] = get_args(FusionKind)
SEARCHES: tuple[Similarity, ...] = get_args(Similarity)


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


def train_head(
    pairs: Pairs,
    kind: FusionKind = "weighted",
    recipe: Recipe | None = None,
    *,
    residual: bool = True,
    weights: Mapping[str, float] | None = None,
    joint: float = 0.0,
    shrink: float = 1.0,
    validate: Validate | None = None,
    progress: bool = True,
) -> Head:
    """Make a fusion and train it.

    Args:
        pairs: what is trained on.
        kind: of fusion, a name in `PLAIN`.
        recipe: of the training; None for the defaults, and `CROSS_MODAL` with a joint part. Its seed also draws the
            weights to begin with.
        residual: a correction of the untrained fusion; False: a plain fusion in one common space.
        weights: name → weight that a residual fusion begins with, best those of `tune_weights`.
        joint: share of a joint part in a residual fusion, which learns from batches across modalities: with a recipe
            of your own, give it a `cross_modal`.
        shrink: share of what it learned that a residual fusion keeps at the end, see `ResidualFusion.shrink`.
        validate, progress: as for `fit`.

    Raises:
        ValueError: an unknown kind, a joint part for a plain fusion, and as `fit`.
    """
    recipe = _recipe_for(joint) if recipe is None else recipe
    if joint and not residual:
        raise ValueError(
            f"joint is {joint}, but a plain fusion has no joint part: it is one common space as a whole. Leave joint "
            "out, or take a residual fusion."
        )
    if residual:
        fusion: Fusion = ResidualFusion(pairs.dims, kind, weights=weights, joint=joint, seed=recipe.seed)
    else:
        fusion = plain_fusion(kind, pairs.dims, seed=recipe.seed)
    training = fit(fusion, pairs, recipe, validate=validate, progress=progress)
    if isinstance(fusion, ResidualFusion):
        fusion.shrink(shrink)
    return Head(fusion, recipe.similarity, training)


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
        recipe: all but the similarity; None for the defaults, as in `train_head`.
        weights, joint, shrink: of the residual fusions, see `train_head`.
        validate: gives the score to be kept best, from a fusion and its similarity; see `fit`.
        progress: show a bar.

    Returns:
        name as from `head_name` → Head.

    Raises:
        ValueError: unknown kinds or similarities, nothing to train, and as `fit`.
    """
    recipe = _recipe_for(joint) if recipe is None else recipe
    wanted = [(kind, similarity, more) for more in residual for kind in kinds for similarity in similarities]
    if not wanted:
        raise ValueError(f"kinds {kinds}, similarities {similarities}, residual {residual}: expected one each or more.")
    heads = {}
    for kind, similarity, more in tqdm(wanted, desc="heads", disable=not progress):
        heads[head_name(kind, similarity, residual=more)] = train_head(
            pairs,
            kind,
            replace(recipe, similarity=similarity),
            residual=more,
            weights=weights,
            joint=joint if more else 0.0,
            shrink=shrink,
            validate=None if validate is None else _judge(validate, similarity),
            progress=False,
        )
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
    at_start = {f"plain {kind} before training": make(items.dims, 128, seed) for kind, make in PLAIN.items()}
    return {
        **untrained_systems(items, similarity, weights),
        **{name: fused_system(fusion, items, similarity) for name, fusion in at_start.items()},
        **{name: fused_system(head.fusion, items, head.similarity) for name, head in heads.items()},
    }


def _recipe_for(joint: float) -> Recipe:
    return Recipe(cross_modal=CROSS_MODAL if joint else 0.0)


def _judge(validate: Callable[[Fusion, Similarity], float], similarity: Similarity) -> Validate:
    return lambda fusion: validate(fusion, similarity)
