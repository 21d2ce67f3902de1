"""Where words stand in a text, in any script and before it was normalised."""

import unicodedata

import pytest

from mmr_toolkit.features import tokens
from mmr_toolkit.features.text.tokenise import word_places


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("...!", []),
        ("Red wine", [("red", 0, 3), ("wine", 4, 8)]),
        ("  Red,wine. ", [("red", 2, 5), ("wine", 6, 10)]),
        ("red red", [("red", 0, 3), ("red", 4, 7)]),
        ("a tea", [("a", 0, 1), ("tea", 2, 5)]),
        ("a t-shirt’s fit", [("a", 0, 1), ("t-shirt's", 2, 11), ("fit", 12, 15)]),
        ("露玛红酒，T恤", [("露", 0, 1), ("玛", 1, 2), ("红酒", 2, 4), ("t恤", 5, 7)]),
        ("red红酒", [("red", 0, 3), ("红酒", 3, 5)]),
        ("Ｔ恤 ＲＥＤ", [("t恤", 0, 2), ("red", 3, 6)]),
        ("cafe\u0301 noir", [("café", 0, 5), ("noir", 6, 10)]),  # e and an accent: two characters become one
        ("ﬁne ½ wine", [("fine", 0, 3), ("1", 4, 5), ("2", 4, 5), ("wine", 6, 10)]),  # one character becomes several
        ("İstanbul kahve", [("i̇stanbul", 0, 8), ("kahve", 9, 14)]),  # a capital that becomes two small characters
        ("ｶﾞﾗｽ cup", [("ガラス", 0, 4), ("cup", 5, 8)]),  # half-width letters, the second one a mark of the first
        ("ΟΔΟΣ.Α", [("οδος", 0, 4), ("α", 5, 6)]),
    ],
)
def test_words_and_their_places(text, expected):
    assert [tuple(place) for place in word_places(text)] == expected


def test_every_word_is_what_its_place_says_in_any_text(rng):
    """Random characters of many scripts, next to each other as no language would have them."""
    alphabet = [
        *"abZ é’'-_.,!½ﬁＡＢ１²İßẞΣσ",
        " ",
        "\u0301",
        *"红酒葡萄汁恤露玛",
        "한",
        "글",
        "カ",
        "が",
        "ب",
        "\U00020000",
    ]
    for _ in range(300):
        text = "".join(rng.choice(alphabet, size=rng.integers(0, 25)))
        places = word_places(text)
        assert [place.word for place in places] == tokens(text)
        for word, start, end in places:
            assert 0 <= start < end <= len(text)
            shown = unicodedata.normalize("NFKC", text[start:end]).casefold().replace("’", "'")
            assert word.casefold() in shown
        starts = [place.start for place in places]
        assert starts == sorted(starts)


def test_what_is_no_text_is_refused():
    with pytest.raises(TypeError, match="takes one text"):
        word_places(7)
