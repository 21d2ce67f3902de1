"""Visitors simulated, and what their clicks teach.

**A made-up query history**: visitors who look down a list, and click what they like, more or less. Nobody can label by
hand what thousands of visitors ask for, but every shop keeps what they clicked. A click is no label: what stands low is
hardly looked at (**position bias**), what is shown more is clicked more (**popularity bias**), and some clicks are
mistakes. Here all of that is known by construction, so it can be measured.

    P(click) = P(looked at | rank) · P(clicked | looked at, right or wrong) · appeal

the position-based model (Richardson, Dominowska & Ragno 2007; Craswell et al. 2008).

**Learning from it**: clicks as weak right answers, with and without a correction for what was shown. What stands on top
is looked at by everybody, so its clicks count too much. **Inverse propensity weighting** gives a click at rank r the
weight 1 / P(looked at | r), and then the ranking that happened to be shown cancels out on average (Joachims,
Swaminathan & Schnabel 2017). The price: a rare click far below counts many times, and a mistake there too.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch

from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.queries.qrels import FULL_MATCH
from mmr_toolkit.queries.questions import Questions

#: The columns of a history, one row per product shown.
COLUMNS = ("query", "item", "rank", "clicked")


def zipf_popularity(n_items: int, rng: np.random.Generator, exponent: float = 1.0) -> np.ndarray:
    """How popular each item is: the r-th most popular has 1 / r^exponent (Zipf 1949), in a random order.

    Args:
        n_items: N.
        rng: draws who is how popular.
        exponent: 0 makes all alike.

    Returns:
        float64 (N,), the most popular has 1.

    Raises:
        ValueError: no items.
    """
    if n_items < 1:
        raise ValueError(f"n_items is {n_items}; expected 1 or more.")
    return 1.0 / rng.permutation(np.arange(1, n_items + 1)) ** exponent


def examination(ranks: npt.ArrayLike, steepness: float = 1.0) -> np.ndarray:
    """The probability that a visitor looks at a rank: 1 / rank^steepness (Joachims, Swaminathan & Schnabel 2017).

    Args:
        ranks: whole numbers from 1, of any shape.
        steepness: 0 for visitors who read all.

    Returns:
        float64, the same shape.

    Raises:
        ValueError: a rank below 1.
    """
    places = np.asarray(ranks)
    if places.size and places.min() < 1:
        raise ValueError(f"a rank is {places.min()}; expected 1 for the best, 2 for the next.")
    return 1.0 / places.astype(float) ** steepness


def simulate_clicks(
    order: npt.ArrayLike,
    right: npt.ArrayLike,
    rng: np.random.Generator,
    *,
    n_searches: int = 10_000,
    shown: int = 20,
    steepness: float = 1.0,
    click_right: float = 0.8,
    click_wrong: float = 0.05,
    appeal: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Let visitors search, look and click.

    Args:
        order: whole numbers (n_query, n_item): for every query the positions of the items, best first, as the shop
            shows them; from `Questions.order`, for instance.
        right: bool (n_query, n_item), what a visitor with this query wants, at its item's position.
        rng: draws the queries, all alike, and the clicks.
        n_searches: how often somebody searches.
        shown: how many items a page has.
        steepness: of `examination`.
        click_right, click_wrong: the probability of a click on a right or wrong item that is looked at.
        appeal: (n_item,) from 0 to 1, a factor on that; None: no item is more appealing than another.

    Returns:
        A row for every item shown, search by search: "query" (row in `order`), "item" (its position), "rank" (from 1)
        and "clicked" (bool).

    Raises:
        ValueError: shapes that do not fit, numbers or probabilities out of range.
    """
    ordered, wanted = np.asarray(order), np.asarray(right)
    n_query, n_item = _checked_shape(ordered, wanted)
    factor = np.ones(n_item) if appeal is None else np.asarray(appeal, dtype=float)
    if factor.shape != (n_item,):
        raise ValueError(f"appeal has shape {factor.shape}, expected one number for {n_item} items.")
    if n_searches < 1 or shown < 1:
        raise ValueError(f"n_searches is {n_searches} and shown {shown}; expected 1 or more.")
    chances = np.array([click_wrong, click_right, *factor])
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("click_right, click_wrong and appeal are probabilities: expected numbers from 0 to 1.")
    query = rng.integers(n_query, size=n_searches)
    item = ordered[query, :shown]
    rank = np.broadcast_to(np.arange(1, item.shape[1] + 1), item.shape)
    liked = np.where(wanted[query[:, None], item], click_right, click_wrong) * factor[item]
    clicked = rng.random(item.shape) < examination(rank, steepness) * liked
    columns = (np.broadcast_to(query[:, None], item.shape), item, rank, clicked)
    return pd.DataFrame({name: values.ravel() for name, values in zip(COLUMNS, columns, strict=True)})


def attention_share(
    order: npt.ArrayLike,
    right: npt.ArrayLike,
    members: npt.ArrayLike,
    *,
    shown: int = 20,
    steepness: float = 1.0,
) -> float:
    """Of all looks at right items, the share that some of the items get: is a ranking fair to the others?

    Fair is their share of the right answers, `right[:, members].sum() / right.sum()`: then an item is looked at for
    being right, whoever it is (exposure in proportion to merit, Singh & Joachims 2018).

    Args:
        order, right, shown, steepness: as for `simulate_clicks`.
        members: bool (n_item,), whose share, for instance the most popular tenth.

    Returns:
        From 0 to 1; NaN where no right item is shown at all.

    Raises:
        ValueError: shapes that do not fit.
    """
    ordered, wanted, some = np.asarray(order), np.asarray(right), np.asarray(members, dtype=bool)
    _, n_item = _checked_shape(ordered, wanted)
    if some.shape != (n_item,):
        raise ValueError(f"members has shape {some.shape}, expected one True or False for {n_item} items.")
    item = ordered[:, :shown]
    looks = examination(np.arange(1, item.shape[1] + 1), steepness) * np.take_along_axis(wanted, item, axis=1)
    total = looks.sum()
    return float(looks[some[item]].sum() / total) if total else float("nan")


def _checked_shape(order: np.ndarray, right: np.ndarray) -> tuple[int, int]:
    """Number of queries and of items."""
    if order.ndim != 2 or order.shape != right.shape or right.dtype != bool or not order.size:
        raise ValueError(
            f"order has shape {order.shape} and right {right.shape} of {right.dtype}; expected (n_query, n_item) for "
            "both, and right to hold True or False."
        )
    return order.shape


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
