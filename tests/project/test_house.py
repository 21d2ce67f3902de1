"""The house: names that lead to one thing, lessons that come in by the door, a picture that is up to date."""

import ast
import re
from importlib import import_module

import pytest

import mmr_toolkit
from draw_storeys import PICTURE, PURPOSE, picture, storeys
from project_files import NOTEBOOKS, PACKAGE, ROOT, relative
from run_notebooks import read

ROOMS = sorted(room for storey in storeys() for room in storey)


def test_every_folder_of_the_package_is_a_room_on_a_storey():
    folders = {relative(path).split("/")[1] for path in PACKAGE if relative(path).count("/") > 1}
    assert folders == {*ROOMS, "exercises"}
    assert {relative(path) for path in PACKAGE if relative(path).count("/") == 1} == {
        "mmr_toolkit/__init__.py",
        "mmr_toolkit/__main__.py",
    }


def test_the_picture_of_the_storeys_is_the_one_that_the_contract_gives():
    assert PURPOSE.keys() == set(ROOMS)
    assert PICTURE.read_text(encoding="utf-8") == picture()


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("common", "cli")])
def test_no_file_bears_the_name_of_what_its_room_hands_out(room):
    """Else the door hands out the file, or the function, whichever was loaded last."""
    files = {path.stem for path in (ROOT / "mmr_toolkit" / room).glob("*.py")}
    assert files & set(import_module(f"mmr_toolkit.{room}").__all__) == set()


def test_the_door_hands_out_functions_and_classes_never_their_files():
    for room in ("evaluation.comparison", "training.heads", "training.weights", "queries.table", "cli.compare"):
        import_module(f"mmr_toolkit.{room}")  # a file that was loaded may hide what the door hands out
    for name in ("compare", "QueryTable", "fused_system", "train_head", "tune_weights"):
        assert name in mmr_toolkit.__all__
        assert callable(getattr(mmr_toolkit, name)), name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_lessons_import_from_the_package_or_a_room_never_from_a_file(path):
    for cell in read(path).cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(ast.parse(cell.source)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert not re.match(r"mmr_toolkit\.(?!exercises\.)\w+\.", name), f"{name}: import from the room"


def test_the_rooms_are_named_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [room for room in [*ROOMS, "exercises"] if f"](mmr_toolkit/{room})" not in text] == []
