"""Fusion: the vectors of one item's parts (text, image, audio) become one vector.

    concat.py      unit blocks side by side, untrained; or with a linear map behind
    weighted.py    the weighted mean in one common space
    attention.py   every item decides by itself how much each part counts
    residual.py    each of the three as a correction of the untrained fusion
    late.py        scores are fused instead of vectors: the yardstick
    blocks.py      weights and holes;  base.py: what all fusions have in common

All are called alike: `z, weights = fusion(vectors, mask)`, modalities by name, any subset of them present.
"""

from mmr_toolkit.fusion.attention import AttentionFusion, attention_shares
from mmr_toolkit.fusion.base import Fusion
from mmr_toolkit.fusion.blocks import join_blocks, restrict, share_weights
from mmr_toolkit.fusion.concat import ConcatFusion
from mmr_toolkit.fusion.late import reciprocal_rank_fusion, weighted_sum
from mmr_toolkit.fusion.residual import PLAIN, FusionKind, ResidualFusion, plain_fusion
from mmr_toolkit.fusion.weighted import WeightedFusion

__all__ = [
    "AttentionFusion",
    "ConcatFusion",
    "Fusion",
    "FusionKind",
    "PLAIN",
    "ResidualFusion",
    "WeightedFusion",
    "attention_shares",
    "join_blocks",
    "plain_fusion",
    "reciprocal_rank_fusion",
    "restrict",
    "share_weights",
    "weighted_sum",
]
