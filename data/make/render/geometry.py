"""Meshes from curves and grids, in plain numpy.

Units are free, for the camera frames whatever is built. Up is +z, the camera is at -y.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

Array = NDArray[np.floating[Any]]
Material = dict[str, Any]
#: Changes a surface of revolution: (radius, height, angle) -> (radius, height), all of shape (n, segments).
Modulation = Callable[[Array, Array, Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Mesh:
    """Triangles with a material.

    vertices (n, 3); faces (m, 3) int, counter-clockwise seen from outside; normals (n, 3) or None to derive them;
    uv (n, 2) or None, u to the right and v DOWN the texture, like the rows of an image; vertex_colour (n, 3) sRGB in
    0..1, or None. A mesh that does not count for framing may lie outside the picture.
    """

    vertices: Array
    faces: NDArray[np.integer[Any]]
    material: Material
    normals: Array | None = None
    uv: Array | None = None
    vertex_colour: Array | None = None
    counts_for_framing: bool = True

    def transformed(
        self,
        scale: ArrayLike = 1.0,
        rotate_x: float = 0.0,
        rotate_y: float = 0.0,
        rotate_z: float = 0.0,
        shift: ArrayLike = (0.0, 0.0, 0.0),
    ) -> "Mesh":
        """A copy scaled, turned about x, y, z (degrees, in this order) and shifted."""
        turn = rotation(rotate_x, rotate_y, rotate_z)
        vertices = (self.vertices * np.asarray(scale, float)) @ turn.T + np.asarray(shift, float)
        normals = self.normals
        if normals is not None:
            normals = unit((normals / np.asarray(scale, float)) @ turn.T)
        return replace(self, vertices=vertices, normals=normals)

    def all_normals(self) -> Array:
        """The normals (n, 3), derived from the faces where the mesh brings none."""
        if self.normals is not None:
            return self.normals
        corner = self.vertices[self.faces]
        face_normals = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
        summed = np.zeros_like(self.vertices)
        for k in range(3):
            np.add.at(summed, self.faces[:, k], face_normals)
        return unit(summed)


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) scaled to length one; zero vectors stay zero."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-12)


def rotation(x: float, y: float, z: float) -> Array:
    """The matrix (3, 3) that turns about x, then y, then z, in degrees."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(np.radians([x, y, z])), np.sin(np.radians([x, y, z]))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_z @ about_y @ about_x


def grid_faces(rows: int, columns: int) -> NDArray[np.integer[Any]]:
    """Two triangles for each cell of a grid of vertices: (2 (rows - 1)(columns - 1), 3)."""
    i, j = np.mgrid[0 : rows - 1, 0 : columns - 1]
    a = (i * columns + j).ravel()
    b, c, d = a + 1, a + columns, a + columns + 1
    return np.concatenate([np.stack([a, b, d], 1), np.stack([a, d, c], 1)])


def grid_surface(points: Array, material: Material, closed: bool = True, flip: bool = False) -> Mesh:
    """A smooth surface through a grid of points (h, w, 3); the bottom row of its texture lies along its first row.

    closed: the last column joins the first. Seen from outside, columns run to the right while rows run up; `flip` turns
    the surface inside out. Rows that shrink to a point (poles) take the mean normal of their neighbour row.
    """
    if closed:
        points = np.concatenate([points, points[:, :1]], 1)
        along = np.roll(points[:, :-1], -1, 1) - np.roll(points[:, :-1], 1, 1)
        along = np.concatenate([along, along[:, :1]], 1)
    else:
        along = np.gradient(points, axis=1)
    rows, columns, _ = points.shape
    normals = np.cross(along, np.gradient(points, axis=0))
    for i in np.flatnonzero(np.linalg.norm(normals, axis=2).max(1) < 1e-7):
        neighbour = normals[i + 1 if i < rows // 2 else i - 1].sum(0)
        normals[i] = neighbour if np.linalg.norm(neighbour) > 0 else (0, 0, 1)
    normals, faces = unit(normals), grid_faces(rows, columns)
    if flip:
        normals, faces = -normals, faces[:, ::-1]
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(1, 0, rows))
    uv = np.stack([u, v], -1).reshape(-1, 2)
    return Mesh(points.reshape(-1, 3), faces, material, normals.reshape(-1, 3), uv)


