"""Food that is carved out of a solid: bread, cheese, cake."""

import numpy as np
from numpy.typing import NDArray

from render.geometry import Array, Mesh, grid_surface, revolve, sphere, tube
from render.look import Look
from render.materials import VERTEX_COLOUR, glossy, rgb, skin
from render.solids import smooth_max, solid_from_distance
from render.textures import pattern_texture
from render.vessels import turned_profile

#: The surface of crust, wax and cake, in the colours that the carved solid carries.
BAKED = skin(VERTEX_COLOUR, 0.5, 0.4)


def waves(x: Array, y: Array, z: Array, frequency: float, phase: Array) -> Array:
    """A smooth irregular function of space, about -1..1: seven sine waves in directions drawn from `phase` (9,)."""
    total = np.zeros_like(x)
    for i in range(7):
        direction = np.sin(3 * phase[i] + i), np.cos(2 * phase[i + 1]), np.sin(phase[i + 2] + 2 * i)
        along = direction[0] * x + direction[1] * y + direction[2] * z
        total += np.sin(frequency * (1 + 0.37 * i) * along + phase[i])
    return total / 2.6


def paper_band(look: Look, rng: np.random.Generator, at: float, half_width: float) -> Mesh:
    """A band of paper round a loaf whose cross-section is that of `bread`, in the look's colour and pattern."""
    x = np.linspace(at - half_width, at + half_width, 16)[:, None]
    turn = np.linspace(-0.75, np.pi + 0.75, 90)[None, :]
    size = (1 - (np.abs(x) / 1.15) ** 2.8) ** (1 / 2.4) * 1.035 + 0.005
    cosine, sine = np.cos(turn), np.sin(turn)
    y = 0.55 * size * np.sign(cosine) * np.abs(cosine) ** (1 / 1.2)
    z = 0.18 + 0.5 * size * np.sign(sine) * np.abs(sine) ** (1 / 1.2)
    points = np.stack([x + 0 * turn, y, np.maximum(z, -0.115)], -1)
    paper = pattern_texture(rng, look.colour, look.pattern, look.second_colour, size=256, aspect=0.4)
    return grid_surface(points, skin(paper), closed=False)


