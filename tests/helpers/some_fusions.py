"""Every fusion, as if it had been trained, with a few items of three parts, some of them holes."""

import torch

from mmr_toolkit.fusion import PLAIN, ConcatFusion, Fusion, ResidualFusion, plain_fusion

DIMS = {"text": 4, "image": 6, "audio": 3}


def bent(fusion: Fusion) -> Fusion:
    """As if it had been trained: every parameter moved."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in fusion.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    return fusion.eval()


FUSIONS = {
    "concat": lambda: ConcatFusion({"text": 3, "image": 1, "audio": 0.5}, dims=DIMS),
    **{f"plain {kind}": lambda kind=kind: bent(plain_fusion(kind, DIMS, 8)) for kind in PLAIN},
    **{f"residual {kind}": lambda kind=kind: bent(ResidualFusion(DIMS, kind, width=5)) for kind in PLAIN},
    **{
        f"residual {kind} with a joint part": lambda kind=kind: bent(
            ResidualFusion(DIMS, kind, width=5, joint=0.3, dim=8)
        )
        for kind in PLAIN
    },
}


def some_vectors(n: int, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(n, dim, generator=generator) for name, dim in DIMS.items()}


ITEMS = some_vectors(5, seed=1)
MASK = {
    "text": torch.tensor([True, True, False, True, True]),
    "image": torch.tensor([True, False, True, True, True]),
    "audio": torch.tensor([True, True, True, False, True]),
}
QUERY = some_vectors(1, seed=2)
