"""What the mini BERT is trained on: the texts of the shop's training products, and those of products that never were.

A fresh product is a random type of the training split with a random note, brand, occasion and origin. Now and then a
word is made up, the same in both languages as brand names often are: then the network learns to compare words that it
cannot know. Products of which any text stands in the validation or test split are thrown away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np

from attributes import BRANDS, NOTES, OCCASIONS, ORIGINS, TYPES
from shop import Product
from texts import DESCRIPTIONS, LANGUAGES, QUERIES, TITLES

MADE_UP = 0.25  # how often a word of a fresh product is made up
#: The 3,755 common characters of the Chinese standard GB 2312, in its order.
COMMON_CHARACTERS = "".join(
    bytes([row, cell]).decode("gb2312", errors="ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)
)
ASKED = ("type", "note", "brand")
TOLD = (*ASKED, "occasion", "origin")
#: Which attributes a text names.
SAID = {"title": ASKED, "query": ASKED, "description": TOLD, "item": TOLD}
#: What is also said alone or in pairs: "red wine", "手工围巾".
PHRASES = (*((name,) for name in TOLD), ("note", "type"), ("brand", "type"))

Synonyms = tuple[tuple[str, ...], tuple[str, ...]]  # English and Chinese ways to say one thing


@dataclass(frozen=True)
class Text:
    """A text, and what it says: ("type", "red_wine"), ("note", "oaky"), ..."""

    text: str
    says: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class TextProduct:
    """A product as texts know it: the value of each attribute, the words for it, and all texts by name."""

    values: dict[str, str]
    words: dict[str, Synonyms]
    texts: dict[str, str]

    def text(self, view: str, phrase: tuple[str, ...], rng: np.random.Generator) -> Text:
        """One text of the product.

        Args:
            view: title_en, title_zh, description_en, ..., query_en, ...: one of `texts`; item: titles and descriptions
                in both languages, as in the shop; phrase_en, phrase_zh: only the words for the attributes in `phrase`.
            phrase: one of `PHRASES`.
            rng: chooses between synonyms.
        """
        name, _, language = view.partition("_")
        if name == "item":
            text = " ".join(self.texts[f"{part}_{code}"] for part in ("title", "description") for code in LANGUAGES)
        elif name == "phrase":
            words = [_one(self.words[attribute][LANGUAGES.index(language)], rng) for attribute in phrase]
            text = ("" if language == "zh" else " ").join(words)
        else:
            text = self.texts[view]
        said = phrase if name == "phrase" else SAID[name]
        return Text(text, frozenset((attribute, self.values[attribute]) for attribute in said))


def training_products(shop: list[Product]) -> list[TextProduct]:
    """The training products with a text, in the order of the shop."""
    return [
        TextProduct(
            values={name: getattr(product, name) for name in TOLD},
            words={name: _words(name, getattr(product, name)) for name in TOLD},
            texts=product.texts | {f"query_{language}": text for language, text in product.queries.items()},
        )
        for product in shop
        if product.split == "train" and product.missing != "text"
    ]


def fresh_products(shop: list[Product], seed: int) -> Iterator[TextProduct]:
    """Fresh products without end."""
    rng = np.random.default_rng(seed)
    held_out = set(held_out_texts(shop))
    known = {
        "type": sorted({product.type for product in shop if product.split == "train"}),
        "note": list(NOTES),
        "brand": list(BRANDS),
        "occasion": list(OCCASIONS),
        "origin": list(ORIGINS),
    }
    while True:
        values, words = {}, {}
        for name, choices in known.items():
            if rng.random() < MADE_UP:
                values[name] = made_up_word(rng)
                words[name] = ((values[name],), (values[name],))
            else:
                values[name] = _one(choices, rng)
                words[name] = _words(name, values[name])
        texts = {
            f"{name}_{language}": _fill(templates[language], column, words, rng)
            for name, templates in (("title", TITLES), ("description", DESCRIPTIONS), ("query", QUERIES))
            for column, language in enumerate(LANGUAGES)
        }
        if not held_out & set(texts.values()):
            yield TextProduct(values, words, texts)


def held_out_texts(shop: list[Product]) -> Iterator[str]:
    """Every title, description and query of validation and test."""
    for product in shop:
        if product.split != "train":
            yield from product.texts.values()
            yield from product.queries.values()


def made_up_word(rng: np.random.Generator) -> str:
    """Three to eight random letters, or one to three common Chinese characters."""
    if rng.random() < 0.5:
        return "".join(_one(COMMON_CHARACTERS, rng) for _ in range(rng.integers(1, 4)))
    return "".join(_one(ascii_lowercase, rng) for _ in range(rng.integers(3, 9)))


def _fill(templates: tuple[str, ...], column: int, words: dict[str, Synonyms], rng: np.random.Generator) -> str:
    text = _one(templates, rng).format(**{name: _one(synonyms[column], rng) for name, synonyms in words.items()})
    return text[0].upper() + text[1:]


def _words(attribute: str, value: str) -> Synonyms:
    if attribute == "type":
        return TYPES[value].english, TYPES[value].chinese
    english, chinese = {"note": NOTES, "brand": BRANDS, "occasion": OCCASIONS, "origin": ORIGINS}[attribute][value]
    return (english,), (chinese,)


def _one(choices, rng: np.random.Generator):
    return choices[rng.integers(len(choices))]
