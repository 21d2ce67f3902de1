"""Text as the weighted mean of word vectors, learned from the catalogue itself or loaded from a file."""

import hashlib
import math
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import numpy as np
from tqdm import tqdm

from mmr_toolkit.common.files import PathLike
from mmr_toolkit.common.modalities import Modality
from mmr_toolkit.features.encoder import Device, NothingToLearn, UnencodableValue, batches, check_values
from mmr_toolkit.features.text.tokenise import is_chinese, tokens
from mmr_toolkit.features.text.word_vectors import lowercased, read_word_vectors
from mmr_toolkit.features.weights.folder import WEIGHTS, read_config, read_tensors, write_folder


@dataclass(frozen=True)
class Coverage:
    """How much of some texts the encoder can read.

    Attributes:
        n_words: how many words the texts have, each as often as it stands there.
        from_characters: words that are known by their characters only, with their numbers.
        unknown: words of which nothing is known, with their numbers, frequent ones first in `unknown.most_common()`.
        unreadable: positions of the texts without a known word: `encode` refuses them.
    """

    n_words: int
    from_characters: Counter[str]
    unknown: Counter[str]
    unreadable: list[int]

    @property
    def share(self) -> float:
        """Known words among all, from 0 to 1; NaN if the texts have no words."""
        return 1 - self.unknown.total() / self.n_words if self.n_words else math.nan

    def __str__(self) -> str:
        often = ", ".join(f"{word} ({times})" for word, times in self.unknown.most_common(5))
        return (
            f"{self.share:.1%} of {self.n_words} words are known, {self.from_characters.total()} of them by their "
            f"characters; most frequent unknown: {often or 'none'}; texts without a known word: {len(self.unreadable)}"
        )


#: Words that training reads in all, by going through the texts again and again: four times in the built-in shop.
TRAINING_WORDS = 220_000
MOST_EPOCHS = 200
LONGEST = 10_000  # words of a text that gensim reads; it leaves out what stands behind them without a word

Algorithm = Literal["skip-gram", "cbow"]
#: What is learned, and gensim's number for it: a word's vector to predict each of its neighbours, or the mean of the
#: neighbours' vectors to predict the word.
ALGORITHMS: dict[Algorithm, int] = {"skip-gram": 1, "cbow": 0}


