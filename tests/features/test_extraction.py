"""extract() on a catalogue that can be followed by hand: holes, faults, foreign encoders; and the default encoders."""

import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image
from tqdm import tqdm

from counting_encoders import counting_encoders
from mmr_toolkit import cornershop
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.modalities import MODALITIES
from mmr_toolkit.features import Features, default_encoders, extract
from mmr_toolkit.features.audio.mel_cnn import MelCnnEncoder
from mmr_toolkit.features.cache import encode_parts
from mmr_toolkit.features.encoder import UnencodableValue, without_unencodable
from mmr_toolkit.features.image.cnn import CnnEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from small_catalogue import ITEMS, PitchEncoder, WordEncoder, small_catalogue, small_encoders


@pytest.fixture
def catalogue(tmp_path) -> Catalogue:
    return small_catalogue(tmp_path)


def faulty(folder, **cells) -> Catalogue:
    """A catalogue of one line with `cells` between two good ones."""
    soundfile.write(folder / "good.wav", np.random.default_rng(0).uniform(-0.5, 0.5, 4000), 16_000)
    Image.new("RGB", (32, 32), "red").save(folder / "good.png")
    good = {"text": "red wine", "image_file_name": "good.png", "audio_file_name": "good.wav"}
    rows = [{"id": "before"} | good, {"id": "faulty"} | good | cells, {"id": "after"} | good]
    pd.DataFrame(rows).to_csv(folder / "metadata.csv", index=False, encoding="utf-8")
    return Catalogue.from_folder(folder)


# Values and holes


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_each_row_is_the_vector_of_its_item_and_holes_are_zero(catalogue, batch_size):
    features = extract(catalogue, small_encoders(), batch_size=batch_size, progress=False)
    assert features.ids == [item[0] for item in ITEMS]
    assert list(features.vectors) == list(MODALITIES)
    assert features.faults == []
    for modality, encoder in small_encoders().items():
        matrix, mask = features.vectors[modality], features.mask[modality]
        assert matrix.shape == (len(ITEMS), encoder.dim)
        assert matrix.dtype == np.float32
        assert mask.dtype == bool
        for row, present, value in zip(matrix, mask, catalogue.values(modality), strict=True):
            assert present == (value is not None)
            expected = np.zeros(encoder.dim) if value is None else encoder.encode([value])[0]
            np.testing.assert_array_equal(row, expected)


def test_a_modality_without_an_encoder_is_left_out(catalogue):
    features = extract(catalogue, {"audio": PitchEncoder()}, progress=False)
    assert list(features.vectors) == list(features.mask) == ["audio"]
    assert len(features) == len(ITEMS)
    assert features.dims == {"audio": 4}
    assert repr(features) == "Features(6 items: 5 audio vectors of 4; 0 parts lost)"


@pytest.mark.parametrize(
    ("vectors", "mask", "message"),
    [
        (
            {"text": (2, 4)},
            {"text": 3},
            r"text: vectors of shape \(2, 4\) and a mask of shape \(3,\) for 3 ids; expected",
        ),
        (
            {"text": (3, 4)},
            {"text": 2},
            r"vectors of shape \(3, 4\) and a mask of shape \(2,\) for 3 ids; expected \(3, d\)",
        ),
        ({"text": (3, 4), "image": (4, 2)}, {"text": 3, "image": 4}, r"image: vectors of shape \(4, 2\)"),
        ({"text": (3,)}, {"text": 3}, r"text: vectors of shape \(3,\)"),
        ({"text": (3, 4)}, {"image": 3}, "vectors are of text, masks of image: expected both"),
        ({"text": (3, 4), "image": (3, 2)}, {"text": 3}, "vectors are of text, image, masks of text: expected both"),
    ],
)
def test_rows_masks_and_ids_of_different_lengths_are_refused(vectors, mask, message):
    matrices = {name: np.ones(shape, np.float32) for name, shape in vectors.items()}
    with pytest.raises(ValueError, match=message):
        Features(matrices, {name: np.ones(n, bool) for name, n in mask.items()}, [], ["a", "b", "c"])


def test_items_with_only_one_modality_keep_its_holes():
    mask = {"text": np.array([True, False]), "image": np.array([True, True])}
    features = Features({"text": np.ones((2, 3)), "image": np.ones((2, 4))}, mask, [], ["a", "b"])
    only = features.only("text")
    assert {name: has.tolist() for name, has in only.mask.items()} == {"text": [True, False], "image": [False, False]}
    assert features.mask["image"].all()


