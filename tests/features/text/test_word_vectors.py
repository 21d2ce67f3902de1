"""Files of word vectors: the three forms that are read, and all that is refused."""

import pickle

import numpy as np
import pytest
from gensim.models import KeyedVectors

from mmr_toolkit.features.encoder import UnencodableValue
from mmr_toolkit.features.text.word2vec import Word2VecEncoder
from mmr_toolkit.features.text.word_vectors import REFUSED, lowercased, read_word_vectors

WORDS = ["wine", "Apple", "apple", "红", "酒", "T恤", "t-shirt", "RED", "Red"]
VECTORS = np.random.default_rng(0).standard_normal((len(WORDS), 5)).astype(np.float32)


def write(folder, form):
    """The words above in one of the three forms, as the programs that made them do."""
    path = folder / f"vectors.{form}"
    if form == "glove":  # no first line
        lines = [" ".join([word, *map(repr, map(float, row))]) for word, row in zip(WORDS, VECTORS, strict=True)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        vectors = KeyedVectors(VECTORS.shape[1])
        vectors.add_vectors(WORDS, VECTORS)
        vectors.save_word2vec_format(str(path), binary=form == "bin")
    return path


@pytest.mark.parametrize("form", ["txt", "bin", "glove"])
def test_the_three_forms(tmp_path, form):
    words, vectors = read_word_vectors(write(tmp_path, form))
    assert words == WORDS
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, VECTORS, rtol=1e-6)


def test_capitals_are_dropped_and_the_word_that_had_none_goes_first():
    words, vectors = lowercased(WORDS, VECTORS)
    assert sorted(words) == sorted({"wine", "apple", "红", "酒", "t恤", "t-shirt", "red"})
    for word, source in {"apple": "apple", "red": "RED", "t恤": "T恤", "wine": "wine"}.items():
        np.testing.assert_array_equal(vectors[words.index(word)], VECTORS[WORDS.index(source)])


# The encoder on top of such a file


def test_all_words_weigh_the_same_unless_texts_are_given(tmp_path):
    path = write(tmp_path, "txt")
    row = dict(zip(WORDS, VECTORS, strict=True))
    plain = Word2VecEncoder.load(path)
    np.testing.assert_allclose(plain.encode(["apple wine"]), [(row["apple"] + row["wine"]) / 2], rtol=1e-5)

    texts = ["wine", "wine, wine", "Apple wine", "zebra"]
    weighed = Word2VecEncoder.load(path, texts=texts)
    # log(1 + N / n): N = 4 texts, 3 with wine, 1 with apple; t-shirt is in none and counts as if it were in one.
    idf = {"wine": np.log1p(4 / 3), "apple": np.log1p(4), "t-shirt": np.log1p(4)}
    for word, expected in idf.items():
        assert weighed.idf[weighed.words.index(word)] == pytest.approx(expected)
    expected = (idf["apple"] * row["apple"] + idf["wine"] * row["wine"]) / (idf["apple"] + idf["wine"])
    np.testing.assert_allclose(weighed.encode(["APPLE wine zebra"]), [expected], rtol=1e-5)


def test_an_unknown_chinese_word_is_read_by_its_characters(tmp_path):
    encoder = Word2VecEncoder.load(write(tmp_path, "bin"))
    row = dict(zip(WORDS, VECTORS, strict=True))
    np.testing.assert_allclose(encoder.encode(["红酒"]), [(row["红"] + row["酒"]) / 2], rtol=1e-5)
    np.testing.assert_allclose(encoder.encode(["酒店"]), [row["酒"]], rtol=1e-5)  # 店 is not known
    assert encoder.unknown("红酒, 酒店 and 长颈鹿") == ["and", "长颈鹿"]
    with pytest.raises(UnencodableValue, match="长颈鹿"):
        encoder.encode(["长颈鹿"])


def test_a_known_chinese_word_is_not_taken_apart():
    encoder = Word2VecEncoder(["红酒", "红", "酒"], np.eye(3), np.ones(3))
    np.testing.assert_array_equal(encoder.encode(["红酒"]), [[1, 0, 0]])


def test_an_unknown_word_of_letters_is_not_taken_apart():
    encoder = Word2VecEncoder(["a", "t", "恤"], np.eye(3), np.ones(3))
    assert encoder.unknown("at T恤") == ["at", "t恤"]


def test_texts_for_the_weights_must_be_texts(tmp_path):
    with pytest.raises(TypeError, match=r"list of texts \(str\), got a str"):
        Word2VecEncoder.load(write(tmp_path, "txt"), texts="wine")


# What is refused


def test_there_must_be_a_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"glove.txt: no such file; expected word vectors.*mini tier"):
        read_word_vectors(tmp_path / "glove.txt")
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_word_vectors(tmp_path)


@pytest.mark.parametrize("magic", REFUSED)
def test_archives_and_pickles(tmp_path, magic):
    path = tmp_path / "vectors.kv"
    path.write_bytes(magic + b" 1.0 2.0\n")
    with pytest.raises(ValueError, match=r"vectors.kv is (a pickle|a zip archive|compressed).*mini tier"):
        read_word_vectors(path)


def test_gensims_own_file_is_a_pickle(tmp_path):
    path = tmp_path / "vectors.kv"
    path.write_bytes(pickle.dumps({"wine": [1.0]}))
    with pytest.raises(ValueError, match=r"save_word2vec_format\(path\)"):
        read_word_vectors(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"red wine from Luma\n",
        b"wine\n",
        b"wine 1.0\n",  # one number is no vector
        b"\xff\xd8\xff\xe0 JFIF",
        b'{"wine": [1.0, 2.0]}',
        b"id,text\n1,red wine\n",
    ],
)
def test_another_kind_of_file(tmp_path, content):
    path = tmp_path / "vectors.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"holds no word vectors: it starts with .* expected lines of one word"):
        read_word_vectors(path)


@pytest.mark.parametrize("form", ["txt", "bin", "glove"])
def test_a_file_that_is_cut_off(tmp_path, form):
    path = write(tmp_path, form)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(ValueError, match="damaged or cut off"):
        read_word_vectors(path)


@pytest.mark.parametrize("first_line", ["99999999999 300", "9 0", "0 5", "9 100000"])
def test_a_first_line_that_promises_what_is_not_there(tmp_path, first_line):
    path = write(tmp_path, "txt")
    path.write_text(first_line + "\n" + path.read_text(encoding="utf-8").split("\n", 1)[1], encoding="utf-8")
    with pytest.raises(ValueError, match="its first line promises"):
        read_word_vectors(path)


def test_a_number_that_is_none(tmp_path):
    path = write(tmp_path, "glove")
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, message in {"x": "damaged or cut off", "nan": "NaN or infinite"}.items():
        path.write_text("\n".join([*lines[:3], f"beer 1.0 2.0 {number} 4.0 5.0", *lines[3:]]), encoding="utf-8")
        with pytest.raises(ValueError, match=message):
            read_word_vectors(path)
