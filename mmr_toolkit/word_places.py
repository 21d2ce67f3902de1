"""Where the words of a text stand in it, so that a page can mark them."""

import unicodedata
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from mmr_toolkit.features.tokenise import tokens


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


def _folded(text: str) -> str:
    """As `tokens` sees a text, and without any difference of large and small letters."""
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
