"""The settings of the search page, and the retriever that answers under them.

They are a plain value, kept from one click to the next. Numbers that cannot be meant raise a ValueError whose sentence
the page shows as it is.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.quoting import quoted
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.similarity.measures import SIMILARITIES, Similarity

__all__ = ["LARGEST_WEIGHT", "MOST_HITS", "Heads", "Settings", "departments", "prices"]

MOST_HITS = 50
LARGEST_WEIGHT = 3.0


@dataclass(frozen=True)
class Settings:
    """Under which conditions a query is asked; the fields of the page in their order.

    Attributes:
        k: number of hits, 1 … `MOST_HITS`.
        text_weight, image_weight, audio_weight: factors on the weights of the fusion, 0 … `LARGEST_WEIGHT`.
        fusion: a name among the retrievers of the page; None for the first.
        similarity: a name in `SIMILARITIES`.
        departments: only items of these; none for all.
        lowest_price, highest_price: only items in this range, both ends included; None for no limit.
    """

    k: int = 12
    text_weight: float = 1.0
    image_weight: float = 1.0
    audio_weight: float = 1.0
    fusion: str | None = None
    similarity: Similarity = "cosine"
    departments: tuple[str, ...] = ()
    lowest_price: float | None = None
    highest_price: float | None = None

    @classmethod
    def from_fields(cls, k: float, *others: Any, span: tuple[float, float] | None = None) -> Self:
        """The settings in the fields of the page, in the order of the attributes.

        Args:
            k, others: the values of the fields.
            span: the lowest and the highest price there is. A limit that leaves out none of them is no limit, so that
                items without a price stay.

        Raises:
            ValueError: numbers out of range, or a lowest price above the highest.
        """
        text, image, audio, fusion, similarity, departments, lowest, highest = others
        weights = float(text), float(image), float(audio)
        if span is not None:
            lowest = None if lowest is None or lowest <= span[0] else lowest
            highest = None if highest is None or highest >= span[1] else highest
        settings = cls(int(k), *weights, fusion, similarity, tuple(departments or ()), lowest, highest)
        if not 1 <= settings.k <= MOST_HITS:
            raise ValueError(f"The number of hits is {settings.k}; expected 1 to {MOST_HITS}.")
        for name, weight in settings.weights.items():
            if not 0 <= weight <= LARGEST_WEIGHT:
                raise ValueError(f"The weight of the {name} is {weight:g}; expected 0 to {LARGEST_WEIGHT:g}.")
        if lowest is not None and highest is not None and lowest > highest:
            raise ValueError(f"The lowest price, {lowest:g}, is above the highest, {highest:g}: exchange them.")
        return settings

    @property
    def weights(self) -> dict[str, float]:
        """Modality → factor."""
        return {"text": self.text_weight, "image": self.image_weight, "audio": self.audio_weight}

    def in_words(self, fusion: str) -> str:
        """What is not as it is at first: "drinks · price up to 20 · text × 0.5"; "" if nothing is.

        Args:
            fusion: the one that is asked at first.
        """
        weights = {"text": self.text_weight, "picture": self.image_weight, "sound": self.audio_weight}
        low, high = self.lowest_price, self.highest_price
        words = [
            ", ".join(self.departments),
            "" if low is None else f"price from {low:g}",
            "" if high is None else f"price up to {high:g}",
            *[f"{name} × {weight:g}" for name, weight in weights.items() if weight != 1],
            self.fusion if self.fusion not in (None, fusion) else "",
            self.similarity.replace("_", " ") if self.similarity != "cosine" else "",
        ]
        return " · ".join(filter(None, words))

    def weights_for(self, retriever: Retriever) -> dict[str, float]:
        """The weights of the modalities that the retriever knows."""
        return {name: weight for name, weight in self.weights.items() if name in retriever.modalities}

    @property
    def where(self) -> dict[str, Any]:
        """Column → what is wanted, as `Retriever.search` takes it; empty without any filter."""
        where: dict[str, Any] = {}
        if self.departments:
            where["department"] = list(self.departments)
        if self.lowest_price is not None or self.highest_price is not None:
            where["price"] = (self.lowest_price, self.highest_price)
        return where


class Heads:
    """The retriever of each fusion and similarity: they share encoders and features, and are made when first asked.

    Args:
        retrievers: the name of a fusion, as the page shows it → its retriever.

    Raises:
        ValueError: no retriever, or retrievers of different items.
    """

    def __init__(self, retrievers: Mapping[str, Retriever]) -> None:
        if not retrievers:
            raise ValueError("got no retriever; expected at least one, by the name of its fusion.")
        ids = {name: retriever.catalogue.ids for name, retriever in retrievers.items()}
        first = next(iter(ids))
        for name in ids:
            if ids[name] != ids[first]:
                raise ValueError(f"{name} searches other items than {first}; expected one catalogue for the page.")
        self.fusions = tuple(retrievers)
        self._first = dict(retrievers)
        self._made: dict[tuple[str, str], Retriever] = {}  # with another similarity than the first

    def snapshot(self) -> Self:
        """The heads as they are now, for one request: its items stay the same while others add and remove some."""
        now = copy(self)
        now._first = {name: retriever.snapshot() for name, retriever in self._first.items()}
        return now

    @property
    def catalogue(self) -> Catalogue:
        """The items that are searched."""
        return self._first[self.fusions[0]].catalogue

    def pick(self, settings: Settings) -> Retriever:
        """The retriever for these settings.

        Raises:
            ValueError: an unknown fusion or similarity.
        """
        fusion = self.fusions[0] if settings.fusion is None else settings.fusion
        if fusion not in self.fusions:
            raise ValueError(f"The fusion is {fusion!r}; expected one of {', '.join(self.fusions)}.")
        if settings.similarity not in SIMILARITIES:
            raise ValueError(
                f"The similarity is {quoted(settings.similarity)}; expected one of {', '.join(SIMILARITIES)}."
            )
        first, key = self._first[fusion], (fusion, settings.similarity)
        if settings.similarity == first.similarity:
            return first
        made = self._made.get(key)
        if made is None or made.catalogue is not first.catalogue:  # its items have changed since
            made = self._made[key] = first.with_fusion(first.fusion, settings.similarity)
        return made


def prices(catalogue: Catalogue) -> tuple[float, float] | None:
    """The lowest and the highest price, or None for a catalogue without prices."""
    if "price" not in catalogue.table:
        return None
    numbers = pd.to_numeric(catalogue.table["price"], errors="coerce").dropna()
    return None if numbers.empty else (float(numbers.min()), float(numbers.max()))


def departments(catalogue: Catalogue) -> list[str]:
    """The departments by alphabet, none for a catalogue without."""
    if "department" not in catalogue.table:
        return []
    return sorted(catalogue.table["department"].dropna().astype(str).unique())
