"""What a visitor of the search page asks: a query of up to three parts, and the settings under which it is asked.

Both are plain values, kept from one click to the next: moving a slider asks the same query again under other settings.
Whatever cannot be searched for raises a ValueError whose sentence the page shows as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from mmr_toolkit.modalities import MODALITIES
from mmr_toolkit.page import titles
from mmr_toolkit.similarity import SIMILARITIES, Similarity
from mmr_toolkit.uploads import check_text, read_parts

if TYPE_CHECKING:
    from mmr_toolkit.catalogue import Catalogue
    from mmr_toolkit.hit import Hit
    from mmr_toolkit.retriever import Retriever

__all__ = ["LARGEST_WEIGHT", "MOST_HITS", "Heads", "Query", "Settings", "ask"]

MOST_HITS = 50
LARGEST_WEIGHT = 3.0
NOTHING_ASKED = "Ask for something first: type some words, or add a picture or a sound."


@dataclass(frozen=True)
class Query:
    """What is looked for: a text, a picture and a sound, of which at least one is there.

    Attributes:
        text: words; None for none.
        image, audio: paths; None for none.
        label: how the page names the query.
        like: id of the item that the query was made of, which must not be found; None for none.
    """

    text: str | None = None
    image: str | None = None
    audio: str | None = None
    label: str = ""
    like: str | None = None

    @classmethod
    def from_fields(cls, text: str | None, image: str | None, audio: str | None) -> Self:
        """The query in the fields of the page; its files are read, and checked, when it is asked.

        Raises:
            ValueError: nothing is asked, or a text that is too long.
        """
        words = check_text(text)
        if words is None and image is None and audio is None:
            raise ValueError(NOTHING_ASKED)
        named = [f"“{words}”"] if words else []
        named += [name for name, part in (("your picture", image), ("your sound", audio)) if part is not None]
        return cls(words, image, audio, " + ".join(named))

    @classmethod
    def from_item(cls, catalogue: "Catalogue", id: str, words: str | None = None) -> Self:
        """More like an item; or, with words, like the item in what it looks and sounds like, but as the words say.

        The words take the place of the item's text. They are added to it if the item has nothing but a text.

        Raises:
            ValueError: no such item, or words that are empty.
        """
        position = catalogue.position(id)
        text, image, audio = (catalogue.values(name)[position] for name in MODALITIES)
        name = " ".join(titles(catalogue.table.iloc[position])[:1]) or id
        label = f"more like “{_shortened(name)}”"
        if words is not None:
            if not words.strip():
                raise ValueError("Say what should be different: “in blue”, for instance, or “without sugar”.")
            text = words.strip() if image or audio else f"{text} {words.strip()}"
            label = f"like “{_shortened(name)}”, but “{words.strip()}”"
        return cls(text, _as_text(image), _as_text(audio), label, id)

    @property
    def parts(self) -> dict[str, str]:
        """The parts that are there, by modality."""
        parts = {"text": self.text, "image": self.image, "audio": self.audio}
        return {name: part for name, part in parts.items() if part is not None}

    def read(self) -> dict[str, Any]:
        """The parts as `Retriever.search` takes them; files that a visitor sent are checked and read.

        Raises:
            ValueError: a picture or sound that cannot be used, in a sentence for the visitor.
        """
        return self.parts if self.like is not None else read_parts(self.text, self.image, self.audio)


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

    def weights_for(self, retriever: "Retriever") -> dict[str, float]:
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

    def __init__(self, retrievers: Mapping[str, "Retriever"]) -> None:
        if not retrievers:
            raise ValueError("got no retriever; expected at least one, by the name of its fusion.")
        ids = {name: retriever.catalogue.ids for name, retriever in retrievers.items()}
        first = next(iter(ids))
        for name in ids:
            if ids[name] != ids[first]:
                raise ValueError(f"{name} searches other items than {first}; expected one catalogue for the page.")
        self.fusions = tuple(retrievers)
        self._made = {(name, retriever.similarity): retriever for name, retriever in retrievers.items()}
        self._first = dict(retrievers)

    @property
    def catalogue(self) -> "Catalogue":
        """The items that are searched."""
        return self._first[self.fusions[0]].catalogue

    def pick(self, settings: Settings) -> "Retriever":
        """The retriever for these settings.

        Raises:
            ValueError: an unknown fusion or similarity.
        """
        fusion = self.fusions[0] if settings.fusion is None else settings.fusion
        if fusion not in self.fusions:
            raise ValueError(f"The fusion is {fusion!r}; expected one of {', '.join(self.fusions)}.")
        if settings.similarity not in SIMILARITIES:
            raise ValueError(f"The similarity is {settings.similarity!r}; expected one of {', '.join(SIMILARITIES)}.")
        key = fusion, settings.similarity
        if key not in self._made:
            head = self._first[fusion]
            self._made[key] = head.with_fusion(head.fusion, settings.similarity)
        return self._made[key]


def ask(retriever: "Retriever", query: Query, settings: Settings) -> list["Hit"]:
    """Search.

    Args:
        retriever: as from `Heads.pick`.
        query: what to look for.
        settings: number of hits, weights and filters.

    Raises:
        ValueError: every part that is asked for has weight 0, a part that says nothing, or filters that leave no item.
    """
    weights = settings.weights_for(retriever)
    if not any(weights.get(name, 0) for name in query.parts):
        parts = " and ".join(query.parts)
        raise ValueError(f"You ask by {parts}, and the weight of that is 0: move a slider up.")
    hits = retriever.search(
        **query.read(), k=settings.k, weights=weights, where=settings.where or None, exclude=query.like
    )
    if not hits:
        raise ValueError("Nothing is left: no item has what you ask by and passes the filters. Widen them.")
    return hits


def prices(catalogue: "Catalogue") -> tuple[float, float] | None:
    """The lowest and the highest price, or None for a catalogue without prices."""
    if "price" not in catalogue.table:
        return None
    numbers = pd.to_numeric(catalogue.table["price"], errors="coerce").dropna()
    return None if numbers.empty else (float(numbers.min()), float(numbers.max()))


def departments(catalogue: "Catalogue") -> list[str]:
    """The departments by alphabet, none for a catalogue without."""
    if "department" not in catalogue.table:
        return []
    return sorted(catalogue.table["department"].dropna().astype(str).unique())


def _as_text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _shortened(words: str, length: int = 48) -> str:
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"
