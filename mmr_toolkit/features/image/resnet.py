"""Pictures through a residual network without its head, and through any other classification network of torchvision."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torchvision.models.resnet import BasicBlock, ResNet

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.image.pictures import Transform, encode_pictures, preprocessing
from mmr_toolkit.features.image.torchvision_network import (
    Weights,
    classification_network,
    default_transform,
    without_head,
)
from mmr_toolkit.features.weights.folder import WEIGHTS, load_state, read_config, write_folder
from mmr_toolkit.features.weights.network import Precision, check_precision
from mmr_toolkit.features.weights.tier import choose_tier, mini_weights

FULL_TIER = "resnet50"


class ResNetEncoder:
    """A picture's vector is what a deep network sees in it just before it would name it.

    Each block of a residual network (He, Zhang, Ren & Sun 2016) adds something to what came in, h + F(h), instead of
    replacing it, and so fifty layers can be trained. The last layer, which names one of the classes of the training,
    is removed: what it reads, averaged over all places, describes things of other classes too.

    Attributes:
        name: "resnet" for the mini weights, else the name of the architecture.
        network: (b, 3, height, width) -> (b, dim).
        transform: how a picture becomes the network's input, as in the training of its weights; print it.
        dim: 512 for the mini weights and ResNet-18, 2048 for ResNet-50.
        precision: what it computes in; vectors are always float32.
    """

    modality: ClassVar[Modality] = "image"
    revision: ClassVar[int] = 1

    def __init__(
        self,
        network: torch.nn.Module,
        transform: Transform,
        *,
        dim: int,
        name: str = "resnet",
        precision: Precision = "float32",
        trained_on: str | None = None,
    ) -> None:
        """Use `load`, or give a network of your own, without its head.

        Args:
            network, transform, dim, name, precision: see the attributes.
            trained_on: the name of the only catalogue that the weights know, for which `extract` looks.
        """
        check_precision(precision)
        self.network, self.transform, self.dim, self.name = network.eval(), transform, dim, name
        self.precision, self.trained_on = precision, trained_on

    @classmethod
    def load(
        cls,
        architecture: str | Path | None = None,
        weights: Weights | Literal["mini"] | PathLike | None = None,
        *,
        precision: Precision | None = None,
        tier: str | None = None,
    ) -> Self:
        """A trained network without its head.

        Nothing given, the tier decides: the mini weights, or ResNet-50 with ImageNet weights. What torchvision
        downloads are pickles: they are opened as plain tensors only, and their checksum must be the one in
        torchvision.

        Args:
            architecture: a classification network of torchvision: "resnet18", "mobilenet_v2", ...; or the `Path` of a
                folder that `save` wrote.
            weights: "mini" (of one small network, which is no other architecture), "imagenet", "random", or the path
                of a .safetensors file with all weights of the architecture, head included. None, with an architecture:
                "imagenet".
            precision: what the network computes in. None: as it was saved, else float32.
            tier: "mini" or "full"; None: the environment variable MMR_TIER, else "mini".

        Raises:
            ValueError: an unknown architecture, precision or tier; weights of another network.
            FileNotFoundError: no such file of weights.
            ConnectionError: the weights cannot be downloaded.
        """
        if isinstance(architecture, Path):
            return cls.load_mini(architecture, precision=precision)
        precision = precision or "float32"
        check_precision(precision)
        if architecture is None and weights is None:
            architecture, weights = (None, "mini") if choose_tier(tier) == "mini" else (FULL_TIER, "imagenet")
        if weights == "mini":
            if architecture is not None:
                raise ValueError(f"There are no mini weights of {architecture!r}; they are of one small network only.")
            return cls.load_mini(precision=precision)
        if architecture is None:
            raise ValueError(f"weights is {str(weights)!r}: of which architecture? For example {FULL_TIER!r}.")
        network, dim = without_head(classification_network(architecture, "imagenet" if weights is None else weights))
        _channels_last(network)
        return cls(network, default_transform(architecture), dim=dim, name=architecture, precision=precision)

    @classmethod
    def load_mini(cls, folder: PathLike | None = None, *, precision: Precision | None = None) -> Self:
        """The mini weights, or those of a folder that `save` wrote; precision None: as it was saved, else float32."""
        folder = mini_weights("resnet") if folder is None else Path(folder)
        config = read_config(folder)
        name = config.get("name", "resnet")
        with torch.device("meta"):
            mini = name == "resnet"
            network = mini_resnet(config["blocks"]) if mini else without_head(classification_network(name, "random"))[0]
        load_state(network, folder / WEIGHTS)
        _channels_last(network)
        return cls(
            network,
            preprocessing(config["size"]) if mini else default_transform(name),
            dim=config["dim"],
            name=name,
            precision=precision or config.get("precision", "float32"),
            trained_on=config.get("trained_on"),
        )

    @property
    def settings(self) -> dict[str, Any]:
        """What the vectors depend on besides the weights."""
        return {"network": str(self.network), "transform": str(self.transform), "precision": self.precision}

    def tensors(self) -> dict[str, torch.Tensor]:
        """The weights by name."""
        return self.network.state_dict()

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder.

        A network of your own, of another architecture than its name says, cannot be built anew from it.
        """
        config = {
            "name": self.name,
            "blocks": _blocks(self.tensors()),
            "dim": self.dim,
            "size": getattr(self.transform, "crop_size", [None])[0],
            "precision": self.precision,
            "trained_on": self.trained_on,
        }
        write_folder(folder, self.tensors(), config)

    def encode(self, values: Sequence[Any], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per picture, (n, dim) float32.

        Args:
            values: PIL images of any size and mode, or paths of picture files. Of a picture that is not square the
                middle is seen.
            batch_size: how many go through the network together.
            device: where it computes.

        Raises:
            TypeError, ValueError: not a list of such values, or a file that is no picture.
            UnencodableValue: a PIL image that is too large, has no pixels or cannot be loaded.
        """
        return encode_pictures(
            self.network,
            self.transform,
            values,
            batch_size=batch_size,
            device=device,
            precision=self.precision,
        )


def mini_resnet(blocks: Sequence[int]) -> torch.nn.Module:
    """A residual network without a head: (b, 3, h, w) -> (b, 512).

    Args:
        blocks: how many residual blocks of two convolutions each of the four stages has; ResNet-18 has (2, 2, 2, 2).
    """
    network, _ = without_head(ResNet(BasicBlock, list(blocks)))
    return network


def _blocks(weights: Mapping[str, torch.Tensor]) -> list[int]:
    """How many residual blocks each of the four stages has, by the names of its weights."""
    names = [name.split(".") for name in weights]
    return [len({block for stage, block, *_ in names if stage == f"layer{n}"}) for n in (1, 2, 3, 4)]


def _channels_last(network: torch.nn.Module) -> None:
    """Lay the numbers of one place, not of one channel, side by side in memory: convolutions read them faster so."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
