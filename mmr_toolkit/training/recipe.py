"""All settings of a training in one place."""

from dataclasses import dataclass

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.similarity.measures import Similarity, similarity_function
from mmr_toolkit.training.losses import LossName, loss_function

MOST = 1_000_000_000  # steps, or pairs in a batch
LARGEST_SEED = 2**63 - 1  # that torch takes
#: Of `Recipe.cross_modal` where a joint part is trained: more of such batches find no more across modalities, and leave
#: fewer for the usual questions.
CROSS_MODAL = 0.25


@dataclass(frozen=True)
class Recipe:
    """How a fusion is trained; the defaults were chosen on the built-in shop, on validation and left-out types.

    Attributes:
        similarity: what is trained for, a name in `SIMILARITIES`; use the same one to search.
        loss: a name in `LOSSES`.
        steps: how many batches.
        batch_size: pairs in a batch; all others of the batch are the wrong answers, so more is harder.
        learning_rate: of AdamW (Loshchilov & Hutter 2019); it rises over 20 steps and falls as a half cosine.
        weight_decay: pull of all weights towards zero, for a residual fusion towards the untrained fusion.
        sharpness: the scale of the scores to begin with, times the standard deviation of the similarity over one batch.
            The scale is called 1 / temperature elsewhere. A sharp start (12) only looks at the close calls and leaves
            the rest alone; a soft one (1 to 3) turns everything around, and what was not trained on with it.
        scale_rate: learning rate of the logarithm of the scale, which is learned too.
        noise: length of the random vector that is added to every unit part in training; 0 adds none.
        modality_dropout: in every batch queries ask by another subset of the parts. False: always by all.
        cross_modal: share of the batches in which items show only the parts that the query does not have, so that a
            text learns to find a picture; it needs a common space or a joint part.
        seed: the same seed on a CPU gives the same weights.

    Raises:
        ValueError: an unknown similarity or loss, or a number out of range.
    """

    similarity: Similarity = "cosine"
    loss: LossName = "info_nce"
    steps: int = 300
    batch_size: int = 128
    learning_rate: float = 5e-3
    weight_decay: float = 0.5
    sharpness: float = 12.0
    scale_rate: float = 1e-3
    noise: float = 0.5
    modality_dropout: bool = True
    cross_modal: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        similarity_function(self.similarity)
        loss_function(self.loss)
        for name, least in (("steps", 1), ("batch_size", 2)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {quoted(getattr(self, name))}; expected {least} or more.")
            if getattr(self, name) > MOST:
                raise ValueError(f"{name} is {quoted(getattr(self, name))}; expected at most {MOST:,}.")
        for name in ("learning_rate", "sharpness"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is {getattr(self, name)}; expected a number above 0.")
        for name in ("weight_decay", "scale_rate", "noise"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} is {getattr(self, name)}; expected 0 or more.")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(f"seed is {quoted(self.seed)}; expected a whole number from 0 to {LARGEST_SEED}.")
        if not 0 <= self.cross_modal <= 1:
            raise ValueError(f"cross_modal is {self.cross_modal}; expected a share from 0 to 1.")
