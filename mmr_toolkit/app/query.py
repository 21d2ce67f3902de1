"""What a visitor of the search page looks for: a query of up to three parts.

It is a plain value, kept from one click to the next: moving a slider asks the same query again under other settings.
Whatever cannot be searched for raises a ValueError whose sentence the page shows as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mmr_toolkit.app.settings import Settings
from mmr_toolkit.app.uploads.read import check_text, read_picture, read_sound
from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.retrieval.retriever import Retriever

__all__ = ["NOTHING_ASKED", "Query", "ask"]

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
    def from_item(cls, catalogue: Catalogue, id: str, words: str | None = None) -> Self:
        """More like an item; or, with words, like the item in what it looks and sounds like, but as the words say.

        The words take the place of the item's text. They are added to it if the item has nothing but a text.

        Raises:
            ValueError: no such item, or words that are empty or too long.
        """
        position = catalogue.position(id)
        text, image, audio = (catalogue.values(name)[position] for name in MODALITIES)
        name = " ".join(titles(catalogue.table.iloc[position])[:1]) or id
        label = f"more like “{_shortened(name)}”"
        if words is not None:
            words = check_text(words)
            if words is None:
                raise ValueError("Say what should be different: “in blue”, for instance, or “without sugar”.")
            text = words if image or audio else f"{text} {words}"
            label = f"like “{_shortened(name)}”, but “{words}”"
        return cls(text, _as_text(image), _as_text(audio), label, id)

    def left_out(self, catalogue: Catalogue) -> str | None:
        """The id that must not be found: of the item that the query was made of, unless it was removed since."""
        return self.like if self.like in catalogue else None

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
        if self.like is None:
            read: dict[str, Callable[[str], Any]] = {"text": str, "image": read_picture, "audio": read_sound}
            return {name: read[name](part) for name, part in self.parts.items()}
        for path in (self.image, self.audio):
            if path is not None and not Path(path).is_file():
                raise ValueError("A picture or sound of this item is no longer there.")
        return self.parts


def ask(retriever: Retriever, query: Query, settings: Settings) -> list[Hit]:
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
        **query.read(),
        k=settings.k,
        weights=weights,
        where=settings.where or None,
        exclude=query.left_out(retriever.catalogue),
    )
    if not hits:
        raise ValueError("Nothing is left: no item has what you ask by and passes the filters. Widen them.")
    return hits


def _as_text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _shortened(words: str, length: int = 48) -> str:
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"