def bread(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A slashed loaf with a paper band round its middle."""
    phase = rng.uniform(0, 6, 9)
    slashes = [-0.85, -0.5, 0.5, 0.85] + rng.uniform(-0.04, 0.04, 4)

    def loaf(x: Array, y: Array, z: Array) -> Array:
        wobble = 0.012 * np.sin(2.1 * x + phase[0]) * np.sin(2.7 * y + phase[1])
        size = (np.abs(x) / 1.15) ** 2.8 + (np.abs(y) / 0.55) ** 2.4 + (np.abs(z - 0.18) / 0.5) ** 2.4
        distance = 0.5 * (size ** (1 / 2.4) - 1) + wobble
        above = np.clip((z - 0.25) / 0.3, 0, 1) * np.clip(1 - (np.abs(y) / 0.5) ** 4, 0, 1)
        for at in slashes:
            distance = distance + 0.075 * np.exp(-(((x - at - 0.3 * y) / 0.055) ** 2)) * above
        return smooth_max(distance, -z - 0.12, 0.08)

    def crust(x: Array, y: Array, z: Array, normals: Array) -> Array:
        top = np.clip((z + 0.1) / 0.75, 0, 1)[:, None]
        colour = rgb("#d9a35c") * (1 - top) + rgb("#9a5a25") * top
        cut = np.zeros_like(x)
        for at in slashes:
            cut = np.maximum(cut, np.exp(-(((x - at - 0.3 * y) / 0.085) ** 2)) * np.clip((z - 0.3) / 0.2, 0, 1))
        colour = colour * (1 - 0.85 * cut[:, None]) + rgb("#ecd09a") * 0.85 * cut[:, None]
        flour = np.clip(0.5 * waves(x, y, z, 7, phase) + 0.35, 0, 1)[:, None] * 0.35 * top
        return colour * (1 - flour) + rgb("#f5ead6") * flour

    body = solid_from_distance(loaf, (-1.3, -0.7, -0.2), (1.3, 0.7, 0.85), BAKED, colour=crust)
    turn = rng.uniform(-35, 35)
    return [part.transformed(rotate_z=turn, shift=(0, 0, 0.12)) for part in (body, paper_band(look, rng, 0.0, 0.3))]


def cheese(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A wheel of cheese in coloured wax, with a wedge cut out of it."""
    radius, height, half = 1.0, rng.uniform(0.6, 0.8), rng.uniform(0.45, 0.6)
    where = rng.uniform(0.3, 0.82, 10) * radius
    face = np.repeat([-half, half], 5)
    centres = np.stack([where * np.sin(face), -where * np.cos(face), rng.uniform(0.2, height - 0.2, 10)], 1)
    sizes = rng.uniform(0.05, 0.11, 10)

    def wheel(x: Array, y: Array, z: Array) -> Array:
        return smooth_max(np.hypot(x, y) - radius, np.abs(z - height / 2) - height / 2, 0.12)

    def cut_wheel(x: Array, y: Array, z: Array) -> Array:
        wedge = np.cos(half) * np.abs(x) + np.sin(half) * y  # negative inside the notch that opens towards -y
        distance = smooth_max(wheel(x, y, z), -wedge, 0.015)
        for centre, size in zip(centres, sizes, strict=True):
            hole = np.sqrt((x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2) - size
            distance = smooth_max(distance, -hole, 0.015)
        return distance

    def wax(x: Array, y: Array, z: Array, normals: Array) -> Array:
        outside = np.clip((wheel(x, y, z) + 0.05) / 0.02, 0, 1)[:, None]
        return rgb("#f7e6ae") * (1 - outside) + rgb(look.colour) * outside

    body = solid_from_distance(cut_wheel, (-1.1, -1.1, -0.1), (1.1, 1.1, 0.95), BAKED, colour=wax)
    return [body.transformed(rotate_z=rng.uniform(-35, 35))]


def cake(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A slice of layer cake on a plate, frosted in the look's colour, with a swirl on top."""
    half, radius, height = 0.42, 1.5, rng.uniform(0.85, 1.0)
    sponge = rgb(["#7a4a2a", "#e8c98a", "#d9b070"][rng.integers(3)])
    phase = rng.uniform(0, 6, 9)

    def inside(x: Array, y: Array, z: Array) -> NDArray[np.bool_]:
        return (np.hypot(x, y) < radius - 0.09) & (z < height - 0.1)

    def slice_(x: Array, y: Array, z: Array) -> Array:
        sides = np.abs(y) * np.cos(half) - x * np.sin(half)
        whole = smooth_max(np.hypot(x, y) - radius, np.abs(z - height / 2) - height / 2, 0.07)
        return smooth_max(sides, whole, 0.03) + 0.012 * waves(x, y, z, 14, phase) * inside(x, y, z)

    def layers(x: Array, y: Array, z: Array, normals: Array) -> Array:
        cream = ~inside(x, y, z) | (np.abs(z - 0.32 * height) < 0.04) | (np.abs(z - 0.62 * height) < 0.04)
        grain = 1 + 0.08 * np.random.default_rng(2).standard_normal((len(x), 1))
        return np.where(cream[:, None], rgb(look.colour), sponge * grain)

    body = solid_from_distance(slice_, (-0.1, -0.8, -0.1), (1.65, 0.8, 1.1), BAKED, colour=layers)
    turn, rise = np.linspace(0, 6 * np.pi, 160), np.linspace(0, 0.35, 160)
    coil = np.linspace(0.24, 0.02, 160)
    swirl = np.stack([1.15 + coil * np.cos(turn), coil * np.sin(turn), height + 0.05 + rise], 1)
    parts = [body, tube(swirl, np.linspace(0.1, 0.03, 160), skin(look.colour), 16)]
    if rng.random() < 0.5:
        parts.append(sphere(0.11, (1.15, 0, height + 0.44), skin("#a3142a")))
    angle = rng.uniform(20, 65)
    parts = [part.transformed(shift=(-0.9, 0, 0.06)).transformed(rotate_z=angle) for part in parts]
    plate = [[0.001, 0], [0.6, 0], [1.15, 0.1], [1.17, 0.12], [1.12, 0.12], [0.6, 0.04], [0.001, 0.04]]
    return [*parts, revolve(turned_profile(plate, 60, rounds=2), glossy("#f4f3f0"))]
