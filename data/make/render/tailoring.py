"""What all garments share: their cloth, with seams painted on, and pieces cut from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter
from shapely import affinity

from render.cloth import Polygon, flat_piece
from render.geometry import Array, Material, Mesh
from render.look import Look
from render.materials import fabric, linear, rgb, shade
from render.textures import mix, pattern_texture

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cloth:
    """The materials of one garment, and the area (x0, y0, x1, y1) that the patterned texture covers."""

    patterned: Material
    plain: Material
    trim: Material
    inside: Material
    box: Box


def seam_colour(colour: str) -> Array:
    """A tone of the colour that shows as a line on it: darker, or lighter where the colour is very dark. sRGB (3,)."""
    luminance = linear(rgb(colour)) @ [0.2126, 0.7152, 0.0722]
    return rgb(colour) * 0.65 + 0.25 if luminance < 0.06 else shade(colour, 0.6)


def paint_lines(image: Array, lines: Sequence[ArrayLike], box: Box, colour: Array, width: float) -> Array:
    """The image (h, w, 3) with lines, each (n, 2), `width` thick; both in the units of the box that it covers."""
    h, w = image.shape[:2]
    x0, y0, x1, y1 = box
    mask = np.zeros((h, w), np.uint8)
    for line in lines:
        x, y = np.asarray(line, float).T
        pixels = np.stack([(x - x0) / (x1 - x0) * w, (y1 - y) / (y1 - y0) * h], 1)
        cv2.polylines(
            mask, [np.round(pixels).astype(np.int32)], False, 255, max(1, round(width / (y1 - y0) * h)), cv2.LINE_AA
        )
    return mix(image, colour, gaussian_filter(mask / 255, 0.7))


def cut_cloth(
    look: Look,
    rng: np.random.Generator,
    box: Box,
    seams: Sequence[ArrayLike] = (),
    count: float = 10.0,
    weave: str = "cloth",
    angle: float = 0.0,
) -> Cloth:
    """The cloth of a garment within the box, with `count` stripes, checks or dots to its height and painted seams."""
    aspect = (box[2] - box[0]) / (box[3] - box[1])
    image = pattern_texture(
        rng, look.colour, look.pattern, look.second_colour, 768, 1.0, weave, aspect=aspect, angle=angle, count=count
    )
    dark = seam_colour(look.colour)
    image = paint_lines(image, seams, box, dark, 0.022)
    trim = rgb(look.colour) * 0.8 + dark * 0.2
    inside = shade(look.colour, 0.5)
    return Cloth(fabric(image), fabric(rgb(look.colour)), fabric(trim), fabric(inside), box)


def soften(points: ArrayLike, radius: float = 0.03) -> Polygon:
    """The polygon through points (n, 2) with its corners rounded to a radius."""
    return shapely.Polygon(np.asarray(points, float)).buffer(-radius).buffer(2 * radius).buffer(-radius)


def mirrored(points: ArrayLike, side: int) -> Array:
    """Points (n, 2) as they are for side 1, mirrored left to right for side -1."""
    return np.asarray(points, float) * [side, 1]


def turned(shape: Polygon, degrees: float, about: tuple[float, float]) -> Polygon:
    """The shape turned about a point."""
    return affinity.rotate(shape, degrees, origin=about)


def stretched(points: ArrayLike, start: ArrayLike, factor: float) -> Array:
    """Points (n, 2) moved away from `start` (2,) by a factor."""
    return np.asarray(start) + (np.asarray(points, float) - start) * factor


def band(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    """An upright rectangle with slightly rounded corners."""
    return shapely.box(x0, y0, x1, y1).buffer(-0.012).buffer(0.012)


def flat_strip(
    shape: Polygon, material: Material, rng: np.random.Generator, lift: float, box: Box | None = None
) -> Mesh:
    """A narrow piece without folds: waistband, collar, cuff, pocket flap."""
    return flat_piece(shape, material, rng, lift, 0.05, 0.035, folds=0.0, spacing=0.02, texture_box=box)
