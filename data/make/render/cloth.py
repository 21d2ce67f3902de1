"""Flat pieces of cloth: a polygon becomes a sheet with a rounded edge and soft folds, lying on the table."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike
from scipy.ndimage import map_coordinates
from scipy.spatial import Delaunay

from render.geometry import Array, Material, Mesh
from render.textures import smooth_noise

Polygon: TypeAlias = shapely.Polygon
#: Adds height to a sheet: (x, y, distance from the outline), each (n,) -> (n,).
ExtraHeight = Callable[[Array, Array, Array], Array]


def smooth_outline(points: ArrayLike, rounds: int = 3) -> Polygon:
    """A closed polygon (n, 2) with its corners cut, round after round (Chaikin 1974)."""
    points = np.asarray(points, float)
    for _ in range(rounds):
        following = np.roll(points, -1, 0)
        corners = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], 1)
        points = corners.reshape(-1, 2)
    return largest(shapely.Polygon(points).buffer(0))


def largest(shape: Any) -> Polygon:
    """The largest polygon of a shapely geometry."""
    return shape if shape.geom_type == "Polygon" else max(shape.geoms, key=lambda part: part.area)


def _ring_points(ring: Any, spacing: float) -> Array:
    """Points (n, 2) at about equal distances along a closed line."""
    n = max(12, int(ring.length / spacing))
    return shapely.get_coordinates(ring.interpolate(np.linspace(0, ring.length, n, endpoint=False)))


def _triangulate(polygon: Polygon, rng: np.random.Generator, spacing: float) -> tuple[Array, Array]:
    """Points (n, 2) on the outline and inside, and the triangles (m, 3) between them, facing up."""
    low_x, low_y, high_x, high_y = polygon.bounds
    x, y = np.meshgrid(np.arange(low_x, high_x, spacing), np.arange(low_y, high_y, spacing))
    inner = np.stack([x.ravel(), y.ravel()], 1) + rng.uniform(-0.2, 0.2, (x.size, 2)) * spacing
    shapely.prepare(polygon)
    inner = inner[shapely.contains_xy(polygon, inner)]
    inner = inner[shapely.distance(shapely.points(inner), polygon.boundary) > spacing * 0.6]
    rings = [_ring_points(ring, spacing / 1.6) for ring in (polygon.exterior, *polygon.interiors)]
    points = np.concatenate([*rings, inner])
    triangles = Delaunay(points).simplices
    corner = points[triangles]
    kept = shapely.contains_xy(polygon, corner.mean(1))
    triangles, corner = triangles[kept], corner[kept]
    first, second = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    downwards = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] < 0
    triangles[downwards] = triangles[downwards][:, ::-1]
    return points, triangles


def _fold_heights(points: Array, rng: np.random.Generator, fold_size: tuple[float, float], fold_angle: float) -> Array:
    """Noise (n,) in -1..1 whose hills measure fold_size along and across, turned by fold_angle (radians)."""
    low, high = points.min(0), points.max(0)
    extent = (high - low).max() * 1.1
    cells = 128
    noise = smooth_noise(rng, cells, cells, fold_size[0] / extent * cells, fold_size[1] / extent * cells, 2)
    c, s = np.cos(fold_angle), np.sin(fold_angle)
    turned = (points - (low + high) / 2) @ np.array([[c, -s], [s, c]])
    at = (turned[:, ::-1].T / extent / 1.42 + 0.5) * (cells - 1)
    return map_coordinates(np.tanh(0.8 * noise), at, order=3, mode="reflect")


def flat_piece(
    polygon: Polygon,
    material: Material,
    rng: np.random.Generator,
    lift: float = 0.0,
    thickness: float = 0.05,
    edge: float = 0.06,
    folds: float = 0.02,
    fold_size: tuple[float, float] = (0.35, 0.12),
    spacing: float = 0.018,
    texture_box: tuple[float, float, float, float] | None = None,
    fold_angle: float = 0.0,
    extra_height: ExtraHeight | None = None,
) -> Mesh:
    """A sheet over a polygon: from `lift` at its outline it rises by `thickness` in a quarter circle `edge` wide.

    texture_box: (x0, y0, x1, y1) that the texture covers, the bounds of the polygon if None. fold_angle in radians.
    """
    polygon = largest(polygon)
    points, triangles = _triangulate(polygon, rng, spacing)
    from_edge = shapely.distance(shapely.points(points), polygon.boundary)
    inside = np.clip(from_edge / edge, 0, 1)
    height = lift + thickness * np.sqrt(1 - (1 - inside) ** 2)
    if folds:
        height = height + folds * _fold_heights(points, rng, fold_size, fold_angle) * inside
    if extra_height is not None:
        height = height + extra_height(points[:, 0], points[:, 1], from_edge)
    x0, y0, x1, y1 = texture_box or polygon.bounds
    uv = np.stack([(points[:, 0] - x0) / (x1 - x0), (y1 - points[:, 1]) / (y1 - y0)], 1)
    return Mesh(np.column_stack([points, height]), triangles, material, None, uv)


def ribbon(
    line: ArrayLike, width: float, material: Material, rng: np.random.Generator, lift: float, thickness: float = 0.04
) -> Mesh:
    """A flat band of half width `width` along a line (n, 2): seams, collars, laces."""
    band = shapely.LineString(np.asarray(line, float)).buffer(width, cap_style="flat")
    return flat_piece(band, material, rng, lift, thickness, edge=width, folds=0.0, spacing=max(0.012, width * 0.6))
