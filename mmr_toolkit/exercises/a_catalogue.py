"""Self-checks for notebook 01, A catalogue."""

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd

from mmr_toolkit.exercises.verdict import NotYet, ask, compare, exercise

__all__ = ["check_count_holes", "check_near_misses", "check_split_families"]

PARTS = ["text", "image", "audio"]
ATTRIBUTES = ["colour", "pattern", "sound", "note", "brand"]


def _count_holes(table: pd.DataFrame) -> dict[str, int]:
    """The trusted answer: missing cells in each of the three columns."""
    return {part: int(table[part].isna().sum()) for part in PARTS}


_HOLE_SLIPS = {
    "those are the parts that are there. A hole is a missing one: isna(), not notna().": (
        lambda table: {part: int(table[part].notna().sum()) for part in PARTS}
    ),
    "that is the share of holes. The number was asked for: sum(), not mean().": (
        lambda table: {part: float(table[part].isna().mean()) for part in PARTS}
    ),
    "it looks for empty texts, but in catalogue.table a hole is a missing value: use isna().": (
        lambda table: {part: int((table[part] == "").sum()) for part in PARTS}
    ),
    "every column gets the number of holes in all columns together. Count column by column.": (
        lambda table: dict.fromkeys(PARTS, int(table[PARTS].isna().sum().sum()))
    ),
}


@exercise
def check_count_holes(count_holes: Callable[[pd.DataFrame], dict[str, int]]) -> str:
    """Exercise 1: `count_holes(table)` is a dict with the number of holes in text, image and audio."""
    first = pd.DataFrame({"id": ["a", "b", "c"], "text": ["x", None, None], "image": ["a.jpg", "b.jpg", None]})
    first["audio"] = ["a.wav", "b.wav", "c.wav"]
    second = pd.DataFrame({"text": [None] * 4, "image": ["1", None, "3", "4"], "audio": [None, None, "3", "4"]})
    second["price"] = np.nan  # a column that is no part of an item
    compare(count_holes, _count_holes, [(first,), (second,)], _HOLE_SLIPS)
    return "one number per modality, and holes in other columns do not count."


def _differences(table: pd.DataFrame, id: str) -> pd.Series:
    """For every product the number of attributes in which it differs from one of them."""
    asked = table[table["id"] == id].iloc[0]
    return (table[ATTRIBUTES] != asked[ATTRIBUTES]).sum(axis=1)


def _same_type(table: pd.DataFrame, id: str) -> pd.Series:
    return table["type"] == table.loc[table["id"] == id, "type"].item()


def _near_misses(table: pd.DataFrame, id: str) -> set[str]:
    """The trusted answer: the same type, and exactly one attribute differs."""
    return set(table.loc[_same_type(table, id) & (_differences(table, id) == 1), "id"])


_NEAR_SLIPS = {
    "it also finds products that differ in nothing, the product's own family. A near miss differs in exactly one.": (
        lambda table, id: set(table.loc[_same_type(table, id) & (_differences(table, id) <= 1), "id"])
    ),
    "those differ in nothing at all: they are the product's family, not its near misses.": (
        lambda table, id: set(table.loc[_same_type(table, id) & (_differences(table, id) == 0), "id"])
    ),
    "it finds products of other types. A near miss is of the same type.": (
        lambda table, id: set(table.loc[_differences(table, id) == 1, "id"])
    ),
    "it finds everything of the type that differs at all. A near miss differs in exactly one attribute.": (
        lambda table, id: set(table.loc[_same_type(table, id) & (_differences(table, id) >= 1), "id"])
    ),
    "those agree in exactly one attribute. A near miss differs in exactly one: count != instead of ==.": (
        lambda table, id: set(table.loc[_same_type(table, id) & (_differences(table, id) == 4), "id"])
    ),
}


def _small_shop() -> pd.DataFrame:
    """Two types with the same attributes, two members in each family, so that every slip shows."""
    values = [("red", "blue"), ("plain", "dotted"), ("crunch", "squish"), ("mint", "honey"), ("Oko", "Mira")]
    rows = [
        {"id": f"{name}-{number:02d}-{member}", "type": name, "price": number + member / 10}
        | dict(zip(ATTRIBUTES, family, strict=True))
        for name in ("can", "jam")
        for number, family in enumerate(itertools.product(*values), start=1)
        for member in (1, 2)
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0, ignore_index=True)


@exercise
def check_near_misses(near_misses: Callable[[pd.DataFrame, str], set[str]]) -> str:
    """Exercise 2: `near_misses(table, id)` has the ids of all near misses of a product, in any order.

    The table has the columns id, type, colour, pattern, sound, note and brand, and may have others.
    """
    shop = _small_shop()
    compare(near_misses, _near_misses, [(shop, "can-01-1"), (shop, "jam-20-2")], _NEAR_SLIPS)
    return "the same type, exactly one attribute differs, whatever the order of the table."


@exercise
def check_split_families(split_families: Callable[[list[str], float, int], np.ndarray]) -> str:
    """Exercise 3: `split_families(families, share, seed)` says for every product whether it is in the test split.

    families: the family of each of N products. share: of the families, to be tested. seed: starts the random numbers.
    Returns N booleans. round(share · number of families) families are tested, each with all of its products.
    """
    families = [f"tea-{number:02d}" for number in range(1, 21) for _ in range(1 + number % 4)]
    for share in (0.25, 0.5):
        tested = _tested(split_families, families, share, 0)
        divided = sorted(set(families) & _names(families, tested) & _names(families, ~tested))
        if divided:
            raise NotYet(
                f"{len(divided)} families are on both sides ({divided[0]} is one): the test would ask for products "
                "whose twins were trained on. Draw families, not products."
            )
        count, wanted = len(_names(families, tested)), round(share * 20)
        if count != wanted:
            raise NotYet(f"of 20 families {count} are tested for share={share}, expected {wanted}.")
        if (tested != _tested(split_families, families, share, 0)).any():
            raise NotYet("the same seed gives two different splits. Draw from np.random.default_rng(seed) only.")
    draws = {tuple(_tested(split_families, families, 0.5, seed)) for seed in range(5)}
    if len(draws) == 1:
        raise NotYet("five seeds give one split: is the seed used, and are families drawn at random?")
    return "families stay together, the share is kept, and the seed alone decides."


def _tested(split_families: Callable[..., np.ndarray], families: list[str], share: float, seed: int) -> np.ndarray:
    """The learner's split as an array (N,) of bool."""
    answer = ask(split_families, families, share, seed)
    try:
        tested = np.asarray(answer)
    except ValueError:  # rows of unlike length
        raise NotYet(f"{len(families)} products were given, expected as many booleans.") from None
    if tested.shape != (len(families),):
        raise NotYet(f"{len(families)} products were given, expected as many booleans; got shape {tested.shape}.")
    if tested.dtype != bool:
        raise NotYet(f"expected True or False for each product, got {tested.dtype}.")
    return tested


def _names(families: list[str], chosen: np.ndarray) -> set[str]:
    return {family for family, is_chosen in zip(families, chosen, strict=True) if is_chosen}
