"""How good is a ranking? Its measures, beside what chance and a perfect ranking would reach.

Relevance comes as *qrels* (TREC's word for relevance judgements): query id → item id → grade. In the built-in shop
grade 3 means that all of the query's attributes match, 2 all but one, 1 the type only; what is not listed has grade 0.

Which measures there are, and what each of them means, stands in `mmr_toolkit.evaluation.measures`. The three of
`COLUMNS` come unasked: AP (its mean over queries is mAP, the headline), nDCG@10 (sees near misses) and recall@10.

**A query without a full match** has no defined AP or recall (0 / 0), one without any graded item no nDCG: such an
entry is NaN, it is left out of the mean, and `Evaluation.without_full_match` names the query.

`category_report` judges the best hits class by class.
"""

import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.metrics import precision_recall_fscore_support

from mmr_toolkit.common.vectors import Array
from mmr_toolkit.evaluation.measures import Measure, best_order, measure_grades, measure_named, measures_named
from mmr_toolkit.queries.qrels import FULL_MATCH, Qrels, checked_grades
from mmr_toolkit.queries.questions import Questions

Run = Mapping[str, Sequence[str]]

CUTOFF = 10
#: The measures that come unasked.
COLUMNS = ("AP", f"nDCG@{CUTOFF}", f"recall@{CUTOFF}")


@dataclass(frozen=True)
class Evaluation:
    """What a run reached.

    Attributes:
        per_query: one row per query (index query_id), one column per measure; NaN where it is not defined.
        without_full_match: the queries without any full match, for which all measures but nDCG are not defined.
    """

    per_query: pd.DataFrame
    without_full_match: list[str] = field(default_factory=list)

    @property
    def mean(self) -> pd.Series:
        """The mean of each measure over the queries for which it is defined; the mean of AP is mAP, of RR is MRR."""
        return self.per_query.mean()

    @property
    def summary(self) -> pd.Series:
        """As `mean`, but the median for first rank, whose mean one lost query makes infinite."""
        names = [str(name) for name in self.per_query.columns]
        return pd.Series([float(self.per_query[name].agg(measure_named(name).summary)) for name in names], names)


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
    run: Run,
    qrels: Qrels,
    *,
    item_ids: Collection[str] | None = None,
    full_match: int = FULL_MATCH,
    measures: Sequence[str] = COLUMNS,
) -> Evaluation:
    """Measure a run against the judgements.

    Args:
        run: query id → item ids, best first. What is not listed counts as not found; an empty ranking finds nothing.
            Ids that are numbers are read as texts, here and in the qrels.
        qrels: query id → item id → grade (0 or more). Queries that are not in the run are not looked at.
        item_ids: all items of the gallery, to check that the qrels name no other; None leaves the check out.
        full_match: the grade from which on an item counts as full match; 1 for judgements of yes and no.
        measures: names as in `mmr_toolkit.evaluation.measures`, such as "AP", "RR", "precision@5".

    Returns:
        Evaluation, one row per query of the run, in its order.

    Raises:
        ValueError: an empty run, an item twice in one ranking, qrels that name an item that is not in the gallery or
            give a grade below 0, an unknown measure, a cut-off below 1.
    """
    if not run:
        raise ValueError("the run holds no query: there is nothing to evaluate.")
    chosen = measures_named(measures)
    run = {str(query): [str(item) for item in ranking] for query, ranking in run.items()}
    qrels = {str(query): grades for query, grades in qrels.items()}
    judged = {query: checked_grades(query, qrels.get(query, {}), item_ids) for query in run}
    for query, ranking in run.items():
        if len(set(ranking)) < len(ranking):
            raise ValueError(f"the ranking of query {query!r} holds an item twice.")

    ordered = np.zeros((len(run), max(map(len, run.values()))), dtype=np.int64)
    for row, (query, ranking) in zip(ordered, run.items(), strict=True):
        row[: len(ranking)] = [judged[query].get(item, 0) for item in ranking]
    best = best_order(list(judged.values()))
    return _evaluation(measure_grades(ordered, best, chosen, full_match), judged, best, chosen, full_match)


def judge(
    asked: Questions,
    scores: Array,
    truth: np.ndarray,
    measures: Sequence[str] = ("AP",),
    full_match: int = FULL_MATCH,
) -> np.ndarray:
    """Rank all items by a system's scores, and measure each question's ranking: `evaluate_run` without names.

    Args:
        asked: n questions, which say what is left out of their rankings.
        scores: (n, n_item), higher is closer; −inf puts an item last.
        truth: (n, n_item), the grade of every item, from `asked.truth(item_ids)`.
        measures, full_match: as in `evaluate_run`.

    Returns:
        float (n, number of measures), NaN where a measure is not defined.

    Raises:
        ValueError: scores of another shape or with NaN, an unknown measure.
    """
    ordered = np.take_along_axis(truth, asked.order(scores, truth.shape[1]), axis=1)
    return measure_grades(ordered, -np.sort(-truth, axis=1), measures_named(measures), full_match)


