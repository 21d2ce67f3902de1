"""Self-checks for notebook 06, Fusion."""

from collections.abc import Callable, Collection, Mapping

import numpy as np

from mmr_toolkit.exercises.verdict import NotYet, ask, compare, exercise, same

__all__ = ["check_attention_shares", "check_score_with_holes", "check_share_weights"]

Weights = Mapping[str, float]
Parts = Collection[str]


def _share_weights(weights: Weights, present: Parts) -> dict[str, float]:
    """The trusted answer: w_m / Σ_present w_m for the parts that are there, 0 for the others."""
    kept = {name: weight if name in present else 0.0 for name, weight in weights.items()}
    total = sum(kept.values())
    return {name: weight / total if total > 0 else 0.0 for name, weight in kept.items()}


_SHARE_SLIPS = {
    "the parts that are there keep their old weights, so the sum is below one. Divide by the sum of what is there.": (
        lambda weights, present: {name: weight * (name in present) for name, weight in weights.items()}
    ),
    "it divides by the sum of all weights. Only the parts that are there share: divide by their sum.": (
        lambda weights, present: {
            name: weight * (name in present) / sum(weights.values()) for name, weight in weights.items()
        }
    ),
    "it gives every part that is there the same share. Their weights differ, and keep their ratios.": (
        lambda weights, present: {name: (name in present) / max(len(present), 1) for name in weights}
    ),
    "a hole has a share too: what is missing gets 0.": (
        lambda weights, present: {name: weight / sum(weights.values()) for name, weight in weights.items()}
    ),
    "the parts that are missing are not in your answer: all names of `weights` were asked for, with 0 for a hole.": (
        lambda weights, present: {name: share for name, share in _share_weights(weights, present).items() if share}
    ),
}


@exercise
def check_share_weights(share_weights: Callable[[Weights, Parts], Weights]) -> str:
    """Exercise 1: `share_weights(weights, present)` shares the weights out among the parts that are there."""
    weights = {"text": 2.0, "image": 1.0, "audio": 1.0}
    cases: list[tuple[Weights, Parts]] = [(weights, names) for names in (["text", "audio"], list(weights), ["image"])]
    compare(share_weights, _share_weights, cases, _SHARE_SLIPS)
    for present in ([], ["audio"]):
        if not same(ask(share_weights, {"text": 1.0, "audio": 0.0}, present), {"text": 0.0, "audio": 0.0}):
            raise NotYet("where nothing with a weight is there, all shares are 0; nothing is divided.")
    return "what is there shares everything, and what is missing has no say."


def _score_with_holes(cosines: Weights, weights: Weights, query: Parts, item: Parts) -> float:
    """The trusted answer: Σ_both w_m cos_m / √(W_q W_x)."""
    of_query, of_item = (sum(weights[name] for name in has) for has in (query, item))
    both = set(query) & set(item)
    return sum(weights[name] * cosines[name] for name in both) / np.sqrt(of_query * of_item) if both else 0.0


_SCORE_SLIPS = {
    "that is the weighted mean over the parts that both have. Two joined vectors give less: each was divided by the "
    "root of its own weights, whether the other has those parts or not.": (
        lambda cosines, weights, query, item: _score_with_holes(
            cosines, weights, set(query) & set(item), set(query) & set(item)
        )
    ),
    "it divides by W_q · W_x. Each vector has length one through the *root* of its W.": (
        lambda cosines, weights, query, item: (
            _score_with_holes(cosines, weights, query, item)
            / np.sqrt(sum(weights[m] for m in query) * sum(weights[m] for m in item))
        )
    ),
    "it adds up the parts that the query has, also those that are a hole in the item. A hole has no cosine.": (
        lambda cosines, weights, query, item: (
            sum(weights[m] * cosines[m] for m in query)
            / np.sqrt(sum(weights[m] for m in query) * sum(weights[m] for m in item))
        )
    ),
    "it adds up all parts, holes too. Only a part that both have has a cosine.": (
        lambda cosines, weights, query, item: (
            sum(weights[m] * cosines[m] for m in weights)
            / np.sqrt(sum(weights[m] for m in query) * sum(weights[m] for m in item))
        )
    ),
    "it divides by the weights of the query alone: the item has weights of its own, √(W_q · W_x).": (
        lambda cosines, weights, query, item: (
            sum(weights[m] * cosines[m] for m in set(query) & set(item)) / sum(weights[m] for m in query)
        )
    ),
    "nothing is divided: the vectors have length one, so their weights are shared out among the parts they have.": (
        lambda cosines, weights, query, item: sum(weights[m] * cosines[m] for m in set(query) & set(item))
    ),
}


