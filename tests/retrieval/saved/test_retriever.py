"""A retriever on disk: the same hits in a new process, and everything that is not loaded."""

import json
import os
import shutil
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import saved_answers
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.features import ColourTextureEncoder, MfccEncoder, Word2VecEncoder
from mmr_toolkit.fusion import ConcatFusion, ResidualFusion
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved import folder as saved_folder, retriever as saved_retriever
from mmr_toolkit.retrieval.saved.folder import ENCODERS, files_in, read_manifest, write_manifest
from mmr_toolkit.retrieval.saved.own import remember
from mmr_toolkit.retrieval.saved.parts import catalogue_fingerprint, catalogue_to_plain, read_sealed, write_sealed
from saved_answers import answers
from small_catalogue import small_catalogue, small_encoders
from some_fusions import bent

#: Of the small encoders below, of which none has a tokenizer.
FILES = (
    *("catalogue.json", "features.safetensors", "fusion.safetensors", "retriever.json"),
    *(f"{folder}/{name}" for folder in ENCODERS.values() for name in ("config.json", "model.safetensors")),
)


def encoders_of(catalogue: Catalogue) -> dict:
    """Small encoders of the toolkit, learned from the catalogue."""
    images, sounds = ([v for v in catalogue.values(part) if v is not None] for part in ("image", "audio"))
    texts = [text for text in catalogue.values("text") if text is not None]
    return {
        "text": Word2VecEncoder.train(texts, dim=8, epochs=20),
        "image": ColourTextureEncoder().fit(images),
        "audio": MfccEncoder(n_mfcc=5).fit(sounds),
    }


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Retriever:
    catalogue = small_catalogue(tmp_path_factory.mktemp("shop"))
    encoders = encoders_of(catalogue)
    fusion = bent(ResidualFusion({name: e.dim for name, e in encoders.items()}, "attention", width=4, joint=0.2, dim=8))
    return Retriever.build(catalogue, encoders, fusion, "euclidean", cache=False, workers=0)


@pytest.fixture(scope="module")
def master(original, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("master") / "saved"
    original.save(folder)
    return folder


@pytest.fixture
def saved(master, tmp_path) -> Path:
    """A folder with a saved retriever, of this test alone; the shop is seen from it as from the master."""
    folder = Path(shutil.copytree(master, tmp_path / "saved"))
    remember(read_manifest(folder))  # the cache of this test knows nothing of the master
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in sorted(files_in(folder))}


def reseal(folder: Path, **changes) -> None:
    """As someone would who knows how: other content, and all checksums anew."""
    manifest = json.loads((folder / "retriever.json").read_text(encoding="utf-8"))
    rest = {name: value for name, value in manifest.items() if name not in ("format", "files", "checksum")}
    write_manifest(folder, rest | changes)


def change_table(folder: Path, column: str, row: int, cell) -> None:
    plain = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    next(c for c in plain["columns"] if c["name"] == column)["cells"][row] = cell
    (folder / "catalogue.json").write_text(json.dumps(plain), encoding="utf-8")
    reseal(folder, catalogue=catalogue_fingerprint(plain))


# What comes back


def test_a_loaded_retriever_is_the_same(original, saved):
    loaded = Retriever.load(saved)
    assert answers(loaded) == answers(original)
    assert loaded.similarity == original.similarity
    assert type(loaded.fusion) is type(original.fusion)
    pd.testing.assert_frame_equal(loaded.catalogue.table, original.catalogue.table)
    assert loaded.features.ids == original.features.ids
    assert loaded.features.faults == original.features.faults
    for name in original.features.vectors:
        np.testing.assert_array_equal(
            loaded.features.vectors[name], original.features.vectors[name]
        )  # exact: saved and loaded
        np.testing.assert_array_equal(loaded.features.mask[name], original.features.mask[name])
    expected = original.score_all({"text": ["red wine", "红酒"]})
    assert torch.equal(loaded.score_all({"text": ["red wine", "红酒"]}), expected)


