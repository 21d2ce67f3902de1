"""Self-checks for notebook 10, The search engine."""

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_cosine_shares", "check_shapley", "check_standing_without"]

Parts = Mapping[str, np.ndarray]
Shares = dict[str, float]
Scores = Mapping[tuple[str, ...], float]


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def _cosine_shares(query: Parts, item: Parts, weights: Mapping[str, float]) -> Shares:
    """The trusted answer: w_m cos(q_m, x_m) / Σ w over the parts that are there."""
    total = sum(weights[name] for name in query)
    return {name: weights[name] * _cosine(query[name], item[name]) / total for name in query}


def _scaled(
    share: Callable[[Parts, Parts, Mapping[str, float], str], float],
) -> Callable[[Parts, Parts, Mapping[str, float]], Shares]:
    """A slip: another share for each part."""
    return lambda query, item, weights: {name: share(query, item, weights, name) for name in query}


def _of_one(query: Parts, item: Parts, weights: Mapping[str, float]) -> Shares:
    shares = _cosine_shares(query, item, weights)
    return {name: share / sum(shares.values()) for name, share in shares.items()}


_SHARE_SLIPS: dict[str, Callable[[Parts, Parts, Mapping[str, float]], Shares]] = {
    "these do not add up to the cosine: divide by the sum of the weights, for the joined vectors have length one.": (
        _scaled(lambda query, item, weights, name: weights[name] * _cosine(query[name], item[name]))
    ),
    "you divide by the sum of all weights; a part that the query lacks has no block. Sum over the query's parts.": (
        _scaled(lambda q, x, weights, name: weights[name] * _cosine(q[name], x[name]) / sum(weights.values()))
    ),
    "these are cosines without their weights: multiply each by its weight's share.": (
        _scaled(lambda query, item, weights, name: _cosine(query[name], item[name]))
    ),
    "each part must have length one before it is weighed: divide by both norms.": (
        _scaled(lambda q, x, weights, name: weights[name] * float(q[name] @ x[name]) / sum(weights[part] for part in q))
    ),
    "each block carries the root of its weight, in the query and in the item: their product is the weight itself.": (
        _scaled(
            lambda q, x, weights, name: weights[name] ** 0.5 * _cosine(q[name], x[name]) / sum(weights[p] for p in q)
        )
    ),
    "yours sum to 1: they are shares of the score in percent. Asked for are the parts that sum to the score.": _of_one,
}


@exercise
def check_cosine_shares(cosine_shares: Callable[[Parts, Parts, Mapping[str, float]], Shares]) -> str:
    """Exercise 1: `cosine_shares(query, item, weights)` splits the cosine of joined unit blocks by part.

    query, item: name → (d_m,), the same names. weights: name → weight, perhaps of more parts. Returns name → share.
    """
    query = {"text": np.array([3.0, 4.0]), "image": np.array([1.0, 0.0, 0.0])}
    item = {"text": np.array([4.0, 3.0]), "image": np.array([3.0, 4.0, 0.0])}
    cases = [(query, item, {"text": 3.0, "image": 1.0}), (query, item, {"text": 1.0, "image": 0.5, "audio": 2.0})]
    rng = np.random.default_rng(0)
    sizes = {"text": 3, "image": 5, "audio": 2}
    first, second = ({name: rng.normal(size=n) for name, n in sizes.items()} for _ in range(2))
    cases.append((first, second, {"text": 1.0, "image": 0.25, "audio": 0.1}))
    compare(cosine_shares, _cosine_shares, cases, _SHARE_SLIPS)
    return "the shares of all parts add up to the cosine of the joined vectors."


def _shapley(scores: Scores, parts: Sequence[str]) -> Shares:
    """The trusted answer: what each part adds when it joins, mean over all orders of joining (Shapley 1953)."""
    orders = list(permutations(parts))
    shares = dict.fromkeys(parts, 0.0)
    for order in orders:
        for place, name in enumerate(order):
            before, after = (tuple(p for p in parts if p in order[:end]) for end in (place, place + 1))
            shares[name] += (scores[after] - scores[before]) / len(orders)
    return shares


def _without(scores: Scores, parts: Sequence[str], name: str) -> float:
    return scores[tuple(parts)] - scores[tuple(part for part in parts if part != name)]


def _banzhaf(scores: Scores, parts: Sequence[str]) -> Shares:
    """All subsets count the same, not all orders (Banzhaf 1965)."""
    shares = {}
    for name in parts:
        gains = [scores[s] - scores[tuple(p for p in s if p != name)] for s in scores if name in s]
        shares[name] = sum(gains) / len(gains)
    return shares


