"""Self-checks for notebook 02, Measuring."""

from collections.abc import Callable
from math import log2

import numpy as np

from mmr_toolkit.exercises.verdict import NotYet, ask, compare, exercise

__all__ = [
    "check_average_precision_of",
    "check_chance_average_precision",
    "check_impossible",
    "check_measure_for",
    "check_ndcg_at",
]

Row = dict[str, float]


def _average_precision_of(places: list[int], n_right: int) -> float:
    """The trusted answer: the i-th right answer in order stands at place_i, where precision is i / place_i."""
    return sum(i / place for i, place in enumerate(sorted(places), start=1)) / n_right


_PLACE_SLIPS = {
    "it divides by how many were found. Right answers that were not found count as 0: divide by n_right.": (
        lambda places, n_right: _average_precision_of(places, n_right) * n_right / max(len(places), 1)
    ),
    "that adds 1 / place, the reciprocal rank of each. At the second right answer two are found: 2 / place.": (
        lambda places, n_right: sum(1 / place for place in places) / n_right
    ),
    "the places may come in any order; the first right answer is the one with the smallest place: sort them.": (
        lambda places, n_right: sum(i / place for i, place in enumerate(places, start=1)) / n_right
    ),
    "it counts the right answers from 0. At the first one, 1 is found: enumerate(..., start=1).": (
        lambda places, n_right: sum(i / place for i, place in enumerate(sorted(places))) / n_right
    ),
    "that is the precision at the last right answer alone. Take the precision at each of them.": (
        lambda places, n_right: len(places) / max(places, default=1)
    ),
    "that is the sum. Divide it by n_right.": lambda places, n_right: _average_precision_of(places, n_right) * n_right,
}


@exercise
def check_average_precision_of(average_precision_of: Callable[[list[int], int], float]) -> str:
    """Exercise 1: `average_precision_of(places, n_right)` is AP from the places of the right answers alone.

    places: the places (from 1, in any order) at which right answers stand; n_right: how many there are in all, at
    least 1 and at least as many as places.
    """
    cases: list[tuple[list[int], int]] = [([3, 4, 6], 3), ([5, 1, 6], 3), ([2], 4), ([9, 2, 30], 5), ([], 2)]
    compare(average_precision_of, _average_precision_of, cases, _PLACE_SLIPS)
    return "AP needs no more than the places of the right answers, and how many there are."


def _dcg(grades: list[int], k: int, gain: Callable[[int], float] = lambda grade: 2**grade - 1, first: int = 1) -> float:
    return sum(gain(grade) / log2(place + 1) for place, grade in enumerate(grades[:k], start=first))


def _ndcg_at(ranked: list[int], judged: list[int], k: int) -> float:
    """The trusted answer: DCG@k divided by DCG@k of the best order of all judged items."""
    return _dcg(ranked, k) / _dcg(sorted(judged, reverse=True), k)


def _falling(grades: list[int]) -> list[int]:
    return sorted(grades, reverse=True)


_NDCG_SLIPS = {
    "the best order is made of the ranked items only. Items that were judged but not found belong into it too.": (
        lambda ranked, judged, k: _dcg(ranked, k) / (_dcg(_falling(ranked), k) or 1)
    ),
    "the ranking is cut at k, the best order is not: both sums end at place k.": (
        lambda ranked, judged, k: _dcg(ranked, k) / _dcg(_falling(judged), len(judged))
    ),
    "the gain is the grade itself. Here it is 2^grade − 1, so that a full match counts 7 and a near miss 3.": (
        lambda ranked, judged, k: _dcg(ranked, k, float) / _dcg(_falling(judged), k, float)
    ),
    "that is DCG. Divide it by the DCG of the best order, then 1 is the best that can be reached.": (
        lambda ranked, judged, k: _dcg(ranked, k)
    ),
    "the best order begins with the highest grade: sorted(judged, reverse=True).": (
        lambda ranked, judged, k: _dcg(ranked, k) / (_dcg(sorted(judged), k) or 1)
    ),
    "the discount is one place late: place 1 is divided by log2(2) = 1, place 2 by log2(3).": (
        lambda ranked, judged, k: _dcg(ranked, k, first=2) / _dcg(_falling(judged), k, first=2)
    ),
    "nothing is discounted: the gain at place i is divided by log2(i + 1).": (
        lambda ranked, judged, k: sum(2**g - 1 for g in ranked[:k]) / sum(2**g - 1 for g in _falling(judged)[:k])
    ),
}


