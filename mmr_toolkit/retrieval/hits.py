"""What a search returns: one item that was found, with all that is needed to show it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue


@dataclass(frozen=True)
class Hit:
    """One item that was found.

    Attributes:
        id: the item's id in the catalogue.
        rank: 1 for the best.
        score: higher is closer; its range is that of the similarity.
        position: the item's row in the catalogue.
        shares: modality → its part of the score; they add up to it. See `mmr_toolkit.retrieval.shares`.
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

    def as_json(self, address: Callable[[Path], str] = str) -> dict[str, Any]:
        """The hit in plain values, without its text, as commands and servers answer.

        Args:
            address: turns the path of a file into what a client can open.
        """
        image, audio = (None if file is None else address(file) for file in (self.image, self.audio))
        found = {"id": self.id, "rank": self.rank, "score": self.score, "shares": dict(self.shares)}
        return found | {"image": image, "audio": audio}


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
    parts = [catalogue.table[name].take(list(positions)) for name in ("id", "text", "image", "audio")]
    columns: list[list[str | None]] = [[None if pd.isna(cell) else str(cell) for cell in part] for part in parts]
    hits = []
    for rank, (position, score, share, id, text, *files) in enumerate(
        zip(positions, scores, shares, *columns, strict=True), 1
    ):
        image, audio = (None if file is None else catalogue.folder / file for file in files)
        hits.append(Hit(str(id), rank, score, position, share, text, image, audio))
    return hits
