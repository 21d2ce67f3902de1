"""Self-checks for notebook 11, Learning from clicks."""

from collections.abc import Callable

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_clicks_per_look", "check_corrected_clicks", "check_popularity_share"]

PerLook = Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]


def _per_item(items: np.ndarray, values: np.ndarray, n_items: int) -> np.ndarray:
    return np.bincount(items, weights=values, minlength=n_items)


def _rate(clicks: np.ndarray, looks: np.ndarray) -> np.ndarray:
    """Clicks by looks; NaN without a look."""
    return np.divide(clicks, looks, out=np.full(len(looks), np.nan), where=looks > 0)


def _clicks_per_look(items: np.ndarray, ranks: np.ndarray, clicked: np.ndarray, n_items: int) -> np.ndarray:
    """The trusted answer: clicks by the sum of P(looked at) = 1 / rank, for every item."""
    return _rate(_per_item(items, clicked, n_items), _per_item(items, 1 / ranks, n_items))


def _mean_of_rows(items: np.ndarray, ranks: np.ndarray, clicked: np.ndarray, n_items: int) -> np.ndarray:
    """A slip: every click is weighted by its own rank, and the mean taken over the times shown."""
    return _rate(_per_item(items, clicked * ranks, n_items), _per_item(items, np.ones(len(items)), n_items))


_PER_LOOK_SLIPS: dict[str, PerLook] = {
    "you divide by how often an item was shown; what stands low is shown and not looked at: add up 1 / rank.": (
        lambda items, ranks, clicked, n: _rate(_per_item(items, clicked, n), np.bincount(items, minlength=n))
    ),
    "these are the clicks alone; divide them by the looks, the sum of 1 / rank over all rows of the item.": (
        lambda items, ranks, clicked, n: _per_item(items, clicked, n)
    ),
    "these are the looks alone; asked for is clicks by looks.": (
        lambda items, ranks, clicked, n: _per_item(items, 1 / ranks, n)
    ),
    "you add up looks only where somebody clicked; who was looked at and not clicked was looked at, too.": (
        lambda items, ranks, clicked, n: _rate(_per_item(items, clicked, n), _per_item(items, clicked / ranks, n))
    ),
    "a rank is no probability: at rank r one visitor in r looks, so add up 1 / rank, not the ranks.": (
        lambda items, ranks, clicked, n: _rate(_per_item(items, clicked, n), _per_item(items, ranks, n))
    ),
    "that is the mean over the times shown of click · rank (inverse propensity weighting). Clicks per look adds up "
    "clicks, adds up looks, and divides once.": _mean_of_rows,
    "0 says that people looked and nobody clicked. Who was never shown has no number yet: np.nan.": (
        lambda items, ranks, clicked, n: np.nan_to_num(_clicks_per_look(items, ranks, clicked, n))
    ),
    "the answer needs a place for each of the n_items, also for those never shown: minlength=n_items.": (
        lambda items, ranks, clicked, n: _clicks_per_look(items, ranks, clicked, int(items.max()) + 1)
    ),
}


@exercise
def check_clicks_per_look(clicks_per_look: PerLook) -> str:
    """Exercise 1: `clicks_per_look(items, ranks, clicked, n_items)`: of the looks an item got, how many were clicks?

    items, ranks, clicked: (n,), one row per item shown: its position, its rank, True for a click; a rank r is looked at
    with probability 1 / r. Returns (n_items,), NaN for an item that was never shown.
    """
    items, ranks = np.array([0, 1, 0, 1, 0, 2]), np.array([1, 4, 1, 2, 2, 4])
    toy = (items, ranks, np.array([True, True, False, False, False, False]), 4)
    rng = np.random.default_rng(0)
    cases = [toy]
    for n_rows in (30, 60):
        drawn = rng.integers(0, 7, n_rows), rng.integers(1, 21, n_rows), rng.random(n_rows) < 0.3, 9
        cases.append(drawn)
    compare(clicks_per_look, _clicks_per_look, cases, _PER_LOOK_SLIPS)
    return "two products are compared by what people did who saw them."


Corrected = Callable[[np.ndarray, np.ndarray, int, float], np.ndarray]


def _corrected_clicks(items: np.ndarray, ranks: np.ndarray, n_items: int, at_most: float) -> np.ndarray:
    """The trusted answer: every click counts min(rank, at_most), 1 / P(looked at) for P = 1 / rank."""
    return np.bincount(items, weights=np.minimum(ranks, at_most), minlength=n_items)


def _last_one_counts(items: np.ndarray, ranks: np.ndarray, n_items: int, at_most: float) -> np.ndarray:
    counts = np.zeros(n_items)
    counts[items] += np.minimum(ranks, at_most)
    return counts


