"""Tokens, word vectors that tie two languages together, and texts about which nothing is known."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from mmr_toolkit.features.cache.fingerprint import fingerprint
from mmr_toolkit.features.encoder import NothingToLearn, UnencodableValue
from mmr_toolkit.features.text.tokenise import is_chinese, tokens
from mmr_toolkit.features.text.word2vec import ALGORITHMS, Word2VecEncoder

THINGS = {"red wine": "红酒", "socks": "袜子", "bread": "面包", "apple": "苹果", "t-shirt": "T恤", "tea": "茶"}
FLAVOURS = {"cherry": "樱桃", "lemon": "柠檬", "mint": "薄荷"}
CORPUS = [
    f"A {flavour} {thing} for you. {FLAVOURS[flavour]}{THINGS[thing]}，送给你。"
    for thing in THINGS
    for flavour in FLAVOURS
]


@pytest.fixture(scope="module")
def encoder() -> Word2VecEncoder:
    return Word2VecEncoder.train(CORPUS, dim=32)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


# Tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red wine, oaky!", ["red", "wine", "oaky"]),
        ("红酒", ["红酒"]),
        ("这瓶红酒适合送礼。", ["这", "瓶", "红酒", "适合", "送礼"]),
        ("汤", ["汤"]),
        ("T恤 and a T-shirt", ["t恤", "and", "a", "t-shirt"]),
        ("Ｔ恤", ["t恤"]),  # full-width T
        ("a red T恤and tee", ["a", "red", "t恤", "and", "tee"]),
        ("V领T恤", ["v", "领", "t恤"]),
        ("XL红酒", ["xl", "红酒"]),
        ("It’s don't", ["it's", "don't"]),
        ("café ÜBER naïve", ["café", "über", "naïve"]),
        ("Привет, мир", ["привет", "мир"]),
        ("no_way", ["no", "way"]),
        ("🍷红酒🍷", ["红酒"]),
        ("...，。！ \n", []),
        ("", []),
    ],
)
def test_tokens(text, expected):
    assert tokens(text) == expected


def test_a_word_outside_the_dictionary_is_cut_alike_wherever_it_stands():
    brand = tokens("露玛")
    assert brand == ["露", "玛"]
    for text in ("露玛红酒", "想要露玛牌", "红酒，露玛出品"):
        found = tokens(text)
        start = found.index("露")
        assert found[start : start + 2] == brand


def test_words_added_to_the_shared_segmenter_do_not_change_the_tokens():
    import rjieba

    before = tokens("露玛红酒")
    rjieba.add_word("露玛红酒", 1_000_000, "n")
    assert rjieba.cut("露玛红酒") == ["露玛红酒"]
    assert tokens("露玛红酒") == before


def test_tokens_of_something_else():
    with pytest.raises(TypeError, match=r"one text \(str\), got float"):
        tokens(float("nan"))


@pytest.mark.parametrize(
    ("word", "expected"), [("红", True), ("红酒", True), ("t恤", False), ("red", False), ("，", False), ("", False)]
)
def test_is_chinese(word, expected):
    assert is_chinese(word) is expected


# Training


def test_the_two_languages_share_one_space(encoder):
    pairs = THINGS | FLAVOURS
    english, chinese = encoder.encode(list(pairs)), encoder.encode(list(pairs.values()))
    similarity = np.array([[cosine(e, c) for c in chinese] for e in english])
    np.testing.assert_array_equal(similarity.argmax(axis=1), np.arange(len(pairs)))
    np.testing.assert_array_equal(similarity.argmax(axis=0), np.arange(len(pairs)))
    assert np.diag(similarity).min() > 0.5


def test_another_seed_gives_other_vectors_and_the_same_one_the_same(encoder):
    again, other = Word2VecEncoder.train(CORPUS, dim=32), Word2VecEncoder.train(CORPUS, dim=32, seed=1)
    np.testing.assert_array_equal(again.vectors, encoder.vectors)  # exact: the same training twice
    assert again.words == encoder.words
    assert not np.allclose(other.vectors, encoder.vectors)


CHECKSUM_SCRIPT = """
import hashlib, sys
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
encoder = Word2VecEncoder.train(sys.stdin.buffer.read().decode("utf-8").splitlines(), dim=32)
print(hashlib.sha256(encoder.encode(["cherry red wine 红酒"]).tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_another_process_gets_the_same_vectors(encoder, root):
    environment = os.environ | {"PYTHONHASHSEED": "12345", "OMP_NUM_THREADS": "2"}
    corpus = "\n".join(CORPUS).encode("utf-8")
    run = subprocess.run(
        [sys.executable, "-c", CHECKSUM_SCRIPT],
        input=corpus,
        env=environment,
        cwd=root,
        capture_output=True,
        check=True,
    )
    here = hashlib.sha256(encoder.encode(["cherry red wine 红酒"]).tobytes()).hexdigest()
    assert run.stdout.decode().strip() == here


@pytest.mark.slow
def test_red_wine_is_learned_in_both_languages(root):
    from mmr_toolkit.catalogue.catalogue import Catalogue

    catalogue = Catalogue.from_folder(root / "data" / "cornershop")
    texts = [text for text in catalogue.values("text") if text is not None]
    encoder = Word2VecEncoder.train(texts)

    english, chinese, white, socks = encoder.encode(["red wine", "红酒", "白葡萄酒", "socks"])
    assert cosine(english, chinese) > 0.8
    assert cosine(chinese, white) < 0.6
    assert cosine(chinese, socks) < 0.3
    types = catalogue.table.loc[catalogue.table["text"].notna(), "type"].to_numpy()
    vectors = encoder.encode(texts)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for query in (english, chinese):
        closest = np.argsort(-vectors @ query)[:40]
        assert (types[closest] == "red_wine").mean() > 0.85  # the others are white wines; by chance 0.05
        assert set(types[closest]) <= {"red_wine", "white_wine"}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_ties_words_to_their_translations(algorithm):
    encoder = Word2VecEncoder.train(CORPUS, dim=32, algorithm=algorithm)
    pairs = THINGS | FLAVOURS
    english, chinese = encoder.encode(list(pairs)), encoder.encode(list(pairs.values()))
    similarity = np.array([[cosine(e, c) for c in chinese] for e in english])
    assert np.diag(similarity).mean() > 0.5
    assert similarity[~np.eye(len(pairs), dtype=bool)].mean() < 0.2
    np.testing.assert_array_equal(
        Word2VecEncoder.train(CORPUS, dim=32, algorithm=algorithm).vectors, encoder.vectors
    )  # exact: the same training twice


def test_the_algorithms_learn_different_vectors(encoder):
    assert not np.allclose(Word2VecEncoder.train(CORPUS, dim=32, algorithm="cbow").vectors, encoder.vectors)


def test_an_unknown_algorithm():
    with pytest.raises(ValueError, match="algorithm is 'CBOW'; expected one of skip-gram, cbow"):
        Word2VecEncoder.train(CORPUS, algorithm="CBOW")


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("red wine", TypeError, r"list of texts \(str\), got a str. Put a single value into a list"),
        ([], ValueError, "got an empty list"),
        (["red", None], ValueError, "Value 1 is None"),
        (["red", 5], TypeError, "Value 1 is an int"),
        (["...", " "], NothingToLearn, "none of the 2 texts has a word"),
    ],
)
def test_training_on_something_else(texts, error, message):
    with pytest.raises(error, match=message):
        Word2VecEncoder.train(texts)


