"""The small convolutional network: against loops, what it learns from a handful of pictures, saving and loading."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image, ImageDraw

from mmr_toolkit.features.cache.fingerprint import Identified, fingerprint, megabytes
from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from mmr_toolkit.features.image.cnn import SIZE, CnnEncoder, convolutional_network
from mmr_toolkit.features.train_on_labels import draw_weights
from mmr_toolkit.features.weights.folder import read_config, save_weights

COLOURS = ("red", "green", "blue", "gold")
SHAPES = ("disc", "square", "bars")


def thing(shape: str, colour: str, place: int = 0, size: int = 72) -> Image.Image:
    """A coloured shape before a grey backdrop; every place is another photo of it."""
    image = Image.new("RGB", (size, size), (170 + 5 * place, 175, 185))
    draw, shift = ImageDraw.Draw(image), 3 * (place % 4)
    if shape == "disc":
        draw.ellipse([14 + shift, 20 - shift, 50 + shift, 56 - shift], fill=colour)
    elif shape == "square":
        draw.rectangle([16 + shift, 22 - shift, 48 + shift, 52 - shift], fill=colour)
    else:
        for x in range(16, 56, 12):
            draw.rectangle([x + shift, 18, x + 5 + shift, 54], fill=colour)
    return image


def shop(places: range) -> tuple[list[Image.Image], dict[str, list[str | None]]]:
    made = [(shape, colour, place) for place in places for shape in SHAPES for colour in COLOURS]
    return [thing(*one) for one in made], {"shape": [one[0] for one in made], "colour": [one[1] for one in made]}


@pytest.fixture(scope="module")
def encoder() -> CnnEncoder:
    pictures, labels = shop(range(16))
    return CnnEncoder.train(pictures, labels, epochs=12, channels=(8, 16, 32), progress=False)


# The network


def test_network_by_loops(rng):
    network = convolutional_network((2, 3)).eval()
    draw_weights(network, torch.Generator().manual_seed(0))
    for block in network[:2]:
        for values, low in ((block[1].running_mean, -1), (block[1].running_var, 0.5), (block[1].weight.data, 0.5)):
            values.copy_(torch.from_numpy(rng.uniform(low, 2, values.shape)))
    picture = rng.uniform(-1, 1, (3, 9, 9)).astype(np.float32)

    maps = picture
    for block in network[:2]:
        kernel, norm = block[0].weight.detach().numpy(), block[1]
        padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
        rows, columns = (padded.shape[1] - 1) // 2, (padded.shape[2] - 1) // 2
        out = np.zeros((len(kernel), rows, columns))
        for k in range(len(kernel)):
            for y in range(rows):
                for x in range(columns):
                    out[k, y, x] = (padded[:, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3] * kernel[k]).sum()
            mean, variance = float(norm.running_mean[k]), float(norm.running_var[k])
            out[k] = (out[k] - mean) / np.sqrt(variance + norm.eps) * norm.weight[k].item() + norm.bias[k].item()
        maps = np.maximum(out, 0)
    with torch.no_grad():
        found = network(torch.from_numpy(picture)[None])[0].numpy()
    np.testing.assert_allclose(found, maps.mean(axis=(1, 2)), rtol=1e-4)


def test_any_size_of_input_and_any_channels():
    network = convolutional_network((4, 5, 6)).eval()
    assert network(torch.zeros(2, 3, 33, 50)).shape == (2, 6)
    assert CnnEncoder(network).channels == [4, 5, 6]
    assert CnnEncoder(network).dim == 6


def test_the_default_network_is_small():
    weights = sum(values.numel() for values in convolutional_network().parameters())
    assert 100_000 < weights < 400_000
    assert CnnEncoder(convolutional_network()).dim == 192


# What it learns


def test_new_photos_find_things_of_the_same_shape_and_colour(encoder):
    pictures, labels = shop(range(16))
    asked, expected = shop(range(16, 19))
    items, queries = encoder.encode(pictures), encoder.encode(asked)
    cosines = (queries @ items.T) / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(items, axis=1)
    for name, chance in (("shape", 1 / 3), ("colour", 1 / 4)):
        nearest = np.array(labels[name])[cosines.argmax(axis=1)]
        right = (nearest == np.array(expected[name])).mean()
        assert right > 0.85 > 2 * chance, name


def test_history(encoder):
    assert list(encoder.history.columns) == ["loss", "shape", "colour"]
    assert len(encoder.history) == 12
    assert encoder.history["loss"].iloc[-1] < 0.7 * encoder.history["loss"].iloc[0]
    assert encoder.history["shape"].iloc[-1] > 0.5 > 1 / len(SHAPES)


def test_one_seed_one_encoder_whatever_runs_before():
    pictures, labels = shop(range(2))
    options = {"epochs": 2, "channels": (4, 8), "progress": False}
    first = CnnEncoder.train(pictures, labels, **options)
    torch.rand(5)
    again, other = CnnEncoder.train(pictures, labels, **options), CnnEncoder.train(pictures, labels, seed=1, **options)
    np.testing.assert_array_equal(first.encode(pictures), again.encode(pictures))  # exact: the same training twice
    assert not np.allclose(first.encode(pictures), other.encode(pictures))
    pd.testing.assert_frame_equal(first.history, again.history)


def test_labels_may_be_missing():
    pictures, labels = shop(range(2))
    labels["colour"] = [None if i % 3 else colour for i, colour in enumerate(labels["colour"])]
    trained = CnnEncoder.train(pictures, labels, epochs=1, channels=(4, 8), progress=False)
    assert np.isfinite(trained.encode(pictures)).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": {"shape": ["disc"]}}, ValueError, "1 values of the label 'shape' for 12 inputs"),
        ({"labels": {}}, NothingToLearn, "no label has two different values"),
        ({"epochs": 0}, ValueError, "expected at least 1"),
        ({"pictures": [None]}, ValueError, "Value 0 is None"),
        ({"pictures": [Image.new("RGB", (0, 4))]}, UnencodableValue, "0 x 4 pixels"),
    ],
)
def test_what_cannot_be_learned_from(change, error, message):
    pictures, labels = shop(range(1))
    with pytest.raises(error, match=message):
        CnnEncoder.train(**{"pictures": pictures, "labels": labels, "epochs": 1, "progress": False, **change})


# Vectors


def test_shape_dtype_and_order(encoder, tmp_path):
    pictures, _ = shop(range(1))
    pictures[3].save(tmp_path / "a.png")
    vectors = encoder.encode([*pictures, tmp_path / "a.png", str(tmp_path / "a.png")])
    assert vectors.shape == (len(pictures) + 2, encoder.dim) == (14, 32)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[12:], vectors[[3, 3]], atol=1e-5)


def test_a_picture_is_encoded_alike_alone_and_among_others(encoder):
    pictures, _ = shop(range(2))
    together = encoder.encode(pictures, batch_size=7)
    encoder.network.train()  # somebody forgot; batch norm would mix the pictures of a batch
    np.testing.assert_allclose(np.concatenate([encoder.encode([one]) for one in pictures]), together, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(pictures[::-1])[::-1], together, atol=1e-5)


@pytest.mark.parametrize(
    "image",
    [Image.new("L", (30, 20)), Image.new("RGB", (1, 1)), Image.new("RGBA", (300, 10)), Image.new("P", (8, 900))],
)
def test_any_mode_and_size_gives_finite_numbers(encoder, image):
    assert np.isfinite(encoder.encode([image])).all()


def test_the_preprocessing_can_be_read(encoder):
    assert f"resize_size=[{SIZE}]" in str(encoder.transform)
    assert encoder.transform(thing("disc", "red")).shape == (3, SIZE, SIZE)


# Keeping it


def save(encoder: CnnEncoder, folder, **config) -> None:
    save_weights(folder, encoder.network, {"channels": encoder.channels} | config)


def test_saved_and_loaded_it_gives_nearly_the_same_vectors(encoder, tmp_path):
    save(encoder, tmp_path)
    loaded = CnnEncoder.load(tmp_path)
    pictures, _ = shop(range(1))
    scale = np.abs(encoder.encode(pictures)).max()
    np.testing.assert_allclose(loaded.encode(pictures), encoder.encode(pictures), atol=0.01 * scale)
    assert loaded.network[0][0].weight.dtype == torch.float32
    assert loaded.history is None
    size = (tmp_path / "model.safetensors").stat().st_size
    assert size < 1e6 * megabytes(encoder) * 0.5 + 5000  # 16 bits a number


def test_settings_and_weights_make_the_fingerprint(encoder, tmp_path):
    assert isinstance(encoder, Identified)
    before = fingerprint(encoder)
    save(encoder, tmp_path)
    assert fingerprint(CnnEncoder.load(tmp_path)) == fingerprint(CnnEncoder.load(tmp_path)) != before
    assert encoder.settings["channels"] == [8, 16, 32]
    assert fingerprint(encoder) == before
    same = CnnEncoder(encoder.network)
    assert fingerprint(same) == before
    same.transform.mean = [0.0, 0.0, 0.0]
    assert fingerprint(same) != before


def test_weights_of_another_network(encoder, tmp_path):
    save(encoder, tmp_path, channels=[8, 16, 33])
    with pytest.raises(ValueError, match=r"Of another shape.*mini tier"):
        CnnEncoder.load(tmp_path)


def test_folders_that_hold_no_weights(encoder, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"config\.json: no such file"):
        CnnEncoder.load(tmp_path / "nowhere")
    save(encoder, tmp_path)
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors: no such file of weights"):
        CnnEncoder.load(tmp_path)
    for text, message in (("{", "is damaged"), ("[1]", "holds list, expected an object")):
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            read_config(tmp_path)