def test_a_modality_that_the_catalogue_lacks_is_all_holes(tmp_path):
    catalogue = Catalogue.from_table(pd.DataFrame({"text": ["red wine", "soda"]}), tmp_path)
    features = extract(catalogue, small_encoders(), progress=False)
    assert features.mask["text"].all()
    assert not features.mask["audio"].any()
    assert features.vectors["audio"].shape == (2, 4)


def test_the_progress_bar_can_be_switched_off(catalogue, capsys):
    extract(catalogue, small_encoders(), progress=False)
    assert capsys.readouterr().err == ""
    extract(catalogue, small_encoders())
    assert "audio: pitch" in capsys.readouterr().err


# Parts that cannot be used


def write_nothing(folder):
    (folder / "bad.png").touch()


def write_cut_picture(folder):
    Image.effect_noise((64, 64), 50).save(folder / "whole.jpg")
    (folder / "bad.png").write_bytes((folder / "whole.jpg").read_bytes()[:600])


def write_silence(folder):
    soundfile.write(folder / "bad.wav", np.zeros(4000), 16_000)


def write_short_sound(folder):
    soundfile.write(folder / "bad.wav", np.ones(100) * 0.1, 16_000)


@pytest.mark.parametrize(
    ("modality", "cells", "spoil", "reason"),
    [
        ("text", {"text": "zebra"}, None, r"none of its words is known \(zebra\)"),
        ("image", {"image_file_name": "bad.png"}, write_nothing, "empty"),
        ("image", {"image_file_name": "bad.png"}, write_cut_picture, "cut off or damaged"),
        ("audio", {"audio_file_name": "bad.wav"}, write_silence, "silent"),
        ("audio", {"audio_file_name": "bad.wav"}, write_short_sound, "100 samples are too short"),
    ],
)
def test_a_bad_part_becomes_a_hole_with_its_reason(tmp_path, modality, cells, spoil, reason):
    if spoil is not None:
        spoil(tmp_path)
    catalogue = faulty(tmp_path, **cells)
    encoders = default_encoders(catalogue.subset([0, 2]))
    with pytest.warns(UserWarning, match=f"1 part could not be used.*the {modality} of faulty: .*{reason}"):
        features = extract(catalogue, encoders, progress=False)
    assert [(fault.id, fault.modality) for fault in features.faults] == [("faulty", modality)]
    for name in MODALITIES:
        np.testing.assert_array_equal(features.mask[name], [True, name != modality, True])
    np.testing.assert_array_equal(features.vectors[modality][1], 0)
    assert str(tmp_path) not in features.faults[0].reason


def test_a_file_that_went_away_becomes_a_hole(catalogue):
    (catalogue.folder / "can-red.png").unlink()
    with pytest.warns(UserWarning, match="there is no file can-red.png"):
        features = extract(catalogue, small_encoders(), progress=False)
    assert not features.mask["image"][2]


class BrokenEncoder(WordEncoder):
    """Says NaN about soda."""

    name = "broken"

    def encode(self, values, *, batch_size=64, device="cpu"):
        vectors = super().encode(values)
        vectors[["soda" in text for text in values]] = np.nan
        return vectors


def test_a_vector_of_nan_becomes_a_hole(catalogue):
    with pytest.warns(UserWarning, match="2 parts .* text of can-red: broken returned NaN or infinity"):
        features = extract(catalogue, {"text": BrokenEncoder()}, progress=False)
    np.testing.assert_array_equal(features.mask["text"], [True, True, False, True, False, False])
    assert np.isfinite(features.vectors["text"]).all()


def test_what_can_be_encoded_is_encoded():
    vectors, reasons = without_unencodable(WordEncoder().encode, ["red", "zebra", "wine", "gnu"])
    np.testing.assert_array_equal(vectors, WordEncoder().encode(["red", "wine"]))  # exact: counts of words
    assert list(reasons) == [1, 3]
    vectors, reasons = without_unencodable(WordEncoder().encode, ["zebra"])
    assert vectors is None
    assert list(reasons) == [0]


def test_an_error_shows_three_reasons_at_most():
    error = UnencodableValue(dict.fromkeys(range(5), "silent"))
    assert str(error) == "value 0: silent; value 1: silent; value 2: silent (and 2 more)"


# Encoders that are none


class SquareEncoder(WordEncoder):
    """Returns another shape than it promises."""

    name = "square"

    def encode(self, values, *, batch_size=64, device="cpu"):
        return np.zeros((len(values), 7))


