"""Run every notebook and write the course as web pages that need no network: no script, font or style from outside.

    python tools/build_course.py site notebooks/00_start_here.ipynb ...

Formulas become MathML, which browsers draw by themselves; links between notebooks become links between pages.
"""

import argparse
import html
import re
import shutil
import time
from pathlib import Path

from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from run_notebooks import read, run

#: nbconvert's own page without the three scripts that it fetches from other hosts.
PAGE = """{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
"""
INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mmr-toolkit: the course</title>
<style>
body {{ max-width: 46rem; margin: 3rem auto; padding: 0 1rem; font: 1.05rem/1.6 system-ui, sans-serif; color: #222; }}
ul {{ list-style: none; padding: 0; }} li {{ margin-bottom: 1rem; }} small {{ color: #666; }}
</style>
</head>
<body>
<h1>Multi-modal retrieval, step by step</h1>
<p>Each page is a notebook of mmr-toolkit with the outputs of one run. Read them in order;
run them yourself with <code>make lab</code>.</p>
<ul>
{lessons}
</ul>
<h2>Solutions</h2>
<ul>
{solutions}
</ul>
</body>
</html>
"""


class MathRenderer(IPythonRenderer):
    """Markdown to HTML, with formulas as MathML in place of LaTeX for a script that would have to be fetched."""

    def inline_math(self, body: str) -> str:
        return to_mathml(body, "inline")

    def block_math(self, body: str) -> str:
        return to_mathml(body, "block")

    def _html_embed_images(self, html: str) -> str:
        """Leave HTML without a picture alone: parsed piece by piece, <details> would be closed before its answer."""
        return super()._html_embed_images(html) if "<img" in html else html


class CourseExporter(HTMLExporter):
    """A notebook as one page that asks no other host for anything."""

    raw_template = PAGE

    def markdown2html(self, source: str) -> str:
        return MarkdownWithMath(renderer=MathRenderer(escape=False, embed_images=True, path=self.folder)).render(source)

    def default_filters(self):
        yield from super().default_filters()
        yield "markdown2html", self.markdown2html

    def page(self, notebook: NotebookNode, path: Path) -> str:
        """The page of a notebook that lies at `path`, whose pictures it takes in."""
        self.folder = str(path.parent)
        body, _ = self.from_notebook_node(notebook, resources={"metadata": {"name": opening(notebook)[0]}})
        return re.sub(r'(href="[^":]*)\.ipynb(["#])', r"\1.html\2", body)


def to_mathml(latex: str, display: str) -> str:
    """A formula as MathML.

    Raises:
        ValueError: the formula holds a command that the converter leaves standing as text.
    """
    mathml = convert(latex, display=display)
    if left := re.search(r">\\[A-Za-z]+<|>&<", mathml):
        command = left.group()[1:-1]
        raise ValueError(f"Cannot write {command} as MathML in the formula {latex.strip()}; write it more simply.")
    return mathml


def opening(notebook: NotebookNode) -> tuple[str, str]:
    """The first heading of a notebook and the paragraph below it, as plain text."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    plain = re.sub(r"[*`]|\[|\]\([^)]*\)", "", text)
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", plain)]
    title = next((p.lstrip("# ") for p in paragraphs if p.startswith("#")), "Untitled")
    return title, next((p for p in paragraphs if p[:1] not in ("", "#", "<", "|", "!", "$")), "")


def build(paths: list[Path], site: Path) -> None:
    """Run the notebooks and write one page each, and an index, into the new folder `site`."""
    shutil.rmtree(site, ignore_errors=True)
    exporter = CourseExporter()
    lessons, solutions = [], []
    for path in paths:
        start = time.perf_counter()
        notebook = run(read(path), path.parent)
        seconds = time.perf_counter() - start
        page = site / path.relative_to(paths[0].parent).with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(exporter.page(notebook, path), encoding="utf-8")
        link = page.relative_to(site).as_posix()
        title, purpose = (html.escape(text) for text in opening(notebook))
        entries = solutions if path.parent.name == "solutions" else lessons
        entries.append(f'<li><a href="{link}">{title}</a><br>{purpose} <small>({seconds:.0f} s to run)</small></li>')
        print(f"{page}: {seconds:.1f} s")
    index = site / "index.html"
    index.write_text(INDEX.format(lessons="\n".join(lessons), solutions="\n".join(solutions)), encoding="utf-8")
    print(f"Open {index} in a browser.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path)
    parser.add_argument("notebooks", nargs="+", type=Path)
    arguments = parser.parse_args()
    build(arguments.notebooks, arguments.site)
