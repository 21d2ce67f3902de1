"""The search page in a real browser: what a visitor asks, and what is shown."""

from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from mmr_toolkit.common.files import data_folder
from mmr_toolkit.shop.data import cornershop

SHOP = data_folder() / "cornershop"
DRESS = SHOP / "query_images/dress-09-2.jpg"
CRISPS = SHOP / "query_audio/crisps-15-1.opus"
CAN = {"picture": SHOP / "query_images/can-03-1.jpg", "sound": SHOP / "query_audio/can-03-1.opus"}


@pytest.fixture(scope="module")
def table():
    return cornershop().table.set_index("id")


@pytest.fixture
def by_api(address):
    """The same question without a browser: the ids that the page's HTTP API answers with."""

    def ask(**query):
        client = Client(address, verbose=False, analytics_enabled=False)
        files = {name: handle_file(str(part)) if isinstance(part, Path) else part for name, part in query.items()}
        return [hit["id"] for hit in client.predict(**files, api_name="/search")]

    return ask


# Words, a picture, a sound, and all of them


def test_asked_for_red_wine_in_chinese_it_shows_red_wines(visitor, table, by_api):
    visitor.look("01_welcome")
    found = visitor.search("红酒")
    assert len(found) == 12 and found == by_api(text="红酒")
    assert set(table.loc[found, "type"]) == {"red_wine"}
    assert_title(visitor, table, found, "zh")
    visitor.look("02_red_wine")
    in_english = visitor.search("red wine")
    assert in_english != found  # the same shelf, another order
    assert set(table.loc[visitor.ids(), "type"]) == {"red_wine"}
    assert_title(visitor, table, in_english, "en")


def assert_title(visitor, table, found, language):
    """The first hit that is listed in this language says so; some products are listed in one only."""
    titles = table.loc[found, f"title_{language}"]
    place = titles.notna().to_numpy().argmax()
    assert visitor.cards.nth(place).locator(f"[lang={language}]").inner_text() == titles.iloc[place]


def test_a_photo_finds_products_that_look_like_it(visitor, table, by_api):
    visitor.upload("picture", DRESS)
    found = visitor.answer_to("your picture")
    assert (table.loc[found, "type"] == "dress").sum() >= 10
    assert found == by_api(image=DRESS)
    visitor.look("03_a_photo")


def test_a_sound_finds_products_that_sound_like_it(visitor, table, by_api):
    visitor.upload("sound", CRISPS)
    found = visitor.answer_to("your sound")
    assert table.loc[found[0], "type"] == "crisps"
    assert found == by_api(audio=CRISPS)
    visitor.look("04_a_sound")


def test_words_a_picture_and_a_sound_are_asked_together(visitor, table, by_api):
    visitor.text.fill("cherry")
    visitor.upload("picture", CAN["picture"])
    visitor.answer_to("“cherry” + your picture")
    visitor.upload("sound", CAN["sound"])
    found = visitor.answer_to("“cherry” + your picture + your sound")
    assert table.loc[found[0], "type"] == "can" and table.loc[found[0], "note"] == "cherry"
    assert found == by_api(text="cherry", image=CAN["picture"], audio=CAN["sound"])
    expect(visitor.cards.first).to_contain_text("text")
    expect(visitor.cards.first).to_contain_text("picture")
    expect(visitor.cards.first).to_contain_text("sound")
    visitor.look("05_all_three")


def test_a_sound_can_be_recorded(visitor):
    sound = visitor.page.locator("#sound")
    sound.get_by_label("Record audio").click()
    sound.get_by_role("button", name="Record", exact=True).click()
    visitor.page.wait_for_timeout(1500)  # the time that one speaks; the test microphone beeps every second
    visitor.look("16_recording", whole=False)
    sound.locator(".stop-button").click()
    assert len(visitor.answer_to("your sound")) == 12
    visitor.look("17_recorded", whole=False)


def test_a_photo_can_be_taken(visitor):
    picture = visitor.page.locator("#picture")
    picture.get_by_label("Capture from camera").click()
    picture.get_by_text("Click to Access Webcam").click()
    visitor.page.wait_for_function("document.querySelector('#picture video')?.currentTime > 0")
    picture.get_by_label("capture photo").click()
    assert len(visitor.answer_to("your picture")) == 12
    visitor.look("18_taken", whole=False)


def test_a_picture_can_be_pasted(visitor, by_api):
    visitor.page.evaluate(
        """async address => {
            const canvas = document.createElement('canvas'), picture = new Image();
            picture.src = address; await picture.decode();
            canvas.width = picture.width; canvas.height = picture.height;
            canvas.getContext('2d').drawImage(picture, 0, 0);
            const png = await new Promise(done => canvas.toBlob(done, 'image/png'));
            await navigator.clipboard.write([new ClipboardItem({'image/png': png})]);
        }""",
        f"gradio_api/file={DRESS}",
    )
    visitor.page.locator("#picture").get_by_label("Paste from clipboard").click()
    assert visitor.answer_to("your picture")[:3] == by_api(image=DRESS)[:3]


