"""Which items are looked at: conditions on the columns of a catalogue, as a shop's filters have them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmr_toolkit.common.quoting import listed, quoted


def matching(table: pd.DataFrame, where: Mapping[str, Any] | None) -> np.ndarray:
    """Which rows meet all conditions.

        matching(table, {"department": "drinks", "type": ["wine", "beer"], "price": (None, 20)})

    Args:
        table: of a catalogue.
        where: column → what is wanted: one value; a list or set of values, any of which will do; or a range as a tuple
            (low, high), both ends included, None for an open end. A range compares numbers, also where the column
            holds them as text. None: all rows.

    Returns:
        bool (N,). A hole meets no condition. A value is compared as text, and in a column of numbers as a number too.

    Raises:
        ValueError: no such column, an empty list, a range that is no pair, without any end, or with low above high; a
            range on a column without a single number.
        TypeError: the ends of a range are not numbers.
    """
    kept = np.ones(len(table), dtype=bool)
    for column, wanted in (where or {}).items():
        if column not in table.columns:
            raise ValueError(f"no column {quoted(column)} to filter by; expected one of {listed(table.columns)}.")
        if isinstance(wanted, tuple):
            kept &= _in_range(table[column], column, wanted)
        else:
            kept &= _is_any(table[column], column, wanted)
    return kept


def _is_any(values: pd.Series, column: str, wanted: Any) -> np.ndarray:
    several = list(wanted) if isinstance(wanted, list | set | frozenset) else [wanted]
    if not several:
        raise ValueError(f"{column}: an empty list of values keeps nothing; leave the condition out to keep all.")
    # As text, so that 7 finds "7": a catalogue that was read from a file holds text. As numbers, so that 10 finds 10.0.
    found = values.astype(str).str.strip().isin({str(value).strip() for value in several})
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = pd.to_numeric(
            pd.Series([v for v in several if not isinstance(v, bool)], dtype=object), errors="coerce"
        )
        found |= values.isin(numbers.dropna().tolist())
    return values.notna().to_numpy() & found.to_numpy(dtype=bool, na_value=False)


def _in_range(values: pd.Series, column: str, ends: tuple[Any, ...]) -> np.ndarray:
    if len(ends) != 2 or ends == (None, None):
        raise ValueError(f"{column}: a range is (low, high) with at least one end, got {ends}.")
    for end in ends:
        if end is not None and (isinstance(end, bool) or not isinstance(end, int | float | np.number)):
            raise TypeError(f"{column}: the ends of a range are numbers or None, got {end!r}.")
    low, high = (-np.inf if ends[0] is None else ends[0]), (np.inf if ends[1] is None else ends[1])
    if not low <= high:
        raise ValueError(f"{column}: the range begins at {low} and ends at {high}; expected low ≤ high.")
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    if not np.isfinite(numbers).any():
        raise ValueError(f"{column} holds no numbers, so it has no range; give values instead.")
    return (numbers >= low) & (numbers <= high)
