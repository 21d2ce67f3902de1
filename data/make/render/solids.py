"""Solids given by a signed distance (negative inside), meshed by marching cubes (Lorensen and Cline 1987)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.measure import marching_cubes

from render.geometry import Array, Material, Mesh, unit

#: A function of x, y, z (arrays of one shape) that returns a distance of this shape.
Distance = Callable[[Array, Array, Array], Array]
#: A function of x, y, z (n,) and normals (n, 3) that returns sRGB colours (n, 3).
Colouring = Callable[[Array, Array, Array, Array], Array]


def solid_from_distance(
    distance: Distance,
    low: ArrayLike,
    high: ArrayLike,
    material: Material,
    resolution: int = 110,
    colour: Colouring | None = None,
) -> Mesh:
    """The surface distance = 0 inside the box low (3,) .. high (3,), with `resolution` cells along its longest side.

    With `colour` the mesh carries vertex colours: give it a material whose colour is `materials.VERTEX_COLOUR`.
    """
    low, high = np.asarray(low, float), np.asarray(high, float)
    step = float((high - low).max() / resolution)
    axes = [np.arange(a, b + step, step) for a, b in zip(low, high, strict=True)]
    field = distance(*np.meshgrid(*axes, indexing="ij"))
    vertices, faces, _, _ = marching_cubes(field, 0.0, spacing=(step, step, step))
    slopes = np.gradient(gaussian_filter(field, 0.7), step)
    normals = unit(np.stack([map_coordinates(slope, (vertices / step).T, order=1) for slope in slopes], 1))
    corner = vertices[faces]
    face_normals = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    if (face_normals * normals[faces[:, 0]]).sum() < 0:
        faces = faces[:, ::-1]
    vertices = vertices + low
    colours = None if colour is None else np.clip(colour(*vertices.T, normals), 0, 1)
    return Mesh(vertices, faces, material, normals, None, colours)


def smooth_min(a: Array, b: Array, width: float) -> Array:
    """The union of two distances, its seam rounded over `width` (polynomial smooth minimum)."""
    blend = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return b * (1 - blend) + a * blend - width * blend * (1 - blend)


def smooth_max(a: Array, b: Array, width: float) -> Array:
    """The intersection of two distances, its seam rounded over `width`."""
    return -smooth_min(-a, -b, width)


def rounded_cube(x: Array, y: Array, z: Array) -> Array:
    """The distance to a cube of half side 0.95 with rounded edges."""
    return np.sqrt(sum(np.maximum(np.abs(c) - 0.7, 0) ** 2 for c in (x, y, z))) - 0.25
