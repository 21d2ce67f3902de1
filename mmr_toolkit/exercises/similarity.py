"""Self-checks for notebook 07, Similarity."""

from collections.abc import Callable

import numpy as np

from mmr_toolkit.exercises.verdict import NotYet, ask, compare, exercise

__all__ = ["check_angle", "check_lift", "check_nearest"]

_NO_DIRECTION = "a vector of zeros has no direction; the lesson gives it cosine 0, so 90 degrees. Yours is nan: 0 / 0."
_BEYOND_ONE = (
    "the angle of exactly opposite vectors is nan: rounding makes their cosine a hair smaller than −1, where arccos is "
    "not defined. np.clip(cosine, -1, 1)."
)


def _cosine(q: np.ndarray, x: np.ndarray) -> float:
    lengths = np.linalg.norm(q) * np.linalg.norm(x)
    return float(np.clip(q @ x / lengths, -1, 1)) if lengths > 0 else 0.0


def _angle(q: np.ndarray, x: np.ndarray) -> float:
    """The trusted answer: arccos of the cosine, in degrees."""
    return float(np.degrees(np.arccos(_cosine(q, x))))


def _arccos_in_degrees(number: float) -> float:
    return float(np.degrees(np.arccos(np.clip(number, -1, 1))))


_ANGLE_SLIPS = {
    "that is the angle in radians: opposite vectors get 3.14. np.degrees makes degrees of it.": (
        lambda q, x: np.radians(_angle(q, x))
    ),
    "that is the cosine; np.arccos of it is the angle.": _cosine,
    "the cosine is taken as the angle: np.degrees only changes the unit. np.arccos comes first.": (
        lambda q, x: np.degrees(_cosine(q, x))
    ),
    "that is arccos of the inner product. Divide it by both lengths first.": lambda q, x: _arccos_in_degrees(q @ x),
    "divide by the lengths of both vectors; only that of the first was used.": (
        lambda q, x: _arccos_in_degrees(q @ x / max(np.linalg.norm(q), 1e-300))
    ),
    "it divides by the squares of the lengths: a square root is missing.": (
        lambda q, x: _arccos_in_degrees(q @ x / max(q @ q * (x @ x), 1e-300))
    ),
    "opposite vectors are 180 degrees apart; yours are not, because the sign of the cosine got lost.": (
        lambda q, x: _arccos_in_degrees(abs(_cosine(q, x)))
    ),
}


@exercise
def check_angle(angle: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Exercise 1: `angle(q, x)` is the angle between two vectors (D,) in degrees, 90 where one of them is zero."""
    pairs = [([3, 4], [4, 3]), ([3, 4], [24, 7]), ([1, 0], [0, 2]), ([0.5, 0, 0], [-3, 0, 3]), ([2, 1], [-4, -2])]
    cases = [(np.array(q, dtype=float), np.array(x, dtype=float)) for q, x in pairs]
    # Opposite vectors: their cosine comes out as −1, or as −1.0000000000000002.
    cases += [
        (np.full(3, tenths / 10), np.full(3, -times * tenths / 10)) for tenths in range(1, 10) for times in (1, 3)
    ]
    cases += [(np.array([3.0, 4.0]), np.zeros(2))]
    for case in cases:
        answer = ask(angle, *case)
        if isinstance(answer, float | np.floating) and np.isnan(answer):
            raise NotYet(_BEYOND_ONE if case[1].any() else _NO_DIRECTION)
    compare(angle, _angle, cases, _ANGLE_SLIPS)
    return "from 0 to 180 degrees, whatever the lengths."


def _distances(queries: np.ndarray, items: np.ndarray) -> np.ndarray:
    return np.linalg.norm(queries[:, None].astype(float) - items, axis=2)


def _rising(values: np.ndarray, k: int) -> np.ndarray:
    """Positions of the k smallest of each row, equal ones by position."""
    return values.argsort(axis=1, kind="stable")[:, :k]


def _nearest(queries: np.ndarray, items: np.ndarray, k: int) -> np.ndarray:
    """The trusted answer: all differences, all distances, the k smallest of each row."""
    return _rising(_distances(queries, items), k)


def _expanded(queries: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Squared distances by ‖q‖² − 2⟨q, x⟩ + ‖x‖², in the precision of the input."""
    return (queries**2).sum(axis=1)[:, None] - 2 * queries @ items.T + (items**2).sum(axis=1)


_NEAREST_SLIPS = {
    "those are the farthest. A distance is small where things are close: sort it rising, or put a minus before it.": (
        lambda queries, items, k: _rising(-_distances(queries, items), k)
    ),
    "of equally near items the one with the lower position comes first. Turning a sorted list round ([::-1]) turns "
    'its ties round too: sort the distances themselves, with kind="stable".': (
        lambda queries, items, k: (
            _distances(queries, items)[:, ::-1].argsort(axis=1, kind="stable")[:, :k] * -1 + len(items) - 1
        )
    ),
    "those are the largest inner products. Form the differences q − x first.": (
        lambda queries, items, k: _rising(-(queries.astype(float) @ items.T), k)
    ),
    "those are the distances; asked for is where they stand: argsort instead of sort.": (
        lambda queries, items, k: np.sort(_distances(queries, items), axis=1)[:, :k]
    ),
    "one row per query was asked for, and one column per place: yours stands on its side.": (
        lambda queries, items, k: _nearest(queries, items, k).T
    ),
    "the first place is missing. The query is not one of the items here, so nothing has to be left out.": (
        lambda queries, items, k: _rising(_distances(queries, items), k + 1)[:, 1:]
    ),
    "right near the origin, wrong far from it: ‖q‖² − 2⟨q, x⟩ + ‖x‖² subtracts large, nearly equal numbers. Form the "
    "differences q − x, number by number.": lambda queries, items, k: _rising(_expanded(queries, items), k),
}


@exercise
def check_nearest(nearest: Callable[[np.ndarray, np.ndarray, int], np.ndarray]) -> str:
    """Exercise 2: `nearest(queries, items, k)` is where the k items with the smallest Euclidean distance stand.

    queries: (n_query, D). items: (n_item, D), k at most n_item. Returns (n_query, k), nearest first, equal distances
    by position.
    """
    rng = np.random.default_rng(0)
    far = np.array([[10_003.0], [10_001.0], [10_000.5], [10_002.0]], dtype=np.float32)
    cases = [
        (np.array([[3.0, 4.0]]), np.array([[24.0, 7.0], [4.0, 3.0], [6.0, 8.0]]), 2),
        (rng.normal(size=(3, 4)), rng.normal(size=(6, 4)), 5),
        (np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0], [5.0, 5.0], [-1.0, 0.0]]), 3),
        (np.array([[10_000.0]], dtype=np.float32), far, 2),
    ]
    compare(nearest, _nearest, cases, _NEAREST_SLIPS)
    return "nearest first, ties by position, and right far from the origin too."


