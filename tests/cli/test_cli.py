"""The command line: tables, reports, exit codes; errors in one sentence and never a stack trace."""

import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

import mmr_toolkit
from cli_runner import json_of, one_sentence, run, small_shop_in
from counting_encoders import counting_encoders
from faulty_folder import cell, good_folder
from mmr_toolkit import features, retrieval
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.cli import app
from mmr_toolkit.retrieval.retriever import Retriever
from other_process import held_by_another
from patience import PATIENCE
from small_catalogue import colour_file, small_catalogue


@pytest.fixture
def small_shop(tmp_path, monkeypatch):
    return small_shop_in(tmp_path, monkeypatch)


def in_a_new_process(*arguments, **environment):
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, capture_output=True, env=os.environ | environment, check=False, timeout=PATIENCE, encoding="cp1252"
    )


# Searching


def test_search_prints_a_table(small_shop):
    result = run("search", small_shop, "--text", "红酒", "--k", 2)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    header, first, second = (line.split() for line in lines if "rank" in line or "wine" in line)
    assert header == ["rank", "score", "id", "title", "中文"]
    assert first == ["1", "0.577", "wine-red", "red", "wine", "红酒"]
    assert second[2] == "wine-silent"


def test_search_by_picture_sound_and_text(small_shop, tmp_path):
    picture = colour_file(tmp_path / "asked.png", (200, 20, 30))
    result = run(
        "search", small_shop, "--image", picture, "--audio", small_shop / "can-red.wav", "--text", "soda", "-k", 1
    )
    assert result.exit_code == 0
    assert "can-red" in result.output


def test_items_without_a_text_and_catalogues_without_titles(small_shop):
    assert "(no text)" in run("search", small_shop, "--audio", small_shop / "can-unread.wav").output
    table = (small_shop / "metadata.csv").read_text(encoding="utf-8")
    (small_shop / "metadata.csv").write_text(table.replace("title_", "other_"), encoding="utf-8")
    result = run("search", small_shop, "--text", "红酒", "-k", 1)
    assert "red wine 红酒" in result.output
    assert "中文" not in result.output


def test_without_a_folder_the_built_in_shop_is_searched(small_shop, monkeypatch):
    monkeypatch.setattr(mmr_toolkit, "cornershop", lambda: Catalogue.from_folder(small_shop))
    assert "wine-red" in run("search", "--text", "red wine").output


def test_what_stands_in_a_catalogue_cannot_steer_the_terminal(small_shop):
    table = (small_shop / "metadata.csv").read_text(encoding="utf-8")
    table = table.replace("wine-red,", "\x1b[31mwine,", 1).replace(",red wine,", ",[bold]\x1b]0;title\x07wine,", 1)
    (small_shop / "metadata.csv").write_text(table, encoding="utf-8")
    result = run("search", small_shop, "--text", "红酒", "-k", 1)
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "?[31mwine" in result.output
    assert "[bold]" in result.output


def test_search_as_json_says_what_the_library_finds(small_shop):
    answer = json_of("search", small_shop, "--text", "red wine", "--k", 2)
    catalogue = Catalogue.from_folder(small_shop)
    encoders = features.default_encoders(catalogue, modalities=["text"])
    hits = Retriever.build(catalogue, encoders, progress=False).search("red wine", k=2)
    assert answer["query"] == {"text": "red wine"}
    assert [(hit["id"], hit["rank"]) for hit in answer["hits"]] == [(hit.id, hit.rank) for hit in hits]
    assert [hit["score"] for hit in answer["hits"]] == pytest.approx([hit.score for hit in hits])
    assert (answer["hits"][0]["title"], answer["hits"][0]["title_zh"]) == ("red wine", "红酒")


# Errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["search"], "Error: nothing to search for: give --text, --image, --audio"),
        (["search", "{}", "--text", "xyzzy"], "Error: the text of the query says nothing: none of its words is known"),
        (["search", "{}", "--image", "{}/none.png"], "none.png: no such file"),
        (["search", "{}", "--audio", "{}/metadata.csv"], "not a sound"),
        (["search", "{}/nowhere", "--text", "wine"], "nowhere"),
        (["search", "{}", "--text", "wine", "--k", "0"], "Invalid value for '--k'"),
        (["doctor", "{}/nowhere"], "nowhere"),
        (["doctor"], "Missing argument"),
        (["cache", "bert"], "Error: nothing of an encoder 'bert' is kept in"),
        (["cache", "--clear", "--json"], "Error: --json asks no questions: give --yes too"),
        (["search", "{}", "--text", "xyzzy", "--json"], "Error: the text of the query says nothing"),
        (["extract", "{}/nowhere"], "nowhere"),
        (["extract", "{}", "--encoder", "text"], "Error: --encoder text: expected one of text=bert, image=cnn, "),
        (["extract", "{}", "--encoder", "image=bert"], "Error: --encoder image=bert: expected one of text=bert, "),
        (["serch"], "No such command"),
    ],
)
def test_errors_are_one_sentence_with_exit_code_2(small_shop, arguments, sentence):
    assert sentence in one_sentence(run(*(argument.replace("{}", str(small_shop)) for argument in arguments)))


