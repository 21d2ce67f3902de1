"""Hits that were found in two ways: the same ones in the same order, with scores that agree up to rounding."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from mmr_toolkit.retrieval.hits import Hit


def assert_same_hits(found: Sequence[Hit], expected: Sequence[Hit]) -> None:
    """Other instruction sets add in another order, so the last digits of two computations may differ."""
    assert [replace(hit, score=0.0, shares={}) for hit in found] == [
        replace(hit, score=0.0, shares={}) for hit in expected
    ]
    for one, other in zip(found, expected, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-5)
        assert dict(one.shares) == pytest.approx(dict(other.shares), abs=1e-5)
