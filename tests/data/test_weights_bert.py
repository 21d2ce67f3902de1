"""The mini BERT: what its card says is true, and it was trained without looking at validation and test."""

import itertools
import json
import re

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import BertModel

from attributes import BRANDS, NOTES, OCCASIONS, ORIGINS, TYPES
from fresh_texts import (
    ASKED,
    PHRASES,
    SAID,
    TOLD,
    Text,
    fresh_products,
    held_out_texts,
    made_up_word,
    training_products,
)
from grammar import LANGUAGES
from mmr_toolkit.features.text.bert import BertEncoder
from mmr_toolkit.features.weights.tier import mini_weights
from mmr_toolkit.shop.data import cornershop
from mmr_toolkit.shop.quality import encoder_quality
from shop import build_shop
from train_bert import MOST_TOKENS, SETTINGS, VIEWS, contrastive_loss, says_the_same, text_pairs, vocabulary
from vocabulary import WORDS

pytestmark = pytest.mark.slow

TEST_ONLY = sorted(name for name, kind in TYPES.items() if kind.test_only)


@pytest.fixture(scope="module")
def encoder() -> BertEncoder:
    return BertEncoder.load()


@pytest.fixture(scope="module")
def shop():
    return build_shop()


@pytest.fixture(scope="module")
def fresh(shop):
    return list(itertools.islice(fresh_products(shop, SETTINGS["seed"]), SETTINGS["fresh_products"]))


def unit_vectors(encoder: BertEncoder, texts: list[str]) -> np.ndarray:
    vectors = encoder.encode(texts)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


# The card


@pytest.mark.parametrize("split", ["validation", "test"])
def test_the_quality_on_the_card(encoder, split):
    card = json.loads((mini_weights("bert") / "card.json").read_text(encoding="utf-8"))
    measured = encoder_quality(encoder, split).reached
    assert set(measured.index) == set(card["quality"][split])
    for group, row in measured.iterrows():
        for measure, value in row.items():
            assert value == pytest.approx(card["quality"][split][group][measure], abs=0.01)
    assert measured.loc["all", "AP"] > 0.8  # of queries of all grades of difficulty


def test_the_card_names_the_settings_and_the_licence():
    card = json.loads((mini_weights("bert") / "card.json").read_text(encoding="utf-8"))
    text = (mini_weights("bert") / "README.md").read_text(encoding="utf-8")
    assert card["settings"] == SETTINGS
    assert card["licence"] == "Apache-2.0"
    for line in ("data/make/train_bert.py", "Apache-2.0", "shorts", f"{card['quality']['test']['all']['AP']:.3f}"):
        assert line in text


def test_the_size():
    files = [path for path in mini_weights("bert").iterdir() if path.is_file()]
    assert {path.suffix for path in files} == {".json", ".md", ".safetensors"}
    assert sum(path.stat().st_size for path in files) < 3e6


# What it can do


def test_the_two_languages_name_the_same_things(encoder):
    kinds = [words for name, words in WORDS.items() if not TYPES[name].test_only]
    english = unit_vectors(encoder, [words["en"].nouns[0] for words in kinds])
    chinese = unit_vectors(encoder, [words["zh"].nouns[0] for words in kinds])
    similarity = english @ chinese.T
    np.testing.assert_array_equal(similarity.argmax(axis=1), np.arange(len(kinds)))
    np.testing.assert_array_equal(similarity.argmax(axis=0), np.arange(len(kinds)))
    assert similarity[~np.eye(len(kinds), dtype=bool)].mean() < 0.2  # unrelated things are not close


def test_red_wine(encoder):
    english, chinese, white, socks = unit_vectors(encoder, ["red wine", "红酒", "白葡萄酒", "socks"])
    assert english @ chinese > 0.7
    assert chinese @ white < 0.5
    assert abs(chinese @ socks) < 0.3


@pytest.mark.parametrize(("ask", "find"), [("en", "zh"), ("zh", "en")])
def test_a_title_finds_titles_in_the_other_language(encoder, ask, find):
    """Validation titles ask; those of the same type, note and brand must come first."""
    table = cornershop().table
    table = table[table["title_en"].notna() & table["title_zh"].notna()]
    key = table[list(ASKED)].agg(" ".join, axis=1).to_numpy()
    rows = np.flatnonzero(table["split"] == "validation")
    similarity = unit_vectors(encoder, list(table[f"title_{ask}"].iloc[rows])) @ (
        unit_vectors(encoder, list(table[f"title_{find}"])).T
    )
    found = key[np.argsort(-similarity, axis=1)[:, :10]] == key[rows][:, None]
    possible = np.minimum((key[rows][:, None] == key[None]).sum(axis=1), 10)
    assert (found.sum(axis=1) / possible).mean() > 0.95


def test_words_that_it_has_never_seen_are_found_by_their_letters(encoder):
    names = ["xylophone", "milk", "lemonade", "quartz lamp", "帐篷", "牛奶", "键盘"]
    asked = unit_vectors(encoder, names)
    told = unit_vectors(encoder, [f"A handmade {name} by Luma, made in Kenya, for a slow weekend." for name in names])
    np.testing.assert_array_equal((asked @ told.T).argmax(axis=1), np.arange(len(names)))


