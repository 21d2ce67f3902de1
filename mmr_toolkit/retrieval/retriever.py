"""The whole road behind one call: parts of a query → vectors → one vector → similarity → the k closest items.

`Gallery` holds the items, `Retriever` asks them.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from threading import Lock
from typing import Any, Self

import numpy as np
import torch
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.filters import matching
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import ASK_ACROSS, check_names, in_order
from mmr_toolkit.features import Encoder, Features, UnencodableValue, default_encoders, extract
from mmr_toolkit.fusion import ConcatFusion, Fusion
from mmr_toolkit.retrieval.hits import Hit, make_hits
from mmr_toolkit.retrieval.saved.retriever import Parts, load_parts, save_parts
from mmr_toolkit.retrieval.shares import score_shares
from mmr_toolkit.similarity.exact_search import top_k
from mmr_toolkit.similarity.measures import Similarity, similarity_function

KEPT = 8  # ways of seeing the items that are kept for the next query; each takes N × D numbers


class Gallery:
    """The items that are searched, as they are at one moment; it never changes, so many may read it at once.

    The items are fused with the parts that the query has too (see `mmr_toolkit.fusion`), so every kind of question, and
    every set of weights, sees other vectors. The last few are kept.

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
        self, parts: Iterable[str], weights: Mapping[str, float] | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The items as a query with these parts sees them.

        Args:
            parts: the modalities of the query.
            weights: as for a call of the fusion.

        Returns:
            Vectors (N, D), and which items can be compared with such a query, bool (N,).
        """
        parts = in_order(parts)
        key = (parts, tuple(sorted((weights or {}).items())))
        with self._lock:
            if key in self._seen:
                self._seen.move_to_end(key)
                return self._seen[key]
        z, counts = self.fusion(self.features.vectors, self.fusion.as_seen(self.features.mask, parts), weights)
        found = z, counts.any(dim=1)
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


class Retriever:
    """Finds the items of a catalogue that are closest to a query of any parts.

    A query takes the same road as the items: its parts are encoded by the same encoders and fused as an item with
    holes. The items are fused as the query sees them, with the parts that it asks about (see `fusion`), and items
    without any of these parts are left out: nothing is known that could make them a hit or no hit.

    Many threads may search at once, also while another adds or removes items: a search sees all of a change or nothing.

    Args:
        catalogue: N items.
        encoders: modality → encoder, those that made the features.
        features: vectors and mask of the N items, as from `extract`.
        fusion: None for `ConcatFusion()`, all modalities with the same weight.
        similarity: a name in `SIMILARITIES`.

    Attributes:
        gallery: the items as they are now; a change puts another one in its place.

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
        for modality in features.vectors:
            if modality not in encoders:
                raise ValueError(f"no encoder for {modality}: give the one that made its features.")
        self.encoders = dict(encoders)
        self.fusion = (ConcatFusion() if fusion is None else fusion).eval()  # nothing is dropped while searching
        self.similarity = similarity
        self.gallery = Gallery(catalogue, features, self.fusion)
        self._encoding, self._changing = Lock(), Lock()
        with torch.no_grad():
            self.fusion(features.vectors, features.mask)  # once with all parts, so that it knows their dimensions

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
        asked: Iterable[str] | None = None,
    ) -> Self:
        """Make the encoders (if not given) and the features of a catalogue, and a retriever of both.

        Args:
            encoders: modality → encoder; None learns the default ones from this catalogue, or takes those that were
                learned from the same before (see `default_encoders`).
            progress: show progress bars.
            cache, workers: see `extract`.
            asked: the modalities that queries will have. Only what these can be compared with is learned and encoded:
                to search by text, no picture need be read. None: all.
            catalogue, fusion, similarity: as for the class.

        Raises:
            ValueError: a modality in `asked` that the catalogue does not have.
        """
        fusion = ConcatFusion() if fusion is None else fusion
        needed: set[str] | None = None
        if asked is not None:
            asked = set(asked)
            needed = asked | set(fusion.compared_with(asked)) & set(catalogue.modalities)
        if encoders is None:
            encoders = default_encoders(catalogue, modalities=needed, progress=progress, cache=cache)
        elif needed is not None:
            encoders = {name: encoder for name, encoder in encoders.items() if name in needed} or encoders
        features = extract(catalogue, encoders, progress=progress, cache=cache, workers=workers)
        return cls(catalogue, encoders, features, fusion, similarity)

    def with_fusion(self, fusion: Fusion, similarity: Similarity | None = None) -> "Retriever":
        """The same items and encoders with another fusion; nothing is encoded or copied.

        What is later added to the one, or removed from it, does not reach the other.

        Args:
            fusion: any that takes these dimensions.
            similarity: a name in `SIMILARITIES`; None: as here.
        """
        gallery = self.gallery
        other = Retriever(gallery.catalogue, self.encoders, gallery.features, fusion, similarity or self.similarity)
        other._encoding = self._encoding
        return other

    def snapshot(self) -> Self:
        """This retriever with the items as they are now, whatever is added here or removed later; nothing is copied.

        For whoever asks more than once and wants answers that fit together: first hits, then the rows of these hits.
        """
        return copy(self)

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        return self.gallery.catalogue

    @property
    def features(self) -> Features:
        """Their vectors, before fusion."""
        return self.gallery.features

    @property
    def modalities(self) -> tuple[str, ...]:
        """What can be asked with."""
        return in_order(self.features.vectors)

    def search(
        self,
        text: str | None = None,
        image: PathLike | Image.Image | None = None,
        audio: PathLike | np.ndarray | None = None,
        k: int = 10,
        *,
        weights: Mapping[str, float] | None = None,
        where: Mapping[str, Any] | None = None,
        exclude: str | Iterable[str] | None = None,
    ) -> list[Hit]:
        """The k closest items, best first.

        Args:
            text: what to look for in words.
            image: a picture: a path or a PIL image.
            audio: a sound: a path, or float32 samples (n_samples,) at 16 kHz.
            k: how many, at least 1; there may be fewer items to find.
            weights: modality → factor on the fusion's own weight, for this query: {"text": 2} counts words twice as
                much. 1 where a modality is not named; 0 leaves the part out.
            where: conditions on the columns of the catalogue, such as {"department": "drinks", "price": (None, 20)};
                see `mmr_toolkit.catalogue.filters.matching`.
            exclude: ids that must not be found, for example the product that the query was made from.

        Raises:
            ValueError: no part is given, a part that cannot be used (a text of unknown words only, a damaged file), a
                part that the catalogue does not have, k below 1, weights that are no weights or leave nothing, a
                condition on a column that does not exist, or an id to exclude that does not exist.
            FileNotFoundError: no such picture or sound.

        Example:
            >>> hits = retriever.search("红酒", k=5)  # doctest: +SKIP
            >>> hits = retriever.search("for a party", image="can.jpg", audio="pouring.wav")  # doctest: +SKIP
        """
        parts = {"text": text, "image": image, "audio": audio}
        query = {name: part for name, part in parts.items() if part is not None}
        return self.search_many([query], k, weights=weights, where=where, exclude=exclude)[0]

    def search_many(
        self,
        queries: Sequence[Mapping[str, Any]],
        k: int = 10,
        *,
        weights: Mapping[str, float] | None = None,
        where: Mapping[str, Any] | None = None,
        exclude: str | Iterable[str] | None = None,
    ) -> list[list[Hit]]:
        """The k closest items of each query. Queries that have the same parts are encoded and compared together.

        Args:
            queries: one mapping per query, modality → value: [{"text": "红酒"}, {"text": "tea", "image": path}].
            k, weights, where, exclude: as for `search`, the same for all queries.

        Returns:
            One list of hits per query, in order. Errors as `search`.
        """
        gallery = self.gallery  # one and the same for the whole call, whatever others change meanwhile
        catalogue = gallery.catalogue
        wanted = matching(catalogue.table, where)
        for id in [exclude] if isinstance(exclude, str) else exclude or ():
            wanted[catalogue.position(id)] = False
        alike: dict[tuple[str, ...], list[int]] = {}
        for row, query in enumerate(queries):
            alike.setdefault(in_order(query), []).append(row)
        found: list[list[Hit]] = [[] for _ in queries]
        for parts, rows in alike.items():
            vectors = self.encode({name: [queries[row][name] for row in rows] for name in parts})
            z_queries = self.fuse(vectors, weights)
            z_items, comparable = gallery.as_seen(parts, weights)
            candidates = (comparable & torch.from_numpy(wanted)).nonzero()[:, 0]
            if len(candidates) == 0:
                continue
            scores, order = top_k(z_queries, z_items[candidates], k, self.similarity)
            for i, row in enumerate(rows):
                of_this = {name: matrix[i : i + 1] for name, matrix in vectors.items()}
                positions = candidates[order[i]].tolist()
                shares = score_shares(self.fusion, self.similarity, of_this, *gallery.rows(positions), weights)
                found[row] = make_hits(catalogue, positions, scores[i].tolist(), shares)
        return found

    def score_all(
        self, queries: Mapping[str, Sequence[Any]], *, weights: Mapping[str, float] | None = None
    ) -> torch.Tensor:
        """The scores of all items for a batch of queries that have the same parts, for evaluation.

        Args:
            queries: modality → one value per query, as for `search`: {"text": [...], "image": [...]}.
            weights: as for `search`.

        Returns:
            Tensor (n_query, N), higher is closer; −inf for items that have none of the queries' parts.
        """
        gallery = self.gallery
        z_queries = self.fuse(self.encode(queries), weights)
        z_items, comparable = gallery.as_seen(queries, weights)
        scores = similarity_function(self.similarity)(z_queries.double(), z_items.double()).float()
        return scores.where(comparable, -torch.inf)

    def add(self, items: Catalogue, *, progress: bool = False, cache: PathLike | bool = True) -> None:
        """Add items at the end of the catalogue; only they are encoded.

        Args:
            items: with new ids, their files in the folder of this retriever's catalogue.
            progress, cache: as for `extract`.

        Raises:
            ValueError: an id that is there already, or another folder.
        """
        self._put(items, new=True, progress=progress, cache=cache)

    def replace(self, items: Catalogue, *, progress: bool = False, cache: PathLike | bool = True) -> None:
        """Put items in the place of those with the same ids; only they are encoded.

        Args:
            items, progress, cache: as for `add`, with ids that are there.

        Raises:
            ValueError: an id that is not there, or another folder.
        """
        self._put(items, new=False, progress=progress, cache=cache)

    def remove(self, ids: str | Iterable[str]) -> None:
        """Take items out of the catalogue.

        Raises:
            ValueError: an id that is not there, or no item would remain.
        """
        with self._changing:
            self.gallery = self.gallery.without([ids] if isinstance(ids, str) else ids)

    def save(self, folder: PathLike) -> None:
        """Write it all into a folder; see `mmr_toolkit.retrieval.saved.retriever.save_parts`."""
        gallery = self.gallery  # of one moment: catalogue and features belong together
        save_parts(Parts(gallery.catalogue, self.encoders, gallery.features, self.fusion, self.similarity), folder)

    @classmethod
    def load(cls, folder: PathLike, **options: Any) -> Self:
        """What `save` has written; options and errors as `mmr_toolkit.retrieval.saved.retriever.load_parts`."""
        return cls(*load_parts(folder, **options))

    def _put(self, items: Catalogue, *, new: bool, progress: bool, cache: PathLike | bool) -> None:
        encoders = {name: self.encoders[name] for name in self.modalities}
        with self._changing:
            gallery = self.gallery
            catalogue = gallery.catalogue_with(items, new=new)
            with self._encoding:
                features = extract(items, encoders, progress=progress, cache=cache)
            self.gallery = Gallery(catalogue, gallery.features.updated(features), self.fusion)

    def encode(self, queries: Mapping[str, Sequence[Any]]) -> dict[str, np.ndarray]:
        """The parts of queries as vectors, modality → (n_query, d_m) float32; errors as `search`."""
        if not queries:
            raise ValueError(f"the query has no part: give at least one of {', '.join(self.modalities)}.")
        vectors = {}
        for name, values in queries.items():
            if name not in self.modalities:
                have = ", ".join(self.modalities)
                raise ValueError(f"this catalogue cannot be searched by {name}, only by {have}. {ASK_ACROSS}")
            try:
                with self._encoding:  # tokenizers and networks are not made for several threads at once
                    vectors[name] = self.encoders[name].encode(list(values))
            except UnencodableValue as error:
                reasons = "; ".join(error.reasons.values())
                raise ValueError(f"the {name} of the query says nothing: {reasons}.") from error
        return vectors

    @torch.no_grad()
    def fuse(self, vectors: Mapping[str, np.ndarray], weights: Mapping[str, float] | None = None) -> torch.Tensor:
        """The vectors of queries' parts as one vector each, (n_query, D); errors as `search`."""
        if weights is not None:
            check_names("weights", weights, known=self.modalities, needed=())
        z, counts = self.fusion(vectors, weights=weights)
        if not counts.any(dim=1).all():
            raise ValueError(f"the query has only parts with weight 0 or an empty vector ({', '.join(vectors)}).")
        return z
