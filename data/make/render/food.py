"""Soup, crisps and jam, and the table of all food.

The bowl and the jar have one and the same surface whatever they are made of: that can only be heard.
"""

from collections.abc import Callable

import numpy as np
import shapely

from render.cloth import flat_piece
from render.food_fruit import apple, pear
from render.food_solid import bread, cake, cheese
from render.geometry import Array, Mesh, disc, grid_surface, revolve, sphere
from render.look import Look
from render.materials import glossy, painted_metal, plastic, shade, skin, thin_glass, two_sided
from render.studio import Staging
from render.textures import pattern_texture
from render.vessels import filling, paper_label, turned, turned_profile, wrapped_pattern

Builder = Callable[[Look, np.random.Generator], list[Mesh]]
SOUPS = ("#f09a3c", "#f0bf62", "#ea8340", "#f4dfa4")
TOPPINGS = ("#4d8a34", "#f3ead2", "#d9641e")
JAMS = ("#8a1424", "#a8321a", "#b8641a", "#5a1c4a")


def soup(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A bowl of soup with vegetables in it; the pattern runs round the outside of the bowl."""
    outer = turned_profile([[0.30, 0.0], [0.42, 0.0], [0.44, 0.10], [0.74, 0.28], [0.95, 0.85]], 60)
    inner = turned_profile([[0.95, 0.85], [0.94, 0.88], [0.90, 0.85], [0.70, 0.34], [0.001, 0.14]], 60)
    coat = wrapped_pattern(rng, look, 1.0, 4.6, count=4)
    level = rng.uniform(0.68, 0.76)
    parts = [
        turned(outer, glossy(coat), 128),
        revolve(inner, glossy(look.colour), 128),
        disc(np.interp(level, inner[::-1, 1], inner[::-1, 0]), level, glossy(SOUPS[rng.integers(len(SOUPS))])),
    ]
    for _ in range(12):
        angle, away = rng.uniform(0, 2 * np.pi), 0.66 * np.sqrt(rng.random())
        place = (away * np.cos(angle), away * np.sin(angle), level + 0.01)
        crumb = sphere(rng.uniform(0.07, 0.13), (0, 0, 0), skin(TOPPINGS[rng.integers(len(TOPPINGS))]), 16)
        parts.append(crumb.transformed(scale=(1, rng.uniform(0.7, 1), 0.6), rotate_z=rng.uniform(0, 180), shift=place))
    return parts


def crisp(rng: np.random.Generator) -> Mesh:
    """One potato crisp: a thin disc bent like a saddle, lying on the ground."""
    radius, angle = np.meshgrid(
        np.linspace(0.24, 1e-3, 10), np.linspace(0, 2 * np.pi, 36, endpoint=False), indexing="ij"
    )
    x, y = radius * np.cos(angle) * rng.uniform(1, 1.25), radius * np.sin(angle)
    z = 0.7 * x**2 - 0.3 * y**2 + 0.03
    return grid_surface(np.stack([x, y, z], -1), two_sided(skin("#e9bd57")))


def bag_outline(width: float, height: float) -> shapely.Polygon:
    """A blown-up bag from the front: straight sealed ends with a zigzag cut, and sides that the air draws in."""
    y = np.linspace(-1, 1, 60)
    side = np.stack([width / 2 * (1 - 0.07 * (1 - y**4)), y * height / 2], 1)
    x = np.linspace(1, -1, 61)[1:-1]
    cut = np.stack([x * width / 2, height / 2 - 0.035 * (np.arange(59) % 2 == 0)], 1)
    return shapely.Polygon(np.concatenate([side, cut, -side, -cut]))


def crisps(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A bag of crisps: a sheet sealed above and below and blown up in between, and some crisps in front of it."""
    width, height = 1.5, rng.uniform(1.85, 2.1)
    print_ = pattern_texture(rng, look.colour, look.pattern, look.second_colour, aspect=width / height, count=7)
    seal = round(0.07 * len(print_))
    print_[:seal] = print_[-seal:] = shade(look.colour, 0.85)

    def blown_up(x: Array, y: Array, edge: Array) -> Array:
        toward_seal = np.clip((0.93 - np.abs(2 * y / height)) / 0.93, 0, 1)
        across = np.sqrt(np.clip(1 - (2.1 * x / width) ** 2, 0, 1))
        pillow = 0.42 * np.sin(np.clip(1.3 * toward_seal, 0, 1) * np.pi / 2) ** 0.8 * across
        pleats = 0.045 * np.sin(20 * x + 3 * np.sin(3 * y)) * np.exp(-((toward_seal / 0.22) ** 2)) * (toward_seal > 0)
        return pillow + pleats + 0.012 * np.sin(70 * y) * (toward_seal == 0)

    bag = flat_piece(
        bag_outline(width, height),
        painted_metal(print_, 0.3, 0.4),
        rng,
        thickness=0.02,
        edge=0.02,
        folds=0.03,
        fold_size=(0.3, 0.12),
        spacing=0.022,
        extra_height=blown_up,
    )
    bag = bag.transformed(rotate_x=80, shift=(0, 0, height / 2)).transformed(rotate_z=rng.uniform(-25, 25))
    spilled = []
    for _ in range(rng.integers(3, 6)):
        place = (rng.uniform(-0.8, 0.8), -rng.uniform(0.75, 1.15), 0)
        spilled.append(crisp(rng).transformed(rotate_z=rng.uniform(0, 360), shift=place))
    return [bag, *spilled]


def jam(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A jar of jam: the jam is one body up to its level, clear above, with a label and a ribbed lid."""
    radius, height = 0.56, rng.uniform(1.1, 1.3)
    shoulder = height - 0.1
    jar = turned_profile(
        [
            [0.01, 0.02],
            [0.88 * radius, 0],
            [radius, 0.08],
            [radius, height - 0.3],
            [0.97 * radius, height - 0.19],
            [0.82 * radius, shoulder],
            [0.82 * radius, height],
        ],
        120,
    )
    level = height - 0.22
    lid_radius = 0.9 * radius

    def ribs(r: Array, z: Array, turn: Array) -> tuple[Array, Array]:
        rib = (r > 0.97 * lid_radius) & (np.abs(z - height + 0.01) < 0.11)
        return r * (1 + 0.012 * np.sign(np.sin(40 * turn)) * rib), z

    lid = np.array(
        [[lid_radius, -0.14], [lid_radius, 0.09], [lid_radius - 0.05, 0.13], [lid_radius - 0.1, 0.11], [0.001, 0.11]]
    )
    return [
        revolve(filling(jar, level), plastic(JAMS[rng.integers(len(JAMS))])),
        revolve(jar[jar[:, 1] >= level], thin_glass()),
        paper_label(jar, look, rng, 0.14, level - 0.14, 1.2),
        revolve(turned_profile(lid + [0, height], 50, rounds=2), painted_metal(look.colour), 240, ribs),
    ]


#: Food -> what builds it, and how it is photographed.
FOOD: dict[str, tuple[Builder, Staging]] = {
    "soup": (soup, Staging("standing", elevation=(20, 30))),
    "crisps": (crisps, Staging("standing")),
    "jam": (jam, Staging("standing")),
    "apple": (apple, Staging("standing")),
    "bread": (bread, Staging("standing", elevation=(24, 38))),
    "cheese": (cheese, Staging("standing", elevation=(26, 40))),
    "cake": (cake, Staging("standing", elevation=(26, 40))),
    "pear": (pear, Staging("standing")),
}
