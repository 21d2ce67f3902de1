"""The map of the search page: all items as points by what their fused vectors say, and the query among its hits.

A map is made once per fusion, when it is first looked at: UMAP takes some ten seconds the first time, and one or two
seconds for a query after that. Only one is made at a time; who asks meanwhile waits for it.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from html import escape

import numpy as np
import torch
from matplotlib.figure import Figure

from mmr_toolkit.app.query import Query
from mmr_toolkit.app.settings import Settings, departments
from mmr_toolkit.app.why_panel import figure_uri
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.maps.fit import FittedMap, fit_umap
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.show.maps import show_map, show_query

__all__ = ["ItemMaps", "claim", "map_html"]

FEWEST = 20  # items; a map of fewer says nothing
NEIGHBOURS = 15
LEGEND = {"fontsize": 8, "frameon": False, "handletextpad": 0.1, "columnspacing": 1.0}
NARROWEST = 0.05  # units of the map, the least that is drawn from near


class ItemMaps:
    """The maps of a page, one per fusion, and one again when the items have changed."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Catalogue, FittedMap]] = {}
        self._lock = threading.Lock()

    def draw(self, fusion: str, retriever: Retriever, query: Query, settings: Settings, hits: Sequence[Hit]) -> str:
        """The map with the query and its hits, as HTML.

        Args:
            fusion: the name under which the map is kept.
            retriever, query, settings, hits: what was asked, of whom and how, and what came.

        Raises:
            ValueError: too few items for a map, a file of the query that is gone, or hits that all were removed.
        """
        catalogue = retriever.catalogue
        if len(catalogue) < FEWEST:
            raise ValueError(f"A map needs at least {FEWEST} items; this catalogue has {len(catalogue)}.")
        positions = [catalogue.position(hit.id) for hit in hits if hit.id in catalogue]
        if not positions:
            raise ValueError("All hits were removed since you searched: please search again.")
        asked = _query_vector(retriever, query, settings)
        with self._lock:
            made = self._made.get(fusion)
            if made is None or made[0] is not catalogue:
                made = self._made[fusion] = catalogue, fit_umap(_item_vectors(retriever), n_neighbours=NEIGHBOURS)
            place = made[1].place(asked)
        labels, kind = _labels(catalogue)
        title = claim([labels[position] for position in positions], kind)
        return map_html(made[1].points, labels, place, positions, title)


def claim(labels_of_hits: Sequence[str], kind: str) -> str:
    """What the map shows, in one sentence.

    Args:
        labels_of_hits: the label of each hit.
        kind: what the labels are, such as "department"; "" for none.

    Example:
        >>> claim(["drinks", "drinks", "food"], "department")
        'The query lands among drinks, with 2 of its 3 hits'
    """
    n = len(labels_of_hits)
    if not kind:
        return f"The query and its {n} hits among all items"
    label, count = Counter(labels_of_hits).most_common(1)[0]
    return f"The query lands among {label}, with {'all' if count == n else count} of its {n} hits"


def map_html(points: np.ndarray, labels: Sequence[str], place: np.ndarray, positions: Sequence[int], title: str) -> str:
    """Two drawings, all items and the neighbourhood of the query, and how to read them.

    Args:
        points: (N, 2), the items on the map.
        labels: (N,), which have a colour each.
        place: (1, 2), the query.
        positions: the rows of its hits, the best first.
        title: what the map shows.
    """
    hits = points[list(positions)]
    whole = _drawing(points, labels, place, hits, title, None)
    near = _drawing(points, labels, place, hits, "The query and its hits from near", _frame(place, hits))
    return (
        f'<figure class="sheet"><div class="maps">'
        f'<img alt="Map of all items. {escape(title)}." src="{whole}">'
        f'<img alt="The part of the map around the query, with the ranks of its hits." src="{near}"></div>'
        "<figcaption>Each point is an item, near to those whose fused vectors are like its own. The star is the query, "
        "rings are its hits, lines lead to them. A map of two dimensions breaks some neighbourhoods, so a long line is "
        "no mistake of the search; the axes mean nothing.</figcaption></figure>"
    )


@torch.no_grad()
def _item_vectors(retriever: Retriever) -> np.ndarray:
    return retriever.fusion(retriever.features.vectors, retriever.features.mask)[0].numpy()


def _query_vector(retriever: Retriever, query: Query, settings: Settings) -> np.ndarray:
    vectors = retriever.encode({name: [part] for name, part in query.read().items()})
    return retriever.fuse(vectors, settings.weights_for(retriever)).numpy()


def _labels(catalogue: Catalogue) -> tuple[list[str], str]:
    if departments(catalogue):
        return catalogue.table["department"].fillna("none").astype(str).tolist(), "department"
    return ["item"] * len(catalogue), ""


def _frame(place: np.ndarray, hits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of a square around the query and its hits, with a margin."""
    all_points = np.concatenate([place, hits])
    low, high = all_points.min(axis=0), all_points.max(axis=0)
    half = 0.62 * max(float((high - low).max()), NARROWEST)
    middle = (low + high) / 2
    return middle - half, middle + half


def _drawing(
    points: np.ndarray,
    labels: Sequence[str],
    place: np.ndarray,
    hits: np.ndarray,
    title: str,
    frame: tuple[np.ndarray, np.ndarray] | None,
) -> str:
    """A figure as a data URI; `frame` for a part of the map, whose hits are numbered."""
    figure = Figure(figsize=(4.4, 4.3), layout="constrained")
    ax = figure.add_subplot()
    show_map(points, labels, title=title, ax=ax)
    show_query(place, hits, ax=ax, numbered=frame is not None)
    ax.set_title(title, fontsize=9, weight="bold")
    names, _ = ax.get_legend_handles_labels()
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=min(len(names), 4), **LEGEND)
    for spine in ax.spines.values():
        spine.set_color("0.8")
    if frame is not None:
        (left, bottom), (right, top) = frame
        ax.set(xlim=(left, right), ylim=(bottom, top))
    return figure_uri(figure)
