"""The towers of CLIP against the whole model's own forward."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from mmr_toolkit.catalogue.media import UnreadableMedia
from mmr_toolkit.features.cache.fingerprint import fingerprint, megabytes
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.two_towers import ClipEncoder
from tiny_models import save_bert, save_clip

TEXTS = ["red wine", "a photo of the white wine", "cherry", "soda red", "红 酒"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    save_clip(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder):
    from transformers import CLIPModel

    return CLIPModel.from_pretrained(folder).eval()


@pytest.fixture(scope="module")
def encoders(folder):
    return {modality: ClipEncoder.load(folder, modality=modality) for modality in ClipEncoder.modalities}


def pictures() -> list[Image.Image]:
    rng = np.random.default_rng(0)
    sizes = [(32, 32), (40, 32), (33, 70), (32, 32)]
    return [Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)) for width, height in sizes]


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_cosines_across_the_towers_are_the_whole_models(encoders, model):
    """CLIP's own logits are the cosines of texts and pictures times a learned scale."""
    ids = [[2, *numbers, 3] for numbers in ([4, 6], [9, 10, 11, 12, 5, 6], [7], [8, 4], [15, 16])]
    with torch.inference_mode():
        # One text at a time and nothing padded; pictures prepared by hand: no resizing is needed at 32 x 32.
        square = np.stack([np.asarray(picture) for picture in pictures() if picture.size == (32, 32)])
        mean, std = np.array([0.48145466, 0.4578275, 0.40821073]), np.array([0.26862954, 0.26130258, 0.27577711])
        pixels = torch.from_numpy((square / 255 - mean) / std).permute(0, 3, 1, 2).float()
        logits = [model(input_ids=torch.tensor([row]), pixel_values=pixels).logits_per_text for row in ids]
    expected = torch.cat(logits).numpy() / np.exp(model.logit_scale.item())
    texts = encoders["text"].encode(TEXTS)
    images = encoders["image"].encode([picture for picture in pictures() if picture.size == (32, 32)])
    assert texts.dtype == images.dtype == np.float32
    assert texts.shape == (5, 6) == (5, encoders["text"].dim)
    assert encoders["image"].dim == 6
    np.testing.assert_allclose(unit(texts) @ unit(images).T, expected, atol=1e-5)
    assert np.ptp(expected) > 0.1  # else the comparison says nothing


@pytest.mark.parametrize("modality", ClipEncoder.modalities)
def test_a_value_is_encoded_alike_alone_and_among_others(encoders, modality):
    values = TEXTS if modality == "text" else pictures()
    together = encoders[modality].encode(values)
    alone = np.concatenate([encoders[modality].encode([value]) for value in values])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(encoders[modality].encode(values, batch_size=2), alone, atol=1e-5)
    assert np.abs(alone[0] - alone[1]).max() > 1e-2


def test_pictures_are_read_from_files(encoders, tmp_path):
    picture = pictures()[1]
    picture.save(tmp_path / "a.png")
    from_file, from_image = encoders["image"].encode([tmp_path / "a.png", picture])
    np.testing.assert_allclose(from_file, from_image, atol=1e-6)


def test_long_texts_are_cut(encoders):
    """Eight positions: six words between begin and end."""
    words = "red white wine cherry soda a photo of"
    np.testing.assert_allclose(
        encoders["text"].encode([words]), encoders["text"].encode(["red white wine cherry soda a"]), atol=1e-6
    )
    assert np.isfinite(encoders["text"].encode(["red " * 25_000])).all()


def test_half_precision_is_near(folder, encoders):
    for modality, values in {"text": TEXTS, "image": pictures()}.items():
        half = ClipEncoder.load(folder, modality=modality, precision="bfloat16").encode(values)
        assert half.dtype == np.float32
        np.testing.assert_allclose(half, encoders[modality].encode(values), atol=0.1)
        assert (half != encoders[modality].encode(values)).any()


def test_fingerprint(folder, encoders, tmp_path):
    """Alike when loaded again and after use; another for another tower, precision, cutting of texts or cropping."""
    prints = {modality: fingerprint(encoder) for modality, encoder in encoders.items()}
    encoders["text"].encode(TEXTS)
    assert fingerprint(encoders["text"]) == prints["text"]
    assert fingerprint(ClipEncoder.load(folder, modality="text")) == prints["text"]
    others = [ClipEncoder.load(folder, modality=name, precision="bfloat16") for name in ClipEncoder.modalities]
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name, change in {"preprocessor_config.json": {"resample": 2}, "tokenizer.json": {"normalizer": LOWER}}.items():
        settings = json.loads((tmp_path / name).read_text(encoding="utf-8"))
        (tmp_path / name).write_text(json.dumps(settings | change), encoding="utf-8")
    others += [ClipEncoder.load(tmp_path, modality=name) for name in ClipEncoder.modalities]
    assert len({*prints.values(), *map(fingerprint, others)}) == 6


LOWER = {"type": "Lowercase"}


def test_only_one_tower_is_loaded(encoders, model):
    n_weights = sum(weight.numel() for weight in model.state_dict().values())
    assert sum(map(megabytes, encoders.values())) == pytest.approx((n_weights - 1) * 4e-6)  # the scale is in no tower


# What is refused


@pytest.mark.parametrize(
    ("modality", "values", "error", "message"),
    [
        ("text", ["red", "  "], UnencodableValue, "value 1: the text '  ' is empty"),
        ("text", "red", TypeError, r"Put a single value into a list: encode\(\[value\]\)"),
        ("text", ["red", 3], TypeError, r"Value 1 is an int, expected texts \(str\)"),
        ("image", ["a.png"], FileNotFoundError, "a.png: no such file"),
        ("image", [np.zeros((32, 32, 3))], TypeError, "Value 0 is a ndarray, expected pictures"),
        ("image", [], ValueError, "empty list"),
        ("image", [Image.new("RGB", (0, 4))], UnencodableValue, "value 0: 0 x 4 pixels"),
    ],
)
def test_values_that_are_refused(encoders, modality, values, error, message):
    with pytest.raises(error, match=message):
        encoders[modality].encode(values)


def test_a_damaged_picture(encoders, tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UnreadableMedia, match="not a picture"):
        encoders["image"].encode([tmp_path / "a.png"])


def test_modality_and_precision(folder):
    with pytest.raises(ValueError, match="modality is 'audio'; ClipEncoder has towers for text and image"):
        ClipEncoder.load(folder, modality="audio")
    with pytest.raises(ValueError, match="precision is 'int8'; expected one of float32, bfloat16, float16"):
        ClipEncoder.load(folder, modality="text", precision="int8")


def test_other_models_and_missing_files(tmp_path):
    save_bert(tmp_path / "bert")
    with pytest.raises(ValueError, match="of type 'bert' by its config.json; expected 'clip'"):
        ClipEncoder.load(tmp_path / "bert", modality="text")
    save_clip(tmp_path / "clip")
    (tmp_path / "clip" / "preprocessor_config.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"has no preprocessor_config.json or processor_config.json\..*mini"):
        ClipEncoder.load(tmp_path / "clip", modality="image")
    with pytest.raises(ConnectionError, match="openai/clip-vit-base-patch32: no such folder here, .* mini tier"):
        ClipEncoder.load(modality="image")
