"""Networks of torchvision without their heads: dimensions, weights from anywhere, and what is refused."""

import pickle
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.image import torchvision_network
from mmr_toolkit.features.image.pictures import preprocessing
from mmr_toolkit.features.image.resnet import ResNetEncoder, mini_resnet
from mmr_toolkit.features.image.torchvision_network import WEIGHTS, classification_network, without_head
from mmr_toolkit.features.weights.folder import save_weights
from mmr_toolkit.features.weights.network import PRECISIONS

DIMS = {
    "resnet18": 512, "resnet50": 2048, "mobilenet_v2": 1280, "mobilenet_v3_small": 1024, "squeezenet1_0": 512,
    "densenet121": 1024, "efficientnet_b0": 1280, "vgg11": 4096, "alexnet": 4096, "convnext_tiny": 768,
    "vit_b_16": 768, "swin_t": 768, "maxvit_t": 512, "shufflenet_v2_x0_5": 1024,
    "mnasnet0_5": 1280, "googlenet": 1024, "inception_v3": 2048,
}  # fmt: skip
SMALL = "squeezenet1_1"  # the quickest to build


def noise(n: int = 3, size: tuple[int, int] = (80, 60)) -> list[Image.Image]:
    rng = np.random.default_rng(0)
    return [Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)) for _ in range(n)]


@pytest.fixture(scope="module")
def random_resnet() -> ResNetEncoder:
    return ResNetEncoder.load("resnet18", "random")


# Without the head


@pytest.mark.slow
@pytest.mark.parametrize(("architecture", "dim"), DIMS.items())
def test_length_of_the_vectors(architecture, dim):
    from torchvision.models import get_model

    options = torchvision_network.INPUT_OPTIONS.get(architecture, {})
    with torch.device("meta"):  # shapes without numbers: no memory, no time
        network, found = without_head(get_model(architecture, weights=None, **options))
        size = 299 if architecture == "inception_v3" else 224
        assert network.eval()(torch.empty(2, 3, size, size)).shape == (2, dim)
    assert found == dim


def test_the_vector_is_what_the_head_would_have_read():
    whole = classification_network("resnet18", "random").eval()
    picture = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        named = whole(picture)
        weight, bias = whole.fc.weight, whole.fc.bias
        vectors = without_head(whole)[0](picture)
        torch.testing.assert_close(vectors @ weight.T + bias, named)


@pytest.mark.slow
def test_bert_base_and_resnet_50_join_to_2816_dimensions():
    from transformers import BertConfig, BertModel

    from mmr_toolkit.fusion import ConcatFusion

    with torch.device("meta"):
        text = BertModel(BertConfig(), add_pooling_layer=False).eval()
        words = text(torch.zeros(3, 5, dtype=torch.long)).last_hidden_state
    pictures = ResNetEncoder.load("resnet50", "random").encode(noise(3))
    vectors = {"text": np.ones(words.mean(dim=1).shape, np.float32), "image": pictures}
    assert (vectors["text"].shape, pictures.shape) == ((3, 768), (3, 2048))
    joined, _ = ConcatFusion()(vectors, {name: np.ones(3, bool) for name in vectors})
    assert joined.shape == (3, 2816)


# Random and local weights


def test_random_weights_are_the_same_every_time_and_disturb_nothing(random_resnet):
    before = torch.random.get_rng_state()
    again = ResNetEncoder.load("resnet18", "random")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert fingerprint(again) == fingerprint(random_resnet)
    assert (random_resnet.name, random_resnet.dim) == ("resnet18", 512)
    assert "resize_size=[256]" in str(random_resnet.transform)
    assert "mean=[0.485, 0.456, 0.406]" in str(random_resnet.transform)


def test_weights_of_a_file(tmp_path):
    network = classification_network(SMALL, "random")
    with torch.no_grad():
        for values in network.parameters():
            values.mul_(0.9)
    save_file(network.state_dict(), tmp_path / "weights.safetensors")
    loaded = ResNetEncoder.load(SMALL, tmp_path / "weights.safetensors")
    features, _ = without_head(network.eval())
    with torch.no_grad():
        expected = features(torch.stack([loaded.transform(one) for one in noise()])).numpy()
    np.testing.assert_allclose(loaded.encode(noise()), expected, rtol=1e-4, atol=1e-6)
    assert expected.std() > 0


def test_files_of_weights_that_do_not_fit(tmp_path):
    state = classification_network(SMALL, "random").state_dict()
    save_file(state, tmp_path / "whole.safetensors")
    with pytest.raises(ValueError, match=r"does not hold the weights of this ResNet. Missing: .*mini tier"):
        ResNetEncoder.load("resnet18", tmp_path / "whole.safetensors")
    save_file({name: values for name, values in state.items() if "12" not in name}, tmp_path / "part.safetensors")
    with pytest.raises(ValueError, match=r"Missing: features\.12"):
        ResNetEncoder.load(SMALL, tmp_path / "part.safetensors")
    torch.save(state, tmp_path / "weights.pth")
    with pytest.raises(ValueError, match="pickles, which run any code"):
        ResNetEncoder.load(SMALL, tmp_path / "weights.pth")
    with pytest.raises(FileNotFoundError, match=r"nothing\.safetensors: no such file of weights.*mini tier"):
        ResNetEncoder.load(SMALL, tmp_path / "nothing.safetensors")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet51", "random"), r"no classification network 'resnet51'. Did you mean 'resnet50'.*mini tier"),
        (("zzz", "random"), r"no classification network 'zzz'. There are: alexnet, .*mini tier"),
        (("fcn_resnet50", "random"), "no classification network 'fcn_resnet50'"),  # segments pictures
        (("resnet18", "imagnet"), f"weights is 'imagnet'; expected {', '.join(WEIGHTS)} or a .safetensors file"),
        (("resnet18", "mini"), "no mini weights of 'resnet18'"),
        ((None, "random"), "weights is 'random': of which architecture"),
    ],
)
def test_names_that_do_not_exist(arguments, message):
    with pytest.raises(ValueError, match=message):
        ResNetEncoder.load(*arguments)


