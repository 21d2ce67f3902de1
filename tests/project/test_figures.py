"""The READMEs quote measured figures: those in docs/figures.json, which tools/figures.py writes."""

import json

import pytest

from figures import FIGURES, ROOT, lesson_seconds, minutes, minutes_in, phrases
from mmr_toolkit import cornershop

READMES = ["README.md", "README.zh-CN.md", "notebooks/README.md"]


@pytest.fixture(scope="module")
def figures():
    return json.loads(FIGURES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", READMES)
def test_a_readme_quotes_the_figures_that_were_measured(figures, name):
    words = " ".join((ROOT / name).read_text(encoding="utf-8").split())
    assert [phrase for phrase in phrases(figures)[name] if phrase not in words] == []


@pytest.mark.parametrize("name", READMES)
def test_a_readme_has_the_measured_minutes_of_every_lesson(figures, name):
    lessons = sorted(path.name[:2] for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    expected = {number: minutes(seconds) for number, seconds in figures["lesson seconds"].items()}
    assert sorted(expected) == lessons
    assert minutes_in((ROOT / name).read_text(encoding="utf-8")) == expected


def test_what_can_be_counted_is_as_it_was_written(figures):
    assert figures["products"] == len(cornershop())
    size = sum(path.stat().st_size for path in (ROOT / "data" / "weights").rglob("*") if path.is_file()) / 1e6
    assert figures["megabytes of mini weights"] == pytest.approx(size, abs=0.1)


@pytest.mark.parametrize(("seconds", "said"), [(0, "1"), (60, "1"), (61, "1.5"), (90, "1.5"), (91, "2"), (240, "4")])
def test_minutes_are_rounded_up_to_a_half(seconds, said):
    assert minutes(seconds) == said


def test_solutions_are_no_lessons():
    assert lesson_seconds({"solutions/03_text.ipynb": 9.0, "notebooks/03_text.ipynb": 53.2}) == {"03": 53}


def test_minutes_stand_in_the_third_column():
    assert minutes_in("| Lesson | a | b |\n|---|---|---|\n| [07 · X](07_x.ipynb) | do | 1.5 | no |\n") == {"07": "1.5"}
