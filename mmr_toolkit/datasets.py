"""The built-in shop: a catalogue of products, queries for it, and what is relevant to each query."""

import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from mmr_toolkit.catalogue import Catalogue

__all__ = [
    "JUDGED",
    "LANGUAGES",
    "QUERY_KINDS",
    "SPLITS",
    "cornershop",
    "cornershop_qrels",
    "cornershop_queries",
    "data_folder",
]

SPLITS = ("train", "validation", "test")
JUDGED = ("validation", "test")  # the splits whose queries have relevance judgements
LANGUAGES = {"en": "English", "zh": "Chinese"}
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


def data_folder() -> Path:
    """The folder `data/` of the repository, or the one that the environment variable MMR_DATA names.

    Raises:
        FileNotFoundError: it is not there.
    """
    given = os.environ.get("MMR_DATA")
    folder = Path(given) if given else Path(__file__).resolve().parent.parent / "data"
    if not (folder / "cornershop").is_dir():
        raise FileNotFoundError(
            f"{folder}: expected the data folder of the repository, with cornershop/ in it. "
            "Clone the repository, or let the environment variable MMR_DATA name its data folder."
        )
    return folder


def cornershop() -> Catalogue:
    """The built-in shop: products of 25 types with text (English and Chinese), picture and sound."""
    return Catalogue.from_folder(data_folder() / "cornershop")


def cornershop_queries(split: str = "test", *, kind: str | None = None, language: str | None = None) -> pd.DataFrame:
    """Queries for the shop, one per row.

    Args:
        split: "train", "validation" or "test".
        kind: which parts the query has: one of "T", "I", "A", "TI", "TA", "IA", "TIA" (text, image, audio); None: all.
        language: language of the text, "en" or "zh"; None: both, and queries without text.
    Returns:
        Columns query_id, product_id (the product that the query was made of; never a right answer), split, kind,
        language, text, image_file_name, audio_file_name (relative to the shop's folder); holes are missing values.
    Raises:
        ValueError: an unknown split, kind or language, or a combination that has no queries.
    """
    asked = {"split": split, "kind": kind, "language": language}
    legal: dict[str, Iterable[str]] = {"split": SPLITS, "kind": QUERY_KINDS, "language": LANGUAGES}
    queries = pd.read_csv(
        data_folder() / "cornershop" / "queries.csv",
        dtype="str",
        encoding="utf-8",
        keep_default_na=False,
        na_values=[""],
    )
    for column, value in asked.items():
        if value is not None:
            _require(column, value, legal[column])
            queries = queries[queries[column] == value]
    if queries.empty:
        raise ValueError(f"the shop has no queries with {asked}; training queries are all of kind 'TIA'.")
    return queries.reset_index(drop=True)


def cornershop_qrels(split: str = "test") -> dict[str, dict[str, int]]:
    """What is relevant to each query: query id -> product id -> grade.

    Grades: 3 the product has all that the query asks for, 2 all but one attribute, 1 the type only. Products that
    are not listed are not relevant. The product that the query was made of is left out.

    Args:
        split: "validation" or "test".
    """
    _require("split", split, JUDGED)
    wanted = set(cornershop_queries(split)["query_id"])
    qrels: dict[str, dict[str, int]] = {}
    with (data_folder() / "cornershop" / "qrels.txt").open(encoding="utf-8") as file:
        for line in file:  # the TREC form: query, a zero that nobody uses, document, grade
            query, _, product, grade = line.split()
            if query in wanted:
                qrels.setdefault(query, {})[product] = int(grade)
    return qrels


def _require(name: str, value: str, legal: Iterable[str]) -> None:
    if value not in legal:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(legal)}.")
