"""The glossary: each word stands in the lesson or file that it names, and no word is there twice."""

import re
from collections import Counter
from pathlib import Path

import pytest

from project_files import ROOT
from run_notebooks import read

GLOSSARY = ROOT / "docs" / "glossary.md"
ROW = re.compile(
    r"^\| (?P<zh>[^|]+) \| (?P<en>[^|]+) \| [^|]* \| \[(?P<name>[^\]]+)\]\((?P<target>[^)]+)\) \| (?P<there>[^|]*)\|$"
)
#: The words that a reader of Chinese papers looks up first.
WANTED = {"查询", "嵌入", "余弦相似度", "内积", "对比学习", "温度系数", "注意力机制", "特征融合"}
WANTED |= {"平均精度均值", "假阴性", "缺失模态", "枢纽现象", "多重检验校正"}


def rows():
    """Every row of the tables but their heads."""
    lines = [line for line in GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [line for line in lines if not line.startswith(("|---", "| 中文 |"))]


def words(text):
    """In small letters, hyphens and line breaks as spaces."""
    return re.sub(r"[-\s_]+", " ", text).lower()


def prose_and_code(path: Path) -> str:
    if path.suffix == ".ipynb":
        return words(" ".join(cell.source for cell in read(path).cells))
    return words(path.read_text(encoding="utf-8"))


def stands_in(term, text):
    """Whether the term, or its short form in brackets, begins a word of the text (so that a plural counts)."""
    forms = [form for form in re.split(r"[()]", term) if form.strip()]
    return any(re.search(rf"(?<![a-z]){re.escape(words(form).strip())}", text) for form in forms)


def test_every_row_can_be_read():
    assert len(rows()) > 100
    assert [line for line in rows() if not ROW.match(line)] == []


@pytest.mark.parametrize("line", rows(), ids=lambda line: line.split("|")[2].strip())
def test_the_word_stands_in_the_lesson_that_is_named(line):
    entry = ROW.match(line)
    target = (GLOSSARY.parent / entry["target"]).resolve()
    assert target.is_file()
    if target.suffix == ".ipynb":
        assert entry["name"][:2] == target.name[:2], "the number of the link is not the number of the lesson"
    assert stands_in(entry["there"].strip() or entry["en"], prose_and_code(target))


@pytest.mark.parametrize("column", ["zh", "en"])
def test_no_word_is_there_twice(column):
    counts = Counter(ROW.match(line)[column] for line in rows())
    assert [word for word, n in counts.items() if n > 1] == []


def test_the_words_that_are_looked_up_first_are_there():
    assert WANTED - {ROW.match(line)["zh"] for line in rows()} == set()
    chinese = GLOSSARY.read_text(encoding="utf-8")
    assert all(word in chinese for word in ("真值", "早期融合", "晚期融合"))


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "notebooks/README.md"])
def test_readers_find_the_glossary(page):
    assert "docs/glossary.md)" in (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        ("hub", "These are hubs.", True),
        ("in-batch", "in batch", True),
        ("average precision (AP)", "its AP is 1", True),
        ("map", "the bitmap", False),
        ("late fusion", "late", False),
    ],
)
def test_what_counts_as_the_word(term, text, found):
    assert stands_in(term, words(text)) is found


def test_the_chinese_readme_uses_the_words_of_the_field():
    """问题 is a problem, not a query; the other words on the left are not what the field says."""
    text = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
    unusual = ["缺项", "枢纽点", "后融合", "装载", "真相", "用测量来"]
    assert [word for word in unusual if word in text] == []
    assert [line for line in text.splitlines() if "问题" in line.replace("遇到问题", "")] == []
    assert all(
        word in text
        for word in ("查询", "缺失模态", "枢纽现象", "晚期融合", "多重检验校正", "真值", "加载", "通过实测")
    )
