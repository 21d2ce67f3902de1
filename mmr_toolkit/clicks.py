"""Learning from a query history: clicks as weak right answers, with and without a correction for what was shown.

What stands on top is looked at by everybody, so its clicks count too much. **Inverse propensity weighting** gives a
click at rank r the weight 1 / P(looked at | r), and then the ranking that happened to be shown cancels out on average
(Joachims, Swaminathan & Schnabel 2017). The price: a rare click far below counts many times, and a mistake there too.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from mmr_toolkit.measures import FULL_MATCH
from mmr_toolkit.pairs import Pairs
from mmr_toolkit.query_history import COLUMNS, examination
from mmr_toolkit.questions import Questions


def asked_questions(pairs: Pairs, query_ids: Sequence[str], item_ids: Sequence[str]) -> Questions:
    """Training queries as questions: what is right for a visitor who asks by all the parts there are.

    Args:
        pairs: n queries and N items, with labels.
        query_ids: n different names.
        item_ids: N different names.

    Returns:
        Questions by all modalities; right are the items that agree with the query's own item in every label, and that
        item itself is left out, as everywhere.

    Raises:
        ValueError: pairs without labels, or counts that do not fit.
    """
    if pairs.codes is None:
        raise ValueError("these pairs have no labels, so nobody knows what is right: give Pairs(..., labels=...).")
    codes = torch.cat([pairs.codes[name] for name in pairs.modalities], dim=1)
    if len(item_ids) != len(codes):
        raise ValueError(f"{len(item_ids)} item ids for {len(codes)} items.")
    qrels = {}
    for query, own in zip(query_ids, pairs.item_of.tolist(), strict=True):
        equal = (codes == codes[own]).all(dim=1).nonzero()[:, 0].tolist()
        qrels[query] = {item_ids[position]: FULL_MATCH for position in equal if position != own}
    vectors = {name: pairs.queries[name] for name in pairs.modalities}
    return Questions(query_ids, vectors, qrels, own=pairs.item_of.tolist())


def click_weights(ranks: Sequence[int] | np.ndarray, steepness: float = 1.0, at_most: float = 20.0) -> np.ndarray:
    """The weight of a click at each rank: 1 / P(looked at), cut off at `at_most`.

    The cut keeps a single click from deciding alone: a little bias for much less chance (Strehl et al. 2010).

    Example:
        >>> click_weights([1, 2, 10, 100]).tolist()
        [1.0, 2.0, 10.0, 20.0]
    """
    return np.minimum(1 / examination(ranks, steepness), at_most)


def click_pairs(
    history: pd.DataFrame,
    pairs: Pairs,
    *,
    rng: np.random.Generator | None = None,
    steepness: float | None = None,
    at_most: float = 20.0,
) -> Pairs:
    """Every click as a pair of query and clicked item, without any label: who else is right, clicks do not tell.

    Args:
        history: as from `simulate_clicks`; "query" is a row of these pairs' queries, "item" a row of their items.
        pairs: the queries that were asked, and the items. Their own `item_of` and labels are not looked at.
        rng: draws the clicks again when they are corrected.
        steepness: of `examination`, to correct the position bias: as many clicks as there are, drawn with replacement
            with probabilities in proportion to `click_weights`. None: all clicks count the same.
        at_most: of `click_weights`.

    Returns:
        Pairs, one per click; train on them with `fit`.

    Raises:
        ValueError: no such columns, no click, rows that do not exist, or a correction without a generator.
    """
    clicks = _clicked(history)
    if clicks["query"].max() >= len(pairs) or clicks["item"].max() >= len(next(iter(pairs.items.values()))):
        raise ValueError(
            "the history names queries or items that these pairs do not have: take the pairs it was made of."
        )
    if steepness is not None:
        if rng is None:
            raise ValueError("a correction draws the clicks again: give it a generator, rng=np.random.default_rng(0).")
        weights = click_weights(clicks["rank"].to_numpy(), steepness, at_most)
        clicks = clicks.iloc[rng.choice(len(clicks), size=len(clicks), p=weights / weights.sum())]
    rows, items = (torch.tensor(clicks[name].to_numpy()) for name in ("query", "item"))
    queries = {name: matrix[rows] for name, matrix in pairs.queries.items()}
    mask = {name: has[rows] for name, has in pairs.query_mask.items()}
    return Pairs(queries, pairs.items, items, mask, pairs.item_mask)


def click_counts(history: pd.DataFrame, n_items: int, *, steepness: float | None = None) -> np.ndarray:
    """How well each item does with visitors, whatever they asked for: what bestseller lists are made of.

    Args:
        history: as from `simulate_clicks`.
        n_items: N.
        steepness: None counts clicks. A number counts clicks per look, c / Σ P(looked at | rank), as **clicks over
            expected clicks** (Zhang & Jones 2007); one click in five looks is added to every item, so that who was
            never shown is neither praised nor punished.

    Returns:
        float64 (N,).

    Raises:
        ValueError: no such columns, no click, or items beyond the last.
    """
    clicks = _clicked(history)
    if history["item"].max() >= n_items:
        raise ValueError(f"the history names item {history['item'].max()}, but there are {n_items}.")
    counts = np.bincount(clicks["item"], minlength=n_items).astype(float)
    if steepness is None:
        return counts
    looks = np.bincount(history["item"], weights=examination(history["rank"], steepness), minlength=n_items)
    return (counts + 1) / (looks + 5)


def _clicked(history: pd.DataFrame) -> pd.DataFrame:
    """The rows with a click."""
    missing = [name for name in COLUMNS if name not in history]
    if missing:
        raise ValueError(f"the history has no column {', '.join(missing)}: expected {', '.join(COLUMNS)}.")
    clicks = history[history["clicked"]]
    if not len(clicks):
        raise ValueError(f"nobody clicked in {len(history)} rows: there is nothing to learn from.")
    return clicks
