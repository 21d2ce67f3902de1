"""Where the camera stands, and how each type of product wants to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from render.geometry import Array, Mesh
from render.variant import load_mitsuba

FIELD_OF_VIEW = 24.0  # degrees


@dataclass(frozen=True)
class Staging:
    """How a type of product is photographed.

    elevation: range of the camera's height in degrees, or None for the usual one of the mode. azimuth: how far it may
    stand to the side, in degrees. glassy: bigger, dimmer lights whose reflections suit glass. samples_factor multiplies
    the samples per pixel. clutter: whether small things may lie about.
    """

    mode: Literal["standing", "flat_lay"] = "standing"
    elevation: tuple[float, float] | None = None
    glassy: bool = False
    samples_factor: float = 1.0
    azimuth: float = 22.0
    clutter: bool = True


@dataclass(frozen=True)
class View:
    """Where the camera stands: its direction from the object in degrees, what it looks at, and how large that is."""

    azimuth: float
    origin: Array
    target: Array
    centre: Array
    extent: float
    low: Array
    high: Array


def direction(azimuth: float, elevation: float) -> Array:
    """The unit vector (3,) from the object to a camera or lamp; azimuth 0 is -y, growing towards +x. Degrees."""
    a, e = np.radians([azimuth, elevation])
    return np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])


def frame(parts: Sequence[Mesh], staging: Staging, rng: np.random.Generator) -> View:
    """A viewpoint within the staging's range from which everything that counts fits into the picture."""
    vertices = np.concatenate([part.vertices for part in parts if part.counts_for_framing])
    low, high = vertices.min(0), vertices.max(0)
    flat = staging.mode == "flat_lay"
    spread = min(14.0, staging.azimuth) if flat else staging.azimuth
    azimuth = rng.uniform(-spread, spread)
    elevation = rng.uniform(*(staging.elevation or ((62, 82) if flat else (8, 24))))
    towards = direction(azimuth, elevation)
    right = np.cross(-towards, [0, 0, 1])
    right /= np.linalg.norm(right)
    up = np.cross(right, -towards)
    across, along = vertices @ right, vertices @ up
    centre = (low + high) / 2
    middle = centre + right * ((across.max() + across.min()) / 2 - centre @ right)
    middle = middle + up * ((along.max() + along.min()) / 2 - centre @ up)
    extent = max(np.ptp(across), np.ptp(along)) / 2
    margin = rng.uniform(1.08, 1.24)
    distance = (
        extent * margin / np.tan(np.radians(FIELD_OF_VIEW / 2)) + np.abs((vertices - middle) @ towards).max() * 0.6
    )
    target = middle + right * rng.uniform(-0.06, 0.06) * extent + up * rng.uniform(-0.05, 0.05) * extent
    return View(azimuth, target + towards * distance, target, centre, max(extent, 0.5), low, high)


def camera(view: View, size: int, samples: int) -> dict[str, Any]:
    """A perspective camera for a square picture of `size` pixels."""
    transform = load_mitsuba().ScalarTransform4f
    return {
        "type": "perspective",
        "fov": FIELD_OF_VIEW,
        "to_world": transform().look_at(view.origin.tolist(), view.target.tolist(), [0, 0, 1]),
        "film": {
            "type": "hdrfilm",
            "width": size,
            "height": size,
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
        "sampler": {"type": "independent", "sample_count": samples},
    }
