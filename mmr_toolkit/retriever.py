"""The whole road behind one call: parts of a query → vectors → one vector → similarity → the k closest items."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch

from mmr_toolkit.catalogue import Catalogue
from mmr_toolkit.features import Encoder, Features, UnencodableValue, default_encoders, extract
from mmr_toolkit.fusion import ConcatFusion, Fusion, in_order
from mmr_toolkit.similarity import Similarity, similarity_function, top_k

if TYPE_CHECKING:
    from PIL import Image

PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Hit:
    """One item that was found.

    Attributes:
        id: the item's id in the catalogue.
        rank: 1 for the best.
        score: higher is closer; its range is that of the similarity.
        position: the item's row in the catalogue.
    """

    id: str
    rank: int
    score: float
    position: int


class Retriever:
    """Finds the items of a catalogue that are closest to a query of any parts.

    A query takes the same road as the items: its parts are encoded by the same encoders and fused as an item with
    holes. The items are fused as the query sees them, with the parts that it asks about (see `fusion`), and items
    without any of these parts are left out: nothing is known that could make them a hit or no hit.

    Args:
        catalogue: N items.
        encoders: modality → encoder, those that made the features.
        features: vectors and mask of the N items, as from `extract`.
        fusion: None for `ConcatFusion()`, all modalities with the same weight.
        similarity: a name in `SIMILARITIES`.

    Raises:
        ValueError: features of other items or without their encoder, or an unknown similarity.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        encoders: Mapping[str, Encoder],
        features: Features,
        fusion: Fusion | None = None,
        similarity: Similarity = "cosine",
    ) -> None:
        similarity_function(similarity)
        if features.ids != catalogue.ids:
            raise ValueError(
                f"the features belong to {len(features)} other items than the {len(catalogue)} of this catalogue: "
                "extract them from it."
            )
        for modality in features.vectors:
            if modality not in encoders:
                raise ValueError(f"no encoder for {modality}: give the one that made its features.")
        self.catalogue = catalogue
        self.encoders = dict(encoders)
        self.features = features
        self.fusion = (ConcatFusion() if fusion is None else fusion).eval()  # nothing is dropped while searching
        self.similarity = similarity
        with torch.no_grad():
            self.fusion(features.vectors, features.mask)  # once with all parts, so that it knows their dimensions
        self._items_seen: dict[tuple[str, ...], tuple[torch.Tensor, torch.Tensor]] = {}

    @classmethod
    def build(
        cls,
        catalogue: Catalogue,
        encoders: Mapping[str, Encoder] | None = None,
        fusion: Fusion | None = None,
        similarity: Similarity = "cosine",
        progress: bool = False,
        cache: PathLike | bool = True,
        workers: int | None = None,
    ) -> Self:
        """Make the encoders (if not given) and the features of a catalogue, and a retriever of both.

        Args:
            catalogue: the items to be searched.
            encoders: modality → encoder; None learns the default ones from this catalogue.
            fusion: None for `ConcatFusion()`.
            similarity: a name in `SIMILARITIES`.
            progress: show progress bars.
            cache: the folder where vectors are kept, see `extract`.
            workers: processes that read pictures and sounds, see `extract`.
        """
        if encoders is None:
            encoders = default_encoders(catalogue)
        features = extract(catalogue, encoders, progress=progress, cache=cache, workers=workers)
        return cls(catalogue, encoders, features, fusion, similarity)

    def search(
        self,
        text: str | None = None,
        image: "PathLike | Image.Image | None" = None,
        audio: PathLike | np.ndarray | None = None,
        k: int = 10,
        exclude: str | Iterable[str] | None = None,
    ) -> list[Hit]:
        """The k closest items, best first.

        Args:
            text: what to look for in words.
            image: a picture: a path or a PIL image.
            audio: a sound: a path, or float32 samples (n_samples,) at 16 kHz.
            k: how many, at least 1; there may be fewer items to find.
            exclude: ids that must not be found, for example the product that the query was made from.

        Raises:
            ValueError: no part is given, a part that cannot be used (a text of unknown words only, a damaged file), a
                part that the catalogue does not have, k below 1, or an id to exclude that does not exist.
            FileNotFoundError: no such picture or sound.

        Example:
            >>> hits = retriever.search("红酒", k=5)  # doctest: +SKIP
            >>> hits = retriever.search("for a party", image="can.jpg", audio="pouring.wav")  # doctest: +SKIP
        """
        parts = {"text": text, "image": image, "audio": audio}
        query = {name: [part] for name, part in parts.items() if part is not None}
        z_query = self._fuse_queries(query)
        z_items, comparable = self._items_as_seen_with(query)
        excluded = [exclude] if isinstance(exclude, str) else exclude
        for id in () if excluded is None else excluded:
            comparable = comparable.index_fill(0, torch.tensor(self.catalogue.position(id)), False)
        candidates = comparable.nonzero()[:, 0]
        if len(candidates) == 0:
            return []
        scores, order = top_k(z_query, z_items[candidates], k, self.similarity)
        positions = candidates[order[0]].tolist()
        ids = self.catalogue.ids
        return [
            Hit(ids[position], rank, score, position)
            for rank, (position, score) in enumerate(zip(positions, scores[0].tolist(), strict=True), 1)
        ]

    def score_all(self, queries: Mapping[str, Sequence[Any]]) -> torch.Tensor:
        """The scores of all items for a batch of queries that have the same parts, for evaluation.

        Args:
            queries: modality → one value per query, as for `search`: {"text": [...], "image": [...]}.

        Returns:
            Tensor (n_query, N), higher is closer; −inf for items that have none of the queries' parts.
        """
        z_queries = self._fuse_queries(queries)
        z_items, comparable = self._items_as_seen_with(queries)
        scores = similarity_function(self.similarity)(z_queries.double(), z_items.double()).float()
        return scores.where(comparable, -torch.inf)

    @torch.no_grad()
    def _fuse_queries(self, queries: Mapping[str, Sequence[Any]]) -> torch.Tensor:
        known = in_order(self.features.vectors)
        if not queries:
            raise ValueError(f"the query has no part: give at least one of {', '.join(known)}.")
        vectors = {}
        for name, values in queries.items():
            if name not in known:
                raise ValueError(f"this catalogue cannot be searched by {name}, only by {', '.join(known)}.")
            try:
                vectors[name] = self.encoders[name].encode(list(values))
            except UnencodableValue as error:
                reasons = "; ".join(error.reasons.values())
                raise ValueError(f"the {name} of the query says nothing: {reasons}.") from error
        z, weights = self.fusion(vectors)
        if not weights.any(dim=1).all():
            raise ValueError(f"the query has only parts with weight 0 or an empty vector ({', '.join(vectors)}).")
        return z

    @torch.no_grad()
    def _items_as_seen_with(self, parts: Iterable[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """The items fused from these parts alone, and which of them have at least one; kept for the next query."""
        parts = in_order(parts)
        if parts not in self._items_seen:
            z, weights = self.fusion(self.features.vectors, self.fusion.as_seen(self.features.mask, parts))
            self._items_seen[parts] = z, weights.any(dim=1)
        return self._items_seen[parts]
