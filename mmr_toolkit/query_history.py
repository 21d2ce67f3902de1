"""A made-up query history: visitors who look down a list, and click what they like, more or less.

Nobody can label by hand what thousands of visitors ask for, but every shop keeps what they clicked. A click is no
label: what stands low is hardly looked at (**position bias**), what is shown more is clicked more (**popularity
bias**), and some clicks are mistakes. Here all of that is known by construction, so it can be measured.

    P(click) = P(looked at | rank) · P(clicked | looked at, right or wrong) · appeal

the position-based model (Richardson, Dominowska & Ragno 2007; Craswell et al. 2008).
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

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
