"""The questions of any folder: a table of queries with the item that each was made from.

`queries.csv` has the form of the built-in shop's, one line per query:

    query_id, product_id, split, text, image_file_name, audio_file_name

`product_id` is the id of the right item, `split` is train, validation or test; a part that a query does not have is an
empty cell, and paths start in the folder of the table. From the training rows come the pairs that a fusion learns
from, from the others the questions that it is judged by.

Right answers stand in `qrels.txt` beside the table, if it is there (TREC's form: query, 0, item, grade; 3 is a full
match as in the shop, or 1 in a file that only says yes and no). The query's own item is then left out of its ranking
unless the file names it. Without such a file the own item is the one right answer: **known-item search**.
"""

import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.metadata import PART_COLUMNS, read_metadata
from mmr_toolkit.common.files import PathLike, absolute
from mmr_toolkit.common.modalities import ASK_ACROSS, MODALITIES
from mmr_toolkit.common.quoting import listed, quoted
from mmr_toolkit.features import Encoder
from mmr_toolkit.features.encoder import Device
from mmr_toolkit.features.extraction import Features, extract
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import FULL_MATCH, QUERY_KINDS, SPLITS, Qrels, read_qrels
from mmr_toolkit.queries.questions import Questions

QUERIES, QRELS = "queries.csv", "qrels.txt"
COLUMNS = ("query_id", "product_id", "split", *PART_COLUMNS)


@dataclass(frozen=True, eq=False)
class QueryTable:
    """Queries for a catalogue.

    Attributes:
        catalogue: the items.
        queries: the queries, which are items with holes; their table has the columns product_id and split.
        qrels: query id → item id → grade; None: the own item is the one right answer.
        labels: modality → columns of the catalogue that this modality tells; see `pairs`.
        groups: name → bool (N,): a query is reported in the groups of the item that it was made from.
    """

    catalogue: Catalogue
    queries: Catalogue
    qrels: Qrels | None = None
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | os.PathLike[str], catalogue: Catalogue, *, encoding: str | None = None) -> Self:
        """Read a table of queries, and `qrels.txt` beside it if it is there.

        Args:
            path: of the CSV file.
            catalogue: its items.
            encoding: in which both were saved, if it is not UTF-8; see `Catalogue.from_folder`.

        Raises:
            FileNotFoundError: no such file.
            ValueError: a column is missing, a query id comes twice, a split is unknown, a product_id or the qrels name
                an item that the catalogue does not have; the message says in which line.
        """
        path = absolute(path)
        if not path.is_file():
            raise FileNotFoundError(f"{path}: no such table of queries; expected the columns {', '.join(COLUMNS)}.")
        table, _ = read_metadata(path, id_column="query_id", encoding=encoding)
        by_product, _ = read_metadata(path, id_column="product_id", encoding=encoding)
        products = by_product["id"]  # as ids: nothing becomes a number
        _check(table.assign(product_id=products), path, catalogue)
        queries = Catalogue.from_folder(path.parent, metadata=path.name, id_column="query_id", encoding=encoding)
        product_of = dict(zip(table["id"], products, strict=True))
        queries.table["product_id"] = queries.table["id"].map(product_of)  # rows without any part are not there
        place = path.with_name(QRELS)
        qrels = read_qrels(place, catalogue, encoding=encoding) if place.is_file() else None
        if qrels is not None and not set(qrels) & set(queries.ids):
            raise ValueError(
                f"{place} judges {next(iter(qrels))!r} and {len(qrels) - 1} more queries, and none of them is in "
                f"{path.name}, whose first is {queries.ids[0]!r}: both must name the queries alike, also in capitals."
            )
        return cls(catalogue, queries, qrels)

    def count(self, split: str) -> int:
        """How many queries a split has."""
        return int(self._in(split).sum())

    def features(
        self,
        encoders: Mapping[str, Encoder],
        split: str,
        *,
        device: Device = "cpu",
        progress: bool = False,
        cache: PathLike | bool = True,
    ) -> Features:
        """Vectors of the queries of one split.

        Args:
            encoders: modality → encoder, the same as for the items.
            split: "train", "validation" or "test".
            device, progress, cache: as for `extract`.

        Raises:
            ValueError: an unknown split, one without queries, or queries that have no part with an encoder.
        """
        chosen = self._in(split)
        if not chosen.any():
            have = ", ".join(f"{name} {self.count(name)}" for name in SPLITS)
            raise ValueError(f"no query has {split} in its column split, there are: {have}.")
        queries = self.queries.subset(chosen)
        if not set(queries.modalities) & set(encoders):
            raise ValueError(
                f"the {len(queries)} {split} queries have only {', '.join(queries.modalities)}, and the items are "
                f"described by {', '.join(encoders)}. {ASK_ACROSS}"
            )
        return extract(queries, encoders, device=device, progress=progress, cache=cache)

    def pairs(self, items: Features, queries: Features, same: Sequence[str] = ()) -> Pairs:
        """Queries with the items that they were made from, to train on.

        Args:
            items: of the whole catalogue.
            queries: as from `features(encoders, "train")`.
            same: columns of the catalogue; an item that agrees with the query's own item in all of them is a right
                answer too. Empty: the columns of `labels`, by modality; where there are none, only the own item.

        Raises:
            ValueError: features of another catalogue, a query that the table does not have, or a column that the
                catalogue does not have.
        """
        if items.ids != self.catalogue.ids:
            raise ValueError("the features are not those of this catalogue: extract them from it.")
        known = {name: self.labels[name] for name in items.vectors if name in self.labels}
        told = dict.fromkeys(items.vectors, same) if same else known
        table = self.catalogue.table
        lacking = [column for columns in told.values() for column in columns if column not in table]
        if lacking:
            have = listed(table.columns)
            raise ValueError(f"this catalogue has no column {quoted(lacking[0])}; expected one of {have}.")
        text = {
            column: table[column].map(str, na_action="ignore").tolist()
            for columns in told.values()
            for column in columns
        }
        labels = {name: [text[column] for column in columns] for name, columns in told.items()}
        return Pairs(queries.vectors, items.vectors, self._own(queries.ids), queries.mask, items.mask, labels or None)

    def questions(self, queries: Features, kinds: Mapping[str, Sequence[str]] = QUERY_KINDS) -> dict[str, Questions]:
        """Queries by kind, ready to be put to any system.

        A query's kind is what its column `kind` says; in a table without one, which of its parts got a vector: "T"
        text, "TI" text and image, …. Kinds with a part that nobody encoded are left out.

        Args:
            queries: as from `features(encoders, "test")`.
            kinds: which kinds, and which parts they have.

        Returns:
            kind → Questions. Items that share a value in the catalogue's column `family`, if there is one, are drawn
            together in statistics.

        Raises:
            ValueError: no query has any part, or one is not in the table.
        """
        kind_of = self._kinds(queries)
        if not any(kind_of):
            raise ValueError(f"none of the {len(queries)} queries has a part that could be used.")
        if lost := int((kind_of == "").sum()):
            warnings.warn(f"{lost} of {len(queries)} queries have no part that could be used; left out.", stacklevel=2)
        return {
            kind: self._questions(queries, np.flatnonzero(kind_of == kind), parts)
            for kind, parts in kinds.items()
            if kind in kind_of and set(parts) <= set(queries.dims)
        }

    def _kinds(self, queries: Features) -> np.ndarray:
        """The kind of each query, "" where it has no part that could be used."""
        if "kind" in self.queries.table:
            return self._column("kind", queries.ids).to_numpy(dtype=str)
        has = [(name, queries.mask[name]) for name in MODALITIES if name in queries.mask]
        return np.array(["".join(name[0].upper() for name, mask in has if mask[i]) for i in range(len(queries))])

    def _questions(self, queries: Features, rows: np.ndarray, parts: Sequence[str]) -> Questions:
        ids = [queries.ids[row] for row in rows]
        own = self._own(ids)
        all_names = self.catalogue.ids
        names = [all_names[position] for position in own]
        known_item = {query: {item: FULL_MATCH} for query, item in zip(ids, names, strict=True)}
        qrels = known_item if self.qrels is None else {query: dict(self.qrels.get(query, {})) for query in ids}
        named = [qrels[query].get(item, 0) > 0 for query, item in zip(ids, names, strict=True)]
        table = self.catalogue.table
        return Questions(
            ids=ids,
            vectors={part: queries.vectors[part][rows] for part in parts},
            qrels=qrels,
            own=[None if is_answer else position for is_answer, position in zip(named, own, strict=True)],
            families=_families(table["family"].iloc[own], names) if "family" in table else None,
            groups={name: member[own] for name, member in self.groups.items() if member[own].any()},
            split=self._split(ids),
        )

    def _split(self, query_ids: Sequence[str]) -> str | None:
        """The split that all these queries are of, or None."""
        splits = self._column("split", query_ids).unique()
        return str(splits[0]) if len(splits) == 1 else None

    def _in(self, split: str) -> np.ndarray:
        if split not in SPLITS:
            raise ValueError(f"split is {quoted(split)}; expected one of {', '.join(SPLITS)}.")
        return (self.queries.table["split"] == split).to_numpy()

    def _own(self, query_ids: Sequence[str]) -> list[int]:
        return [self.catalogue.position(product) for product in self._column("product_id", query_ids)]

    def _column(self, name: str, query_ids: Sequence[str]) -> pd.Series:
        """One cell for each of these queries, in their order."""
        column = self.queries.table.set_index("id")[name]
        strangers = [query for query in query_ids if query not in column.index]
        if strangers:
            raise ValueError(f"the table has no query {strangers[0]!r}: take the features that it makes.")
        return column.loc[list(query_ids)]


