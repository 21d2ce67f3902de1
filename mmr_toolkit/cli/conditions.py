"""Reading `--weights text=2,image=1` and `--where price=..10` as the retriever wants them."""

from collections.abc import Collection, Iterable
from typing import Any

from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.common.quoting import cut, quoted


def read_weights(given: str | None, asked: Collection[str] = MODALITIES) -> dict[str, float] | None:
    """Factors by modality: "text=2,image=0.5" → {"text": 2.0, "image": 0.5}; None stays None.

    Args:
        given: as it was typed.
        asked: the parts of the query; the weight of any other part makes no difference and is left out.

    Raises:
        ValueError: not of this form, no number, an unknown modality or one that stands there twice.
    """
    if given is None:
        return None
    weights: dict[str, float] = {}
    for assignment in given.split(","):
        name, equals, number = (part.strip() for part in assignment.partition("="))
        value = _number(number)
        if not (name and equals) or value is None:
            raise ValueError(
                f"--weights {cut(given)}: {quoted(assignment.strip())} is no weight; write it as in text=2,image=0.5."
            )
        if name not in MODALITIES:
            raise ValueError(f"--weights {cut(given)}: no modality {quoted(name)}; expected {', '.join(MODALITIES)}.")
        if name in weights:
            raise ValueError(f"--weights {cut(given)}: {name} stands there twice; give each one number.")
        weights[name] = value
    return {name: weight for name, weight in weights.items() if name in asked} or None


def read_conditions(given: Iterable[str] | None) -> dict[str, Any]:
    """Conditions by column, as `mmr_toolkit.catalogue.filters.matching` takes them.

        department=drinks    →  "drinks"           one value
        type=wine,beer       →  ["wine", "beer"]   one of several
        price=5..10          →  (5.0, 10.0)        a range, both ends included
        price=..10           →  (None, 10.0)       with an open end

    Raises:
        ValueError: not of this form, or a column twice.
    """
    where: dict[str, Any] = {}
    for condition in given or ():
        column, equals, wanted = condition.partition("=")
        if not (column and equals and wanted):
            raise ValueError(f"--where {cut(condition)}: write it as in type=wine, type=wine,beer or price=5..10.")
        if column in where:
            raise ValueError(
                f"--where {cut(condition)}: {cut(column)} has a condition already; write several values as a,b."
            )
        values = wanted.split(",")
        where[column] = _range(wanted) or (values if len(values) > 1 else wanted)
    return where


def _range(wanted: str) -> tuple[float | None, float | None] | None:
    """The two ends; None if this is no range."""
    low, dots, high = wanted.partition("..")
    ends = _number(low), _number(high)
    if not dots or not (low or high) or (low and ends[0] is None) or (high and ends[1] is None):
        return None
    return ends


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