def test_files_of_hits_are_found_from_anywhere(original, saved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hit = Retriever.load("saved").search("red wine")[0]
    assert hit.image.samefile(original.catalogue.folder / f"{hit.id}.png")


OTHER_PROCESS = """
import json, os, sys
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved import retriever as saved_retriever

folder = sys.argv[1]
retriever = Retriever.load(folder)
retriever.search("red wine")
modules = list(sys.modules)
from saved_answers import answers

print(json.dumps({"modules": modules, "answers": answers(retriever)}), flush=True)
saved_retriever.write_manifest = lambda *arguments: os._exit(9)  # as if killed: nothing is tidied up
retriever.save(folder)
"""


@pytest.fixture(scope="module")
def other_process(original, tmp_path_factory) -> tuple[Path, dict, int]:
    """A saved folder, what another process found in it, and how that process ended while it saved over the folder."""
    folder = tmp_path_factory.mktemp("other") / "saved"
    original.save(folder)
    setting = {"PYTHONPATH": str(Path(saved_answers.__file__).parent), "PYTHONHASHSEED": "77"}
    command = [sys.executable, "-c", OTHER_PROCESS, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | setting)
    assert done.stdout, done.stderr
    return folder, json.loads(done.stdout), done.returncode


@pytest.mark.slow
def test_a_new_process_finds_the_same_hits_bit_for_bit(original, other_process):
    assert other_process[1]["answers"] == json.loads(json.dumps(answers(original)))


def test_loading_needs_no_library_that_only_training_or_encoding_needs(other_process):
    unneeded = {"gensim", "transformers", "torchvision", "umap", "gradio"}
    assert unneeded & set(other_process[1]["modules"]) == set()


def test_a_process_that_is_killed_while_it_saves_leaves_the_old_one(original, other_process):
    folder, _, returncode = other_process
    assert returncode == 9
    assert any(path.name.startswith(".saved.unfinished-") for path in folder.parent.iterdir())
    assert answers(Retriever.load(folder)) == answers(original)


def test_a_subset_and_a_table_with_columns_of_many_kinds_come_back(original, tmp_path):
    table = original.catalogue.table.rename(columns={"image": "image_file_name", "audio": "audio_file_name"})
    table = table.drop(columns=["title_zh"])
    table["price"] = [1.5, np.nan, np.inf, 0.1, -0.0, 1e300]
    table["stock"] = np.arange(6)
    table["big"] = pd.array([2**60 + 1, None, 3, 4, 5, 6], dtype="Int64")
    table["sold"] = [True, False] * 3
    table["mixed"] = pd.Series([1, "two", None, 4.5, True, "红"], dtype=object)
    catalogue = Catalogue.from_table(table, original.catalogue.folder).subset([4, 0, 2])
    retriever = Retriever.build(catalogue, original.encoders, cache=False, workers=0)
    retriever.save(tmp_path / "new" / "saved")
    loaded = Retriever.load(tmp_path / "new" / "saved")
    pd.testing.assert_frame_equal(loaded.catalogue.table, catalogue.table)
    assert loaded.catalogue.ids == ["can-unseen", "wine-red", "can-red"]
    assert answers(loaded) == answers(retriever)
    Retriever.load(tmp_path / "new" / "saved", catalogue=catalogue)


def test_items_that_were_added_and_removed_are_saved(original, tmp_path):
    retriever = original.with_fusion(ConcatFusion())
    retriever.remove("wine-white")
    retriever.save(tmp_path / "saved")
    loaded = Retriever.load(tmp_path / "saved")
    assert "wine-white" not in loaded.catalogue.ids
    assert answers(loaded) == answers(retriever)
    loaded.add(original.catalogue.subset([1]), cache=False)
    assert loaded.catalogue.ids[-1] == "wine-white"


def test_a_column_that_json_does_not_have_is_refused_with_the_way_to_mend_it(original, tmp_path):
    catalogue = original.catalogue.subset(range(6))
    catalogue.table["day"] = pd.Timestamp("2024-01-01")
    retriever = Retriever(catalogue, original.encoders, original.features)
    with pytest.raises(ValueError, match=r"the column 'day' .* holds more than texts.*astype\('str'\)"):
        retriever.save(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


# Pictures and sounds elsewhere


@pytest.fixture
def moved(tmp_path) -> Path:
    """A folder with a shop and a retriever that was saved in it, both moved together."""
    (tmp_path / "old" / "shop").mkdir(parents=True)
    catalogue = small_catalogue(tmp_path / "old" / "shop")
    Retriever.build(catalogue, encoders_of(catalogue), cache=False, workers=0).save(tmp_path / "old" / "saved")
    shutil.move(tmp_path / "old", tmp_path / "new")
    return tmp_path / "new"


def test_shop_and_saved_folder_may_move_together(moved):
    hit = Retriever.load(moved / "saved").search("red wine")[0]
    assert hit.image == (moved / "shop" / "wine-red.png").resolve()


def test_when_the_shop_is_not_where_it_was_the_message_says_how_to_name_its_place(moved):
    shutil.move(moved / "shop", moved / "elsewhere")
    with pytest.warns(UserWarning, match=r"10 of 10 .* missing in .*shop .* say where.*load\(folder, media=\.\.\.\)"):
        assert Retriever.load(moved / "saved").search("red wine")[0].id == "wine-red"
    with pytest.raises(ValueError, match=r"media is .*nowhere, where no folder is"):
        Retriever.load(moved / "saved", media=moved / "nowhere")
    loaded = Retriever.load(moved / "saved", media=moved / "elsewhere")
    assert loaded.search("red wine")[0].image == moved / "elsewhere" / "wine-red.png"


def test_missing_and_changed_files_give_one_warning(moved):
    (moved / "shop" / "wine-red.png").unlink()
    (moved / "shop" / "can-red.wav").write_bytes(b"other")
    with pytest.warns(UserWarning, match=r"2 of 10 pictures and sounds are missing in .* first wine-red\.png"):
        loaded = Retriever.load(moved / "saved")
    assert len(loaded.catalogue) == 6


def test_media_and_catalogue_together_are_refused(original, saved):
    with pytest.raises(ValueError, match="give media or catalogue, not both"):
        Retriever.load(saved, media=saved, catalogue=original.catalogue)


@pytest.mark.parametrize(
    "path", ["../secret.png", "/etc/hostname", "a/../../secret.png", "C:\\secret.png", "link/x.png"]
)
def test_a_path_that_leaves_the_folder_is_refused(moved, path):
    (moved / "secret.png").write_bytes(b"secret")
    (moved / "shop" / "link").symlink_to(moved)
    (moved / "x.png").write_bytes(b"secret")
    change_table(moved / "saved", "image", 0, path)
    with pytest.raises(
        ValueError,
        match="cannot be used: row 1 of its table: image .*: (an absolute path|a path with|a symbolic link)",
    ):
        Retriever.load(moved / "saved", media=moved / "shop")


# The catalogue that one believes it belongs to


def test_the_same_catalogue_is_used_itself(original, saved):
    again = Catalogue.from_folder(original.catalogue.folder)
    loaded = Retriever.load(saved, catalogue=again)
    assert loaded.catalogue is again
    assert answers(loaded) == answers(original)


def test_another_catalogue_is_refused_and_the_differences_are_counted(moved):
    table = pd.read_csv(moved / "shop" / "metadata.csv")
    table.loc[0, "title_en"] = "other"
    table.loc[6] = [*table.loc[1].replace("wine-white", "new-1")]
    table.loc[7] = [*table.loc[1].replace("wine-white", "new-2")]
    table.drop(index=2).to_csv(moved / "shop" / "metadata.csv", index=False)
    Image.new("RGB", (500, 320), (20, 40, 200)).save(moved / "shop" / "can-unread.png")
    with pytest.raises(
        ValueError, match="another catalogue: of its items, 2 were added, 1 were removed, 2 were changed[^?]"
    ):
        Retriever.load(moved / "saved", catalogue=Catalogue.from_folder(moved / "shop"))


def test_one_item_less_is_counted_though_nothing_else_has_changed(original, saved):
    with pytest.raises(ValueError, match="0 were added, 1 were removed, 0 were changed"):
        Retriever.load(saved, catalogue=original.catalogue.subset(range(5)))


def test_what_is_saved_through_a_link_finds_its_pictures(original, tmp_path):
    (tmp_path / "deep" / "place").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "place")
    original.save(tmp_path / "link" / "saved")
    for place in (tmp_path / "link", tmp_path / "deep" / "place"):
        loaded = Retriever.load(place / "saved")
        assert loaded.catalogue.folder.resolve() == original.catalogue.folder.resolve()


def test_another_order_is_another_catalogue(original, saved):
    turned = original.catalogue.subset(range(5, -1, -1))
    with pytest.raises(ValueError, match="another catalogue: the items or the columns stand in another order"):
        Retriever.load(saved, catalogue=turned)


def test_the_fingerprint_does_not_depend_on_where_the_shop_is(original, tmp_path):
    shutil.copytree(original.catalogue.folder, tmp_path / "copy")
    fingerprints = {
        catalogue_fingerprint(catalogue_to_plain(catalogue))
        for catalogue in (original.catalogue, Catalogue.from_folder(tmp_path / "copy"))
    }
    assert len(fingerprints) == 1


# Encoders that are not in the folder


@pytest.fixture
def without_encoders(original, tmp_path) -> Path:
    retriever = Retriever.build(original.catalogue, small_encoders(), cache=False, workers=0)
    with pytest.warns(UserWarning, match=r"The (text|image|audio) encoder is not saved") as caught:
        retriever.save(tmp_path / "saved")
    assert len(caught) == 3
    return tmp_path / "saved"


def test_encoders_of_your_own_are_given_when_it_is_loaded(original, without_encoders):
    expected = Retriever.build(original.catalogue, small_encoders(), cache=False, workers=0)
    found = Retriever.load(without_encoders, encoders=small_encoders())
    assert [h.id for h in found.search("cherry")] == [h.id for h in expected.search("cherry")]
    assert torch.equal(
        found.score_all({"text": ["red"]}), expected.score_all({"text": ["red"]})
    )  # exact: the same computation twice


def test_without_them_the_message_says_which_are_missing_and_how_to_give_them(without_encoders):
    given = small_encoders()
    del given["image"]
    with pytest.raises(ValueError, match=r'its image encoder was not saved\..*encoders=\{"image": mine\}.*colour that'):
        Retriever.load(without_encoders, encoders=given)


def test_another_encoder_than_the_one_that_made_the_vectors_is_refused(original, saved, without_encoders):
    with pytest.raises(ValueError, match=r"its text vectors were made by words \(8 numbers\), and this is another"):
        Retriever.load(without_encoders, encoders=small_encoders() | {"text": original.encoders["text"]})
    with pytest.raises(ValueError, match="given as the image encoder"):
        Retriever.load(without_encoders, encoders={"image": original.encoders["text"]})


def test_the_same_kind_of_encoder_trained_otherwise_is_refused(original, saved):
    other = Word2VecEncoder.train(["red wine", "white wine"], dim=8, epochs=2)
    with pytest.raises(ValueError, match=r"made by word2vec .* another encoder, word2vec .*otherwise trained"):
        Retriever.load(saved, encoders={"text": other})
    loaded = Retriever.load(saved, encoders={"text": original.encoders["text"]})
    assert loaded.encoders["text"] is original.encoders["text"]


# What is not loaded


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="none: no such folder"):
        Retriever.load(tmp_path / "none")