@exercise
def check_score_with_holes(score_with_holes: Callable[[Weights, Weights, Parts, Parts], float]) -> str:
    """Exercise 2: `score_with_holes(cosines, weights, query, item)` is the inner product of two joined vectors."""
    cosines = {"text": 0.9, "image": -0.2, "audio": 0.4}
    weights = {"text": 0.5, "image": 0.3, "audio": 0.2}
    some = [
        (["text"], ["text", "image", "audio"]),
        (["text", "image"], ["text", "audio"]),
        (["image", "audio"], ["image", "audio"]),
        (["text"], ["image"]),
    ]
    cases = [(cosines, weights, query, item) for query, item in some]
    compare(score_with_holes, _score_with_holes, cases, _SCORE_SLIPS)
    return "the formula of two vectors with different holes, without a vector in it."


def _attention_shares(logits: np.ndarray, present: np.ndarray) -> np.ndarray:
    """The trusted answer: softmax over the parts that are there, row by row."""
    logits, present = np.asarray(logits, dtype=float), np.asarray(present, dtype=bool)
    highest = np.where(present, logits, -np.inf).max(axis=1, keepdims=True)
    grown = np.exp(np.where(present, logits, 0.0) - np.where(np.isfinite(highest), highest, 0.0)) * present
    total = grown.sum(axis=1, keepdims=True)
    return grown / np.where(total > 0, total, 1.0)


def _softmax(logits: np.ndarray, axis: int = 1) -> np.ndarray:
    grown = np.exp(logits)
    return grown / grown.sum(axis=axis, keepdims=True)


_ATTENTION_SLIPS = {
    "holes have a share: leave them out, for example with −inf in the place of their logit, since exp(−inf) is 0.": (
        lambda logits, present: _softmax(logits)
    ),
    "the shares of the others sum to less than one: take the holes out *before* dividing by the sum.": (
        lambda logits, present: _softmax(logits) * present
    ),
    "a logit of 0 is no hole, exp(0) is 1. It is −inf that becomes 0.": (
        lambda logits, present: _softmax(np.where(present, logits, 0.0))
    ),
    "it sums down the columns, over the items. Each row, one item, shares out its own attention: axis=1.": (
        lambda logits, present: np.exp(logits) * present / (np.exp(logits) * present).sum(axis=0, keepdims=True)
    ),
    "it divides the logits as they are; the exponential is missing.": (
        lambda logits, present: logits * present / (logits * present).sum(axis=1, keepdims=True)
    ),
}


@exercise
def check_attention_shares(attention_shares: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> str:
    """Exercise 3: `attention_shares(logits, present)` is the softmax over the parts that are there, row by row.

    logits: (n, M) float. present: (n, M) bool. Returns (n, M); a row without any part holds zeros.
    """
    logits = np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 2.0], [1.5, 0.2, 0.1]])
    present = np.array([[True, True, False], [True, True, True], [False, True, True]])
    compare(attention_shares, _attention_shares, [(logits, present)], _ATTENTION_SLIPS)
    large = (np.array([[900.0, 901.0, 5.0]]), np.array([[True, True, False]]))
    with np.errstate(all="ignore"):
        answer, empty = ask(attention_shares, *large), ask(attention_shares, logits, np.zeros((3, 3), dtype=bool))
    if not same(answer, _attention_shares(*large)):
        raise NotYet("exp(900) is too large for a computer. Subtract the largest logit of a row first; it cancels.")
    if not same(empty, np.zeros((3, 3))):
        raise NotYet("a row without any part should be zeros; 0 / 0 makes nan of it.")
    return "each item shares out its attention among what it has."
