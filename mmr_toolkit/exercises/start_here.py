"""Self-checks for notebook 00, Start here."""

from collections.abc import Callable

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_chance_rank", "check_fused_score", "check_precision_at"]

Numbers = dict[str, float]


def _fused_score(cosines: Numbers, weights: Numbers) -> float:
    """The trusted answer: the weighted mean over the parts that were compared."""
    return sum(weights[m] * cosines[m] for m in cosines) / sum(weights[m] for m in cosines)


_SCORE_SLIPS = {
    "the weights count, but nothing divides by their sum: a text alone with weight 3 would score up to 3.": (
        lambda cosines, weights: sum(weights[m] * cosines[m] for m in cosines)
    ),
    "it divides by the sum of all weights. Parts that were not compared must not count: sum over `cosines` only.": (
        lambda cosines, weights: sum(weights[m] * cosines[m] for m in cosines) / sum(weights.values())
    ),
    "it divides by the number of parts. Divide by the sum of their weights.": (
        lambda cosines, weights: sum(weights[m] * cosines[m] for m in cosines) / len(cosines)
    ),
    "the weights are not used: every part counts the same.": (
        lambda cosines, weights: sum(cosines.values()) / len(cosines)
    ),
    "square roots of weights belong into the vectors; each product of two of them has the weight itself.": (
        lambda cosines, weights: (
            sum(weights[m] ** 0.5 * cosines[m] for m in cosines) / sum(weights[m] ** 0.5 for m in cosines)
        )
    ),
}


@exercise
def check_fused_score(fused_score: Callable[[Numbers, Numbers], float]) -> str:
    """Exercise 1: `fused_score(cosines, weights)` is the weighted mean of the cosines.

    cosines: name of a part → cosine, for the parts that the query has. weights: name → number above 0, for all parts.
    """
    weights = {"text": 3.0, "image": 1.0, "audio": 2.0}
    cosines = [
        {"text": 0.8, "image": 0.2},
        {"audio": -0.5},
        {"text": 0.9, "image": 0.1, "audio": 0.4},
        {"image": 0.7, "audio": 0.1},
    ]
    compare(fused_score, _fused_score, [(row, weights) for row in cosines], _SCORE_SLIPS)
    return "the weighted mean over the parts that the query has, whatever the weights sum to."


def _precision_at(types: list[str], wanted: str, k: int) -> float:
    """The trusted answer: right ones among the first k, divided by k."""
    return types[:k].count(wanted) / k


_PRECISION_SLIPS = {
    "it counts in the whole list. Only the first k count: types[:k].": (
        lambda types, wanted, k: types.count(wanted) / k
    ),
    "it divides by the length of the list. The definition divides by k, also when fewer than k were found.": (
        lambda types, wanted, k: types[:k].count(wanted) / len(types)
    ),
    "it divides by the number of hits that were found. The definition divides by k, also when these are fewer.": (
        lambda types, wanted, k: types[:k].count(wanted) / len(types[:k])
    ),
    "that is how many, not which share: divide by k.": lambda types, wanted, k: types[:k].count(wanted),
    "it is one place short: types[:k] are the first k.": lambda types, wanted, k: types[: k - 1].count(wanted) / k,
    "that is the share of the wrong ones.": lambda types, wanted, k: 1 - _precision_at(types, wanted, k),
}


@exercise
def check_precision_at(precision_at: Callable[[list[str], str, int], float]) -> str:
    """Exercise 2: `precision_at(types, wanted, k)` is the share of the wanted type among the first k hits."""
    page = ["jam", "tea", "jam", "jam", "can", "jam", "tea", "jam"]
    cases = [(page, "jam", 4), (page, "tea", 5), (page, "can", 2), (["jam", "jam", "tea"], "jam", 5)]
    compare(precision_at, _precision_at, cases, _PRECISION_SLIPS)
    return "precision@k, also where fewer than k hits were found."


def _chance_rank(n_items: int, n_right: int) -> float:
    """The trusted answer: n_right items cut the others into n_right + 1 gaps, which are equally long on average."""
    return (n_items + 1) / (n_right + 1)


_RANK_SLIPS = {
    "with one right item among 9 it stands at place 5 on average, in the middle; yours is at 9. "
    "Before, between and behind R right items there are R + 1 gaps, not R.": lambda n, r: n / r,
    "that is the middle of the list, where one right item stands on average. The best of several stands before it.": (
        lambda n, r: (n + 1) / 2
    ),
    "it counts places from 0. The first place of a page of results is 1.": lambda n, r: (n + 1) / (r + 1) - 1,
    "nearly: with one right item among 9 the middle is place 5, not 4.5.": lambda n, r: n / (r + 1),
    "it is rounded down. An average place need not be whole: use / instead of //.": lambda n, r: (n + 1) // (r + 1),
    "it is rounded. An average place need not be whole.": lambda n, r: round((n + 1) / (r + 1)),
}

_FEWEST_SHUFFLES, _DEVIATIONS = 1000, 5  # a mean of so many is hardly ever farther off than so many standard errors


def _rank_margin(n_items: int, n_right: int) -> float:
    """How far off the mean of the fewest shuffles may be: a multiple of its standard error.

    The best of R places drawn from N has the variance R (N + 1)(N − R) / ((R + 1)² (R + 2)).
    """
    n, r = n_items, n_right
    variance = r * (n + 1) * (n - r) / ((r + 1) ** 2 * (r + 2))
    return _DEVIATIONS * (variance / _FEWEST_SHUFFLES) ** 0.5


@exercise
def check_chance_rank(chance_rank: Callable[[int, int], float]) -> str:
    """Exercise 3: `chance_rank(n_items, n_right)` is the mean rank of the best right item in a random order.

    A formula is exact; the mean of a thousand shuffles will do, it may be as far off as such a mean comes to be.
    """
    cases = [(9, 1), (10, 3), (13, 5), (20, 4), (99, 9), (1215, 3)]
    compare(chance_rank, _chance_rank, cases, _RANK_SLIPS, margin=_rank_margin)
    return "the best of R right items among N stands at (N + 1) / (R + 1) by chance."
