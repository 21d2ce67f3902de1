"""The drinks that come in cans, mugs, boxes, tumblers and cartons, and the table of all drinks.

Nothing here shows what can only be heard: no bubbles, and one and the same surface whatever the vessel is made of.
"""

from collections.abc import Callable

import numpy as np
import shapely

from render.drinks_bottles import lemonade, red_wine, white_wine
from render.geometry import Array, Material, Mesh, disc, grid_surface, resample, revolve, tube
from render.look import Look
from render.materials import glossy, matte, metal, painted_metal, plastic, rgb, skin, thin_glass
from render.solids import solid_from_distance
from render.studio import Staging
from render.vessels import filling, side_of, turned, turned_profile, wrapped_pattern

Builder = Callable[[Look, np.random.Generator], list[Mesh]]
STRAWS = ("black", "navy", "grey", "brown")


def can(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A drinks can, printed all round, with a bare lid and a ring to pull."""
    radius, height = 0.5, rng.uniform(1.55, 1.8)
    body = turned_profile(
        [[0.36, 0], [0.40, 0.04], [radius, 0.16], [radius, height - 0.2], [0.43, height - 0.05]], rounds=2
    )
    rim = [[0.43, -0.05], [0.445, -0.02], [0.44, 0], [0.42, -0.01], [0.41, -0.06], [0.2, -0.065], [0.001, -0.065]]
    lid = turned_profile(np.array(rim) + [0, height], 60, rounds=2, cut=0.25)
    coat = wrapped_pattern(rng, look, height, 2 * np.pi * radius)

    def ring(x: Array, y: Array, z: Array) -> Array:
        return np.maximum(np.abs(np.hypot(x / 0.62, y) - 0.13) - 0.035, np.abs(z) - 0.012)

    pull = solid_from_distance(ring, (-0.15, -0.22, -0.05), (0.15, 0.22, 0.05), metal(), resolution=50)
    pull = pull.transformed(rotate_z=rng.uniform(-40, 40), shift=(0, -0.08, height - 0.04))
    return [turned(body, painted_metal(coat)), revolve(lid, metal()), pull]


def coffee(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A mug of coffee, patterned outside and pale inside."""
    radius, height = 0.55, rng.uniform(1.0, 1.2)
    outer = [[0.44, 0], [0.47, 0.02], [radius, 0.12], [radius, height]]
    inner = [
        [radius, height],
        [radius - 0.03, height + 0.03],
        [radius - 0.07, height],
        [radius - 0.07, 0.2],
        [0.35, 0.1],
        [0.001, 0.1],
    ]
    coat = wrapped_pattern(rng, look, height, 2 * np.pi * radius)
    angle = np.linspace(-1.62, 1.62, 40)
    bow = np.stack([0.53 + 0.36 * np.cos(angle), 0 * angle, height / 2 + 0.36 * np.sin(angle)], 1)
    parts = [
        turned(turned_profile(outer, 70), glossy(coat)),
        revolve(turned_profile(inner, 70), glossy("#f1ece2")),
        tube(bow, 0.075, glossy(look.colour), section=lambda turn: 1 + 0.25 * np.cos(2 * turn)),
        disc(radius - 0.07, height - rng.uniform(0.10, 0.16), skin("#5a3216", 0.5, 0.15)),
    ]
    turn = rng.uniform(-50, 10)
    return [part.transformed(rotate_z=turn) for part in parts]


def rounded_rectangle(width: float, depth: float, corner: float, samples: int = 200) -> Array:
    """The outline of a box seen from above, from the middle of its back round to there: (samples, 2), evenly spaced."""
    outline = shapely.box(-width / 2, -depth / 2, width / 2, depth / 2).buffer(-corner).buffer(corner).exterior
    start = outline.project(shapely.Point(0, depth / 2))
    direction = 1.0 if shapely.is_ccw(outline) else -1.0
    along = (start + direction * np.linspace(0, 1, samples, endpoint=False) * outline.length) % outline.length
    return shapely.get_coordinates(shapely.line_interpolate_point(outline, along))


def box_side(outline: Array, profile: Array, material: Material) -> Mesh:
    """The surface of a box from its outline (n, 2) and a profile (m, 2) of (scale, height), the bottom first."""
    flat = profile[:, None, :1] * outline[None]
    height = np.broadcast_to(profile[:, None, 1:], (*flat.shape[:2], 1))
    return grid_surface(np.concatenate([flat, height], 2), material)


def leaf_seal(texture: Array, aspect: float, centre: tuple[float, float], radius: float) -> Array:
    """The texture with a pale oval seal of two tea leaves, in a dark ring.

    aspect: width over height of the surface; centre in 0..1 of the texture; radius in heights of it.
    """
    rows, columns, _ = texture.shape
    y, x = (np.mgrid[0:rows, 0:columns] + 0.5) / [[[rows]], [[columns]]]
    x, y = (x - centre[0]) * aspect / radius, (y - centre[1]) / radius
    texture = texture.copy()
    texture[np.hypot(x / 0.85, y) < 1.1] = rgb("#3c4a30")
    texture[np.hypot(x / 0.85, y) < 1] = rgb("cream")
    for lean in (-0.65, 0.65):  # each leaf is an ellipse that grows upwards from the foot of the seal
        up, aside = np.cos(lean) * (0.6 - y) + np.sin(lean) * x, np.cos(lean) * x - np.sin(lean) * (0.6 - y)
        texture[((up - 0.55) / 0.55) ** 2 + (aside / 0.24) ** 2 < 1] = rgb("#3c4a30")
    return texture


def tea(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A tea caddy: a box with rounded edges, a seal with two leaves, and a lid that grips it."""
    width, depth, height = 1.0, rng.uniform(0.7, 0.9), rng.uniform(1.15, 1.4)
    outline = rounded_rectangle(width, depth, 0.13)
    aspect = (2 * (width + depth) - 0.22) / height
    coat = leaf_seal(wrapped_pattern(rng, look, height, aspect * height), aspect, (0.5, 0.52), 0.24)
    body = turned_profile([[0.96, 0], [1, 0.03], [1, height]], 40, rounds=2)
    grip = [[1.0, -0.04], [1.03, -0.04], [1.03, 0.16], [0.98, 0.22], [0.3, 0.22], [0.001, 0.22]]
    lid = turned_profile(np.array(grip) + [0, height], 60, rounds=2)
    parts = [box_side(outline, body, glossy(coat, 0.2)), box_side(outline, lid, glossy(look.colour, 0.2))]
    turn = rng.uniform(18, 38) * rng.choice([-1, 1])
    return [part.transformed(rotate_z=turn) for part in parts]


def juice(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A tumbler of juice with a straw. Juice lets no light through, so it is one body up to its level."""
    height, low, high = 1.5, 0.42, rng.uniform(0.52, 0.60)
    glass = turned_profile([[0.001, 0], [low * 0.9, 0], [low, 0.05], [high, height]], 70, cut=0.15)
    level = height * rng.uniform(0.68, 0.84)
    rim = side_of(glass, level, height, gap=0.0)
    side = rng.choice([-1, 1])
    straw = np.array([[0.12 * side, 0.08, level - 0.02], [0.5 * side, 0.12, height + 0.5]])
    return [
        revolve(filling(glass, level), plastic(look.colour)),
        revolve(rim, thin_glass((0.9, 0.92, 0.92))),
        tube(straw, 0.045, matte(STRAWS[rng.integers(len(STRAWS))]), 16),
    ]


def milk_wave(look: Look, rng: np.random.Generator, rows: int, columns: int) -> Array:
    """The print of a milk carton: the look's colour above a pale wave, sRGB (rows, columns, 3)."""
    y, x = np.mgrid[0:rows, 0:columns]
    crest = 0.66 + 0.07 * np.sin(2 * np.pi * (4 * x / columns + rng.random()))
    pale = "#9db8d2" if look.colour == "white" else "#f5f3ec"
    return np.where((y / rows > crest)[..., None], rgb(pale), rgb(look.colour))


def gable(outline: Array, low: float, high: float, material: Material, rows: int = 12) -> Mesh:
    """The roof over a box's outline (n, 2): it narrows from front and back to a ridge along x."""
    narrow = np.linspace(1, 0.02, rows)[:, None]
    x = np.broadcast_to(outline[:, 0], (rows, len(outline)))
    z = np.broadcast_to(low + (high - low) * (1 - narrow), x.shape)
    return grid_surface(np.stack([x, outline[:, 1] * narrow, z], -1), material)


def milk(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A milk carton: a box with a gable top, the seam that closes it, and a screw cap on the roof."""
    width, height, roof, fin = 0.85, rng.uniform(1.15, 1.4), 0.36, 0.16
    outline, ridge = rounded_rectangle(width, width, 0.02), rounded_rectangle(width, 0.035, 0.01)
    side = resample([[1.0, 0.0], [1.0, height]], 20)
    seam = np.array([[1.0, 0.0], [1.0, fin], [0.5, fin], [0.001, fin]]) + [0, height + roof - 0.01]
    cap = revolve(turned_profile([[0.13, 0], [0.13, 0.12], [0.001, 0.12]], 40, rounds=2), glossy(rgb("#f5f3ec")), 40)
    slope = np.degrees(np.arctan2(roof, width / 2))
    plain = glossy(look.colour, 0.25)
    parts = [
        box_side(outline, side, glossy(milk_wave(look, rng, 256, 512), 0.25)),
        gable(outline, height, height + roof, plain),
        box_side(ridge, seam, plain),
        cap.transformed(rotate_x=slope, shift=(0, -width / 4, height + roof / 2)),
    ]
    turn = rng.uniform(22, 40) * rng.choice([-1, 1])
    return [part.transformed(rotate_z=turn) for part in parts]


#: Drink -> what builds it, and how it is photographed.
DRINKS: dict[str, tuple[Builder, Staging]] = {
    "red_wine": (red_wine, Staging("standing", glassy=True)),
    "white_wine": (white_wine, Staging("standing", glassy=True)),
    "can": (can, Staging("standing")),
    "coffee": (coffee, Staging("standing", elevation=(16, 32))),
    "tea": (tea, Staging("standing", elevation=(14, 28))),
    "juice": (juice, Staging("standing")),
    "lemonade": (lemonade, Staging("standing", glassy=True)),
    "milk": (milk, Staging("standing", elevation=(12, 24))),
}
