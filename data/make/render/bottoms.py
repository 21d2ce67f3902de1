"""Trousers, shorts and socks, photographed flat from above."""

import numpy as np
import shapely

from render.cloth import flat_piece, smooth_outline
from render.geometry import Array, Mesh, sphere
from render.look import Look
from render.materials import fabric, rgb, skin
from render.tailoring import Box, band, cut_cloth, flat_strip, mirrored, soften
from render.textures import pattern_texture

TROUSER_BOX: Box = (-1.1, -1.5, 1.1, 1.0)


def trouser_leg(side: int, bottom: float, spread: float, bend: float, width: float) -> Array:
    """The outline (n, 2) of a leg from the waist to the height `bottom`, its foot moved outwards and its knee bent."""
    low = (0.86 - bottom) / 2.2  # 1 for long trousers
    knee = 0.86 - 0.55 * (0.86 - bottom)
    outer = [[0.50, 0.86], [0.60, 0.40], [0.58 + bend + 0.4 * spread, knee], [0.30 + width + spread, bottom]]
    inner = [
        [0.30 - width + spread, bottom - 0.03],
        [0.16 - 0.10 * (1 - low) + bend + 0.3 * spread, knee],
        [0.01, 0.20],
    ]
    return mirrored([[-0.02, 0.86], *outer, *inner, [-0.02, 0.25]], side)


def _pants(
    look: Look, rng: np.random.Generator, bottom: float, width: float, spread: tuple[float, float]
) -> list[Mesh]:
    """Two legs with creases at the crotch, a waistband with loops and a button, pockets and hems."""
    apart = rng.uniform(*spread, 2)
    bends = rng.uniform(-0.05, 0.09, 2)
    shapes, seams = [], [np.array([[0, 0.78], [0, 0.24]]), np.array([[0.12, 0.76], [0.12, 0.46], [0, 0.36]])]
    for side, gap, bend in zip((-1, 1), apart, bends, strict=True):
        shapes.append((soften(trouser_leg(side, bottom, gap, bend, width)), side))
        seams.append(mirrored([[0.30, 0.80], [0.36, 0.64], [0.58, 0.55]], side))
        seams.append(mirrored([[0.25 - width + gap, bottom + 0.06], [0.36 + width + gap, bottom + 0.08]], side))
    cloth = cut_cloth(look, rng, TROUSER_BOX, seams, count=11)
    rays, phase = rng.integers(5, 8), rng.uniform(0, 6)

    def creases(x: Array, y: Array, from_edge: Array) -> Array:
        away, angle = np.hypot(x, y - 0.25), np.arctan2(y - 0.25, np.abs(x))
        at_crotch = 0.035 * np.sin(angle * rays + phase) * np.exp(-((away - 0.2) ** 2) / 0.08)
        at_knee = 0.022 * np.sin(22 * y + 4 * x + phase) * np.exp(-((y + 0.35) ** 2) / 0.05) * (bottom < -0.8)
        return (at_crotch + at_knee) * np.clip(from_edge / 0.08, 0, 1)

    parts = [
        flat_piece(
            shape, cloth.patterned, rng, 0.012 * (side > 0), 0.11, 0.12, 0.06, (0.11, 0.30), texture_box=TROUSER_BOX,
            fold_angle=rng.uniform(-0.5, 0.5), extra_height=creases,
        )
        for shape, side in shapes
    ]  # fmt: skip
    return parts + _waist(look, rng, cloth.patterned, cloth.inside)


def _waist(look: Look, rng: np.random.Generator, patterned: dict, inside: dict) -> list[Mesh]:
    """The waistband: its inner back, its front, belt loops and a button."""
    back = smooth_outline([[-0.5, 0.80], [0.5, 0.80], [0.46, 0.97], [-0.46, 0.97]], 2)
    parts = [flat_piece(back, inside, rng, 0.0, 0.04, 0.04, folds=0)]
    parts.append(flat_strip(band(-0.52, 0.75, 0.52, 0.89), patterned, rng, 0.09, TROUSER_BOX))
    for x in (-0.38, -0.17, 0.17, 0.38):
        parts.append(flat_strip(band(x - 0.03, 0.73, x + 0.03, 0.885), patterned, rng, 0.12, TROUSER_BOX))
    knob = sphere(1, (0, 0, 0), skin(look.second_colour, 0.3), 16)
    return [*parts, knob.transformed((0.045, 0.045, 0.03), shift=(0, 0.82, 0.155))]


def trousers(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """Long trousers."""
    return _pants(look, rng, bottom=rng.uniform(-1.42, -1.25), width=rng.uniform(0.17, 0.23), spread=(0.02, 0.20))


def shorts(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """The same cut with short, wide legs."""
    return _pants(look, rng, bottom=rng.uniform(-0.42, -0.22), width=rng.uniform(0.28, 0.32), spread=(-0.01, 0.06))


SOCK = [
    [-0.2, 1.0], [0.2, 1.0], [0.21, 0.2], [0.26, -0.1], [0.55, -0.34], [0.86, -0.46], [0.93, -0.66],
    [0.78, -0.82], [0.3, -0.8], [-0.02, -0.72], [-0.24, -0.5], [-0.24, -0.1], [-0.2, 0.3],
]  # fmt: skip


def socks(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A pair of socks, one half over the other; cuff, heel and toe in the second colour."""
    shaft = np.array(SOCK)
    shaft[:, 1] = np.where(shaft[:, 1] > 0.15, 0.15 + (shaft[:, 1] - 0.15) * rng.uniform(0.75, 1.15), shaft[:, 1])
    top = shaft[:, 1].max()
    foot = smooth_outline(shaft, 2).union(shapely.box(-0.2, top - 0.2, 0.2, top + 0.02))
    box = foot.bounds
    ends = {
        "toe": foot.intersection(shapely.box(0.64, -1, 1.1, -0.2)),
        "heel": foot.intersection(shapely.Point(-0.24, -0.62).buffer(0.33)),
        "cuff": foot.intersection(shapely.box(-0.5, top - 0.2, 0.5, top + 0.1)),
    }
    aspect = (box[2] - box[0]) / (box[3] - box[1])
    knitted = pattern_texture(rng, look.colour, look.pattern, look.second_colour, 512, 1, "knit", aspect, count=10)
    trim = fabric(rgb(look.second_colour))
    parts = []
    lean, apart = rng.uniform(8, 20), rng.uniform(0.42, 0.54)
    for k in range(2):
        pair = [flat_piece(foot, fabric(knitted), rng, 0, 0.10, 0.12, 0.022, (0.16, 0.10), 0.02, box)]
        for name, shape in ends.items():
            edge = 0.07 if name == "cuff" else 0.12
            pair.append(flat_piece(shape.buffer(0.004), trim, rng, 0.008, 0.10, edge, 0.012, (0.2, 0.1), 0.022))
        place = (-0.28 + apart * k, 0.06 * k, 0.10 * k)
        parts += [part.transformed(rotate_z=-8 + k * lean, shift=place) for part in pair]
    return parts