@pytest.mark.parametrize(("number", "kind"), [(0, "red_wine"), (1, "dress"), (2, "crisps"), (3, "can")])
def test_an_example_fills_the_fields_and_is_asked(visitor, table, number, kind):
    visitor.page.locator("#examples button").nth(number).click()
    expect(visitor.cards.first).to_be_visible()
    assert table.loc[visitor.ids()[0], "type"] == kind
    if number == 3:
        assert visitor.text.input_value() == "cherry"
        expect(visitor.page.locator("#picture img")).to_be_visible()
        visitor.look("06_example")


# The hits


def test_more_like_this_finds_its_kind_and_not_itself(visitor, table):
    first = visitor.search("socks")[0]
    visitor.cards.first.get_by_role("button", name="More like").click()
    found = visitor.answer_to("more like")
    assert first not in found
    assert set(table.loc[found[:6], "type"]) == {"socks"}
    visitor.look("07_more_like_this")


def test_like_this_but_changes_what_the_words_say(visitor, table):
    first = visitor.search("dress")[0]
    assert table.loc[first, "type"] == "dress"
    card = visitor.cards.first
    card.locator("summary").click()
    card.get_by_label("What should be different").fill("trousers")
    visitor.look("08_like_this_but_asked", whole=False)
    card.get_by_role("button", name="Go").click()
    found = visitor.answer_to("but “trousers”")
    assert first not in found
    assert "trousers" in set(table.loc[found, "type"])
    visitor.look("09_like_this_but")


def test_a_sound_of_a_hit_can_be_played(visitor):
    visitor.search("crisps")
    lengths = visitor.cards.locator("audio").first.evaluate(
        "player => new Promise(done => { player.onloadedmetadata = () => done(player.duration); player.load(); "
        "player.preload = 'metadata'; player.onerror = () => done(-1); })"
    )
    assert 0.1 < lengths < 60


def test_why_this_hit_is_explained(visitor):
    visitor.search("红酒")
    visitor.cards.first.get_by_role("button", name="Why").click()
    panel = visitor.page.locator("#why")
    expect(panel.locator("h3")).to_be_visible()
    expect(panel).to_contain_text("text")
    visitor.look("10_why")


def test_the_map_shows_where_the_query_lands(visitor):
    visitor.search("红酒")
    visitor.page.get_by_role("tab", name="Map").click()
    picture = visitor.page.locator("#map img").first
    expect(picture).to_be_visible()  # UMAP compiles its code at the first map
    assert "drinks" in picture.get_attribute("alt")
    visitor.look("11_map")


# Weights, filters and the method


def test_a_weight_of_zero_leaves_a_part_out(visitor, table):
    visitor.text.fill("红酒")
    visitor.upload("picture", DRESS)
    both = visitor.answer_to("“红酒” + your picture")
    visitor.set_slider("Weight of the text", 0)
    found = visitor.other_hits(both)
    assert (table.loc[found, "type"] == "dress").sum() >= 10
    visitor.look("12_weights")
    visitor.set_slider("Weight of the picture", 0)
    visitor.complaint("the weight of that is 0")
    visitor.set_slider("Weight of the text", 1)
    found = visitor.other_hits([])
    assert set(table.loc[found, "type"]) == {"red_wine"}


def test_filters_keep_what_passes(visitor, table):
    everything = visitor.search("红酒")
    visitor.open_settings()
    visitor.page.get_by_label("food", exact=True).check()
    food = visitor.other_hits(everything)
    assert len(food) == 12 and set(table.loc[food, "department"]) == {"food"}
    prices = table.loc[food, "price"].astype(float)
    visitor.page.get_by_label("Highest price").fill(f"{prices.median():.2f}")
    visitor.page.get_by_label("Highest price").press("Tab")
    cheap = visitor.other_hits(food)
    assert table.loc[cheap, "price"].astype(float).max() <= round(prices.median(), 2)
    visitor.look("13_filters")
    visitor.page.get_by_label("Highest price").fill("0.01")
    visitor.page.get_by_label("Highest price").press("Tab")
    visitor.complaint("")
    visitor.look("14_nothing_left", whole=False)


def test_fusion_and_similarity_can_be_chosen(visitor, by_api):
    visitor.text.fill("socks")
    visitor.upload("picture", DRESS)
    joined = visitor.answer_to("“socks” + your picture")
    visitor.open_settings()
    visitor.page.get_by_label("weighted, trained", exact=True).check()
    found = visitor.other_hits(joined)
    assert found == by_api(text="socks", image=DRESS, fusion="weighted, trained")
    visitor.page.get_by_label("euclidean", exact=True).check()
    expect(visitor.cards.first.locator(".score")).to_contain_text("-")  # minus a distance
    assert visitor.ids() == by_api(text="socks", image=DRESS, fusion="weighted, trained", similarity="euclidean")
    visitor.look("15_method")


def test_clear_begins_anew(visitor):
    visitor.upload("picture", DRESS)
    visitor.answer_to("your picture")
    visitor.page.locator("#clear").click()
    expect(visitor.cards).to_have_count(0)
    expect(visitor.page.locator("#picture img")).to_have_count(0)
    visitor.page.locator("#go").click()
    visitor.complaint("Ask for something first")
