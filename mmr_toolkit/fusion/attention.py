"""Fusion by attention: the parts of an item look at each other, and the item decides by itself how much each counts.

    t_m = W_m u_m + e_m                          a token per part; e_m says which modality it is
    h   = norm(t + MultiHead(t, t, t))           every part looks at all parts that are there (Vaswani et al. 2017)
    a_m = softmax_m(v · h_m)                     how much each part counts in this item (attention pooling)
    z   = Σ_m a_m h_m

A hole has no token: it is masked in both steps, and nobody looks at it. So the weights are a function of the item
itself, where `WeightedFusion` has the same weights for all.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from mmr_toolkit.common.seeds import seeded
from mmr_toolkit.fusion.base import Fusion


class PartAttention(nn.Module):
    """Tokens of an item's parts, after they have looked at each other.

    Args:
        dims: name → number of dimensions d_m, in the order of the blocks.
        dim: dimensions of a token; a multiple of heads.
        heads: how many ways of looking there are.
        dropout: share of each part's numbers that training leaves out.

    Raises:
        ValueError: dim is no multiple of heads.
    """

    def __init__(self, dims: Mapping[str, int], dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        if heads < 1 or dim % heads:
            raise ValueError(f"{dim} dimensions cannot be shared among {heads} heads: dim must be a multiple of heads.")
        self.maps = nn.ModuleList(nn.Linear(d, dim, bias=False) for d in dims.values())
        names = 0.02 * torch.randn(len(dims), dim, device="cpu")  # on the CPU first, as in `ModalityWeights`
        self.names = nn.Parameter(names.to(torch.get_default_device()))
        self.dropout = nn.Dropout(dropout)
        self.look = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.norm = nn.LayerNorm(dim, bias=False)  # the same for all parts, a bias could not tell them apart

    def forward(self, blocks: list[torch.Tensor], present: torch.Tensor) -> torch.Tensor:
        """The tokens (n, M, dim); those of holes mean nothing."""
        mapped = [to_token(self.dropout(block)) for to_token, block in zip(self.maps, blocks, strict=True)]
        tokens = torch.stack(mapped, dim=1) + self.names
        if len(tokens) == 0:
            return tokens  # torch's attention stops at an empty batch
        nothing = ~present.any(dim=1, keepdim=True)  # attention over no token at all is 0 / 0: let it look anywhere
        seen, _ = self.look(tokens, tokens, tokens, key_padding_mask=~(present | nothing), need_weights=False)
        return self.norm(tokens + seen)


def attention_shares(logits: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Softmax over the parts that are there: exp(l_m) / Σ_present exp(l_m).

    Args:
        logits: (n, M).
        present: bool (n, M).

    Returns:
        Tensor (n, M); a row sums to 1, or holds only zeros for an item without any part.
    """
    nothing = ~present.any(dim=1, keepdim=True)
    return logits.masked_fill(~(present | nothing), -torch.inf).softmax(dim=1) * present


class AttentionFusion(Fusion):
    """Weights that each item decides for itself; see the text at the top of this file.

    Args:
        dims: name → number of dimensions d_m.
        dim: D, dimensions of a token and of the fused vector; a multiple of heads.
        heads: how many ways of looking there are.
        dropout: share of each part's numbers that training leaves out.
        seed: draws all matrices.

    Raises:
        ValueError: dim is no multiple of heads.

    Example:
        >>> fusion = AttentionFusion({"text": 2, "image": 3}, dim=8, heads=2).eval()
        >>> z, weights = fusion({"text": torch.ones(5, 2), "image": torch.ones(5, 3)})
        >>> z.shape, weights.shape
        (torch.Size([5, 8]), torch.Size([5, 2]))
    """

    dims: dict[str, int]

    def __init__(
        self, dims: Mapping[str, int], dim: int = 128, *, heads: int = 4, dropout: float = 0.1, seed: int = 0
    ) -> None:
        super().__init__(dims)
        with seeded(seed):
            self.parts = PartAttention(self.dims, dim, heads, dropout)
            self.pool = nn.Linear(dim, 1, bias=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What the constructor was given."""
        look = self.parts.look
        return {
            "dims": self.dims,
            "dim": look.embed_dim,
            "heads": look.num_heads,
            "dropout": self.parts.dropout.p,
        }

    def fuse(
        self, blocks: list[torch.Tensor], present: torch.Tensor, factors: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The pooled tokens (n, D) and the weights of the pooling (n, M)."""
        tokens = self.parts(blocks, present)
        shares = attention_shares(self.pool(tokens)[:, :, 0] + factors.log(), present)
        return torch.einsum("im,imd->id", shares, tokens), shares
