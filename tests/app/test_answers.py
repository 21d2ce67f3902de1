"""What the search page shows: cards, examples, the map; on a catalogue that can be followed by hand."""

import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mmr_toolkit.app.answers import cards, file_url, headline, message
from mmr_toolkit.app.examples import Example, example_buttons, examples_of
from mmr_toolkit.app.layout import folders_to_serve
from mmr_toolkit.app.map_panel import ItemMaps, claim
from mmr_toolkit.app.query import Query
from mmr_toolkit.app.settings import Settings
from mmr_toolkit.app.why_panel import why_html
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.maps.fit import fit_pca
from mmr_toolkit.shop.data import cornershop
from mmr_toolkit.show.cards import item_name
from small_catalogue import small_encoders, tone
from small_shop import retriever_of, small_shop


@pytest.fixture
def retriever(tmp_path):
    return small_shop(tmp_path)


@pytest.fixture
def catalogue(retriever):
    return retriever.catalogue


# Cards


def test_a_card_has_titles_price_score_shares_picture_and_sound(retriever):
    hits = retriever.search("红酒", k=1)
    card = cards(retriever.catalogue, hits)
    for expected in ('lang="en">red wine<', 'lang="zh">红酒<', ">12.00<", f">{hits[0].score:.3f}<", 'role="img"'):
        assert expected in card
    assert f'alt="red wine" src="{file_url(hits[0].image)}"' in card
    assert f'src="{file_url(hits[0].audio)}"' in card
    assert set(re.findall(r'data-event="(\w+)" data-id="(\S+)"', card)) == {
        ("more", "wine-red"),
        ("why", "wine-red"),
        ("but", "wine-red"),
    }


def test_holes_are_shown_as_holes(retriever):
    by_id = {hit.id: cards(retriever.catalogue, [hit]) for hit in retriever.search("cherry", audio=tone(3000))}
    assert "no picture" in by_id["can-unseen"]
    assert "lang=" not in by_id["can-unread"]
    assert 'title="price"' not in by_id["can-unread"]


def test_what_no_item_has_is_not_missed(tmp_path):
    catalogue = Catalogue.from_table(pd.DataFrame({"id": ["a"], "text": ["red wine"]}), tmp_path)
    encoders = {"text": small_encoders()["text"]}
    card = cards(catalogue, retriever_of(catalogue, encoders).search("wine"))
    assert "red wine" in card
    assert "no picture" not in card
    assert "no sound" not in card


def test_what_a_catalogue_says_is_escaped(tmp_path):
    evil = '<script>alert("1")</script>'
    catalogue = Catalogue.from_table(pd.DataFrame({"id": ['"><i>'], "text": [evil], "department": [evil]}), tmp_path)
    encoders = {"text": small_encoders()["text"]}
    encoders["text"].encode = lambda values, **_: np.ones((len(values), 8), dtype=np.float32)
    retriever = retriever_of(catalogue, encoders)
    hits = retriever.search(evil)
    for html in (
        cards(catalogue, hits),
        headline(evil, 1, 1),
        message(evil),
        example_buttons(examples_of(catalogue)),
        why_html(retriever, Query.from_fields(evil, None, None), Settings(), hits[0].id),
    ):
        assert "<script" not in html
        assert '"><i>' not in html


def test_a_large_picture_becomes_a_thumbnail_and_a_damaged_one_a_hole(retriever, rng):
    folder = retriever.catalogue.folder
    Image.fromarray(rng.integers(0, 255, (700, 900, 3), dtype=np.uint8)).save(folder / "wine-red.png")
    (folder / "wine-silent.png").write_bytes(b"gone" * 50_000)
    large, damaged = (cards(retriever.catalogue, [hit]) for hit in retriever.search("红酒", k=2))
    assert 'src="data:image/jpeg;base64,' in large
    assert len(large) < 100_000
    assert "picture cannot be read" in damaged