def test_unknown_precision_and_tier(monkeypatch):
    with pytest.raises(ValueError, match=f"precision is 'half'; expected one of {', '.join(PRECISIONS)}"):
        ResNetEncoder.load("resnet18", "random", precision="half")
    with pytest.raises(ValueError, match="tier is 'huge'"):
        ResNetEncoder.load(tier="huge")


# Published weights, as torchvision keeps them once they are downloaded


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """Where torchvision looks for what was downloaded before; the weights of a small network lie there."""
    from torchvision.models import get_model_weights

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder / get_model_weights(SMALL).DEFAULT.url.rsplit("/", 1)[-1]


def test_published_weights(downloads):
    network = classification_network(SMALL, "random")
    torch.save(network.state_dict(), downloads)
    encoder = ResNetEncoder.load(SMALL)
    np.testing.assert_array_equal(
        encoder.encode(noise()), ResNetEncoder.load(SMALL, "random").encode(noise())
    )  # exact: the same computation twice
    assert encoder.name == SMALL


def test_no_network_names_the_mini_tier(downloads):
    with pytest.raises(ConnectionError, match=rf"ImageNet weights of {SMALL} are not on this machine.*mini tier"):
        ResNetEncoder.load(SMALL, "imagenet")


def test_the_full_tier_asks_for_resnet_50(downloads, monkeypatch):
    monkeypatch.setenv("MMR_TIER", "full")
    with pytest.raises(ConnectionError, match="ImageNet weights of resnet50"):
        ResNetEncoder.load()


class Harmful:
    def __reduce__(self):
        return sys.exit, ("code of a pickle has run",)


def test_a_download_that_is_more_than_tensors_is_never_run(downloads):
    downloads.write_bytes(pickle.dumps(Harmful(), protocol=2))
    with pytest.raises(ValueError, match="damaged or holds more than tensors"):
        ResNetEncoder.load(SMALL)
    torch.save({"weights": Harmful()}, downloads)
    with pytest.raises(ValueError, match="damaged or holds more than tensors"):
        ResNetEncoder.load(SMALL)


# Vectors


def test_in_order_alone_or_together_from_files_or_pictures(random_resnet, tmp_path):
    pictures = noise(5)
    pictures[4].save(tmp_path / "a.png")
    together = random_resnet.encode([*pictures, tmp_path / "a.png"], batch_size=2)
    assert together.shape == (6, 512)
    assert together.dtype == np.float32
    random_resnet.network.train()  # somebody forgot
    alone = np.concatenate([random_resnet.encode([one]) for one in pictures])
    np.testing.assert_allclose(alone, together[:5], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(together[5], together[4], rtol=1e-3, atol=1e-4)
    assert np.linalg.norm(together[0] - together[1]) > 100 * np.linalg.norm(together[5] - together[4])


def test_half_precision_is_near(random_resnet):
    half = ResNetEncoder.load("resnet18", "random", precision="bfloat16")
    full, near = random_resnet.encode(noise()), half.encode(noise())
    assert near.dtype == np.float32
    assert np.linalg.norm(near - full) < 0.05 * np.linalg.norm(full)
    assert not np.array_equal(near, full)
    assert fingerprint(half) != fingerprint(random_resnet)


def test_what_is_no_picture(random_resnet):
    with pytest.raises(UnencodableValue, match="value 1: 0 x 3 pixels"):
        random_resnet.encode([noise(1)[0], Image.new("RGB", (0, 3))])
    with pytest.raises(TypeError, match="Put a single value into a list"):
        random_resnet.encode(noise(1)[0])


def test_the_fingerprint_knows_network_weights_and_preprocessing(random_resnet):
    assert isinstance(random_resnet, Identified)
    other = ResNetEncoder(random_resnet.network, preprocessing(64), dim=512, name="resnet18")
    assert fingerprint(other) != fingerprint(random_resnet)


# The mini network


def test_the_mini_network_is_torchvisions_own():
    assert sum(values.numel() for values in mini_resnet([1, 1, 1, 1]).parameters()) == 4_905_792
    eighteen = classification_network("resnet18", "random")
    without_head(eighteen)
    assert mini_resnet([2, 2, 2, 2]).state_dict().keys() == eighteen.state_dict().keys()


def test_a_folder_like_that_of_the_mini_weights(tmp_path):
    network = mini_resnet([1, 1, 1, 1])
    save_weights(tmp_path, network, {"blocks": [1, 1, 1, 1], "dim": 512, "size": 48})
    loaded = ResNetEncoder.load_mini(tmp_path)
    assert (loaded.name, loaded.dim) == ("resnet", 512)
    assert loaded.transform(noise(1)[0]).shape == (3, 48, 48)
    assert loaded.encode([Image.new("RGB", (50, 50))]).shape == (1, 512)
    with pytest.raises(FileNotFoundError, match="holds no weights"):
        ResNetEncoder.load_mini(tmp_path / "nowhere")