def _lift(items: np.ndarray) -> np.ndarray:
    """The trusted answer: √(M² − ‖x‖²) appended to each row, M the largest length."""
    squares = (items**2).sum(axis=1)
    return np.column_stack([items, np.sqrt(squares.max() - squares)])


def _with_column(items: np.ndarray, column: np.ndarray) -> np.ndarray:
    return np.column_stack([items, column])


def _lengths(items: np.ndarray) -> np.ndarray:
    return np.linalg.norm(items, axis=1)


_LIFT_SLIPS = {
    "the square root is missing: with M² − ‖x‖² itself the lifted rows have no common length.": (
        lambda items: _with_column(items, _lengths(items).max() ** 2 - _lengths(items) ** 2)
    ),
    "M − ‖x‖ is the difference of the lengths; take that of their squares, then the root.": (
        lambda items: _with_column(items, _lengths(items).max() - _lengths(items))
    ),
    "the root of M − ‖x‖: the lengths have to be squared before they are subtracted.": (
        lambda items: _with_column(items, np.sqrt(_lengths(items).max() - _lengths(items)))
    ),
    "the new number is the length of the row; it should make up for what the row lacks: √(M² − ‖x‖²).": (
        lambda items: _with_column(items, _lengths(items))
    ),
    "that is the new column alone: append it to the items.": lambda items: _lift(items)[:, -1],
    "the new number comes last, after those of the item.": lambda items: np.roll(_lift(items), 1, axis=1),
    "that brings every row to length one, and so forgets the lengths that the inner product counts.": (
        lambda items: items / np.where(_lengths(items) > 0, _lengths(items), 1)[:, None]
    ),
}


@exercise
def check_lift(lift: Callable[[np.ndarray], np.ndarray]) -> str:
    """Exercise 3: `lift(items)` appends one number to each row so that all rows get the length of the longest.

    items: (n, D). Returns (n, D + 1). With a 0 appended to the query, Euclidean distance to lifted items ranks as the
    inner product does (Bachrach et al. 2014, "Speeding up the Xbox recommender system").
    """
    cases = [
        (np.array([[3.0, 4.0], [24.0, 7.0], [0.0, 0.0], [6.0, 8.0]]),),  # lengths 5, 25, 0, 10
        (np.array([[1.0, 2.0, 2.0], [4.0, 4.0, 7.0], [-2.0, 3.0, 6.0]]),),  # 3, 9, 7
    ]
    compare(lift, _lift, cases, _LIFT_SLIPS)
    return "all rows are equally long now, and the distance ranks as the inner product did."
