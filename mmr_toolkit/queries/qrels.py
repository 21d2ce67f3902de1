"""Relevance judgements: query id → item id → grade, and the words of a table of queries."""

from collections.abc import Collection, Mapping
from pathlib import Path

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.encodings import likely_encoding, read_text, undecoded
from mmr_toolkit.common.quoting import quoted

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
MOST = 1_000_000  # the highest grade

Qrels = Mapping[str, Mapping[str, int]]


def read_qrels(
    path: Path, catalogue: Catalogue | None = None, *, encoding: str | None = None
) -> dict[str, dict[str, int]]:
    """Read judgements in TREC's form, one per line: query, a zero that nobody uses, item, grade.

    Args:
        path: of the file. One that only says yes (1) and no (0) is read as full matches and grade 0.
        catalogue: its items; None: any item may be named.
        encoding: in which it was saved, if it is not UTF-8.

    Raises:
        ValueError: a line that is not of this form or names an item that the catalogue does not have, by its number;
            or no full match in the whole file.
    """
    qrels: dict[str, dict[str, int]] = {}
    for line, words in enumerate(_text_of(path, encoding).splitlines(), 1):
        cells = words.split()
        if not cells:
            continue
        if len(cells) != 4 or not cells[3].isdecimal() or len(cells[3]) > len(str(MOST)) or int(cells[3]) > MOST:
            raise ValueError(
                f"{path}, line {line}: {quoted(words)}; expected four words: query, 0, item, grade (0 … {MOST:,})."
            )
        query, _, item, grade = cells
        if catalogue is not None:
            try:
                catalogue.position(item)
            except ValueError as error:
                raise ValueError(f"{path}, line {line}: {error}") from None
        qrels.setdefault(query, {})[item] = int(grade)
    highest = max((grade for grades in qrels.values() for grade in grades.values()), default=0)
    if highest == 1:
        return {query: {item: FULL_MATCH * grade for item, grade in grades.items()} for query, grades in qrels.items()}
    if highest < FULL_MATCH:
        raise ValueError(
            f"{path}: the highest grade is {highest}; expected {FULL_MATCH} for a full match, or 1 in a file that only "
            "says yes (1) and no (0)."
        )
    return qrels


def _text_of(path: Path, encoding: str | None) -> str:
    """The file as text; every byte of it can be read."""
    text = read_text(path, encoding)
    unread = undecoded(text)
    if unread is not None:
        line = text.count("\n", 0, unread.start()) + 1
        likely = likely_encoding(text)
        named = f", or name its encoding, {likely} (--encoding {likely})" if likely else ""
        raise ValueError(f"{path} is not in utf-8: line {line} has other bytes. Save it as UTF-8{named}.")
    return text


def checked_grades(query: str, grades: Mapping[str, int], item_ids: Collection[str] | None = None) -> dict[str, int]:
    """The judgements of one query, after a look at them.

    Raises:
        ValueError: they name an item that is not in `item_ids`, or give a grade that is none.
    """
    grades = {str(item): grade for item, grade in grades.items()}
    if item_ids is not None and not set(grades) <= set(item_ids):
        unknown = sorted(set(grades) - set(item_ids))
        raise ValueError(
            f"the qrels of query {query!r} name {unknown[0]!r} and {len(unknown) - 1} more that are not in the "
            "gallery: take the qrels that belong to it."
        )
    for item, grade in grades.items():
        if not 0 <= grade <= MOST or grade != int(grade):
            raise ValueError(
                f"the qrels of query {query!r} give {item!r} the grade {grade}, expected a whole number, 0 … {MOST:,}."
            )
    return {item: int(grade) for item, grade in grades.items()}
