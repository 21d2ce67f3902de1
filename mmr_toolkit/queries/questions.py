"""Questions of one kind, ready to be put to any system: vectors, right answers, and what the statistics need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from mmr_toolkit.common.vectors import Array
from mmr_toolkit.queries.qrels import Qrels, checked_grades


@dataclass(frozen=True, eq=False)
class Questions:
    """n questions that have the same parts.

    Attributes:
        ids: n different names.
        vectors: modality → (n, d_m), only the parts that these questions have. A row of zeros is a hole.
        qrels: query id → item id → grade; other queries may stand in it too.
        own: for each question the position of the item that it must not find, its own product, or None. None: nothing
            is left out.
        families: names; questions of the same family are not independent, and are drawn together when intervals and
            tests are computed. None: all are independent.
        groups: name → bool (n,), parts of the questions that are also reported apart, such as "seen" and "unseen".
        split: "train", "validation" or "test", where it is known; settings are never chosen on test questions.

    Raises:
        ValueError: no questions, an id twice, counts that do not fit, a group that is called "all".
        TypeError: groups that are not bool.
    """

    ids: Sequence[str]
    vectors: Mapping[str, Array]
    qrels: Qrels
    own: Sequence[int | None] | None = None
    families: Sequence[str] | None = None
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)
    split: str | None = None

    def __post_init__(self) -> None:
        n = len(self.ids)
        if n == 0 or not self.vectors:
            raise ValueError(f"{n} questions with the parts {list(self.vectors)}: expected at least one of both.")
        if len(set(self.ids)) < n:
            raise ValueError("every query id must be there once.")
        counts = {f"vectors of {name}": len(matrix) for name, matrix in self.vectors.items()}
        counts |= {f"group {name}": len(member) for name, member in self.groups.items()}
        counts |= {name: len(given) for name, given in (("own", self.own), ("families", self.families)) if given}
        wrong = {name: count for name, count in counts.items() if count != n}
        if wrong:
            raise ValueError(f"{n} questions, but {wrong}: expected one entry per question.")
        if "all" in self.groups:
            raise ValueError('the group "all" comes by itself: give yours another name.')
        for name, member in self.groups.items():
            if np.asarray(member).dtype != bool:
                raise TypeError(f"group {name} must hold True or False per question, got {np.asarray(member).dtype}.")

    def __len__(self) -> int:
        return len(self.ids)

    def members(self) -> dict[str, np.ndarray]:
        """All groups, "all" first: name → bool (n,)."""
        return {"all": np.ones(len(self), bool)} | {name: np.asarray(member) for name, member in self.groups.items()}

    def truth(self, item_ids: Sequence[str]) -> np.ndarray:
        """The grade of every item for every question, int (n, n_item), 0 where nothing is judged.

        Raises:
            ValueError: the qrels name an item that is not in the gallery, a grade below 0, or the own product, which
                is left out of the ranking and can be no right answer; own holds a position that does not exist.
        """
        column = {item: position for position, item in enumerate(item_ids)}
        grades = np.zeros((len(self), len(item_ids)), dtype=np.int64)
        for row, query in zip(grades, self.ids, strict=True):
            judged = checked_grades(query, self.qrels.get(query, {}), column.keys())
            row[[column[item] for item in judged]] = list(judged.values())
        for row, query, position in zip(grades, self.ids, self.own or [None] * len(self), strict=True):
            if position is not None and not 0 <= position < len(item_ids):
                raise ValueError(f"own holds position {position}, expected 0 to {len(item_ids) - 1}.")
            if position is not None and row[position] > 0:
                raise ValueError(
                    f"the qrels of query {query!r} name its own product {item_ids[position]!r}, which is left out of "
                    "the ranking: take it out of the qrels."
                )
        return grades

    def order(self, scores: Array, n_items: int) -> np.ndarray:
        """The positions of all items, best first, ties by position, the own product at the very end: (n, n_item).

        Raises:
            ValueError: scores of another shape, or NaN among them.
        """
        keys = -torch.as_tensor(scores).detach().cpu()
        keys = keys if keys.dtype == torch.float64 else keys.float()
        if keys.shape != (len(self), n_items):
            raise ValueError(f"scores have shape {tuple(keys.shape)}, expected {(len(self), n_items)}.")
        if keys.isnan().any():
            query = self.ids[int(keys.isnan().any(dim=1).nonzero()[0])]
            raise ValueError(f"scores of query {query!r} hold NaN, which has no place in a ranking.")
        for row, position in zip(keys, self.own or [], strict=False):
            if position is not None:
                row[position] = torch.nan  # sorts behind everything, −∞ included
        return keys.argsort(dim=1, stable=True).numpy()
