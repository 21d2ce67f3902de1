"""Splitting a text into words, English and Chinese alike."""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import rjieba

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"  # the Chinese characters of Unicode
_LETTER = rf"[^\W_{_HAN}]"  # letters and digits of every other script
#: A run of Chinese, perhaps with one Latin letter before it (T恤, V领), or a word of another script (red, t-shirt).
_RUNS = re.compile(rf"(?:(?<!{_LETTER})[A-Za-z])?[{_HAN}]+|{_LETTER}+(?:['’-]{_LETTER}+)*")


def tokens(text: str) -> list[str]:
    """The words of a text, in order, lowercased, without punctuation.

    Words of English and other scripts with spaces end at spaces and punctuation; a hyphen or an apostrophe inside a
    word stays ("t-shirt"). Chinese writes no spaces: rjieba finds the most likely way to cut a run of characters into
    words of its dictionary. What is not in the dictionary (露玛, an invented brand) is cut into single characters,
    in the same way wherever it stands; guessing at new words would cut it differently from sentence to sentence.
    Full-width letters (Ｔ恤) count as ordinary ones.

    Raises:
        TypeError: not a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"tokens() takes one text (str), got {type(text).__name__}.")
    words: list[str] = []
    for run in _RUNS.findall(unicodedata.normalize("NFKC", text)):
        # The dictionary writes its mixed words with capitals: T恤.
        words += _segmenter().cut(run.upper(), hmm=False) if re.search(f"[{_HAN}]", run) else [run]
    return [word.lower().replace("’", "'") for word in words]


def is_chinese(word: str) -> bool:
    """Does the word consist of Chinese characters only?"""
    return re.fullmatch(f"[{_HAN}]+", word) is not None


@cache
def _segmenter() -> "rjieba.Jieba":
    """A segmenter of our own: words that a user adds to rjieba's shared one do not change our tokens."""
    import rjieba

    return rjieba.Jieba()