class Word2VecEncoder:
    """A text's vector is the mean of its words' vectors, rare words counting more.

        h_t = Σ_w idf(w) v_w / Σ_w idf(w),    idf(w) = log(1 + N / n_w)

    over the known words w of the text, each as often as it stands there; n_w of the N training texts hold w. The
    vectors have their own lengths: nothing is normalised here. A Chinese word that is not known is replaced by its
    characters, as far as these are.

    Attributes:
        words: the known words by their row in `vectors`.
        vectors: (n_words, dim), float32.
        idf: (n_words,), float32, the weight of each word.
    """

    modality: ClassVar[Modality] = "text"
    name = "word2vec"
    revision: ClassVar[int] = 1

    def __init__(self, words: Sequence[str], vectors: np.ndarray, idf: np.ndarray) -> None:
        """Use `train` or `load`, or give what was learned elsewhere: a word, a row of `vectors` and an `idf` each."""
        if not len(words) == len(vectors) == len(idf) or np.ndim(vectors) != 2:
            raise ValueError(
                f"Expected one vector and one idf per word, got {len(words)} words, vectors of shape "
                f"{np.shape(vectors)} and {len(idf)} idf values."
            )
        self.words = list(words)
        self.vectors = np.asarray(vectors, dtype=np.float32)
        self.idf = np.asarray(idf, dtype=np.float32)
        if not (self.idf > 0).all():
            raise ValueError(f"The smallest idf is {self.idf.min()}; expected weights above 0.")
        self._row = {word: row for row, word in enumerate(self.words)}

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        *,
        dim: int = 64,
        window: int = 60,
        epochs: int | None = None,
        seed: int = 0,
        algorithm: Algorithm = "skip-gram",
        progress: bool = False,
    ) -> Self:
        """Learn word vectors from texts: skip-gram or CBOW with negative sampling (Mikolov et al. 2013).

        Words that stand in the same texts get similar vectors. An item of the shop says the same in English and in
        Chinese, and the window is wide enough for its whole text, so "red wine" sees 红酒 as its neighbour and the
        two languages share one space.

        The mean of all words, each counted as often as it stands in the texts, is subtracted from every vector: it
        is what all texts have in common and tells none from another (Mu, Bhat & Viswanath 2018). On the shop it
        brings the cosine of two unrelated items from about 0.4 down to 0.

        Args:
            texts: the corpus, one str per item.
            dim: length of the vectors.
            window: a word's neighbours are this many words to each side.
            epochs: how often the texts are read. None: until about `TRAINING_WORDS` words have been read.
            seed: starts the random numbers. The same texts and seed give the same vectors on every run; on a
                processor with other arithmetic the last digits can differ, and training can make that visible.
            algorithm: "skip-gram" or "cbow" (continuous bag of words); see `ALGORITHMS`.
            progress: show a bar, of how often the texts have been read.

        Raises:
            TypeError, ValueError: not a list of texts, a number that is not positive, an unknown algorithm.
            NothingToLearn: no text has a word in it (a ValueError).
        """
        texts = check_values(texts, str, "texts (str)")
        for option, number in {"dim": dim, "window": window, "epochs": 1 if epochs is None else epochs}.items():
            if number < 1:
                raise ValueError(f"{option} is {number}; expected at least 1.")
        if algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm is {algorithm!r}; expected one of {', '.join(ALGORITHMS)}.")
        sentences = [words for words in map(tokens, texts) if words]
        if not sentences:
            raise NothingToLearn(f"none of the {len(texts)} texts has a word in it.")
        n_words = sum(map(len, sentences))
        if epochs is None:
            epochs = min(math.ceil(TRAINING_WORDS / n_words), MOST_EPOCHS)
        words, vectors = _word_vectors(sentences, ALGORITHMS[algorithm], dim, window, epochs, seed, progress)

        count = Counter(word for sentence in sentences for word in sentence)
        share = np.array([count[word] / n_words for word in words])
        # Where all texts say the same, what they have in common is all that they say.
        kinds = {frozenset((w, n / len(s)) for w, n in Counter(s).items()) for s in sentences}
        common = share @ vectors if len(kinds) > 1 else 0
        return cls(words, vectors - common, _idf(words, sentences))

    @classmethod
    def load(cls, path: PathLike, *, texts: Sequence[str] | None = None) -> Self:
        """Word vectors from a file of word2vec (text or binary) or GloVe (text), as they are published.

        Words are lowercased, as `tokens` does; of "apple" and "Apple" the first is kept.

        Args:
            path: the file, unpacked; or a folder that `save` wrote.
            texts: those to be searched, to weigh rare words more; a word that stands in none of them counts as if it
                stood in one. None: all words weigh 1.

        Raises:
            FileNotFoundError: no such file.
            ValueError: another kind of file, a pickle, or one that is damaged.
            TypeError: `texts` is not a list of texts.
        """
        if Path(path).is_dir() and texts is None:
            tensors = read_tensors(Path(path, WEIGHTS))
            return cls(read_config(path)["words"], tensors["vectors"].numpy(), tensors["idf"].numpy())
        words, vectors = lowercased(*read_word_vectors(path))
        if texts is None:
            return cls(words, vectors, np.ones(len(words)))
        return cls(words, vectors, _idf(words, [tokens(text) for text in check_values(texts, str, "texts (str)")]))

    @property
    def dim(self) -> int:
        """Length of each vector."""
        return self.vectors.shape[1]

    @property
    def settings(self) -> dict[str, Any]:
        """The words that belong to the rows of `tensors()`, as one SHA-256."""
        return {"words": hashlib.sha256("\n".join(self.words).encode()).hexdigest()}

    def tensors(self) -> dict[str, np.ndarray]:
        """All that was learned or loaded."""
        return {"vectors": self.vectors, "idf": self.idf}

    def save(self, folder: PathLike) -> None:
        """Write what `load` reads into a folder."""
        write_folder(folder, self.tensors(), {"words": self.words})

    def unknown(self, text: str) -> list[str]:
        """The words of a text of which nothing is known, in order. `encode` passes over them."""
        return [word for word in tokens(text) if not self._known(word)]

    def coverage(self, texts: Sequence[str]) -> Coverage:
        """Which words of many texts are unknown, and how many.

        Raises:
            TypeError, ValueError: not a list of texts.
        """
        words = [tokens(text) for text in check_values(texts, str, "texts (str)")]
        count = Counter(word for text in words for word in text)
        return Coverage(
            n_words=count.total(),
            from_characters=Counter({w: n for w, n in count.items() if w not in self._row and self._known(w)}),
            unknown=Counter({w: n for w, n in count.items() if not self._known(w)}),
            unreadable=[i for i, text in enumerate(words) if not any(map(self._known, text))],
        )

    def encode(self, values: Sequence[str], *, batch_size: int = 64, device: Device = "cpu") -> np.ndarray:
        """One vector per text, (n, dim) float32. Looking words up needs neither batches nor a device.

        Raises:
            TypeError, ValueError: not a list of texts.
            UnencodableValue: a text has no known word.
        """
        rows = [self._rows(text) for text in check_values(values, str, "texts (str)")]
        unreadable = {i: self._why_not(values[i]) for i, known in enumerate(rows) if not known}
        if unreadable:
            raise UnencodableValue(unreadable)
        means = [np.average(self.vectors[known], axis=0, weights=self.idf[known]) for known in rows]
        return np.stack(means).astype(np.float32)

    def _rows(self, text: str) -> list[int]:
        return [self._row[part] for word in tokens(text) for part in self._known(word)]

    def _known(self, word: str) -> list[str]:
        """The word itself, else its known characters if it is Chinese."""
        if word in self._row:
            return [word]
        return [character for character in word if character in self._row] if is_chinese(word) else []

    def _why_not(self, text: str) -> str:
        unknown = self.unknown(text)
        if not unknown:
            return f"the text {text[:40]!r} has no words"
        return f"none of its words is known ({', '.join(unknown[:5])}); the encoder knows {len(self.words)} words"


