"""Residual fusion: begin as the untrained fusion, and learn only what to correct.

    y_m = unit(u_m + A_m(u_m))          the part, a little corrected; A_m is zero in the beginning
    z   = [√w_1 y_1, √w_2 y_2, …]       unit blocks side by side, as in `ConcatFusion`

A fusion that is trained from random matrices must find out anew what the encoders already know, and on a few hundred
products it finds out something else: to tell the *types it was trained on* apart. What it was not trained on falls
together. Beginning with the untrained fusion (the idea of He et al. 2016: learn the change, not the whole; adapters of
Houlsby et al. 2019 are the same idea beside a trained network) it can only gain where it has seen something, and new
types keep what they had. The blocks stay apart, so a text is compared with a text.

How the weights w come about is the difference between the three kinds:

    concat      given by hand, the same for all items
    weighted    learned, the same for all items
    attention   every item decides by itself, from its own parts

**A joint part.** Where blocks stay apart, a text never finds an item that has only a picture. With `joint` = λ > 0 a
plain fusion of the same kind is trained beside the blocks and joined to them,

    z = [√(1 − λ) z_blocks, √λ z_joint / ‖z_joint‖],    ⟨z_q, z_x⟩ = (1 − λ) · blocks + λ · joint

so that there is something to compare between any two parts.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.common.vectors import Array, unit_rows
from mmr_toolkit.fusion.attention import AttentionFusion, PartAttention, attention_shares
from mmr_toolkit.fusion.base import Fusion
from mmr_toolkit.fusion.blocks import block_terms, join_blocks, restrict, share_weights
from mmr_toolkit.fusion.concat import ConcatFusion
from mmr_toolkit.fusion.weighted import ModalityWeights, WeightedFusion

FusionKind = Literal["concat", "weighted", "attention"]

#: The plain fusion of each kind in one common space of `dim` dimensions; drawn at random, to be trained.
PLAIN: dict[str, Callable[[Mapping[str, int], int, int], Fusion]] = {
    "concat": lambda dims, dim, seed: ConcatFusion(dims=dims, dim=dim, seed=seed),
    "weighted": lambda dims, dim, seed: WeightedFusion(dims, dim, seed=seed),
    "attention": lambda dims, dim, seed: AttentionFusion(dims, dim, seed=seed),
}


def check_kind(kind: str) -> None:
    """Raise a ValueError that lists the table unless `kind` is in it."""
    if kind not in PLAIN:
        raise ValueError(f"unknown fusion {quoted(kind)}: choose one of {', '.join(PLAIN)}.")


def plain_fusion(kind: FusionKind, dims: Mapping[str, int], dim: int = 128, *, seed: int = 0) -> Fusion:
    """A fusion of that kind that maps all parts into one common space, with random matrices.

    Raises:
        ValueError: no such kind; the message lists them.
    """
    check_kind(kind)
    return PLAIN[kind](dims, dim, seed)


class Correction(nn.Module):
    """What is added to a unit part: A(u) = W_2 dropout(gelu(W_1 u)), with W_2 = 0 in the beginning.

    Args:
        dim: d_m, in and out.
        width: numbers in between; few of them, so that it learns what many items share.
        dropout: share of these numbers that training leaves out.
    """

    def __init__(self, dim: int, width: int, dropout: float) -> None:
        super().__init__()
        last = nn.Linear(width, dim)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(nn.Linear(dim, width), nn.GELU(), nn.Dropout(dropout), last)

    def forward(self, unit: torch.Tensor) -> torch.Tensor:
        """The corrected part, again of length one."""
        return unit_rows(unit + self.layers(unit))


class ResidualFusion(Fusion):
    """Unit blocks with a learned correction; see the text at the top of this file.

    Args:
        dims: name → number of dimensions d_m.
        kind: where the weights come from, one of `PLAIN`.
        weights: name → weight to begin with (for "concat" to stay with), best those tuned on validation; None: alike.
        width: numbers in the middle of each correction.
        dropout: share of them that training leaves out.
        joint: λ, the share of the joint part, 0 ≤ λ < 1; 0 has none.
        dim: D of the joint part, and of the attention's tokens.
        seed: draws what is drawn.

    Raises:
        ValueError: no such kind, weights that are no weights, a joint share out of range.

    Example:
        >>> parts = {"text": torch.eye(2), "image": torch.ones(2, 3)}
        >>> fusion = ResidualFusion({"text": 2, "image": 3}).eval()
        >>> torch.allclose(fusion(parts)[0], ConcatFusion()(parts)[0])  # before training it is the untrained fusion
        True
    """

    dims: dict[str, int]

    def __init__(
        self,
        dims: Mapping[str, int],
        kind: FusionKind = "weighted",
        *,
        weights: Mapping[str, float] | None = None,
        width: int = 64,
        dropout: float = 0.2,
        joint: float = 0.0,
        dim: int = 64,
        seed: int = 0,
    ) -> None:
        super().__init__(dims)
        check_kind(kind)
        if not 0 <= joint < 1:
            raise ValueError(f"joint is {joint}; expected a share from 0 to below 1.")
        self.kind, self.joint_share = kind, joint
        self._sizes = {"width": width, "dropout": dropout, "dim": dim}
        with seeded(seed):
            self.corrections = nn.ModuleList(Correction(d, width, dropout) for d in self.dims.values())
            self.modality_weights = ModalityWeights(self.dims, weights, learn=kind != "concat")
            if kind == "attention":
                self.parts = PartAttention(self.dims, dim, heads=4, dropout=dropout)
                self.lean = nn.Linear(dim, 1, bias=False)
                nn.init.zeros_(self.lean.weight)  # no item leans away from the common weights yet
        self.joint = plain_fusion(kind, self.dims, dim, seed=seed) if joint else None

    def fuse(
        self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The joined blocks (n, Σ d_m), then the joint part if there is one; rows of length one, or zeros."""
        corrected, shares = self._corrected(blocks), self._shares(blocks, present, factors)
        z = join_blocks(corrected, shares)
        if self.joint is None:
            return z, shares
        together = unit_rows(self.joint.fuse(blocks, present, factors)[0])
        return torch.cat([(1 - self.joint_share) ** 0.5 * z, self.joint_share**0.5 * together], dim=1), shares

    def terms(self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor | None:
        """Each corrected block among zeros, then what it brings into the joint part; None for attention."""
        if self.kind == "attention":
            return None
        terms = block_terms(self._corrected(blocks), self._shares(blocks, present, factors))
        if self.joint is None:
            return terms
        parts = self.joint.terms(blocks, present, factors)
        if parts is None:
            return None
        length = torch.linalg.vector_norm(parts.sum(dim=1), dim=1)[:, None, None]
        together = parts / torch.where(length > 0, length, 1)
        return torch.cat([(1 - self.joint_share) ** 0.5 * terms, self.joint_share**0.5 * together], dim=2)

    def _corrected(self, blocks: list[torch.Tensor]) -> list[torch.Tensor]:
        return [correct(block) for correct, block in zip(self.corrections, blocks, strict=True)]

    @property
    def settings(self) -> dict[str, Any]:
        """What the constructor was given; the weights with the sum one."""
        return {
            "dims": self.dims,
            "kind": self.kind,
            "weights": self.modality_weights.given,
            "joint": self.joint_share,
            **self._sizes,
        }

    def as_seen(self, mask: Mapping[str, Array], parts: Iterable[str]) -> dict[str, torch.Tensor]:
        """Blocks are compared one by one: only the parts that the query has too.

        With a joint part, an item that shares no part with the query keeps all it has: the joint part compares them.
        """
        seen = restrict(mask, parts)
        if self.joint is None:
            return seen
        stranger = ~torch.stack(list(seen.values())).any(dim=0)
        return {name: seen[name] | (has & stranger) for name, has in super().as_seen(mask, parts).items()}

    def shrink(self, share: float) -> None:
        """Keep only this share of what was learned: 0 is the untrained fusion again, 1 leaves all as it is.

        Halfway back, what was trained on loses little, and what was not gains: weights between the start and the end of
        a training are better on new kinds of data than either (Wortsman et al. 2022). The corrections and the weights
        are shrunk; the joint part has no start to go back to and stays.

        Args:
            share: from 0 to 1; choose it on validation, best with types that were left out of training.

        Raises:
            ValueError: a share out of range.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"share is {share}; expected a number from 0 to 1.")
        with torch.no_grad():
            for correction in self.corrections:
                *_, weight, bias = correction.parameters()  # of the last layer, which began at zero
                weight.mul_(share)
                bias.mul_(share)
            if self.modality_weights.change is not None:
                self.modality_weights.change.mul_(share)
            if self.kind == "attention":
                self.lean.weight.mul_(share)

    def _shares(self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
        weights = self.modality_weights() * factors
        if self.kind != "attention":
            return share_weights(weights, present)
        return attention_shares(weights.log() + self.lean(self.parts(blocks, present))[:, :, 0], present)