def arc_length(points: Array) -> Array:
    """The length of a polyline (n, d) up to each of its points: (n,)."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1) + 1e-9
    return np.concatenate([[0.0], np.cumsum(steps)])


def resample(points: ArrayLike, n: int) -> Array:
    """n points at equal distances along a polyline (m, d), ends included."""
    points = np.asarray(points, float)
    length = arc_length(points)
    at = np.linspace(0, length[-1], n)
    return np.stack([np.interp(at, length, column) for column in points.T], 1)


def smooth_curve(points: ArrayLike, n: int, overshoot: bool = True) -> Array:
    """n points on a smooth curve through points (m, d); without overshoot it keeps to the range of its points."""
    points = np.asarray(points, float)
    length = arc_length(points)
    curve = (CubicSpline if overshoot else PchipInterpolator)(length, points)
    return curve(np.linspace(0, length[-1], n))


def round_corners(points: ArrayLike, rounds: int = 3, cut: float = 0.25) -> Array:
    """An open polyline (m, 2) with its corners cut, round after round (Chaikin 1974); the ends stay."""
    points = np.asarray(points, float)
    for _ in range(rounds):
        near = points[:-1] * (1 - cut) + points[1:] * cut
        far = points[:-1] * cut + points[1:] * (1 - cut)
        points = np.concatenate([points[:1], np.stack([near, far], 1).reshape(-1, points.shape[1]), points[-1:]])
    return points


def revolve(
    profile: ArrayLike,
    material: Material,
    segments: int = 96,
    modulate: Modulation | None = None,
    start: float = 0.0,
    stop: float = 2 * np.pi,
    flip: bool = False,
) -> Mesh:
    """The surface that a profile (n, 2) of (radius, height), from the bottom up, sweeps about the z axis.

    start, stop in radians, 0 facing the camera (-y), growing to the right; u runs from start to stop.
    """
    profile = np.asarray(profile, float)
    full = abs(stop - start - 2 * np.pi) < 1e-6
    angle = np.linspace(start, stop, segments, endpoint=not full) - np.pi / 2
    radius = np.repeat(profile[:, :1], segments, 1)
    height = np.repeat(profile[:, 1:], segments, 1)
    if modulate is not None:
        radius, height = modulate(radius, height, angle[None, :])
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle), height], -1)
    return grid_surface(points, material, closed=full, flip=flip)


def tube(
    path: ArrayLike,
    radius: ArrayLike,
    material: Material,
    segments: int = 20,
    section: Callable[[Array], Array] | None = None,
) -> Mesh:
    """A closed tube along a path (m, 3); radius is a number or (m,); section(angle) makes it less round."""
    path = np.asarray(path, float)
    radii = np.broadcast_to(np.asarray(radius, float), (len(path),))
    tangents = unit(np.gradient(path, axis=0))
    angle = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    shape = np.ones(segments) if section is None else section(angle)
    side = unit(np.cross(tangents[0], [0.1, 0.2, 1]))
    rings = [np.repeat(path[:1], segments, 0)]
    for point, tangent, r in zip(path, tangents, radii, strict=True):
        side = unit(side - tangent * (tangent @ side))  # carried along without twist
        other = np.cross(tangent, side)
        rings.append(point + r * shape[:, None] * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other))
    rings.append(np.repeat(path[-1:], segments, 0))
    return grid_surface(np.array(rings), material)


def disc(radius: float, height: float, material: Material, segments: int = 64) -> Mesh:
    """A flat disc facing up."""
    return revolve([[radius, height], [radius / 2, height], [1e-4, height]], material, segments)


def sphere(radius: float, centre: ArrayLike, material: Material, segments: int = 48) -> Mesh:
    """A ball about `centre` (3,)."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, segments)
    profile = np.stack([radius * np.cos(angle) + 1e-5, radius * np.sin(angle)], 1)
    return revolve(profile, material, segments).transformed(shift=centre)


def _edge_steps(half: float, bevel: float) -> Array:
    """Positions across a face of half width `half`, dense where the bevel bends: (12,)."""
    bend = half - bevel * (1 - np.tan(np.linspace(0, np.pi / 4, 6)))
    return np.concatenate([-bend[::-1], bend])


def box(size: ArrayLike, material: Material, bevel: float = 0.02) -> Mesh:
    """A carton of size (3,), standing on z = 0 and centred on the z axis, with edges rounded by `bevel`.

    Each side face carries the whole texture upright, and so do top and bottom (upright seen from the camera).
    """
    half = np.asarray(size, float) / 2
    sides = [((1, 0, 0), (0, 0, 1)), ((-1, 0, 0), (0, 0, 1)), ((0, 1, 0), (0, 0, 1)), ((0, -1, 0), (0, 0, 1))]
    ends = [((0, 0, 1), (0, 1, 0)), ((0, 0, -1), (0, 1, 0))]
    vertices, normals, uv, faces = [], [], [], []
    for outward, upward in sides + ends:
        normal, up = np.array(outward, float), np.array(upward, float)
        right = np.cross(up, normal)
        a = _edge_steps(np.abs(right) @ half, bevel)
        b = _edge_steps(np.abs(up) @ half, bevel)
        across, along = np.meshgrid(a, b)
        points = normal * half + across[..., None] * right + along[..., None] * up
        core = np.clip(points, bevel - half, half - bevel)
        bend = unit(points - core)
        faces.append(grid_faces(*across.shape) + len(vertices) * across.size)
        vertices.append((core + bevel * bend).reshape(-1, 3))
        normals.append(bend.reshape(-1, 3))
        uv.append(np.stack([across / (2 * a[-1]) + 0.5, 0.5 - along / (2 * b[-1])], -1).reshape(-1, 2))
    box_vertices = np.concatenate(vertices) + np.array([0, 0, half[2]])
    return Mesh(box_vertices, np.concatenate(faces), material, np.concatenate(normals), np.concatenate(uv))
