"""A saved retriever from a stranger says where pictures are, and may say any place: it is not believed."""

import hashlib
import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner

from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.cli.main import app
from mmr_toolkit.common.files import OutsideFolder, file_inside, resolved_inside
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import MANIFEST, checksum_of, read_manifest, write_manifest
from mmr_toolkit.retrieval.saved.own import MARKS
from mmr_toolkit.retrieval.saved.parts import catalogue_fingerprint

NOTE = r"was not saved by you here, so its 3 pictures.*load\(folder, media=\.\.\.\), or --media"


@pytest.fixture
def course(tmp_path) -> Path:
    """A shop and a retriever saved beside it, by the user of this test; and a file that is nobody's business."""
    (tmp_path / "course/shop").mkdir(parents=True)
    rows = ["id,text,image_file_name"]
    for i, (name, colour) in enumerate({"red wine": "red", "green tea": "green", "blue plum": "blue"}.items()):
        Image.new("RGB", (40, 40), colour).save(tmp_path / f"course/shop/{i}.png")
        rows.append(f"A{i},{name},{i}.png")
    (tmp_path / "course/shop/metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    catalogue = Catalogue.from_folder(tmp_path / "course/shop")
    Retriever.build(catalogue, progress=False, cache=False).save(tmp_path / "course/head")
    (tmp_path / "private").mkdir()
    Image.new("RGB", (4, 4), "white").save(tmp_path / "private/diary.png")
    return tmp_path / "course"


def forged(head: Path, media: str, image: str, **cells: object) -> Path:
    """As a stranger would who knows how: another place and another path, and all checksums anew."""
    manifest = json.loads((head / MANIFEST).read_text(encoding="utf-8"))
    plain = json.loads((head / "catalogue.json").read_text(encoding="utf-8"))
    next(column for column in plain["columns"] if column["name"] == "image")["cells"][0] = image
    for name, cell in cells.items():
        others = [1] * (len(plain["columns"][0]["cells"]) - 1)
        plain["columns"].append({"name": name, "dtype": "object", "cells": [cell, *others]})
    (head / "catalogue.json").write_text(json.dumps(plain), encoding="utf-8")
    rest = {name: value for name, value in manifest.items() if name not in ("format", "files", "checksum")}
    write_manifest(head, rest | {"media": media, "catalogue": catalogue_fingerprint(plain)})
    return head


def forget(cache: Path) -> None:
    """As on another machine."""
    shutil.rmtree(cache / MARKS)


# What is opened must be what was checked


@pytest.mark.parametrize(
    "name", ["x\\y.png", " l.png", "l.png ", "l.png\n", "\u00a0l.png", "l.png\u3000", "./l.png", "a//l"]
)
def test_a_path_that_is_checked_in_another_form_than_it_is_opened_is_refused(course, name):
    """The check strips spaces and turns backslashes; a link of exactly the stranger's name leads out."""
    head = forged(course / "head", ".", name)
    (head / name).parent.mkdir(exist_ok=True)
    (head / name).symlink_to(course.parent / "private/diary.png")
    with pytest.raises(
        ValueError, match=r"not as a saved table writes a path|link that leads out of the folder"
    ) as error:
        Retriever.load(head)
    assert repr(name) in str(error.value)


@pytest.mark.parametrize("image", ["a/" * 3000 + "x", "a" * 6000])
def test_a_name_that_is_too_long_for_any_file_is_a_missing_one(course, image):
    forged(course / "head", ".", image)
    with pytest.warns(UserWarning, match=r"1 of 3 pictures and sounds are missing") as said:
        Retriever.load(course / "head", media=course / "shop")
    assert len(str(said[0].message)) < 1_000


@pytest.mark.parametrize("cell", [10**400, -(10**30)], ids=["400 digits", "30 digits"])
def test_a_whole_number_that_no_column_can_hold_is_refused(course, cell):
    """Filters and the page's sliders would meet it later."""
    head = forged(course / "head", ".", "0.png", price=cell)
    with pytest.raises(ValueError, match="a cell holds a whole number of more than"):
        Retriever.load(head)


# Whose word is taken


def test_what_the_user_saved_is_loaded_with_its_pictures(course):
    assert Retriever.load(course / "head").search("red wine")[0].image == (course / "shop/0.png").resolve()
    moved = course.rename(course.with_name("moved"))  # both together
    assert Retriever.load(moved / "head").search("red wine")[0].image == (moved / "shop/0.png").resolve()


@pytest.mark.parametrize("media", ["/", "../../private", "..", "../..", "shop/../../../private"])
def test_a_stranger_s_word_on_the_place_is_not_taken(course, tmp_path, media):
    image = "private/diary.png" if media == "../.." else "diary.png"
    image = str((tmp_path / "private/diary.png").relative_to("/")) if media == "/" else image
    forged(course / "head", media, image)
    with pytest.warns(UserWarning, match=NOTE):
        retriever = Retriever.load(course / "head")
    assert retriever.catalogue.folder == (course / "head").resolve()
    assert not any(hit.image.exists() for hit in retriever.search("red wine"))


def test_a_sibling_folder_whose_name_begins_alike_is_outside(course):
    shutil.copytree(course / "shop", course / "head-pictures")
    forged(course / "head", "../head-pictures", "0.png")
    with pytest.warns(UserWarning, match=NOTE):
        Retriever.load(course / "head")


def test_a_link_in_the_saved_folder_leads_nowhere(course, tmp_path):
    (course / "head/pictures").symlink_to(tmp_path / "private")
    forged(course / "head", "pictures", "diary.png")
    with pytest.warns(UserWarning, match=NOTE):
        assert Retriever.load(course / "head").catalogue.folder == (course / "head").resolve()
    forged(course / "head", ".", "pictures/diary.png")
    with pytest.raises(ValueError, match="a symbolic link that leads out of the folder"):
        Retriever.load(course / "head")


def test_pictures_within_the_saved_folder_are_found(course, cache, recwarn):
    shutil.move(course / "shop", course / "head/shop")
    forget(cache)
    forged(course / "head", "shop", "0.png")
    retriever = Retriever.load(course / "head")
    assert retriever.search("red wine")[0].image == (course / "head/shop/0.png").resolve()
    assert not [w for w in recwarn if "not saved by you" in str(w.message)]


def test_on_another_machine_the_user_says_where_the_pictures_are(course, cache):
    forget(cache)
    with pytest.warns(UserWarning, match=NOTE):
        assert Retriever.load(course / "head").search("red wine")[0].id == "A0"
    hit = Retriever.load(course / "head", media=course / "shop").search("red wine")[0]
    assert hit.image == course / "shop/0.png"


def test_pictures_on_another_drive_are_named_in_full(course, monkeypatch):
    """There is no way from one drive to another, as `os.path.relpath` says by a ValueError."""
    monkeypatch.chdir(course)
    retriever = Retriever.build(Catalogue.from_folder("shop"), progress=False)  # a folder seen from here
    with monkeypatch.context() as patch:
        patch.setattr(os.path, "relpath", lambda *_: (_ for _ in ()).throw(ValueError("another drive")))
        retriever.save(course / "far")
    assert read_manifest(course / "far")["media"] == (course / "shop").resolve().as_posix()
    monkeypatch.chdir(course.parent)
    assert Retriever.load(course / "far").search("red wine")[0].image == (course / "shop/0.png").resolve()


# On the command line


def test_head_from_another_machine_searches_other_items(course, cache):
    forget(cache)
    shutil.move(course / "shop", course / "my_photos")
    searched = ["search", str(course / "my_photos"), "--retriever", str(course / "head"), "--text", "red", "--k", "1"]
    done = CliRunner().invoke(app, searched)
    assert done.exit_code == 0
    assert "A0" in done.stdout
    assert "not saved by you" not in done.output


def test_media_is_an_option_of_all_commands_that_load(course, cache):
    forget(cache)
    page = course / "page.html"
    searched = ["search", str(course / "head"), "--text", "red wine", "--html", str(page), "--k", "1"]
    done = CliRunner().invoke(app, searched)
    assert done.exit_code == 0
    assert "--media" in done.stderr
    assert "picture cannot be read" in page.read_text(encoding="utf-8")
    assert CliRunner().invoke(app, [*searched, "--media", str(course / "shop")]).exit_code == 0
    assert "picture cannot be read" not in page.read_text(encoding="utf-8")
    for command in ("serve", "compare", "train"):
        assert "--media" in CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output


# A folder that is no folder of files


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
@pytest.mark.parametrize("name", [MANIFEST, "catalogue.json", "text-encoder/config.json", "text-encoder/added.json"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_pipe_or_a_device_is_refused_and_not_waited_for(course, name, kind):
    path = course / "head" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path) if kind == "pipe" else path.symlink_to("/dev/zero")
    caught: list[BaseException] = []

    def load() -> None:
        try:
            Retriever.load(course / "head")
        except ValueError as error:
            caught.append(error)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert "pipe or a device, expected a file" in str(caught[0])


WRONG = [
    {"files": []},
    {"files": 3},
    {"files": {"catalogue.json": 1}},
    {"files": {"../x": "0"}},
    {"format": "2"},
    {"format": None},
    {"media": 7},
    {"media": "a\0b"},
    {"media": ["/"]},
    {"catalogue": []},
    {"encoders": []},
    {"encoders": {"smell": {}}},
    {"encoders": {"text": None}},
    {"similarity": {}},
    {"similarity": None},
]


@pytest.mark.parametrize("change", WRONG, ids=str)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_manifest_with_wrong_types_is_refused_in_words(course, change):
    manifest = read_manifest(course / "head") | change
    manifest["checksum"] = checksum_of(manifest)
    (course / "head" / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ValueError, match=r"head|unknown similarity"):
        Retriever.load(course / "head")


@pytest.mark.parametrize(
    "name", ["../private/diary.png", "/etc/hostname", "notes.txt", "text-encoder/../notes.txt", ""]
)
def test_a_manifest_may_list_no_file_but_those_of_a_saved_retriever(course, name):
    """Not even one that is there with the right checksum: else whoever made it could ask about any file."""
    head = course / "head"
    (head / "notes.txt").write_text("mine", encoding="utf-8")
    (course / "private").mkdir()
    shutil.copy(course.parent / "private/diary.png", course / "private")
    there = head / name
    manifest = json.loads((head / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][name] = hashlib.sha256(there.read_bytes()).hexdigest() if there.is_file() else "0"
    del manifest["checksum"]
    manifest["checksum"] = checksum_of(manifest)
    (head / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ValueError, match=r"retriever\.json is damaged: its checksum is another"):
        read_manifest(head)


@pytest.mark.parametrize("content", ["[]", "3", "null", "[" * 100_000, "\ufeff{}", '"format"', ""])
@pytest.mark.parametrize("name", [MANIFEST, "catalogue.json"])
def test_json_of_another_shape_is_refused_in_words(course, name, content):
    (course / "head" / name).write_text(content, encoding="utf-8")
    if name != MANIFEST:
        manifest = json.loads((course / "head" / MANIFEST).read_text(encoding="utf-8"))
        rest = {key: value for key, value in manifest.items() if key not in ("format", "files", "checksum")}
        write_manifest(course / "head", rest)
    with pytest.raises(ValueError, match=r"damaged|no saved retriever|do not belong"):
        Retriever.load(course / "head")


# The one rule for paths


def test_paths_are_followed_to_where_they_lead(tmp_path):
    root = Path(os.path.realpath(tmp_path)) / "shop"
    (root / "images").mkdir(parents=True)
    (root / "images/a.png").write_bytes(b"a")
    (root.with_name("shop2")).mkdir()
    (root.with_name("shop2") / "b.png").write_bytes(b"b")
    (root / "inside").symlink_to(root / "images")
    (root / "outside").symlink_to(root.with_name("shop2"))
    (root / "round").symlink_to(root / "round")
    for good in ("images/a.png", "images/../images/a.png", "inside/a.png", "outside/../shop/images/a.png"):
        assert file_inside(str(root), good) == str(root / "images/a.png")
    for bad in ("../shop2/b.png", "outside/b.png", str(root.with_name("shop2") / "b.png"), "/etc/passwd", ".."):
        with pytest.raises(OutsideFolder, match="leads out of the folder"):
            resolved_inside(str(root), bad)
    for away, found in {"images": "a folder", "none.png": "no such file", "round": "no such file"}.items():
        with pytest.raises(FileNotFoundError, match=found):
            file_inside(str(root), away)
    if hasattr(os, "mkfifo"):
        os.mkfifo(root / "pipe.png")
        with pytest.raises(FileNotFoundError, match="a pipe or a device"):
            file_inside(str(root), "pipe.png")