def _idf(words: Sequence[str], sentences: Sequence[Sequence[str]]) -> np.ndarray:
    """log(1 + N / n_w) of each word; a word that stands in none of the N texts counts as if it stood in one."""
    n_texts = Counter(word for sentence in sentences for word in set(sentence))
    return np.log1p(len(sentences) / np.array([max(n_texts[word], 1) for word in words]))


def _word_vectors(
    sentences: list[list[str]], skip_gram: int, dim: int, window: int, epochs: int, seed: int, progress: bool
) -> tuple[list[str], np.ndarray]:
    """Train with gensim so that every run gives the same numbers; the words and their vectors, frequent words first."""
    from gensim.models import Word2Vec  # takes a second to load, and only training needs it
    from gensim.models.callbacks import CallbackAny2Vec

    class Bar(CallbackAny2Vec):
        def on_epoch_end(self, model: Word2Vec) -> None:
            bar.update()

    with tqdm(total=epochs, desc="text: learning", unit="epoch", disable=not progress) as bar:
        model = Word2Vec(
            # Each text twice: a word is then among its own neighbours, as its translation is. Standing there once it
            # would predict its translation and be predicted by it, and in a small catalogue the two would drift apart.
            [piece + piece for sentence in sentences for piece in _pieces(sentence)],
            sg=skip_gram,
            vector_size=dim,
            window=2 * window,
            shrink_windows=False,  # else gensim draws a smaller window for each word, and translations lie far apart
            epochs=epochs,
            min_count=1,  # in a small catalogue the rare words are the telling ones
            seed=seed,
            workers=1,  # several threads would update the vectors in an order that differs from run to run
            hashfxn=_hash,
            callbacks=[Bar()],
        )
    return model.wv.index_to_key, model.wv.vectors


def _pieces(words: list[str]) -> Iterator[list[str]]:
    """A long text in pieces of one length, such that gensim reads each of them twice as a whole."""
    return batches(words, math.ceil(len(words) / math.ceil(len(words) / (LONGEST // 2))))


def _hash(word: str) -> int:
    """Python's own hash of a str differs from process to process; this one does not."""
    return zlib.crc32(word.encode("utf-8"))
