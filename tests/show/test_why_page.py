"""An explanation as HTML: marked words, sentences, and nothing of the query that is not escaped."""

import re

import numpy as np
import pytest

from mmr_toolkit.explanation.explanation import Explanation
from mmr_toolkit.explanation.leave_out import OcclusionMap, RegionMap, WordImportance
from mmr_toolkit.show.why import explanation_html, marked_text


def words_of(text, **importance):
    """Importances of words that stand in the text once."""
    return [WordImportance(w, text.index(w), text.index(w) + len(w), value) for w, value in importance.items()]


def explanation(**changes):
    text = "red wine?"
    parts = {
        "id": "wine-red",
        "rank": 2,
        "score": 0.75,
        "shares": {"text": 0.5, "image": 0.25, "audio": 0.0},
        "method": "exact",
        "ranks_without": {"text": 14, "image": 2, "audio": None},
        "query_weights": {"text": 0.5, "image": 0.25, "audio": 0.25},
        "item_weights": {"text": 2 / 3, "image": 1 / 3, "audio": 0.0},
        "text": text,
        "words": words_of(text, red=0.1, wine=0.4),
    }
    return Explanation(**(parts | changes))


def shown(html):
    """What is read, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def shades(html):
    """The marked words and the percent of colour behind each."""
    return re.findall(r"(#\w+) (\d+)%[^>]*>([^<]+)</mark>", html)


def test_words_are_shaded_by_how_much_they_counted():
    text = "a <b>red</b> wine, not dry"
    html = marked_text(text, words_of(text, red=0.1, wine=0.4, dry=-0.2))
    assert shades(html) == [("#0072B2", "14", "red"), ("#0072B2", "55", "wine"), ("#D55E00", "28", "dry")]
    assert re.sub(r"</?mark[^>]*>", "", html) == "a &lt;b&gt;red&lt;/b&gt; wine, not dry"
    assert html.count("dashed") == 1
    assert 'title="dry: −0.200"' in html
    assert "dashed" not in marked_text(text, words_of(text, red=0.4, dry=-0.01))


def test_nothing_of_the_text_is_lost_or_marked_twice():
    half = [WordImportance("1", 2, 3, 0.1), WordImportance("2", 2, 3, 0.1)]
    assert re.sub(r"</?mark[^>]*>", "", marked_text("a ½ b", half)) == "a ½ b"
    assert marked_text("a & b", []) == "a &amp; b"
    assert [percent for _, percent, _ in shades(marked_text("red", words_of("red", red=0.0)))] == ["0"]


def test_an_explanation_in_sentences():
    read = shown(explanation_html(explanation()))
    assert "Rank 2 with the score 0.750." in read
    assert "Without the text it would stand at rank 14." in read
    assert "Without the picture it would stay at rank 2." in read
    assert "Without the sound it could not be found." in read
    assert "What the score loses without a word: wine 0.400, red 0.100." in read
    assert "Weights: query text 0.50, picture 0.25, sound 0.25; item text 0.67, picture 0.33, sound 0.00." in read
    assert "Shares are exact" in read


@pytest.mark.parametrize(("method", "sentence"), [("exact", "a sum over the parts"), ("Shapley", "Shapley values")])
def test_the_method_is_named(method, sentence):
    assert sentence in explanation_html(explanation(method=method))


def test_a_single_part_has_no_sentence_about_being_without_it():
    """Without its only part there is no query, and so nothing to say."""
    html = explanation_html(explanation(shares={"text": 0.75}, ranks_without={"text": None}))
    assert "Without" not in shown(html)


def test_words_that_only_harm_are_not_said_to_count():
    assert "loses" not in explanation_html(explanation(words=words_of("red wine?", red=-0.1, wine=0.0)))


def test_a_word_that_is_worth_nothing_in_three_decimals_is_not_named():
    html = explanation_html(explanation(words=words_of("red wine?", red=0.0004, wine=0.2)))
    assert "without a word: wine 0.200." in shown(html)


def test_where_in_the_picture_and_when_in_the_sound():
    rows, columns = np.mgrid[0:3, 0:3] * 10
    boxes = np.stack([columns, rows, columns + 10, rows + 10], axis=2)
    sound = RegionMap(np.array([[0.1, 0.3], [0.2, -1.0]]), np.array([0, 0.5, 1.0]), np.array([0, 500.0, 8000.0]), 1.0)
    places = ["top left", "top centre", "top right", "middle left", "middle centre", "middle right"]
    for i, place in enumerate([*places, "bottom left", "bottom centre", "bottom right"]):
        picture = OcclusionMap(np.eye(9)[i].reshape(3, 3) / 4, boxes, 1.0)
        read = shown(explanation_html(explanation(picture=picture, sound=sound)))
        assert f"In the picture, a patch at the {place} counted most: 0.250." in read
    assert "In the sound, 0.50–1.00 s at 0.0–0.5 kHz counted most: 0.300." in read
    nothing = OcclusionMap(-np.ones((3, 3)), boxes, 1.0)
    silent = RegionMap(np.zeros((2, 2)), sound.seconds, sound.hertz, 1.0)
    assert "counted most" not in explanation_html(explanation(picture=nothing, sound=silent))


def test_without_details_there_are_no_words():
    html = explanation_html(explanation(words=None))
    assert "<mark" not in html
    assert "red wine" not in html


def test_an_explanation_asks_nobody_for_anything_and_lets_nothing_in():
    text = '<script>alert("x")</script>'
    html = explanation_html(explanation(text=text, words=words_of(text, script=0.5)))
    assert not re.search(r"https?:|<script|url\(|src=|href=", html)
