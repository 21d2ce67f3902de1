"""What the search page makes of its fields: on a catalogue that can be followed by hand."""

import numpy as np
import pandas as pd
import pytest
import soundfile

from mmr_toolkit.app.query import NOTHING_ASKED, Query, ask
from mmr_toolkit.app.settings import MOST_HITS, Heads, Settings, departments, prices
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.similarity.measures import SIMILARITIES
from small_shop import retriever_of, small_shop


@pytest.fixture
def retriever(tmp_path):
    return small_shop(tmp_path)


@pytest.fixture
def catalogue(retriever):
    return retriever.catalogue


def ids(hits):
    return [hit.id for hit in hits]


# The query


def test_a_query_has_the_parts_that_were_given():
    assert Query.from_fields("  红酒 ", None, None).parts == {"text": "红酒"}
    query = Query.from_fields("cherry", "can.png", "pour.wav")
    assert query.parts == {"text": "cherry", "image": "can.png", "audio": "pour.wav"}
    assert query.label == "“cherry” + your picture + your sound"


@pytest.mark.parametrize("text", [None, "", "  \n "])
def test_nothing_asked_is_said_in_a_sentence(text):
    with pytest.raises(ValueError, match=NOTHING_ASKED):
        Query.from_fields(text, None, None)


def test_more_like_an_item_asks_by_its_own_parts(catalogue):
    query = Query.from_item(catalogue, "can-red")
    paths = str(catalogue.folder / "can-red.png"), str(catalogue.folder / "can-red.wav")
    assert query.parts == {"text": "cherry soda 樱桃汽水", "image": paths[0], "audio": paths[1]}
    assert query.like == "can-red"
    assert query.read() == query.parts
    assert Query.from_item(catalogue, "can-unseen").image is None


def test_like_this_but_puts_the_words_in_the_place_of_the_text(catalogue):
    query = Query.from_item(catalogue, "can-red", " wine ")
    assert query.text == "wine"
    assert query.image is not None
    assert query.audio is not None
    assert query.label == "like “cherry soda”, but “wine”"


def test_like_this_but_adds_the_words_where_an_item_has_only_a_text(tmp_path):
    only_texts = Catalogue.from_table(pd.DataFrame({"id": ["a"], "text": ["red wine"]}), tmp_path)
    assert Query.from_item(only_texts, "a", "soda").text == "red wine soda"


def test_like_this_but_needs_words(catalogue):
    with pytest.raises(ValueError, match="Say what should be different"):
        Query.from_item(catalogue, "can-red", "  ")
    with pytest.raises(ValueError, match="please shorten it"):
        Query.from_item(catalogue, "can-red", "x" * 1001)


# The settings


def test_settings_become_weights_and_conditions():
    settings = Settings.from_fields(5, 1, 0.5, 0, "joined", "cosine", ["wine"], None, 20)
    assert settings.weights == {"text": 1.0, "image": 0.5, "audio": 0.0}
    assert settings.where == {"department": ["wine"], "price": (None, 20)}
    assert Settings().where == {}
    assert Settings(lowest_price=0.0).where == {"price": (0.0, None)}


def test_the_headline_says_which_settings_are_not_those_of_the_beginning():
    fields = 12, 1, 1, 0.5, "texts first", "inner_product", ["wine", "soda"], 2, 20.0
    words = Settings.from_fields(*fields).in_words("joined")
    assert words == "wine, soda · price from 2 · price up to 20 · sound × 0.5 · texts first · inner product"
    assert Settings(fusion="joined").in_words("joined") == Settings().in_words("joined") == ""


def test_a_limit_that_leaves_out_no_price_is_no_limit():
    """Else an item without a price would be lost as soon as the page shows the range of the prices."""
    fields = 5, 1, 1, 1, None, "cosine", []
    assert Settings.from_fields(*fields, 1.5, 30.0, span=(1.5, 30.0)).where == {}
    assert Settings.from_fields(*fields, 0, 29.0, span=(1.5, 30.0)).where == {"price": (None, 29.0)}
    assert Settings.from_fields(*fields, 2.0, None, span=(1.5, 30.0)).where == {"price": (2.0, None)}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"k": 0}, "number of hits is 0; expected 1 to 50"),
        ({"k": MOST_HITS + 1}, "number of hits is 51"),
        ({"text": -1}, "weight of the text is -1; expected 0 to 3"),
        ({"audio": 3.5}, "weight of the audio is 3.5"),
        ({"low": 20, "high": 10}, "lowest price, 20, is above the highest, 10"),
    ],
)
def test_settings_out_of_range_are_said_in_a_sentence(change, sentence):
    fields = {"k": 5, "text": 1, "image": 1, "audio": 1, "fusion": None, "similarity": "cosine"}
    fields |= {"departments": [], "low": None, "high": None}
    with pytest.raises(ValueError, match=sentence):
        Settings.from_fields(*(fields | change).values())


