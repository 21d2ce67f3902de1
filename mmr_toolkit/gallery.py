"""The items that are searched, as they are at one moment; it never changes, so that many may read it at once."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock

import numpy as np
import torch

from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.features.extract import Features
from mmr_toolkit.fusion import Fusion, in_order

KEPT = 8  # ways of seeing the items that are kept for the next query; each takes N × D numbers


class Gallery:
    """N items with their features, and how queries see them.

    The items are fused with the parts that the query has too (see `mmr_toolkit.fusion`), so every kind of question, and
    every emphasis, sees other vectors. The last few are kept.

    Args:
        catalogue: N items.
        features: their vectors and masks.
        fusion: in evaluation mode, and not trained further while it is in use.

    Raises:
        ValueError: features of other items.
    """

    def __init__(self, catalogue: Catalogue, features: Features, fusion: Fusion) -> None:
        if features.ids != catalogue.ids:
            raise ValueError(
                f"the features belong to {len(features)} other items than the {len(catalogue)} of this catalogue: "
                "extract them from it."
            )
        self.catalogue, self.features, self.fusion = catalogue, features, fusion
        self._seen: OrderedDict[tuple, tuple[torch.Tensor, torch.Tensor]] = OrderedDict()
        self._lock = Lock()

    @torch.no_grad()
    def as_seen(
        self, parts: Iterable[str], emphasis: Mapping[str, float] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The items as a query with these parts sees them.

        Args:
            parts: the modalities of the query.
            emphasis: as for a call of the fusion.

        Returns:
            Vectors (N, D), and which items can be compared with such a query, bool (N,).
        """
        parts = in_order(parts)
        key = (parts, tuple(sorted((emphasis or {}).items())))
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        z, weights = self.fusion(self.features.vectors, self.fusion.as_seen(self.features.mask, parts), emphasis)
        found = z, weights.any(dim=1)
        with self._lock:
            self._seen[key] = found
            while len(self._seen) > KEPT:
                self._seen.popitem(last=False)
        return found

    def rows(self, positions: Iterable[int]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Vectors and masks of some items, by modality."""
        chosen = list(positions)
        vectors, mask = self.features.vectors, self.features.mask
        return {name: vectors[name][chosen] for name in vectors}, {name: mask[name][chosen] for name in vectors}

    def without(self, ids: Iterable[str]) -> "Gallery":
        """The gallery that remains when some items are taken out.

        Raises:
            ValueError: an id that is not there, or no item would remain.
        """
        kept = np.ones(len(self.catalogue), dtype=bool)
        for id in ids:
            kept[self.catalogue.position(id)] = False
        if not kept.any():
            raise ValueError("a retriever needs at least one item: these are all that it has.")
        return Gallery(self.catalogue.subset(kept), self.features.subset(kept), self.fusion)

    def catalogue_with(self, items: Catalogue, *, new: bool) -> Catalogue:
        """The catalogue with other items in it, all with new ids or all in the place of known ones.

        Raises:
            ValueError: a known id among new items, an unknown one among the others, or files in another folder.
        """
        known = set(self.catalogue.ids)
        for id in items.ids:
            if (id in known) == new:
                raise ValueError(
                    f"the id {id!r} {'is there already: use replace' if new else 'is not there: use add'}."
                )
        return self.catalogue.updated(items)
