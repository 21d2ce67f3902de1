"""Every fault of a folder is named with row, file and mend; the rest of the catalogue works."""

import warnings
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from faulty_folder import CASES, Case, cut, good_folder, picture, sound, symbolic_link, turned, write_table
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.faults import FAULTS, REPORT_COLUMNS, Fault, fault_report
from mmr_toolkit.catalogue.media import read_audio, read_image

pytestmark = pytest.mark.filterwarnings("ignore:.* faults; catalogue.doctor:UserWarning")


def spoilt(folder: Path, case: Case) -> Catalogue:
    case.spoil(folder, good_folder(folder))
    return Catalogue.from_folder(folder)


def finding(report: pd.DataFrame, fault: str) -> pd.Series:
    found = report[report["fault"] == fault]
    assert len(found) == 1, report.to_string()
    return found.iloc[0]


def test_a_good_folder_has_no_faults(tmp_path):
    good_folder(tmp_path / "shop")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        catalogue = Catalogue.from_folder(tmp_path / "shop")
    report = catalogue.doctor()
    assert report.empty
    assert list(report.columns) == REPORT_COLUMNS
    assert catalogue.mask.to_numpy().all()


def test_every_fault_has_a_case():
    assert set(CASES) == set(FAULTS)


@pytest.mark.parametrize("fault", CASES)
def test_each_fault_is_named_with_row_file_and_mend(tmp_path, fault):
    case = CASES[fault]
    catalogue = spoilt(tmp_path / "shop", case)
    found = finding(catalogue.doctor(), fault)
    assert found["row"] == case.row
    assert found["column"] == case.column
    assert pd.Series([found["detail"]]).str.contains(case.detail).all(), found["detail"]
    assert found["mend"] == FAULTS[fault].mend
    assert found["severity"] == FAULTS[fault].severity
    folder_of = {"image": "images", "audio": "audio"}
    if fault != "path_leaves_folder":
        assert found["file"].startswith(folder_of.get(case.column, "metadata.csv"))


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_two_frames_are_an_animation_and_one_is_none(tmp_path, suffix):
    folder = tmp_path / "shop"
    rows = good_folder(folder)
    rows[1]["image_file_name"] = f"images/moving{suffix}"
    write_table(folder, rows)
    red, blue = (Image.new("RGB", (48, 32), colour) for colour in ("red", "blue"))
    for more in ([], [blue]):
        red.save(folder / f"images/moving{suffix}", save_all=True, append_images=more, duration=100)
        report = Catalogue.from_folder(folder).doctor()
        animated = report[report["fault"] == "animated_image"]["detail"].tolist()
        assert animated == ["2 frames, the first is used"] * len(more)


@pytest.mark.parametrize("fault", CASES)
def test_the_bad_part_is_a_hole_and_the_rest_works(tmp_path, fault):
    """Whatever is wrong with one row, every part that is not reported as a hole can be read."""
    case = CASES[fault]
    catalogue = spoilt(tmp_path / "shop", case)
    report = catalogue.doctor()
    assert bool(case.lost) == FAULTS[fault].hole
    if case.lost:
        line = catalogue.table["id"] == finding(report, fault)["id"]
        assert not catalogue.mask.loc[line, case.lost].any()
        assert int((~catalogue.mask).to_numpy().sum()) == 1  # this part, and no other
    assert "a" in catalogue.ids
    for image, audio in zip(catalogue.values("image"), catalogue.values("audio"), strict=True):
        if image is not None:
            assert read_image(image).mode == "RGB"
        if audio is not None:
            assert read_audio(audio).ndim == 1


def test_all_faults_of_a_folder_stand_in_one_report(tmp_path):
    """The faults of a real collection come together: each is named in one call."""
    folder = tmp_path / "shop"
    rows = good_folder(folder)
    rows[0]["image_file_name"] = "/etc/hostname"
    rows[1]["id"] = "a"
    rows[1]["text"] = ""
    rows[2]["audio_file_name"] = "audio/none.wav"
    turned(folder / "images/c.jpg")
    cut(folder / "images/d.jpg")
    (folder / "audio/d.wav").write_bytes(b"")
    write_table(folder, rows)
    report = Catalogue.from_folder(folder).doctor()
    assert report[["row", "id", "column", "file", "fault"]].to_numpy().tolist() == [
        [2, "a", "image", "/etc/hostname", "path_leaves_folder"],
        [3, "a#2", "id", "metadata.csv", "duplicate_id"],
        [3, "a#2", "text", "metadata.csv", "empty_text"],
        [4, "c", "audio", "audio/none.wav", "missing_file"],
        [4, "c", "image", "images/c.jpg", "rotated_image"],
        [5, "d", "audio", "audio/d.wav", "zero_bytes"],
        [5, "d", "image", "images/d.jpg", "truncated_image"],
    ]


