"""Conditions on columns: values, lists, ranges, holes, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from mmr_toolkit.catalogue.filters import matching

TABLE = pd.DataFrame(
    {
        "department": ["drinks", "food", None, "drinks"],
        "price": ["9.50", "20", "3", None],  # as a catalogue reads it
        "stars": [1, 2, 3, 4],
    }
)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (None, [0, 1, 2, 3]),
        ({}, [0, 1, 2, 3]),
        ({"department": "drinks"}, [0, 3]),
        ({"department": ["drinks", "food"]}, [0, 1, 3]),
        ({"department": {"food"}}, [1]),
        ({"department": "clothing"}, []),
        ({"price": (None, 9.5)}, [0, 2]),
        ({"price": (9.5, None)}, [0, 1]),
        ({"price": (3, 20)}, [0, 1, 2]),
        ({"price": (3, 3)}, [2]),
        ({"stars": 2}, [1]),
        ({"stars": "2"}, [1]),
        ({"stars": (2, 3)}, [1, 2]),
        ({"department": "drinks", "price": (None, 10)}, [0]),
        ({"department": "None"}, []),  # a hole is no text
        ({"department": "nan"}, []),
    ],
)
def test_keeps_the_rows_that_meet_all_conditions(where, rows):
    kept = matching(TABLE, where)
    assert kept.dtype == bool and kept.shape == (4,)
    assert np.flatnonzero(kept).tolist() == rows


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"colour": "red"}, "no column 'colour' to filter by; expected one of department, price, stars"),
        ({"department": []}, "department: an empty list of values keeps nothing"),
        ({"price": (1, 2, 3)}, r"price: a range is \(low, high\) with at least one end, got \(1, 2, 3\)"),
        ({"price": (None, None)}, "price: a range is"),
        ({"price": (5, 2)}, "price: the range begins at 5 and ends at 2"),
        ({"price": (float("nan"), 2)}, "price: the range begins at nan"),
        ({"department": (1, 2)}, "department holds no numbers"),
    ],
)
def test_conditions_that_cannot_be_meant_are_refused(where, message):
    with pytest.raises(ValueError, match=message):
        matching(TABLE, where)


@pytest.mark.parametrize("end", ["5", True])
def test_the_ends_of_a_range_are_numbers(end):
    with pytest.raises(TypeError, match="price: the ends of a range are numbers or None, got"):
        matching(TABLE, {"price": (end, None)})
