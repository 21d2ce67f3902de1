"""Why is this item a hit? Shares of the score, ranks without each part, weights, and what counted within each part."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from PIL import Image

from mmr_toolkit.catalogue.filters import matching
from mmr_toolkit.catalogue.media import read_audio, read_image
from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.common.vectors import Array
from mmr_toolkit.explanation.leave_out import (
    OcclusionMap,
    RegionMap,
    WordImportance,
    occlusion_map,
    region_importance,
    word_importance,
)
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.shares import SPLIT_BY, score_shares
from mmr_toolkit.similarity.exact_search import precise_scores
from mmr_toolkit.similarity.measures import similarity_function

Method = Literal["exact", "Shapley"]


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why one item is a hit of one query.

    Attributes:
        id: the item's.
        rank: its rank among the items that were searched, 1 for the best.
        score: its score, as in `Hit`.
        shares: modality → its part of the score; they add up to it.
        method: how the shares come about: "exact" (the score is a sum over the parts) or "Shapley" (Shapley 1953); see
            `mmr_toolkit.retrieval.shares`.
        ranks_without: modality of the query → the rank that the item would have if the query had not this part. None
            where it could not be found then: nothing else is asked, or the item has nothing else that is asked.
        query_weights: modality → how much it counts in the query's vector, by the fusion; they sum to one.
        item_weights: the same for the item, as this query sees it.
        text: the query's text, which `words` belong to.
        words: how much each word of the query counted; None without a text or details.
        picture: how much each patch of its picture counted; None without a picture or details.
        sound: how much each region of its sound counted; None without a sound or details.
    """

    id: str
    rank: int
    score: float
    shares: Mapping[str, float]
    method: Method
    ranks_without: Mapping[str, int | None]
    query_weights: Mapping[str, float]
    item_weights: Mapping[str, float]
    text: str | None = None
    words: list[WordImportance] | None = None
    picture: OcclusionMap | None = None
    sound: RegionMap | None = None


def explain(
    retriever: Retriever,
    hit_id: str,
    text: str | None = None,
    image: PathLike | Image.Image | None = None,
    audio: PathLike | np.ndarray | None = None,
    *,
    weights: Mapping[str, float] | None = None,
    where: Mapping[str, Any] | None = None,
    exclude: str | Iterable[str] | None = None,
    details: bool = True,
) -> Explanation:
    """Explain why an item is a hit; works for any item of the catalogue that has a score, also for the last one.

    What counted within a part is found by leaving out words, patches and regions (see
    `mmr_toolkit.explanation.leave_out`), while the other parts stay. Where nothing is left of a part, the score is that
    of the query without it; and where nothing is left of the query, it says nothing, and its vector is zero: cosine and
    inner product are 0, and the Euclidean
    distance is the length of the item's vector.

    Args:
        retriever: the one that found it.
        hit_id: the item's id.
        text, image, audio, weights, where, exclude: the query, as for `Retriever.search`.
        details: whether words, picture and sound are explained too. They take most of the time: the encoder reads
            each part some fifty times.

    Returns:
        Explanation.

    Raises:
        ValueError: no such item, one that the conditions leave out, or that has no part that is asked for; and as
            `Retriever.search`.
        FileNotFoundError: no such picture or sound.

    Example:
        >>> why = explain(retriever, "red_wine-01-1", "red wine for a picnic", weights={"text": 2})  # doctest: +SKIP
        >>> why.words[1]  # doctest: +SKIP
        WordImportance(word='wine', start=4, end=8, importance=0.41)
    """
    parts = {"text": text, "image": _opened(image, read_image), "audio": _opened(audio, read_audio)}
    query = {name: part for name, part in parts.items() if part is not None}
    asked = _Asked(retriever, hit_id, query, weights, where, exclude)
    looked_into = {
        name: asked.look_into(name, DETAILS[name]) if details and name in query else None for name in DETAILS
    }
    return Explanation(
        id=hit_id,
        rank=asked.standing.rank,
        score=asked.standing.score,
        shares=asked.shares(),
        method=asked.method(),
        ranks_without={name: None if stands is None else stands.rank for name, stands in asked.without.items()},
        query_weights=asked.query_weights(),
        item_weights=asked.item_weights(),
        text=text,
        words=looked_into["text"],
        picture=looked_into["image"],
        sound=looked_into["audio"],
    )


#: How each part is looked into: (value, score, nothing=…) → importances.
DETAILS: dict[str, Callable[..., Any]] = {
    "text": word_importance,
    "image": occlusion_map,
    "audio": region_importance,
}


class _Standing(NamedTuple):
    rank: int
    score: float


