"""Self-checks for notebook 04, Pictures."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_max_pool", "check_output_size", "check_prepare"]


def _output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """The trusted answer: how often the kernel fits, moving by `stride` over a padded row."""
    return (size + 2 * padding - kernel) // stride + 1


_SIZE_SLIPS = {
    "one too few: the first place, before any step, counts too. Add 1.": (
        lambda size, kernel, stride, padding: (size + 2 * padding - kernel) // stride
    ),
    "padding lies on both sides: 2 · padding.": (
        lambda size, kernel, stride, padding: (size + padding - kernel) // stride + 1
    ),
    "the padding is not used.": lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
    "the stride is not used: that is how many places there are, not how many are visited.": (
        lambda size, kernel, stride, padding: size + 2 * padding - kernel + 1
    ),
    "a step that would end outside is not made: round down, with // instead of /.": (
        lambda size, kernel, stride, padding: (size + 2 * padding - kernel) / stride + 1
    ),
    "it rounds up. A step that would end outside is not made: round down.": (
        lambda size, kernel, stride, padding: math.ceil((size + 2 * padding - kernel) / stride) + 1
    ),
    "the size of the kernel is not used: its last place is kernel − 1 pixels before the end.": (
        lambda size, kernel, stride, padding: (size + 2 * padding) // stride
    ),
}


@exercise
def check_output_size(output_size: Callable[[int, int, int, int], int]) -> str:
    """Exercise 1: `output_size(size, kernel, stride, padding)` says how wide the result of a convolution is.

    size: pixels in a row. kernel: its width. stride: pixels from one place to the next. padding: zeros on either side.
    """
    cases = [(6, 3, 1, 0), (64, 3, 2, 1), (224, 7, 2, 3), (10, 3, 3, 0), (9, 2, 4, 0), (7, 7, 1, 0)]
    compare(output_size, _output_size, cases, _SIZE_SLIPS)
    return "the first place, and one more for every step that fits."


def _max_pool(picture: np.ndarray, size: int) -> np.ndarray:
    """The trusted answer: rows and columns that fill no square are cut off, then the largest of each square."""
    height, width = (length // size for length in picture.shape)
    squares = picture[: height * size, : width * size].reshape(height, size, width, size)
    return squares.max(axis=(1, 3))


_POOL_SLIPS = {
    "those are the means of the squares. The largest value was asked for: max.": (
        lambda picture, size: np.array(_squares(picture, size, size)).mean(axis=(2, 3))
    ),
    "the squares overlap. Move on by `size`, not by one pixel.": (
        lambda picture, size: np.array(_squares(picture, size, 1)).max(axis=(2, 3))
    ),
    "it takes the first pixel of each square, not the largest.": (
        lambda picture, size: np.array(_squares(picture, size, size))[:, :, 0, 0]
    ),
    "it is turned: rows and columns have changed places.": lambda picture, size: _max_pool(picture, size).T,
    "it also keeps the rests at the right and below. What fills no square is cut off.": (
        lambda picture, size: np.array(
            [
                [picture[y : y + size, x : x + size].max() for x in range(0, picture.shape[1], size)]
                for y in range(0, picture.shape[0], size)
            ]
        )
    ),
}


def _squares(picture: np.ndarray, size: int, step: int) -> np.ndarray:
    """The squares that fit, `step` pixels apart, (rows, columns, size, size)."""
    return np.lib.stride_tricks.sliding_window_view(picture, (size, size))[::step, ::step]


@exercise
def check_max_pool(max_pool: Callable[[np.ndarray, int], np.ndarray]) -> str:
    """Exercise 2: `max_pool(picture, size)` is the largest value of each square of size × size pixels.

    picture: (height, width). The squares do not overlap; what fills no whole square is cut off.
    """
    rng = np.random.default_rng(0)
    cases = [(rng.integers(-9, 10, shape), size) for shape, size in [((4, 4), 2), ((6, 9), 3), ((5, 7), 2)]]
    compare(max_pool, _max_pool, cases, _POOL_SLIPS)
    return "the largest of each square, and the rests are cut off."


Triple = Sequence[float]


def _prepare(picture: np.ndarray, side: int, mean: Triple, std: Triple) -> np.ndarray:
    """The trusted answer: the square in the middle, 0 … 1, standardised channel by channel, channels first."""
    return ((_centre(picture, side) / 255 - np.array(mean)) / np.array(std)).transpose(2, 0, 1)


_PREPARE_SLIPS = {
    "bytes run from 0 to 255, mean and std are meant for 0 to 1: divide by 255 first.": (
        lambda picture, side, mean, std: ((_centre(picture, side) - np.array(mean)) / np.array(std)).transpose(2, 0, 1)
    ),
    "that is the corner, not the middle: start at (height − side) // 2.": (
        lambda picture, side, mean, std: _prepare(picture[:side, :side], side, mean, std)
    ),
    "the mean is subtracted, but nothing is divided by std.": (
        lambda picture, side, mean, std: _prepare(picture, side, mean, (1, 1, 1))
    ),
    "it is divided by std, but no mean is subtracted.": (
        lambda picture, side, mean, std: _prepare(picture, side, (0, 0, 0), std)
    ),
    "it divides first and subtracts then. Subtract the mean, then divide by std.": (
        lambda picture, side, mean, std: (_centre(picture, side) / 255 / np.array(std) - np.array(mean)).transpose(
            2, 0, 1
        )
    ),
    "channels come first in torch: (3, side, side). transpose(2, 0, 1) moves the last axis to the front.": (
        lambda picture, side, mean, std: _prepare(picture, side, mean, std).transpose(1, 2, 0)
    ),
    "reshape keeps the order of the numbers, and so mixes pixels with channels. Use transpose(2, 0, 1).": (
        lambda picture, side, mean, std: _prepare(picture, side, mean, std).transpose(1, 2, 0).reshape(3, side, side)
    ),
}


def _centre(picture: np.ndarray, side: int) -> np.ndarray:
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return picture[top : top + side, left : left + side]


@exercise
def check_prepare(prepare: Callable[[np.ndarray, int, Triple, Triple], np.ndarray]) -> str:
    """Exercise 3: `prepare(picture, side, mean, std)` is what a pretrained network wants to see.

    picture: (height, width, 3) bytes; height − side and width − side are even. mean, std: one number per channel, for
    values from 0 to 1. Returns the side × side pixels in the middle, standardised, as (3, side, side).
    """
    rng = np.random.default_rng(0)
    cases = [
        (rng.integers(0, 256, shape).astype(np.uint8), side, [0.5, 0.4, 0.3], [0.2, 0.25, 0.5])
        for shape, side in [((4, 6, 3), 2), ((9, 7, 3), 5)]
    ]
    compare(prepare, _prepare, cases, _PREPARE_SLIPS)
    return "the middle, from 0 to 1, standardised by channel, channels first."
