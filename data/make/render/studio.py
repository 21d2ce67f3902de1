"""The studio: lights on the product, and the way from light to an 8-bit picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from render.geometry import Array, Mesh, unit
from render.materials import linear
from render.surroundings import backdrop, clutter, wooden_table
from render.variant import load_mitsuba
from render.viewpoint import Staging, View, camera, direction, frame

EXPOSURE = (1.0, 1.25)
PASSES = 4  # independent renderings of one picture, to tell fireflies from light


@dataclass(frozen=True)
class Lamp:
    """A rectangular soft box that faces the object; distance and half size in units of the object's extent."""

    towards: Array
    distance: float
    half_size: tuple[float, float]
    radiance: Array

    def emitter(self, view: View) -> dict[str, Any]:
        """The lamp as a Mitsuba shape."""
        transform = load_mitsuba().ScalarTransform4f
        origin = view.centre + self.distance * view.extent * self.towards
        place = transform().look_at(origin.tolist(), view.centre.tolist(), [0, 0.01, 1])
        stretch = transform().scale([self.half_size[0] * view.extent, self.half_size[1] * view.extent, 1])
        return {
            "type": "rectangle",
            "to_world": place @ stretch,
            "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.0}},
            "emitter": {"type": "area", "radiance": {"type": "rgb", "value": self.radiance.tolist()}},
        }

    def on_card(self, normal: Array) -> float:
        """The radiance that this lamp gives a small white card in the object's place."""
        area = 4 * self.half_size[0] * self.half_size[1]
        return float(self.radiance.mean() * area * max(0.0, normal @ self.towards) / (np.pi * self.distance**2))


def lamps(view: View, staging: Staging, rng: np.random.Generator) -> list[Lamp]:
    """A key light from one side and, for standing objects, a rim light from the other."""
    side = rng.choice([-1, 1])
    warmth = rng.uniform(-0.06, 0.06)
    tint = np.array([1 + warmth, 1, 1 - warmth])
    if staging.mode == "flat_lay":  # a low, small light, so that folds show
        towards = direction(side * rng.uniform(35, 140), rng.uniform(24, 44))
        return [Lamp(towards, 5.5, (0.9, 0.9), rng.uniform(18, 28) * tint)]
    half = 2.0 if staging.glassy else 1.4
    towards = direction(view.azimuth + side * rng.uniform(48, 82), rng.uniform(30, 58))
    key = Lamp(towards, 5.0, (half, half), rng.uniform(7, 12) * (1.4 / half) ** 2 * tint)
    towards = direction(view.azimuth - side * rng.uniform(75, 110), rng.uniform(12, 35))
    strength, width = (0.6, 1.2) if staging.glassy else (1.0, 0.7)
    return [key, Lamp(towards, 5.0, (width, 1.8), rng.uniform(3, 6) * strength * np.ones(3))]


def mitsuba_mesh(mesh: Mesh, name: str) -> Any:
    """The Mitsuba object of a mesh, the same in every variant."""
    mi = load_mitsuba()
    properties = mi.Properties()
    properties["bsdf"] = mi.load_dict(mesh.material)
    result = mi.Mesh(
        name,
        len(mesh.vertices),
        len(mesh.faces),
        has_vertex_normals=True,
        has_vertex_texcoords=mesh.uv is not None,
        props=properties,
    )
    parameters = mi.traverse(result)
    floats, integers = type(parameters["vertex_normals"]), type(parameters["faces"])
    parameters["vertex_positions"] = floats(mesh.vertices.astype(np.float32).ravel())
    parameters["vertex_normals"] = floats(mesh.all_normals().astype(np.float32).ravel())
    parameters["faces"] = integers(mesh.faces.astype(np.uint32).ravel())
    if mesh.uv is not None:
        parameters["vertex_texcoords"] = floats(mesh.uv.astype(np.float32).ravel())
    parameters.update()
    if mesh.vertex_colour is not None:
        result.add_attribute("vertex_color", 3, linear(mesh.vertex_colour).astype(np.float32).ravel().tolist())
    return result


def photograph(
    parts: Sequence[Mesh],
    staging: Staging,
    rng: np.random.Generator,
    size: int = 128,
    samples: int = 128,
    seed: int = 0,
) -> Array:
    """A picture (size, size, 3) of the parts in linear light, in which a white card beside them would be about 1.

    `rng` sets the scene, `seed` the noise of the rendering.
    """
    mi = load_mitsuba()
    view = frame(parts, staging, rng)
    samples = round(samples * staging.samples_factor)
    lit_by = lamps(view, staging, rng)
    sky = float(rng.uniform(0.6, 0.8) if staging.glassy else rng.uniform(0.35, 0.6))
    meshes = [backdrop(view, rng), *parts]
    if rng.random() < 0.25:
        meshes.append(wooden_table(view, rng))
    if staging.clutter and rng.random() < 0.45:
        meshes += clutter(view, rng)
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {
            "type": "path",
            "max_depth": 14 if staging.glassy else 8,
            "rr_depth": 6 if staging.glassy else 4,
        },
        "sensor": camera(view, size, samples),
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": sky}},
    }
    scene |= {f"lamp_{i}": lamp.emitter(view) for i, lamp in enumerate(lit_by)}
    scene |= {f"mesh_{i}": mitsuba_mesh(mesh, f"mesh_{i}") for i, mesh in enumerate(meshes)}
    loaded = mi.load_dict(scene)
    share = max(1, samples // PASSES)
    passes = np.array([np.array(mi.render(loaded, spp=share, seed=seed * PASSES + k)) for k in range(PASSES)])
    card = np.array([0.0, 0.0, 1.0])
    if staging.mode == "standing":  # seen from the side, a product is lit from the front as well as from above
        card = unit(card + direction(view.azimuth, 0))
    return without_fireflies(passes) / (sky + sum(lamp.on_card(card) for lamp in lit_by))


def without_fireflies(passes: Array) -> Array:
    """The mean (h, w, 3) of several renderings (k, h, w, 3), without pixels that one ray in thousands made glaring."""
    typical = np.median(passes, 0)
    image = np.minimum(passes, 2.5 * typical + 0.08).mean(0)
    around = median_filter(image, (3, 3, 1))
    return np.where(image > 2.2 * around + 0.15, around, image)


def tone_map(image: Array, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Linear light (h, w, 3), 1 for white, as an 8-bit sRGB picture with a soft shoulder above 0.75.

    The exposure follows the light and not the scene, else a dark product that fills the picture would come out pale.
    """
    exposed = image * rng.uniform(*EXPOSURE)
    soft = np.where(exposed > 0.75, 0.75 + 0.25 * np.tanh((exposed - 0.75) / 0.25 * 0.8), exposed)
    soft = np.clip(soft, 0, 1)
    srgb = np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * soft ** (1 / 2.4) - 0.055)
    return (np.clip(srgb, 0, 1) * 255 + 0.5).astype(np.uint8)


def denoise(picture: NDArray[np.uint8], strength: float = 2.0) -> NDArray[np.uint8]:
    """The picture (h, w, 3) with its grain smoothed (non-local means, Buades, Coll and Morel 2005)."""
    bgr = np.ascontiguousarray(picture[..., ::-1])
    return np.ascontiguousarray(cv2.fastNlMeansDenoisingColored(bgr, None, strength, strength * 1.6, 3, 11)[..., ::-1])
