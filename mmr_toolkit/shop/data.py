"""The built-in shop: a catalogue of products, queries for it, and what is relevant to each query."""

from collections.abc import Iterable, Mapping

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.cache.shards import PathLike
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.extraction import Features, extract
from mmr_toolkit.queries.pairs import Pairs

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


# The built-in shop for training: its vectors, its queries' vectors, and who is a right answer to whom.


#: What each modality tells of a product of the shop.
TOLD_BY = {"text": ("type", "note", "brand"), "image": ("type", "colour", "pattern"), "audio": ("sound",)}


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
    catalogue = cornershop()
    if split is not None:
        table = cornershop_queries(split).rename(columns={"query_id": "id"})
        catalogue = Catalogue.from_table(table, catalogue.folder)
    return extract(catalogue, encoders, device=device, progress=progress, cache=cache)


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
    shop, table = cornershop(), cornershop_queries("train").set_index("query_id")
    if items.ids != shop.ids:
        raise ValueError("the items are not the products of the shop: take shop_features(encoders).")
    strangers = [query for query in queries.ids if query not in table.index]
    if strangers:
        raise ValueError(f"{strangers[0]!r} is no training query: take shop_features(encoders, 'train').")
    own = [shop.position(product) for product in table.loc[queries.ids, "product_id"]]
    labels = {name: [shop.table[column].fillna("").tolist() for column in TOLD_BY[name]] for name in items.vectors}
    return Pairs(queries.vectors, items.vectors, own, queries.mask, items.mask, labels)
