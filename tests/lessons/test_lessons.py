"""What a lesson builds by hand is what the package computes."""

import re

import numpy as np
import pytest

import mmr_toolkit as mmr
from lesson_code import function_of
from project_files import NOTEBOOKS, ROOT, relative
from run_notebooks import read


def some_parts(rng, n=3):
    """n items with a text of four numbers and a picture of three, the pictures a hundred times as long."""
    return {"text": rng.normal(size=(n, 4)), "image": 100 * rng.normal(size=(n, 3))}


@pytest.mark.parametrize("weights", [{"text": 0.5, "image": 0.5}, {"text": 0.9, "image": 0.1}])
def test_joined_parts_of_the_first_lesson_are_the_package_s_fusion(rng, weights):
    joined = function_of("00_start_here", "joined")
    items = some_parts(rng)
    by_hand = [joined({name: rows[i] for name, rows in items.items()}, weights) for i in range(3)]
    fused, _ = mmr.ConcatFusion(weights)(items)
    np.testing.assert_allclose(by_hand, fused, atol=1e-6)


def test_the_cosine_of_the_first_lesson_is_the_package_s(rng):
    cosine = function_of("00_start_here", "cosine")
    queries, items = rng.normal(size=(2, 5)), rng.normal(size=(3, 5))
    by_hand = [[cosine(query, item) for item in items] for query in queries]
    np.testing.assert_allclose(by_hand, mmr.cosine(queries, items), atol=1e-6)


def test_the_two_lines_of_the_first_lesson_agree(rng):
    """The weighted sum of cosines is the inner product of joined vectors."""
    cosine, joined = (function_of("00_start_here", name) for name in ("cosine", "joined"))
    weights = {"text": 0.7, "image": 0.3}
    first, second = ({name: rows[0] for name, rows in some_parts(rng).items()} for _ in range(2))
    added = sum(weights[name] * cosine(first[name], second[name]) for name in weights)
    assert joined(first, weights) @ joined(second, weights) == pytest.approx(added)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=relative)
def test_the_number_of_a_lesson_is_that_of_its_file(path):
    title = read(path).cells[0].source.splitlines()[0]
    assert re.match(r"# (?:Solutions to )?(\d\d) · ", title)[1] == path.name[:2]


PAGES = [*NOTEBOOKS, *(ROOT / name for name in ("README.md", "README.zh-CN.md", "notebooks/README.md"))]


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_link_names_the_number_of_its_lesson(path):
    links = re.findall(
        r"\[(?:lesson )?(\d\d)\b[^\]]*\]\((?:[\w/]+/)?(\d\d)_\w+\.ipynb\)", path.read_text(encoding="utf-8")
    )
    assert [pair for pair in links if pair[0] != pair[1]] == []
    assert links or path.parent.name == "solutions"
