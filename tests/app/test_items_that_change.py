"""Items come and go while visitors search: each answer is that of one state, the old one or the new one."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from types import SimpleNamespace

import pandas as pd
import pytest
from gradio_client import Client

from mmr_toolkit.app.events import Events
from mmr_toolkit.app.map_panel import ItemMaps
from mmr_toolkit.app.query import Query, ask
from mmr_toolkit.app.server.server import start
from mmr_toolkit.app.settings import Heads, Settings
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.fusion import ConcatFusion
from patience import PATIENCE
from small_shop import small_shop

FIELDS = (12, 1, 1, 1, None, "cosine", [], None, None)
OTHER_FIELDS = (12, 1, 1, 1, None, "inner_product", [], None, None)
PAIR = ["new-1", "new-2"]


@pytest.fixture
def retriever(tmp_path):
    return small_shop(tmp_path)


@pytest.fixture
def pair(retriever):
    """Two items that are the closest to "red wine"."""
    rows = {"id": PAIR, "text": ["red wine"] * 2, "price": [3.0, 4.0], "title_en": ["new wine"] * 2}
    return Catalogue.from_table(pd.DataFrame(rows), retriever.catalogue.folder)


def answers_while_items_change(retriever, pair, questions, turns=25):
    """Every question in each of the two states, and what threads are told while they come and go: (expected, told)."""
    expected = [[question()] for question in questions]
    retriever.add(pair, progress=False, cache=False)
    for known, question in zip(expected, questions, strict=True):
        known.append(question())
    done = Event()

    def ask_again_and_again(question):
        told = [question()]
        while not done.is_set():
            told.append(question())
        return told

    with ThreadPoolExecutor(len(questions)) as pool:
        told = [pool.submit(ask_again_and_again, question) for question in questions]
        try:
            for _ in range(turns):
                retriever.remove(PAIR)
                retriever.add(pair, progress=False, cache=False)
        finally:
            done.set()
    return expected, [answers.result() for answers in told]


def as_told(hits):
    return [(hit["id"], hit["rank"], round(hit["score"], 5), hit["price"], hit["title_en"]) for hit in hits]


def shown_of(event):
    """What an event puts on the page, headline and cards; scores stand there with three digits."""
    _, headline, cards, *_ = event
    return headline, cards


@pytest.mark.slow
def test_an_answer_is_that_of_the_old_items_or_of_the_new_ones(retriever, pair):
    """Else a hit was looked up in the catalogue that came after the search, and 68 of 300 requests failed."""
    events = Events(Heads({"joined": retriever}), ())
    clicked = SimpleNamespace(id="can-red", words="red wine")
    questions = [
        lambda: as_told(events.hits_as_json("red wine")),
        lambda: as_told(events.hits_as_json("red wine", similarity="inner_product")),
        lambda: shown_of(events.search("red wine", None, None, *FIELDS)),
        lambda: shown_of(events.search("red wine", None, None, *OTHER_FIELDS)),
        lambda: shown_of(events.but(clicked, *FIELDS)),
    ]
    expected, told = answers_while_items_change(retriever, pair, questions)
    for (old, new), answers in zip(expected, told, strict=True):
        assert old != new
        assert [answer for answer in answers if answer not in (old, new)] == []


@pytest.mark.slow
def test_visitors_of_a_server_get_the_answer_of_one_state(retriever, pair):
    with start({"joined": retriever}) as server:
        visitor = Client(server.address, verbose=False, analytics_enabled=False, httpx_kwargs={"timeout": PATIENCE})
        search = partial(visitor.predict, text="red wine", api_name="/search")
        expected, told = answers_while_items_change(retriever, pair, [lambda: as_told(search())] * 8, turns=40)
    for (old, new), answers in zip(expected, told, strict=True):
        assert [id for id, *_ in new if id in PAIR] == PAIR and len(new) == len(old) + 2
        assert [answer for answer in answers if answer not in (old, new)] == []


# One moment


def test_a_snapshot_stays_as_it_was_and_can_still_be_asked(retriever, pair):
    before = retriever.search("red wine", k=12)
    snapshot = retriever.snapshot()
    retriever.add(pair, progress=False, cache=False)
    retriever.remove("wine-red")
    assert snapshot.search("red wine", k=12) == before
    assert "wine-red" in snapshot.catalogue and "wine-red" not in retriever.catalogue
    assert (len(snapshot.catalogue), len(retriever.catalogue)) == (6, 7)


@pytest.mark.parametrize("similarity", ["cosine", "euclidean"])
def test_the_heads_of_a_request_have_the_items_of_one_moment(retriever, similarity):
    heads = Heads(
        {"joined": retriever, "texts first": retriever.with_fusion(ConcatFusion({"text": 3, "image": 1, "audio": 1}))}
    )
    now = heads.snapshot()
    retriever.remove("can-red")
    settings = Settings(similarity=similarity)
    assert (len(now.catalogue), len(now.pick(settings).catalogue)) == (6, 6)
    assert (len(heads.catalogue), len(heads.pick(settings).catalogue)) == (5, 5)
    assert len(heads.snapshot().pick(settings).catalogue) == 5


# What was asked before items went


def test_a_question_made_of_an_item_that_was_removed_is_still_answered(retriever):
    query = Query.from_item(retriever.catalogue, "wine-red")
    before = [hit.id for hit in ask(retriever, query, Settings())]
    retriever.remove("wine-red")
    assert [hit.id for hit in ask(retriever, query, Settings())] == before
    events = Events(Heads({"joined": retriever}), ())
    answer, *_ = events.more(SimpleNamespace(id="wine-silent", words=None), *FIELDS)
    retriever.remove("wine-silent")
    assert re.search("<b>Rank 1</b>", events.why(answer, answer.hits[0].id))


def test_an_item_that_was_removed_is_named_when_it_is_clicked(retriever):
    events = Events(Heads({"joined": retriever}), ())
    retriever.remove("wine-red")
    answer, said, *_ = events.more(SimpleNamespace(id="wine-red", words=None), *FIELDS)
    assert answer is None and "No item has the id" in said


def test_the_map_draws_the_hits_that_are_left_and_says_when_none_is(retriever, monkeypatch):
    monkeypatch.setattr("mmr_toolkit.app.map_panel.FEWEST", 1)
    drawn = []
    monkeypatch.setattr("mmr_toolkit.app.map_panel.map_html", lambda *parts: drawn.append(parts) or "map")
    place = SimpleNamespace(place=lambda query: query, points=None)
    monkeypatch.setattr("mmr_toolkit.app.map_panel.fit_umap", lambda vectors, n_neighbours: place)
    query, settings = Query.from_fields("wine", None, None), Settings()
    hits = ask(retriever, query, settings)
    retriever.remove(hits[0].id)
    maps = ItemMaps()
    assert maps.draw("joined", retriever, query, settings, hits) == "map"
    *_, positions, title = drawn[0]
    assert [retriever.catalogue.ids[position] for position in positions] == [hit.id for hit in hits[1:]]
    assert title.endswith(f"of its {len(hits) - 1} hits")
    with pytest.raises(ValueError, match="All hits were removed since you searched: please search again"):
        maps.draw("joined", retriever, query, settings, hits[:1])
