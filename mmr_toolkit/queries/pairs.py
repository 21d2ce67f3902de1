"""What fusion is trained on: queries, the item that each was made from, and who else is a right answer."""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, Self

import pandas as pd
import torch

from mmr_toolkit.common.modalities import check_names, common_rows, in_order
from mmr_toolkit.common.vectors import Array, as_matrix

Parts = tuple[str, ...]
HOLE = -1  # the number of a missing label


class Pairs:
    """Queries and the items they belong to.

    One query may have several right answers: a text that names brand and flavour fits every colour of the can. Where it
    is known which items share an intent, `labels` says so; without them only the item of the pair itself counts, and
    its equals in the batch are punished as if they were wrong (**false negatives**).

    Args:
        queries: name → (n, d_m), arrays or tensors.
        items: name → (N, d_m).
        item_of: (n,) the row in `items` that query i was made from.
        query_mask, item_mask: name → bool, False for a hole: what stands in that row is not looked at. None: all are
            present; but a row of zeros is always a hole.
        labels: modality → sequences of N labels, those that this modality can tell: {"image": [types, colours]}. An
            item is a right answer to a query by text and image if all labels of both agree with the query's own item.
            Two that both lack a label agree in it (no shirt has a flavour), but who has none at all agrees with
            nobody. None: nobody but that item.

    Raises:
        TypeError, ValueError: vectors, masks, names, rows or positions that do not fit.
    """

    def __init__(
        self,
        queries: Mapping[str, Array],
        items: Mapping[str, Array],
        item_of: Sequence[int] | Array,
        query_mask: Mapping[str, Array] | None = None,
        item_mask: Mapping[str, Array] | None = None,
        labels: Mapping[str, Sequence[Sequence[Any]]] | None = None,
    ) -> None:
        if not items:
            raise ValueError("there is no modality: give the items at least one.")
        check_names("queries", queries, known=items, needed=items)
        self.queries, self.query_mask = _read("queries", queries, query_mask)
        self.items, self.item_mask = _read("items", items, item_mask)
        for name, dim in self.dims.items():
            if self.queries[name].shape[1] != dim:
                raise ValueError(f"{name}: queries have {self.queries[name].shape[1]} dimensions, items have {dim}.")
        n, n_items = common_rows(self.queries), common_rows(self.items)
        self.item_of = torch.as_tensor(item_of)
        if len(self.item_of) and self.item_of.dtype not in (torch.int32, torch.int64):
            raise TypeError(f"item_of holds {self.item_of.dtype}; expected whole numbers, the rows of the items.")
        self.item_of = self.item_of.long()
        if self.item_of.shape != (n,) or n == 0 or self.item_of.min() < 0 or self.item_of.max() >= n_items:
            raise ValueError(f"item_of must give each of {n} queries (1 or more) a row from 0 to {n_items - 1}.")
        self.codes: dict[str, torch.Tensor] | None = None
        if labels is not None:
            check_names("labels", labels, known=items, needed=items)
            self.codes = {name: _numbered(name, columns, n_items) for name, columns in labels.items()}

    def __len__(self) -> int:
        return len(self.item_of)

    @property
    def modalities(self) -> Parts:
        """Their names, in the order of blocks."""
        return in_order(self.items)

    @property
    def dims(self) -> dict[str, int]:
        """name → number of dimensions."""
        return {name: self.items[name].shape[1] for name in self.modalities}

    @property
    def asked(self) -> Parts:
        """The modalities that at least one query has."""
        return tuple(name for name in self.modalities if self.query_mask[name].any())

    def subset(self, rows: Array) -> Self:
        """Some of the queries, with all items and labels: `pairs.subset(is_kept)`.

        Args:
            rows: bool (n,), True for those that stay; or their positions.

        Raises:
            ValueError: bool of another length, or no query left.
        """
        chosen = torch.as_tensor(rows)
        if chosen.dtype == torch.bool and chosen.shape != (len(self),):
            raise ValueError(
                f"rows has shape {tuple(chosen.shape)}, expected one True or False for {len(self)} queries."
            )
        some = copy(self)
        some.queries = {name: matrix[chosen] for name, matrix in self.queries.items()}
        some.query_mask = {name: has[chosen] for name, has in self.query_mask.items()}
        some.item_of = self.item_of[chosen]
        if not len(some):
            raise ValueError("no query is left: expected at least one.")
        return some

    def positives(self, rows: torch.Tensor, parts: Iterable[str]) -> torch.Tensor:
        """Who is a right answer to whom within a batch, if the queries ask by `parts`.

        Args:
            rows: (b,) which pairs are in the batch.
            parts: what the queries have.

        Returns:
            bool (b, b), row = query, column = item of the pair in that place.
        """
        own = self.item_of[rows]
        same = own[:, None] == own[None, :]
        if self.codes is None:
            return same
        codes = torch.cat([self.codes[name][own] for name in parts], dim=1)
        told = (codes != HOLE).any(dim=1)
        return same | ((codes[:, None] == codes[None, :]).all(dim=2) & told[:, None])


def _read(
    side: str, vectors: Mapping[str, Array], mask: Mapping[str, Array] | None
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Vectors and mask of one side as tensors, zeros in the rows of holes; and a row of zeros is a hole."""
    names = in_order(vectors)
    if mask is not None:
        check_names(f"mask of the {side}", mask, known=names, needed=names)
    read = {name: as_matrix(vectors[name], f"{side}, {name}", None if mask is None else mask[name]) for name in names}
    return read, {name: matrix.any(dim=1) for name, matrix in read.items()}


def _numbered(name: str, columns: Sequence[Sequence[Any]], n_items: int) -> torch.Tensor:
    """Labels as whole numbers (n_items, number of columns)."""
    numbers = []
    for column in columns:
        if len(column) != n_items:
            raise ValueError(f"labels of {name}: {len(column)} values for {n_items} items, expected one each.")
        of_value: dict[Any, int] = {}
        numbers.append([HOLE if pd.isna(value) else of_value.setdefault(value, len(of_value)) for value in column])
    if not numbers:
        raise ValueError(f"labels of {name}: no column; name at least one thing that {name} tells.")
    return torch.tensor(numbers).T
