"""Titles, descriptions and queries: the patterns of grammar.py, filled with the words of vocabulary/."""

from dataclasses import dataclass, replace

import numpy as np

from attributes import BRANDS, ORIGINS, TYPES
from grammar import DESCRIPTIONS, LANGUAGES, LONG, PARAPHRASES, PLAIN, TITLES, Difficulty, Language
from vocabulary import WORDS
from vocabulary.occasions import OCCASION_PHRASES, goods_of
from vocabulary.origins import ORIGIN_PHRASES
from vocabulary.typing_slips import mistyped
from vocabulary.wishes import REASONS

HEARD = 2  # so many paraphrases of a note are for the training split, the others for validation and test


@dataclass(frozen=True)
class Wording:
    """All that may be said of one product in one language; every field but article and brand holds alternatives."""

    language: Language
    nouns: tuple[str, ...]
    article: str
    measures: tuple[str, ...]
    tags: tuple[str, ...]
    details: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    otherwise: tuple[str, ...]
    brand: str
    occasions: tuple[str, ...]
    origins: tuple[str, ...]
    reasons: tuple[str, ...]


def wording(words: dict[str, str], language: Language, split: str) -> Wording:
    """What the vocabulary says of a product.

    Args:
        words: the product's `type`, `note`, `brand`, `occasion` and `origin` (keys of the tables in attributes.py).
        language: "en" or "zh".
        split: "train", "validation" or "test"; a paraphrase of one side is never used on the other.
    """
    column = LANGUAGES.index(language)
    kind, entry = TYPES[words["type"]], WORDS[words["type"]][language]
    note = entry.notes[words["note"]]
    otherwise = note.otherwise
    if not kind.test_only:
        otherwise = otherwise[:HEARD] if split == "train" else otherwise[HEARD:]
    place = ORIGINS[words["origin"]][column]
    return Wording(
        language=language,
        nouns=entry.nouns,
        article=entry.article,
        measures=entry.measures,
        tags=entry.tags,
        details=entry.details,
        before=note.before,
        after=note.after,
        otherwise=otherwise,
        brand=BRANDS[words["brand"]][column],
        occasions=OCCASION_PHRASES[goods_of(words["type"], words["note"])][words["occasion"]][column],
        origins=tuple(phrase.format(place=place) for phrase in ORIGIN_PHRASES[words["type"]][column]),
        reasons=REASONS[kind.department][column],
    )


def with_one_noun(said: Wording, rng: np.random.Generator) -> Wording:
    """As a shop lists a product: under the same noun in title and description; customers call it as they like."""
    return replace(said, nouns=(one(said.nouns, rng),))


def title(said: Wording, rng: np.random.Generator) -> str:
    """The name of a product in the shop: type, note and brand, perhaps a short fact."""
    return _filled(TITLES[said.language], said, rng)


def description(said: Wording, rng: np.random.Generator) -> str:
    """One to three sentences: type, note, brand, occasion and origin, perhaps a fact about such products."""
    return _filled(DESCRIPTIONS[said.language], said, rng)


def query(said: Wording, difficulty: Difficulty, rng: np.random.Generator) -> str:
    """What a customer types who wants this type, note and brand; see `Difficulty`."""
    language = said.language
    if difficulty == "paraphrase":
        return _filled(PARAPHRASES[language], said, rng)
    if difficulty == "long":
        return _filled(LONG[language], said, rng)
    meant = _filled(PLAIN[language], said, rng, capital=False)
    return mistyped(meant, language, rng) if difficulty == "typo" else meant


def item_phrase(said: Wording, rng: np.random.Generator, *, behind: bool = False) -> str:
    """The product with its note: "a recycled t-shirt", "a jar of cherry jam"; the note stands behind if `behind`."""
    noun = one(said.nouns, rng)
    if said.language == "zh":
        return one(said.before, rng) + noun
    phrase = f"{noun} {one(said.after, rng)}" if behind else f"{one(said.before, rng)} {noun}"
    if said.measures and rng.integers(2):
        return f"{one(said.measures, rng)} {phrase}"
    if said.article:
        return f"{'an' if phrase[0].lower() in 'aeiou' else 'a'} {phrase}"
    return phrase


def one(choices, rng: np.random.Generator):
    """One of several, each as likely."""
    return choices[rng.integers(len(choices))]


def _filled(patterns: tuple[str, ...], said: Wording, rng: np.random.Generator, *, capital: bool = True) -> str:
    """One of the patterns with words drawn for every brace; patterns that need what there is none of are left out."""
    phrases = {
        "brand": said.brand,
        "measure": one(said.measures or ("",), rng),
        "noun": one(said.nouns, rng),
        "before": one(said.before, rng),
        "after": one(said.after, rng),
        "item": item_phrase(said, rng),
        "item_after": item_phrase(said, rng, behind=True),
        "occasion": one(said.occasions, rng),
        "origin": one(said.origins, rng),
    }
    phrases |= {name.capitalize(): capitalised(phrases[name]) for name in ("item", "occasion", "origin")}
    optional = {"tag": said.tags, "detail": said.details, "otherwise": said.otherwise, "reason": said.reasons}
    phrases |= {name: one(choices, rng) for name, choices in optional.items() if choices}
    lacking = [f"{{{name}}}" for name in optional if name not in phrases]
    text = one([each for each in patterns if not any(brace in each for brace in lacking)], rng).format(**phrases)
    return capitalised(text) if capital else text


def capitalised(text: str) -> str:
    """A capital letter at the beginning and the others as they are."""
    return text[0].upper() + text[1:]
