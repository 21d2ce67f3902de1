"""Lesson 08, training: what it builds by hand is what the package computes; its exercises tell right from wrong."""

import re

import numpy as np
import pytest
import torch

from lesson_code import function_of
from mmr_toolkit.exercises import training
from mmr_toolkit.exercises.training import check_info_nce_several, check_right_answers, check_triplet_hardest
from mmr_toolkit.queries.pairs import Pairs
from mmr_toolkit.training.losses import info_nce, triplet

LESSON = "08_training"


def taught(name, *needed):
    """A function of the lesson, together with those that it calls."""
    function = function_of(LESSON, name)
    for other in needed:
        function.__globals__[other] = function_of(LESSON, other)
    return function


def both_sides(one_side, scores, right):
    return (one_side(scores, right) + one_side(scores.T, right.T)) / 2


def some_batch(seed, labels):
    scores = np.random.default_rng(seed).normal(size=(len(labels), len(labels)))
    return scores, np.equal.outer(labels, labels)


# --- by hand and in the package ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("b", [1, 2, 5])
def test_both_losses_of_the_lesson_are_the_package_s(b):
    scores, right = some_batch(b, range(b))
    package = info_nce(torch.tensor(scores), torch.tensor(right))
    assert taught("loss_by_loop", "one_side")(scores) == pytest.approx(package.item())
    assert taught("loss_by_arrays")(scores) == pytest.approx(package.item())


@pytest.mark.parametrize("labels", [[0, 1, 2], [0, 0, 1, 2, 2, 2], [1, 1, 0]])
def test_the_trusted_losses_of_the_exercises_are_the_package_s(labels):
    scores, right = some_batch(0, labels)
    for trusted, package in (
        (training._info_nce_several, info_nce),
        (lambda s, r: training._triplet_hardest(s, r, 2.0), triplet),
    ):
        assert both_sides(trusted, scores, right) == pytest.approx(
            package(torch.tensor(scores), torch.tensor(right)).item()
        )


def test_the_trusted_right_answers_are_those_of_pairs():
    labels = [["can", "red"], ["can", "blue"], ["cup", "red"], ["can", "red"]]
    vectors = {"text": np.ones((4, 2))}
    pairs = Pairs(vectors, vectors, range(4), labels={"text": list(zip(*labels, strict=True))})
    np.testing.assert_array_equal(training._right_answers(labels), pairs.positives(torch.arange(4), ["text"]))


def test_a_correction_of_zeros_changes_nothing_and_a_part_without_its_input_stays():
    correct, units = taught("correct"), np.array([[0.6, 0.8], [1.0, 0.0]])
    np.testing.assert_allclose(correct(units, np.eye(2), np.zeros((2, 2))), units)
    moved = correct(units, np.eye(2), np.array([[0.0, 0.0], [0.5, 0.0]]))
    np.testing.assert_allclose(moved[0], np.array([1.0, 0.8]) / np.sqrt(1.64))
    np.testing.assert_allclose(moved[1], units[1])


# --- the exercises ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_right_answers, lambda labels: np.array(labels) == np.array(labels), "should be .*; yours is"),
        (check_right_answers, lambda labels: labels[0] == labels, "yours is False"),
        (check_triplet_hardest, lambda scores, right, margin: 0.0, "yours is 0"),
        (check_triplet_hardest, lambda scores, right, margin: scores - right[:, 1], "should be 0"),
        (check_info_nce_several, lambda scores, right: scores.mean(), "should be"),
        (check_info_nce_several, lambda scores, right: scores @ right[0, :3], "stops with ValueError"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert re.search(hint, verdict.message), verdict.message


def test_answers_in_another_form_pass():
    assert check_right_answers(lambda labels: [[a == b for b in labels] for a in labels])
    assert check_triplet_hardest(
        lambda scores, right, margin: torch.tensor(training._triplet_hardest(scores, right, margin))
    )
    assert check_info_nce_several(lambda scores, right: np.float32(training._info_nce_several(scores, right)))
