"""The built-in shop: a catalogue of products, queries for it, and what is relevant to each query."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import PathLike, data_folder
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.extraction import Features, extract
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import QUERY_KINDS, SPLITS, read_qrels
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.queries.table import QRELS, QUERIES, QueryTable

JUDGED = ("validation", "test")  # the splits whose queries have relevance judgements
LANGUAGES = {"en": "English", "zh": "Chinese"}
#: What each modality tells of a product of the shop.
TOLD_BY = {"text": ("type", "note", "brand"), "image": ("type", "colour", "pattern"), "audio": ("sound",)}


def cornershop() -> Catalogue:
    """The built-in shop: products of 25 types with text (English and Chinese), picture and sound."""
    return Catalogue.from_folder(_folder())


def cornershop_queries(split: str = "test", *, kind: str | None = None, language: str | None = None) -> pd.DataFrame:
    """Queries for the shop, one per row.

    Args:
        split: "train", "validation" or "test".
        kind: which parts the query has: one of "T", "I", "A", "TI", "TA", "IA", "TIA" (text, image, audio); None: all.
        language: language of the text, "en" or "zh"; None: both, and queries without text.
    Returns:
        Columns query_id, product_id (the product that the query was made of; never a right answer), split, kind,
        language, difficulty, text, image_file_name, audio_file_name (relative to the shop's folder); holes are missing
        values. The difficulty of a text is plain, paraphrase (no word of the right answers but the brand), typo, long
        (a wish in two sentences) or other_language (the right answers are listed in the other language only).
    Raises:
        ValueError: an unknown split, kind or language, or a combination that has no queries.
    """
    asked = {"split": split, "kind": kind, "language": language}
    legal: dict[str, Iterable[str]] = {"split": SPLITS, "kind": QUERY_KINDS, "language": LANGUAGES}
    queries = pd.read_csv(_folder() / QUERIES, dtype="str", encoding="utf-8", keep_default_na=False, na_values=[""])
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
    return {query: grades for query, grades in read_qrels(_folder() / QRELS).items() if query in wanted}


def shop_query_table() -> QueryTable:
    """The queries of the shop for training and comparing: labels by modality, seen and unseen product types apart."""
    stamps = tuple((_folder() / name).stat().st_mtime_ns for name in ("metadata.csv", QUERIES, QRELS))
    return _read_queries(_folder(), stamps)


@lru_cache(maxsize=1)
def _read_queries(folder: Path, stamps: tuple[int, ...]) -> QueryTable:
    """Read once, and again when a file was written since."""
    shop = Catalogue.from_folder(folder)
    table = QueryTable.read(folder / QUERIES, shop)
    trained = shop.table.loc[shop.table["split"] == "train", "type"]
    seen = shop.table["type"].isin(trained).to_numpy()
    return replace(table, labels=TOLD_BY, groups={"seen": seen, "unseen": ~seen})


def shop_features(
    encoders: Mapping[str, Encoder],
    split: str | None = None,
    *,
    device: Device = "cpu",
    progress: bool = False,
    cache: PathLike | bool = True,
) -> Features:
    """Vectors of all products, or of the queries of one split.

    Args:
        encoders: modality → encoder.
        split: whose queries, "train", "validation" or "test"; None: the products themselves.
        device, progress, cache: as for `extract`.
    """
    if split is None:
        return extract(cornershop(), encoders, device=device, progress=progress, cache=cache)
    return shop_query_table().features(encoders, split, device=device, progress=progress, cache=cache)


def shop_pairs(items: Features, queries: Features) -> Pairs:
    """The training queries of the shop with their products; products that share what is asked for are right answers.

    Args:
        items: of all products, as from `shop_features(encoders)`.
        queries: of the training queries, as from `shop_features(encoders, "train")`.

    Returns:
        Pairs with `TOLD_BY` as labels.

    Raises:
        ValueError: features of other products, or of other queries than the training ones.
    """
    training = set(cornershop_queries("train")["query_id"])
    if strangers := [query for query in queries.ids if query not in training]:
        raise ValueError(f"{strangers[0]!r} is no training query: take shop_features(encoders, 'train').")
    return shop_query_table().pairs(items, queries)


def shop_questions(
    features: Features, split: str = "test", *, kinds: Mapping[str, tuple[str, ...]] = QUERY_KINDS
) -> dict[str, Questions]:
    """The questions of the built-in shop by kind, with its families and with seen and unseen product types apart.

    Args:
        features: of the queries of this split, one row per query id, in any order.
        split: "validation" or "test".
        kinds: which kinds, and which parts they have.

    Returns:
        kind → Questions; the groups are "seen" and "unseen", where there are any such questions.

    Raises:
        ValueError: an unknown split or kind, or features that lack a query or a modality.

    Example:
        >>> questions = shop_questions(shop_features(encoders, "test"), "test")  # doctest: +SKIP
    """
    _require("split", split, JUDGED)
    for kind in kinds:
        _require("kind", kind, QUERY_KINDS)
    queries, row = cornershop_queries(split), {query: i for i, query in enumerate(features.ids)}
    asked = queries.loc[queries["kind"].isin(list(kinds)), "query_id"]
    parts = {part for parts in kinds.values() for part in parts}
    if missing := [query for query in asked if query not in row] or sorted(parts - set(features.dims)):
        raise ValueError(
            f"the features lack {missing[0]!r} and {len(missing) - 1} more: take shop_features(encoders, {split!r}) "
            "with an encoder for each part."
        )
    return shop_query_table().questions(features.subset(np.array([row[query] for query in asked])), kinds)


def _folder() -> Path:
    return data_folder() / "cornershop"


def _require(name: str, value: str, legal: Iterable[str]) -> None:
    if value not in legal:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(legal)}.")
