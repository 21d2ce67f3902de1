"""Random parts of items for the tests of fusion, and one fusion of each sort."""

import numpy as np
import torch

from mmr_toolkit.fusion import PLAIN, ConcatFusion, Fusion, ResidualFusion, plain_fusion

DIMS = {"text": 5, "image": 7, "audio": 3}


def features(rng: np.random.Generator, n: int, dims: dict[str, int] = DIMS) -> dict[str, torch.Tensor]:
    """Parts of very different size: without normalising, the largest would decide alone."""
    return {
        name: torch.from_numpy(rng.standard_normal((n, d)) * 10.0**i).float()
        for i, (name, d) in enumerate(dims.items())
    }


def holes(rng: np.random.Generator, n: int, names: dict[str, int] = DIMS) -> dict[str, torch.Tensor]:
    """A mask where each part is there in about 6 of 10 items; the first item has all parts, the last has none."""
    mask = {name: torch.from_numpy(rng.random(n) < 0.6) for name in names}
    for has in mask.values():
        has[0], has[-1] = True, False
    return mask


def shaken(fusion: Fusion, size: float = 0.3) -> Fusion:
    """The fusion as if it had been trained: every parameter is moved, none is zero."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in fusion.parameters():
            parameter += size * torch.randn(parameter.shape, generator=generator)
    return fusion.eval()


#: One fusion of each sort, made from the dimensions of the parts; all are held against the same properties.
FUSIONS = (
    {"blocks": lambda dims: ConcatFusion(dims=dims)}
    | {f"plain {kind}": lambda dims, kind=kind: plain_fusion(kind, dims, dim=8) for kind in PLAIN}
    | {f"residual {kind}": lambda dims, kind=kind: ResidualFusion(dims, kind, dim=8) for kind in PLAIN}
    | {
        f"residual {kind}, joint": lambda dims, kind=kind: ResidualFusion(dims, kind, dim=8, joint=0.3)
        for kind in PLAIN
    }
)
