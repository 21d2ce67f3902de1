"""Changed copies of pictures for training: what is still the same thing although its numbers are others."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

SMALLEST_CROP = 0.75  # of a picture's side
BRIGHTNESS = (0.8, 1.2)


def augment_pictures(batch: "torch.Tensor", generator: "torch.Generator") -> "torch.Tensor":
    """Crop, mirror and brighten or darken each picture at random.

    The network learns to overlook what is changed here. So the hue stays: a red cup made blue would be another cup.

    Args:
        batch: (b, 3, height, width) float32, 0 is mid-grey, -1 black and 1 white.
        generator: of the random numbers.

    Returns:
        As the batch. A crop has `SMALLEST_CROP` … 1 of a picture's sides, lies anywhere in it and is enlarged to its
        size; half of the pictures are mirrored; distances from black are multiplied by a number of `BRIGHTNESS`.
    """
    import torch
    from torch.nn.functional import affine_grid, grid_sample

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
