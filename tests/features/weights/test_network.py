"""Running a network for its vectors: no gradients, evaluation mode, half precision on request."""

import pytest
import torch

from mmr_toolkit.features.weights.network import PRECISIONS, check_precision, inference


@pytest.fixture
def network():
    generator = torch.Generator().manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(64, 8), torch.nn.Dropout(0.5))
    with torch.no_grad():
        layers[0].weight.copy_(torch.randn(8, 64, generator=generator))
    return layers.train()


@pytest.fixture
def values():
    return torch.randn(5, 64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_each_precision_computes_in_its_type_and_keeps_the_weights(network, values, precision):
    check_precision(precision)
    weight = network[0].weight.detach().clone()
    exact = values.double() @ weight.double().T + network[0].bias.double()
    with inference(network, "cpu", precision):
        computed = network(values)
    assert computed.dtype == getattr(torch, precision)
    assert not computed.requires_grad
    tolerance = {"float32": 1e-5, "float16": 2e-2, "bfloat16": 2e-1}[precision]
    error = (computed.double() - exact).abs().max().item()
    assert error < tolerance
    if precision != "float32":
        assert error > 1e-5  # else nothing was rounded
    assert network[0].weight.dtype == torch.float32
    torch.testing.assert_close(network[0].weight, weight, rtol=0, atol=0)


def test_dropout_is_off_and_two_runs_are_equal(network, values):
    with inference(network, "cpu"):
        torch.testing.assert_close(network(values), network(values), rtol=0, atol=0)
    assert not network.training


def test_outside_nothing_is_changed(network, values):
    with inference(network, "cpu", "bfloat16"):
        pass
    assert torch.is_grad_enabled()
    assert not torch.is_autocast_enabled("cpu")
    computed = network(values)
    assert computed.dtype == torch.float32
    assert computed.requires_grad


def test_an_error_inside_comes_out_and_leaves_nothing_changed(network):
    with pytest.raises(RuntimeError, match="mat1 and mat2"), inference(network, "cpu", "float16"):
        network(torch.zeros(1, 3))
    assert torch.is_grad_enabled()
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize("precision", ["float64", "", "half"])
def test_an_unknown_precision(precision):
    with pytest.raises(ValueError, match=f"precision is '{precision}'; expected one of float32, bfloat16, float16"):
        check_precision(precision)


@pytest.mark.gpu
def test_on_a_gpu_half_precision_is_close(network, values):
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    with inference(network, "cpu"):
        expected = network(values)
    with inference(network, "cuda", "bfloat16"):
        computed = network(values.to("cuda"))
    assert computed.device.type == "cuda"
    torch.testing.assert_close(computed.float().cpu(), expected, rtol=0, atol=0.2)
