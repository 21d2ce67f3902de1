"""Drawings of maps: one map, a query among its hits, and several maps side by side.

Axes have no numbers: coordinates of a map mean nothing. What can be compared stands below each panel: how many
neighbourhoods it keeps. Colours can be told apart by people with colour blindness.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from scipy.linalg import orthogonal_procrustes

from mmr_toolkit.maps.quality import MapQuality, Metric, check_labels, check_numbers, measure_map
from mmr_toolkit.show.palette import PALETTE

__all__ = ["MARKERS", "align_points", "looks_of", "show_map", "show_numbers", "show_panels", "show_query"]

MARKERS = ("o", "^", "s", "D", "v")  # eight categories have a colour each; the next eight the same with another shape
TURNS = 7  # in which the points of a map are drawn
NUMBER_COLOURS = "cividis"  # from dark blue to yellow, the same to colour-blind eyes (Nuñez, Anderton & Renslow 2018)
LEGEND = {"fontsize": 7, "frameon": False, "markerscale": 1.3, "handletextpad": 0.1, "columnspacing": 0.6}


class Look(NamedTuple):
    """How the points of one kind are drawn."""

    marker: str
    colour: str


def looks_of(kinds: Sequence[str] | np.ndarray) -> list[Look]:
    """A look for each kind, no two alike: up to eight differ in colour, more in shape too.

    Raises:
        ValueError: more kinds than looks.
    """
    colours = list(PALETTE.values())
    if len(kinds) > len(colours) * len(MARKERS):
        raise ValueError(
            f"{len(kinds)} kinds of labels; at most {len(colours) * len(MARKERS)} can be told apart. Draw fewer."
        )
    return [Look(MARKERS[i // len(colours)], colours[i % len(colours)]) for i in range(len(kinds))]


def show_map(points: npt.ArrayLike, labels: Sequence[str] | npt.ArrayLike, *, title: str, ax: Axes) -> None:
    """Draw a map: one point per vector, colour and shape by label, the legend beside it.

    Args:
        points: (N, 2).
        labels: (N,), of at most 40 kinds; up to eight differ in colour, more in shape too.
        title: what the map shows.
        ax: where to draw.

    Raises:
        ValueError: not N points of finite numbers, not one label per point, or too many kinds.
    """
    n_kinds = _draw_kinds(points, labels, ax)
    ax.set(xticks=[], yticks=[], title=title)  # coordinates mean nothing
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), ncols=1 + (n_kinds > 13), **LEGEND)


def show_numbers(points: npt.ArrayLike, numbers: npt.ArrayLike, *, unit: str, title: str, ax: Axes) -> None:
    """Draw a map coloured by a number, a price for instance, with a colour bar.

    Args:
        points: (N, 2).
        numbers: (N,), finite.
        unit: what the numbers are and in which unit, for the colour bar: "price (shop's money)".
        title: what the map shows.
        ax: where to draw.

    Raises:
        ValueError: not N points, or not one finite number per point.
    """
    drawn = _draw_numbers(points, numbers, ax)
    ax.set(xticks=[], yticks=[], title=title)
    ax.figure.colorbar(drawn, ax=ax, label=unit)


def show_query(
    query_point: npt.ArrayLike, hit_points: npt.ArrayLike, *, ax: Axes, label: str = "query", numbered: bool = True
) -> None:
    """Draw a query on a map that is drawn already: a star, and a line to each of its hits.

    Lines that cross the map are no mistake of the search: near in truth need not be near on paper.

    Args:
        query_point: (2,) or (1, 2), as from `FittedMap.place`.
        hit_points: (k, 2), `points[position]` of each hit, the best first.
        ax: the axes of the map, after `show_map`.
        label: a few words beside the star.
        numbered: whether each hit has its rank beside it.

    Raises:
        ValueError: not one query point or not k hit points of finite numbers.
    """
    star = check_numbers("query_point", np.atleast_2d(np.asarray(query_point, dtype=float)), "(N, 2)")
    if len(star) != 1:
        raise ValueError(f"query_point has {len(star)} rows; expected one query, (2,) or (1, 2).")
    hits = check_numbers("hit_points", hit_points, "(N, 2)")
    paper = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    for rank, hit in enumerate(hits, 1):
        ax.plot(*np.stack([star[0], hit]).T, color="0.25", linewidth=0.8, zorder=3)
        if numbered:
            ax.annotate(str(rank), hit, (4, 4), textcoords="offset points", fontsize=7, zorder=5, bbox=paper)
    ax.scatter(hits[:, 0], hits[:, 1], s=42, facecolors="none", edgecolors="black", linewidths=1.0, zorder=4)
    ax.scatter(
        star[:, 0], star[:, 1], s=130, marker="*", c=PALETTE["vermilion"], edgecolors="black", linewidths=0.8, zorder=6
    )
    ax.annotate(label, star[0], (9, -3), textcoords="offset points", fontsize=8, weight="bold", zorder=6, bbox=paper)


def show_panels(
    panels: Mapping[str, npt.ArrayLike],
    labels: Sequence[str] | npt.ArrayLike,
    *,
    vectors: Mapping[str, npt.ArrayLike] | npt.ArrayLike,
    k: int = 10,
    metric: Metric = "cosine",
    unit: str | None = None,
    align: bool = True,
    columns: int = 3,
) -> Figure:
    """Several maps of the same items side by side, with one legend, and below each how far it can be believed.

    For the three fusions, for two seeds, for PCA beside UMAP. Only neighbourhoods may be compared.

    Args:
        panels: points (N, 2) by the title of the panel; row i is the same item in all of them.
        labels: (N,), kinds or, with a unit, numbers.
        vectors: (N, d) by the title of the panel, what each map was made of; or one array, the same for all.
        k, metric: as in `measure_map`.
        unit: None for kinds; for numbers what they are and in which unit, for the colour bar.
        align: turn the maps to lie like the first one (`align_points`), for the eye.
        columns: panels in a row.

    Returns:
        Figure.

    Raises:
        ValueError: no panels, columns below 1, vectors under other titles than the panels, or what `show_map`,
            `show_numbers` and `measure_map` refuse.
    """
    if not panels or columns < 1:
        raise ValueError(f"got {len(panels)} panels and {columns} columns, expected at least one of each.")
    quality = _measure_panels(panels, vectors, k, metric)
    first = next(iter(panels.values()))
    width = min(columns, len(panels))
    n_rows = -(-len(panels) // width)
    figure, axes = plt.subplots(
        n_rows, width, figsize=(3.6 * width + 1.2, 3.9 * n_rows), squeeze=False, layout="constrained"
    )
    try:
        for ax in axes.flat[len(panels) :]:
            ax.set_axis_off()
        for ax, (name, points) in zip(axes.flat, panels.items(), strict=False):
            drawn = _draw(align_points(points, first) if align else points, labels, unit, ax)
            ax.set(xticks=[], yticks=[], title=name)
            ax.set_xlabel(str(quality[name]).replace(", ", "\n", 1), fontsize=8)
        if drawn is not None:
            figure.colorbar(drawn, ax=axes, label=unit)
        else:
            handles, names = axes.flat[0].get_legend_handles_labels()
            figure.legend(handles, names, loc="outside right center", ncols=1 + (len(names) > 20), **LEGEND)
    finally:
        plt.close(figure)  # else the notebook would show it a second time by itself
    return figure


def _measure_panels(
    panels: Mapping[str, npt.ArrayLike],
    vectors: Mapping[str, npt.ArrayLike] | npt.ArrayLike,
    k: int,
    metric: Metric,
) -> dict[str, MapQuality]:
    of_panel = vectors if isinstance(vectors, Mapping) else dict.fromkeys(panels, vectors)
    if set(of_panel) != set(panels):
        raise ValueError(
            f"vectors are named {', '.join(of_panel)}; expected the names of the panels: {', '.join(panels)}."
        )
    return {name: measure_map(of_panel[name], panels[name], k, metric=metric) for name in panels}


def _draw(
    points: npt.ArrayLike, labels: Sequence[str] | npt.ArrayLike, unit: str | None, ax: Axes
) -> PathCollection | None:
    """Kinds, or numbers where there is a unit; what a colour bar needs, if one is needed."""
    if unit is not None:
        return _draw_numbers(points, labels, ax)
    _draw_kinds(points, labels, ax)
    return None


def align_points(points: npt.ArrayLike, onto: npt.ArrayLike) -> np.ndarray:
    """Turn, mirror, scale and shift a map so that it lies like another one, item by item, for the eye.

    The orthogonal Procrustes problem (Schönemann 1966): with both maps moved to their centres, s and R (RᵀR = 1)
    make ‖s P R − Q‖² least. It changes no neighbourhood, so no measure of the map changes. It gives coordinates no
    meaning either: two maps of one item that lie apart after it say nothing; only neighbourhoods may be compared.

    Args:
        points: (N, 2), the map to move.
        onto: (N, 2), of the same items in the same order.

    Returns:
        Points (N, 2), float32.

    Raises:
        ValueError: not two maps of the same length, or one whose points all fall together.
    """
    moved, still = check_numbers("points", points, "(N, 2)"), check_numbers("onto", onto, "(N, 2)")
    if len(moved) != len(still):
        raise ValueError(f"{len(moved)} and {len(still)} points; expected two maps of the same items, in order.")
    centred, target = moved - moved.mean(axis=0), still - still.mean(axis=0)
    if not centred.any() or not target.any():
        raise ValueError("all points of a map fall together; expected at least two different ones.")
    turn, length = orthogonal_procrustes(centred, target)
    return (length / (centred**2).sum() * centred @ turn + still.mean(axis=0)).astype(np.float32)


def _draw_kinds(points: npt.ArrayLike, labels: Sequence[str] | npt.ArrayLike, ax: Axes) -> int:
    """Draw the points, each kind with its look and once in the legend; how many kinds."""
    plane = check_numbers("points", points, "(N, 2)")
    names = check_labels("labels", labels, len(plane))
    kinds = np.unique(names)
    looks = looks_of(kinds)
    for turn in range(TURNS):  # a few points of every kind at a time, else the last kind would cover all others
        some, kinds_of_some = plane[turn::TURNS], names[turn::TURNS]
        for kind, look in zip(kinds, looks, strict=True):
            x, y = some[kinds_of_some == kind].T
            label = str(kind) if turn == 0 else None  # once in the legend
            ax.scatter(x, y, s=14, c=look.colour, marker=look.marker, edgecolors="white", linewidths=0.3, label=label)
    return len(kinds)


def _draw_numbers(points: npt.ArrayLike, numbers: npt.ArrayLike, ax: Axes) -> PathCollection:
    plane = check_numbers("points", points, "(N, 2)")
    values = np.asarray(numbers, dtype=np.float64)
    if values.shape != (len(plane),) or not np.isfinite(values).all():
        raise ValueError(
            f"numbers have shape {values.shape}, {int((~np.isfinite(values)).sum())} not finite; "
            f"expected ({len(plane)},) finite numbers, one per point. Leave holes out before."
        )
    return ax.scatter(plane[:, 0], plane[:, 1], s=14, c=values, cmap=NUMBER_COLOURS, edgecolors="white", linewidths=0.2)
