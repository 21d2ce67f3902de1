"""What a search returns: one item that was found, with all that is needed to show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from mmr_toolkit.catalogue import Catalogue


@dataclass(frozen=True)
class Hit:
    """One item that was found.

    Attributes:
        id: the item's id in the catalogue.
        rank: 1 for the best.
        score: higher is closer; its range is that of the similarity.
        position: the item's row in the catalogue.
        shares: modality → its part of the score; they add up to it. See `mmr_toolkit.shares`.
        text: the item's text, or None.
        image: path of its picture, or None.
        audio: path of its sound, or None.
    """

    id: str
    rank: int
    score: float
    position: int
    shares: Mapping[str, float] = field(default_factory=dict, hash=False)
    text: str | None = None
    image: Path | None = None
    audio: Path | None = None


def make_hits(
    catalogue: Catalogue, positions: Sequence[int], scores: Sequence[float], shares: Sequence[Mapping[str, float]]
) -> list[Hit]:
    """Hits in this order, with what the catalogue knows of them.

    Args:
        catalogue: the items.
        positions: rows of it, the best first.
        scores: of these items.
        shares: of these scores, by modality.
    """
    rows = catalogue.table[["id", "text", "image", "audio"]].take(list(positions)).itertuples(index=False)
    hits = []
    for rank, (position, score, share, row) in enumerate(zip(positions, scores, shares, rows, strict=True), 1):
        text, image, audio = (None if pd.isna(part) else part for part in (row.text, row.image, row.audio))
        paths = (None if part is None else catalogue.folder / part for part in (image, audio))
        hits.append(Hit(row.id, rank, score, position, share, text, *paths))
    return hits
