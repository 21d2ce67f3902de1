"""Images that are wrapped around the meshes: sRGB arrays (h, w, 3) in 0..1, row 0 at the top."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter, zoom

from render.geometry import Array
from render.materials import rgb

PATTERNS = ("plain", "striped", "checked", "dotted")


def smooth_noise(
    rng: np.random.Generator, h: int, w: int, sx: float, sy: float | None = None, octaves: int = 3, wrap: bool = False
) -> Array:
    """Noise (h, w) of deviation 1, with details of sx by sy pixels and finer octaves of half the strength.

    wrap: the left edge continues the right one, and the top the bottom.
    """
    sy = sx if sy is None else sy
    total = np.zeros((h, w))
    for k in range(octaves):
        total += 0.5**k * _one_octave(rng, h, w, sx / 2**k, sy / 2**k, wrap)
    return total / total.std()


def _one_octave(rng: np.random.Generator, h: int, w: int, sx: float, sy: float, wrap: bool) -> Array:
    """Filtered white noise; broad noise is made small and enlarged, which is the same to the eye and far faster."""
    mode = "wrap" if wrap else "reflect"
    reduce_x, reduce_y = max(1, int(sx / 3)), max(1, int(sy / 3))
    small_h, small_w = max(8, h // reduce_y), max(8, w // reduce_x)
    noise = rng.standard_normal((small_h, small_w))
    noise = gaussian_filter(noise, (sy * small_h / h, sx * small_w / w), mode=mode)
    if (small_h, small_w) != (h, w):
        noise = zoom(
            noise, (h / small_h, w / small_w), order=3, mode="grid-wrap" if wrap else "reflect", grid_mode=True
        )
    return noise / (noise.std() + 1e-9)


def stripes(x: Array, y: Array, count: float) -> Array:
    """Stripes across: `count` to the height."""
    return ((y * count) % 1 < 0.44).astype(float)


def checks(x: Array, y: Array, count: float) -> Array:
    """A gingham check: half-tone bands in both directions, full tone where they cross."""
    return ((x * count) % 1 < 0.42) * 0.5 + ((y * count) % 1 < 0.42) * 0.5


def dots(x: Array, y: Array, count: float) -> Array:
    """Staggered dots, `count` rows to the height."""
    row = np.floor(y * count)
    across = (x * count + 0.5 * (row % 2)) % 1 - 0.5
    along = (y * count) % 1 - 0.5
    return (across**2 + along**2 < 0.30**2).astype(float)


def plain(x: Array, y: Array, count: float) -> Array:
    """Nothing at all."""
    return np.zeros_like(x)


DRAWINGS: dict[str, Callable[[Array, Array, float], Array]] = {
    "plain": plain,
    "striped": stripes,
    "checked": checks,
    "dotted": dots,
}


def pattern_mask(pattern: str, x: Array, y: Array, count: float) -> Array:
    """How much of the second colour stands at x, y (0..1 over the texture): 0..1, of their shape."""
    if pattern not in DRAWINGS:
        raise ValueError(f"unknown pattern {pattern!r}: expected one of {', '.join(DRAWINGS)}")
    return DRAWINGS[pattern](x, y, count)


def mix(first: ArrayLike | str, second: ArrayLike | str, amount: Array) -> Array:
    """Two colours (or colour images) blended: amount 0 is the first, 1 the second. (h, w) -> (h, w, 3)."""
    share = amount[..., None]
    return _image_or_colour(first) * (1 - share) + _image_or_colour(second) * share


def _image_or_colour(colour: ArrayLike | str) -> Array:
    if isinstance(colour, np.ndarray) and colour.ndim == 3:
        return colour
    return rgb(colour)


def pattern_texture(
    rng: np.random.Generator,
    colour: ArrayLike | str,
    pattern: str,
    second_colour: ArrayLike | str,
    size: int = 512,
    scale: float = 1.0,
    weave: str | None = None,
    aspect: float = 1.0,
    angle: float = 0.0,
    count: float = 9.0,
) -> Array:
    """A square image of a pattern (size, size, 3): `count` / scale stripes, checks or dots to its height.

    weave: "cloth" for a slightly uneven hand-drawn pattern on a fine weave, "knit" for loops, None for clean print.
    aspect: width over height of the surface that the image is stretched over, so that dots stay round.
    angle: radians by which the pattern is turned.
    """
    y, x = np.mgrid[0:size, 0:size] / size
    x = x * aspect
    if weave is not None:
        x = x + 0.006 * smooth_noise(rng, size, size, 60, 60, 2)
        y = y + 0.006 * smooth_noise(rng, size, size, 60, 60, 2)
    x, y = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    image = mix(colour, second_colour, gaussian_filter(pattern_mask(pattern, x, y, count / scale), 0.8))
    return np.clip(image * weave_shading(rng, size, weave)[..., None], 0, 1)


def weave_shading(rng: np.random.Generator, size: int, weave: str | None) -> Array:
    """What the threads do to the brightness, about 1: (size, size)."""
    if weave is None:
        return np.ones((size, size))
    fine = smooth_noise(rng, size, size, 0.8, 0.8, 1)
    if weave == "cloth":
        return 1 + 0.025 * fine
    if weave != "knit":
        raise ValueError(f"unknown weave {weave!r}: expected cloth, knit or None")
    y, x = np.mgrid[0:size, 0:size]
    loops = np.abs(np.sin(x * np.pi / 9 + 0.6 * np.sin(y * 2 * np.pi / 9)))
    return 0.94 + 0.13 * loops + 0.04 * fine


def label_texture(
    rng: np.random.Generator,
    colour: ArrayLike | str,
    pattern: str,
    second_colour: ArrayLike | str,
    width: int,
    height: int,
) -> Array:
    """A label (height, width, 3) without a word on it, in the product's colour and pattern.

    A plain label has a frame and an emblem, a patterned one the pattern all over. Frame and emblem end well inside the
    label and the pattern runs straight over its edge, so nothing looks cut off.
    """
    y, x = np.mgrid[0:height, 0:width].astype(float)
    short = min(width, height)
    x, y = (x - width / 2) / short, (y - height / 2) / short  # about -0.5..0.5 along the short side
    shift = 0.5 if pattern == "dotted" else 0.25
    mask = pattern_mask(pattern, x * 1.0 + shift / 5, y + shift / 5, 5.0)
    image = mix(colour, second_colour, gaussian_filter(mask, 0.8))
    if pattern != "plain":
        return image
    border = np.maximum(np.abs(x) - (width / short / 2 - 0.06), np.abs(y) - (height / short / 2 - 0.06))
    frame = (np.abs(border) < 0.018).astype(float)
    return mix(image, second_colour, gaussian_filter(np.maximum(frame, emblem(rng, x, y)), 0.8))


def emblem(rng: np.random.Generator, x: Array, y: Array) -> Array:
    """A small drawing about the origin, no wider than 0.5, one of four: 0..1, of the shape of x."""
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    kind = rng.integers(4)
    if kind == 0:
        drawing = radius < 0.20
    elif kind == 1:
        drawing = (radius < 0.22) & (radius > 0.13)
    elif kind == 2:
        drawing = np.abs(x) + np.abs(y) < 0.24
    else:
        drawing = radius < 0.17 + 0.05 * np.cos(6 * angle + rng.uniform(0, 6))
    return drawing.astype(float)