def test_faults_of_the_catalogue_are_noted_while_searching(small_shop):
    (small_shop / "wine-white.png").unlink()
    result = run("search", small_shop, "--text", "wine")
    assert result.exit_code == 0
    assert "Note:" in result.stderr


# The doctor


def test_doctor_of_a_good_folder(tmp_path):
    good_folder(tmp_path)
    result = run("doctor", tmp_path)
    assert result.exit_code == 0
    assert "faults: 0, notes: 0" in result.output
    assert "4 items" in result.output


def test_doctor_of_a_bad_folder_names_row_file_and_mend(tmp_path):
    rows = good_folder(tmp_path)
    cell("audio_file_name", "../outside.wav")(tmp_path, rows)
    (tmp_path / "images" / "c.jpg").write_bytes(b"")
    result = run("doctor", tmp_path)
    assert result.exit_code == 1
    outside, empty = (line for line in result.output.splitlines() if line.startswith("fault: "))
    assert outside.startswith("fault: row 3, b, audio, ")
    assert empty.startswith("fault: row 4, c, image, images/c.jpg: ")
    assert "Copy the file again" in empty
    assert "faults: 2, notes: 0" in result.output
    assert "Note:" not in result.stderr


def test_doctor_with_notes_only_is_content(tmp_path):
    rows = good_folder(tmp_path)
    cell("text", " ")(tmp_path, rows)
    result = run("doctor", tmp_path)
    assert result.exit_code == 0
    assert "note: row 3, b, text" in result.output


