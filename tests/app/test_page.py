"""The search page as it is served: asked by its HTTP API and through its events, with Gradio really running."""

import contextlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import httpx
import pandas as pd
import pytest
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from mmr_toolkit.app.events import ASK_FIRST, Answer, Events
from mmr_toolkit.app.page import build_app
from mmr_toolkit.app.query import NOTHING_ASKED
from mmr_toolkit.app.settings import Heads
from mmr_toolkit.app.uploads.folder import UPLOADS
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import SAMPLE_RATE
from mmr_toolkit.fusion import ConcatFusion
from patience import PATIENCE
from small_catalogue import small_encoders, tone
from small_shop import retriever_of, small_shop

FIELDS = (12, 1, 1, 1, None, "cosine", [], None, None)
get = partial(httpx.get, timeout=PATIENCE)


@pytest.fixture(scope="module")
def retrievers(tmp_path_factory):
    retriever = small_shop(tmp_path_factory.mktemp("shop"))
    texts_first = retriever.with_fusion(ConcatFusion({"text": 3, "image": 1, "audio": 1}))
    return {"joined": retriever, "texts first": texts_first}


@pytest.fixture(scope="module")
def address(retrievers):
    page = build_app(retrievers)
    _, address, _ = page.launch(prevent_thread_lock=True, inbrowser=False)
    yield address
    page.close(verbose=False)


@pytest.fixture(scope="module")
def client(address):
    return Client(address, verbose=False, httpx_kwargs={"timeout": PATIENCE})


@pytest.fixture
def events(retrievers):
    return Events(Heads(retrievers), ())


def ids(hits):
    return [hit["id"] for hit in hits]


# The HTTP API


def test_one_line_asks_from_another_program(client, retrievers):
    hits = client.predict(text="red wine", api_name="/search")
    expected = retrievers["joined"].search("red wine", k=12)
    assert ids(hits) == [hit.id for hit in expected]
    for found, hit in zip(hits, expected, strict=True):
        assert (found["rank"], found["score"]) == (hit.rank, pytest.approx(hit.score))
        assert found["shares"] == pytest.approx(dict(hit.shares))
    assert {name: hits[0][name] for name in ("title_en", "title_zh", "price")} == {
        "title_en": "red wine",
        "title_zh": "红酒",
        "price": 12.0,
    }


def test_the_api_takes_a_picture_a_sound_weights_and_filters(client, retrievers):
    folder = retrievers["joined"].catalogue.folder
    picture, sound = handle_file(str(folder / "wine-red.png")), handle_file(str(folder / "can-red.wav"))
    assert ids(client.predict(image=picture, audio=sound, k=1, api_name="/search")) == ["can-red"]
    only_text = {"text": "soda", "image": picture, "image_weight": 0, "k": 2}
    assert ids(client.predict(**only_text, api_name="/search")) == ["can-red", "can-unseen"]
    filtered = {"text": "red wine", "departments": ["wine"], "highest_price": 20, "fusion": "texts first"}
    assert ids(client.predict(**filtered, api_name="/search")) == ["wine-red", "wine-white"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "Ask for something first"),
        ({"text": "zzz"}, "none of its words is known"),
        ({"text": "wine", "text_weight": 0}, "the weight of that is 0"),
        ({"text": "wine", "lowest_price": 9, "highest_price": 3}, "exchange them"),
    ],
)
def test_the_api_says_in_a_sentence_what_is_wrong(client, asked, sentence):
    with pytest.raises(AppError, match=sentence):
        client.predict(**asked, api_name="/search")


def test_the_api_has_one_endpoint(address):
    endpoints = get(f"{address}gradio_api/info").json()["named_endpoints"]
    assert list(endpoints) == ["/search"]


@pytest.mark.slow
def test_twenty_visitors_at_once_are_all_answered(client):
    with ThreadPoolExecutor(20) as pool:
        answers = [*pool.map(lambda _: client.predict(text="soda", k=2, api_name="/search"), range(20))]
    assert [ids(answer) for answer in answers] == [["can-red", "can-unseen"]] * 20


def test_pictures_of_the_catalogue_are_served(client, address):
    hit = client.predict(text="红酒", k=1, api_name="/search")[0]
    assert get(address + hit["image"]).headers["content-type"] == "image/png"
    assert get(address + hit["audio"]).status_code == 200


def test_the_page_names_no_other_host(address):
    page = get(address).text
    assert re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", page) == []
    style = get(f"{address}theme.css").text
    assert "system-ui" in style
    assert re.search(r"@import|@font-face|url\([\"']?(?:https?:)?//", style) is None


# What happens at a click


@pytest.mark.slow
def test_a_search_shows_cards_and_keeps_the_answer(events):
    answer, above, shown, *_ = events.search("红酒", None, None, *FIELDS)
    assert [hit.id for hit in answer.hits][:2] == ["wine-red", "wine-silent"]
    assert "“红酒”" in above
    assert shown.index('data-id="wine-red"') < shown.index('data-id="wine-silent"')


def test_settings_ask_the_last_question_again(events):
    answer, *_ = events.search("wine", None, None, *FIELDS)
    again, above, *_ = events.adjust(answer, *FIELDS[:6], ["wine"], None, 10)
    assert "1 closest of 6 items · wine · price up to 10" in above
    assert [hit.id for hit in again.hits] == ["wine-white"]
    assert again.query == answer.query
    widened, *_ = events.adjust(again, *FIELDS)
    assert widened == answer


def test_settings_before_a_first_question_change_nothing(events):
    assert events.adjust(None, *FIELDS) == (gr.skip(),) * 5