class _Asked:
    """One query, the items as they were at one moment, and the item in question."""

    def __init__(
        self,
        retriever: Retriever,
        hit_id: str,
        query: Mapping[str, Any],
        weights: Mapping[str, float] | None,
        where: Mapping[str, Any] | None,
        exclude: str | Iterable[str] | None,
    ) -> None:
        self.retriever, self.fusion, self.weights = retriever, retriever.fusion, weights
        self.compare = similarity_function(retriever.similarity)
        self.gallery = retriever.gallery  # one and the same throughout, whatever others change meanwhile
        catalogue = self.gallery.catalogue
        self.position = catalogue.position(hit_id)
        self.wanted = torch.from_numpy(matching(catalogue.table, where))
        for id in [exclude] if isinstance(exclude, str) else exclude or ():
            self.wanted[catalogue.position(id)] = False
        if not self.wanted[self.position]:
            raise ValueError(
                f"{hit_id!r} is among the items that where or exclude leave out: it has no rank to explain."
            )
        self.query = query
        self.vectors = retriever.encode({name: [query[name]] for name in in_order(query)})
        retriever.fuse(self.vectors, weights)  # says so if the weights are none or nothing is asked
        standing = self._stands(tuple(self.vectors))
        if standing is None:
            asked = ", ".join(name for name in self.vectors if weights is None or weights.get(name, 1) > 0)
            raise ValueError(f"{hit_id!r} has no part that can be compared with this query ({asked}), so it is no hit.")
        self.standing = standing
        rests = {name: tuple(other for other in self.vectors if other != name) for name in self.vectors}
        self.without = {name: self._stands(rest) if rest else None for name, rest in rests.items()}

    @torch.no_grad()
    def _stands(self, parts: tuple[str, ...]) -> _Standing | None:
        """Where the item stands when only these parts are asked; None where it cannot be found."""
        z_query, counts = self.fusion({name: self.vectors[name] for name in parts}, weights=self.weights)
        z_items, comparable = self.gallery.as_seen(parts, self.weights)
        if not counts.any() or not comparable[self.position]:
            return None
        scores = precise_scores(z_query.double(), z_items.double(), self.retriever.similarity)[0]
        own = scores[self.position]
        ahead = scores > own
        ahead[: self.position] |= scores[: self.position] == own  # of equal items the first comes first, as in `top_k`
        return _Standing(1 + int((ahead & comparable & self.wanted).sum()), float(own))

    @torch.no_grad()
    def shares(self) -> dict[str, float]:
        """Each modality's part of the score."""
        rows = self.gallery.rows([self.position])
        return score_shares(self.fusion, self.retriever.similarity, self.vectors, *rows, self.weights)[0]

    @torch.no_grad()
    def method(self) -> Method:
        """How the shares come about: exact where the fused vector is a sum over the parts."""
        is_sum = self.fusion.contributions(self.vectors, weights=self.weights) is not None
        return "exact" if is_sum and self.retriever.similarity in SPLIT_BY else "Shapley"

    def query_weights(self) -> dict[str, float]:
        """How much each modality counts in the query's vector."""
        return self._weights(self.vectors)

    def item_weights(self) -> dict[str, float]:
        """How much each modality counts in the item's vector, as this query sees it."""
        vectors, mask = self.gallery.rows([self.position])
        return self._weights(vectors, self.fusion.as_seen(mask, self.vectors))

    @torch.no_grad()
    def _weights(self, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None = None) -> dict[str, float]:
        _, weights = self.fusion(vectors, mask, self.weights)
        by_name = zip(self.fusion.modalities, weights[0].tolist(), strict=True)
        return {name: weight for name, weight in by_name if weight > 0 or name in self.vectors}

    def look_into(self, part: str, look: Callable[..., Any]) -> Any:
        """What `look` finds when the score is that of the item, and all parts but this one stay as they are."""
        z_item = self.gallery.as_seen(self.vectors, self.weights)[0][self.position][None].double()

        @torch.no_grad()
        def score(variants: Sequence[Any]) -> np.ndarray:
            try:
                encoded = self.retriever.encode({part: variants})
            except ValueError as error:
                raise error.__cause__ if isinstance(error.__cause__, UnencodableValue) else error from None
            others = {name: np.repeat(vector, len(variants), axis=0) for name, vector in self.vectors.items()}
            z, _ = self.fusion(others | encoded, weights=self.weights)
            return self.compare(z.double(), z_item)[:, 0].cpu().numpy()

        without = self.without[part]
        nothing = float(self.compare(z_item * 0, z_item)) if without is None else without.score
        return look(self.query[part], score, nothing=nothing)


def _opened(part: Any, read: Callable[[PathLike], Any]) -> Any:
    """A path is read; everything else stays as it is."""
    return read(part) if isinstance(part, str | os.PathLike) else part
