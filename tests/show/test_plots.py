"""The page of results and the figures: what they say, that nothing leaks out of them, and Chinese without a font."""

import base64
import io
import re
import warnings
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import soundfile
from matplotlib import pyplot as plt
from matplotlib.ft2font import FT2Font
from PIL import Image

from mmr_toolkit.catalogue.catalogue import Catalogue, titles
from mmr_toolkit.common import environment
from mmr_toolkit.common.environment import cjk_font
from mmr_toolkit.show import plots
from mmr_toolkit.show.cards import show_hits, show_items
from mmr_toolkit.show.embed import SMALL_FILE, SOUND_SECONDS, THUMBNAIL
from mmr_toolkit.show.plots import caption, show_pictures, show_spectrogram, show_waveform
from small_catalogue import colour_file, small_catalogue, tone


@pytest.fixture
def catalogue(tmp_path):
    return small_catalogue(tmp_path)


@pytest.fixture
def no_cjk_font(monkeypatch):
    monkeypatch.setattr(plots, "cjk_font", lambda: None)


def hits_at(catalogue, *positions):
    """As the retriever gives them."""
    return [
        SimpleNamespace(id=catalogue.ids[position], rank=rank, score=1 / rank, position=position)
        for rank, position in enumerate(positions, 1)
    ]


def embedded(html):
    """The files inside a page: (mime type, bytes)."""
    return [(kind, base64.b64decode(data)) for kind, data in re.findall(r'src="data:([^;]+);base64,([^"]+)"', html)]


# The page of results


def test_a_card_has_titles_score_picture_and_sound(catalogue):
    html = show_hits(catalogue, hits_at(catalogue, 0, 1))._repr_html_()
    for words in (
        'lang="en">red wine<',
        'lang="zh">红酒<',
        ">1.000<",
        ">0.500<",
        'alt="red wine"',
        "sound of white wine",
    ):
        assert words in html
    picture, sound = embedded(html)[:2]
    assert picture == ("image/png", (catalogue.folder / "wine-red.png").read_bytes())  # small files as they are
    assert sound == ("audio/wav", (catalogue.folder / "wine-red.wav").read_bytes())
    assert html.count('role="listitem"') == 2


def test_the_plain_text_has_ids_and_titles_but_no_scores(catalogue):
    page = show_hits(catalogue, hits_at(catalogue, 2, 0, 5), query_text="红酒", query_audio=tone(400))
    assert repr(page).splitlines() == [
        'query: "红酒" + a sound',
        " 1  can-red     cherry soda  樱桃汽水",
        " 2  wine-red    red wine  红酒",
        " 3  can-unread  (no text)",
    ]


def test_holes_are_named_not_blank(catalogue):
    silent, unseen, unread = (show_hits(catalogue, hits_at(catalogue, i)).html for i in (3, 4, 5))
    assert "no sound" in silent
    assert "no picture" in unseen
    assert "no text" in unread
    assert 'alt="can-unread"' in unread


