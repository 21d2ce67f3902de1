"""Questions: the truth and the order by hand, errors."""

import math

import numpy as np
import pytest
import torch

from mmr_toolkit.queries.questions import Questions

ITEMS = list("dcba")


def questions(**changes):
    given = {
        "ids": ["p", "q"],
        "vectors": {"text": np.eye(2)},
        "qrels": {"p": {"a": 3, "b": 1}, "other": {"ghost": 3}},
        "own": [1, None],
    }
    return Questions(**(given | changes))


# Values


def test_the_truth_by_hand():
    assert questions().truth(ITEMS).tolist() == [[0, 0, 1, 3], [0, 0, 0, 0]]


def test_the_order_has_ties_by_position_and_the_own_product_behind_what_scores_nothing():
    scores = torch.tensor([[-math.inf, 9.0, 3.0, 3.0], [0.0, 0.0, 1.0, 0.0]])
    for given in (scores, scores.numpy(), scores.double(), scores.half()):
        assert questions().order(given, 4).tolist() == [[2, 3, 0, 1], [2, 0, 1, 3]]
    assert questions(own=None).order(scores, 4)[0].tolist() == [1, 2, 3, 0]
    assert scores[0].tolist() == [-math.inf, 9, 3, 3]  # not changed


def test_all_comes_first_among_the_groups():
    members = questions(groups={"seen": np.array([True, False])}).members()
    assert {name: member.tolist() for name, member in members.items()} == {"all": [True, True], "seen": [True, False]}
    assert list(members) == ["all", "seen"]


# Errors


def test_counts_that_do_not_fit():
    with pytest.raises(ValueError, match=r"0 questions with the parts \['text'\]: expected at least one of both"):
        questions(ids=[])
    with pytest.raises(ValueError, match=r"2 questions with the parts \[\]"):
        questions(vectors={})
    with pytest.raises(ValueError, match="every query id must be there once"):
        questions(ids=["p", "p"])
    for changes, found in (
        ({"vectors": {"text": np.eye(3)}}, "'vectors of text': 3"),
        ({"own": [0]}, "'own': 1"),
        ({"families": ["f"]}, "'families': 1"),
        ({"groups": {"seen": np.array([True])}}, "'group seen': 1"),
    ):
        with pytest.raises(ValueError, match=rf"2 questions, but \{{{found}\}}: expected one entry per question"):
            questions(**changes)


def test_groups_that_make_no_sense():
    with pytest.raises(ValueError, match='the group "all" comes by itself'):
        questions(groups={"all": np.ones(2, bool)})
    with pytest.raises(TypeError, match="group seen must hold True or False per question, got int64"):
        questions(groups={"seen": np.array([0, 1])})


def test_judgements_that_do_not_fit_the_gallery():
    with pytest.raises(ValueError, match="the qrels of query 'p' name 'ghost' and 0 more that are not in the gallery"):
        questions(qrels={"p": {"ghost": 3}}).truth(ITEMS)
    with pytest.raises(ValueError, match="the qrels of query 'p' give 'a' the grade -1"):
        questions(qrels={"p": {"a": -1}}).truth(ITEMS)
    with pytest.raises(ValueError, match="the qrels of query 'p' name its own product 'c', which is left out"):
        questions(qrels={"p": {"c": 3}}).truth(ITEMS)
    with pytest.raises(ValueError, match="own holds position 4, expected 0 to 3"):
        questions(own=[4, None]).truth(ITEMS)


def test_scores_that_do_not_fit():
    with pytest.raises(ValueError, match=r"scores have shape \(2, 3\), expected \(2, 4\)"):
        questions().order(torch.zeros(2, 3), 4)
    with pytest.raises(ValueError, match="scores of query 'q' hold NaN"):
        questions().order(torch.tensor([[0.0] * 4, [math.nan] * 4]), 4)
