"""What the mini BERT is trained on: the texts of the shop's training products, and those of products that never were.

A fresh product is a random type of the training split with a random note, brand, occasion and origin, in the shop's own
grammar. Now and then a word is made up, the same in both languages as brand names often are: then the network learns to
compare words that it cannot know. Products of which any text stands in the validation or test split are thrown away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from string import ascii_lowercase

import numpy as np

from attributes import BRANDS, OCCASIONS, ORIGINS, TYPES
from grammar import LANGUAGES, Difficulty, Language
from shop import GRADES, Product
from texts import Wording, description, one, query, title, with_one_noun, wording

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


@dataclass(frozen=True)
class Text:
    """A text, and what it says: ("type", "red_wine"), ("note", "oaky"), ..."""

    text: str
    says: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class TextProduct:
    """A product as texts know it: the value of each attribute, how each language says it, and all texts by name."""

    values: dict[str, str]
    said: dict[Language, Wording]
    texts: dict[str, str]

    def words(self, attribute: str, language: str) -> tuple[str, ...]:
        """The ways to say one attribute."""
        said = self.said[language]
        if attribute == "note":
            return (*said.before, *said.after)
        return {"type": said.nouns, "brand": (said.brand,), "occasion": said.occasions, "origin": said.origins}[
            attribute
        ]

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
            words = [one(self.words(attribute, language), rng) for attribute in phrase]
            text = ("" if language == "zh" else " ").join(words)
        else:
            text = self.texts[view]
        told = phrase if name == "phrase" else SAID[name]
        return Text(text, frozenset((attribute, self.values[attribute]) for attribute in told))


def training_products(shop: list[Product]) -> list[TextProduct]:
    """The training products with a text, in the order of the shop."""
    products = []
    for product in shop:
        if product.split == "train" and product.missing != "text":
            values = {name: getattr(product, name) for name in TOLD}
            said = {language: wording(values, language, "train") for language in LANGUAGES}
            queries = {f"query_{language}": text for language, text in product.queries.items()}
            products.append(TextProduct(values, said, product.texts | queries))
    return products


def fresh_products(shop: list[Product], seed: int) -> Iterator[TextProduct]:
    """Fresh products without end."""
    rng = np.random.default_rng(seed)
    held_out = set(held_out_texts(shop))
    types = sorted({product.type for product in shop if product.split == "train"})
    while True:
        kind, donor = one(types, rng), one(types, rng)
        values = {
            "type": kind,
            "note": one(TYPES[donor].notes, rng),
            "brand": one(list(BRANDS), rng),
            "occasion": one(OCCASIONS, rng),
            "origin": one(list(ORIGINS), rng),
        }
        said = {language: _with_note_of(donor, values, language) for language in LANGUAGES}
        for name in TOLD:
            if rng.random() < MADE_UP:
                values[name] = made_up_word(rng)
                said = {language: _with_made_up(name, values[name], said[language]) for language in LANGUAGES}
        listed = {code: with_one_noun(said[code], rng) for code in LANGUAGES}
        texts = {f"title_{code}": title(listed[code], rng) for code in LANGUAGES}
        texts |= {f"description_{code}": description(listed[code], rng) for code in LANGUAGES}
        texts |= {f"query_{code}": query(said[code], _difficulty(said[code], rng), rng) for code in LANGUAGES}
        if not held_out & set(texts.values()):
            yield TextProduct(values, said, texts)


def held_out_texts(shop: list[Product]) -> Iterator[str]:
    """Every title, description and query of validation and test."""
    for product in shop:
        if product.split != "train":
            yield from product.texts.values()
            yield from product.queries.values()


def made_up_word(rng: np.random.Generator) -> str:
    """Three to eight random letters, or one to three common Chinese characters."""
    if rng.random() < 0.5:
        return "".join(one(COMMON_CHARACTERS, rng) for _ in range(rng.integers(1, 4)))
    return "".join(one(ascii_lowercase, rng) for _ in range(rng.integers(3, 9)))


def _with_note_of(donor: str, values: dict[str, str], language: Language) -> Wording:
    """A type with the note of another type: a caramel scarf. How people describe that nobody has written down."""
    lender = wording(values | {"type": donor}, language, "train")
    if donor == values["type"]:
        return lender
    own = wording(values | {"note": TYPES[values["type"]].notes[0]}, language, "train")
    return replace(own, before=lender.before, after=lender.after, otherwise=())


def _with_made_up(attribute: str, word: str, said: Wording) -> Wording:
    """The wording with a made-up word for one attribute."""
    english = said.language == "en"
    if attribute == "type":  # of which no facts are known
        return replace(said, nouns=(word,), article="a", measures=(), tags=(), details=(), otherwise=())
    if attribute == "note":
        return replace(said, before=(word,), after=(f"with {word}" if english else word,), otherwise=())
    if attribute == "brand":
        return replace(said, brand=word)
    if attribute == "occasion":
        return replace(said, occasions=(f"for {word}" if english else word,))
    return replace(said, origins=(f"from {word}" if english else f"来自{word}",))


def _difficulty(said: Wording, rng: np.random.Generator) -> Difficulty:
    """Any grade that the wording has words for."""
    return one([grade for grade in GRADES if grade != "paraphrase" or said.otherwise], rng)