def test_only_the_folders_with_pictures_and_sounds_are_served(tmp_path):
    assert folders_to_serve([tmp_path / "b" / "1.png", None, tmp_path / "a" / "2.wav", tmp_path / "a" / "3.wav"]) == [
        str(tmp_path / "a"),
        str(tmp_path / "b"),
    ]


def test_an_item_without_titles_is_called_by_its_id(retriever):
    assert item_name(retriever.catalogue.row("can-unread")) == "can-unread"
    assert item_name(retriever.catalogue.row("can-red")) == "cherry soda"


# Examples


def test_the_examples_of_the_shop_can_be_asked():
    examples = examples_of(cornershop())
    assert [example.label for example in examples][0] == "红酒"
    assert {name for example in examples for name in ("text", "image", "audio") if getattr(example, name)} == {
        "text",
        "image",
        "audio",
    }
    for example in examples:
        assert all(path is None or path.is_file() for path in (example.image, example.audio))


def test_the_shop_without_sounds_has_no_example_with_a_sound():
    shop = cornershop()
    table = shop.table[["id", "text", "image"]].rename(columns={"image": "image_file_name"})
    silent = Catalogue.from_table(table.iloc[:20], shop.folder)
    assert [set(example.parts) for example in examples_of(silent)] == [{"text"}, {"image"}]


def test_another_catalogue_is_asked_by_its_own_items(catalogue):
    text, picture, sound = examples_of(catalogue)
    assert text.text in " ".join(filter(None, catalogue.values("text")))
    assert picture.image in catalogue.values("image")
    assert sound.audio in catalogue.values("audio")
    assert [*re.findall(r'data-id="(\d)"', example_buttons([text, picture, sound]))] == ["0", "1", "2"]
    assert example_buttons([]) == ""
    assert example_buttons([Example("x", audio=sound.audio)]).count("♪") == 1


# The map


@pytest.mark.parametrize(
    ("labels", "kind", "sentence"),
    [
        (["drinks"] * 3, "department", "The query lands among drinks, with all of its 3 hits"),
        (["food", "drinks", "food"], "department", "The query lands among food, with 2 of its 3 hits"),
        (["item"] * 4, "", "The query and its 4 hits among all items"),
    ],
)
def test_the_map_claims_what_it_shows(labels, kind, sentence):
    assert claim(labels, kind) == sentence


def test_a_few_items_make_no_map(retriever):
    query = Query.from_fields("wine", None, None)
    with pytest.raises(ValueError, match="at least 20 items; this catalogue has 6"):
        ItemMaps().draw("joined", retriever, query, Settings(), retriever.search("wine"))


def test_a_map_is_made_once_per_fusion_and_anew_when_items_change(tmp_path, monkeypatch):
    texts = [f"{colour} {thing}" for colour in ("red", "white", "cherry") for thing in ("wine", "soda")] * 4
    rows = {"id": range(24), "text": texts, "department": ["wine", "soda"] * 12}
    encoders = {"text": small_encoders()["text"]}
    retriever = retriever_of(Catalogue.from_table(pd.DataFrame(rows), tmp_path), encoders)
    made = []

    def shadow(vectors, n_neighbours):  # in the place of UMAP, which takes seconds
        made.append(len(vectors))
        return fit_pca(vectors)

    monkeypatch.setattr("mmr_toolkit.app.map_panel.fit_umap", shadow)
    maps, query, settings = ItemMaps(), Query.from_fields("red wine", None, None), Settings()
    hits = retriever.search("red wine", k=4)
    html = maps.draw("joined", retriever, query, settings, hits)
    assert "The query lands among wine, with all of its 4 hits" in html
    assert html.count('src="data:image/png;base64,') == 2
    assert maps.draw("joined", retriever, query, settings, hits) == html
    assert made == [24]
    maps.draw("another", retriever, query, settings, hits)
    retriever.remove("23")
    maps.draw("joined", retriever, query, settings, hits)
    assert made == [24, 24, 23]
