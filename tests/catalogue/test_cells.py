"""What stands in a table stays what it is: whole numbers, codes, spaces, names of columns, long cells, encodings."""

import csv
import time
import warnings

import pandas as pd
import pytest
from PIL import Image

from mmr_toolkit import Catalogue
from mmr_toolkit.catalogue.filters import matching


def read(folder, text, saved_as="utf-8", **options):
    (folder / "metadata.csv").write_bytes(text.encode(saved_as))
    return Catalogue.from_folder(folder, **options)


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["2019", "", "-3"], [2019, None, -3]),
        (["400638133393112341", "", "400638133393112342"], [400638133393112341, None, 400638133393112342]),
        (["9.5", "", "10"], [9.5, None, 10.0]),
        (["007", "8", "9"], ["007", "8", "9"]),
        (["4006381333931123411", "5", "6"], ["4006381333931123411", "5", "6"]),  # more digits than 64 bits hold
        (["1" * 400, "5", "6"], ["1" * 400, "5", "6"]),
        (["1e999", "5", "6"], ["1e999", "5", "6"]),
        (["nan", "5", "6"], ["nan", "5", "6"]),
        (["inf", "5", "6"], ["inf", "5", "6"]),
        (["1_000", "5", "6"], ["1_000", "5", "6"]),
        (["0.1234567890123456789", "5", "6"], ["0.1234567890123456789", "5", "6"]),
        ([" 7 ", "8", "9"], [7, 8, 9]),
    ],
)
def test_a_column_holds_what_its_cells_say(tmp_path, cells, kept):
    table = read(tmp_path, "id,text,value\n" + "".join(f"{i},a,{cell}\n" for i, cell in enumerate(cells))).table
    found = [None if pd.isna(cell) else cell for cell in table["value"]]
    assert found == kept  # exact: as they were written
    assert [type(cell) is str for cell in found if cell is not None] == [
        isinstance(k, str) for k in kept if k is not None
    ]


@pytest.mark.parametrize("wanted", [10, "10", 10.0, [10, "x"], {"10"}])
def test_a_number_is_found_however_it_is_written(tmp_path, wanted):
    table = read(tmp_path, "id,text,price,size\nA,a,10,10\nB,b,9.5,\nC,c,12,3\n").table
    assert matching(table, {"price": wanted}).tolist() == [True, False, False]
    assert matching(table, {"size": wanted}).tolist() == [True, False, False]


@pytest.mark.parametrize("wanted", ["nan", "<NA>", "None", ""])
def test_a_hole_is_no_value(tmp_path, wanted):
    table = read(tmp_path, "id,text,brand,size\nA,a,,\nB,b,Alba,3\n").table
    assert not matching(table, {"brand": wanted}).any()
    assert not matching(table, {"size": wanted}).any()


def test_true_is_not_one(tmp_path):
    table = read(tmp_path, "id,text,size\nA,a,1\nB,b,2\n").table
    assert not matching(table, {"size": True}).any()


def test_spaces_around_cells_and_names_go(tmp_path):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    items = read(tmp_path, "id , text,image_file_name,brand\n A , red wine ,\ta.png , Alba \n")
    row = items.table.iloc[0]
    assert (row["id"], row["text"], row["image"], row["brand"]) == ("A", "red wine", "a.png", "Alba")


@pytest.mark.parametrize(
    ("header", "meant"),
    [
        ("ID,Text,FILE_NAME", "image_file_name"),
        ("Id,TEXT,Image Path", "image_file_name"),
        ("id,text,image-file-name", "image_file_name"),
        ("id,text,filename", "image_file_name"),
    ],
)
def test_a_column_whose_name_nearly_fits_is_taken_aloud(tmp_path, header, meant):
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    with pytest.warns(UserWarning, match=f"is taken as `{meant}`; rename it"):
        items = read(tmp_path, f"{header}\nA,red,a.png\n")
    assert items.ids == ["A"]
    assert items.mask.iloc[0].tolist() == [True, True, False]