@pytest.mark.parametrize("option", ["dim", "window", "epochs"])
def test_numbers_below_one(option):
    with pytest.raises(ValueError, match=f"{option} is 0; expected at least 1"):
        Word2VecEncoder.train(["red wine"], **{option: 0})


def test_a_single_word_is_a_corpus_and_its_vector_is_not_zero():
    assert np.linalg.norm(Word2VecEncoder.train(["tea"]).encode(["tea"])) > 0


# Encoding


def test_a_text_is_the_weighted_mean_of_its_words_computed_by_hand():
    encoder = Word2VecEncoder(["red", "wine"], np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([3.0, 1.0]))
    np.testing.assert_allclose(encoder.encode(["red wine"]), [[3 / 4, 2 / 4]])
    np.testing.assert_allclose(encoder.encode(["Wine, wine: RED?", "zebra wine"]), [[3 / 5, 4 / 5], [0, 2]])


def test_training_weights_and_centre(encoder):
    words = [tokens(text) for text in CORPUS]
    for word, idf in zip(encoder.words, encoder.idf, strict=True):
        assert idf == pytest.approx(math.log(1 + len(words) / sum(word in text for text in words)))
    occurrences = [encoder.vectors[encoder.words.index(word)] for text in words for word in text]
    np.testing.assert_allclose(np.mean(occurrences, axis=0), 0, atol=1e-6)