def test_faults_come_first_and_notes_are_counted_by_kind(tmp_path):
    """Fifty texts of white space and two backslashes before the one fault: three lines, the fault first."""
    good_folder(tmp_path)
    rows = ["id,text,image_file_name,audio_file_name"]
    rows += [f"n{i}, ,images/a.jpg," for i in range(50)]
    rows += ["b1,tea,images\\b.jpg,", "b2,tea,images\\c.jpg,", "gone,tea,images/gone.jpg,"]
    (tmp_path / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    result = run("doctor", tmp_path)
    assert result.exit_code == 1
    fault, empty, backslash, *last = result.output.splitlines()
    assert fault.startswith("fault: row 54, gone, image, images/gone.jpg: no such file")
    assert empty.startswith("50 alike, the first is note: row 2, n0, text, metadata.csv: only white space")
    assert backslash.startswith("2 alike, the first is note: row 52, b1, image, ")
    assert last[-1] == "faults: 1, notes: 52; --notes lists them all"
    every = run("doctor", tmp_path, "--notes").output.splitlines()
    assert [line.split(":")[0] for line in every[:-2]] == ["fault"] + ["note"] * 52
    assert every[-1] == "faults: 1, notes: 52"


@pytest.mark.parametrize(
    ("encoding", "word"), [("gb18030", "红酒一瓶"), ("big5", "紅酒一瓶"), ("cp1252", "crème brûlée")]
)
def test_doctor_offers_the_encoding_and_takes_it(tmp_path, encoding, word):
    (tmp_path / "metadata.csv").write_bytes(f"id,text\nA,{word}\n".encode(encoding))
    result = run("doctor", tmp_path)
    assert result.exit_code == 1
    assert f"in the encoding {encoding} it reads {word!r} (--encoding {encoding})" in result.output
    mended = run("doctor", tmp_path, "--encoding", encoding)
    assert (mended.exit_code, mended.output.splitlines()[-1]) == (0, "faults: 0, notes: 0")


def test_doctor_as_json_has_the_whole_report(tmp_path):
    rows = good_folder(tmp_path)
    cell("audio_file_name", "../outside.wav")(tmp_path, rows)
    answer = json_of("doctor", tmp_path, exit_code=1)
    with pytest.warns(UserWarning, match="1 faults"):
        catalogue = Catalogue.from_folder(tmp_path)
    assert answer["found"] == catalogue.doctor().to_dict("records")
    assert (answer["items"], answer["faults"], answer["notes"]) == (4, 1, 0)
    assert answer["with"] == {"text": 4, "image": 4, "audio": 3}


# The cache


@pytest.fixture
def kept(tmp_path, cache):
    """The vectors of three encoders, the texts' two hours old."""
    features.extract(small_catalogue(tmp_path), counting_encoders(), progress=False)
    for path in cache.rglob("words-*/*"):
        os.utime(path, (0, time.time() - 7300))
    return cache


def test_cache_lists_what_is_kept(kept):
    result = run("cache")
    assert result.exit_code == 0
    assert result.output.startswith("3 folders kept, 0.0 MB, in ")
    rows = [line.split() for line in result.output.splitlines()[1:] if line.strip() and "─" not in line]
    assert rows[0] == ["encoder", "kept", "modality", "vectors", "MB", "age"]
    assert sorted(rows[1:3]) == [
        ["colour", "vectors", "image", "3", "0.0", "now"],
        ["pitch", "vectors", "audio", "2", "0.0", "now"],
    ]
    assert rows[3] == ["words", "vectors", "text", "3", "0.0", "2", "hours"]
    assert "words" not in run("cache", "pitch").output


def test_an_empty_cache(cache):
    for arguments in (["cache"], ["cache", "--clear"]):
        result = run(*arguments)
        assert (result.exit_code, result.output) == (0, f"0 folders kept, 0.0 MB, in {cache}\n")


def test_cache_clears_one_encoder_after_asking(kept):
    runner = CliRunner()
    refused = runner.invoke(app, ["cache", "--clear", "words"], input="n\n")
    assert refused.exit_code == 0
    assert "Remove them? [y/N]: n" in refused.output
    assert len(list(kept.glob("vectors-1/*"))) == 3
    runner.invoke(app, ["cache", "--clear", "words"], input="y\n")
    assert sorted(path.name.split("-")[0] for path in kept.glob("vectors-1/*")) == ["colour", "pitch"]


def test_cache_clears_all_without_asking(kept):
    result = run("cache", "--clear", "--yes")
    assert result.exit_code == 0
    assert "Remove" not in result.output
    assert result.output.endswith("removed 0.0 MB\n")
    assert list(kept.glob("vectors-1/*")) == []


def test_cache_lists_and_clears_a_learned_encoder(tmp_path, cache):
    features.default_encoders(small_catalogue(tmp_path), modalities=["text"])
    [line] = [line.split() for line in run("cache").output.splitlines() if "word2vec" in line]
    assert line == ["word2vec", "encoder", "text", "0.0", "now"]
    [part] = json_of("cache", "word2vec")["kept"]
    assert (part["kind"], part["modality"], part["vectors"]) == ("encoder", "text", 0)
    files = list((cache / "learned-1").rglob("*.*"))
    assert part["megabytes"] == pytest.approx(sum(path.stat().st_size for path in files if path.is_file()) / 1e6)
    assert run("cache", "--clear", "word2vec", "--yes").exit_code == 0
    assert list((cache / "learned-1").iterdir()) == []


def test_cache_clears_what_killed_processes_left_and_nothing_that_is_at_work(kept):
    retrievers, heads = kept / "retrievers-2", kept / "heads-1"
    [words] = kept.glob("vectors-1/words-*")
    left = [words / "unfinished-0a", heads / "unfinished-0b", retrievers / ".shop.lock"]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    for name in (".shop.unfinished-0a1b2c3d", ".shop.replaced-0a1b2c3d", ".busy.unfinished-0a1b2c3d", ".mine"):
        (retrievers / name).mkdir()
    (kept / "vectors-1" / "empty-0a1b").mkdir()
    with held_by_another(retrievers / "busy"):
        assert run("cache", "--clear", "--yes").exit_code == 0
        assert sorted(path.name for path in retrievers.iterdir()) == [
            ".busy.lock",
            ".busy.unfinished-0a1b2c3d",
            ".mine",
        ]
    assert [path for path in kept.rglob("*") if path.is_file()] == [retrievers / ".busy.lock"]
    assert list((kept / "vectors-1").iterdir()) == []
    assert run("cache", "--clear").exit_code == 0  # nothing is kept, but something was left
    assert sorted(path.name for path in retrievers.iterdir()) == [".mine"]


def test_cache_as_json(kept):
    answer = json_of("cache", "words")
    (part,) = answer["kept"]
    (expected,) = retrieval.cached_vectors(kept, "words")
    assert (part["vectors"], part["megabytes"]) == (3, expected.megabytes)
    assert part["folder"] == str(expected.folder)
    assert not answer["removed"]
    assert json_of("cache", "--clear", "--yes")["removed"]
    assert json_of("cache")["kept"] == []


# Help and terminals


COMMANDS = ("cache", "compare", "doctor", "extract", "search", "serve", "train")


def test_help_lists_all_commands():
    listed = [
        line.split()[1] for line in run("--help").output.splitlines() if line.startswith("│ ") and "--" not in line
    ]
    assert sorted(set(listed) & set(COMMANDS)) == sorted(COMMANDS)


@pytest.mark.slow
def test_help_has_examples_and_loads_no_heavy_library():
    for command in COMMANDS:
        result = run(command, "--help")
        assert result.exit_code == 0
        assert f"mmr {command} " in result.output
    code = (
        "import sys; from typer.testing import CliRunner; from mmr_toolkit.cli import app; "
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0; "
        "print([name for name in ('torch', 'pandas', 'matplotlib') if name in sys.modules])"
    )
    assert in_a_new_process("-c", code).stdout.strip() == "[]"


@pytest.mark.slow
def test_a_terminal_without_chinese_shows_question_marks_instead_of_stopping(tmp_path):
    rows = good_folder(tmp_path)
    cell("image_file_name", "红酒.jpg")(tmp_path, rows)
    result = in_a_new_process("-m", "mmr_toolkit", "doctor", str(tmp_path), PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert result.returncode == 1
    assert "??.jpg" in result.stdout
    assert result.stderr == ""
