"""Files and texts that no encoder can use, brought the whole way to every encoder: from the catalogue to a hole."""

import re
import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import MAX_PIXELS, MAX_SECONDS, SAMPLE_RATE
from mmr_toolkit.features import (
    BertEncoder,
    CnnEncoder,
    ColourTextureEncoder,
    MelCnnEncoder,
    MelSpectrogramEncoder,
    MfccEncoder,
    ResNetEncoder,
    UnencodableValue,
    Word2VecEncoder,
    extract,
)

NOISE = np.random.default_rng(0).uniform(-0.5, 0.5, 4000).astype(np.float32)
LONG_TEXT = "red wine " * 12_000  # 108,000 characters

TEXT_ENCODERS = {
    "word2vec": lambda: Word2VecEncoder(["red", "wine"], np.eye(2), np.ones(2)),
    "bert": BertEncoder.load,
}
IMAGE_ENCODERS = {
    "colour": lambda: ColourTextureEncoder().fit([Image.new("RGB", (32, 32), name) for name in ("red", "blue")]),
    "cnn": CnnEncoder.load,
    "resnet": ResNetEncoder.load,
}
AUDIO_ENCODERS = {
    "mfcc": lambda: MfccEncoder().fit([NOISE, NOISE[:2000]]),
    "mel": lambda: MelSpectrogramEncoder().fit([NOISE, NOISE[:2000]]),
    "mel cnn": MelCnnEncoder.load,
}


def with_value(value: float) -> np.ndarray:
    samples = NOISE.copy()
    samples[1234] = value
    return samples


def bad_picture(folder):
    Image.new("1", (10_000, MAX_PIXELS // 10_000 + 1)).save(folder / "bad.png")


BAD_SOUNDS = {
    "NaN": (with_value(np.nan), SAMPLE_RATE, "some samples are NaN or infinite"),
    "infinite": (with_value(-np.inf), SAMPLE_RATE, "some samples are NaN or infinite"),
    "too long": (np.ones(100 * (int(MAX_SECONDS) + 1)), 100, "601 s long, at most 600 s are read"),
}


def reason_of(folder, column, value, good, encoder):
    """Why the second of three items has no vector; the two others have one."""
    table = pd.DataFrame({"id": ["before", "bad", "after"], column: [good, value, good]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the hole, and of pictures that are not of the shop
        features = extract(
            Catalogue.from_table(table, folder), {encoder.modality: encoder}, progress=False, cache=False
        )
    np.testing.assert_array_equal(features.mask[encoder.modality], [True, False, True])
    np.testing.assert_array_equal(features.vectors[encoder.modality][1], 0)
    assert features.vectors[encoder.modality][[0, 2]].any(axis=1).all()
    ((id, modality, reason),) = features.faults
    assert (id, modality) == ("bad", encoder.modality)
    return reason


@pytest.mark.parametrize("name", IMAGE_ENCODERS)
def test_a_picture_over_the_pixel_cap_becomes_a_hole(tmp_path, name):
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "good.png")
    bad_picture(tmp_path)
    reason = reason_of(tmp_path, "image_file_name", "bad.png", "good.png", IMAGE_ENCODERS[name]())
    assert reason == f"10000 x 5001 pixels, at most {MAX_PIXELS:,} are read"


@pytest.mark.parametrize("name", IMAGE_ENCODERS)
def test_an_encoder_alone_refuses_a_picture_over_the_pixel_cap(tmp_path, name):
    bad_picture(tmp_path)
    with pytest.raises(ValueError, match="10000 x 5001 pixels, at most 50,000,000 are read"):
        IMAGE_ENCODERS[name]().encode([tmp_path / "bad.png"])


@pytest.mark.parametrize("fault", BAD_SOUNDS)
@pytest.mark.parametrize("name", AUDIO_ENCODERS)
def test_a_sound_that_is_broken_or_over_the_length_cap_becomes_a_hole(tmp_path, name, fault):
    samples, rate, expected = BAD_SOUNDS[fault]
    soundfile.write(tmp_path / "bad.wav", samples, rate, subtype="FLOAT")
    soundfile.write(tmp_path / "good.wav", NOISE, SAMPLE_RATE)
    encoder = AUDIO_ENCODERS[name]()
    assert reason_of(tmp_path, "audio_file_name", "bad.wav", "good.wav", encoder) == expected
    with pytest.raises(ValueError, match=expected):
        encoder.encode([tmp_path / "bad.wav"])


@pytest.mark.parametrize("text", ["", "  \n", "\u3000"])
@pytest.mark.parametrize("name", TEXT_ENCODERS)
def test_an_encoder_refuses_an_empty_text(name, text):
    """In a catalogue it is a hole from the start: `empty_text` in test_doctor.py."""
    with pytest.raises(UnencodableValue, match=r"value 1: the text .* (is empty|has no words)") as caught:
        TEXT_ENCODERS[name]().encode(["red wine", text])
    assert list(caught.value.reasons) == [1]


@pytest.mark.parametrize("name", TEXT_ENCODERS)
def test_a_text_that_an_encoder_knows_nothing_in_becomes_a_hole(tmp_path, name):
    reason = reason_of(tmp_path, "text", "\U0001f377", "red wine", TEXT_ENCODERS[name]())
    assert re.match("none of its words is known|the text .* has no words|the tokenizer knows nothing", reason)


@pytest.mark.parametrize("name", TEXT_ENCODERS)
def test_a_text_of_100_000_characters_has_a_vector(tmp_path, name):
    """Word vectors read all of it, and the mean of the same words again and again is the same; BERT cuts it."""
    encoder = TEXT_ENCODERS[name]()
    table = pd.DataFrame({"id": ["long", "short"], "text": [LONG_TEXT, LONG_TEXT[:9000].strip()]})
    features = extract(Catalogue.from_table(table, tmp_path), {"text": encoder}, progress=False, cache=False)
    assert features.mask["text"].all()
    assert features.vectors["text"].any(axis=1).all()
    np.testing.assert_allclose(*features.vectors["text"], atol=1e-5)