def test_file_names_of_sounds_are_sounds(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.warns(UserWarning, match="'file_name' is taken as `audio_file_name`"):
        items = read(tmp_path, "id,text,file_name\nA,red,a.wav\n")
    assert items.mask.iloc[0].tolist() == [True, False, True]


def test_columns_of_the_right_names_are_taken_without_a_word_and_two_that_nearly_fit_are_not(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        items = read(tmp_path, "id,text,Text,file_name\nA,red,blue,a.png\n".replace("file_name", "File"))
        assert items.table["Text"].tolist() == ["blue"]
        assert read(tmp_path, "id,text,filename,file_name\nA,red,a.png,b.png\n").modalities == ("text",)


@pytest.mark.parametrize("length", [131_072, 131_073, 1_000_000])
def test_a_cell_may_be_as_long_as_a_book(tmp_path, length):
    before = csv.field_size_limit()
    items = read(tmp_path, f"id,text\nA,{'x' * length}\nB,green tea\n")
    assert [len(text) for text in items.values("text")] == [length, 9]
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(
    ("encoding", "word"), [("gb18030", "红酒一瓶"), ("cp1252", "crème brûlée"), ("shift_jis", "赤ワイン")]
)
def test_a_table_in_another_encoding_can_be_named_and_the_doctor_offers_one(tmp_path, encoding, word):
    items = read(tmp_path, f"id,text\nA,{word}\n", encoding, encoding=encoding)
    assert items.values("text") == [word]
    with pytest.warns(UserWarning, match="doctor"):
        report = read(tmp_path, f"id,text\nA,{word}\nB,tea\n", encoding).doctor()
    detail = report.loc[report["fault"] == "wrong_encoding", "detail"].item()
    assert "is not UTF-8" in detail and "; in the encoding " in detail


def test_an_encoding_that_does_not_fit_is_named(tmp_path):
    with pytest.raises(ValueError, match="metadata.csv is not in the encoding 'utf-8'"):
        read(tmp_path, "id,text\nA,红酒\n", "gb18030", encoding="utf-8")
    with pytest.raises(ValueError, match="is not in the encoding 'klingon'"):
        read(tmp_path, "id,text\nA,red\n", encoding="klingon")


@pytest.mark.parametrize(
    ("written", "there"), [("IMG.jpg", "IMG.JPG"), ("café.png", "cafe\u0301.png"), ("A\uff11.png", "A1.png")]
)
def test_a_file_whose_name_looks_alike_is_named(tmp_path, written, there):
    Image.new("RGB", (20, 20)).save(tmp_path / there)
    with pytest.warns(UserWarning, match="1 faults"):
        items = read(tmp_path, f"id,text,image_file_name\nA,red,{written}\n")
    assert f"no such file in the folder; there is {there!r}" in items.doctor()["detail"].item()


def test_a_folder_may_begin_with_a_tilde(tmp_path, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (20, 20)).save(tmp_path / "photos" / "a.png")
    (tmp_path / "photos" / "metadata.csv").write_text("id,image_file_name\nA,a.png\n")
    table = pd.DataFrame({"id": ["A"], "image_file_name": ["a.png"]})
    for items in (Catalogue.from_folder("~/photos"), Catalogue.from_table(table, "~/photos")):
        assert items.values("image") == [tmp_path / "photos" / "a.png"]


def test_a_table_of_twenty_thousand_columns_is_read_while_one_waits(tmp_path):
    """It took minutes: pandas needs milliseconds for each column, and each name was counted among all names."""
    n = 20_000
    names, numbers = ",".join(f"c{i}" for i in range(n)), ",".join(map(str, range(n)))
    start = time.perf_counter()
    items = read(tmp_path, f"id,text,{names}\nA,red wine,{numbers}\nB,tea,{numbers}\n")
    assert time.perf_counter() - start < 60
    assert items.table.shape == (2, n + 4)
    assert items.table["c19999"].tolist() == [19_999, 19_999]


def test_a_message_lists_a_few_of_twenty_thousand_columns(tmp_path):
    names = ",".join(f"c{i}" for i in range(20_000))
    with pytest.raises(
        ValueError, match=r"it has c0, c1, .* and 19,988 more; expected at least one of `text`"
    ) as error:
        read(tmp_path, f"{names}\n1\n")
    assert len(str(error.value)) < 400
    with pytest.raises(ValueError, match="these columns come twice: c0, c1, .* and 19,988 more") as error:
        read(tmp_path, f"text,{names},{names}\n1\n")
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("cell", ["9" * 400, "1e400", "-1e999", "0." + "1" * 400, "1" * 5000])
def test_a_number_of_four_hundred_digits_stays_a_text(tmp_path, cell):
    items = read(tmp_path, f"id,text,price\nA,red wine,{cell}\nB,tea,1\n")
    assert items.table["price"].tolist() == [cell, "1"]
