"""Bottles, alone or with a glass beside them: red wine, white wine, lemonade."""

import numpy as np
from numpy.typing import ArrayLike

from render.geometry import Array, Material, Mesh, revolve
from render.look import Look
from render.materials import glass, linear, painted_metal, plastic, rgb, thin_glass
from render.vessels import filling, paper_label, side_of, turned_profile

#: (radius, height) of the corners of the bottles, before they are rounded.
CLARET = [
    [0.01, 0.06],
    [0.36, 0],
    [0.43, 0.06],
    [0.43, 1.5],
    [0.41, 1.62],
    [0.21, 1.83],
    [0.15, 1.95],
    [0.14, 2.1],
    [0.14, 2.5],
]
FLUTE = [
    [0.01, 0.06],
    [0.33, 0],
    [0.40, 0.06],
    [0.40, 1.1],
    [0.36, 1.4],
    [0.23, 1.85],
    [0.15, 2.15],
    [0.13, 2.3],
    [0.13, 2.65],
]
SODA = [
    [0.01, 0.05],
    [0.26, 0],
    [0.30, 0.07],
    [0.30, 1.1],
    [0.28, 1.4],
    [0.18, 1.85],
    [0.13, 2.1],
    [0.12, 2.2],
    [0.12, 2.3],
]
#: Linear tints of clear glass: a little grey, so that a thin glass stands out from a pale wall, and a little yellow.
SMOKE = (0.86, 0.88, 0.88)
STRAW_TINT = (0.96, 0.975, 0.88)


def capsule(profile: Array, length: float, material: Material, thick: float = 0.012) -> Mesh:
    """The foil or cap round the top `length` of a bottle's neck."""
    top = profile[-1, 1]
    side = side_of(profile, top - length, top, gap=thick)
    radius = side[-1, 0]
    return revolve(
        np.concatenate([side, [[radius, top + 0.02], [radius * 0.9, top + 0.035], [1e-3, top + 0.035]]]), material
    )


def clear_drink(profile: Array, level: float, colour: ArrayLike | str) -> Mesh:
    """A clear drink that fills a vessel up to `level`, just inside its wall.

    Light enters and leaves it, and each time takes on its tint: so the tint is the square root of the colour.
    """
    return revolve(
        filling(profile, level, gap=0.02, floor=profile[0, 1] + 0.02), glass(np.sqrt(linear(rgb(colour))), 1.33)
    )


def wine_glass(colour: str, clear: bool, rng: np.random.Generator) -> list[Mesh]:
    """A stemmed glass of wine; wine that is not clear is one body with the glass up to its level."""
    bowl = turned_profile([[0.001, 0.72], [0.16, 0.76], [0.36, 0.95], [0.39, 1.2], [0.34, 1.5], [0.30, 1.68]], 80)
    level = rng.uniform(1.1, 1.25)
    foot = [[0.001, 0], [0.34, 0], [0.345, 0.015], [0.2, 0.04], [0.05, 0.08], [0.04, 0.3], [0.04, 0.66]]
    stem = turned_profile([*foot, [0.06, 0.73], [0.001, 0.73]], 90)
    drink = clear_drink(bowl, level, colour) if clear else revolve(filling(bowl, level), plastic(colour))
    wall = bowl if clear else bowl[bowl[:, 1] >= level]
    return [drink, revolve(wall, thin_glass(SMOKE)), revolve(stem, glass(SMOKE))]


def beside(parts: list[Mesh], rng: np.random.Generator) -> list[Mesh]:
    """The parts moved to the left or right of the middle."""
    place = (rng.choice([-1, 1]) * rng.uniform(0.85, 1.0), rng.uniform(-0.35, 0.1), 0)
    return [part.transformed(shift=place) for part in parts]


def red_wine(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A dark bottle with square shoulders, and a glass of red wine beside it.

    Through dark glass no light comes back, so the bottle and what is in it are one coated body.
    """
    bottle = turned_profile(CLARET, 160)
    return [
        revolve(bottle, plastic("#2a0a10")),
        paper_label(bottle, look, rng, 0.28, 1.28),
        capsule(bottle, 0.5, painted_metal(look.colour)),
        *beside(wine_glass("#5e0f20", clear=False, rng=rng), rng),
    ]


def white_wine(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A slender clear bottle of pale gold with sloping shoulders, and a glass of white wine beside it."""
    bottle = turned_profile(FLUTE, 160)
    return [
        revolve(bottle, thin_glass(STRAW_TINT)),
        clear_drink(bottle, 2.05, "#d8c070"),
        paper_label(bottle, look, rng, 0.24, 1.08),
        capsule(bottle, 0.5, painted_metal(look.colour)),
        *beside(wine_glass("#e2cf86", clear=True, rng=rng), rng),
    ]


def lemonade(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A small clear bottle of a cloudy coloured drink, with a cap and no label."""
    bottle = turned_profile(SODA, 140)
    level = rng.uniform(1.5, 1.75)
    return [
        revolve(filling(bottle, level), plastic(look.colour)),
        revolve(bottle[bottle[:, 1] >= level], thin_glass(SMOKE)),
        capsule(bottle, 0.13, painted_metal("#c9ccd0"), 0.03),
    ]
