"""Items with labelled queries, all described by the same encoders: what training and comparing both need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.modalities import in_order
from mmr_toolkit.features import Encoder, default_encoders
from mmr_toolkit.features.extraction import Features
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import FULL_MATCH
from mmr_toolkit.queries.questions import Questions
from mmr_toolkit.queries.table import QueryTable
from mmr_toolkit.training.weights import tune_weights


@dataclass(frozen=True, eq=False)
class Labelled:
    """A catalogue's vectors, and queries of which the right answers are known.

    Attributes:
        catalogue: the items.
        encoders: modality → encoder, for items and queries alike.
        items: vectors of the whole catalogue.
        table: the queries.
        same: columns of the catalogue that say who else is a right answer, see `QueryTable.pairs`.
        progress: show bars.
    """

    catalogue: Catalogue
    encoders: Mapping[str, Encoder]
    items: Features
    table: QueryTable
    same: Sequence[str] = ()
    progress: bool = False

    @cached_property
    def pairs(self) -> Pairs:
        """The training queries with their items.

        Raises:
            ValueError: there are none.
        """
        return self.table.pairs(self.items, self.query_features("train"), self.same)

    @cached_property
    def validation(self) -> dict[str, Questions]:
        """The validation questions by kind, without kinds that have no full match; empty where there are none."""
        if not self.table.count("validation"):
            return {}
        return {kind: asked for kind, asked in self.questions("validation").items() if _has_answers(asked)}

    @cached_property
    def across(self) -> dict[str, tuple[Questions, Features]]:
        """Validation questions by one modality, and the items as if they had only another: "text → image"."""
        shown = self._shown
        asked: dict[str, Questions] = {}
        for questions in sorted(self.validation.values(), key=lambda some: len(some.vectors)):
            for name, matrix in questions.vectors.items():
                if name in shown and np.any(matrix, axis=1).all():
                    asked.setdefault(name, replace(questions, vectors={name: matrix}))
        return {
            f"{name} → {other}": (asked[name], self.items.only(other))
            for name in in_order(asked)
            for other in shown
            if other != name
        }

    @cached_property
    def weights(self) -> dict[str, float] | None:
        """The modalities' weights, tuned on validation; None where no such question has several parts to weigh."""
        several = {
            kind: asked for kind, asked in self.validation.items() if len(asked.vectors.keys() & self._shown) > 1
        }
        return tune_weights(self.items, several) if several else None

    @property
    def _shown(self) -> list[str]:
        """The modalities that at least one item has."""
        return [name for name in in_order(self.items.mask) if self.items.mask[name].any()]

    def questions(self, split: str) -> dict[str, Questions]:
        """The questions of a split by kind.

        Raises:
            ValueError: an unknown split, or one without queries.
        """
        return self.table.questions(self.query_features(split))

    def query_features(self, split: str) -> Features:
        """Vectors of the queries of a split."""
        return self.table.features(self.encoders, split, progress=self.progress)


def asked_encoders(table: QueryTable, known: Mapping[str, Encoder]) -> dict[str, Encoder]:
    """Encoders of what queries have and items lack, learned from the training queries.

    Args:
        table: the queries.
        known: modality → encoder of the items.

    Returns:
        modality → encoder, for the modalities that are not known; empty where there are none.
    """
    training = table.queries.subset((table.queries.table["split"] == "train").to_numpy())
    lacking = [name for name in training.modalities if name not in known]
    return default_encoders(training, modalities=lacking) if lacking else {}


def _has_answers(asked: Questions) -> bool:
    return any(grade >= FULL_MATCH for query in asked.ids for grade in asked.qrels.get(query, {}).values())
