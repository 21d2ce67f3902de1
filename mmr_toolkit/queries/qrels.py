"""NEW."""

from collections.abc import Collection, Mapping

SPLITS = ("train", "validation", "test")
# What a query of each kind consists of.
QUERY_KINDS = {
    "T": ("text",),
    "I": ("image",),
    "A": ("audio",),
    "TI": ("text", "image"),
    "TA": ("text", "audio"),
    "IA": ("image", "audio"),
    "TIA": ("text", "image", "audio"),
}

FULL_MATCH = 3

Qrels = Mapping[str, Mapping[str, int]]


def checked_grades(query: str, grades: Mapping[str, int], item_ids: Collection[str] | None = None) -> dict[str, int]:
    """The judgements of one query, after a look at them.

    Raises:
        ValueError: they name an item that is not in `item_ids`, or give a grade below 0.
    """
    if item_ids is not None and not set(grades) <= set(item_ids):
        unknown = sorted(set(grades) - set(item_ids))
        raise ValueError(
            f"the qrels of query {query!r} name {unknown[0]!r} and {len(unknown) - 1} more that are not in the "
            "gallery: take the qrels that belong to it."
        )
    for item, grade in grades.items():
        if grade < 0:
            raise ValueError(f"the qrels of query {query!r} give {item!r} the grade {grade}, expected 0 or more.")
    return {item: int(grade) for item, grade in grades.items()}