@pytest.mark.parametrize(
    ("encoders", "error", "message"),
    [
        ({}, ValueError, "No encoders given; expected at least one of text, image, audio"),
        ({"smell": WordEncoder()}, ValueError, "Unknown modalities: 'smell'; expected text, image, audio"),
        ({"image": WordEncoder()}, ValueError, "words encodes text, but was given as the image encoder"),
        ({"text": len}, TypeError, "has no modality, name, dim, encode"),
        ({"text": SquareEncoder()}, ValueError, r"square.encode returned shape \(3, 7\) .* expected \(3, 8\)"),
    ],
)
def test_encoders_that_do_not_fit(catalogue, encoders, error, message):
    if encoders.get("text") is len:
        message = r"built-in function len.* has no modality"
    with pytest.raises(error, match=message):
        extract(catalogue, encoders, progress=False)


def test_numbers_that_make_no_sense(catalogue):
    with pytest.raises(ValueError, match="batch_size is 0; expected at least 1"):
        extract(catalogue, small_encoders(), batch_size=0)
    with pytest.raises(ValueError, match="workers is -1; expected 0 or more, or None"):
        extract(catalogue, small_encoders(), workers=-1)


@pytest.mark.slow
def test_workers_make_no_difference(catalogue):
    (catalogue.folder / "can-red.png").write_bytes(b"cut")
    with pytest.warns(UserWarning, match="1 part could not be used"):
        here, elsewhere = (
            extract(catalogue, small_encoders(), batch_size=2, progress=False, workers=workers) for workers in (0, 2)
        )
    assert elsewhere.faults == here.faults
    for name in MODALITIES:
        np.testing.assert_array_equal(
            elsewhere.vectors[name], here.vectors[name]
        )  # exact: the same computation in other processes
        np.testing.assert_array_equal(elsewhere.mask[name], here.mask[name])


class LengthEncoder(WordEncoder):
    """Notes the lengths of the texts that it is given together."""

    name, dim = "length", 1

    def __init__(self):
        self.given = []

    def encode(self, values, *, batch_size=64, device="cpu"):
        self.given.append([len(value) for value in values])
        return np.array([[len(value)] for value in values], dtype=np.float32)


def test_texts_come_a_shard_at_a_time_the_longest_first(tmp_path, monkeypatch, rng):
    monkeypatch.setattr(encode_parts, "SHARD", 20)
    texts = ["x" * n for n in rng.permutation(np.arange(1, 51)).tolist()]
    encoder = LengthEncoder()
    catalogue = Catalogue.from_table(pd.DataFrame({"text": texts}), tmp_path)
    features = extract(catalogue, {"text": encoder}, batch_size=3, progress=False)
    np.testing.assert_array_equal(features.vectors["text"][:, 0], [len(text) for text in texts])
    assert sum(encoder.given, []) == list(range(50, 0, -1))
    assert list(map(len, encoder.given)) == [20, 20, 10]


def test_the_progress_bar_counts_every_part_once(catalogue, monkeypatch):
    bars = []
    monkeypatch.setitem(extract.__globals__, "tqdm", lambda **options: bars.append(tqdm(**options)) or bars[-1])
    (catalogue.folder / "can-red.png").unlink()
    for _ in range(2):  # the second time from the cache
        with pytest.warns(UserWarning, match="there is no file"):
            extract(catalogue, counting_encoders(), progress=True)
    assert [(bar.n, bar.total) for bar in bars] == [(15, 15), (15, 15)]


# The default encoders


def test_default_encoders_find_the_other_language_the_colour_and_the_tone(catalogue):
    encoders = default_encoders(catalogue)
    assert list(encoders) == list(MODALITIES)
    features = extract(catalogue, encoders, progress=False)
    for name, cells in catalogue.mask.items():
        np.testing.assert_array_equal(features.mask[name], cells)
        assert np.linalg.norm(features.vectors[name], axis=1)[features.mask[name]].min() > 0

    def closest(modality, value):
        return int(np.argmax(features.vectors[modality] @ encoders[modality].encode([value])[0]))

    assert closest("text", "白葡萄酒") == 1
    assert closest("image", Image.new("RGB", (20, 20), (20, 40, 200))) == 5
    time = np.arange(8000) / 16_000
    assert closest("audio", (0.1 * np.sin(2 * np.pi * 3000 * time)).astype(np.float32)) in (2, 4, 5)


