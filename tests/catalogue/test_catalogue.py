"""Reading folders and tables, and what a catalogue can be asked."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faulty_folder import good_folder, item, picture, write_table
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.common.modalities import MODALITIES

LEGAL = "`text`, `image_file_name`, `audio_file_name`"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good_folder(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def catalogue(folder: Path) -> Catalogue:
    return Catalogue.from_folder(folder)


def table_of(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """A folder that holds nothing but a metadata file."""
    folder.mkdir()
    (folder / "metadata.csv").write_bytes(text.encode(encoding))
    return folder


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_order(catalogue, folder):
    assert len(catalogue) == 4
    assert catalogue.ids == ["a", "b", "c", "d"]
    assert catalogue.modalities == MODALITIES == ("text", "image", "audio")
    assert list(catalogue.table.columns) == ["id", "text", "image", "audio", "price", "split"]
    assert list(catalogue.table.index) == [0, 1, 2, 3]
    assert catalogue.table["price"].tolist() == [0.5, 1.5, 2.5, 3.5]
    assert catalogue.table["image"].tolist() == [f"images/{name}.jpg" for name in "abcd"]
    assert catalogue.values("text")[2] == "the text of c 红酒"
    assert catalogue.values("audio") == [folder / f"audio/{name}.wav" for name in "abcd"]
    assert repr(catalogue) == "Catalogue(4 items: 4 with text, 4 with image, 4 with audio)"


def test_the_same_table_as_pandas_reads(catalogue, folder):
    oracle = pd.read_csv(folder / "metadata.csv").rename(
        columns={"image_file_name": "image", "audio_file_name": "audio"}
    )
    pd.testing.assert_frame_equal(catalogue.table, oracle)


def test_from_table_is_the_same_catalogue(catalogue, folder):
    table = pd.read_csv(folder / "metadata.csv", index_col=False)
    before = table.copy()
    made = Catalogue.from_table(table, folder)
    pd.testing.assert_frame_equal(made.table, catalogue.table)
    pd.testing.assert_frame_equal(table, before)


def test_from_table_takes_the_holes_of_pandas(folder):
    table = pd.DataFrame(
        {"text": ["one", None, np.nan, pd.NA], "image_file_name": [None, "images/a.jpg", *["images/b.jpg"] * 2]}
    )
    made = Catalogue.from_table(table, folder)
    assert made.ids == ["1", "2", "3", "4"]
    assert made.mask.to_numpy().tolist() == [[True, False, False], *[[False, True, False]] * 3]
    assert made.doctor()["row"].tolist() == [2, 3, 4]


def test_a_catalogue_of_texts_alone(tmp_path):
    catalogue = Catalogue.from_folder(table_of(tmp_path / "texts", "id,text\n1,red wine\n2,红酒\n"))
    assert catalogue.modalities == ("text",)
    assert catalogue.values("image") == [None, None]
    assert catalogue.mask.sum().to_dict() == {"text": 2, "image": 0, "audio": 0}
    assert catalogue.doctor().empty


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_say_what_they_are_are_read(folder, encoding):
    write_table(folder, [item(name, 0) for name in "abcd"], encoding=encoding)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalogue = Catalogue.from_folder(folder)
    assert catalogue.ids == ["a", "b", "c", "d"]
    assert catalogue.values("text")[0] == "the text of a 红酒"


def test_a_chinese_table_in_another_encoding_keeps_its_pictures(folder):
    """Every text becomes a hole, with the byte in the report; pictures and sounds stay."""
    write_table(folder, [item(name, 0) for name in "abcd"], encoding="gb18030")
    with pytest.warns(UserWarning, match=r"4 faults; catalogue.doctor\(\) lists them"):
        catalogue = Catalogue.from_folder(folder)
    assert catalogue.mask.sum().to_dict() == {"text": 0, "image": 4, "audio": 4}
    report = catalogue.doctor()
    assert report["fault"].tolist() == ["wrong_encoding"] * 4
    assert report["detail"][0].startswith("byte 0xBA at character 15 is not UTF-8: 'the text of a ")


@pytest.mark.filterwarnings("ignore:.* faults:UserWarning")
def test_a_byte_that_is_not_utf8_outside_the_parts_is_marked(tmp_path):
    folder = table_of(tmp_path / "shop", "id,text,brand\n1,red wine,Ch\xe2teau\n", encoding="latin-1")
    catalogue = Catalogue.from_folder(folder)
    assert catalogue.table["brand"][0] == "Ch\ufffdteau"
    assert catalogue.values("text") == ["red wine"]
    assert catalogue.doctor()[["column", "fault"]].to_numpy().tolist() == [["brand", "wrong_encoding"]]


@pytest.mark.parametrize("word", ["NA", "null", "NaN", "None", "nan", "N/A", ""])
def test_words_that_pandas_takes_for_holes_are_text(tmp_path, word):
    folder = table_of(tmp_path / "texts", f"id,text,brand\n1,{word or 'x'},{word}\n2,other,y\n")
    catalogue = Catalogue.from_folder(folder)
    assert catalogue.values("text") == [word or "x", "other"]
    assert catalogue.table["brand"].fillna("hole").tolist() == [word or "hole", "y"]


def test_ids_and_codes_stay_text_and_prices_become_numbers(tmp_path):
    folder = table_of(tmp_path / "texts", "id,text,price,barcode,size\n007,a,3,0123,1\n8,b,,5,XL\n")
    table = Catalogue.from_folder(folder).table
    assert table["id"].tolist() == ["007", "8"]
    assert table["barcode"].tolist() == ["0123", "5"]
    assert table["size"].tolist() == ["1", "XL"]
    assert table["price"][0] == 3 and pd.isna(table["price"][1])


def test_without_ids_the_line_numbers_are_the_ids(tmp_path):
    catalogue = Catalogue.from_folder(table_of(tmp_path / "texts", "text\nred wine\n\nwhite wine\n"))
    assert catalogue.ids == ["2", "4"]
    assert catalogue.doctor().empty


def test_another_table_of_the_folder_with_another_id_column(folder):
    """Queries are items with holes, so a table of queries is read as a catalogue is."""
    (folder / "queries.csv").write_text(
        "query_id,product_id,text,image_file_name\nq1,a,红酒,\nq2,a,,images/a.jpg\n", encoding="utf-8"
    )
    queries = Catalogue.from_folder(folder, metadata="queries.csv", id_column="query_id")
    assert queries.ids == ["q1", "q2"]
    assert queries.mask[["text", "image"]].to_numpy().tolist() == [[True, False], [False, True]]


# --- tables that cannot be read -------------------------------------------------------------------------------------


def test_a_missing_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such folder. Check the spelling"):
        Catalogue.from_folder(tmp_path / "nowhere")


def test_a_missing_table_names_the_tables_that_are_there(folder):
    (folder / "metadata.csv").rename(folder / "items.csv")
    with pytest.raises(FileNotFoundError, match=r"metadata.csv: no such file; the folder has the tables items.csv"):
        Catalogue.from_folder(folder)


@pytest.mark.parametrize("text", ["", "\n \n", "id,text,image_file_name\n"])
def test_an_empty_table(tmp_path, text):
    with pytest.raises(ValueError, match="metadata.csv: no rows; expected a header line and one line per item"):
        Catalogue.from_folder(table_of(tmp_path / "shop", text))


@pytest.mark.parametrize("text", ["name,caption\n1,x\n", "id;text;image_file_name\n1;x;y\n"])
def test_a_table_without_a_column_to_retrieve_by(tmp_path, text):
    with pytest.raises(ValueError, match=f"no column to retrieve by; .* expected at least one of {LEGAL}"):
        Catalogue.from_folder(table_of(tmp_path / "shop", text))


def test_a_table_with_columns_of_reserved_names(tmp_path):
    with pytest.raises(ValueError, match=r"\['image'\] have names .* Rename them; the parts belong into"):
        Catalogue.from_folder(table_of(tmp_path / "shop", "id,text,image\n1,x,y.jpg\n"))


def test_a_table_with_a_column_twice(tmp_path):
    with pytest.raises(ValueError, match=r"these columns come twice: text\."):
        Catalogue.from_folder(table_of(tmp_path / "shop", "id,text,text\n1,x,y\n"))


def test_an_id_column_that_is_not_there(folder):
    with pytest.raises(ValueError, match=r"no column 'sku' for the ids; it has id, text"):
        Catalogue.from_folder(folder, id_column="sku")


def test_a_second_column_of_ids_must_be_renamed(folder):
    with pytest.raises(ValueError, match=r"\['id'\] have names .* the ids into 'price'"):
        Catalogue.from_folder(folder, id_column="price")


def test_a_spreadsheet_is_no_table(tmp_path):
    with pytest.raises(ValueError, match=r"not a text table \(it starts with b'PK.*Save it as CSV, in UTF-8"):
        Catalogue.from_folder(table_of(tmp_path / "shop", "PK\x03\x04\x00\x00\x00", "latin-1"))


def test_utf16_without_a_mark_is_named(tmp_path):
    with pytest.raises(ValueError, match="not a text table"):
        Catalogue.from_folder(table_of(tmp_path / "shop", "id,text\n1,x\n", "utf-16-le"))


def test_an_endless_cell(tmp_path):
    with pytest.warns(UserWarning, match="1 faults"):
        items = Catalogue.from_folder(table_of(tmp_path / "shop", 'id,text\n1,"' + "x\n" * 200_000))
    assert items.doctor()["fault"].tolist() == ["open_quote"]


@pytest.mark.filterwarnings("ignore:.* faults:UserWarning")
def test_a_table_of_which_nothing_is_left_still_has_its_report(tmp_path):
    folder = table_of(tmp_path / "shop", "id,image_file_name\n1,none.jpg\n2,none.jpg\n")
    catalogue = Catalogue.from_folder(folder)
    assert len(catalogue) == 0
    assert catalogue.modalities == ()
    assert sorted(catalogue.doctor()["fault"]) == ["missing_file"] * 2 + ["nothing_left"] * 2


# --- asking ---------------------------------------------------------------------------------------------------------


def test_position_and_row(catalogue):
    assert [catalogue.position(name) for name in catalogue.ids] == [0, 1, 2, 3]
    assert catalogue.row("c")["price"] == 2.5


def test_an_unknown_id_gets_a_hint(catalogue, tmp_path):
    with pytest.raises(ValueError, match=r"no item has the id 'z' \(of 4\). Expected one of catalogue.ids"):
        catalogue.position("z")
    wines = Catalogue.from_folder(table_of(tmp_path / "wines", "id,text\nred_wine-01,x\nsoup-01,y\n"))
    with pytest.raises(ValueError, match="Did you mean 'red_wine-01'"):
        wines.row("red_wine01")


def test_an_unknown_modality_lists_the_legal_ones(catalogue):
    with pytest.raises(ValueError, match="modality is 'video'; expected one of text, image, audio"):
        catalogue.values("video")


@pytest.mark.parametrize(
    "which",
    [
        [False, True, False, True],
        np.array([False, True, False, True]),
        pd.Series([False, True, False, True]),
        [1, 3],
        np.array([1, 3]),
    ],
)
def test_subset_takes_masks_and_positions(catalogue, which):
    part = catalogue.subset(which)
    assert part.ids == ["b", "d"]
    assert list(part.table.index) == [0, 1]
    assert part.position("d") == 1
    assert part.values("image") == [catalogue.values("image")[i] for i in (1, 3)]
    assert len(catalogue) == 4


def test_subset_by_a_column_in_another_order_and_empty(catalogue):
    assert catalogue.subset(catalogue.table["split"] == "test").ids == ["c", "d"]
    assert catalogue.subset([3, 0]).ids == ["d", "a"]
    assert len(catalogue.subset([])) == 0


@pytest.mark.filterwarnings("ignore:.* faults:UserWarning")
def test_a_subset_keeps_line_numbers_and_its_own_faults(folder):
    rows = [item(name, 0) for name in "abcd"]
    rows[0]["text"] = rows[3]["text"] = " "
    write_table(folder, rows)
    part = Catalogue.from_folder(folder).subset([3, 1])
    picture(folder / "images/b.jpg", mode="CMYK")
    assert part.doctor()[["row", "id", "fault"]].to_numpy().tolist() == [[3, "b", "cmyk_image"], [5, "d", "empty_text"]]


@pytest.mark.parametrize(
    ("which", "error", "message"),
    [
        ([True, False], ValueError, r"the mask has shape \(2,\); expected \(4,\)"),
        ([0, 4], ValueError, "positions must lie in 0 … 3 and come once each"),
        ([-1], ValueError, "positions must lie in 0 … 3"),
        ([1, 1], ValueError, "come once each"),
        (["a"], TypeError, "expected a boolean mask or positions"),
        ([0.5], TypeError, "expected a boolean mask or positions"),
        ([[0, 1]], TypeError, "expected a boolean mask or positions"),
    ],
)
def test_subset_refuses_what_it_cannot_mean(catalogue, which, error, message):
    with pytest.raises(error, match=message):
        catalogue.subset(which)
