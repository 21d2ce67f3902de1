"""Pictures through a small convolutional network that learns from the catalogue's own labels, within a minute."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn.functional import affine_grid, grid_sample

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.image.pictures import as_tensors, encode_pictures, preprocessing
from mmr_toolkit.features.image.values import check_pictures
from mmr_toolkit.features.train_on_labels import train_on_labels
from mmr_toolkit.features.weights.folder import WEIGHTS, load_state, read_config, write_folder
from mmr_toolkit.features.weights.tier import mini_weights

SIZE = 64  # pixels; every picture is scaled to SIZE x SIZE
CHANNELS = (24, 48, 96, 192)  # of the four blocks; the last is the length of the vectors
SMALLEST_CROP = 0.75  # of a picture's side
BRIGHTNESS = (0.8, 1.2)


class CnnEncoder:
    """A picture's vector is what is left of it after four convolutions, averaged over all places.

    Each block halves height and width and looks for more kinds of things: edges and colours first, then corners and
    stripes, in the end whatever tells a bowl from a shoe. The mean over the places forgets where something stands.

    Attributes:
        network: (b, 3, SIZE, SIZE) -> (b, dim).
        transform: how a picture becomes the network's input; print it.
        history: what `train` returned, a row per epoch; None for loaded weights.
    """

    modality: ClassVar[Modality] = "image"
    name = "cnn"
    revision: ClassVar[int] = 1

    def __init__(
        self,
        network: torch.nn.Sequential,
        *,
        history: pd.DataFrame | None = None,
        trained_on: str | None = None,
    ) -> None:
        """Use `train` or `load`, or give a network that was trained elsewhere.

        Args:
            network: as made by `convolutional_network`.
            history: of its training.
            trained_on: the name of the only catalogue that it knows, for which `extract` looks.
        """
        self.network = network.eval()
        self.transform = preprocessing(SIZE)
        self.history = history
        self.trained_on = trained_on

    @classmethod
    def train(
        cls,
        pictures: Sequence[Any],
        labels: Mapping[str, Sequence[str | None]],
        *,
        epochs: int = 15,
        seed: int = 0,
        channels: Sequence[int] = CHANNELS,
        device: Device = "cpu",
        progress: bool = True,
    ) -> Self:
        """Learn from pictures whose type, colour, ... is known; see `train_on_labels`.

        The same pictures, labels and seed give the same vectors on one machine with one number of threads. 1,000
        pictures take about two seconds per epoch on one core.

        Args:
            pictures: as for `encode`. All are held in memory, 49 kB each.
            labels: for each name one value per picture, None where it is not known.
            epochs: how often every picture is seen, each time cropped, mirrored and lit in another way.
            seed: of all random numbers.
            channels: of the blocks; a block halves height and width, so at most six.
            device: where the network computes.
            progress: show a progress bar.

        Raises:
            TypeError, ValueError: pictures as for `encode`; labels and numbers as `train_on_labels`.
        """
        inputs = as_tensors(check_pictures(pictures), preprocessing(SIZE))
        network = convolutional_network(channels)
        history = train_on_labels(
            network,
            inputs,
            labels,
            epochs=epochs,
            seed=seed,
            learning_rate=8e-3,
            augment=augment_pictures,
            device=device,
            progress=progress,
        )
        return cls(network, history=history)

    @classmethod
    def load(cls, folder: PathLike | None = None) -> Self:
        """The mini weights of this repository, which know only the shop; or a folder that `save` wrote.

        Raises:
            FileNotFoundError, ValueError: no such folder or files, or weights of another network.
        """
        folder = mini_weights("cnn") if folder is None else Path(folder)
        config = read_config(folder)
        with torch.device("meta"):
            network = convolutional_network(config["channels"])
        load_state(network, folder / WEIGHTS)
        return cls(network, trained_on=config.get("trained_on"))

    @property
    def channels(self) -> list[int]:
        """How many kinds of things each block looks for."""
        return _channels(self.network.state_dict())

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self.channels[-1]

    @property
    def settings(self) -> dict[str, Any]:
        """What the vectors depend on besides the weights."""
        return {"channels": self.channels, "transform": str(self.transform)}

    def tensors(self) -> dict[str, torch.Tensor]:
        """The weights by name."""
        return self.network.state_dict()

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder; the history is left out."""
        write_folder(folder, self.tensors(), {"channels": self.channels, "trained_on": self.trained_on})

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
        return encode_pictures(self.network, self.transform, values, batch_size=batch_size, device=device)


def convolutional_network(channels: Sequence[int] = CHANNELS) -> torch.nn.Sequential:
    """Blocks of convolution, batch norm and ReLU, then the mean over all places: (b, 3, h, w) -> (b, channels[-1]).

    Args:
        channels: how many kinds of things each block looks for; it halves height and width.
    """

    def block(n_in: int, n_out: int) -> nn.Sequential:
        # Batch norm (Ioffe & Szegedy 2015) subtracts a mean of its own, so the convolution needs no bias.
        convolution = nn.Conv2d(n_in, n_out, kernel_size=3, stride=2, padding=1, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(n_out), nn.ReLU())

    blocks = [block(n_in, n_out) for n_in, n_out in zip((3, *channels), channels, strict=False)]
    return nn.Sequential(*blocks, nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()))


def _channels(weights: Mapping[str, torch.Tensor]) -> list[int]:
    """How many kinds of things each block looks for, by the shapes of its weights."""
    n_blocks = sum(name.endswith(".0.weight") for name in weights)
    return [len(weights[f"{i}.0.weight"]) for i in range(n_blocks)]


def augment_pictures(batch: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Crop, mirror and brighten or darken each picture at random: what is still the same thing, in other numbers.

    The network learns to overlook what is changed here. So the hue stays: a red cup made blue would be another cup.

    Args:
        batch: (b, 3, height, width) float32, 0 is mid-grey, -1 black and 1 white.
        generator: of the random numbers.

    Returns:
        As the batch. A crop has `SMALLEST_CROP` … 1 of a picture's sides, lies anywhere in it and is enlarged to its
        size; half of the pictures are mirrored; distances from black are multiplied by a number of `BRIGHTNESS`.
    """

    def uniform(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(len(batch), generator=generator)

    side = uniform(SMALLEST_CROP, 1)
    mirror = torch.where(uniform(-1, 1) < 0, -1, 1)
    # Where each pixel of the result comes from: (x, y) -> (mirror * side * x + right, side * y + down), from -1 to 1.
    source = torch.zeros(len(batch), 2, 3)
    source[:, 0, 0], source[:, 0, 2] = mirror * side, (1 - side) * uniform(-1, 1)
    source[:, 1, 1], source[:, 1, 2] = side, (1 - side) * uniform(-1, 1)
    places = affine_grid(source, list(batch.shape), align_corners=False)
    crops = grid_sample(batch, places, padding_mode="border", align_corners=False)
    return ((crops + 1) * uniform(*BRIGHTNESS)[:, None, None, None] - 1).clamp(-1, 1)
