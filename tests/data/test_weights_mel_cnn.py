"""The mini weights of the sound network are what their card says."""

import json

import numpy as np
import pytest

from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.weights.tier import mini_weights
from mmr_toolkit.shop.data import cornershop
from mmr_toolkit.shop.quality import EncoderQuality, encoder_quality
from shop import build_shop, seed_of
from train_sounds import SETTINGS, fresh_recordings, training_recordings

pytestmark = pytest.mark.slow

FOLDER = mini_weights("mel-cnn")
TEST_ONLY = {"shorts", "beanie", "pear", "lemonade", "milk"}


@pytest.fixture(scope="module")
def card() -> dict:
    return json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=["validation", "test"])
def measured(request) -> tuple[str, EncoderQuality]:
    return request.param, encoder_quality(MelCnnEncoder.load(), request.param)


def test_the_quality_on_the_card(card, measured):
    split, quality = measured
    stated = card["quality"][split]
    assert list(stated) == list(quality.reached.index)
    for group, row in quality.reached.iterrows():
        for measure, value in row.items():
            assert value == pytest.approx(stated[group][measure], abs=0.01)
    assert quality.reached.loc["all", "AP"] > 0.85
    assert quality.chance.loc["all", "AP"] < 0.1


def test_the_settings_and_the_size_on_the_card(card):
    assert card["settings"] == SETTINGS
    assert card["name"] == MelCnnEncoder.name
    assert card["dim"] == MelCnnEncoder.load().dim == SETTINGS["dim"]
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 2e6
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for split, groups in card["quality"].items():
        for group, row in groups.items():
            assert f"| {split} | {group} | **{row['AP']:.3f}**" in text


def test_it_was_trained_on_training_products_only():
    shop = cornershop()
    table = shop.table.set_index("id")
    recordings = list(training_recordings())
    products = {path.stem for path, _ in recordings}
    assert set(table.loc[sorted(products), "split"]) == {"train"}
    assert not TEST_ONLY & set(table.loc[sorted(products), "type"])
    assert all(path.is_file() and sound == table.loc[path.stem, "sound"] for path, sound in recordings)
    n_recorded = table.loc[table["split"] == "train", "audio"].notna().sum()
    assert len(recordings) == len(set(recordings)) == n_recorded + (table["split"] == "train").sum()


def test_fresh_recordings_are_none_of_the_shop():
    def first_number(*names: object) -> int:
        return int(seed_of(*names).integers(2**63))

    n, classes = SETTINGS["fresh_recordings_of_a_class"], {product.sound for product in build_shop()}
    fresh = {first_number("fresh recording", sound, i) for sound in classes for i in range(n)}
    shop = {first_number("recording", product.id, view) for product in build_shop() for view in (0, 1)}
    assert len(fresh) == n * len(classes)
    assert not fresh & shop
    (samples, sound), *_ = fresh_recordings(["crunch"], 1)
    assert (samples.shape, sound) == ((16_000,), "crunch")
    np.testing.assert_array_equal(samples, next(fresh_recordings(["crunch"], 1))[0])
