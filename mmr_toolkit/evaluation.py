"""How good is a ranking? Three measures from a kept library, beside what chance and a perfect ranking would reach.

Relevance comes as *qrels* (TREC's word for relevance judgements): query id → item id → grade. In the built-in shop
grade 3 means that all of the query's attributes match, 2 all but one, 1 the type only; what is not listed has grade 0.

    AP         average precision: the mean, over all R full matches, of the precision at the place of each
               (a full match that is not ranked adds 0). Its mean over queries is mAP, the headline.
    nDCG@10    Σ_{i ≤ 10} (2^grade_i − 1) / log2(i + 1), divided by the same sum for the best order possible
               (Järvelin & Kekäläinen 2002; the exponential gain is that of Burges et al. 2005). It sees near misses.
    recall@10  share of the R full matches that are among the first ten. With R > 10 a perfect ranking stays below 1.

The numbers come from trec_eval's code (through ir_measures and pytrec_eval). It would break ties by item id; here
every ranking has a fixed order before it is handed over, so ties are broken where it is made: lower position first.

**A query without a full match** has no defined AP or recall (0 / 0), one without any graded item no nDCG: such an
entry is NaN, it is left out of the mean, and `Evaluation.without_full_match` names the query.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
import pandas as pd
import torch
from ir_measures import AP, R, nDCG

from mmr_toolkit.vectors import Array

Qrels = Mapping[str, Mapping[str, int]]
Run = Mapping[str, Sequence[str]]

FULL_MATCH = 3
CUTOFF = 10
COLUMNS = ("AP", f"nDCG@{CUTOFF}", f"recall@{CUTOFF}")


@dataclass(frozen=True)
class Evaluation:
    """What a run reached.

    Attributes:
        per_query: one row per query (index query_id), columns AP, nDCG@10, recall@10, from 0 to 1 or NaN.
    """

    per_query: pd.DataFrame

    @property
    def mean(self) -> pd.Series:
        """The mean of each measure over the queries for which it is defined; the mean of AP is mAP."""
        return self.per_query.mean()

    @property
    def without_full_match(self) -> list[str]:
        """The queries without any full match: their AP and recall are not defined."""
        return list(self.per_query.index[self.per_query["AP"].isna()])


def ranked_run(
    query_ids: Sequence[str],
    item_ids: Sequence[str],
    scores: Array,
    exclude: Sequence[int | None] | None = None,
) -> dict[str, list[str]]:
    """Rank all items for a batch of queries: highest score first, equal scores by position.

    Args:
        query_ids: n_query different ids.
        item_ids: n_item ids.
        scores: (n_query, n_item), higher is closer; −inf puts an item last.
        exclude: for each query the position of the item that it must not find, its own product, or None.

    Returns:
        query id → item ids, best first.

    Raises:
        ValueError: numbers of ids that do not fit the scores, an id twice, NaN scores, a position that does not exist.
    """
    scores = torch.as_tensor(scores)
    if scores.shape != (len(query_ids), len(item_ids)):
        raise ValueError(
            f"scores have shape {tuple(scores.shape)}, expected ({len(query_ids)}, {len(item_ids)}): one row per query "
            "and one column per item."
        )
    for ids, what in ((query_ids, "query"), (item_ids, "item")):
        if len(set(ids)) < len(ids):
            raise ValueError(f"every {what} id must be there once.")
    if scores.isnan().any():
        query = query_ids[int(scores.isnan().any(dim=1).nonzero()[0])]
        raise ValueError(f"scores of query {query!r} hold NaN, which has no place in a ranking.")
    if exclude is None:
        exclude = [None] * len(query_ids)
    if len(exclude) != len(query_ids):
        raise ValueError(f"exclude has {len(exclude)} entries for {len(query_ids)} queries: give one each, or None.")
    for position in exclude:
        if position is not None and not 0 <= position < len(item_ids):
            raise ValueError(f"exclude holds position {position}, expected 0 to {len(item_ids) - 1}.")

    orders = scores.argsort(dim=1, descending=True, stable=True).tolist()
    return {
        query: [item_ids[position] for position in order if position != own]
        for query, order, own in zip(query_ids, orders, exclude, strict=True)
    }


def evaluate_run(
    run: Run, qrels: Qrels, *, item_ids: Collection[str] | None = None, full_match: int = FULL_MATCH
) -> Evaluation:
    """Measure a run against the judgements; see the top of this file for the definitions.

    Args:
        run: query id → item ids, best first. What is not listed counts as not found.
        qrels: query id → item id → grade (0 or more). Queries that are not in the run are not looked at.
        item_ids: all items of the gallery, to check that the qrels name no other; None leaves the check out.
        full_match: the grade from which on AP and recall count an item as relevant; 1 for judgements of yes and no.

    Returns:
        Evaluation, one row per query of the run, in its order.

    Raises:
        ValueError: an empty run, an item twice in one ranking, qrels that name an item that is not in the gallery.
    """
    if not run:
        raise ValueError("the run holds no query: there is nothing to evaluate.")
    judged = {query: _checked_grades(query, qrels.get(query, {}), item_ids) for query in run}
    for query, ranking in run.items():
        if len(set(ranking)) < len(ranking):
            raise ValueError(f"the ranking of query {query!r} holds an item twice.")

    top_grade = max((grade for grades in judged.values() for grade in grades.values()), default=0)
    measures = {
        AP(rel=full_match): COLUMNS[0],
        nDCG(gains={grade: _gain(grade) for grade in range(top_grade + 1)}) @ CUTOFF: COLUMNS[1],
        R(rel=full_match) @ CUTOFF: COLUMNS[2],
    }
    # Only the order counts, so the scores are made: -1, -2, -3, ... leave no tie to break.
    scores = {query: {item: -float(place) for place, item in enumerate(run[query], 1)} for query in run}
    reached: dict[str, dict[str, float]] = {query: {} for query in run}
    for metric in ir_measures.pytrec_eval.iter_calc(list(measures), judged, scores):
        reached[metric.query_id][measures[metric.measure]] = metric.value
    return _evaluation(reached, judged, full_match)


def chance(qrels: Qrels, n_items: int, *, full_match: int = FULL_MATCH) -> Evaluation:
    """What a random order of the items reaches on average, by formula, with no random numbers.

    For R full matches among N items, each place i is a full match with probability R / N, and of the places before it
    (i − 1)(R − 1) / (N − 1) are expected to be, so

        E[AP] = 1/N Σ_{i ≤ N} 1/i (1 + (i − 1)(R − 1) / (N − 1))
        E[recall@k] = k / N
        E[nDCG@k] = (mean gain of an item) · Σ_{i ≤ k} 1 / log2(i + 1) / (the same sum for the best order)

    Args:
        qrels: query id → item id → grade; one row of the result for each query.
        n_items: N, how many items are ranked for a query (its own product not counted).
        full_match: as in `evaluate_run`.

    Raises:
        ValueError: fewer items than a query has judged ones.
    """
    discount = 1 / np.log2(np.arange(2, CUTOFF + 2))
    places = np.arange(1, n_items + 1)
    expected = {}
    for query, grades in qrels.items():
        if len(grades) > n_items:
            raise ValueError(f"query {query!r} has {len(grades)} judged items, but only {n_items} items are ranked.")
        full = sum(grade >= full_match for grade in grades.values())
        before = (places - 1) * (full - 1) / max(n_items - 1, 1)
        gains = np.sort([_gain(grade) for grade in grades.values()])[::-1]
        best = (gains[:CUTOFF] * discount[: len(gains)]).sum()
        drawn = gains.sum() / n_items * discount[:n_items].sum()
        values = ((1 + before) / places).mean(), drawn / best if best > 0 else 0.0, min(CUTOFF / n_items, 1.0)
        expected[query] = dict(zip(COLUMNS, values, strict=True))
    return _evaluation(expected, qrels, full_match)


def ceiling(qrels: Qrels, *, full_match: int = FULL_MATCH) -> Evaluation:
    """What a perfect ranking reaches: 1, except for recall@10 of a query with more than ten full matches."""
    best = {query: sorted(grades, key=lambda item: -grades[item]) for query, grades in qrels.items()}
    return evaluate_run(best, qrels, full_match=full_match)


def _gain(grade: int) -> int:
    return 2**grade - 1


def _checked_grades(query: str, grades: Mapping[str, int], item_ids: Collection[str] | None) -> dict[str, int]:
    if item_ids is not None and not set(grades) <= set(item_ids):
        unknown = sorted(set(grades) - set(item_ids))
        raise ValueError(
            f"the qrels of query {query!r} name {unknown[0]!r} and {len(unknown) - 1} more that are not in the "
            "gallery: take the qrels that belong to it."
        )
    for item, grade in grades.items():
        if grade < 0:
            raise ValueError(f"the qrels of query {query!r} give {item!r} the grade {grade}, expected 0 or more.")
    return {item: int(grade) for item, grade in grades.items()}


def _evaluation(values: Mapping[str, Mapping[str, float]], qrels: Qrels, full_match: int) -> Evaluation:
    """Make the table, with NaN where a measure would divide by zero; trec_eval writes 0 there, or nothing at all."""
    rows = []
    for query, row in values.items():
        best = max(qrels.get(query, {}).values(), default=0)
        defined = (best >= full_match, best > 0, best >= full_match)
        rows.append([row[name] if ok else np.nan for name, ok in zip(COLUMNS, defined, strict=True)])
    return Evaluation(pd.DataFrame(rows, index=pd.Index(values, name="query_id"), columns=list(COLUMNS), dtype=float))
