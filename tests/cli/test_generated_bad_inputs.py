"""300 bad inputs that no person thought of: every command says in one message what came, and how to mend it.

Tables, judgements, options, pictures and sounds are spoilt in ways that are drawn; each machine draws the same ones.
"""

import os
import re
import tempfile
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from cli_runner import run
from mmr_toolkit import features, retrieval
from mmr_toolkit.retrieval.retriever import Retriever
from small_catalogue import features_of, small_encoders
from small_labelled import small_labelled

pytestmark = pytest.mark.slow

#: What only a library says of itself: a program's insides, which tell a user nothing.
BARE = re.compile(
    r"Traceback|\[Errno|object has no attribute|out of range|could not convert|invalid literal|embedded null"
    r"|codec can't|NoneType|surrogates not|RuntimeError|KeyError|unhashable|PosixPath|<class"
    r"|Exceeds the limit|too large to convert"
)
#: How a message says what to do.
MENDS = re.compile(
    r"expected|give|choose|write|save|check|leave|rename|put|copy|close|record|must|is not in the range"
    r"|is not a valid|delete|train|did you mean",
    re.IGNORECASE,
)


def drawn(count):
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def small_folder():
    """Six items with pictures, sounds and labelled queries, in a folder of their own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "shop"
        folder.mkdir()
        small_labelled(folder)
        yield folder


@pytest.fixture(autouse=True)
def quick_encoders(monkeypatch):
    """Encoders of a few lines, so that what is right by chance takes no minute."""

    def encoders_of(catalogue, modalities=None, **_):
        return {
            name: encoder for name, encoder in small_encoders().items() if name in (modalities or catalogue.modalities)
        }

    def kept(catalogue, encoders=None, progress=False):
        encoders = encoders_of(catalogue)
        return Retriever(catalogue, encoders, features_of(catalogue, encoders))

    monkeypatch.setattr(features, "default_encoders", encoders_of)
    monkeypatch.setattr("mmr_toolkit.default_encoders", encoders_of)
    monkeypatch.setattr("mmr_toolkit.shop.shop_encoders", encoders_of)
    monkeypatch.setattr("mmr_toolkit.retrieval.retriever.default_encoders", encoders_of)
    monkeypatch.setattr(retrieval, "cached_retriever", kept)
    monkeypatch.setattr("mmr_toolkit.app.server.server._launch", lambda *_, **__: pytest.fail("the page was started"))


def check(result, *named):
    """Exit code 1 with faults on the standard output, or 2 with one message on the standard error, of the cause."""
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (1, 2), result.output
    if result.exit_code == 1:
        faults = [line for line in result.stdout.splitlines() if line.startswith("fault: ")]
        said = next((line for line in faults if any(name in line for name in named)), faults[0])
    else:
        assert result.stdout == ""
        said = " ".join(result.stderr.replace("│", " ").split())
        assert len(re.findall(r"\bError\b", said)) == 1, said
    assert not BARE.search(said), said
    assert MENDS.search(said), said
    assert len(said) < 2000
    assert any(name in said for name in named), (named, said)


def put_something_else(place, kind):
    """In the place of a file a folder, a pipe, a device, a link that loops or leads nowhere or out, or nothing."""
    place.unlink(missing_ok=True)
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind != "nothing":
        place.symlink_to(
            {"device": "/dev/zero", "loop": place.name, "nowhere": "/nowhere/at/all", "out": "/etc/passwd"}[kind]
        )


SOMETHING_ELSE = st.sampled_from(["folder", "pipe", "device", "loop", "nowhere", "nothing"])
WORD = st.text(st.characters(codec="utf-8", exclude_characters='\0\r\n",=@'), min_size=1, max_size=30).filter(str.strip)
LONG = st.sampled_from(["x" * 5_000, "红" * 5_000, "9" * 400, "9" * 5_000])


# Tables

SAVED_IN = [("gb18030", "红酒一瓶"), ("big5", "紅酒一瓶"), ("shift_jis", "赤ワイン"), ("cp1252", "crème brûlée")]


@st.composite
def spoilt_tables(draw):
    """The bytes of a table in which something is surely wrong, and words of which the message has one."""
    header, row = ["id", "text", "image_file_name"], ["a", "red wine", "wine-red.png"]
    word = draw(WORD | LONG)
    kind = draw(st.integers(0, 9))
    if kind == 0:
        lines, named = [header, row, ["b", "tea", f"nowhere/{word}"]], ["row 3"]
    elif kind == 1:
        lines, named = [header, row, ["b", "tea", "../" * draw(st.integers(1, 20)) + word]], ["row 3"]
    elif kind == 2:
        lines, named = [header, row, [*row, *[word] * draw(st.integers(1, 50))]], ["row 3"]
    elif kind == 3:
        lines, named = [header, row, [draw(st.sampled_from(["", " ", "a"])), word, ""]], ["row 3"]
    elif kind == 4:
        lines, named = [[*header, *[word] * draw(st.integers(2, 50))], row], ["come twice"]
    elif kind == 5:
        lines, named = [[f"{word}{i}" for i in range(draw(st.integers(1, 3_000)))], row], ["no column to retrieve by"]
    elif kind == 6:
        lines, named = (
            [header, row, ["b", "tea", draw(st.sampled_from(["WINE-RED.PNG", "Wine-Red.png"]))]],
            ["wine-red.png"],
        )
    elif kind == 7:
        lines, named = [header] * draw(st.integers(0, 1)), ["no rows"]
    elif kind == 8:
        lines, named = [header, [f"a{word}\0", "tea", ""]], ["not a text table"]
    else:
        encoding, text = draw(st.sampled_from(SAVED_IN))
        table = "".join(",".join(cells) + "\n" for cells in [header, row, ["b", text, ""]])
        return table.encode(encoding), [f"--encoding {encoding}"]
    return "".join(",".join(cells) + "\n" for cells in lines).encode(), named


@given(spoilt_tables())
@drawn(80)
def test_a_spoilt_table(table_and_named):
    table, named = table_and_named
    with small_folder() as folder:
        (folder / "metadata.csv").write_bytes(table)
        check(run("doctor", folder), *named)


@given(st.binary(min_size=1, max_size=300), st.sampled_from([("doctor",), ("search", "--text", "red"), ("extract",)]))
@drawn(25)
def test_a_table_of_any_bytes(content, command):
    with small_folder() as folder:
        (folder / "metadata.csv").write_bytes(content)
        check(run(command[0], folder, *command[1:]), "metadata.csv")


@given(
    SOMETHING_ELSE, st.sampled_from([("doctor",), ("search", "--text", "red"), ("extract",), ("serve",), ("compare",)])
)
@drawn(20)
def test_something_else_in_the_place_of_a_table(kind, command):
    with small_folder() as folder:
        put_something_else(folder / "metadata.csv", kind)
        check(run(command[0], folder, *command[1:]), "metadata.csv")


# Judgements


@st.composite
def spoilt_judgements(draw):
    """The bytes of a file of judgements with something surely wrong in its second line."""
    word = draw((WORD | LONG).map(lambda text: "".join(text.split()))).replace("\x1c", "") or "x"
    kind = draw(st.integers(0, 3))
    if kind == 0:
        grade = draw(
            st.sampled_from(["-1", "1.5", "nan", "inf", "1e30", "1" + "0" * 30, "1000001", "½", "9" * 5000, "0x1"])
        )
        line = f"q 0 wine-red {grade}"
    elif kind == 1:
        line = f"q 0 no-{word} 3"
    elif kind == 2:
        line = " ".join([word] * draw(st.sampled_from([1, 2, 3, 5, 500])))
    else:
        return b"test-wine-red 0 wine-red 3\nq 0 caf" + draw(
            st.sampled_from([b"\xe9", b"\xff", b"\x80"])
        ) + b" 3\n", "line 2"
    return f"test-wine-red 0 wine-red 3\n{line}\n".encode(), "line 2"


@given(spoilt_judgements(), st.sampled_from(["compare", "train"]))
@drawn(40)
def test_spoilt_judgements(judged, command):
    content, named = judged
    with small_folder() as folder:
        (folder / "qrels.txt").write_bytes(content)
        to = ["--to", folder / "head"] if command == "train" else []
        check(run(command, folder, *to), named)


@given(st.sampled_from(["query_id", "product_id", "split"]), WORD | LONG, st.sampled_from(["compare", "train"]))
@drawn(25)
def test_a_spoilt_table_of_queries(column, word, command):
    with small_folder() as folder:
        cells = {"query_id": "q", "product_id": "wine-red", "split": "test"} | {column: f"no-{word}"}
        lines = [",".join([*cells, "text"]), "q,wine-red,test,red", ",".join([*cells.values(), "red"])]
        if column == "query_id":
            lines[-1] = lines[1]
        (folder / "queries.csv").write_text("\n".join(lines), encoding="utf-8")
        to = ["--to", folder / "head"] if command == "train" else []
        check(run(command, folder, *to), "queries.csv, line 3")


# Options

NO_COUNT = st.sampled_from(["0", "-1", "1.5", "nan", "1e3", "", " ", "-" + "9" * 400, "0x10", "½"]) | WORD.filter(
    lambda word: not word.strip().isdigit()
)
NO_SEED = st.sampled_from(["-1", str(10**20), "9" * 400, "9" * 5_000, "1.5", "nan", ""])
NO_NAME = (WORD | LONG).map(lambda word: f"no-{word}")
#: option → command and values that it cannot have.
OPTIONS = {
    "-k": ("search", NO_COUNT),
    "--weights": ("search", NO_NAME | NO_NAME.map("text={}".format) | NO_NAME.map("{}=1".format) | st.just("text=nan")),
    "--where": ("search", NO_NAME | NO_NAME.map("{}=1".format) | st.sampled_from(["id=5..1", "id=1..2", "=1", "id="])),
    "--html": (
        "search",
        st.sampled_from([".", "/", "{}", "{}/metadata.csv/x", "{}/nowhere/x.html", "/dev/null", "x" * 5000]),
    ),
    "--retriever": ("search", NO_NAME),
    "--image": ("search", NO_NAME),
    "--audio": ("search", NO_NAME),
    "--encoder": ("extract", NO_NAME | NO_NAME.map("text={}".format)),
    "--encoding": ("doctor", NO_NAME),
    "--to": (
        "train",
        st.sampled_from([".", "/", "/dev/null", "{}", "{}/metadata.csv", "{}/metadata.csv/x", "x" * 5000]),
    ),
    "--steps": ("train", NO_COUNT | NO_SEED),
    "--seed": ("train", NO_SEED),
    "--joint": ("train", st.sampled_from(["-1", "nan", "inf", "", "1e400", "x"])),
    "--fusion": ("train", NO_NAME),
    "--similarity": ("train", NO_NAME),
    "--same": ("train", NO_NAME),
    "--queries": ("train", NO_NAME),
    "--split": ("compare", NO_NAME),
    "--measures": (
        "compare",
        NO_NAME | NO_SEED.map("recall@{}".format) | st.sampled_from(["", "AP,AP", "AP,", "recall@0"]),
    ),
    "--csv": ("compare", st.sampled_from(["{}", "{}/nowhere/x.csv", "x" * 5000])),
    "--heat-map": ("compare", st.sampled_from(["{}/x.xyz", "{}/x", "{}", "{}/nowhere/x.png"])),
    "--port": ("serve", st.sampled_from(["0", "-1", "65536", str(10**20), "9" * 400, "http", ""])),
    "--allow-host": ("serve", st.sampled_from(["", " ", "a b", "http://x", "x" * 5000, "a/b"])),
    "--password": ("serve", st.sampled_from(["", " ", "   "])),
}


@given(st.sampled_from(sorted(OPTIONS)).flatmap(lambda name: st.tuples(st.just(name), OPTIONS[name][1])))
@drawn(80)
def test_an_option_that_cannot_be(option_and_value):
    option, value = option_and_value
    command = OPTIONS[option][0]
    with small_folder() as folder:
        more = ["--text", "red wine"] if command == "search" and option not in ("--image", "--audio") else []
        more += ["--to", folder / "head"] if command == "train" and option != "--to" else []
        value = value.replace("{}", str(folder))
        result = run(command, folder, *more, f"{option}={value}" if option.startswith("--") else f"{option}{value}")
        assert result.exit_code == 2, result.output
        check(
            result,
            option,
            option.strip("-"),
            "".join(takewhile(str.isprintable, value))[:15],  # a terminal is sent no other signs
            repr(value[:15])[1:-1],
            "folder",
            "similarity",
            "fusion",
            "column",
        )
        assert not (folder / "head").exists()


# Pictures and sounds


@given(
    st.sampled_from(["wine-red.png", "wine-red.wav"]),
    SOMETHING_ELSE | st.just("out") | st.binary(max_size=200) | st.floats(0.0, 0.5),
    st.sampled_from(["doctor", "search"]),
)
@drawn(30)
def test_a_broken_picture_or_sound(name, content, command):
    """Any bytes, a beginning of the file, or something that is no file."""
    with small_folder() as folder:
        place = folder / name
        if isinstance(content, str):
            put_something_else(place, content)
        else:
            whole = place.read_bytes()
            place.write_bytes(whole[: int(content * len(whole))] if isinstance(content, float) else content)
        part = "--image" if name.endswith("png") else "--audio"
        result = run("doctor", folder) if command == "doctor" else run("search", folder, part, place)
        assert result.exit_code == (1 if command == "doctor" else 2)
        check(result, name)
        assert command == "doctor" or "the cell" not in result.stderr
