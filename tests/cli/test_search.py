"""`mmr search` with weights, conditions, reasons, a saved retriever and a page: what the library finds."""

import shutil
from html.parser import HTMLParser

import pytest

from cli_runner import json_of, one_sentence, run, small_shop_in
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.cli.conditions import read_conditions, read_weights
from mmr_toolkit.explanation.explanation import explain
from mmr_toolkit.features import default_encoders
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.retrieval.retriever import Retriever
from mmr_toolkit.retrieval.saved.folder import read_manifest
from mmr_toolkit.retrieval.saved.own import remember
from mmr_toolkit.show.embed import POLICY, document
from small_catalogue import small_catalogue


@pytest.fixture
def small_shop(tmp_path, monkeypatch):
    return small_shop_in(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def saved_once(tmp_path_factory):
    """A retriever whose weights are not alike."""
    catalogue = small_catalogue(tmp_path_factory.mktemp("items"))
    fusion = ConcatFusion({"text": 1, "image": 0.1, "audio": 3})
    folder = tmp_path_factory.mktemp("heads") / "head"
    Retriever.build(catalogue, default_encoders(catalogue), fusion).save(folder)
    return folder


@pytest.fixture
def saved(saved_once):
    """The same, saved by the user of this test, whose cache is its own."""
    remember(read_manifest(saved_once))
    return saved_once


def asked(folder, *more):
    return "search", folder, "--text", "red wine", "--audio", folder / "can-red.wav", *more


def found(hits):
    return [(hit["id"], pytest.approx(hit["score"]), pytest.approx(hit["shares"])) for hit in hits]


def expected(hits):
    return [(hit.id, hit.score, dict(hit.shares)) for hit in hits]


# Weights, conditions, saved retrievers


def test_weights_and_conditions_reach_the_search(saved):
    retriever = Retriever.load(saved)
    audio = retriever.catalogue.folder / "can-red.wav"
    question = ("search", saved, "--text", "red wine", "--audio", audio)
    for options, asked_for in [
        ([], {}),
        (["--weights", "text=2,audio=0.5"], {"weights": {"text": 2, "audio": 0.5}}),
        (["--where", "title_en=cherry soda"], {"where": {"title_en": "cherry soda"}}),
        (
            ["--where", "title_en=white wine,red wine", "-k", 2],
            {"where": {"title_en": ["white wine", "red wine"]}, "k": 2},
        ),
    ]:
        hits = retriever.search("red wine", audio=audio, **asked_for)
        assert expected(hits) == found(json_of(*question, *options)["hits"])


def test_a_saved_retriever_is_recognised_as_folder_and_as_option(saved):
    as_folder = json_of("search", saved, "--text", "red")
    assert as_folder == json_of("search", "--retriever", saved, "--text", "red")
    assert expected(Retriever.load(saved).search("red")) == found(as_folder["hits"])


def test_a_saved_fusion_searches_other_items(saved, tmp_path):
    small_catalogue(tmp_path)
    table = (tmp_path / "metadata.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "metadata.csv").write_text("\n".join(table[:4]) + "\n", encoding="utf-8")
    head = Retriever.load(saved)
    others = Catalogue.from_folder(tmp_path)
    here = Retriever.build(others, head.encoders, head.fusion, head.similarity)
    sound = tmp_path / "can-red.wav"
    answer = json_of("search", tmp_path, "--retriever", saved, "--text", "red", "--audio", sound)
    assert expected(here.search("red", audio=sound)) == found(answer["hits"])
    assert {hit["id"] for hit in answer["hits"]} == set(others.ids)


# Why


def test_shares_are_shown_when_several_parts_are_asked(small_shop):
    result = run(*asked(small_shop))
    header, first = (line.split() for line in result.stdout.splitlines() if "score" in line or " 1 " in line)
    assert header[:4] == ["rank", "score", "text", "sound"]
    score, text, sound = map(float, first[1:4])
    assert text + sound == pytest.approx(score, abs=0.002)
    alone = run("search", small_shop, "--text", "red wine")
    assert next(line for line in alone.stdout.splitlines() if "rank" in line).split()[:3] == ["rank", "score", "id"]


def test_why_names_ranks_without_each_part_and_words(saved):
    retriever = Retriever.load(saved)
    audio = retriever.catalogue.folder / "can-red.wav"
    question = ("search", saved, "--text", "red wine", "--audio", audio, "--why", "-k", 3)
    hits = json_of(*question)["hits"]
    for hit in hits:
        reason = explain(retriever, hit["id"], "red wine", audio=audio, details=hit["rank"] == 1)
        assert hit["ranks_without"] == dict(reason.ranks_without)
        words = None if reason.words is None else {word.word: pytest.approx(word.importance) for word in reason.words}
        assert hit["words"] == words
    assert set(hits[0]["words"]) == {"red", "wine"}
    result = run(*question)
    assert "text + sound = score (exact shares); in brackets the rank without this part." in result.stdout
    assert "What the score of the first hit loses without a word: " in result.stdout
    ranks = hits[0]["ranks_without"]
    assert f"({ranks['text']})" in result.stdout


def test_why_of_a_single_part_has_no_brackets(saved):
    result = run("search", saved, "--text", "red", "--why", "-k", 1)
    assert "brackets" not in result.stdout
    assert "without a word: red " in result.stdout


# The page


class Document(HTMLParser):
    """What a browser would make of it: tags with their attributes."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def all(self, name):
        return [attributes for tag, attributes in self.tags if tag == name]


def test_the_page_is_a_whole_document_with_everything_inside(small_shop, tmp_path):
    page = tmp_path / "page.html"
    result = run(*asked(small_shop, "--html", page, "-k", 3))
    assert f"page: {page}" in result.stdout
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    seen = Document(html)
    assert seen.all("html") == [{"lang": "en"}]
    sources = [tag["src"] for name in ("img", "audio") for tag in seen.all(name)]
    assert len(sources) >= 5
    assert all(source.startswith("data:") for source in sources)
    assert not [tag for tag, attributes in seen.tags if tag == "script" or "href" in attributes]
    assert "http" not in html.replace('http-equiv="Content-Security-Policy"', "")
    assert html.count('class="mmr-shares"') == 3
    assert "color-scheme: light dark" in html
    assert "<h1>red wine + a sound - 3 hits</h1>" in html


def test_what_stands_in_a_query_cannot_become_part_of_the_page():
    html = document("<p>body</p>", '</title><script>alert("1")</script>')
    assert "<script" not in html
    assert "default-src 'none'" in POLICY
    assert POLICY in html


def test_json_names_the_page(small_shop, tmp_path):
    page = tmp_path / "page.html"
    assert json_of(*asked(small_shop, "--html", page))["page"] == str(page)
    assert page.is_file()


# Reading conditions and weights


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("department=drinks", {"department": "drinks"}),
        ("type=wine,beer", {"type": ["wine", "beer"]}),
        ("price=5..10", {"price": (5.0, 10.0)}),
        ("price=..10", {"price": (None, 10.0)}),
        ("price=-1.5..", {"price": (-1.5, None)}),
        ("title=wait..what", {"title": "wait..what"}),
        ("title=..", {"title": ".."}),
        ("equation=a=b", {"equation": "a=b"}),
    ],
)
def test_conditions(given, expected):
    assert read_conditions([given]) == expected


def test_several_conditions_and_none():
    assert read_conditions(["a=1", "b=2"]) == {"a": "1", "b": "2"}
    assert read_conditions(None) == {}
    assert read_weights(None) is None
    assert read_weights("text=2, image=0.5") == {"text": 2, "image": 0.5}
    assert read_weights("text=2,image=0.5", ["text"]) == {"text": 2}  # what is not asked makes no difference
    assert read_weights("image=0.5", ["text"]) is None


@pytest.mark.parametrize("given", ["drinks", "=drinks", "department="])
def test_conditions_of_another_form(given):
    with pytest.raises(ValueError, match=f"--where {given}: write it as in type=wine"):
        read_conditions([given])


@pytest.mark.parametrize("given", ["2", "text", "text=much", "text=2,,", "=2"])
def test_weights_of_another_form(given):
    with pytest.raises(ValueError, match="is no weight; write it as in text=2,image=0.5"):
        read_weights(given)


def test_a_name_that_stands_there_twice():
    with pytest.raises(ValueError, match="--where type=tea: type has a condition already"):
        read_conditions(["type=wine", "type=tea"])
    with pytest.raises(ValueError, match="--weights text=1,text=2: text stands there twice"):
        read_weights("text=1,text=2")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--weights", "text=0"], "weights must be finite, not negative and not all zero"),
        (["--weights", "smell=2"], "no modality 'smell'; expected text, image, audio"),
        (["--weights", "text=-1"], "text"),
        (["--where", "colour=red"], "no column 'colour' to filter by"),
        (["--where", "title_en=1..2"], "title_en holds no numbers"),
        (["--retriever", "{}"], "holds no saved retriever"),
        (["--html", "{}/none/page.html"], "none"),
    ],
)
def test_questions_that_cannot_be_asked_say_why(small_shop, options, sentence):
    given = [option.replace("{}", str(small_shop)) for option in options]
    assert sentence in one_sentence(run("search", small_shop, "--text", "red wine", *given))


def test_a_saved_retriever_needs_no_other(saved):
    assert "is a saved retriever itself" in one_sentence(run("search", saved, "--retriever", saved, "--text", "red"))


def test_a_damaged_saved_retriever_is_refused(saved, tmp_path):
    shutil.copytree(saved, tmp_path, dirs_exist_ok=True)
    (tmp_path / "features.safetensors").write_bytes(b"nothing")
    assert "features.safetensors is damaged" in one_sentence(run("search", tmp_path, "--text", "red"))


@pytest.mark.parametrize("command", [("search", "--text", "红酒"), ("extract",), ("serve",)])
def test_a_table_of_which_nothing_can_be_used_says_why(tmp_path, command):
    """As a spreadsheet in China saves it: not one cell is UTF-8."""
    (tmp_path / "metadata.csv").write_bytes("id,text\nA,红酒一瓶\nB,绿茶一盒\n".encode("gb18030"))
    name, *options = command
    said = run(name, tmp_path, *options)
    assert said.exit_code == 2
    words = " ".join(said.stderr.split())
    assert "no item can be used" in words and "is not UTF-8" in words and "in the encoding gb18030 it reads" in words
    assert "mmr doctor" in words


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le"])
def test_a_table_in_another_encoding_is_searched_with_its_name(small_shop, encoding):
    table = (small_shop / "metadata.csv").read_text(encoding="utf-8")
    (small_shop / "metadata.csv").write_bytes(table.encode(encoding))
    answer = json_of("search", small_shop, "--text", "红酒", "-k", 1, "--encoding", encoding)
    assert [hit["id"] for hit in answer["hits"]] == ["wine-red"]


@pytest.mark.parametrize("command", [("search", "--text", "red"), ("extract",), ("doctor",), ("serve",)])
def test_an_encoding_that_is_none_is_said_by_every_command(small_shop, command):
    name, *options = command
    assert "expected one such as utf-8, utf-16, gb18030" in one_sentence(
        run(name, small_shop, *options, "--encoding", "klingon")
    )


@pytest.mark.parametrize("command", [("search", "--text", "red"), ("serve",)])
def test_a_saved_retriever_has_no_table_to_be_read_in_an_encoding(saved, command):
    name, *options = command
    said = one_sentence(run(name, saved, *options, "--encoding", "gb18030"))
    assert "--encoding gb18030: the saved retriever brings its table with it; leave this option out." in said


@pytest.mark.parametrize(
    "command",
    [("search", "--text", "red"), ("serve",), ("extract",), ("compare",), ("train", "--to", "head")],
    ids=lambda command: command[0],
)
def test_the_shop_has_no_table_to_be_read_in_an_encoding(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = one_sentence(run(*command, "--encoding", "gb18030"))
    assert "--encoding gb18030: the built-in shop needs none; leave this option out." in said


@pytest.mark.parametrize("command", [("search", "--text", "red"), ("serve",)], ids=lambda command: command[0])
def test_a_retriever_alone_has_no_table_to_be_read_in_an_encoding(saved, command):
    said = one_sentence(run(*command, "--retriever", saved, "--encoding", "gb18030"))
    assert "--encoding gb18030: the saved retriever brings its table with it; leave this option out." in said
