"""The towers of CLAP against the whole model's own forward; sounds at 48 kHz, whatever comes in."""

import numpy as np
import pytest
import soundfile
import torch
from scipy.signal import resample_poly
from transformers import ClapFeatureExtractor, ClapModel

from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.features.cache.fingerprint import fingerprint
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.two_towers import ClapEncoder
from tiny_models import save_clap

TEXTS = ["sound of glass", "cherry", "the red wine soda", "a a a a a"]


@pytest.fixture(scope="module", params=[False, True], ids=["unfused", "fused"])
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clap")
    save_clap(folder, fusion=request.param)
    return folder


@pytest.fixture(scope="module")
def encoders(folder):
    return {modality: ClapEncoder.load(folder, modality=modality) for modality in ClapEncoder.modalities}


def clip(seed: int, seconds: float = 1.0, rate: int = SAMPLE_RATE) -> np.ndarray:
    """A decaying tone in noise, from the seed, with peak 1."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    tone = np.sin(2 * np.pi * rng.uniform(200, 3000) * time) * np.exp(-time * rng.uniform(1, 8))
    samples = tone + 0.1 * np.random.default_rng(seed + 1).standard_normal(len(time))
    return (samples / np.abs(samples).max()).astype(np.float32)


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_cosines_across_the_towers_are_the_whole_models(folder, encoders):
    """One text and one sound at a time; the sound brought to 48 kHz by hand."""
    model, extractor = ClapModel.from_pretrained(folder).eval(), ClapFeatureExtractor.from_pretrained(folder)
    ids = [[2, *numbers, 3] for numbers in ([13, 11, 14], [7], [12, 4, 6, 8], [9] * 5)]
    sounds = [clip(0), clip(7, 2.0)]
    expected = np.zeros((4, 2))
    for column, samples in enumerate(sounds):
        tripled = resample_poly(samples, 3, 1)
        mel = extractor(tripled, sampling_rate=48_000, return_tensors="pt")["input_features"]
        for row, numbers in enumerate(ids):
            with torch.inference_mode():
                whole = model(input_ids=torch.tensor([numbers]), input_features=mel, is_longer=torch.tensor([[False]]))
            expected[row, column] = whole.logits_per_text.item() / model.logit_scale_t.exp().item()
    texts, audio = encoders["text"].encode(TEXTS), encoders["audio"].encode(sounds)
    assert texts.dtype == audio.dtype == np.float32
    assert texts.shape == (4, 6) == (4, encoders["text"].dim)
    assert encoders["audio"].dim == 6
    np.testing.assert_allclose(unit(texts) @ unit(audio).T, expected, atol=1e-4)
    assert np.ptp(expected) > 0.02


@pytest.mark.parametrize("modality", ClapEncoder.modalities)
def test_a_value_is_encoded_alike_alone_and_among_others(encoders, modality):
    """For sounds also on the tenth call as on the first: the library's own reading draws at random."""
    values = TEXTS if modality == "text" else [clip(seed, seconds) for seed, seconds in enumerate((0.3, 1, 2, 5))]
    together = encoders[modality].encode(values)
    alone = np.concatenate([encoders[modality].encode([value]) for value in values])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    for _ in range(8):
        np.testing.assert_allclose(encoders[modality].encode(values, batch_size=3), alone, atol=1e-5)
    assert np.abs(alone[0] - alone[1]).max() > 1e-3


def test_only_the_beginning_of_a_long_sound_is_read(encoders):
    sound = clip(1, 5)
    beginning = resample_poly(sound, 3, 1)[:96_000]
    scaled = (beginning / np.abs(beginning).max()).astype(np.float32)
    np.testing.assert_allclose(
        encoders["audio"].encode([sound]), encoders["audio"].encode([(scaled, 48_000)]), rtol=0.1, atol=0.02
    )
    other_end = np.concatenate([sound[:40_000], clip(2, 2.5)])
    np.testing.assert_array_equal(*(encoders["audio"].encode([s]) for s in (sound, other_end)))


def test_files_rates_and_loudness(encoders, tmp_path):
    stereo = np.stack([clip(3, 1.0, 44_100)] * 2)
    soundfile.write(tmp_path / "a.wav", stereo.T, 44_100, subtype="FLOAT")
    file, pair, quiet = encoders["audio"].encode([tmp_path / "a.wav", (stereo, 44_100), (0.01 * stereo, 44_100)])
    np.testing.assert_allclose(file, pair, atol=1e-5)
    np.testing.assert_allclose(quiet, pair, atol=1e-4)


def test_long_texts_are_cut(encoders):
    """Nine positions of which RoBERTa uses eight: six words between begin and end."""
    long, short = "red white wine cherry soda a photo of", "red white wine cherry soda a"
    np.testing.assert_allclose(*(encoders["text"].encode([text]) for text in (long, short)), atol=1e-6)


def test_fingerprint(folder, encoders):
    prints = [fingerprint(encoder) for encoder in encoders.values()]
    again = [fingerprint(ClapEncoder.load(folder, modality=name)) for name in ClapEncoder.modalities]
    assert prints == again
    assert len(set(prints)) == 2


@pytest.mark.parametrize(
    ("modality", "values", "error", "message"),
    [
        ("text", ["red", ""], UnencodableValue, "value 1: the text '' is empty"),
        ("audio", [clip(0), np.zeros(16_000, np.float32)], UnencodableValue, "value 1: the sound is silent"),
        (
            "audio",
            [clip(0)[:100]],
            UnencodableValue,
            r"value 0: 100 samples are too short, one window has 480 \(30 ms\)",
        ),
        ("audio", [np.full(16_000, np.nan, np.float32)], UnencodableValue, "NaN or infinite"),
        ("audio", ["none.wav"], FileNotFoundError, "none.wav"),
        ("audio", ["red", None], ValueError, "Value 1 is None"),
        ("text", [clip(0)], TypeError, "Value 0 is a ndarray, expected texts"),
    ],
)
def test_values_that_are_refused(encoders, modality, values, error, message):
    with pytest.raises(error, match=message):
        encoders[modality].encode(values)


def test_modality():
    with pytest.raises(ValueError, match="modality is 'image'; ClapEncoder has towers for text and audio"):
        ClapEncoder.load(modality="image")
