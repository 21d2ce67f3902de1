"""Tables that spreadsheets saved in the encoding of their country: which one is offered, and how they are read."""

import pytest

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.encodings import likely_encoding, read_text, undecoded
from mmr_toolkit.catalogue.metadata import read_metadata
from mmr_toolkit.queries.qrels import read_qrels

SAVED = [
    ("gb18030", "id,text\n1,红酒\n2,白酒\n"),
    ("gb18030", "编号,text,类型\n1,一瓶红色的葡萄酒,酒\n2,绿茶,茶\n"),
    ("gb18030", "id,text\n1,Red wine 红酒 750ml\n2,Green tea\n"),
    ("big5", "id,text\n1,紅酒\n2,白酒\n"),
    ("big5", "id,text,類型\n1,一瓶紅色的葡萄酒,酒\n2,綠茶,茶\n"),
    ("shift_jis", "id,text\n1,赤ワイン\n2,緑茶\n"),
    ("shift_jis", "id,text\n1,日本酒\n"),
    ("euc_kr", "id,text\n1,안녕하세요 커피 한 잔\n2,적포도주 녹차 우유\n"),
    ("cp1251", "id,text\n1,красное вино\n2,зелёный чай\n"),
    ("cp1252", "id,text\n1,café crème\n2,Weißbier\n"),
    ("cp1252", "id,text\n1,Möbel für Küche\n2,10 € off\n"),
]


@pytest.mark.parametrize(("encoding", "table"), SAVED)
def test_the_encoding_of_a_country_is_recognised(tmp_path, encoding, table):
    path = tmp_path / "metadata.csv"
    path.write_bytes(table.encode(encoding))
    assert likely_encoding(read_text(path)) == encoding
    assert read_text(path, encoding) == table


def test_a_long_table_of_few_words_is_no_slower_and_no_other_language(tmp_path):
    path = tmp_path / "metadata.csv"
    path.write_bytes(("id,text\n" + "".join(f"{i},Red wine 红酒\n" for i in range(100_000))).encode("gb18030"))
    assert likely_encoding(read_text(path)) == "gb18030"


def test_nothing_is_offered_for_one_damaged_cell_in_a_table_in_utf8_or_for_noise(tmp_path):
    path = tmp_path / "metadata.csv"
    path.write_bytes("id,text\n1,红酒一瓶\n2,caf".encode() + b"\xe9\n")
    assert undecoded(read_text(path)) is not None
    assert likely_encoding(read_text(path)) is None
    path.write_bytes(b"id,text\n1,\x81\x8f\x80\x9d\x81\n")
    assert likely_encoding(read_text(path)) is None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_named(tmp_path, encoding):
    path = tmp_path / "metadata.csv"
    path.write_bytes("id,text\n1,red wine\n2,红酒\n".encode(encoding))
    with pytest.raises(ValueError, match=f"It looks like UTF-16: .*--encoding {encoding}"):
        read_text(path)
    assert read_metadata(path, encoding=encoding)[0]["text"].tolist() == ["red wine", "红酒"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path, encoding):
    path = tmp_path / "metadata.csv"
    path.write_bytes("id,text\nA,红酒\n".encode(encoding))
    assert read_metadata(path, encoding=None)[0]["id"].tolist() == ["A"]
    assert read_metadata(path, encoding=encoding)[0]["id"].tolist() == ["A"]


@pytest.mark.parametrize("encoding", ["klingon", "hex", "rot13", "undefined", "", "a\0b", "x" * 10_000])
def test_a_name_that_is_no_encoding_of_text(tmp_path, encoding):
    path = tmp_path / "metadata.csv"
    path.write_bytes("id,text\n1,红酒\n".encode("gb18030"))
    with pytest.raises(
        ValueError, match="none that Python knows; expected one such as utf-8, utf-16, gb18030"
    ) as error:
        read_text(path, encoding)
    assert len(str(error.value)) < 400


def test_a_wrong_encoding_is_said_with_the_byte_that_does_not_fit(tmp_path):
    path = tmp_path / "metadata.csv"
    path.write_bytes("id,text\n1,café\n".encode("cp1252"))
    with pytest.raises(ValueError, match=r"is not in the encoding 'shift_jis': it has b'\\xe9.*' at byte 13"):
        read_text(path, "shift_jis")


def test_names_of_columns_in_another_encoding_are_a_fault(tmp_path):
    (tmp_path / "metadata.csv").write_bytes("id,text,类型\n1,red wine,drink\n".encode("gb18030"))
    with pytest.warns(UserWarning, match=r"1 faults; .* Row 1: the name of a column: .* reads '类型'"):
        report = Catalogue.from_folder(tmp_path).doctor()
    assert report[["row", "fault"]].to_numpy().tolist() == [[1, "wrong_encoding"]]
    assert Catalogue.from_folder(tmp_path, encoding="gb18030").table.columns[-1] == "类型"


def test_a_table_without_any_known_column_may_be_in_another_encoding(tmp_path):
    (tmp_path / "metadata.csv").write_bytes("编号,文字\n1,红酒\n".encode("gb18030"))
    with pytest.raises(ValueError, match="no column to retrieve by; .* as it seems, gb18030: try --encoding gb18030"):
        Catalogue.from_folder(tmp_path)


def test_judgements_in_another_encoding(tmp_path):
    path = tmp_path / "qrels.txt"
    path.write_bytes("q1 0 wine 3\nq1 0 红酒 2\n".encode("gb18030"))
    with pytest.raises(ValueError, match=r"not in utf-8: line 2 .* gb18030 \(--encoding gb18030\)"):
        read_qrels(path)
    assert read_qrels(path, encoding="gb18030") == {"q1": {"wine": 3, "红酒": 2}}