_CLICK_SLIPS: dict[str, Corrected] = {
    "all clicks count the same in yours: a click at rank r must count 1 / P(looked at) = r.": (
        lambda items, ranks, n_items, at_most: np.bincount(items, minlength=n_items)
    ),
    "the weight is turned round: a click far below is rare, so it must count more, not less.": (
        lambda items, ranks, n_items, at_most: np.bincount(items, weights=1 / ranks, minlength=n_items)
    ),
    "no click may count more than at_most; cut the weights off, np.minimum(ranks, at_most).": (
        lambda items, ranks, n_items, at_most: np.bincount(items, weights=ranks, minlength=n_items)
    ),
    "the cut is for each single click; you cut off the sum of an item's clicks.": (
        lambda items, ranks, n_items, at_most: np.minimum(np.bincount(items, weights=ranks, minlength=n_items), at_most)
    ),
    "clicks beyond at_most are left out in yours; they count at_most.": (
        lambda items, ranks, n_items, at_most: np.bincount(
            items[ranks <= at_most], weights=ranks[ranks <= at_most], minlength=n_items
        )
    ),
    "counts[items] += ... keeps one click per item only, as NumPy writes each place once. Use np.bincount.": (
        _last_one_counts
    ),
    "the answer needs a place for each of the n_items, also for those without a click: minlength=n_items.": (
        lambda items, ranks, n_items, at_most: np.bincount(items, weights=np.minimum(ranks, at_most))
    ),
}


@exercise
def check_corrected_clicks(corrected_clicks: Corrected) -> str:
    """Exercise 2: `corrected_clicks(items, ranks, n_items, at_most)` counts clicks, corrected for where they were made.

    items, ranks: whole numbers (n,), one per click: the position of the clicked item, and the rank it stood at; a rank
    r is looked at with probability 1 / r. Returns (n_items,).
    """
    cases = [(np.array([0, 2, 2, 0]), np.array([1, 2, 4, 1]), 4, 3.0)]
    rng = np.random.default_rng(2)
    cases += [(rng.integers(0, 8, 40), rng.integers(1, 21, 40), 10, cut) for cut in (5.0, 12.0)]
    compare(corrected_clicks, _corrected_clicks, cases, _CLICK_SLIPS)
    return "an item no longer gains from having stood on top."


Share = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


def _looks_at_right(order: np.ndarray, right: np.ndarray) -> np.ndarray:
    """1 / rank where a right item stands, else 0, of the shape of `order`."""
    return np.take_along_axis(right, order, axis=1) / np.arange(1, order.shape[1] + 1)


def _popularity_share(order: np.ndarray, right: np.ndarray, popular: np.ndarray) -> float:
    """The trusted answer: of all looks at right items, the share of those at popular ones."""
    looks = _looks_at_right(order, right)
    return float(looks[popular[order]].sum() / looks.sum())


def _mean_share(order: np.ndarray, right: np.ndarray, popular: np.ndarray) -> float:
    """A slip: a share for each search, and their mean."""
    looks = _looks_at_right(order, right)
    return float(np.nanmean(_rate((looks * popular[order]).sum(axis=1), looks.sum(axis=1))))


def _share_of_places(order: np.ndarray, right: np.ndarray, popular: np.ndarray) -> float:
    found = np.take_along_axis(right, order, axis=1)
    return float(found[popular[order]].sum() / found.sum())


def _share_of_all_looks(order: np.ndarray, right: np.ndarray, popular: np.ndarray) -> float:
    looks = np.broadcast_to(1 / np.arange(1, order.shape[1] + 1), order.shape)
    return float(looks[popular[order]].sum() / looks.sum())


def _unsorted(order: np.ndarray, right: np.ndarray, popular: np.ndarray) -> float:
    """A slip: what stands at place 0 of `right` is taken for what is shown first."""
    places = np.broadcast_to(np.arange(order.shape[1]), order.shape)
    return _popularity_share(places, right, popular)


_SHARE_SLIPS: dict[str, Share] = {
    "all places count the same in yours; what stands at rank r is looked at by one visitor in r.": _share_of_places,
    "you count the looks at wrong items, too; a popular item that is wrong takes nothing from a right one.": (
        _share_of_all_looks
    ),
    "that is the share of the right answers that are popular: what would be fair. Asked for is who is looked at.": (
        lambda order, right, popular: float(right[:, popular].sum() / right.sum())
    ),
    "that is a mean over the searches; add up the looks of all searches first, then divide once.": _mean_share,
    "yours is the share of the others; turn popular round.": (
        lambda order, right, popular: 1 - _popularity_share(order, right, popular)
    ),
    "`right` is by item and `order` by place: which item stands at a place, order says. Look up right[query, item].": (
        _unsorted
    ),
    "that is a number of looks, not a share; divide by the looks at all right items.": (
        lambda order, right, popular: float(_looks_at_right(order, right)[popular[order]].sum())
    ),
}


@exercise
def check_popularity_share(popularity_share: Share) -> str:
    """Exercise 3: `popularity_share(order, right, popular)`: of all looks at right items, the share of popular ones.

    order: whole numbers (n_query, k), the positions of the items that are shown, best first; a rank r is looked at with
    probability 1 / r. right: bool (n_query, n_item), by the item's position. popular: bool (n_item,).
    """
    order = np.array([[2, 0, 1], [1, 0, 3]])
    right = np.array([[True, False, True, False], [True, False, False, False]])
    cases = [(order, right, np.array([False, True, True, False]))]
    rng = np.random.default_rng(1)
    for n_query, n_item in ((6, 9), (12, 20)):
        drawn = np.stack([rng.permutation(n_item)[:6] for _ in range(n_query)])
        cases.append((drawn, rng.random((n_query, n_item)) < 0.3, rng.random(n_item) < 0.3))
    compare(popularity_share, _popularity_share, cases, _SHARE_SLIPS)
    return "beside the fair share, this number says whether a ranking favours who is known already."
