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
from dataclasses import dataclass

import numpy as np

from attributes import OCCASIONS, ORIGINS, TYPES, ProductType
from texts import item_texts, query_text

MEMBERS = 4  # products in a family
AXES = ("colour", "pattern", "sound", "note", "brand")
#: How many products lack a part in the gallery, as in real collections: 85 of 1,216 = 7 %.
HOLES = {"audio": 35, "image": 25, "text": 25}
SEED = 20261123


@dataclass(frozen=True)
class Product:
    """One product; `missing` names the part that its gallery entry lacks ("" when it is complete)."""

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
    texts: dict[str, str]
    queries: dict[str, str]


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


def _product(family: str, member: int, type_name: str, values: dict[str, str], split: str, missing: str) -> Product:
    """A member of a family: the family's attributes plus its own occasion, origin, price and wording."""
    identity = f"{family}-{member}"
    rng = seed_of("product", identity)
    words = {
        "type": type_name,
        "note": values["note"],
        "brand": values["brand"],
        "occasion": str(rng.choice(list(OCCASIONS))),
        "origin": str(rng.choice(list(ORIGINS))),
    }
    kind = TYPES[type_name]
    return Product(
        id=identity,
        family=family,
        member=member,
        department=kind.department,
        colour=values["colour"],
        pattern=values["pattern"],
        sound=values["sound"],
        price=round(kind.price * float(rng.uniform(0.8, 1.25)), 2),
        split=split,
        missing=missing,
        texts=item_texts(words, rng),
        queries={language: query_text(words, language, rng) for language in ("en", "zh")},
        **words,
    )


def build_shop() -> list[Product]:
    """All products in the order of metadata.csv: by type, family, member."""
    rows: list[tuple[str, str, dict[str, str], str]] = []
    for name, kind in TYPES.items():
        axes = _axis_values(kind)
        for number, (positions, split) in enumerate(sorted(_splits(name, kind).items()), start=1):
            values = {axis: options[i] for axis, options, i in zip(AXES, axes, positions, strict=True)}
            rows.append((f"{name}-{number:02d}", name, values, split))
    holes = _holes([family for family, *_ in rows])
    return [
        _product(family, member, name, values, split, holes.get(f"{family}-{member}", ""))
        for family, name, values, split in rows
        for member in range(1, MEMBERS + 1)
    ]
