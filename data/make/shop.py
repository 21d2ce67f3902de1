"""The design of the built-in shop: 25 types, 304 families, 1,216 products, every attribute independent of every other.

Within a type the families are a full factorial design: all combinations of its two-valued attributes (colour, pattern,
sound, note, brand). So each family has near misses that differ in exactly one attribute, and no attribute tells
anything about another. A family has four members that share every attribute and differ in photo, recording and wording.

Families with an even number of second values go to training: a half fraction, in which any two attributes are still
balanced (Box, Hunter & Hunter 1978, chapter 12). The odd ones go in equal parts to validation and test. The families of
test-only types all go to test.
"""

import itertools
import zlib
from dataclasses import dataclass, replace

import numpy as np

from attributes import OCCASIONS, ORIGINS, TYPES, ProductType
from grammar import LANGUAGES, Difficulty, Language
from texts import description, query, title, with_one_noun, wording

MEMBERS = 4  # products in a family
AXES = ("colour", "pattern", "sound", "note", "brand")
#: How many products lack a part in the gallery, as in real collections: 85 of 1,216 = 7 %.
HOLES = {"audio": 35, "image": 25, "text": 25}
#: How many types have products that are listed in one language only: one combination of note and brand in each of them.
ONE_LANGUAGE: dict[Language, int] = {"en": 8, "zh": 8}
#: How hard the queries are whose language the listing has: an equal share each.
GRADES: tuple[Difficulty, ...] = ("plain", "paraphrase", "typo", "long")
SEED = 20261123


@dataclass(frozen=True)
class Product:
    """One product.

    `missing` names the part that its gallery entry lacks ("" when it is complete). `texts` are in both languages,
    `languages` are those that the shop lists it in; `queries` and `difficulties` go by language.
    """

    id: str
    family: str
    member: int
    department: str
    type: str
    colour: str
    pattern: str
    sound: str
    note: str
    brand: str
    occasion: str
    origin: str
    price: float
    split: str
    missing: str
    languages: tuple[Language, ...]
    texts: dict[str, str]
    queries: dict[Language, str]
    difficulties: dict[Language, Difficulty]


def seed_of(*names: object) -> np.random.Generator:
    """A generator that depends on the names only: the same on every machine, whatever was drawn before."""
    return np.random.default_rng([SEED, zlib.crc32("/".join(map(str, names)).encode())])


def _axis_values(kind: ProductType) -> list[tuple[str, ...]]:
    return [kind.colours, kind.patterns, kind.sounds, kind.notes, kind.brands]


