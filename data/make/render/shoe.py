"""A sneaker: an upper between tables of width and height, a thick sole, laces. The toe points to +x; it is two long."""

from dataclasses import replace

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter

from render.geometry import Array, Material, Mesh, grid_surface, smooth_curve, tube
from render.look import Look
from render.materials import fabric, matte, rgb, shade, skin, two_sided
from render.textures import mix, weave_shading

SOLE_TOP = 0.21
OPENING = (-0.80, 0.02)  # where the foot goes in
THROAT = (0.02, 0.50)  # where the laces are


def _table(at: list[float], values: list[float], x: Array) -> Array:
    """A smooth curve through a table."""
    return PchipInterpolator(at, values)(x)


def half_width(x: Array) -> Array:
    """Half the width of the foot at x, round at heel and toe."""
    base = _table([-1, -0.7, -0.2, 0.35, 0.7, 1], [0.27, 0.275, 0.255, 0.335, 0.335, 0.29], x)
    return base * np.sqrt(np.clip(1 - np.abs(x) ** 5, 0, 1))


def centre_line(x: Array) -> Array:
    """How far the foot curves sideways."""
    return 0.05 * np.clip(x + 0.2, 0, 2) ** 2


def top_height(x: Array) -> Array:
    """The height of the upper above the ground."""
    at = [-1, -0.93, -0.8, -0.55, -0.3, 0.0, 0.15, 0.45, 0.7, 0.9, 1]
    return _table(at, [0.62, 0.86, 0.86, 0.72, 0.70, 0.82, 0.76, 0.59, 0.49, 0.44, 0.30], x)


def opening_width(x: Array) -> Array:
    """Half the width of the hole for the foot, zero outside it."""
    middle, half = np.mean(OPENING), np.ptp(OPENING) / 2
    return 0.17 * np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1))


def upper_points(x: Array, height: Array) -> Array:
    """Points of one side of the upper at x and at `height`, 0 at the sole to 1 at the ridge or opening: (..., 3)."""
    angle = height * np.pi / 2
    inner, outer = opening_width(x), half_width(x)
    y = inner + (outer - inner) * np.cos(angle) ** 0.62
    low = SOLE_TOP - 0.03
    z = low + (top_height(x) - low) * np.sin(angle) ** 0.92
    return np.stack([np.broadcast_to(x, y.shape), y, z], -1)


def spring(mesh: Mesh) -> Mesh:
    """The mesh curved sideways like a foot, its toe lifted off the ground."""
    x, y, z = mesh.vertices.T
    z = z + 0.10 * np.clip((x - 0.35) / 0.65, 0, 1.2) ** 2
    return replace(mesh, vertices=np.stack([x, y + centre_line(x), z], 1), normals=None)


def _upper_texture(look: Look, rng: np.random.Generator, x: Array, height: Array) -> Array:
    """The upper with toe cap, heel patch, eyelet stays and a swooping side band painted on: (h, w, 3)."""
    n = 512
    xs = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(x)), x)[:, None]
    t = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(height)), height)[None, :]
    image = np.ones((n, n, 3)) * rgb(look.colour)
    seam = shade(look.colour, 0.62)
    stay = (xs > THROAT[0] - 0.02) & (xs < THROAT[1] + 0.05) & (t > 0.62)
    heel = xs < -0.72 - 0.12 * t
    cap = xs > 0.62 + 0.16 * t
    swoop = np.abs(xs - (-0.45 + 0.75 * t + 0.25 * t**2)) < 0.075
    swoop |= np.abs(xs - (-0.22 + 0.75 * t + 0.25 * t**2)) < 0.045
    image = mix(image, look.second_colour, gaussian_filter((swoop & (t < 0.74)).astype(float), 1.2))
    for area, colour in ((stay, shade(look.colour, 0.86)), (heel, rgb(look.second_colour)), (cap, rgb("#f0eee8"))):
        mask = gaussian_filter(np.broadcast_to(area, (n, n)).astype(float), 1.2)
        image = mix(image, colour, mask)
        edge = np.clip(np.hypot(*np.gradient(gaussian_filter(mask, 1.5))) * 6, 0, 1)
        image = mix(image, seam, edge * 0.8)
    return np.clip(image * weave_shading(rng, n, "cloth")[..., None], 0, 1)[::-1]


