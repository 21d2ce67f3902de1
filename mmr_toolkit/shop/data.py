"""The built-in shop: a catalogue of products, queries for it, and what is relevant to each query."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.files import data_folder
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.cache.shards import PathLike
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.extraction import Features, extract
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import QUERY_KINDS, SPLITS
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.queries.table import QueryTable

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

JUDGED = ("validation", "test")  # the splits whose queries have relevance judgements
LANGUAGES = {"en": "English", "zh": "Chinese"}


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


def shop_query_table() -> QueryTable:
    """The queries of the shop for training and comparing: labels by modality, seen and unseen product types apart."""
    shop = cornershop()
    table = QueryTable.read(data_folder() / "cornershop" / "queries.csv", shop)
    trained = shop.table.loc[shop.table["split"] == "train", "type"].unique()
    seen = shop.table["type"].isin(trained).to_numpy()
    return replace(table, labels=TOLD_BY, groups={"seen": seen, "unseen": ~seen})


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
        >>> queries = cornershop_queries("test").rename(columns={"query_id": "id"})  # doctest: +SKIP
        >>> features = extract(Catalogue.from_table(queries, shop.folder), encoders)  # doctest: +SKIP
        >>> questions = shop_questions(features, "test")  # doctest: +SKIP
    """
    shop, qrels = cornershop(), cornershop_qrels(split)
    products = shop.table.set_index("id")
    trained = set(products.loc[products["split"] == "train", "type"])
    row = {query: i for i, query in enumerate(features.ids)}
    by_kind = {}
    for kind, parts in kinds.items():
        table = cornershop_queries(split, kind=kind)
        missing = [query for query in table["query_id"] if query not in row] or sorted(set(parts) - set(features.dims))
        if missing:
            raise ValueError(
                f"the features lack {missing[0]!r} and {len(missing) - 1} more for questions of kind {kind}: extract "
                f"all parts of cornershop_queries({split!r})."
            )
        rows = [row[query] for query in table["query_id"]]
        made_of = products.loc[table["product_id"]]
        seen = made_of["type"].isin(trained).to_numpy()
        by_kind[kind] = Questions(
            ids=table["query_id"].tolist(),
            vectors={part: features.vectors[part][rows] for part in parts},
            qrels=qrels,
            own=[shop.position(product) for product in table["product_id"]],
            families=made_of["family"].tolist(),
            groups={name: member for name, member in (("seen", seen), ("unseen", ~seen)) if member.any()},
            split=split,
        )
    return by_kind
