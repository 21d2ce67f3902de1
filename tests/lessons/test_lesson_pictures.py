"""Lesson 04, Pictures: what it builds by hand is what the libraries compute, and its self-checks know the slips."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torchvision.transforms import v2

from lesson_code import function_of
from mmr_toolkit.exercises import pictures
from mmr_toolkit.exercises.pictures import check_max_pool, check_output_size, check_prepare

LESSON = "04_pictures"
#: The function that a learner writes → its check.

# --- what the lesson builds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "kernel_shape"), [((6, 6), (3, 3)), ((9, 5), (3, 3)), ((7, 8), (1, 4))])
def test_the_convolution_of_the_lesson_is_torch_s(rng, shape, kernel_shape):
    picture, kernel = rng.normal(size=shape), rng.normal(size=kernel_shape)
    by_torch = F.conv2d(torch.from_numpy(picture)[None, None], torch.from_numpy(kernel)[None, None])[0, 0]
    np.testing.assert_allclose(function_of(LESSON, "convolve")(picture, kernel), by_torch, atol=1e-12)


# --- typical wrong answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    [
        (check_output_size, lambda size, kernel, stride, padding: size, "(6, 3, 1, 0) should be 4; yours is 6"),
        (check_output_size, lambda size, kernel, stride, padding: size / 0, "stops with ZeroDivisionError"),
        (check_max_pool, lambda picture, size: picture.max(), "should be ["),
        (check_max_pool, lambda picture, size: picture.reshape(2, 2, 2, 2).max(axis=(1, 3)), "stops with ValueError"),
        (check_prepare, lambda picture, side, mean, std: picture.transpose(2, 0, 1), "should be [["),
        (check_prepare, lambda picture, side, mean, std: "a picture", "yours is 'a picture'"),
    ],
)
def test_other_wrong_answers_are_shown_beside_the_right_one(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict
    assert hint in verdict.message, verdict.message


def test_answers_in_another_form_pass():
    assert check_output_size(lambda *numbers: float(pictures._output_size(*numbers)))
    assert check_max_pool(lambda picture, size: F.max_pool2d(torch.tensor(picture, dtype=torch.float64)[None], size)[0])
    assert check_prepare(lambda *given: torch.tensor(pictures._prepare(*given), dtype=torch.float32).tolist())


# --- the trusted answers are right -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5, 6, 17])
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(1, 1, 0), (3, 1, 1), (3, 2, 1), (5, 3, 0), (4, 2, 2)])
def test_the_trusted_size_is_that_of_torch_s_convolution(size, kernel, stride, padding):
    result = F.conv1d(torch.zeros(1, 1, size), torch.zeros(1, 1, kernel), stride=stride, padding=padding)
    assert pictures._output_size(size, kernel, stride, padding) == result.shape[-1]


@pytest.mark.parametrize(("shape", "size"), [((4, 6), 2), ((7, 5), 3), ((8, 8), 8)])
def test_the_trusted_pooling_is_torch_s(rng, shape, size):
    picture = rng.normal(size=shape)
    by_torch = F.max_pool2d(torch.from_numpy(picture)[None], size)[0]
    np.testing.assert_array_equal(pictures._max_pool(picture, size), by_torch)


@pytest.mark.parametrize(("shape", "side"), [((8, 6, 3), 4), ((9, 11, 3), 7), ((5, 5, 3), 5)])
def test_the_trusted_preparation_is_torchvision_s(rng, shape, side):
    picture, mean, std = rng.integers(0, 256, shape).astype(np.uint8), [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]
    steps = [v2.ToImage(), v2.CenterCrop(side), v2.ToDtype(torch.float32, scale=True), v2.Normalize(mean, std)]
    np.testing.assert_allclose(pictures._prepare(picture, side, mean, std), v2.Compose(steps)(picture), atol=1e-5)
