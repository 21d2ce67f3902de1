"""The mini weights of the encoders of pictures: what their cards say is so, and on which pictures they warn."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mmr_toolkit import cornershop
from mmr_toolkit.features.cache.fingerprint import megabytes
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.shop.data import JUDGED
from model_card import measure
from train_pictures import LABELS, training_rows

pytestmark = pytest.mark.slow

LOAD = {"cnn": CnnEncoder.load, "resnet": ResNetEncoder.load}
LARGEST = {"cnn": 2e6, "resnet": 10.5e6}  # bytes of the whole folder


@pytest.fixture(scope="module", params=LOAD)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def encoder(name):
    return LOAD[name]()


@pytest.fixture(scope="module")
def card(name, root) -> dict:
    return json.loads((root / "data" / "weights" / name / "card.json").read_text(encoding="utf-8"))


def said(encoder, pictures) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encoder.encode(pictures)
    return [str(one.message) for one in caught]


# The card


def test_quality_is_what_the_card_says(encoder, card):
    measured = measure(encoder)["quality"]
    assert measured.keys() == card["quality"].keys() == set(JUDGED)
    for split, groups in card["quality"].items():
        assert measured[split].keys() == groups.keys()
        for group, reached in groups.items():
            assert measured[split][group] == pytest.approx(reached, abs=0.01), (split, group)


def test_quality_is_far_above_chance_and_above_statistics_made_by_hand(card):
    for split in JUDGED:
        for group, reached in card["quality"][split].items():
            assert reached["AP"] > 20 * card["chance"][split][group]["AP"]
    assert card["quality"]["validation"]["all"]["AP"] > 0.92
    assert card["quality"]["test"]["unseen"]["AP"] > 0.92


def test_the_card_describes_this_encoder(encoder, card, name, root):
    assert (encoder.name, encoder.dim, encoder.modality) == (card["name"], card["dim"], card["modality"])
    assert card["megabytes"] == pytest.approx(megabytes(encoder), abs=0.01)
    page = (root / "data" / "weights" / name / "README.md").read_text(encoding="utf-8")
    assert f"**{card['quality']['test']['unseen']['AP']:.3f}**" in page
    assert card["settings"]["threads"] == 1
    assert card["seconds"] < 240


def test_the_folder_is_small(name, root):
    files = list((root / "data" / "weights" / name).iterdir())
    assert {file.name for file in files} == {"README.md", "card.json", "config.json", "model.safetensors"}
    assert sum(file.stat().st_size for file in files) < LARGEST[name]


def test_a_loaded_encoder_is_in_evaluation_mode_and_float32(encoder):
    assert not encoder.network.training
    assert {str(values.dtype) for values in encoder.network.parameters()} == {"torch.float32"}


# What they were trained on


def test_only_the_training_split_is_trained_on():
    rows, table = training_rows(), cornershop().table
    assert set(rows["split"]) == {"train"}
    assert set(rows["id"]) == set(table.loc[table["split"] == "train", "id"])
    assert not {"shorts", "beanie", "pear", "lemonade", "milk"} & set(rows["type"])
    assert rows["type"].nunique() == 20
    assert {Path(path).parent.name for path in rows["value"]} == {"images", "query_images"}
    assert set(LABELS) == {"type", "colour", "pattern"}


# When they warn


def foreign(kind: str, n: int = 12) -> list[Image.Image]:
    """Pictures that no shop has."""
    rng = np.random.default_rng(0)
    if kind == "noise":
        return [Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)) for _ in range(n)]
    if kind == "patches":
        small = [Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)) for _ in range(n)]
        return [one.resize((120, 90), Image.Resampling.BICUBIC) for one in small]
    pictures = []
    for _ in range(n):  # a crowd of things up to the very rim
        image = Image.new("RGB", (120, 90), tuple(rng.integers(0, 256, 3).tolist()))
        draw = ImageDraw.Draw(image)
        for _ in range(60):
            x, y, side = rng.integers(-10, 120), rng.integers(-10, 90), rng.integers(8, 30)
            draw.ellipse([x, y, x + side, y + side], fill=tuple(rng.integers(0, 256, 3).tolist()))
        pictures.append(image)
    return pictures


@pytest.mark.parametrize("kind", ["noise", "patches", "crowd"])
def test_on_other_pictures_they_say_once_that_they_know_only_the_shop(name, kind):
    encoder = LOAD[name]()
    [message] = said(encoder, foreign(kind))
    assert "of 12 pictures do not look like the built-in shop's, and the mini weights know only the shop" in message
    assert said(encoder, foreign(kind)) == []


def test_on_no_picture_of_the_shop_do_they_warn(name):
    """Both photos of all products of all splits, and each of them alone."""
    encoder, shop = LOAD[name](), cornershop()
    known = [path for path in shop.values("image") if path is not None]
    photos = known + sorted((shop.folder / "query_images").iterdir())
    assert len(photos) > 2 * len(known)
    assert said(encoder, photos) == []
    if name == "cnn":  # the rims are looked at before either network
        from mmr_toolkit.features.image.pictures import as_tensors

        assert not encoder.familiar.is_strange(as_tensors(photos, encoder.transform)).any()
