"""The systems that `mmr compare` compares: what needs no training, and saved retrievers with encoders of any kind."""

from collections.abc import Callable, Mapping

import torch

from mmr_toolkit.baselines import baseline_systems
from mmr_toolkit.features import Encoder, fingerprint
from mmr_toolkit.features.fingerprint import Identified
from mmr_toolkit.fused_system import fused_system
from mmr_toolkit.fusion import ConcatFusion, in_order
from mmr_toolkit.labelled import Labelled
from mmr_toolkit.retriever import Retriever
from mmr_toolkit.vectors import Array

#: The untrained fusion's rows, named as in `mmr_toolkit.grid`.
TUNED, EQUAL = "untrained, tuned", "untrained, equal"

System = Callable[[Mapping[str, Array]], torch.Tensor | None]


def systems_of(labelled: Labelled, saved: Mapping[str, Retriever], split: str) -> tuple[dict[str, System], str]:
    """Single modalities, late fusion, the untrained fusion, and saved retrievers.

    Args:
        labelled: items and queries.
        saved: name → retriever of the same items, which may have other encoders.
        split: whose questions will be asked.

    Returns:
        name → system for `compare`, and the name of the one that the others are to be tested against: the untrained
        fusion, with weights tuned on validation if there are validation queries.

    Raises:
        ValueError: a retriever of other items, or one that has the name of another system.
    """
    items, weights = labelled.items, labelled.weights
    systems: dict[str, System] = dict(baseline_systems(items, weights=weights))
    systems[EQUAL] = fused_system(ConcatFusion(dims=items.dims), items)
    against = EQUAL
    if weights is not None:
        against = TUNED
        systems[TUNED] = fused_system(ConcatFusion(weights, dims=items.dims), items)
    for name, retriever in saved.items():
        if name in systems:
            raise ValueError(f"two systems are called {name!r}: rename the folder of the saved retriever.")
        if retriever.features.ids != items.ids:
            raise ValueError(
                f"{name} was saved for {len(retriever.features)} other items than these {len(items)}: train it on them."
            )
        systems[name] = _system(retriever, labelled, split)
    return systems, against


def _system(retriever: Retriever, labelled: Labelled, split: str) -> System:
    """It answers with its own vectors of the questions, where its encoders are other ones."""
    ask = fused_system(retriever.fusion, retriever.features, retriever.similarity)
    if same_encoders(retriever.encoders, labelled.encoders):
        return ask
    own = Labelled(
        retriever.catalogue, retriever.encoders, retriever.features, labelled.table, progress=labelled.progress
    )
    described = own.query_features(split)
    row = {query: i for i, query in enumerate(described.ids)}
    rows = {
        in_order(asked.vectors): [row[query] for query in asked.ids] for asked in labelled.questions(split).values()
    }

    def system(queries: Mapping[str, Array]) -> torch.Tensor | None:
        parts = in_order(queries)
        if not set(parts) <= set(described.dims):
            return None
        chosen = rows[parts]
        vectors = {name: torch.as_tensor(described.vectors[name][chosen]) for name in parts}
        has = torch.stack([matrix.any(dim=1) for matrix in vectors.values()]).any(dim=0)
        scores = torch.full((len(chosen), len(retriever.features)), -torch.inf)
        if has.any():
            scores[has] = ask({name: matrix[has] for name, matrix in vectors.items()})
        return scores

    return system


def same_encoders(one: Mapping[str, Encoder], other: Mapping[str, Encoder]) -> bool:
    """Whether they make the same vectors: equal fingerprints, or the very same objects."""
    return set(one) == set(other) and all(_same(one[name], other[name]) for name in one)


def _same(one: Encoder, other: Encoder) -> bool:
    if isinstance(one, Identified) and isinstance(other, Identified):
        return fingerprint(one) == fingerprint(other)
    return one is other
