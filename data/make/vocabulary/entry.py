"""What an entry of the vocabulary holds: the words for one type of product in one language."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """How one note (a taste or a feature) is said of one type of product.

    Attributes:
        before: what stands before the noun: "cherry", "樱桃味".
        after: what stands behind it: "with lemon" ("soda with lemon"), "柠檬味" ("汽水 柠檬味").
        otherwise: how people describe the product who do not know its words, as whole phrases. The first two stand in
            queries of the training split only, the others in validation and test only.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    otherwise: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """How a shop speaks of one type of product in one language.

    No word may tell what is only seen or only heard: colour, pattern, material, bite, bubbles.

    Attributes:
        nouns: names of the product.
        notes: its notes, by the keys of `TYPES[...].notes`.
        tags: short facts that fit behind a title: a size, a cut, a way of packing.
        details: whole sentences that hold for every product of the type.
        article: before an English noun: "a", or "" for what is not counted (jam) or stands in the plural (socks).
        measures: before a noun in running text: "a bowl of", "一碗".
    """

    nouns: tuple[str, ...]
    notes: dict[str, Note]
    tags: tuple[str, ...]
    details: tuple[str, ...]
    article: str = ""
    measures: tuple[str, ...] = ()