def test_a_wrong_setting_keeps_the_question(events):
    answer, *_ = events.search("wine", None, None, *FIELDS)
    broken, above, shown, *_ = events.adjust(answer, 12, 0, *FIELDS[2:])
    assert "the weight of that is 0" in above
    assert (shown, broken.hits) == ("", ())
    assert events.adjust(broken, *FIELDS)[0] == answer


@pytest.mark.parametrize("words", [None, "wine"])
def test_more_like_this_and_like_this_but(events, words):
    event = SimpleNamespace(id="can-red", words=words)
    ask = events.more if words is None else events.but
    answer, above, *_ = ask(event, *FIELDS)
    assert "can-red" not in [hit.id for hit in answer.hits]
    assert ("More like “cherry soda”" if words is None else "Like “cherry soda”, but “wine”") in above


def test_an_empty_question_is_answered_by_a_sentence(events):
    answer, above, shown, *_ = events.search(" ", None, None, *FIELDS)
    assert (answer, shown) == (None, "")
    assert f'role="alert">{NOTHING_ASKED}<' in above


@pytest.mark.parametrize("part", ["picture", "sound"])
def test_a_file_that_cannot_be_used_leaves_its_field_empty(events, tmp_path, part):
    """Else the field went on showing the browser's sign for a broken picture."""
    (tmp_path / "broken").write_bytes(b"nothing of the kind")
    files = {"picture": None, "sound": None, part: str(tmp_path / "broken")}
    answer, above, shown, _, _, picture, sound = events.search("wine", *files.values(), *FIELDS)
    assert (answer.refused, shown) == (part, "")
    assert f"This is not a {part}" in above
    assert {"picture": picture is None, "sound": sound is None} == {"picture": False, "sound": False, part: True}
    *_, picture, sound = events.search("wine", None, None, *FIELDS)
    assert picture is not None and sound is not None  # left as they are


@pytest.fixture
def uploads():
    """The folder with what visitors sent."""
    yield UPLOADS.open()
    UPLOADS.close()


def test_an_upload_that_cannot_be_used_is_removed(events, uploads, tmp_path):
    for folder, is_kept in ((tmp_path, True), (uploads, False)):
        path = folder / "broken.png"
        for ask in (events.search, events.hits_as_json):
            path.write_bytes(b"not a picture")
            with contextlib.suppress(gr.Error):
                ask(None, str(path), None, *FIELDS)
            assert path.exists() is is_kept


def test_an_upload_that_somebody_works_with_stays_for_longer(events, uploads, retrievers):
    own = Path(retrievers["joined"].catalogue.values("image")[0])
    sent = uploads / "photo.png"
    sent.write_bytes(own.read_bytes())
    before = own.stat().st_mtime
    answer, *_ = events.search(None, str(sent), None, *FIELDS)
    for look in (
        events.adjust,
        lambda answer, *_: events.why(answer, "can-red"),
        lambda answer, *_: events.map(answer),
    ):
        os.utime(sent, (1000, 1000))
        look(answer, *FIELDS)
        assert sent.stat().st_mtime > 2000
    events.more(SimpleNamespace(id=answer.hits[0].id, words=None), *FIELDS)
    assert own.stat().st_mtime == before  # a file of the catalogue keeps its time


def test_a_hit_is_explained(events):
    answer, *_ = events.search("red wine", None, None, *FIELDS)
    html = events.why(answer, "wine-white")
    assert "<h3>white wine</h3>" in html
    assert "<b>Rank 3</b>" in html
    assert ASK_FIRST in events.why(None, None)
    assert "No item has the id" in events.why(answer, "gone")


@pytest.mark.slow
def test_what_counted_in_a_picture_and_a_sound_is_drawn(events, tmp_path):
    Image.new("RGB", (800, 600), (200, 20, 30)).save(tmp_path / "large.png")
    soundfile.write(tmp_path / "pour.wav", tone(3000), SAMPLE_RATE)
    answer, *_ = events.search(None, str(tmp_path / "large.png"), str(tmp_path / "pour.wav"), *FIELDS)
    html = events.why(answer, "can-red")
    assert html.count("data:image/png;base64,") == 2
    assert "picture that was asked" in html
    answer, *_ = events.more(SimpleNamespace(id="can-red", words=None), *FIELDS)
    assert events.why(answer, answer.hits[0].id).count("data:image/png;base64,") == 2


@pytest.mark.slow
def test_the_map_says_why_it_cannot_be_drawn(events):
    assert ASK_FIRST in events.map(None)
    assert ASK_FIRST in events.map(Answer(None, None))
    answer, *_ = events.search("wine", None, None, *FIELDS)
    assert "at least 20 items" in events.map(answer)


# The page


def test_a_catalogue_without_sounds_prices_and_departments_has_no_such_fields(tmp_path):
    table = pd.DataFrame({"id": ["a", "b"], "text": ["red wine", "cherry soda"]})
    catalogue = Catalogue.from_table(table, tmp_path)
    encoders = {"text": small_encoders()["text"]}
    retriever = retriever_of(catalogue, encoders)
    config = build_app({"joined": retriever}).get_config_file()
    shown = {part["props"].get("label"): part["props"].get("visible", True) for part in config["components"]}
    assert "Finds the closest of 2 items by words, and says why." in str(config)
    hidden = {"Picture", "Sound", "Lowest price", "Highest price", "Weight of the sound", "Fusion"}
    assert all(shown[label] is False for label in hidden)
    assert shown["Words, in English or Chinese"]
    assert shown["Similarity"]


def test_every_field_has_a_label(retrievers):
    config = build_app(retrievers).get_config_file()
    fields = {"textbox", "slider", "radio", "checkboxgroup", "number", "dropdown", "image", "audio"}
    for part in config["components"]:
        if part["type"] in fields:
            assert part["props"]["label"], part["type"]
            assert part["props"]["show_label"] is not False