@exercise
def check_ndcg_at(ndcg_at: Callable[[list[int], list[int], int], float]) -> str:
    """Exercise 2: `ndcg_at(ranked, judged, k)` is nDCG@k with the gain 2^grade − 1.

    ranked: the grades in ranked order, best place first, perhaps fewer than k. judged: the grades of all judged items,
    found or not, in any order; at least one is above 0.
    """
    cases: list[tuple[list[int], list[int], int]] = [
        ([2, 0, 3, 3, 1, 3], [3, 3, 0, 2, 1, 3], 4),
        ([3, 2, 1, 0, 3, 3], [1, 2, 3, 3, 3, 0], 6),
        ([0, 1, 0], [1, 3, 2, 1], 3),
        ([1], [1, 3, 2], 5),
        ([0, 0], [1], 2),
    ]
    compare(ndcg_at, _ndcg_at, cases, _NDCG_SLIPS)
    return "graded, discounted, and 1 for the best order of everything that was judged."


#: A rounded number may be off by half a thousandth; two of them, one times 10, by some thousandths.
_ROUNDING = 0.006

#: What holds in every table of queries with one right answer each: the sentence for who misses it → whether it holds.
_RULES: dict[str, Callable[[Row], bool]] = {
    "of one right answer, either all or nothing is found: recall@10 and hit rate@10 are the same number.": (
        lambda row: abs(row["recall@10"] - row["hit rate@10"]) <= _ROUNDING
    ),
    "at most one of ten places can be right: precision@10 is a tenth of hit rate@10.": (
        lambda row: abs(10 * row["precision@10"] - row["hit rate@10"]) <= _ROUNDING
    ),
    "with one right answer at place p, AP is 1/p and so is RR: mAP and MRR are the same number.": (
        lambda row: abs(row["mAP"] - row["MRR"]) <= _ROUNDING
    ),
    "every query that is right at place 1 brings an RR of 1: MRR is never below hit rate@1.": (
        lambda row: row["MRR"] >= row["hit rate@1"] - _ROUNDING
    ),
    "a query without a hit among ten brings at most 1/11: MRR is at most hit rate@10 + (1 − hit rate@10) / 11.": (
        lambda row: row["MRR"] <= row["hit rate@10"] + (1 - row["hit rate@10"]) / 11 + _ROUNDING
    ),
    "who is right at place 1 is right among the first ten: hit rate@1 is never above hit rate@10.": (
        lambda row: row["hit rate@1"] <= row["hit rate@10"] + _ROUNDING
    ),
}


def _impossible(row: Row) -> bool:
    """The trusted answer: some rule is broken."""
    return not all(holds(row) for holds in _RULES.values())


def _blind_to(sentence: str) -> Callable[[Row], bool]:
    return lambda row: not all(holds(row) for rule, holds in _RULES.items() if rule != sentence)


_TABLE_SLIPS: dict[str, Callable[[Row], bool]] = {
    "it asks for equal numbers. The table is rounded to three digits, so 0.082 may stand for 0.0817: allow 0.005.": (
        lambda row: _impossible(row) or not np.isclose(10 * row["precision@10"], row["hit rate@10"], atol=1e-6)
    ),
    "it is turned round: True is for a row that cannot be, False for one that can.": lambda row: not _impossible(row),
    "it looks only whether numbers lie between 0 and 1. All of these do; compare the columns with each other.": (
        lambda row: not all(0 <= value <= 1 for value in row.values())
    ),
    "MRR may be above hit rate@10: a right answer behind place 10 still brings up to 1/11.": (
        lambda row: _impossible(row) or row["MRR"] > row["hit rate@10"] + _ROUNDING
    ),
    **{rule: _blind_to(rule) for rule in _RULES},
}


def _row(at_1: float, at_10: float, rr: float, **changed: float) -> Row:
    """A row in which all rules hold, before something is changed."""
    row = {"hit rate@1": at_1, "hit rate@10": at_10, "MRR": rr, "mAP": rr, "recall@10": at_10}
    row["precision@10"] = round(at_10 / 10, 3)
    return row | {name.replace("_at_", "@").replace("_", " "): value for name, value in changed.items()}


@exercise
def check_impossible(impossible: Callable[[Row], bool]) -> str:
    """Exercise 3: `impossible(row)` says whether a row of a table cannot be true.

    row: measure → value, rounded to three digits, with the keys "hit rate@1", "hit rate@10", "MRR", "mAP",
    "recall@10", "precision@10". Every query has exactly one right answer, and all items are ranked.
    """
    possible = [_row(0.412, 0.817, 0.561), _row(0.05, 0.333, 0.14), _row(0.988, 1.0, 0.994), _row(0.0, 0.0, 0.012)]
    wrong = [
        _row(0.412, 0.817, 0.561, recall_at_10=0.902),
        _row(0.412, 0.817, 0.561, precision_at_10=0.31),
        _row(0.412, 0.817, 0.561, mAP=0.498),
        _row(0.412, 0.817, 0.301),
        _row(0.2, 0.415, 0.69),
        _row(0.62, 0.6, 0.628),
    ]
    compare(impossible, _impossible, [(row,) for row in possible + wrong], _TABLE_SLIPS)
    return "columns of one table bind each other; no access to the system is needed to see that."


