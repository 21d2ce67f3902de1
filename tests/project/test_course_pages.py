"""The course as web pages: nothing in them is fetched from another host."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from build_course import build, opening, to_mathml

pytestmark = pytest.mark.slow

LESSON = """# A *toy* lesson

It shows $\\cos(x, y)$
and [the next](01_more.ipynb#here).

$$z = \\sum_m w_m h_m$$

<details><summary>Answer</summary>

Folded away.

</details>
"""
LOADING = {"src", "srcset", "poster", "data"}


class Requests(HTMLParser):
    """Collects what a browser would fetch from elsewhere while it draws a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            fetches = name in LOADING or (tag == "link" and name == "href")
            if fetches and not (value or "").startswith("data:"):
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, text):
        self.found += re.findall(
            r"url\(\s*['\"]?(?:https?:)?//[^)]*\)|@import[^;]*;|\bimport\s*\(?['\"]http[^'\"]*", text
        )


def requests_of(page):
    parser = Requests()
    parser.feed(page)
    return parser.found


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    cells = [
        new_markdown_cell(LESSON),
        new_code_cell("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"),
        new_code_cell("print('红酒')"),
    ]
    paths = [folder / name for name in ("00_toy.ipynb", "01_more.ipynb", "solutions/00_toy.ipynb")]
    paths[-1].parent.mkdir()
    for path in paths:
        nbformat.write(new_notebook(cells=cells), path)
    build(paths, folder / "site")
    return folder / "site"


def test_pages_ask_no_other_host(site):
    for page in site.rglob("*.html"):
        assert requests_of(page.read_text(encoding="utf-8")) == []


def test_the_check_for_other_hosts_sees_them():
    page = '<script src="https://cdn.example/x.js"></script><link href="//x.example/a.css"><style>a{background:url(http://x)}</style>'
    assert len(requests_of(page)) == 3


def test_pages_hold_outputs_formulas_and_links(site):
    page = (site / "00_toy.html").read_text(encoding="utf-8")
    assert "红酒" in page
    assert "data:image/png;base64," in page
    assert page.count("<math") == 2
    assert "$" not in re.sub(r"<(style|script).*?</\1>", "", page, flags=re.DOTALL)
    assert 'href="01_more.html#here"' in page
    assert re.search(r"<details><summary>Answer</summary>\s*<p>Folded away.</p>\s*</details>", page)


def test_index_lists_the_lessons_and_apart_from_them_the_solutions(site):
    index = (site / "index.html").read_text(encoding="utf-8")
    lessons, solutions = (re.findall(r'href="([^"]+)">([^<]+)<', part) for part in index.split("<h2>Solutions</h2>"))
    assert lessons == [("00_toy.html", "A toy lesson"), ("01_more.html", "A toy lesson")]
    assert solutions == [("solutions/00_toy.html", "A toy lesson")]
    assert "and the next." in index


def test_opening_of_a_notebook_without_text():
    assert opening(new_notebook()) == ("Untitled", "")


def test_formula_that_would_show_as_raw_latex_is_refused():
    with pytest.raises(ValueError, match=r"Cannot write \\unheardof as MathML"):
        to_mathml(r"\unheardof x", "inline")