def chance(
    qrels: Qrels, n_items: int, *, full_match: int = FULL_MATCH, measures: Sequence[str] = COLUMNS
) -> Evaluation:
    """What a random order of the items reaches on average, by formula, with no random numbers.

    For example, with R full matches among N items, each place i is a full match with probability R / N, and of the
    places before it (i − 1)(R − 1) / (N − 1) are expected to be, so

        E[AP] = 1/N Σ_{i ≤ N} 1/i (1 + (i − 1)(R − 1) / (N − 1))
        E[recall@k] = k / N
        E[nDCG@k] = (mean gain of an item) · Σ_{i ≤ k} 1 / log2(i + 1) / (the same sum for the best order)

    Args:
        qrels: query id → item id → grade; one row of the result for each query.
        n_items: N, how many items are ranked for a query (its own product not counted).
        full_match, measures: as in `evaluate_run`.

    Raises:
        ValueError: fewer items than a query has judged ones, an unknown measure, a cut-off below 1.
    """
    chosen = measures_named(measures)
    for query, grades in qrels.items():
        if len(grades) > n_items:
            raise ValueError(f"query {query!r} has {len(grades)} judged items, but only {n_items} items are ranked.")
    best = best_order(list(qrels.values()))
    values = np.column_stack([measure.by_chance(best, n_items, full_match) for measure in chosen])
    return _evaluation(values, qrels, best, chosen, full_match)


def ceiling(qrels: Qrels, *, full_match: int = FULL_MATCH, measures: Sequence[str] = COLUMNS) -> Evaluation:
    """What a perfect ranking reaches: 1, except for recall@10 of a query with more than ten full matches and for
    precision@k of one with less than k.
    """
    best = {query: sorted(grades, key=lambda item: -grades[item]) for query, grades in qrels.items()}
    return evaluate_run(best, qrels, full_match=full_match, measures=measures)


def warn_without_full_match(highest: int, full_match: int, stacklevel: int) -> None:
    """Say why most measures are NaN where no query has a full match, as with judgements of yes (1) and no (0)."""
    if 0 < highest < full_match:
        warnings.warn(
            f"No query has an item of the grade {full_match}, a full match: the highest grade is {highest}, and AP, RR "
            f"and recall are not defined. Where {highest} means right, pass full_match={highest}.",
            stacklevel=stacklevel + 1,
        )


def _evaluation(
    values: np.ndarray, judged: Qrels, best: np.ndarray, measures: Sequence[Measure], full_match: int
) -> Evaluation:
    names = [measure.name for measure in measures]
    table = pd.DataFrame(values, pd.Index(judged, name="query_id"), names, dtype=float)
    warn_without_full_match(best.max(initial=0), full_match, stacklevel=3)
    unanswered = best.max(axis=1, initial=0) < full_match
    return Evaluation(table, [query for query, none in zip(judged, unanswered, strict=True) if none])


CLASSIFICATION_REPORT_COLUMNS = ("precision", "recall", "F1", "support")
AVERAGES = ("micro", "macro", "weighted")


def category_report(true: Sequence[str] | npt.ArrayLike, predicted: Sequence[str] | npt.ArrayLike) -> pd.DataFrame:
    """Precision, recall, F1 and support of each category, then three averages.

    A search for cans that finds bottles is a different fault from a search that finds nothing right, and a mean over
    all queries hides both. So the category of the best hit is taken as a guess of the query's category, and judged as
    one judges a classifier.

    For a category c: precision = right guesses of c / all guesses of c, recall = right guesses of c / all that are c,
    F1 = 2 · precision · recall / (precision + recall), support = how many are c. Where nothing is to divide by (never
    guessed, never there) the value is 0.

    micro average      over all guesses: precision, recall and F1 are all the share of right guesses
    macro average      mean of the categories, small ones count as much as large ones
    weighted average   mean of the categories, weighted by support

    Args:
        true: (n,) category of each query.
        predicted: (n,) category of its best hit.

    Returns:
        One row per category that occurs in either, by name, then "micro average", "macro average" and "weighted
        average". Computed by scikit-learn.

    Raises:
        ValueError: nothing given, different lengths, missing values.
    """
    truth, guesses = np.asarray(true, dtype=object), np.asarray(predicted, dtype=object)
    if truth.ndim != 1 or truth.shape != guesses.shape or not len(truth):
        raise ValueError(f"true has shape {truth.shape} and predicted {guesses.shape}: expected (n,), one each.")
    for name, values in (("true", truth), ("predicted", guesses)):
        if pd.isna(values).any():
            raise ValueError(f"{name} has {pd.isna(values).sum()} missing values: leave these queries out before.")
    truth, guesses = truth.astype(str), guesses.astype(str)
    categories = np.unique(np.concatenate([truth, guesses]))
    options = {"labels": categories, "zero_division": 0.0}
    rows = pd.DataFrame(
        dict(
            zip(CLASSIFICATION_REPORT_COLUMNS, precision_recall_fscore_support(truth, guesses, **options), strict=True)
        )
    )
    rows.index = pd.Index(categories, name="category")
    for average in AVERAGES:
        *values, _ = precision_recall_fscore_support(truth, guesses, average=average, **options)
        rows.loc[f"{average} average"] = [*values, len(truth)]
    return rows.astype({"support": int})
