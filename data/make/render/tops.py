"""T-shirt, dress and jacket, photographed flat from above. Units: a garment is about two high."""

import numpy as np
import shapely

from render.cloth import flat_piece, largest, ribbon, smooth_outline
from render.geometry import Array, Mesh, sphere
from render.look import Look
from render.materials import fabric, skin
from render.tailoring import (
    Box,
    Cloth,
    band,
    cut_cloth,
    flat_strip,
    mirrored,
    seam_colour,
    soften,
    stretched,
    turned,
)

TORSO = [[0.28, 0.93], [0.62, 0.80], [0.66, 0.4], [0.63, -0.2], [0.66, -0.95], [0.3, -0.985], [0, -0.99]]
NECK = [[-0.27, 0.95], [-0.16, 0.78], [0, 0.70], [0.16, 0.78], [0.27, 0.95], [0.27, 1.3], [-0.27, 1.3]]
SHIRT_BOX: Box = (-1.35, -1.1, 1.35, 1.1)


def torso(length: float = 1.0) -> shapely.Polygon:
    """The body of a shirt without sleeves, its lower part stretched by `length`."""
    right = np.array(TORSO)
    right[:, 1] = np.where(right[:, 1] < 0, right[:, 1] * length, right[:, 1])
    return soften(np.concatenate([right, mirrored(right, -1)[::-1][1:]]))


def neck_edge(body: shapely.Polygon, neck: shapely.Polygon) -> Array:
    """The line (n, 2) along which the neck is cut out of the body."""
    edge = shapely.line_merge(neck.exterior.intersection(body.buffer(0.012)))
    edge = edge if edge.geom_type == "LineString" else max(edge.geoms, key=lambda part: part.length)
    return shapely.get_coordinates(edge)


def body_piece(body: shapely.Polygon, cloth: Cloth, rng: np.random.Generator, lift: float = 0.035) -> Mesh:
    """The front of a shirt, with long soft folds downwards."""
    tilt = rng.uniform(-0.4, 0.4)
    return flat_piece(
        body, cloth.patterned, rng, lift, 0.085, 0.09, 0.05, (0.09, 0.36), texture_box=cloth.box, fold_angle=tilt
    )


