"""Self-checks for notebook 03, Text."""

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

from mmr_toolkit.exercises.verdict import compare, exercise

__all__ = ["check_idf_weights", "check_mean_pool", "check_window_pairs"]

Words = list[str]


def _pairs(words: Words, neighbours: Callable[[int], Iterable[int]]) -> set[tuple[str, str]]:
    """Every word with those at the positions that `neighbours` names for its own."""
    return {(words[i], words[j]) for i in range(len(words)) for j in neighbours(i) if 0 <= j < len(words)}


def _window_pairs(words: Words, window: int) -> set[tuple[str, str]]:
    """The trusted answer: all positions at most `window` away, except the word's own."""
    return _pairs(words, lambda i: [j for j in range(i - window, i + window + 1) if j != i])


_PAIR_SLIPS = {
    "every word is also paired with itself. Leave out the centre's own position: j != i.": (
        lambda words, window: _pairs(words, lambda i: range(i - window, i + window + 1))
    ),
    "a word that stands twice may be its own neighbour: tea for tea. Compare positions, not words.": (
        lambda words, window: {(a, b) for a, b in _window_pairs(words, window) if a != b}
    ),
    "only the words to the right are found. The window reaches to both sides.": (
        lambda words, window: _pairs(words, lambda i: range(i + 1, i + window + 1))
    ),
    "only the words to the left are found. The window reaches to both sides.": (
        lambda words, window: _pairs(words, lambda i: range(i - window, i))
    ),
    "the last word of the window is missing on the right: range(i − window, i + window + 1).": (
        lambda words, window: _pairs(words, lambda i: [j for j in range(i - window, i + window) if j != i])
    ),
    "every word is paired with the whole sentence; only words at most `window` places away are neighbours.": (
        lambda words, window: _window_pairs(words, len(words))
    ),
    "near the start the left neighbours are lost: words[i - window : i] is empty when i − window is negative. "
    "Begin at max(0, i − window).": (
        lambda words, window: {
            (words[i], other)
            for i in range(len(words))
            for other in words[i - window : i] + words[i + 1 : i + window + 1]
        }
    ),
}


@exercise
def check_window_pairs(window_pairs: Callable[[Words, int], set[tuple[str, str]]]) -> str:
    """Exercise 1: `window_pairs(words, window)` is the set of pairs (centre, neighbour).

    A neighbour stands at most `window` places to the left or to the right of the centre.
    """
    sentence = ["mug", "of", "tea", "and", "red", "wine", "bottle"]
    cases = [(["wine", "bottle", "红酒"], 1), (sentence, 2), (["tea", "for", "tea"], 2), (["tea"], 3), (sentence, 9)]
    compare(window_pairs, _window_pairs, cases, _PAIR_SLIPS)
    return "both sides, short at the ends, and never a word with its own position."


def _texts_with(texts: list[Words]) -> Counter[str]:
    """How many texts have each word."""
    return Counter(word for words in texts for word in set(words))


def _idf_weights(texts: list[Words]) -> dict[str, float]:
    """The trusted answer: log(1 + N / n_w)."""
    return {word: float(np.log(1 + len(texts) / n)) for word, n in _texts_with(texts).items()}


_IDF_SLIPS = {
    "the logarithm is missing: a word in 1 of 1,000 texts would weigh 500 times as much as one in all of them.": (
        lambda texts: {word: 1 + len(texts) / n for word, n in _texts_with(texts).items()}
    ),
    "without 1 + a word that stands in all texts weighs log(1) = 0, and a text of such words would have no vector.": (
        lambda texts: {word: float(np.log(len(texts) / n)) for word, n in _texts_with(texts).items()}
    ),
    "it counts how often a word stands. Count in how many texts: set(words) leaves each word once.": (
        lambda texts: {
            word: float(np.log(1 + len(texts) / n)) for word, n in Counter(w for words in texts for w in words).items()
        }
    ),
    "N is the number of texts, not of words.": (
        lambda texts: {word: float(np.log(1 + sum(map(len, texts)) / n)) for word, n in _texts_with(texts).items()}
    ),
    "N is the number of texts, not of different words.": (
        lambda texts: {word: float(np.log(1 + len(_texts_with(texts)) / n)) for word, n in _texts_with(texts).items()}
    ),
    "that makes frequent words heavy. It is N / n_w, not n_w / N.": (
        lambda texts: {word: float(np.log(1 + n / len(texts))) for word, n in _texts_with(texts).items()}
    ),
    "that is the logarithm to the base 10; take the natural one, np.log.": (
        lambda texts: {word: float(np.log10(1 + len(texts) / n)) for word, n in _texts_with(texts).items()}
    ),
    "that is the logarithm to the base 2; take the natural one, np.log.": (
        lambda texts: {word: float(np.log2(1 + len(texts) / n)) for word, n in _texts_with(texts).items()}
    ),
}


@exercise
def check_idf_weights(idf_weights: Callable[[list[Words]], dict[str, float]]) -> str:
    """Exercise 2: `idf_weights(texts)` is a dict word → log(1 + N / n_w); each of the N texts is a list of words."""
    shop = [["red", "wine", "for", "two"], ["tea", "for", "two", "for", "tea"], ["wool", "scarf"], ["wine", "for"]]
    compare(idf_weights, _idf_weights, [(shop,), (shop[:2],), ([["tea", "tea"]],)], _IDF_SLIPS)
    return "each text counts a word once, and rare words weigh more, by a logarithm."


def _mean_pool(states: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The trusted answer: sum over the real tokens, divided by how many there are."""
    return (states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]


_POOL_SLIPS = {
    "the mask is not used: padding counts as if it were words.": lambda states, mask: states.mean(axis=1),
    "padding is zeroed, but still divides: the sum belongs over the number of real tokens, mask.sum(axis=1).": (
        lambda states, mask: (states * mask[:, :, None]).mean(axis=1)
    ),
    "each text is divided by the number of real tokens of all texts together. Count per row: mask.sum(axis=1).": (
        lambda states, mask: (states * mask[:, :, None]).sum(axis=1) / mask.sum()
    ),
    "that is the sum; divide by the number of real tokens of each text.": (
        lambda states, mask: (states * mask[:, :, None]).sum(axis=1)
    ),
    "the mask is turned round: that is the mean of the padding.": lambda states, mask: _mean_pool(states, 1 - mask),
    "that is the state of the first token, [CLS]. Take the mean over all real tokens.": (
        lambda states, mask: states[:, 0]
    ),
    "it averages over the texts. Tokens are axis 1.": lambda states, mask: states.mean(axis=0),
}


@exercise
def check_mean_pool(mean_pool: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> str:
    """Exercise 3: `mean_pool(states, mask)` is one vector per text, the mean of its real tokens' states.

    states: (n, length, dim). mask: (n, length), 1 for a real token, 0 for padding; each text has a real token.
    """
    rng = np.random.default_rng(0)
    cases = []
    for lengths in [(4, 3, 1), (4, 2)]:
        mask = (np.arange(5) < np.array(lengths)[:, None]).astype(int)
        cases.append((rng.normal(size=(len(lengths), 5, 4)).round(2), mask))
    compare(mean_pool, _mean_pool, cases, _POOL_SLIPS)
    return "only real tokens count, above and below the line, text by text."
