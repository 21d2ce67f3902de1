"""Fruit: apple and pear."""

import numpy as np

from render.cloth import flat_piece, smooth_outline
from render.geometry import Array, Mesh, smooth_curve, tube
from render.look import Look
from render.materials import rgb, skin, two_sided
from render.textures import smooth_noise
from render.vessels import turned

#: Colour -> (ground, blush) of the skin; a colour that is not here blends into a lighter shade of itself.
APPLE_SKINS = {
    "red": ("#b3151c", "#c8552c"),
    "green": ("#84b134", "#bccf62"),
    "yellow": ("#e6c440", "#d9a840"),
    "pink": ("#d9607e", "#f0c9a0"),
}
PEAR_SKINS = {"green": ("#8fb040", "#b3c45c"), "yellow": ("#dcc04a", "#d0a83e"), "red": ("#a8322a", "#bb6038")}
STEM = "#4b3320"


def skin_colours(table: dict[str, tuple[str, str]], colour: str) -> tuple[Array, Array]:
    """The two sRGB colours (3,) of a fruit's skin."""
    if colour in table:
        return rgb(table[colour][0]), rgb(table[colour][1])
    return rgb(colour), rgb(colour) * 0.75 + 0.2


def apple_skin(rng: np.random.Generator, colour: str, size: int = 256) -> Array:
    """Streaks of the two skin colours, pale dots, and a greenish hollow round the stem: sRGB (size, size, 3)."""
    ground, blush = skin_colours(APPLE_SKINS, colour)
    height = np.linspace(1, 0, size)[:, None]
    streaks = (
        smooth_noise(rng, size, size, 4, 30, wrap=True) * 0.9
        + smooth_noise(rng, size, size, 45, octaves=2, wrap=True) * 0.8
    )
    share = 1 / (1 + np.exp(-1.6 * (streaks + 1.8 - 2.4 * (2 * np.abs(height - 0.5)) ** 3)))
    texture = ground * share[..., None] + blush * (1 - share[..., None])
    dots = smooth_noise(rng, size, size, 0.8, octaves=1) > 2.7
    texture[dots] = texture[dots] * 0.6 + 0.35
    hollow = 0.55 * np.exp(-(((1 - height) / 0.1) ** 2))[..., None]
    return texture * (1 - hollow) + rgb("#8a8a3a") * hollow


def leaf(rng: np.random.Generator, length: float) -> Mesh:
    """A leaf that grows from the origin along +y."""
    outline = smooth_outline([[0, -0.05], [0.16, 0.2], [0.14, 0.45], [0, 0.75], [-0.14, 0.45], [-0.16, 0.2]])
    blade = flat_piece(outline, two_sided(skin("#4d8a34")), rng, thickness=0.02, edge=0.1, folds=0.04, spacing=0.03)
    return blade.transformed(scale=length, rotate_x=25)


def apple(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """An apple: a ball that narrows downwards, dented at both ends, with five soft lobes."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, 90)
    radius = 0.62 * np.cos(angle) ** 0.85 * (1 + 0.10 * np.sin(angle))
    height = 0.56 * np.sin(angle)
    height -= 0.26 * np.exp(-((radius / 0.17) ** 2)) * (angle > 0)
    height += 0.12 * np.exp(-((radius / 0.14) ** 2)) * (angle < 0)
    phase = rng.uniform(0, 6, 3)

    def lobes(r: Array, z: Array, turn: Array) -> tuple[Array, Array]:
        r = r * (1 + 0.017 * np.cos(5 * turn + phase[0]) * (1 - z) + 0.02 * np.cos(2 * turn + phase[1]))
        return r, z + 0.02 * np.cos(turn + phase[2]) * r

    body = turned(np.stack([radius + 1e-5, height], 1), skin(apple_skin(rng, look.colour)), 128, lobes)
    stem = tube(
        [[0, 0, 0.18], [0.01, 0, 0.4], [0.05, 0.02, 0.58], [0.12, 0.03, 0.7]], [0.028, 0.022, 0.024, 0.034], skin(STEM)
    )
    parts = [body, stem]
    if rng.random() < 0.6:
        parts.append(leaf(rng, 0.75).transformed(rotate_z=rng.uniform(200, 330), shift=(0.03, 0, 0.55)))
    tilt = rng.uniform(-14, 14)
    return [part.transformed(rotate_x=tilt, shift=(0, 0, 0.56)) for part in parts]


def pear(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """A pear: wide below, narrow above, leaning a little to one side."""
    outline = [[0.001, 0.03], [0.12, 0], [0.36, 0.06], [0.52, 0.32], [0.5, 0.62], [0.33, 0.95]]
    outline += [[0.225, 1.2], [0.18, 1.38], [0.08, 1.47], [0.001, 1.45]]
    profile = smooth_curve(outline, 120)
    profile[:, 0] = np.maximum(profile[:, 0], 1e-4)
    ground, blush = skin_colours(PEAR_SKINS, look.colour)
    size = 256
    share = 1 / (1 + np.exp(-1.2 * smooth_noise(rng, size, size, 35, 55, octaves=2, wrap=True) - 0.8))[..., None]
    texture = ground * share + blush * (1 - share)
    freckles = smooth_noise(rng, size, size, 0.8, octaves=1) > 1.9
    texture[freckles] *= 0.75
    phase, lean = rng.uniform(0, 6), rng.uniform(0.02, 0.09)

    def uneven(r: Array, z: Array, turn: Array) -> tuple[Array, Array]:
        return r * (1 + 0.025 * np.cos(2 * turn + phase) + 0.015 * np.cos(3 * turn + 2 * phase)), z

    body = turned(profile, skin(texture), 110, uneven)
    body.vertices[:, 0] += lean * np.clip(body.vertices[:, 2] - 0.5, 0, 2) ** 2
    top = lean * 0.9
    path = [[top, 0, 1.42], [top + 0.01, 0, 1.55], [top + 0.07, 0.02, 1.7], [top + 0.13, 0.02, 1.78]]
    return [body, tube(path, [0.022, 0.018, 0.02, 0.03], skin(STEM))]
