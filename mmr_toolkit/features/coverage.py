"""How much of a collection of texts an encoder of single words can read."""

import math
from collections import Counter
from dataclasses import dataclass


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
