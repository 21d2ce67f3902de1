"""Self-checks for notebook 08, Training."""

from collections.abc import Callable

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_info_nce_several", "check_right_answers", "check_triplet_hardest"]


def _right_answers(labels: list[list[str]]) -> np.ndarray:
    """The trusted answer: query i and item j agree in every label."""
    table = np.array(labels)
    return (table[:, None] == table[None, :]).all(axis=2)


_RIGHT_SLIPS = {
    "that asks for *any* label in common. A red cup is no right answer to a query for a red can: all must agree.": (
        lambda labels: (np.array(labels)[:, None] == np.array(labels)[None, :]).any(axis=2)
    ),
    "only the item itself is right in yours. Its equals, with all labels the same, are right answers too.": (
        lambda labels: np.eye(len(labels), dtype=bool)
    ),
    "it looks at the first label only.": lambda labels: _right_answers([row[:1] for row in labels]),
    "it looks at the last label only.": lambda labels: _right_answers([row[-1:] for row in labels]),
    "the diagonal is empty, but an item is a right answer to its own query.": (
        lambda labels: _right_answers(labels) & ~np.eye(len(labels), dtype=bool)
    ),
    "that is the table of who is *wrong*.": lambda labels: ~_right_answers(labels),
}


@exercise
def check_right_answers(right_answers: Callable[[list[list[str]]], np.ndarray]) -> str:
    """Exercise 1: `right_answers(labels)` is bool (b, b): items i and j have all their labels in common.

    labels: b lists, the labels of each item.
    """
    cases = [
        ([["can", "red"], ["can", "blue"], ["cup", "red"], ["can", "red"]],),
        ([["a"], ["b"], ["a"]],),
        ([["x", "y", "z"], ["x", "y", "w"], ["v", "y", "z"], ["x", "y", "z"], ["v", "y", "z"]],),
    ]
    compare(right_answers, _right_answers, cases, _RIGHT_SLIPS)
    return "all labels agree, and each item is right for its own query."


def _triplet_hardest(scores: np.ndarray, right: np.ndarray, margin: float) -> float:
    """The trusted answer: mean over rows of max(0, margin − farthest right + closest wrong)."""
    return float(np.mean(np.maximum(0, _gaps(scores, right, margin))))


def _gaps(
    scores: np.ndarray,
    right: np.ndarray,
    margin: float,
    of_right: Callable[..., np.ndarray] = np.min,
    of_wrong: Callable[..., np.ndarray] = np.max,
) -> np.ndarray:
    """margin − one right score + one wrong score of each row, the hardest unless other choices are given."""

    def chosen(pick: Callable[..., np.ndarray], which: np.ndarray) -> np.ndarray:
        return pick(np.where(which, scores, np.inf if pick is np.min else -np.inf), axis=1)

    return margin - chosen(of_right, right) + chosen(of_wrong, ~right)


_TRIPLET_SLIPS = {
    "the sign is turned: it is large when the right answer is far ahead, so training would drive it away.": (
        lambda scores, right, margin: float(np.mean(np.maximum(0, 2 * margin - _gaps(scores, right, margin))))
    ),
    "rows that are far ahead give negative numbers and pay for the others. Cut each row at 0: max(0, …).": (
        lambda scores, right, margin: float(np.mean(_gaps(scores, right, margin)))
    ),
    "it takes the *closest* right answer. The farthest one is the hardest.": (
        lambda scores, right, margin: float(np.mean(np.maximum(0, _gaps(scores, right, margin, of_right=np.max))))
    ),
    "it takes the *farthest* wrong answer. The closest one is the hardest.": (
        lambda scores, right, margin: float(np.mean(np.maximum(0, _gaps(scores, right, margin, of_wrong=np.min))))
    ),
    "the margin is missing: a right answer that leads by a hair already costs nothing.": (
        lambda scores, right, margin: _triplet_hardest(scores, right, 0.0)
    ),
    "that is the sum over the rows. Take the mean, so that the size of the batch does not count.": (
        lambda scores, right, margin: _triplet_hardest(scores, right, margin) * len(scores)
    ),
    "it looks along the columns. A row is a query: axis=1.": (
        lambda scores, right, margin: _triplet_hardest(scores.T, right.T, margin)
    ),
    "other right answers count as wrong ones in yours. Only where `right` is False stands a wrong answer.": (
        lambda scores, right, margin: _triplet_hardest(scores, np.eye(len(scores), dtype=bool), margin)
    ),
}


@exercise
def check_triplet_hardest(triplet_hardest: Callable[[np.ndarray, np.ndarray, float], float]) -> str:
    """Exercise 2: `triplet_hardest(scores, right, margin)`, the triplet loss from the queries' side.

    scores: (b, b), higher is closer, row = query. right: bool (b, b). Every row has a right and a wrong answer. The
    mean over the rows of max(0, margin − farthest right + closest wrong).
    """
    rng = np.random.default_rng(0)
    cases = [(*_batch(rng, labels), margin) for labels, margin in ((_PAIRS, 1.0), (_PAIRS, 0.5), ([0, 1, 2], 2.0))]
    compare(triplet_hardest, _triplet_hardest, cases, _TRIPLET_SLIPS)
    return "the farthest right answer against the closest wrong one, row by row."


_PAIRS = [0, 1, 0, 2, 1, 3]


def _batch(rng: np.random.Generator, labels: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Scores in which right answers are a little ahead, and who is right; equal labels are."""
    right = np.equal.outer(labels, labels)
    return rng.normal(size=right.shape) + 1.5 * right, right


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def _info_nce_several(scores: np.ndarray, right: np.ndarray) -> float:
    """The trusted answer: −mean over rows of the mean over their right answers of log softmax."""
    return float(-np.mean((_log_softmax(scores) * right).sum(axis=1) / right.sum(axis=1)))


_SEVERAL_SLIPS = {
    "the sign is turned: minimising it makes right answers less likely. The loss is *minus* the logarithm.": (
        lambda scores, right: -_info_nce_several(scores, right)
    ),
    "that adds the probabilities of all right answers before the logarithm; one good answer then excuses the others. "
    "Take the logarithm of each first, then the mean.": (
        lambda scores, right: float(-np.mean(np.log((np.exp(_log_softmax(scores)) * right).sum(axis=1))))
    ),
    "queries with many right answers count more, because theirs are added up. Divide by how many each row has.": (
        lambda scores, right: float(-np.mean((_log_softmax(scores) * right).sum(axis=1)))
    ),
    "only the diagonal counts as right in yours.": (
        lambda scores, right: _info_nce_several(scores, np.eye(len(scores), dtype=bool))
    ),
    "the softmax runs along the columns. A row is a query: axis=1.": (
        lambda scores, right: _info_nce_several(scores.T, right.T)
    ),
    "that is the sum over the queries. Take the mean.": (
        lambda scores, right: _info_nce_several(scores, right) * len(scores)
    ),
}


@exercise
def check_info_nce_several(info_nce_several: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Exercise 3: `info_nce_several(scores, right)`, InfoNCE from the queries' side with several right answers.

    scores: (b, b), row = query. right: bool (b, b), at least one True in each row. The mean over the rows of
    −1/|P_i| Σ_{j in P_i} log softmax_j(S_i).
    """
    rng = np.random.default_rng(1)
    cases = [_batch(rng, labels) for labels in (_PAIRS, [0, 0, 0, 1, 2], [0, 1])]
    compare(info_nce_several, _info_nce_several, cases, _SEVERAL_SLIPS)
    return "the logarithm first, then the mean over the right answers."