def test_texts_are_learned_from_all_splits_pictures_and_sounds_from_training(catalogue):
    catalogue.table["split"] = ["test"] + ["train"] * 5
    encoders, of_training = default_encoders(catalogue), default_encoders(catalogue.subset(range(1, 6)))
    assert encoders["text"].unknown("red wine 红酒") == []
    np.testing.assert_array_equal(encoders["image"].mean, of_training["image"].mean)  # exact: the same mean twice
    np.testing.assert_array_equal(
        encoders["audio"].standardise.mean, of_training["audio"].standardise.mean
    )  # exact: the same mean twice


def test_without_training_items_all_are_used(catalogue):
    catalogue.table["split"] = "test"
    of_test = default_encoders(catalogue)["image"].mean
    del catalogue.table["split"]
    np.testing.assert_array_equal(of_test, default_encoders(catalogue)["image"].mean)


def test_a_modality_without_a_usable_part_has_no_encoder(tmp_path):
    (tmp_path / "note.png").write_text("not a picture", encoding="utf-8")
    catalogue = Catalogue.from_table(pd.DataFrame({"text": ["red wine"], "image_file_name": ["note.png"]}), tmp_path)
    with pytest.warns(UserWarning, match="No image encoder: no usable values to learn from.*doctor"):
        encoders = default_encoders(catalogue)
    assert list(encoders) == ["text"]


@pytest.mark.slow
def test_the_shop_is_extracted_whole(root):
    catalogue = Catalogue.from_folder(root / "data" / "cornershop").subset(np.arange(0, 1216, 19))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = extract(catalogue, default_encoders(catalogue), progress=False)
    assert isinstance(features, Features)
    np.testing.assert_array_equal(np.stack([features.mask[m] for m in MODALITIES], axis=1), catalogue.mask)


def test_the_full_tier_takes_published_weights_for_texts_and_pictures(catalogue, monkeypatch):
    asked = []

    def load(kind):
        def loaded(*, tier):
            asked.append((kind, tier))
            return small_encoders()[kind]

        return loaded

    monkeypatch.setattr(BertEncoder, "load", load("text"))
    monkeypatch.setattr(ResNetEncoder, "load", load("image"))
    encoders = default_encoders(catalogue, tier="full")
    assert asked == [("text", "full"), ("image", "full")]
    assert {name: encoder.name for name, encoder in encoders.items()} == {
        "text": "words",
        "image": "colour",
        "audio": "mfcc",
    }
    monkeypatch.setenv("MMR_TIER", "full")
    assert default_encoders(catalogue, modalities=["image"])["image"].name == "colour"
    assert default_encoders(catalogue, tier="mini", modalities=["image"])["image"].name == "colour-texture"
    with pytest.raises(ValueError, match="tier is 'best'; expected one of mini, full"):
        default_encoders(catalogue, tier="best")


def test_default_encoders_of_some_modalities_only(catalogue):
    encoders = default_encoders(catalogue, modalities=["text"])
    assert list(encoders) == ["text"]
    np.testing.assert_array_equal(
        encoders["text"].encode(["red"]), default_encoders(catalogue)["text"].encode(["red"])
    )  # exact: the same computation twice
    without_sound = catalogue.subset(catalogue.table["audio"].isna().to_numpy())
    with pytest.raises(ValueError, match="this catalogue has no audio, only text, image"):
        default_encoders(without_sound, modalities=["text", "audio"])


# Mini weights on another catalogue than theirs


def warnings_of(catalogue, encoders) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        extract(catalogue, encoders, progress=False, cache=False)
    return [str(one.message) for one in caught if "mini weights" in str(one.message)]


def test_it_is_said_once_that_mini_weights_know_another_catalogue_only(catalogue):
    mini = {"text": BertEncoder.load(), "image": CnnEncoder.load(), "audio": MelCnnEncoder.load()}
    [message] = warnings_of(catalogue, mini)
    assert message.startswith(
        "The mini weights of bert and cnn and mel-cnn know only the catalogue cornershop: of "
        f"{catalogue.folder.name} their vectors say little. The full tier's weights"
    )
    [message] = warnings_of(catalogue, {"image": ResNetEncoder.load()})
    assert message.startswith("The mini weights of resnet know only")


@pytest.mark.slow
def test_nothing_is_said_of_their_own_catalogue_nor_of_encoders_that_learn_from_the_catalogue(catalogue):
    assert warnings_of(cornershop().subset([0, 1]), {"image": CnnEncoder.load(), "text": BertEncoder.load()}) == []
    assert warnings_of(catalogue, default_encoders(catalogue)) == []
