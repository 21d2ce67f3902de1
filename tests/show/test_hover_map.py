"""The interactive map: what stands in it, that nothing leaks out of it, and how large it is."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex
from PIL import Image

import mmr_toolkit as mmr
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.show.hover_map import MOST_POINTS, NONE, SHAPES, hover_map
from mmr_toolkit.show.maps import MARKERS, TURNS
from mmr_toolkit.show.palette import PALETTE
from small_catalogue import colour_file, small_catalogue

VOID = {"meta", "input", "br", "img"}


class Reader(HTMLParser):
    """Reads a page as a browser does, and fails where a tag is closed that is not open."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.words = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open:
            self.words.setdefault(self.open[-1], []).append(data)

    def find(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


@pytest.fixture
def many(tmp_path):
    """Fifty items: two kinds, a number, and a column with holes; one picture for all."""
    colour_file(tmp_path / "red.png", (200, 20, 30))
    table = pd.DataFrame({"id": [f"item-{i:02}" for i in range(50)], "text": "a thing", "image_file_name": "red.png"})
    table["kind"] = ["odd" if i % 2 else "even" for i in range(50)]
    table["price"] = np.arange(50.0)
    table["brand"] = ["Mira" if i < 25 else None for i in range(50)]
    return Catalogue.from_table(table, tmp_path)


def points_of(catalogue):
    return np.random.default_rng(0).normal(size=(len(catalogue), 2))


def numbers_of(page):
    return json.loads(re.search(r"id='numbers'>(.*?)</script>", page.html, re.DOTALL)[1])


def marks_of(page):
    """The points of the page in its order: place, shape, colour."""
    inside = page.html.split("<g id='points'>")[1].split("</g>")[0]
    return [
        (float(use["x"]), float(use["y"]), use["href"], use["fill"]) for use in Reader(f"<g>{inside}</g>").find("use")
    ]


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_the_page_is_whole_and_its_frame_holds_just_it(catalogue):
    page = hover_map(points_of(catalogue), catalogue, ["id"], title="Six things")
    read = Reader(page.html)
    assert read.open == []
    assert read.words["h1"] == ["Six things"]
    (frame,) = Reader(page._repr_html_()).find("iframe")
    assert frame["srcdoc"] == page.html
    assert frame["sandbox"] == "allow-scripts"  # not the notebook's cookies, not its page
    assert frame["title"] == repr(page) == "Six things: 6 points"


def test_every_point_lies_where_the_map_has_it(many):
    points = points_of(many) * [1, 3] + [100, -7]
    marks = marks_of(hover_map(points, many, ["kind"]))
    drawn = np.array([(x, y) for x, y, *_ in marks])
    order = [i for turn in range(TURNS) for i in range(turn, 50, TURNS)]
    scale = (drawn[0, 0] - drawn[1, 0]) / (points[order[0], 0] - points[order[1], 0])
    expected = (points[order] - points[order[0]]) * [scale, -scale] + drawn[0]
    np.testing.assert_allclose(drawn, expected, atol=0.15 * 2)  # tenths of a unit of 640; up on the map is up here
    assert drawn.min() >= 0 and drawn.max() <= 640
    assert np.ptp(drawn, axis=0).max() == pytest.approx(608, abs=0.2)


def test_places_are_rounded_to_tenths_so_that_the_page_stays_small(many):
    marks = marks_of(hover_map(points_of(many) * np.pi, many, ["kind"]))
    drawn = np.array([(x, y) for x, y, *_ in marks])
    np.testing.assert_allclose(drawn * 10, np.round(drawn * 10), atol=1e-6)
    assert (np.abs(drawn - np.round(drawn)) > 0.05).any()  # and no further


def test_points_that_fall_together_lie_in_the_middle(catalogue):
    assert {mark[:2] for mark in marks_of(hover_map(np.ones((6, 2)), catalogue, ["id"]))} == {(320, 320)}


def test_every_point_has_its_titles_even_without_the_script(catalogue):
    page = hover_map(points_of(catalogue), catalogue, ["id"])
    titles = [words for words in Reader(page.html).words["title"] if words != "A map of the catalogue"]
    assert len(titles) == 6
    assert titles[0] == "red wine\n红酒"
    assert "can-unread\n" in titles  # no text: its id


def test_kinds_have_the_looks_of_the_static_map_and_black_is_the_ink(many):
    page = hover_map(points_of(many), many, ["kind"])
    numbers, colours = numbers_of(page), list(PALETTE.values())
    assert numbers["looks"] == [[[0, "currentColor"], [0, colours[1]]]]
    order = [i for turn in range(TURNS) for i in range(turn, 50, TURNS)]
    assert numbers["values"][0] == [many.table["kind"][i] for i in order]
    assert [fill for *_, fill in marks_of(page)] == ["currentColor" if i % 2 == 0 else colours[1] for i in order]


def test_numbers_are_cut_into_steps_of_equally_many(many):
    page = hover_map(points_of(many), many, ["price"])
    numbers = numbers_of(page)
    codes, values = numbers["kinds"][0], [float(value) for value in numbers["values"][0]]
    assert sorted(values) == list(range(50))
    assert set(np.bincount(codes)) <= {8, 9}
    assert [code for _, code in sorted(zip(values, codes, strict=True))] == sorted(codes)
    assert numbers["looks"][0][-1] == [0, to_hex(colormaps["cividis"](1.0))]
    assert "0 to 8.17</li>" in page.html and "40.8 to 49</li>" in page.html


def test_few_numbers_are_kinds(many):
    many.table["stars"] = np.arange(50) % 3
    assert numbers_of(hover_map(points_of(many), many, ["stars"]))["values"][0][:2] == ["0", "1"]


@pytest.mark.parametrize(("column", "holes"), [("brand", 25), ("price", 1)])
def test_a_missing_value_is_a_kind_of_its_own(many, column, holes):
    many.table.loc[0, "price"] = np.nan
    numbers = numbers_of(hover_map(points_of(many), many, [column]))
    last = len(numbers["looks"][0]) - 1
    assert numbers["looks"][0][last] == [0, "#888888"]
    missing = [value for value, code in zip(numbers["values"][0], numbers["kinds"][0], strict=True) if code == last]
    assert missing == [NONE] * holes


def test_each_column_has_an_option_and_a_legend_and_the_first_is_shown(many):
    read = Reader(hover_map(points_of(many), many, ["brand", "kind", "price"]).html)
    assert read.words["option"] == ["brand", "kind", "price"]
    legends = read.find("ul")
    assert [legend["aria-label"] for legend in legends] == ["brand", "kind", "price"]
    assert ["hidden" in legend for legend in legends] == [False, True, True]


def test_thumbnails_belong_to_their_points_and_holes_have_none(catalogue):
    (catalogue.folder / "wine-red.png").write_bytes(b"broken")
    page = hover_map(points_of(catalogue), catalogue, ["id"], thumbnail=16)
    numbers = numbers_of(page)
    ids, paths = numbers["values"][0], catalogue.values("image")
    sheet = Image.open(io.BytesIO(base64.b64decode(re.search(r"webp;base64,([^)]+)", page.html)[1])))
    for id, tile in zip(ids, numbers["tiles"], strict=True):
        path = paths[catalogue.ids.index(id)]
        if path is None or id == "wine-red":
            assert tile == -1
        else:
            place = (tile % numbers["across"] * 16 + 8, tile // numbers["across"] * 16 + 8)
            true = Image.open(path).convert("RGB").getpixel((2, 2))
            np.testing.assert_allclose(sheet.getpixel(place), true, atol=30)
    assert numbers["tiles"].count(-1) == 1 + paths.count(None)


def test_a_part_of_the_catalogue(many):
    page = hover_map([[0, 0], [1, 1]], many, ["id"], positions=[31, 7])
    assert numbers_of(page)["values"] == [["item-31", "item-07"]]


def test_every_marker_has_a_shape():
    assert tuple(SHAPES) == MARKERS


# --- what must not happen --------------------------------------------------------------------------------------------


def test_words_from_a_catalogue_cannot_become_html(tmp_path):
    evil = "</script><script>alert(1)</script>' onload='x\" onload=\"y &quot; <!--"
    table = pd.DataFrame({"id": ["a"], "text": [evil], evil: [evil]})
    page = hover_map([[0, 0]], Catalogue.from_table(table, tmp_path), [evil], title=evil)
    for text in (page.html, page._repr_html_()):
        read = Reader(text)
        assert read.open == []
        assert not [name for _, attributes in read.tags for name in attributes if name.startswith("on")]
    read = Reader(page.html)
    assert len(read.find("script")) == 2
    assert read.words["h1"] == [evil] and read.words["option"] == [evil]
    assert numbers_of(page)["values"] == [[evil]]
    (frame,) = Reader(page._repr_html_()).find("iframe")
    assert frame["srcdoc"] == page.html and set(frame) == {"title", "sandbox", "srcdoc", "style"}


def test_the_page_is_the_same_every_time_and_asks_no_other_host(many):
    page = hover_map(points_of(many), many, ["kind", "price"])
    assert page.html == hover_map(points_of(many), many, ["kind", "price"]).html
    without_pictures = re.sub(r"base64,[^)]+", "", page.html)
    script_without_comments = re.sub(r"  // .*", "", without_pictures)
    assert "//" not in script_without_comments
    assert "innerHTML" not in page.html
    policy = Reader(page.html).find("meta")[1]["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")


@pytest.mark.slow
def test_the_shop_fits_into_a_notebook():
    shop = mmr.cornershop()
    columns = ["type", "department", "colour", "sound", "price"]
    page = hover_map(points_of(shop), shop, columns)
    assert len(page._repr_html_().encode()) < 900_000
    assert len(marks_of(page)) == len(shop) == 1216
    assert numbers_of(page)["tiles"].count(-1) == shop.values("image").count(None) == 25


def test_save_writes_the_page(catalogue, tmp_path):
    page = hover_map(points_of(catalogue), catalogue, ["id"])
    path = page.save(tmp_path / "map.html")
    assert path.read_text(encoding="utf-8") == page.html


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: hover_map([[0, 0]], c, ["id"]), r"1 points and 50 items.*positions=np.flatnonzero\(mask\)"),
        (lambda c: hover_map([1, 2], c, ["id"]), r"points have shape \(2,\)"),
        (lambda c: hover_map([[0, 0]], c, ["id"], positions=[50]), "expected whole numbers 0 … 49"),
        (lambda c: hover_map([[0, 0]], c, ["id"], positions=[-1]), "positions are not rows"),
        (lambda c: hover_map([[0, 0]], c, ["id"], positions=[0.5]), "positions are not rows"),
        (lambda c: hover_map([[0, 0]], c, ["id"], positions=[True]), "positions are not rows"),
        (lambda c: hover_map(points_of(c), c, ["size"]), r"columns are \['size'\]; expected a list .* kind, price"),
        (lambda c: hover_map(points_of(c), c, "kind"), "columns are 'kind'; expected a list"),
        (lambda c: hover_map(points_of(c), c, []), r"columns are \[\]"),
        (lambda c: hover_map(points_of(c), c, ["id"]), "column 'id': 50 kinds of labels; at most 40"),
        (
            lambda c: hover_map(np.zeros((MOST_POINTS + 1, 2)), c, ["kind"], positions=np.zeros(MOST_POINTS + 1, int)),
            f"{MOST_POINTS + 1} points; expected at most {MOST_POINTS}",
        ),
    ],
)
def test_errors_name_what_came_and_what_was_expected(many, call, message):
    with pytest.raises(ValueError, match=message):
        call(many)
