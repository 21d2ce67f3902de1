"""The bar of shares: pieces as long as their shares, zero where it belongs, and everything said in words too."""

import re

import pytest

from mmr_toolkit.retrieval.hits import Hit
from mmr_toolkit.show.cards import show_hits
from mmr_toolkit.show.palette import MODALITY_COLOURS
from mmr_toolkit.show.share_bar import number, part_name, share_bar, share_limits, shares_in_words
from small_catalogue import small_catalogue


def pieces(html):
    """Colour → (left, width) of each piece, in percent."""
    found = re.findall(r"left: ([\d.]+)%; width: ([\d.]+)%; background: (#\w+)", html)
    return {colour: (float(left), float(width)) for left, width, colour in found}


def zero(html):
    """Where the line at zero stands, in percent."""
    found = re.findall(r"left: ([\d.]+)%; width: 0.00%; width: 0", html)
    return float(found[0]) if found else None


TEXT, IMAGE, AUDIO = (MODALITY_COLOURS[name] for name in ("text", "image", "audio"))


def test_pieces_lie_one_behind_the_other_on_a_scale_of_one_unit():
    html = share_bar({"text": 0.5, "image": 0.25, "audio": 0.1})
    assert pieces(html) == {TEXT: (0, 50), IMAGE: (50, 25), AUDIO: (75, 10)}
    assert zero(html) is None


def test_a_part_that_speaks_against_the_hit_lies_left_of_zero():
    html = share_bar({"text": 0.6, "image": -0.2, "audio": 0.2})
    assert pieces(html) == {IMAGE: (0, 20), TEXT: (20, 60), AUDIO: (80, 20)}
    assert zero(html) == 20


def test_all_of_a_distance_lies_left_of_zero():
    html = share_bar({"text": -0.3, "image": -0.2})
    assert pieces(html) == {TEXT: (70, 30), IMAGE: (50, 20)}
    assert zero(html) == 100


def test_bars_with_the_same_limits_can_be_compared():
    bars = [{"text": 2.0, "image": -1.0}, {"text": 0.5, "image": 1.5}, {"text": 1.0}]
    limits = share_limits(bars)
    assert limits == (-1, 2)
    assert [pieces(share_bar(bar, limits))[TEXT] for bar in bars] == [(33.33, 66.67), (33.33, 16.67), (33.33, 33.33)]
    assert [zero(share_bar(bar, limits)) for bar in bars] == [33.33] * 3
    with pytest.raises(ValueError, match=r"limits are \(-0.500, 2.000\), but this bar goes from -1.000 to 2.000"):
        share_bar(bars[0], (-0.5, 2))
    with pytest.raises(ValueError, match=r"limits are \(0.100, 2.000\)"):
        share_bar(bars[2], (0.1, 2))


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ([], (0, 1)),
        ([{}], (0, 1)),
        ([{"text": 0.0}], (0, 1)),
        ([{"text": 0.4}], (0, 1)),
        ([{"text": 0.4, "image": 1.2}], (0, 1.6)),
        ([{"text": -0.25}], (-1, 0)),
        ([{"text": -3.0}, {"text": -0.5}], (-3, 0)),
        ([{"text": -0.25, "image": 0.25}], (-0.25, 0.75)),
    ],
)
def test_limits_hold_all_bars_and_one_unit(bars, expected):
    assert share_limits(bars) == pytest.approx(expected)


def test_hits_without_shares_have_no_bar():
    assert share_bar({}) == ""
    assert pieces(share_bar({"text": 0.0})) == {}


def test_what_colours_say_is_said_in_words():
    shares = {"text": 0.5, "image": -0.1, "audio": -0.0001, "depth": 0.25}
    words = "score 0.650: text 0.500, picture −0.100, sound 0.000, depth 0.250"
    assert shares_in_words(shares) == words
    html = share_bar(shares)
    assert f'role="img" aria-label="{words}"' in html
    legend = re.sub(r"<[^>]+>", " ", html).split()
    assert legend == ["text", "0.500", "picture", "−0.100", "sound", "0.000", "depth", "0.250"]


def test_names_are_escaped():
    assert "<b>" not in share_bar({"<b>": 0.5})


def test_a_bar_asks_nobody_for_anything():
    html = share_bar({"text": 0.5, "image": -0.1})
    assert not re.search(r"https?:|<script|url\(|src=|href=|class=\"(?!mmr-)", html)


def test_numbers_have_a_true_minus_sign_and_zero_has_none():
    assert [number(value) for value in (0.12345, -0.12345, -0.0004, 0, -2)] == [
        "0.123",
        "−0.123",
        "0.000",
        "0.000",
        "−2.000",
    ]
    assert [part_name(name) for name in ("text", "image", "audio", "depth")] == ["text", "picture", "sound", "depth"]


# Under the hits of a page


def test_a_page_of_hits_has_bars_on_one_scale_if_asked(tmp_path):
    catalogue = small_catalogue(tmp_path)
    hits = [Hit("wine-red", 1, 1.6, 0, {"text": 1.6}), Hit("can-red", 2, 0.8, 2, {"text": 0.8})]
    html = show_hits(catalogue, hits, shares=True).html
    assert re.findall(r"width: ([\d.]+)%; background: #0072B2", html) == ["100.00", "50.00"]
    assert re.findall(r'aria-label="(score[^"]*)"', html) == [
        "score 1.600: text 1.600",
        "score 0.800: text 0.800",
    ]
    assert "mmr-shares" not in show_hits(catalogue, hits).html
    assert "mmr-shares" not in show_hits(catalogue, [Hit("wine-red", 1, 1.6, 0)], shares=True).html
    assert repr(show_hits(catalogue, hits, shares=True)) == repr(show_hits(catalogue, hits))