def test_transformers_reads_the_same_folder(encoder):
    model, report = BertModel.from_pretrained(
        mini_weights("bert"), add_pooling_layer=False, dtype=torch.float32, output_loading_info=True
    )
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    for name, weights in model.state_dict().items():
        torch.testing.assert_close(weights, encoder.tensors()[name], rtol=0, atol=0)


# How it was trained


def test_the_tokenizer_is_the_one_of_the_script(encoder, shop):
    tokens = vocabulary(training_products(shop))
    assert encoder.tokenizer.get_vocab() == {token: i for i, token in enumerate(tokens)}
    assert encoder.tokenizer.tokenize("Luma 红酒 tee beanie") == ["luma", "红", "酒", "tee", "be", "##an", "##ie"]
    longest = max(cornershop().values("text"), key=lambda text: len(text or ""))
    assert len(encoder.tokenizer(longest)["input_ids"]) < MOST_TOKENS


def test_only_training_products_and_no_type_that_only_the_test_has(shop, fresh):
    split = {product.texts["title_en"]: product.split for product in shop if product.split == "train"}
    own = training_products(shop)
    assert len(own) == 516
    assert all(product.texts["title_en"] in split for product in own)
    types = {product.values["type"] for product in (*own, *fresh)}
    assert TEST_ONLY == ["beanie", "lemonade", "milk", "pear", "shorts"]
    assert not types & set(TEST_ONLY)
    names = {noun for kind in TEST_ONLY for words in WORDS[kind].values() for noun in words.nouns}
    assert not names & {
        word
        for product in (*own, *fresh)
        for name in TOLD
        for code in LANGUAGES
        for word in product.words(name, code)
        if len(word) > 1  # a made-up word can be any one character
    }


def test_no_fresh_text_is_a_text_of_validation_or_test(shop, fresh):
    held_out = set(held_out_texts(shop))
    assert len(held_out) > 2000
    assert not held_out & {text for product in fresh for text in product.texts.values()}


def test_fresh_products_are_the_same_on_every_run_and_differ_by_seed(shop, fresh):
    again = list(itertools.islice(fresh_products(shop, SETTINGS["seed"]), 5))
    assert again == fresh[:5]
    assert list(itertools.islice(fresh_products(shop, 1), 5)) != again


def test_a_quarter_of_the_words_is_made_up(fresh):
    known = {*TYPES, *NOTES, *BRANDS, *OCCASIONS, *ORIGINS}
    made_up = [product.values[name] not in known for product in fresh for name in TOLD]
    assert np.mean(made_up) == pytest.approx(0.25, abs=0.02)


def test_made_up_words(rng):
    words = [made_up_word(rng) for _ in range(500)]
    assert all(re.fullmatch(r"[a-z]{3,8}|[\u4e00-\u9fff]{1,3}", word) for word in words)
    assert 0.4 < np.mean([word.isascii() for word in words]) < 0.6


def test_a_text_says_what_it_is_said_to_say(fresh, rng):
    """In words of the shop; a query can also mistype or paraphrase them."""
    product = fresh[0]
    for view in {view for pair in VIEWS for view in pair} - {"query_en", "query_zh"}:
        for phrase in PHRASES:
            text = product.text(view, phrase, rng)
            kind, _, code = view.partition("_")
            assert {name for name, _ in text.says} == set(phrase if kind == "phrase" else SAID[kind])
            for name, value in text.says:
                assert product.values[name] == value
                words = [word for each in ([code] if code else LANGUAGES) for word in product.words(name, each)]
                assert [word for word in words if word.lower() in text.text.lower()], (view, name, text.text)


def test_a_fresh_query_is_paraphrased_only_where_somebody_wrote_down_how(fresh):
    heard = {
        text
        for words in WORDS.values()
        for entry in words.values()
        for n in entry.notes.values()
        for text in n.otherwise
    }
    for product in fresh:
        for code in LANGUAGES:
            kind, note, said = product.values["type"], product.values["note"], product.said[code]
            written = kind in TYPES and note in TYPES[kind].notes
            assert set(said.otherwise) <= heard
            assert bool(said.otherwise) <= written, (kind, note)


def test_which_texts_belong_together():
    def says(**values):
        return Text("", frozenset(values.items()))

    left = [says(type="tea", note="mint"), says(type="tea", note="lemon"), says(type="tea")]
    right = [says(type="tea", note="mint", brand="Luma"), says(type="tea"), says(brand="Luma")]
    assert says_the_same(left, right).tolist() == [[True, True, False], [False, True, False], [True, True, False]]


def test_every_text_belongs_to_the_other_text_of_its_product(fresh, rng):
    for _ in range(20):
        left, right = text_pairs(fresh[:30], rng)
        assert says_the_same(left, right).diagonal().all()


def test_the_loss_with_one_positive_is_cross_entropy(rng):
    similarity = torch.from_numpy(rng.standard_normal((5, 5)))
    expected = cross_entropy(similarity, torch.arange(5))
    torch.testing.assert_close(contrastive_loss(similarity, torch.eye(5, dtype=torch.bool)), expected)


def test_the_loss_with_two_positives_by_hand():
    similarity = torch.log(torch.tensor([[2.0, 1.0, 1.0]]))  # shares 1/2, 1/4, 1/4
    loss = contrastive_loss(similarity, torch.tensor([[True, True, False]]))
    assert loss.item() == pytest.approx((np.log(2) + np.log(4)) / 2)