_SHAPLEY_SLIPS: dict[str, Callable[[Scores, Sequence[str]], Shares]] = {
    "that is what is lost without the part. Two parts that say the same both get nothing; go through all orders.": (
        lambda scores, parts: {name: _without(scores, parts, name) for name in parts}
    ),
    "that is the score of the part alone, as if it always came first; go through all orders.": (
        lambda scores, parts: {name: scores[name,] for name in parts}
    ),
    "that is the mean of coming first and coming last; with three parts there is a place in the middle too.": (
        lambda scores, parts: {name: (scores[name,] + _without(scores, parts, name)) / 2 for name in parts}
    ),
    "all subsets count the same in yours (Banzhaf), and the shares do not add up. Mean over orders, not subsets.": (
        _banzhaf
    ),
    "that is one order of joining only, the given one; take the mean over all orders.": (
        lambda scores, parts: {
            name: scores[tuple(parts[: i + 1])] - scores[tuple(parts[:i])] for i, name in enumerate(parts)
        }
    ),
    "that is the sum over all orders; divide by their number.": (
        lambda scores, parts: {
            name: share * len(list(permutations(parts))) for name, share in _shapley(scores, parts).items()
        }
    ),
}


@exercise
def check_shapley(shapley: Callable[[Scores, Sequence[str]], Shares]) -> str:
    """Exercise 2: `shapley(scores, parts)` shares a score out: name → mean gain over all orders of joining.

    scores: a tuple of some parts, in the order of `parts` → the score with these alone; () → 0.
    """
    two = {(): 0.0, ("text",): 0.6, ("image",): 0.2, ("text", "image"): 0.9}
    cases = [(two, ["text", "image"])]
    rng = np.random.default_rng(1)
    for parts in (["text", "image", "audio"], ["a", "b", "c", "d"]):
        subsets = [tuple(part for i, part in enumerate(parts) if number >> i & 1) for number in range(2 ** len(parts))]
        cases.append(({some: float(rng.random()) if some else 0.0 for some in subsets}, parts))
    compare(shapley, _shapley, cases, _SHAPLEY_SLIPS)
    return "the shares add up to the score of all parts, whatever the fusion does inside."


PartShares = Mapping[str, Sequence[float]]


def _standing(scores: np.ndarray, item: int) -> int:
    """From 1: who has more stands before, and so does who has as much and comes earlier."""
    return int(1 + (scores > scores[item]).sum() + (scores[:item] == scores[item]).sum())


def _sum_of(shares: PartShares, parts: Sequence[str]) -> np.ndarray:
    return np.sum([np.asarray(shares[name]) for name in parts], axis=0)


def _standing_without(shares: PartShares, item: int, part: str) -> int:
    """The trusted answer: the rank by the sum of the other parts' shares."""
    return _standing(_sum_of(shares, [name for name in shares if name != part]), item)


def _others(shares: PartShares, part: str) -> np.ndarray:
    return _sum_of(shares, [name for name in shares if name != part])


_STANDING_SLIPS: dict[str, Callable[[PartShares, int, str], int]] = {
    "that is where it stands now, with all parts: leave the shares of this part out of the sum.": (
        lambda shares, item, part: _standing(_sum_of(shares, list(shares)), item)
    ),
    "that is where it stands with this part alone; asked for is the rank by all the *other* parts.": (
        lambda shares, item, part: _standing(np.asarray(shares[part]), item)
    ),
    "yours counts from 0; the best item stands at 1.": (
        lambda shares, item, part: _standing_without(shares, item, part) - 1
    ),
    "the order is turned round in yours: a higher score stands before a lower one.": (
        lambda shares, item, part: _standing(-_others(shares, part), item)
    ),
    "np.argsort says which item stands at a place, not at which place an item stands; count who stands before it.": (
        lambda shares, item, part: int(np.argsort(-_others(shares, part), kind="stable")[item]) + 1
    ),
    "among equal scores the first in the list stands first: count those that come before it, too.": (
        lambda shares, item, part: int(1 + (_others(shares, part) > _others(shares, part)[item]).sum())
    ),
    "among equal scores only those stand before it that come earlier in the list, not all of them.": (
        lambda shares, item, part: int((_others(shares, part) >= _others(shares, part)[item]).sum())
    ),
}


@exercise
def check_standing_without(standing_without: Callable[[PartShares, int, str], int]) -> str:
    """Exercise 3: `standing_without(shares, item, part)` is the rank of an item, from 1, without what a part brings.

    shares: name → one number per item (n,). item: its position. Equal scores: who comes first stands first.
    """
    toy = {"text": [0.5, 0.25, 0.25, 0.0], "image": [0.0, 0.25, 0.25, 0.5], "audio": [0.125, 0.0, 0.0, 0.0]}
    shares = {name: np.array(values) for name, values in toy.items()}
    cases = [(shares, item, part) for part in shares for item in range(4)]
    rng = np.random.default_rng(3)
    drawn = {name: rng.integers(0, 5, 9) / 8 for name in ("text", "image", "audio")}  # eighths add up exactly
    cases += [(drawn, item, part) for part in drawn for item in (0, 4, 8)]
    compare(standing_without, _standing_without, cases, _STANDING_SLIPS)
    return "the parts that were left out show who owed its place to them."
