"""A fusion on disk: how it was built, and what it has learned, in one file.

The file names an entry of a table here, never a class to import, and holds no code.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmr_toolkit.features.network import rebuilt
from mmr_toolkit.fusion import AttentionFusion, ConcatFusion, Fusion, ResidualFusion, WeightedFusion
from mmr_toolkit.sealed_file import UNFIT, read_sealed, write_sealed

if TYPE_CHECKING:
    import torch

#: The fusions that can be saved; `type(fusion)(**fusion.settings)` builds each of them anew.
SAVED_FUSIONS: dict[str, type[Fusion]] = {
    "concat": ConcatFusion,
    "weighted": WeightedFusion,
    "attention": AttentionFusion,
    "residual": ResidualFusion,
}
WHAT = "fusion"
PLENTY = 65_536  # dimensions that cost nothing to draw


def save_fusion(fusion: Fusion, path: str | Path) -> None:
    """Write a fusion into one .safetensors file; a process that is killed meanwhile leaves the old one or none.

    Args:
        fusion: one of those in `SAVED_FUSIONS`, trained or not, on any device.
        path: of the file.

    Raises:
        ValueError: a fusion that is not in the table.
        OSError: the file cannot be written.
    """
    kinds = {known: kind for kind, known in SAVED_FUSIONS.items()}
    if type(fusion) not in kinds:  # a class that is derived from one of them may do anything
        raise ValueError(
            f"a {type(fusion).__name__} cannot be saved; expected one of {', '.join(SAVED_FUSIONS)}. Save its "
            "state_dict() with safetensors.torch.save_file, and build it with your own code."
        )
    plain = {"fusion": kinds[type(fusion)], "settings": fusion.settings}
    write_sealed(Path(path), WHAT, plain, fusion.state_dict())


def load_fusion(path: str | Path) -> Fusion:
    """The fusion in a file that `save_fusion` wrote, on the CPU and in evaluation mode.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is damaged, of something else, or its numbers do not fit its settings.
    """
    plain, tensors = read_sealed(Path(path), WHAT)
    try:
        kind = plain["fusion"]
        if kind not in SAVED_FUSIONS:
            raise ValueError(f"it holds the fusion {kind!r}; known are {', '.join(SAVED_FUSIONS)}")
        if unusable := [name for name, numbers in tensors.items() if not numbers.isfinite().all()]:
            raise ValueError(f"{', '.join(unusable)}: nan or infinity among what was learned")
        _check_size(plain["settings"], tensors)
        return rebuilt(lambda: SAVED_FUSIONS[kind](**plain["settings"]), tensors)
    except UNFIT as error:
        raise ValueError(f"{path}: no fusion can be built from this file: {error}.") from error


def _check_size(settings: Mapping[str, Any], tensors: "Mapping[str, torch.Tensor]") -> None:
    """Raise a ValueError if the common space is larger than anything in the file: a little of it is drawn first."""
    held = max([PLENTY, *(numbers.numel() for numbers in tensors.values())])
    if isinstance(dim := settings.get("dim"), int) and dim > held:
        raise ValueError(f"its settings say {dim:,} dimensions, and no tensor of it has so many numbers")
