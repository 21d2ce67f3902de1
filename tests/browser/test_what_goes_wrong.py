"""Bad files, many visitors at once, and a page that forgets: nothing of it ends the server or shows its insides."""

import threading

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from mmr_toolkit.app.uploads.folder import PREFIX
from mmr_toolkit.shop.data import cornershop

PNG = b"\x89PNG\r\n\x1a\n"
BAD_FILES = {
    "picture": {
        "no_picture.png": (PNG + b"no picture", "not a picture that can be read"),
        "zip.jpg": (b"PK\x03\x04" + bytes(200), "not a picture that can be read"),
    },
    "sound": {
        "no_sound.wav": (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not a sound that can be read"),
        "no_sound.opus": (b"OggS" + bytes(100), "not a sound that can be read"),
    },
}


@pytest.fixture(scope="module")
def table():
    return cornershop().table.set_index("id")


@pytest.mark.parametrize("field", BAD_FILES)
def test_a_broken_file_gets_a_sentence_and_the_page_works_on(visitor, server, tmp_path, table, field):
    visitor.forgiven = r"Waveform load error|Failed to load resource"  # Gradio's player tries the file as well
    for name, (content, sentence) in BAD_FILES[field].items():
        (tmp_path / name).write_bytes(content)
        visitor.upload(field, tmp_path / name)
        said = visitor.complaint(sentence)
        assert "Traceback" not in said and PREFIX not in said and "/" not in said
        expect(visitor.page.locator("#picture img")).to_have_count(0)  # the field is empty again
        visitor.look(f"30_broken_{name.replace('.', '_')}", whole=False)
        assert [path for folder in server[1].glob(f"{PREFIX}*") for path in folder.rglob(name)] == []
        visitor.page.locator("#clear").click()
        expect(visitor.headline.locator(".message")).to_have_count(0)
    found = visitor.search("红酒")
    assert set(table.loc[found, "type"]) == {"red_wine"}


def test_a_file_that_is_too_large_is_refused_in_words(visitor, tmp_path):
    visitor.forgiven = r"Failed to load resource|^Response\b"  # Gradio asks how far the upload is that it did not begin
    (tmp_path / "large.png").write_bytes(bytes(16_000_000))
    visitor.upload("picture", tmp_path / "large.png")
    expect(visitor.page.get_by_text("exceed the maximum allowed size of 15")).to_be_visible()
    visitor.look("31_too_large", whole=False)
    assert visitor.search("red wine")


def test_signs_that_nobody_can_read_get_a_sentence(visitor):
    visitor.text.fill("зима")
    visitor.text.press("Enter")
    said = visitor.complaint("")
    assert said.endswith(".") and "Error" not in said
    visitor.look("32_unknown_words", whole=False)


def test_markup_in_a_question_is_shown_as_it_was_typed(visitor):
    visitor.search("red wine <img src=x onerror=alert(1)>")
    assert visitor.page.locator("#headline img").count() == 0


def test_visitors_do_not_see_each_others_answers(visitors, address, table):
    first, second = visitors().visit(address), visitors().visit(address)
    first.search("红酒")
    second.search("socks")
    first.set_slider("Number of hits", 5)
    expect(first.cards).to_have_count(5)
    assert set(table.loc[first.ids(), "type"]) == {"red_wine"}
    assert second.cards.count() == 12
    assert set(table.loc[second.ids(), "type"]) == {"socks"}


def test_twenty_searches_at_once_are_all_answered(address, shop, table):
    picture, sound = shop / "query_images/can-03-1.jpg", shop / "query_audio/crisps-15-1.opus"
    questions = [
        ({"text": "红酒"}, "red_wine"),
        ({"text": "socks"}, "socks"),
        ({"image": handle_file(str(picture))}, "can"),
        ({"audio": handle_file(str(sound))}, "crisps"),
    ]
    clients = [Client(address, verbose=False, analytics_enabled=False) for _ in range(20)]
    together, kinds = threading.Barrier(20), [None] * 20

    def ask(number):
        together.wait()
        hits = clients[number].predict(**questions[number % 4][0], k=5, api_name="/search")
        kinds[number] = table.loc[hits[0]["id"], "type"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == [kind for _, kind in questions] * 5


def test_five_browsers_at_once_are_all_answered(visitors, address, table):
    made = [visitors().visit(address) for _ in range(5)]
    words = {"红酒": "red_wine", "socks": "socks"}
    asked = [(visitor, *list(words.items())[number % 2]) for number, visitor in enumerate(made)]
    for visitor, question, _ in asked:
        visitor.text.fill(question)
    for visitor, _, _ in asked:
        visitor.text.press("Enter")
    for visitor, question, kind in asked:
        assert set(table.loc[visitor.answer_to(question), "type"]) == {kind}


def test_only_the_catalogues_files_are_served(visitor, address, shop):
    get = visitor.page.request.get
    visitor.search("红酒")
    shown = visitor.cards.locator("img").first.get_attribute("src")
    assert get(f"{address}{shown}").status == 200
    for path in (shop / "metadata.csv", shop / "qrels.txt", shop / "../SHA256SUMS", "/etc/passwd"):
        assert get(f"{address}gradio_api/file={path}").status == 403
