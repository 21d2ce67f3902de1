"""The mini weights of the encoders of pictures: what their cards say is so."""

import json
from pathlib import Path

import pytest

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
