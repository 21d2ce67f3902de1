"""Splitting a text into words, English and Chinese alike."""

import html
import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cache
from typing import NamedTuple

import rjieba

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"  # the Chinese characters of Unicode
#: Marks that belong to the letter before them: accents without a letter of their own, vowel signs of Indian scripts.
_MARKS = "".join(chr(code) for code in range(0x300, 0x1E8D7) if unicodedata.category(chr(code)).startswith("M"))
_LETTER = rf"[^\W_{_HAN}][{_MARKS}]*"  # letters and digits of every other script
#: Characters that show nothing, as web pages have them inside words: soft hyphens, joiners, zero-width spaces.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
#: A run of Chinese, perhaps with one Latin letter before it (T恤, V领), or a word of another script (red, t-shirt).
_RUNS = re.compile(rf"(?:(?<![^\W_{_HAN}])[A-Za-z])?[{_HAN}]+|(?:{_LETTER})+(?:['’-](?:{_LETTER})+)*")


def tokens(text: str) -> list[str]:
    """The words of a text, in order, lowercased, without punctuation.

    Words of English and other scripts with spaces end at spaces and punctuation; a hyphen or an apostrophe inside a
    word stays ("t-shirt"). Chinese writes no spaces: rjieba finds the most likely way to cut a run of characters into
    words of its dictionary. What is not in the dictionary (露玛, an invented brand) is cut into single characters,
    in the same way wherever it stands; guessing at new words would cut it differently from sentence to sentence.
    Full-width letters (Ｔ恤) count as ordinary ones; what shows nothing (a soft hyphen) is not there; what a web page
    writes as &eacute; is é.

    Raises:
        TypeError: not a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"tokens() takes one text (str), got {type(text).__name__}.")
    words: list[str] = []
    for run in _RUNS.findall(_normal(_without_entities(text))):
        # The dictionary writes its mixed words with capitals: T恤.
        words += _segmenter().cut(run.upper(), hmm=False) if re.search(f"[{_HAN}]", run) else [run]
    return [word.lower().replace("’", "'") for word in words]


def is_chinese(word: str) -> bool:
    """Does the word consist of Chinese characters only?"""
    return re.fullmatch(f"[{_HAN}]+", word) is not None


@cache
def _segmenter() -> rjieba.Jieba:
    """A segmenter of our own: words that a user adds to rjieba's shared one do not change our tokens."""
    return rjieba.Jieba()


class WordPlace(NamedTuple):
    """A word of `tokens` and the part of the text that it was made from: text[start:end]."""

    word: str
    start: int
    end: int


def word_places(text: str) -> list[WordPlace]:
    """The words of a text, in order, and where each stands.

    `tokens` cuts a text after normalising it (full-width letters become ordinary ones, capitals small), and that can
    change its length. So the words are looked for in the folded text, and the folded lengths of the beginnings of the
    text lead back to the text itself (an accent that stands after its letter adds nothing and belongs to it). Between
    two words there is no letter, so the next place where a word is found is its own.

    Raises:
        TypeError: not a str.

    Example:
        >>> word_places("Red 红酒!")
        [WordPlace(word='red', start=0, end=3), WordPlace(word='红酒', start=4, end=6)]
    """
    words = tokens(text)
    text = _without_entities(text)
    folded = _folded(text)
    lengths = [len(_folded(text[:end])) for end in range(len(text) + 1)]
    places, after = [], 0
    for word in words:
        key = word.casefold()
        begin = folded.index(key, after)
        after = begin + len(key)
        end = lengths[bisect_left(lengths, after)]  # of the character in which the word ends
        places.append(WordPlace(word, bisect_right(lengths, begin) - 1, bisect_right(lengths, end) - 1))
    return places


def _without_entities(text: str) -> str:
    """A text of the same length with the characters that &eacute; or &#233; stand for, each filled up with nothing."""
    return _ENTITY.sub(lambda found: html.unescape(found[0])[:1].ljust(len(found[0]), "\u2060"), text)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def _folded(text: str) -> str:
    """As `tokens` sees a text, and without any difference of large and small letters."""
    return _normal(text).casefold().replace("’", "'")