def test_a_folder_of_something_else_is_refused(original):
    with pytest.raises(ValueError, match=r"holds no saved retriever: there is no retriever\.json in it"):
        Retriever.load(original.catalogue.folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"format": 2}', "[" * 100_000, "\x00", '{"format": 2, "files": 3}']
)
def test_a_manifest_of_something_else_is_refused(saved, text):
    (saved / "retriever.json").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"retriever\.json is damaged, or of something else"):
        Retriever.load(saved)


def test_a_newer_format_is_refused(saved, monkeypatch):
    monkeypatch.setattr(saved_folder, "FORMAT", 3)
    reseal(saved)
    monkeypatch.undo()
    with pytest.raises(
        ValueError, match="was saved in format 3, and this toolkit .* reads format 2: install the newest"
    ):
        Retriever.load(saved)


@pytest.mark.parametrize("name", [name for name in FILES if name != "retriever.json"])
def test_a_missing_file_is_named(saved, name):
    (saved / name).unlink()
    with pytest.raises(ValueError, match=rf"is incomplete: {name} cannot be read .*Copy the whole folder again"):
        Retriever.load(saved)


@pytest.mark.parametrize("name", [name for name in FILES if name != "retriever.json"])
def test_a_file_that_is_missing_and_was_never_listed_is_refused_too(saved, name):
    (saved / name).unlink()
    reseal(saved)
    with pytest.raises(ValueError, match=r"is incomplete|no encoder can be built|differs|another encoder"):
        Retriever.load(saved)


