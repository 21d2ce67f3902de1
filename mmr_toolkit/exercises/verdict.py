"""What the self-checks share: call the learner's function, compare, and say in one sentence what may have slipped."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from numbers import Number
from typing import Any

import numpy as np

__all__ = ["NotYet", "Verdict", "ask", "compare", "exercise", "same"]

Function = Callable[..., Any]


@dataclass(frozen=True)
class Verdict:
    """What a check found; in a notebook it shows its sentence, and it counts as true when the check passed."""

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{'Right' if self.passed else 'Not yet'}: {self.message}"


class NotYet(Exception):
    """Raised inside a check with the sentence for the learner."""


def exercise(check: Callable[[Function], str]) -> Callable[[Function], Verdict]:
    """Make a check of a function that returns its praise, or raises `NotYet`."""

    @wraps(check)
    def judge(function: Function) -> Verdict:
        try:
            return Verdict(True, check(function))
        except NotYet as reason:
            return Verdict(False, str(reason))

    return judge


def ask(function: Function, *arguments: Any) -> Any:
    """What the function answers; its arguments are copies, so that it may change them.

    Raises:
        NotYet: it is no function, stops with an error or returns nothing.
    """
    if not callable(function):
        raise NotYet(f"give the function itself, as in check(my_function); this is {type(function).__name__}.")
    name = getattr(function, "__name__", "your function")
    try:
        answer = function(*copy.deepcopy(arguments))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in the learner's code is worth a sentence
        raise NotYet(f"{name}{shown(arguments)} stops with {type(error).__name__}: {error}") from error
    if answer is None:
        raise NotYet(f"{name} returns None. Is its last line a `return`?")
    return answer


def compare(
    function: Function,
    trusted: Function,
    cases: Sequence[tuple[Any, ...]],
    slips: Mapping[str, Function],
    tolerance: float = 1e-6,
    margin: Callable[..., float] = lambda *case: 1e-9,
) -> None:
    """Compare a function with a trusted one on every case.

    Args:
        function: the learner's.
        trusted: gives the right answer.
        cases: the arguments, one tuple per call.
        slips: what to tell a learner → a function with that slip. Who answers just as it does gets its sentence.
        tolerance: largest relative difference of numbers.
        margin: of the arguments of a case, the largest absolute difference beside it, for answers that are drawn.

    Raises:
        NotYet: an answer differs.
    """
    answers = [ask(function, *case) for case in cases]
    right = [trusted(*case) for case in cases]
    wrong = [i for i in range(len(cases)) if not same(answers[i], right[i], tolerance, margin(*cases[i]))]
    if not wrong:
        return
    for sentence, slip in slips.items():
        alike = (
            same(answer, slip(*case), tolerance, margin(*case)) for answer, case in zip(answers, cases, strict=True)
        )
        if all(alike):
            raise NotYet(sentence)
    first = wrong[0]
    name = getattr(function, "__name__", "your function")
    raise NotYet(f"{name}{shown(cases[first])} should be {plain(right[first])}; yours is {plain(answers[first])}.")


def same(answer: Any, right: Any, tolerance: float = 1e-6, margin: float = 1e-9) -> bool:
    """Whether two answers agree: numbers and arrays within tolerance (relative) and margin (absolute), NaN where NaN is
    right, sets in any order. A text is no number, and a mapping no set, whatever stands in them.
    """
    if isinstance(right, Mapping):
        return (
            isinstance(answer, Mapping)
            and set(answer) == set(right)
            and all(same(answer[key], right[key], tolerance, margin) for key in right)
        )
    if isinstance(right, set):
        try:
            given = [] if isinstance(answer, str | bytes | Mapping) else list(answer)
            return len(given) == len(right) and set(given) == right
        except TypeError:  # a single number, or things that cannot stand in a set
            return False
    numbers, expected = as_numbers(answer), np.asarray(right, dtype=float)
    return (
        numbers is not None
        and numbers.shape == expected.shape
        and np.allclose(numbers, expected, rtol=tolerance, atol=margin, equal_nan=True)
    )


def as_numbers(answer: Any) -> np.ndarray | None:
    """The answer as float64, or None where it is not made of real numbers but of texts, None, dates, uneven rows."""
    try:
        given = np.asarray(answer)
        of_numbers = given.dtype.kind in "biuf" or (
            given.dtype.kind == "O" and all(isinstance(value, Number) for value in given.flat)
        )
        return given.astype(float) if of_numbers else None
    except (TypeError, ValueError, OverflowError, RuntimeError):  # a tensor that still learns is a RuntimeError
        return None


def shown(arguments: tuple[Any, ...]) -> str:
    """The arguments of a call as a learner would type them, tables by their size only."""
    return f"({', '.join(plain(argument) for argument in arguments)})"


def plain(value: Any) -> str:
    """A value as short text: numbers with at most four digits, long things cut."""
    if hasattr(value, "columns"):
        return f"<table of {len(value)} rows>"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, float | np.floating):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        text = f"[{', '.join(map(plain, value))}]"
    elif isinstance(value, set):
        text = f"{{{', '.join(sorted(map(plain, value)))}}}"
    else:
        text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