def _upper(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """Both sides of the upper and the dark lining of the opening."""
    x = -np.cos(np.linspace(0.02, np.pi - 0.02, 140))
    height = np.linspace(0, 1, 40)
    side = upper_points(x[:, None], height[None, :])
    cloth = two_sided(fabric(_upper_texture(look, rng, x, height), 0.7, 0.3))
    inside = x[(x > OPENING[0]) & (x < OPENING[1])]
    depth = np.linspace(0, 1, 8)
    rim = upper_points(inside, np.ones_like(inside))
    lining = np.stack([rim * [1, 1 - 0.25 * d, 1] - [0, 0, 0.45 * d] for d in depth])
    parts = []
    for mirror in (1, -1):
        flip = np.array([1.0, mirror, 1.0])
        parts.append(grid_surface(side * flip, cloth, closed=False))
        parts.append(grid_surface(lining * flip, two_sided(matte("#3a383a")), closed=False))
    floor = np.stack([inside, 0 * inside, np.full_like(inside, SOLE_TOP + 0.1)], 1)
    sheet = np.stack([floor - [0, 0.2, 0], floor + [0, 0.2, 0]])
    parts.append(grid_surface(sheet, two_sided(matte("#3a383a")), closed=False))
    return parts


def _collar(look: Look) -> Mesh:
    """The padded rim of the opening."""
    around = np.linspace(0, 2 * np.pi, 80)
    x = np.mean(OPENING) + np.ptp(OPENING) / 2 * np.cos(around)
    loop = np.stack([x, 0.17 * np.sin(around), top_height(x) - 0.005], 1)
    return tube(loop, 0.034, fabric(shade(look.colour, 0.8)), 12)


def _tongue(look: Look) -> Mesh:
    """The tongue, standing up out of the opening."""
    s = np.linspace(0, 1, 20)[:, None]
    a = np.linspace(-1, 1, 16)[None, :]
    x = 0.30 - 0.44 * s + 0.03 * a**2
    y = (0.10 + 0.055 * s) * a * np.sqrt(np.clip(1.02 - np.clip(s - 0.8, 0, 1) * 3 * a**2, 0, 1))
    z = 0.70 + 0.30 * s**1.3 - 0.05 * a**2
    return grid_surface(np.stack([x + 0 * a, y, z], -1), two_sided(fabric(shade(look.colour, 0.92))), closed=False)


def _laces(lace: Material) -> list[Mesh]:
    """Five laces across the throat and a bow on top."""
    parts = []
    rows = np.linspace(THROAT[0] + 0.03, THROAT[1] - 0.04, 5)
    for x in rows:
        y = np.linspace(-0.135, 0.135, 16)
        z = top_height(np.array([x])) + 0.025 - 1.6 * y**2
        parts.append(tube(np.stack([x + 0.06 * y / 0.135 * 0.3, y, z], 1), 0.027, lace, 10))
    knot = np.array([rows[0], 0, top_height(rows[:1])[0] + 0.05])
    for side in (-1, 1):
        loop = [[0, 0, 0], [0.03, 0.10, 0.05], [0.05, 0.20, 0.0], [0.10, 0.19, -0.04], [0.06, 0.08, 0.01], [0, 0, 0]]
        end = [[0, 0, 0], [0.10, 0.09, 0.03], [0.16, 0.15, -0.06]]
        for shape in (loop, end):
            path = smooth_curve(np.array(shape) * [1, side, 1] + knot, 30)
            parts.append(tube(path, 0.02, lace, 8))
    return parts


def _sole(look: Look) -> Mesh:
    """A thick pale sole, thicker at the heel, with a coloured line and a dark tread."""
    x = np.concatenate([-np.cos(np.linspace(0, np.pi, 90)), np.cos(np.linspace(0, np.pi, 90))[1:-1]])
    sign = np.concatenate([np.ones(90), -np.ones(88)])
    y = sign * half_width(x)
    outline = np.stack([x, y], 1)
    tangent = np.roll(outline, -1, 0) - np.roll(outline, 1, 0)
    away = 0.035 * np.stack([-tangent[:, 1], tangent[:, 0]], 1) / np.linalg.norm(tangent, axis=1, keepdims=True)
    top = SOLE_TOP - 0.03 * np.clip(x, -1, 1)
    profile = [(-0.6, 0.0), (0.3, 0.0), (0.8, 0.025), (1.0, 0.25), (1.1, 0.6), (1.0, 0.95), (0.6, 1.0), (-0.8, 1.0)]
    profile_points = smooth_curve(profile, 40, overshoot=False)
    rows = [np.column_stack([x + out * away[:, 0], y + out * away[:, 1], up * top]) for out, up in profile_points]
    v = np.linspace(0, 1, len(rows))[:, None]
    height = profile_points[:, 1][:, None] + 0 * v
    image = mix(rgb("#f2f0ea"), rgb(look.second_colour), ((height > 0.42) & (height < 0.55)).astype(float))
    image = mix(image, rgb("#8a6a48"), (height < 0.16).astype(float))
    texture = np.repeat(image[::-1], 4, 1)
    return grid_surface(np.array(rows)[:, ::-1], two_sided(skin(texture, 0.5, 0.3)), closed=True)


def shoe(look: Look, rng: np.random.Generator) -> list[Mesh]:
    """One sneaker seen from its side, toe to the left or to the right."""
    lace = fabric(rgb("#f4f2ec" if look.colour != "white" else look.second_colour))
    parts = [*_upper(look, rng), _collar(look), _tongue(look), *_laces(lace), _sole(look)]
    turn = rng.uniform(6, 26)
    heading = -turn if rng.random() < 0.5 else 180 + turn
    return [spring(part).transformed(rotate_z=heading) for part in parts]