def test_asking_twice_gives_the_same_report(tmp_path):
    folder = tmp_path / "shop"
    rows = good_folder(folder)
    rows[0]["text"] = " "
    write_table(folder, rows)
    cut(folder / "images/b.jpg")
    sound(folder / "audio/c.wav", channels=2)
    catalogue = Catalogue.from_folder(folder)
    first = catalogue.doctor()
    assert len(first) == 3
    pd.testing.assert_frame_equal(catalogue.doctor(), first)


def test_progress_is_shown_when_asked_for(tmp_path, capsys):
    good_folder(tmp_path / "shop")
    catalogue = Catalogue.from_folder(tmp_path / "shop")
    catalogue.doctor()
    assert capsys.readouterr().err == ""
    catalogue.doctor(progress=True)
    assert "checking image" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("../../x.jpg", "a path with .."),
        ("images/../../x.jpg", "a path with .."),
        ("..\\x.jpg", "a path with .."),
        ("/etc/hostname", "an absolute path"),
        ("C:/pictures/x.jpg", "an absolute path"),
        ("c:x.jpg", "an absolute path"),
        ("C:\\pictures\\x.jpg", "an absolute path"),
        ("\\\\server\\share\\x.jpg", "an absolute path"),
    ],
)
def test_paths_may_not_leave_the_folder(tmp_path, path, detail):
    folder = tmp_path / "deep" / "shop"
    rows = good_folder(folder)
    for outside in (tmp_path / "x.jpg", tmp_path / "deep" / "x.jpg"):
        picture(outside)  # it is there, and must not be read
    rows[1]["image_file_name"] = path
    write_table(folder, rows)
    catalogue = Catalogue.from_folder(folder)
    assert catalogue.values("image")[1] is None
    found = finding(catalogue.doctor(), "path_leaves_folder")
    assert found["file"] == path
    assert found["detail"].startswith(detail)


def test_a_symbolic_link_may_not_leave_the_folder(tmp_path):
    folder = tmp_path / "shop"
    rows = good_folder(folder)
    try:
        symbolic_link(folder, rows)
    except OSError as error:
        pytest.skip(f"this system lets this user make no symbolic links: {error}")
    catalogue = Catalogue.from_folder(folder)
    assert catalogue.values("image")[1] is None
    assert finding(catalogue.doctor(), "path_leaves_folder")["detail"].startswith("a symbolic link")


def test_a_symbolic_link_to_the_folder_itself_is_fine(tmp_path):
    good_folder(tmp_path / "shop")
    try:
        (tmp_path / "link").symlink_to(tmp_path / "shop", target_is_directory=True)
    except OSError as error:
        pytest.skip(f"this system lets this user make no symbolic links: {error}")
    assert Catalogue.from_folder(tmp_path / "link").doctor().empty


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("images", "that is a folder"),
        ("https://x.org/b.jpg", "no such file"),
        ("b" * 500, "no"),
        ("b/" * 3000 + "b.jpg", "no"),
    ],
    ids=lambda words: words[:20],
)
def test_things_that_are_not_files_are_missing_files(tmp_path, path, detail):
    rows = good_folder(tmp_path / "shop")
    rows[1]["image_file_name"] = path
    write_table(tmp_path / "shop", rows)
    assert finding(Catalogue.from_folder(tmp_path / "shop").doctor(), "missing_file")["detail"].startswith(detail)


def test_a_file_that_vanishes_after_reading_becomes_a_hole(tmp_path):
    good_folder(tmp_path / "shop")
    catalogue = Catalogue.from_folder(tmp_path / "shop")
    (tmp_path / "shop/images/b.jpg").unlink()
    assert finding(catalogue.doctor(), "missing_file")["row"] == 3
    assert not catalogue.mask["image"][1]


def test_an_empty_cell_for_a_file_is_a_hole_and_no_fault(tmp_path):
    rows = good_folder(tmp_path / "shop")
    rows[1]["image_file_name"] = ""
    rows[2]["audio_file_name"] = "  "
    write_table(tmp_path / "shop", rows)
    catalogue = Catalogue.from_folder(tmp_path / "shop")
    assert catalogue.doctor().empty
    assert catalogue.mask.to_numpy().sum() == 10


