"""Rankings beside the truth: each picture at its place, framed and named by its grade."""

import pytest
from matplotlib.colors import to_hex

from mmr_toolkit.show import PALETTE, show_rankings
from small_catalogue import small_catalogue


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


def rows_of(figure, n_places):
    return [figure.axes[i : i + n_places] for i in range(0, len(figure.axes), n_places)]


def test_every_place_names_its_grade_and_full_matches_are_framed(catalogue):
    first, second, third = catalogue.ids[:3]
    figure = show_rankings(
        catalogue, {"A": [first, second, third], "B": [third, first]}, {first: 3, third: 1}, title="A is better"
    )
    a, b = rows_of(figure, 3)
    assert [ax.get_xlabel() for ax in a] == ["1: grade 3", "2: grade 0", "3: grade 1"]
    assert [ax.get_xlabel() for ax in b] == ["1: grade 1", "2: grade 3", ""]  # the second ranking is shorter
    assert [row[0].get_ylabel() for row in (a, b)] == ["A", "B"]
    framed = [[to_hex(ax.spines["top"].get_edgecolor()).upper() == PALETTE["green"] for ax in row] for row in (a, b)]
    assert framed == [[True, False, False], [False, True, False]]
    assert figure.get_suptitle() == "A is better"


def test_judgements_of_yes_and_no_are_framed_from_grade_1(catalogue):
    first, second = catalogue.ids[:2]
    figure = show_rankings(catalogue, {"A": [first, second]}, {second: 1}, title="", full_match=1)
    green = [to_hex(ax.spines["left"].get_edgecolor()).upper() == PALETTE["green"] for ax in figure.axes]
    assert green == [False, True]


def test_the_line_of_the_cutoff_stands_behind_place_k(catalogue):
    figure = show_rankings(catalogue, {"A": catalogue.ids[:3]}, {}, title="", cutoff=2)
    assert [len(ax.lines) for ax in figure.axes] == [0, 1, 0]
    behind_all = show_rankings(catalogue, {"A": catalogue.ids[:3]}, {}, title="", cutoff=5)
    assert [len(ax.lines) for ax in behind_all.axes] == [0, 0, 0]


@pytest.mark.parametrize("rankings", [{}, {"A": []}])
def test_nothing_to_draw_is_told(catalogue, rankings):
    with pytest.raises(ValueError, match="expected at least one, each with an item"):
        show_rankings(catalogue, rankings, {}, title="")


def test_a_cutoff_below_1_is_told(catalogue):
    with pytest.raises(ValueError, match="cutoff is 0, expected a place of at least 1"):
        show_rankings(catalogue, {"A": catalogue.ids[:2]}, {}, title="", cutoff=0)


def test_an_unknown_item_is_told(catalogue):
    with pytest.raises(ValueError, match="no item has the id 'nowhere'"):
        show_rankings(catalogue, {"A": ["nowhere"]}, {}, title="")