def test_the_query_is_shown_with_all_its_parts(catalogue, tmp_path):
    query = {"query_text": "cherry", "query_image": Image.new("L", (500, 300)), "query_audio": tone(400)}
    html = show_hits(catalogue, [], **query).html
    assert "<b>cherry</b>" in html
    (kind, picture), (audio_kind, sound) = embedded(html)
    assert (kind, audio_kind) == ("image/jpeg", "audio/wav")
    assert Image.open(io.BytesIO(picture)).size == (THUMBNAIL, THUMBNAIL * 300 // 500)
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 16_000
    assert np.corrcoef(samples, tone(400))[0, 1] > 0.999
    assert repr(show_hits(catalogue, [])) == "nothing found"
    assert 'class="query"' not in show_hits(catalogue, []).html


def test_large_files_are_made_small(catalogue, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (600, 900, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    soundfile.write(tmp_path / "long.wav", np.tile(tone(400), 100), 16_000)
    html = show_hits(catalogue, [], query_image=tmp_path / "large.png", query_audio=tmp_path / "long.wav").html
    (_, picture), (_, sound) = embedded(html)
    assert max(Image.open(io.BytesIO(picture)).size) == THUMBNAIL
    assert soundfile.info(io.BytesIO(sound)).duration == SOUND_SECONDS
    assert len(picture) < SMALL_FILE
    assert len(sound) < 100 + SOUND_SECONDS * 16_000


def test_the_caller_s_picture_and_sound_stay_as_they_were(catalogue):
    image, sound = Image.new("RGB", (500, 300)), tone(400)
    before = sound.copy()
    show_hits(catalogue, [], query_image=image, query_audio=sound)
    assert image.size == (500, 300)
    assert (sound == before).all()


def test_a_silent_and_an_empty_sound(catalogue):
    for samples in (np.zeros(1600, dtype=np.float32), np.zeros(0, dtype=np.float32)):
        ((_, sound),) = embedded(show_hits(catalogue, [], query_audio=samples).html)
        assert len(soundfile.read(io.BytesIO(sound))[0]) == len(samples)


def test_words_from_a_catalogue_cannot_become_html(tmp_path):
    colour_file(tmp_path / "x.png", (1, 2, 3))
    evil = '<script>alert(1)</script>" onerror="x'
    table = pd.DataFrame({"id": [evil], "text": [evil], "image_file_name": ["x.png"]})
    catalogue = Catalogue.from_table(table, tmp_path)
    html = show_hits(catalogue, hits_at(catalogue, 0), query_text=evil).html
    assert "<script>" not in html
    assert '" onerror=' not in html
    assert html.count("&lt;script&gt;") == 4  # query, alt, title, text


def test_a_file_that_went_bad_does_not_spoil_the_page(catalogue):
    (catalogue.folder / "wine-red.png").write_bytes(b"broken")
    (catalogue.folder / "wine-red.wav").unlink()
    html = show_hits(catalogue, hits_at(catalogue, 0, 1)).html
    assert "picture cannot be read" in html
    assert "sound cannot be read" in html
    assert len(embedded(html)) == 2


def test_the_page_is_the_same_every_time_and_asks_no_other_host(catalogue):
    html = show_hits(catalogue, hits_at(catalogue, *range(6)), columns=3).html
    assert html == show_hits(catalogue, hits_at(catalogue, *range(6)), columns=3).html
    assert "//" not in re.sub(r"base64,[^\"]+", "", html)
    assert "--columns: 3" in html
    with pytest.raises(ValueError, match="columns is 0"):
        show_hits(catalogue, [], columns=0)


def test_items_without_a_search(catalogue):
    page = show_items(catalogue, range(2), captions=["a <b>", ""])
    assert 'lang="en">red wine<' in page.html and "<b>a &lt;b&gt;</b>" in page.html
    assert 'class="rank"></div>' in page.html  # no caption, no score
    assert [kind for kind, _ in embedded(page.html)] == [kind for kind, _ in embedded(_page_of_hits(catalogue, 0, 1))]
    first, second = repr(page).splitlines()
    assert first.startswith(catalogue.ids[0]) and first.endswith("红酒  [a <b>]")
    assert second.startswith(catalogue.ids[1]) and "[" not in second
    assert repr(show_items(catalogue, [])) == "nothing to show"


def _page_of_hits(catalogue, *positions):
    return show_hits(catalogue, hits_at(catalogue, *positions)).html


def test_items_that_cannot_be_shown(catalogue):
    with pytest.raises(ValueError, match="got 1 captions for 2 items"):
        show_items(catalogue, [0, 1], captions=["one"])
    with pytest.raises(ValueError, match="columns is 0"):
        show_items(catalogue, [0], columns=0)


def test_titles(catalogue):
    assert titles(catalogue.row("wine-red")) == ("red wine", "红酒")
    assert titles(catalogue.row("can-unread")) == ("", "")
    assert titles(pd.Series({"id": 1, "text": "two\n lines"})) == ("two lines", "")


# Figures


def texts_of(figure):
    return [ax.get_xlabel() for ax in figure.axes] + [text.get_text() for ax in figure.axes for text in ax.texts]


def test_show_pictures(catalogue):
    figure = show_pictures(catalogue, [0, 4, 1], columns=2)
    words = texts_of(figure)
    titles = ["red wine\n红酒", "cherry soda\n樱桃汽水", "white wine\n白葡萄酒"]
    assert words[:3] == [caption(title) for title in titles]  # without the Chinese where no font has it
    assert "no picture" in words
    shown = figure.axes[0].images[0].get_array()
    assert (shown == (200, 20, 30)).all()
    assert len(figure.axes) == 4  # two rows of two, the last one empty
    assert texts_of(show_pictures(catalogue, [5, 0], captions=["a", "b"]))[:2] == ["a", "b"]
    (catalogue.folder / "wine-red.png").write_bytes(b"broken")
    assert "picture cannot\nbe read" in texts_of(show_pictures(catalogue, [0]))


def test_show_pictures_of_nothing(catalogue):
    with pytest.raises(ValueError, match="got 0 positions and 6 columns"):
        show_pictures(catalogue, [])
    with pytest.raises(ValueError, match="got 1 positions and 0 columns"):
        show_pictures(catalogue, [0], columns=0)
    with pytest.raises(ValueError, match="got 1 captions for 2 pictures"):
        show_pictures(catalogue, [0, 1], captions=["one"])


def test_figures_change_no_settings_and_leave_none_open(catalogue):
    before, open_before = dict(mpl.rcParams), plt.get_fignums()
    show_pictures(catalogue, [0, 1])
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == open_before


def test_a_long_caption_is_cut(catalogue):
    words = texts_of(show_pictures(catalogue, [0], captions=["wine " * 40]))[0]
    assert words.endswith("…")
    assert len(words.splitlines()) == 2


def test_the_cjk_font_has_chinese_characters():
    if cjk_font() is None:
        pytest.skip("no font with Chinese characters is installed here")
    from matplotlib.font_manager import FontProperties, findfont

    font = FT2Font(findfont(FontProperties(family=[cjk_font()]), fallback_to_default=False))
    assert all(font.get_char_index(ord(character)) for character in "红酒樱桃汽水")


def test_no_character_is_drawn_as_an_empty_box(catalogue):
    """matplotlib warns about every glyph that it cannot find."""
    if cjk_font() is None:
        pytest.skip("no font with Chinese characters is installed here")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        show_pictures(catalogue, [0, 2, 4]).canvas.draw()


def test_without_a_font_chinese_is_left_out_with_one_note(catalogue, no_cjk_font):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = show_pictures(catalogue, [0, 2])
        figure.canvas.draw()
    assert texts_of(figure)[:2] == ["red wine", "cherry soda"]
    assert figure.get_supxlabel() == plots.NO_CJK_FONT
    assert show_pictures(catalogue, [0], captions=["only English"]).get_supxlabel() == ""


def test_caption_without_a_font(no_cjk_font):
    assert caption("red wine") == "red wine"
    with pytest.warns(UserWarning, match="Chinese left out"):
        assert caption("red wine 红酒，樱桃 x\n樱桃汽水 T恤") == "red wine x"


def test_caption_with_a_font(monkeypatch):
    monkeypatch.setattr(plots, "cjk_font", lambda: "Some Font")
    assert caption("red wine 红酒") == "red wine 红酒"


def test_a_font_with_another_name_is_found_by_its_characters(monkeypatch):
    if cjk_font() is None:
        pytest.skip("no font with Chinese characters is installed here")
    monkeypatch.setattr(environment, "CJK_FONTS", ())
    assert cjk_font.__wrapped__() is not None


def test_waveform_and_spectrogram_have_units():
    _, (left, right) = plt.subplots(1, 2)
    show_waveform(tone(3000), 16_000, ax=left)
    show_spectrogram(tone(3000), 16_000, ax=right)
    assert left.get_xlim() == (0, 0.25)
    assert (left.get_xlabel(), right.get_ylabel()) == ("time (s)", "frequency (kHz)")
    energy = np.asarray(right.collections[0].get_array()).reshape(257, -1)
    loudest = energy.mean(axis=1).argmax() * 16_000 / 512
    assert loudest == pytest.approx(3000, abs=32)
    assert energy.max() == pytest.approx(0)
    assert energy.min() >= -80.001
    show_spectrogram(np.zeros(1000), ax=right)  # silence: no division by zero
    with pytest.raises(ValueError, match="got 100 samples, expected at least 512"):
        show_spectrogram(np.zeros(100), ax=right)
    plt.close("all")


def test_colours_are_different_and_each_modality_has_one():
    assert len(set(plots.PALETTE.values())) == 8
    assert list(plots.MODALITY_COLOURS) == ["text", "image", "audio"]
    assert set(plots.MODALITY_COLOURS.values()) <= set(plots.PALETTE.values())