def _families(column: pd.Series, items: Sequence[str]) -> list[str]:
    """The family of each item; one without any is a family of its own."""
    return [f"item {item}" if pd.isna(cell) else str(cell) for cell, item in zip(column, items, strict=True)]


def _check(table: pd.DataFrame, path: Path, catalogue: Catalogue) -> None:
    """Every query has an id of its own, an item of the catalogue, a split and a known kind; indexed by line."""
    if "split" not in table:
        raise ValueError(f"{path}: no column 'split'; expected the columns {', '.join(COLUMNS)}.")
    for line, query, product, split in table[["id", "product_id", "split"]].itertuples():
        where = f"{path}, line {line}"
        if pd.isna(query) or pd.isna(product):
            raise ValueError(f"{where}: a query needs a query_id and a product_id, this row lacks one of them.")
        if split not in SPLITS:
            raise ValueError(f"{where}: the split is {quoted(split)}; expected one of {', '.join(SPLITS)}.")
        try:
            catalogue.position(product)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
    if "kind" in table and not (known := table["kind"].isin(list(QUERY_KINDS))).all():
        line = table.index[~known][0]
        raise ValueError(
            f"{path}, line {line}: the kind is {quoted(table['kind'][line])}; expected one of {listed(QUERY_KINDS)}. "
            "Leave the column out, and the parts of a query say its kind."
        )
    twice = table.index[table["id"].duplicated()]
    if len(twice):
        name = quoted(table["id"][twice[0]])
        raise ValueError(f"{path}, line {twice[0]}: the query id {name} is there already; give each its own.")