def _chance_average_precision(n_items: int, n_right: int) -> float:
    """The trusted answer: 1/N Σ_i 1/i (1 + (i − 1)(R − 1)/(N − 1))."""
    others = (n_right - 1) / max(n_items - 1, 1)
    return sum((1 + (i - 1) * others) / i for i in range(1, n_items + 1)) / n_items


def _chance_reciprocal_rank(n_items: int, n_right: int) -> float:
    hidden, total = 1.0, 0.0
    for i in range(1, n_items - n_right + 2):
        here = hidden * n_right / (n_items - i + 1)
        hidden, total = hidden - here, total + here / i
    return total


_CHANCE_SLIPS: dict[str, Callable[[int, int], float]] = {
    "that is R / N, the precision to expect at every place. AP looks only at places with a right answer, and there one "
    "is sure.": lambda n, r: r / n,
    "that is what RR reaches. AP is the mean over all right answers, not the first one alone.": _chance_reciprocal_rank,
    "the right answer at place i itself is missing in the count: 1 + the right ones expected before it.": (
        lambda n, r: sum((i - 1) * (r - 1) / max(n - 1, 1) / i for i in range(1, n + 1)) / n
    ),
    "before a right answer, (i − 1)(R − 1)/(N − 1) others are expected: one of the R stands at place i already.": (
        lambda n, r: sum((1 + (i - 1) * r / n) / i for i in range(1, n + 1)) / n
    ),
    "that is the sum over places; it is divided by N.": lambda n, r: _chance_average_precision(n, r) * n,
    "that is the reciprocal of the mean place. The mean of 1/place is larger than 1/(mean place).": (
        lambda n, r: 2 / (n + 1)
    ),
}


@exercise
def check_chance_average_precision(chance_average_precision: Callable[[int, int], float]) -> str:
    """Exercise 4: `chance_average_precision(n_items, n_right)` is the mean AP of all orders of the items.

    A formula is exact. The mean of 2,000 shuffles or more will do: 7 % is four of its standard errors and more.
    """
    cases = [(5, 1), (6, 3), (10, 4), (12, 6), (1, 1)]
    compare(chance_average_precision, _chance_average_precision, cases, _CHANCE_SLIPS, tolerance=0.07)
    return "the mean AP of random orders, which is more than R / N."


#: Situation → the measure that answers its question, and the sentence for who chose another one.
_CHOICES = {
    "assistant": ("RR", "assistant: only the first right answer is read out, so what counts is how far away it is."),
    "lawyer": ("recall@100", "lawyer: nothing may be missed among the hundred that are read, in whatever order."),
    "shop page": ("nDCG@10", "shop page: there are grades, and early places count more. One measure sees both."),
    "shelf": ("precision@5", "shelf: five places side by side, each right or wrong, and none before another."),
    "benchmark": ("AP", "benchmark: all right answers of the whole ranking, and no k to choose."),
}
_MEASURES = ("AP", "RR", "nDCG@10", "precision@5", "recall@100")


def _measure_for(situation: str) -> str:
    """The trusted answer."""
    return _CHOICES[situation][0]


def _wrong_only_in(wrong: str) -> Callable[[str], str]:
    """Right everywhere but in one situation."""
    other = "AP" if wrong != "benchmark" else "recall@100"
    return lambda situation: other if situation == wrong else _measure_for(situation)


_CHOICE_SLIPS = {sentence: _wrong_only_in(situation) for situation, (_, sentence) in _CHOICES.items()}


@exercise
def check_measure_for(measure_for: Callable[[str], str]) -> str:
    """Exercise 5: `measure_for(situation)` names the measure that answers the question of a situation.

    situation: one of "assistant", "lawyer", "shop page", "shelf", "benchmark". Each of the measures "AP", "RR",
    "nDCG@10", "precision@5" and "recall@100" fits one of them.
    """
    for situation, (right, sentence) in _CHOICES.items():
        answer = ask(measure_for, situation)
        if answer not in _MEASURES:
            raise NotYet(f"{answer!r} for {situation} is none of the five: {', '.join(_MEASURES)}.")
        if answer != right:
            raise NotYet(sentence)
    return "five users, five questions, five measures."