def test_a_single_item_with_an_empty_text(tmp_path):
    rows = good_folder(tmp_path / "shop")
    rows[0]["text"] = ""
    write_table(tmp_path / "shop", rows[:1])
    assert Catalogue.from_folder(tmp_path / "shop").doctor()[["row", "fault"]].to_numpy().tolist() == [
        [2, "empty_text"]
    ]


def test_a_damaged_tag_neither_stops_the_doctor_nor_costs_the_picture(tmp_path):
    good_folder(tmp_path / "shop")
    turned(tmp_path / "shop/images/b.webp")
    raw = (tmp_path / "shop/images/b.webp").read_bytes()
    assert raw.count(b"MM\x00*") == 1  # where the EXIF block starts
    (tmp_path / "shop/images/b.jpg").write_bytes(raw.replace(b"MM\x00*", b"\x93M\x00*"))
    catalogue = Catalogue.from_folder(tmp_path / "shop")
    assert catalogue.doctor().empty
    assert catalogue.mask["image"].all()


def test_the_same_file_in_two_rows_is_a_leak_only_across_splits(tmp_path):
    rows = good_folder(tmp_path / "shop")
    rows[1]["image_file_name"] = rows[2]["image_file_name"] = "images/a.jpg"
    write_table(tmp_path / "shop", rows)
    report = Catalogue.from_folder(tmp_path / "shop").doctor()
    assert report[["row", "fault"]].to_numpy().tolist() == [[4, "in_two_splits"]]


def test_three_items_of_one_id_are_numbered_past_ids_that_are_taken(tmp_path):
    rows = good_folder(tmp_path / "shop")
    for row, name in zip(rows, ["a", "a#2", "a", "a"], strict=True):
        row["id"] = name
    write_table(tmp_path / "shop", rows)
    assert Catalogue.from_folder(tmp_path / "shop").ids == ["a", "a#2", "a#3", "a#4"]


def test_a_deleted_row_does_not_shift_the_line_numbers(tmp_path):
    """Rows are lines of the file, also after a dropped row, a blank line and a text of several lines."""
    good_folder(tmp_path / "shop")
    table = tmp_path / "shop/metadata.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    lines[1] = lines[1].replace("the text of a 红酒", '"the text\nof a"')
    lines[2:2] = ["", "empty,,,,,train"]
    lines[-1] = lines[-1].replace("images/d.jpg", "images/none.jpg")
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    catalogue = Catalogue.from_folder(tmp_path / "shop")
    assert catalogue.ids == ["a", "b", "c", "d"]
    assert table.read_text(encoding="utf-8").splitlines()[7].startswith("d,")
    report = catalogue.doctor()
    assert report[["row", "fault"]].to_numpy().tolist() == [
        [5, "empty_text"],
        [5, "nothing_left"],
        [8, "missing_file"],
    ]


def test_report_is_sorted_and_says_what_to_do():
    report = fault_report(
        [Fault(9, "x", "audio", "x.wav", "stereo_sound", "2 channels"), Fault(2, "y", "", "m", "open_quote", "")]
    )
    assert report["row"].tolist() == [2, 9]
    assert report["severity"].tolist() == ["fault", "note"]
    assert report["mend"].tolist() == [FAULTS["open_quote"].mend, FAULTS["stereo_sound"].mend]


def test_a_file_that_a_decoder_fails_on_in_its_own_way_costs_no_other_finding(tmp_path, monkeypatch):
    """The doctor is asked because files are damaged; an error that nobody foresaw ended it once."""
    rows = good_folder(tmp_path / "shop")

    def broken(path):
        raise AssertionError("palette" * 1_000)

    monkeypatch.setattr("mmr_toolkit.catalogue.doctor.open_picture", broken)
    monkeypatch.setattr("mmr_toolkit.catalogue.doctor.is_silent", broken)
    report = Catalogue.from_folder(tmp_path / "shop").doctor()
    found = report[report["fault"].isin(["truncated_image", "not_a_sound"])]
    assert len(found) == sum(bool(row[name]) for row in rows for name in ("image_file_name", "audio_file_name"))
    assert found["detail"].str.startswith("the file is damaged (AssertionError: palette").all()
    assert found["detail"].str.len().max() < 500
