"""Which product answers which query, and how well: the graded truth behind queries.csv and the qrels files."""

import numpy as np

from shop import Product

#: What each part of a query asks for. A text names type, note and brand; a photo shows type, colour and pattern; a
#: recording tells the sound class.
ASKED = {"T": ("type", "note", "brand"), "I": ("type", "colour", "pattern"), "A": ("sound",)}
KINDS = ("T", "I", "A", "TI", "TA", "IA", "TIA")
#: Grades of relevance: everything asked for / everything but one attribute / the type only.
FULL, NEAR, TYPE = 3, 2, 1


def asked_attributes(kind: str) -> tuple[str, ...]:
    """The attributes that a query of this kind asks for, each once, in a fixed order."""
    return tuple(dict.fromkeys(attribute for part in kind for attribute in ASKED[part]))


def grades(queries: list[Product], gallery: list[Product], kind: str) -> np.ndarray:
    """Grade of every gallery product for every query.

    A product of another type never answers a query that asks for a type. A recording alone asks for the sound class
    only, so its grades are 3 or 0.

    Args:
        queries: n products whose second views ask.
        gallery: N products that may answer.
        kind: one of KINDS.

    Returns:
        (n, N) int array of grades 3, 2, 1, 0, and -1 for the query's own product, which is left out of its gallery.
    """
    attributes = asked_attributes(kind)
    match = {
        name: np.array([[getattr(query, name) == getattr(item, name) for item in gallery] for query in queries])
        for name in (*attributes, "id")
    }
    matched = sum(match[name].astype(int) for name in attributes)
    grade = np.where(matched == len(attributes), FULL, 0)
    if "type" in attributes:
        grade = np.where(match["type"] & (grade == 0), np.where(matched == len(attributes) - 1, NEAR, TYPE), grade)
    return np.where(match["id"], -1, grade)
