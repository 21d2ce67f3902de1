"""Pictures through a network: what all encoders with a network for pictures share.

A network reads tensors (b, 3, height, width) of one size. How a picture becomes such a tensor belongs to the weights:
a network that was trained on pictures scaled one way reads others wrongly. So it is kept beside the weights, as
torchvision's own preset, which can be printed.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torchvision.transforms._presets import ImageClassification

from mmr_toolkit.features.encoder import Device, batches
from mmr_toolkit.features.image.values import check_pictures, opened
from mmr_toolkit.features.weights.network import Precision, inference

Transform = Callable[[Image.Image], torch.Tensor]

LONGEST = 3  # times the shorter side
#: What goes through a network together on a CPU, whatever the batch size: four pictures of 224 x 224. What the layers
#: hand on for more does not fit into the processor's cache: in batches of 16, each picture takes up to a third longer.
CPU_PIXELS = 4 * 224 * 224


def preprocessing(size: int) -> ImageClassification:
    """For networks of our own: the shorter side to `size` pixels, the middle square, colours from -1 to 1."""
    return ImageClassification(crop_size=size, resize_size=size, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def as_tensors(values: Sequence[Any], transform: Transform) -> torch.Tensor:
    """Pictures as a network reads them, (n, 3, height, width) float32. Values as `check_pictures` gives them."""
    return torch.stack([transform(_middle(value)) for value in values])


def _middle(value: Image.Image | str | os.PathLike[str]) -> Image.Image:
    """As RGB. Of a very long strip only the middle, which is all that a preset keeps: scaled up it would be huge."""
    image = opened(value)
    width, height = image.size
    side = LONGEST * min(width, height)
    left, top = max(0, (width - side) // 2), max(0, (height - side) // 2)
    return image.crop((left, top, width - left, height - top)).convert("RGB")


def passes(batch: torch.Tensor, device: Device) -> tuple[torch.Tensor, ...]:
    """A batch (n, 3, height, width) on the device, in as many pieces as suit it; see `CPU_PIXELS`."""
    if torch.device(device).type != "cpu":
        return (batch.to(device),)
    return batch.split(max(1, CPU_PIXELS // batch[0, 0].numel()))


def encode_pictures(
    network: torch.nn.Module,
    transform: Transform,
    values: Sequence[Any],
    *,
    batch_size: int,
    device: Device,
    precision: Precision = "float32",
) -> np.ndarray:
    """Vectors (n, dim), float32, one per picture in order.

    Args:
        network: (b, 3, height, width) -> (b, dim).
        transform: a picture -> what the network reads, (3, height, width).
        values: pictures, as for `Encoder.encode`.
        batch_size, device, precision: as for `Encoder.encode` and `inference`.

    Raises:
        TypeError, ValueError, UnencodableValue: as `check_pictures` and `read_image`.
    """
    pictures, vectors = check_pictures(values), []
    with inference(network, device, precision):
        for batch in batches(pictures, batch_size):
            tensors = as_tensors(batch, transform)
            vectors += [network(some).float().cpu().numpy() for some in passes(tensors, device)]
    return np.concatenate(vectors)
