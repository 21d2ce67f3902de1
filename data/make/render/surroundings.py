"""What stands around a product: a pale backdrop, sometimes a wooden table, sometimes small things that lie about."""

from dataclasses import replace

import numpy as np

from render.cloth import flat_piece, smooth_outline
from render.geometry import Mesh, grid_surface, sphere
from render.materials import matte, rgb, skin
from render.solids import rounded_cube, solid_from_distance
from render.textures import smooth_noise
from render.viewpoint import View, direction

BACKDROPS = (
    "#f3efe6",
    "#e4edf2",
    "#e6e4e0",
    "#f2e2d9",
    "#dde9da",
    "#d3dcee",
    "#f6ebcf",
    "#d3cfca",
    "#e9d5de",
    "#bcd3d6",
)
WOODS = ("#a67b52", "#c9a57b", "#6d4a30", "#d8c3a5")
CLUTTER_COLOURS = ("#7a8f5b", "#8d8378", "#c9bd9a", "#5b6b7a", "#efefe8", "#4a3426")


def backdrop(view: View, rng: np.random.Generator) -> Mesh:
    """A floor that bends up into a wall behind the object, in a pale colour."""
    size = view.extent
    radius, edge = 2.2 * size, rng.uniform(2.2, 3.4) * size
    angle = np.linspace(0, np.pi / 2, 16)[1:]
    bend = np.stack([edge + radius * np.sin(angle), radius - radius * np.cos(angle)], 1)
    profile = np.concatenate([[[-30 * size, 0], [edge, 0]], bend, [[edge + radius, 30 * size]]])
    x, y = np.meshgrid(np.linspace(-25 * size, 25 * size, 3), profile[:, 0])
    z = np.repeat(profile[:, 1:], 3, 1)
    return grid_surface(np.stack([x, y, z], -1), matte(str(rng.choice(BACKDROPS))), closed=False)


def wooden_table(view: View, rng: np.random.Generator) -> Mesh:
    """A board of planks just above the floor."""
    n, plank = 512, 86
    grain = 0.5 * smooth_noise(rng, n, n, 220, 3) + 0.5 * smooth_noise(rng, n, n, 90, 14, 2)
    row = np.arange(n)
    tone = rng.uniform(-0.03, 0.03, n // plank + 1)[row // plank]
    image = rgb(str(rng.choice(WOODS))) * (1 + 0.10 * grain[..., None]) + tone[:, None, None]
    image[row % plank < 2] *= 0.55
    half = 3.2 * view.extent
    x, y = np.meshgrid(np.linspace(-half, half, 2), np.linspace(-0.9 * half, 1.1 * half, 2))
    points = np.stack([x, y, np.full_like(x, 0.002)], -1)
    return grid_surface(points, skin(image, 0.45, 0.35), closed=False)


def clutter(view: View, rng: np.random.Generator) -> list[Mesh]:
    """One to three small things (pebble, leaf, block) beside the object."""
    things = []
    half = (view.high - view.low)[:2] / 2
    for _ in range(rng.integers(1, 4)):
        radius = view.extent * rng.uniform(0.05, 0.10)
        around = direction(rng.uniform(0, 360), 0)[:2]
        around /= np.abs(around).max()
        x, y = view.centre[:2] + around * (half * rng.uniform(1.05, 1.3) + radius)
        colour = rgb(str(rng.choice(CLUTTER_COLOURS)))
        kind, turn = rng.integers(3), rng.uniform(0, 360)
        if kind == 0:
            thing = sphere(1, (0, 0, 0), skin(colour, 0.5)).transformed((1, 1, 0.6), shift=(0, 0, 0.6))
        elif kind == 1:
            leaf = smooth_outline([[0, -1], [0.35, -0.4], [0.4, 0.2], [0, 1.1], [-0.4, 0.2], [-0.35, -0.4]])
            green = skin(colour * [0.6, 1, 0.5], 0.5)
            thing = flat_piece(leaf, green, rng, thickness=0.05, edge=0.3, folds=0.06, spacing=0.08).transformed(1.6)
        else:
            thing = solid_from_distance(rounded_cube, [-1.1] * 3, [1.1] * 3, matte(colour), 24)
            thing = thing.transformed(0.7, shift=(0, 0, 0.66))
        thing = thing.transformed(radius, rotate_z=turn, shift=(x, y, 0.01))
        things.append(replace(thing, counts_for_framing=False))
    return things
