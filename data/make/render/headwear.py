"""Scarf and beanie."""

import numpy as np

from render.geometry import Array, Mesh, grid_surface, resample, revolve, round_corners, smooth_curve, tube, unit
from render.look import Look
from render.materials import fabric, rgb, shade, two_sided
from render.textures import mix, pattern_mask, smooth_noise, weave_shading

SCARF_WIDTH = 0.29  # half the width


def scarf(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A long woven scarf laid in a loop whose ends cross, with fringes."""
    a, b = rng.uniform(-0.08, 0.08, 2)
    ways = [
        [-0.52 + a, -0.92], [-0.42 + a, -0.62], [0.00, -0.08], [0.44, 0.36], [0.50, 0.78], [0.0, 1.10],
        [-0.50, 0.78], [-0.44, 0.36], [0.00, -0.08], [0.46 + b, -0.58], [0.62 + b, -0.84],
    ]  # fmt: skip
    heights = [0, 0, 0, 0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.06, 0.02]
    along = np.linspace(0, 1, 220)
    line = smooth_curve(ways, len(along))
    from_start = np.linspace(0, 1, len(heights))
    lift = np.interp(along, from_start, heights)
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    gather = 1 - 0.22 * np.exp(-(((along - 0.5) / 0.16) ** 2)) - 0.12 * np.exp(-(((along - 0.2) / 0.06) ** 2))
    across = np.linspace(-1, 1, 48)
    pleats = _pleats(rng, along, across)
    height = 0.03 + 0.045 * (1 - np.abs(across) ** 8) + pleats + lift[:, None]
    side = across * (SCARF_WIDTH * gather)[:, None]
    points = np.concatenate([line[:, None] + normal[:, None] * side[..., None], height[..., None]], -1)
    cloth = two_sided(fabric(_scarf_texture(look, rng, float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()))))
    fringe = fabric(
        look.colour if look.pattern == "plain" else mix(look.colour, look.second_colour, np.full((1, 1), 0.25))[0, 0]
    )
    parts = [grid_surface(points, cloth, closed=False, flip=True)]
    for end, outwards in ((0, -1), (-1, 1)):
        parts += _fringe(rng, points[end], tangent[end] * outwards, fringe)
    return parts


def _pleats(rng: np.random.Generator, along: Array, across: Array) -> Array:
    """Folds along the scarf that wander across it and are flat at its ends: heights (len(along), len(across))."""
    wander = smooth_noise(rng, 8, len(along), 24, 2, 1)[0]
    phase = rng.uniform(0, 6)
    strength = np.clip(np.minimum(along, 1 - along) / 0.12, 0.15, 1)
    folds = np.sin(across[None, :] * 6.5 + phase + 0.9 * wander[:, None])
    small = smooth_noise(rng, len(along), len(across), 6, 22, 2)
    return strength[:, None] * (0.035 * np.tanh(1.5 * folds) + 0.014 * small)


def _scarf_texture(look: Look, rng: np.random.Generator, length: float) -> Array:
    """The pattern along the whole scarf, in squares that stay square: (h, w, 3)."""
    per_unit = 200
    h, w = int(length * per_unit), int(2 * SCARF_WIDTH * per_unit)
    y, x = np.mgrid[0:h, 0:w] / per_unit
    image = mix(look.colour, look.second_colour, pattern_mask(look.pattern, x + 0.03, y, 5.0))
    shading = np.tile(weave_shading(rng, 256, "cloth"), (h // 256 + 1, 1))[:h, :w]
    ends = np.minimum(y, length - y)
    if look.pattern == "plain":  # two woven bands at each end, tone on tone
        band = ((ends > 0.10) & (ends < 0.14)) | ((ends > 0.19) & (ends < 0.23))
        shading = shading * np.where(band, 0.72, 1.0)
    return np.clip(image * shading[..., None], 0, 1)


def _fringe(rng: np.random.Generator, edge: Array, outwards: Array, material: dict) -> list[Mesh]:
    """Tassels along an end of the scarf, edge (n, 3)."""
    parts = []
    for start in resample(edge, 11):
        length, stray = rng.uniform(0.20, 0.28), rng.uniform(-0.06, 0.06, 2)
        tip = np.array([*(start[:2] + outwards * length + stray), 0.02])
        middle = (start + tip) / 2 + [0, 0, 0.01]
        path = smooth_curve([start - [0, 0, 0.015], middle, tip], 8)
        parts.append(tube(path, np.linspace(0.024, 0.016, 8), material, 8))
    return parts


def beanie(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A ribbed knitted hat with a turned-up brim, with or without a bobble."""
    radius, height = 0.7, rng.uniform(0.78, 0.95)
    ribs = int(rng.integers(26, 36))
    angle = np.linspace(0, np.pi / 2, 40)
    dome = np.stack([radius * np.cos(angle) ** 0.8 + 1e-4, 0.35 + height * np.sin(angle)], 1)
    corners = [[0.95, 0.0], [1.06, 0.02], [1.1, 0.12], [1.1, 0.36], [1.05, 0.44], [0.98, 0.44]]
    brim = resample(round_corners(np.array(corners) * [radius, 1], 2), 24)

    def dome_ribs(r: Array, z: Array, theta: Array) -> tuple[Array, Array]:
        return r * (1 + 0.022 * np.cos(ribs * theta)), z

    def brim_ribs(r: Array, z: Array, theta: Array) -> tuple[Array, Array]:
        return r * (1 + 0.03 * np.cos(ribs * theta)), z

    parts = [
        revolve(dome, fabric(look.colour), 270, dome_ribs),
        revolve(brim, fabric(shade(look.colour, 0.92)), 270, brim_ribs),
    ]
    if rng.random() < 0.6:
        parts.append(_bobble(rng, look, 0.35 + height + rng.uniform(0.1, 0.16)))
    lean = rng.uniform(-6, 6)
    return [part.transformed(rotate_y=lean) for part in parts]


def _bobble(rng: np.random.Generator, look: Look, height: float) -> Mesh:
    """A woolly ball on top of the hat."""
    theta = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    polar = np.linspace(-np.pi / 2, np.pi / 2, 60)[:, None]
    radius = 0.23 * (1 + 0.10 * smooth_noise(rng, 60, 120, 1.3, 1.3, 1, wrap=True))
    ball = np.stack([np.cos(polar) * np.cos(theta), np.cos(polar) * np.sin(theta), np.sin(polar) + 0 * theta], -1)
    return grid_surface(radius[..., None] * unit(ball) + [0, 0, height], fabric(rgb(look.colour)))