def tshirt(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A short-sleeved shirt with a round collar."""
    drop, length, reach = rng.uniform(-8, 8), rng.uniform(0.94, 1.06), rng.uniform(0.85, 1.2)
    body, neck = torso(length), smooth_outline(NECK, 2)
    bottom = -0.92 * length
    sleeves, seams = [], [np.array([[-0.7, bottom], [0, bottom - 0.03], [0.7, bottom]])]
    for side in (-1, 1):
        outer = stretched([[1.08, 0.42], [1.13, 0.33], [0.80, 0.12]], (0.62, 0.5), reach)
        shape = soften(mirrored([[0.45, 0.9], [0.66, 0.80], *outer, [0.6, 0.3], [0.45, 0.5]], side))
        hem = shapely.LineString(mirrored(outer[[0, 2]] - [0.06, -0.01], side))
        sleeves.append((turned(shape, side * drop, (side * 0.55, 0.6)), side))
        seams.append(shapely.get_coordinates(turned(hem, side * drop, (side * 0.55, 0.6))))
    cloth = cut_cloth(look, rng, SHIRT_BOX, seams, count=11)
    parts = [
        flat_piece(
            shape, cloth.patterned, rng, 0, 0.075, 0.09, 0.04, (0.3, 0.08), texture_box=SHIRT_BOX, fold_angle=side * 0.9
        )
        for shape, side in sleeves
    ]
    parts.append(flat_piece(largest(body.intersection(shapely.box(-0.4, 0.5, 0.4, 1))), cloth.inside, rng, folds=0))
    parts.append(body_piece(body.difference(neck), cloth, rng))
    parts.append(ribbon(neck_edge(body, neck), 0.045, cloth.trim, rng, lift=0.13))
    return parts


def dress(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A sleeveless dress with a wide pleated skirt and a belt."""
    width, waves, phase = rng.uniform(0.74, 0.92), rng.integers(6, 9), rng.uniform(0, 6)
    length = rng.uniform(1.1, 1.3)
    x = np.linspace(width, -width, 60)
    hem = np.stack([x, -length - 0.09 * (1 - (x / width) ** 2) + 0.02 * np.sin(x * waves * 3 + phase)], 1)
    skirt = shapely.Polygon([[-0.30, 0.12], [0.30, 0.12], [0.42, -0.2], *hem, [-0.42, -0.2]])
    box = (-1.0, -1.4, 1.0, 1.0)
    cloth = cut_cloth(look, rng, box, [hem + [0, 0.07]], count=10.5)

    def pleats(x: Array, y: Array, from_edge: Array) -> Array:
        down = np.clip((0.12 - y) / 1.3, 0, 1)
        across = x / (0.30 + (width - 0.3) * down + 1e-6)
        wave = np.sin(across * waves * 2.2 + phase + 0.6 * np.sin(2 * y))
        return 0.055 * down * wave * np.clip(from_edge / 0.06, 0, 1)

    right = [
        [0.30, 0.10],
        [0.34, 0.35],
        [0.40, 0.62],
        [0.30, 0.72],
        [0.24, 0.98],
        [0.14, 0.98],
        [0.16, 0.70],
        [0, 0.60],
    ]
    top = soften([*right, *mirrored(right, -1)[::-1][1:]], 0.02)
    back = [[-0.34, 0.4], [0.34, 0.4], [0.30, 0.76], [0, 0.72], [-0.30, 0.76]]
    return [
        flat_piece(skirt, cloth.patterned, rng, 0, 0.09, 0.08, 0.012, (0.06, 0.4), 0.017, box, extra_height=pleats),
        flat_piece(shapely.Polygon(back), cloth.inside, rng, thickness=0.03, edge=0.04, folds=0),
        flat_piece(top, cloth.patterned, rng, 0.04, 0.08, 0.08, 0.016, (0.1, 0.25), texture_box=box),
        flat_piece(
            band(-0.335, 0.03, 0.335, 0.16), fabric(seam_colour(look.colour)), rng, 0.09, 0.06, 0.04, folds=0.006
        ),
    ]


def jacket(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A short buttoned jacket with a fold-down collar, flap pockets, cuffs and a waistband."""
    drop = rng.uniform(-6, 10)
    right = [[0.28, 0.93], [0.70, 0.78], [0.74, 0.3], [0.70, -0.3], [0.66, -0.80], [0, -0.82]]
    body = soften([*right, *mirrored(right, -1)[::-1][1:]])
    neck = smooth_outline(
        [[-0.26, 1.0], [-0.2, 0.86], [0, 0.56], [0.2, 0.86], [0.26, 1.0], [0.26, 1.3], [-0.26, 1.3]], 1
    )
    yoke = [mirrored([[0.10, 0.50], [0.72, 0.50]], side) for side in (-1, 1)]
    darts = [mirrored([[0.26, 0.28], [0.20, -0.8]], side) for side in (-1, 1)]
    armholes = [mirrored([[0.62, 0.85], [0.56, 0.55], [0.66, 0.22]], side) for side in (-1, 1)]
    cloth = cut_cloth(look, rng, SHIRT_BOX, [*yoke, *darts, *armholes])
    parts: list[Mesh] = []
    for side in (-1, 1):
        parts += _jacket_sleeve(cloth, rng, side, drop)
    parts.append(flat_piece(largest(body.intersection(shapely.box(-0.4, 0.4, 0.4, 1))), cloth.inside, rng, folds=0))
    parts.append(body_piece(body.difference(neck), cloth, rng))
    parts.append(flat_strip(band(-0.68, -0.98, 0.68, -0.78), cloth.plain, rng, 0.08))
    parts.append(flat_strip(band(-0.075, -0.96, 0.075, 0.60), cloth.plain, rng, 0.105))
    for side in (-1, 1):
        collar = mirrored([[0.03, 0.60], [0.15, 0.99], [0.30, 1.02], [0.42, 0.80], [0.27, 0.58]], side)
        flap = mirrored([[0.24, 0.48], [0.54, 0.48], [0.54, 0.36], [0.39, 0.30], [0.24, 0.36]], side)
        parts.append(flat_piece(soften(collar, 0.015), cloth.plain, rng, 0.13, 0.06, 0.05, 0.01))
        parts.append(flat_strip(soften(flap, 0.015), cloth.plain, rng, 0.115))
        parts.append(flat_strip(band(*sorted_box(side * 0.30, side * 0.36, -0.50, -0.12)), cloth.trim, rng, 0.10))
        parts.append(button(side * 0.39, 0.35, look))
    return parts + [button(0.0, y, look) for y in np.linspace(0.48, -0.88, 6)]


def sorted_box(xa: float, xb: float, y0: float, y1: float) -> Box:
    """The box between two x in either order."""
    return (min(xa, xb), y0, max(xa, xb), y1)


def button(x: float, y: float, look: Look) -> Mesh:
    """A small flat button in the second colour."""
    return sphere(1, (0, 0, 0), skin(look.second_colour, 0.3), 16).transformed((0.04, 0.04, 0.025), shift=(x, y, 0.165))


def _jacket_sleeve(cloth: Cloth, rng: np.random.Generator, side: int, drop: float) -> list[Mesh]:
    """A long sleeve and its cuff."""
    shoulder = (side * 0.6, 0.6)
    outline = [
        [0.45, 0.9],
        [0.70, 0.80],
        [0.98, 0.30],
        [1.20, -0.62],
        [0.90, -0.68],
        [0.74, 0.05],
        [0.6, 0.3],
        [0.45, 0.5],
    ]
    cuff = [[1.17, -0.52], [1.22, -0.72], [0.88, -0.78], [0.87, -0.58]]
    sleeve = turned(soften(mirrored(outline, side)), side * drop, shoulder)
    end = turned(soften(mirrored(cuff, side), 0.015), side * drop, shoulder)
    return [
        flat_piece(
            sleeve,
            cloth.patterned,
            rng,
            0,
            0.085,
            0.1,
            0.06,
            (0.22, 0.09),
            texture_box=cloth.box,
            fold_angle=side * 0.5,
        ),
        flat_strip(end, cloth.plain, rng, 0.06),
    ]
