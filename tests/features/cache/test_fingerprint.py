"""Fingerprints: equal for equal encoders, different for any change, the same on every run."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import small_model
from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint, megabytes
from small_catalogue import WordEncoder
from small_model import Model, weights

SAME = [
    Model(dict(reversed(weights().items()))),
    Model(weights(a=torch.arange(6.0).reshape(2, 3).numpy())),
    Model(weights(a=np.asfortranarray(weights()["a"]))),
    Model(weights(a=np.arange(12, dtype=np.float32).reshape(2, 6)[:, ::2] / 2)),
]
OTHER = {
    "name": Model(weights(), name="other"),
    "revision": Model(weights(), revision=2),
    "modality": Model(weights(), modality="image"),
    "a setting": Model(weights(), {"window": 6}),
    "one setting more": Model(weights(), {"window": 5, "seed": None}),
    "the type of a setting": Model(weights(), {"window": "5"}),
    "one number": Model(weights(a=np.array([[0, 1, 2], [3, 4, 5.0001]], np.float32))),
    "the shape": Model(weights(a=weights()["a"].reshape(3, 2))),
    "the order of axes": Model(weights(a=weights()["a"].T)),
    "the dtype": Model(weights(a=weights()["a"].astype(np.float64))),
    "equal bits of another dtype": Model(weights(a=weights()["a"].view(np.int32))),
    "a tensor's name": Model({"a": weights()["a"], "c": np.ones(2)}),
    "one tensor less": Model({"a": weights()["a"]}),
    "minus zero": Model(weights(a=weights()["a"] * np.array([-1, 1, 1], np.float32))),
}


@pytest.mark.parametrize("model", SAME)
def test_equal_encoders_have_equal_fingerprints(model):
    assert fingerprint(model) == fingerprint(Model(weights()))
    assert len(fingerprint(model)) == 64


@pytest.mark.parametrize("change", OTHER)
def test_any_change_gives_another_fingerprint(change):
    prints = [fingerprint(Model(weights())), *map(fingerprint, OTHER.values())]
    assert prints.count(fingerprint(OTHER[change])) == 1


def test_nothing_learned_has_a_fingerprint_too():
    assert fingerprint(Model({})) != fingerprint(Model({"none": np.zeros((0, 3), np.float32)}))
    assert fingerprint(Model({"scale": np.float32(2)})) != fingerprint(Model({"scale": np.float32(1)}))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64])
def test_torch_tensors_of_every_dtype(dtype):
    one, other = (Model({"w": torch.tensor([1.0, number]).to(dtype)}) for number in (2, 3))
    assert fingerprint(one) == fingerprint(Model({"w": torch.tensor([1.0, 2]).to(dtype).requires_grad_(False)}))
    assert fingerprint(one) != fingerprint(other)


def test_a_parameter_that_is_being_trained():
    linear = torch.nn.Linear(2, 2)
    before = fingerprint(Model(dict(linear.named_parameters())))
    assert before == fingerprint(Model(linear.state_dict()))
    with torch.no_grad():
        linear.weight += 1
    assert fingerprint(Model(dict(linear.named_parameters()))) != before


@pytest.mark.slow
def test_the_same_in_another_process():
    code = (
        "from small_model import Model, weights; from mmr_toolkit.features.cache.fingerprint import fingerprint; "
        "print(fingerprint(Model(weights(), {'b': [1, 2.5], 'a': '红酒'})))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(small_model.__file__).parent,
    )
    assert result.stdout.strip() == fingerprint(Model(weights(), {"a": "红酒", "b": [1, 2.5]}))


def test_settings_that_are_no_plain_values():
    with pytest.raises(TypeError, match="model.settings must be plain values .*float32 is not JSON serializable"):
        fingerprint(Model(weights(), {"scale": np.float32(1)}))


def test_texts_are_learned_too_but_nothing_else():
    words = [Model({"words": np.array(list(word))}) for word in ("ab", "ac")]
    assert fingerprint(words[0]) != fingerprint(words[1])
    with pytest.raises(TypeError, match=r"tensors\(\) must give numbers or texts, not object arrays"):
        fingerprint(Model({"words": np.array(["a", None])}))


def test_what_an_identified_encoder_is():
    assert isinstance(Model({}), Identified)
    assert not isinstance(WordEncoder(), Identified)


def test_megabytes():
    assert megabytes(Model({})) == 0
    tensors = {"a": np.zeros(1000, np.float32), "b": torch.zeros(500, dtype=torch.bfloat16)}
    assert megabytes(Model(tensors)) == pytest.approx(0.005)