@pytest.mark.parametrize("name", FILES)
def test_damage_at_any_byte_of_any_file_is_refused(original, saved, name):
    whole, expected = (saved / name).read_bytes(), answers(original)
    rng = np.random.default_rng(2)
    refused = 0
    for position in rng.integers(0, len(whole), 25):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << rng.integers(0, 8)
        (saved / name).write_bytes(damaged)
        try:
            loaded = Retriever.load(saved)
        except ValueError:
            refused += 1
        else:  # white space of the manifest
            assert name == "retriever.json"
            assert answers(loaded) == expected
    assert refused >= (15 if name == "retriever.json" else 25)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_refused(saved, name, share):
    whole = (saved / name).read_bytes()
    (saved / name).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="damaged"):
        Retriever.load(saved)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"similarity": "other"}, "unknown similarity|similarity"),
        ({"similarity": ["cosine"]}, "is no saved retriever of this toolkit"),
        ({"media": 3}, "its catalogue cannot be used"),
        ({"media": "\x00"}, "its catalogue cannot be used.*null"),
        ({"encoders": {}}, "vectors without an encoder: .*text"),
        ({"encoders": []}, "is no saved retriever of this toolkit"),
        ({"encoders": {"text": {}}}, "is no saved retriever of this toolkit"),
        ({"encoders": {"../../text": {"name": "word2vec"}}}, "is no saved retriever of this toolkit"),
        ({"catalogue": "0"}, r"catalogue\.json and retriever\.json do not belong together"),
    ],
)
def test_a_manifest_that_someone_made_up_is_refused(saved, changes, reason):
    reseal(saved, **changes)
    with pytest.raises(ValueError, match=reason):
        Retriever.load(saved)


