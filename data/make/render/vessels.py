"""What bowls, jars, mugs, cans and bottles share: turned profiles, patterns wrapped round a body, labels."""

import numpy as np
from numpy.typing import ArrayLike

from render.geometry import Array, Material, Mesh, Modulation, resample, revolve, round_corners
from render.look import Look
from render.materials import glossy, rgb
from render.textures import label_texture, pattern_texture

TEXTURE_SIZE = 512  # px


def turned_profile(points: ArrayLike, samples: int = 100, rounds: int = 3, cut: float = 0.2) -> Array:
    """Control points (m, 2) of (radius, height) with rounded corners, evenly spaced: (samples, 2)."""
    return resample(round_corners(points, rounds=rounds, cut=cut), samples)


def wrapped_pattern(rng: np.random.Generator, look: Look, height: float, round_: float, count: float = 5.0) -> Array:
    """The pattern of the look, to be stretched over a side of this height and circumference: sRGB (512, 512, 3).

    count: stripes, checks or dots to the height.
    """
    aspect = round_ / height
    return pattern_texture(rng, look.colour, look.pattern, look.second_colour, TEXTURE_SIZE, aspect=aspect, count=count)


def turned(profile: ArrayLike, material: Material, segments: int = 96, modulate: Modulation | None = None) -> Mesh:
    """A surface of revolution whose texture has its middle in front and its seam behind."""
    return revolve(profile, material, segments, modulate, start=-np.pi, stop=np.pi)


def side_of(profile: Array, low: float, high: float, samples: int = 40, gap: float = 0.006) -> Array:
    """The part of a bottle's or jar's profile between two heights, `gap` further out: (samples, 2)."""
    height = np.linspace(low, high, samples)
    outside = profile[np.argmax(profile[:, 0] > 0.9 * profile[:, 0].max()) :]
    return np.stack([np.interp(height, outside[:, 1], outside[:, 0]) + gap, height], 1)


def filling(profile: Array, level: float, gap: float = 0.0, floor: float = 0.0) -> Array:
    """The closed profile of what fills a vessel up to `level`: the vessel's own, `gap` further in, with a flat top."""
    inside = profile[profile[:, 1] < level] - [gap, 0.0]
    inside[:, 0] = np.maximum(inside[:, 0], 1e-3)
    inside[:, 1] = np.maximum(inside[:, 1], floor)
    edge = inside[-1, 0]
    return np.concatenate([inside, [[edge, level], [edge / 2, level], [1e-3, level]]])


def paper_label(
    profile: Array, look: Look, rng: np.random.Generator, low: float, high: float, half_angle: float = 1.1
) -> Mesh:
    """A label with a pale margin on the side of a turned profile between two heights, facing the camera.

    half_angle in radians.
    """
    side = side_of(profile, low, high)
    rows = round(TEXTURE_SIZE * (high - low) / (2 * half_angle * side[:, 0].mean()))
    margin = TEXTURE_SIZE // 28
    inner = rows - 2 * margin, TEXTURE_SIZE - 2 * margin
    paper = np.empty((rows, TEXTURE_SIZE, 3))
    paper[:] = rgb("cream")
    paper[margin:-margin, margin:-margin] = label_texture(
        rng, look.colour, look.pattern, look.second_colour, inner[1], inner[0]
    )
    return revolve(side, glossy(paper, 0.3), 64, start=-half_angle, stop=half_angle)