def test_shape_dtype_and_independence_of_the_neighbours(encoder):
    texts = ["cherry tea", "红酒", "mint bread 面包"]
    together = encoder.encode(texts)
    assert together.shape == (3, encoder.dim) == (3, 32)
    assert together.dtype == np.float32
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(encoder.encode([text])[0], vector, atol=1e-6)
    np.testing.assert_allclose(encoder.encode(texts, batch_size=1), together, atol=1e-6)


def test_unknown_words_are_named(encoder):
    assert encoder.unknown("a zebra with cherry 长颈鹿") == ["zebra", "with", "长颈鹿"]
    np.testing.assert_array_equal(
        encoder.encode(["zebra cherry"]), encoder.encode(["cherry"])
    )  # exact: the same computation twice


def test_coverage_of_many_texts():
    encoder = Word2VecEncoder(["red", "wine", "红", "酒"], np.eye(4), np.ones(4))
    coverage = encoder.coverage(["red wine 红酒", "zebra wine, zebra", "长颈鹿", "?!", "红酒红"])
    assert coverage.n_words == 9
    assert coverage.from_characters == {"红酒": 2}
    assert coverage.unknown == {"zebra": 2, "长颈鹿": 1}
    assert coverage.unreadable == [2, 3]
    assert coverage.share == pytest.approx(6 / 9)
    assert str(coverage) == (
        "66.7% of 9 words are known, 2 of them by their characters; most frequent unknown: zebra (2), 长颈鹿 (1); "
        "texts without a known word: 2"
    )


def test_coverage_without_words_and_without_unknown_ones():
    encoder = Word2VecEncoder(["red"], np.eye(1), np.ones(1))
    assert math.isnan(encoder.coverage(["?!"]).share)
    assert encoder.coverage(["red"]).share == 1
    assert "most frequent unknown: none" in str(encoder.coverage(["red"]))
    with pytest.raises(TypeError, match="Put a single value into a list"):
        encoder.coverage("red")


def test_the_fingerprint_tells_words_vectors_and_weights_apart():
    def of(words=("a", "b"), vectors=((1.0, 0.0), (0.0, 1.0)), idf=(1.0, 1.0)):
        return fingerprint(Word2VecEncoder(words, np.array(vectors), np.array(idf)))

    different = {of(), of(words=("b", "a")), of(vectors=((1.0, 0.0), (0.0, 2.0))), of(idf=(1.0, 2.0))}
    assert len(different) == 4
    assert of() == of()


@pytest.mark.parametrize("idf", [(1.0, 0.0), (0.0, 0.0), (1.0, -1.0), (1.0, float("nan"))])
def test_a_word_without_weight_is_refused(idf):
    """The mean of a text is divided by the weights of its words."""
    with pytest.raises(ValueError, match=r"The smallest idf is .*; expected weights above 0"):
        Word2VecEncoder(["a", "b"], np.eye(2), np.array(idf))


def test_a_text_without_known_words_has_no_vector(encoder):
    with pytest.raises(UnencodableValue, match=r"value 1: none of its words is known \(zebra\).*value 2: .* no words"):
        encoder.encode(["tea", "zebra", "?!"])
    with pytest.raises(UnencodableValue) as caught:
        encoder.encode(["tea", "zebra", "?!"])
    assert set(caught.value.reasons) == {1, 2}


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ("红酒", TypeError, r"encode\(\[value\]\)"),
        ([], ValueError, "empty list"),
        ([None], ValueError, "Leave holes out"),
        ([b"tea"], TypeError, "Value 0 is a bytes"),
        (np.array(["tea"]), TypeError, r"got a ndarray. Use list\(values\)"),
    ],
)
def test_values_that_are_no_list_of_texts(encoder, values, error, message):
    with pytest.raises(error, match=message):
        encoder.encode(values)


def test_words_vectors_and_weights_must_fit_together():
    with pytest.raises(ValueError, match=r"got 2 words, vectors of shape \(1, 3\) and 2 idf values"):
        Word2VecEncoder(["a", "b"], np.zeros((1, 3)), np.ones(2))