ONE_ROW = [{"name": name, "dtype": "str", "cells": ["a"]} for name in ("id", "text", "image", "audio")]


@pytest.mark.parametrize(
    ("plain", "reason"),
    [
        ([], "its catalogue cannot be used"),
        ({"columns": 3, "sizes": {}}, "its catalogue cannot be used"),
        ({"columns": [], "sizes": {}}, "it has columns of"),
        ({"columns": ONE_ROW[:3], "sizes": {}}, "it has columns of"),
        ({"columns": [*ONE_ROW, {"name": "price", "dtype": "str", "cells": []}], "sizes": {}}, "it has columns of"),
        ({"columns": [{"name": "id", "dtype": "datetime64[ns]", "cells": [1]}], "sizes": {}}, "dtype 'datetime64.ns.'"),
        (
            {"columns": [{"name": "id", "dtype": "int64", "cells": [2**70]}, *ONE_ROW[1:]], "sizes": {}},
            "its catalogue cannot be used",
        ),
        (
            {"columns": [{"name": "id", "dtype": "int64", "cells": [1]}, *ONE_ROW[1:]], "sizes": {}},
            "column id is no text",
        ),
        ({"columns": ONE_ROW, "sizes": {"image": [], "audio": []}}, "its catalogue cannot be used"),
        ({"columns": ONE_ROW, "sizes": {"image": [None], "audio": [None]}}, r"features.* vectors are no \(1, 8\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*pictures and sounds are missing")
def test_a_table_that_someone_made_up_is_refused(saved, plain, reason):
    (saved / "catalogue.json").write_text(json.dumps(plain), encoding="utf-8")
    reseal(saved, catalogue=catalogue_fingerprint(plain))
    with pytest.raises(ValueError, match=reason):
        Retriever.load(saved)


def test_ids_that_come_twice_are_refused(saved):
    change_table(saved, "id", 1, "wine-red")
    with pytest.raises(ValueError, match="row 2 of its table: id"):
        Retriever.load(saved)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("rows", r"its text vectors are no \(6, 8\) numbers"),
        ("dtype", r"its text vectors are no \(6, 8\) numbers"),
        ("nan", "nan or infinity"),
        ("ids", "belong to 6 other items"),
        ("more", "vectors without an encoder: vectors/smell"),
        ("fewer", "mask/text"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(saved, change, reason):
    path = saved / "features.safetensors"
    plain, tensors = read_sealed(path, "features")
    vectors = tensors["vectors/text"]
    if change == "rows":
        tensors["vectors/text"] = vectors[:3]
    elif change == "dtype":
        tensors["vectors/text"] = vectors.double()
    elif change == "nan":
        tensors["vectors/text"] = vectors / 0
    elif change == "ids":
        plain["ids"] = plain["ids"][::-1]
    elif change == "more":
        tensors["vectors/smell"] = vectors
    else:
        del tensors["mask/text"]
    write_sealed(path, "features", plain, tensors)
    reseal(saved)
    with pytest.raises(ValueError, match=reason):
        Retriever.load(saved)


# Saving over something, being killed, and many at once


def test_an_older_saved_retriever_is_replaced_and_nothing_else_is_left(original, saved):
    other = original.with_fusion(ConcatFusion(), "cosine")
    other.save(saved)
    assert answers(Retriever.load(saved)) == answers(other) != answers(original)
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]
    assert set(files_of(saved)) == set(FILES)


def test_an_empty_folder_may_be_filled(original, tmp_path):
    (tmp_path / "empty").mkdir()
    original.save(tmp_path / "empty")
    assert answers(Retriever.load(tmp_path / "empty")) == answers(original)


def test_a_folder_with_something_else_is_left_alone(original, saved):
    (saved / "notes.txt").write_text("mine", encoding="utf-8")
    before = files_of(saved)
    with pytest.raises(
        ValueError, match=r"holds something else than a saved retriever \(notes.txt\), which would be lost"
    ):
        original.save(saved)
    assert files_of(saved) == before
    with pytest.raises(ValueError, match="holds something else than a saved retriever"):
        original.save(original.catalogue.folder)
    with pytest.raises(ValueError, match=r"notes.txt is a file, expected a folder to save the retriever in"):
        original.save(saved / "notes.txt")
    (saved / "notes.txt").unlink()
    (saved / "retriever.json").unlink()
    with pytest.raises(ValueError, match="holds something else"):
        original.save(saved)


@pytest.mark.parametrize("step", ["save_encoder", "save_features", "save_fusion", "write_manifest", "_load"])
def test_a_save_that_is_stopped_leaves_the_old_one_and_no_rest(original, saved, monkeypatch, step):
    before = files_of(saved)

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(saved_retriever, step, stop)
    for place in (saved, saved.with_name("new")):
        with pytest.raises(KeyboardInterrupt):
            original.with_fusion(ConcatFusion()).save(place)
    assert files_of(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


def test_when_the_last_renaming_fails_the_old_one_is_put_back(original, saved, monkeypatch):
    before, rename = files_of(saved), Path.rename

    def fail(self, target):
        if ".unfinished-" in self.name:
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(PermissionError):
        original.save(saved)
    assert files_of(saved) == before
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


@pytest.mark.slow
def test_many_may_load_at_once(original, saved):
    expected = answers(original)
    with ThreadPoolExecutor(8) as pool:
        assert all(found == expected for found in pool.map(lambda _: answers(Retriever.load(saved)), range(16)))


def test_one_that_is_replaced_while_it_is_loaded_is_read_anew(original, saved, monkeypatch):
    other = original.with_fusion(ConcatFusion(), "cosine")
    load_fusion = saved_retriever.load_fusion

    def replaced_meanwhile(path):
        monkeypatch.setattr(saved_retriever, "load_fusion", load_fusion)
        other.save(saved)
        path.write_bytes(path.read_bytes()[:-1])
        raise ValueError("damaged")

    monkeypatch.setattr(saved_retriever, "load_fusion", replaced_meanwhile)
    with pytest.raises(ValueError, match=r"fusion\.safetensors is damaged"):
        Retriever.load(saved)
    original.save(saved)

    def only_replaced(path):
        monkeypatch.setattr(saved_retriever, "load_fusion", load_fusion)
        other.save(saved)
        raise ValueError("half of the old and half of the new one")

    monkeypatch.setattr(saved_retriever, "load_fusion", only_replaced)
    assert answers(Retriever.load(saved)) == answers(other)


def test_saving_and_loading_warn_of_nothing_when_all_is_well(original, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        original.save(tmp_path / "saved")
        Retriever.load(tmp_path / "saved")