def _splits(name: str, kind: ProductType) -> dict[tuple[int, ...], str]:
    """The split of each family, a family being the tuple of its value positions on the five axes."""
    families = list(itertools.product(*(range(len(values)) for values in _axis_values(kind))))
    if kind.test_only:
        return dict.fromkeys(families, "test")
    splits = {family: "train" for family in families if sum(family) % 2 == 0}
    odd = [family for family in families if sum(family) % 2 == 1]
    rng = seed_of("split", name)
    while True:
        order = rng.permutation(len(odd))
        halves = [[odd[i] for i in order[: len(odd) // 2]], [odd[i] for i in order[len(odd) // 2 :]]]
        varying = [[len(set(positions)) > 1 for positions in zip(*half, strict=True)] for half in halves]
        # A large type's halves of four families hold both values of all four axes; two families can differ in two only,
        # and one of these must be the sound.
        if all(axes[AXES.index("sound")] and sum(axes) >= min(4, len(odd) // 2) for axes in varying):
            break
    return splits | dict.fromkeys(halves[0], "validation") | dict.fromkeys(halves[1], "test")


def _holes(families: list[str]) -> dict[str, str]:
    """Which product lacks which part: at most one hole in a family, spread evenly over the families."""
    rng = seed_of("holes")
    chosen = [families[i] for i in rng.permutation(len(families))[: sum(HOLES.values())]]
    parts = [part for part, count in HOLES.items() for _ in range(count)]
    return {f"{family}-{rng.integers(1, MEMBERS + 1)}": part for family, part in zip(chosen, parts, strict=True)}


def _languages() -> dict[tuple[str, str, str], tuple[Language, ...]]:
    """In which languages the products of each type, note and brand are listed: most in both.

    All right answers to a text query share these three, so where one language is missing, it is missing in all of them.
    """
    rng = seed_of("languages")
    languages = {
        (name, note, brand): LANGUAGES for name, kind in TYPES.items() for note in kind.notes for brand in kind.brands
    }
    names = [list(TYPES)[i] for i in rng.permutation(len(TYPES))]
    only: list[Language] = [language for language, count in ONE_LANGUAGE.items() for _ in range(count)]
    for name, language in zip(names, only, strict=False):
        combinations = [key for key in languages if key[0] == name]
        languages[combinations[rng.integers(len(combinations))]] = (language,)
    return languages


def _difficulties(products: list[Product]) -> dict[tuple[str, Language], Difficulty]:
    """How hard each product's query is, by id and language; equal shares in each split, language and member."""
    difficulties: dict[tuple[str, Language], Difficulty] = {}
    groups: dict[tuple[str, Language, int], list[str]] = {}
    for product in products:
        for language in LANGUAGES:
            if language in product.languages:
                groups.setdefault((product.split, language, product.member), []).append(product.id)
            else:
                difficulties[product.id, language] = "other_language"
    for (split, language, member), ids in groups.items():
        order = seed_of("difficulty", split, language, member).permutation(len(ids))
        difficulties |= {(ids[i], language): GRADES[place % len(GRADES)] for place, i in enumerate(order)}
    return difficulties


def _product(family: str, member: int, type_name: str, values: dict[str, str], split: str, missing: str) -> Product:
    """A member of a family, still without words: the family's attributes plus its own occasion, origin and price."""
    identity = f"{family}-{member}"
    rng = seed_of("product", identity)
    occasion, origin = str(rng.choice(list(OCCASIONS))), str(rng.choice(list(ORIGINS)))
    kind = TYPES[type_name]
    return Product(
        id=identity,
        family=family,
        member=member,
        department=kind.department,
        type=type_name,
        colour=values["colour"],
        pattern=values["pattern"],
        sound=values["sound"],
        note=values["note"],
        brand=values["brand"],
        occasion=occasion,
        origin=origin,
        price=round(kind.price * float(rng.uniform(0.8, 1.25)), 2),
        split=split,
        missing=missing,
        languages=LANGUAGES,
        texts={},
        queries={},
        difficulties={},
    )


def _with_words(product: Product, difficulties: dict[Language, Difficulty]) -> Product:
    """The product with its texts and queries, drawn from generators of their own: new words move nothing else."""
    words = {name: getattr(product, name) for name in ("type", "note", "brand", "occasion", "origin")}
    said = {language: wording(words, language, product.split) for language in LANGUAGES}
    listed = {code: with_one_noun(said[code], seed_of("noun", code, product.id)) for code in LANGUAGES}
    texts = {f"title_{code}": title(listed[code], seed_of("title", code, product.id)) for code in LANGUAGES}
    texts |= {f"description_{code}": description(listed[code], seed_of("text", code, product.id)) for code in LANGUAGES}
    queries = {
        code: query(said[code], difficulty, seed_of("query", code, product.id))
        for code, difficulty in difficulties.items()
    }
    return replace(product, texts=texts, queries=queries, difficulties=difficulties)


def build_shop() -> list[Product]:
    """All products in the order of metadata.csv: by type, family, member."""
    rows: list[tuple[str, str, dict[str, str], str]] = []
    for name, kind in TYPES.items():
        axes = _axis_values(kind)
        for number, (positions, split) in enumerate(sorted(_splits(name, kind).items()), start=1):
            values = {axis: options[i] for axis, options, i in zip(AXES, axes, positions, strict=True)}
            rows.append((f"{name}-{number:02d}", name, values, split))
    holes = _holes([family for family, *_ in rows])
    products = [
        _product(family, member, name, values, split, holes.get(f"{family}-{member}", ""))
        for family, name, values, split in rows
        for member in range(1, MEMBERS + 1)
    ]
    listed = _languages()
    products = [replace(one, languages=listed[one.type, one.note, one.brand]) for one in products]
    difficulties = _difficulties(products)
    return [_with_words(one, {code: difficulties[one.id, code] for code in LANGUAGES}) for one in products]