# Whom is asked


def test_heads_have_every_fusion_with_every_similarity(retriever):
    heads = Heads(
        {"joined": retriever, "texts first": retriever.with_fusion(ConcatFusion({"text": 3, "image": 1, "audio": 1}))}
    )
    assert heads.fusions == ("joined", "texts first")
    for similarity in SIMILARITIES:
        head = heads.pick(Settings(fusion="texts first", similarity=similarity))
        assert head.similarity == similarity
        assert head.fusion.weights == {"text": 3, "image": 1, "audio": 1}
        assert heads.pick(Settings(fusion="texts first", similarity=similarity)) is head
    assert heads.pick(Settings()) is retriever


def test_heads_follow_when_items_are_removed(retriever):
    heads = Heads({"joined": retriever})
    before = heads.pick(Settings(similarity="euclidean"))
    retriever.remove("can-red")
    after = heads.pick(Settings(similarity="euclidean"))
    assert (len(before.catalogue), len(after.catalogue), len(heads.catalogue)) == (6, 5, 5)
    assert heads.pick(Settings()) is retriever and "can-red" not in heads.catalogue


def test_heads_need_retrievers_of_the_same_items(retriever):
    with pytest.raises(ValueError, match="got no retriever"):
        Heads({})
    other = retriever_of(retriever.catalogue.subset([0, 1]))
    with pytest.raises(ValueError, match="b searches other items than a"):
        Heads({"a": retriever, "b": other})


@pytest.mark.parametrize("wrong", [{"fusion": "late"}, {"similarity": "manhattan"}])
def test_an_unknown_fusion_or_similarity_is_named_with_the_known_ones(retriever, wrong):
    with pytest.raises(ValueError, match="expected one of (joined|inner_product, cosine, euclidean)"):
        Heads({"joined": retriever}).pick(Settings(**wrong))


# Asking


def test_asking_is_searching(retriever):
    query, settings = Query.from_fields("red wine", None, None), Settings(k=2)
    assert ask(retriever, query, settings) == retriever.search("red wine", k=2)


def test_an_item_is_not_like_itself(retriever):
    found = ids(ask(retriever, Query.from_item(retriever.catalogue, "can-red"), Settings()))
    assert found[0] == "can-unseen"
    assert "can-red" not in found


def test_a_file_of_an_item_that_is_gone_is_said_in_a_sentence(retriever, tmp_path):
    (tmp_path / "can-red.png").unlink()
    with pytest.raises(ValueError, match="A picture or sound of this item is no longer there"):
        ask(retriever, Query.from_item(retriever.catalogue, "can-red"), Settings())


def test_filters_leave_out_what_does_not_fit(retriever):
    query = Query.from_fields("red wine", None, None)
    assert ids(ask(retriever, query, Settings(departments=("wine",), highest_price=12.0))) == ["wine-red", "wine-white"]
    with pytest.raises(ValueError, match="Nothing is left"):
        ask(retriever, query, Settings(lowest_price=1000.0))


def test_a_weight_of_zero_leaves_a_part_out(retriever, tmp_path):
    query = Query.from_fields("cherry", str(tmp_path / "wine-red.png"), None)
    assert ids(ask(retriever, query, Settings(image_weight=0.0, k=2))) == ["can-red", "can-unseen"]
    with pytest.raises(ValueError, match="You ask by text and image, and the weight of that is 0"):
        ask(retriever, query, Settings(text_weight=0.0, image_weight=0.0))


@pytest.mark.parametrize(
    ("part", "content", "sentence"),
    [
        ("text", "zzz qqq", "none of its words is known"),
        ("image", b"no picture at all", "not a picture that can be read"),
        ("audio", np.zeros(8000), "The sound is silent"),
        ("audio", b"RIFF....", "not a sound that can be read"),
    ],
)
def test_what_cannot_be_searched_for_is_said_in_a_sentence(retriever, tmp_path, part, content, sentence):
    value = content
    if part != "text":
        value = str(tmp_path / f"sent.{'png' if part == 'image' else 'wav'}")
        if isinstance(content, bytes):
            (tmp_path / value).write_bytes(content)
        else:
            soundfile.write(value, content, SAMPLE_RATE)
    fields = {"text": None, "image": None, "audio": None} | {part: value}
    with pytest.raises(ValueError, match=sentence) as caught:
        ask(retriever, Query.from_fields(**fields), Settings())
    assert str(tmp_path) not in str(caught.value)  # a visitor need not know where the server keeps files


def test_filters_are_offered_for_the_columns_that_are_there(catalogue, tmp_path):
    assert departments(catalogue) == ["soda", "wine"]
    assert prices(catalogue) == (1.5, 30.0)
    bare = Catalogue.from_table(pd.DataFrame({"id": ["a"], "text": ["b"]}), tmp_path)
    assert (departments(bare), prices(bare)) == ([], None)


# The package
