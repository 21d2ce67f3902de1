"""Titles, descriptions and queries of the shop, filled in from templates in English and Chinese."""

from collections.abc import Sequence

import numpy as np

from attributes import BRANDS, NOTES, OCCASIONS, ORIGINS, TYPES

LANGUAGES = ("en", "zh")

TITLES = {
    "en": ("{brand} {note} {type}", "{note} {type} by {brand}", "{brand} {type}, {note}"),
    "zh": ("{brand}{note}{type}", "{note}{type} {brand}出品", "{brand} {type} {note}款"),
}
DESCRIPTIONS = {
    "en": (
        "{note} {type} for {occasion}, made in {origin} by {brand}.",
        "Perfect for {occasion}: {note} {type} from {brand}, made in {origin}.",
        "{brand} makes {note} {type} in {origin} that our customers take to {occasion}.",
        "A gift for {occasion}? Try {note} {type} from {brand}, {origin}.",
    ),
    "zh": (
        "适合{occasion}的{note}{type}，{brand}出品，产自{origin}。",
        "{brand}推出的{note}{type}，来自{origin}，{occasion}好选择。",
        "{occasion}必备：{origin}的{brand}{type}，{note}款。",
        "为{occasion}准备礼物？试试{origin}{brand}的{note}{type}。",
    ),
}
QUERIES = {
    "en": ("{note} {type} from {brand}", "looking for {note} {type}, {brand} please", "{type} {brand} {note}"),
    "zh": ("{brand}的{note}{type}", "想要{note}的{type}，{brand}牌", "{type} {brand} {note}"),
}


def _fill(templates: Sequence[str], language: str, words: dict[str, str], rng: np.random.Generator) -> str:
    """One random template with the product's words in one language."""
    column = LANGUAGES.index(language)
    kind = TYPES[words["type"]]
    names = (kind.english, kind.chinese)[column]
    text = templates[rng.integers(len(templates))].format(
        type=names[rng.integers(len(names))],
        note=NOTES[words["note"]][column],
        brand=BRANDS[words["brand"]][column],
        occasion=OCCASIONS[words["occasion"]][column],
        origin=ORIGINS[words["origin"]][column],
    )
    return text[0].upper() + text[1:]


def item_texts(words: dict[str, str], rng: np.random.Generator) -> dict[str, str]:
    """Title and description in both languages.

    Args:
        words: the product's `type`, `note`, `brand`, `occasion` and `origin` (keys of the tables in attributes.py).
        rng: draws the templates and the synonyms.

    Returns:
        title_en, title_zh, description_en, description_zh.
    """
    texts = {f"title_{language}": _fill(TITLES[language], language, words, rng) for language in LANGUAGES}
    texts |= {f"description_{language}": _fill(DESCRIPTIONS[language], language, words, rng) for language in LANGUAGES}
    return texts


def query_text(words: dict[str, str], language: str, rng: np.random.Generator) -> str:
    """What a customer would type: type, note and brand, nothing that is seen or heard."""
    return _fill(QUERIES[language], language, words, rng)
