"""The rules for committed notebooks: one clean run, short cells, no traces of a machine, outputs really compared.

    python tools/check_notebooks.py notebooks/*.ipynb

How a code cell counts (nbval re-runs all of them; a comparison needs something to compare):

literal     nbval compares the stored output word by word, and that output has text to read. A cell that stores a
            figure or a bare `<... object>` only does not count: figures are not compared.
asserted    the cell states a tolerance: an assert or an assert_close in it stops the run. With an output that differs
            from machine to machine it carries the tags `checked-by-assertion` and `nbval-ignore-output`.
definition  imports, functions and classes only, and it prints nothing: running it without an error is all there is.
unchecked   everything else: silent assignments, figures alone, ignored outputs.

At least 90 % of the code cells are literal, asserted or a definition; at least half of all are literal.
"""

import argparse
import ast
import re
import statistics
import sys
from pathlib import Path

from nbformat import NotebookNode

from run_notebooks import read

MAX_BYTES = 1_500_000
MAX_CODE_CELLS = 40
MAX_CELL_LINES = 30
MAX_MEDIAN_LINES = 6
MIN_CHECKED, MIN_LITERAL = 0.9, 0.5
IGNORED = {"nbval-ignore-output", "nbval-skip"}
ASSERTED = "checked-by-assertion"
MACHINE_TRACE = re.compile(
    r"(?<![\w.:/-])(?:/home/|/root/|/Users/|/tmp/|/mnt/|/opt/|/var/|/usr/|/srv/)[\w.-]+|\b[A-Za-z]:\\\\?(?:Users|Temp)\\"
)
BARE_OBJECT = re.compile(r"^\[?<[^<>\n]*>\]?$")
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells that hold any code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def line_count(cell: NotebookNode) -> int:
    """Lines of a cell, blank ones left out."""
    return sum(1 for line in cell.source.splitlines() if line.strip())


def output_texts(cell: NotebookNode) -> list[str]:
    """Every text of a cell's outputs that a reader sees or nbval compares."""
    texts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            texts.append(output.text)
        elif output.output_type == "error":
            texts.append(output.evalue)
        else:
            texts += [text for kind, text in output.data.items() if kind.startswith("text/")]
    return texts


def has_text_to_compare(cell: NotebookNode) -> bool:
    """Whether the outputs hold plain text beyond the name of an object such as <Figure size 640x480>."""
    plain = [
        output.get("text") or output.get("evalue") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    ]
    return any(text.strip() and not BARE_OBJECT.match(text.strip()) for text in plain)


def has_assertion(source: str) -> bool:
    """Whether code holds an assert statement or calls a function named assert_..."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name.startswith("assert"):
                return True
    return False


def parse(source: str) -> ast.Module:
    """A cell's code without its % and ! lines, which are not Python."""
    return ast.parse("\n".join("" if re.match(r"\s*[%!]", line) else line for line in source.splitlines()))


def how_checked(cell: NotebookNode) -> str:
    """One of literal, asserted, definition, unchecked; the file's first lines say what they mean."""
    tags = set(cell.metadata.get("tags", []))
    compared = not tags & IGNORED and "NBVAL_IGNORE_OUTPUT" not in cell.source and "NBVAL_SKIP" not in cell.source
    if compared and has_text_to_compare(cell):
        return "literal"
    if has_assertion(cell.source) and (compared or {ASSERTED, "nbval-ignore-output"} <= tags):
        return "asserted"
    body = parse(cell.source).body
    if (
        compared
        and not cell.outputs
        and all(isinstance(statement, DEFINITIONS) or is_docstring(statement) for statement in body)
    ):
        return "definition"
    return "unchecked"


def is_docstring(statement: ast.stmt) -> bool:
    """Whether a statement is a text that stands alone."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def cell_faults(cell: NotebookNode) -> list[str]:
    """What is wrong with one code cell."""
    faults = []
    tags = cell.metadata.get("tags", [])
    if line_count(cell) > MAX_CELL_LINES:
        faults.append(f"{line_count(cell)} lines; at most {MAX_CELL_LINES}")
    if ASSERTED in tags and not has_assertion(cell.source):
        faults.append(f"tagged {ASSERTED} without an assert")
    if cell.source.rstrip().endswith(";"):
        faults.append("ends in ';', which does not silence the output when nbval re-runs it")
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in tags:
            faults.append("stores an error without the tag raises-exception")
        if len(output.get("traceback", [])) > 1:
            faults.append("stores a traceback, which names files of one machine: store it with `make notebooks`")
        if output.get("name") == "stderr":
            faults.append("stores stderr")
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {}):
            faults.append("stores a widget")
    for text in [cell.source, *output_texts(cell)]:
        if trace := MACHINE_TRACE.search(text):
            faults.append(f"names a path of one machine: {trace.group()}")
    return faults


def faults_of(notebook: NotebookNode) -> list[str]:
    """Everything that is wrong with a notebook, one sentence each."""
    cells = code_cells(notebook)
    faults = []
    numbers = [cell.execution_count for cell in cells]
    if numbers != list(range(1, len(cells) + 1)):
        faults.append(f"cells are numbered {numbers}, not 1 to {len(cells)}: store one clean run with `make notebooks`")
    if len(cells) > MAX_CODE_CELLS:
        faults.append(f"{len(cells)} code cells; at most {MAX_CODE_CELLS}")
    if cells and (median := statistics.median(map(line_count, cells))) > MAX_MEDIAN_LINES:
        faults.append(f"half of the code cells have {median:g} lines or more; at most {MAX_MEDIAN_LINES}")
    if "widgets" in notebook.metadata or "version" in notebook.metadata.get("language_info", {}):
        faults.append("metadata of one run is stored (widgets, Python version): write it with `make notebooks`")
    for number, cell in enumerate(cells, start=1):
        faults += [f"code cell {number}: {fault}" for fault in cell_faults(cell)]
    return faults + coverage_faults([how_checked(cell) for cell in cells])


def coverage_faults(kinds: list[str]) -> list[str]:
    """Whether enough cells are checked at all, and enough of them word by word."""
    if not kinds:
        return ["no code cells"]
    faults = []
    checked = sum(kind != "unchecked" for kind in kinds) / len(kinds)
    literal = kinds.count("literal") / len(kinds)
    if checked < MIN_CHECKED:
        where = [number for number, kind in enumerate(kinds, start=1) if kind == "unchecked"]
        faults.append(f"{checked:.0%} of the code cells are checked; at least {MIN_CHECKED:.0%}. Unchecked: {where}")
    if literal < MIN_LITERAL:
        faults.append(f"{literal:.0%} of the code cells are compared word by word; at least {MIN_LITERAL:.0%}")
    return faults


def main(paths: list[Path]) -> int:
    """Print each notebook's counts and faults; the number of faults."""
    total = 0
    for path in paths:
        notebook = read(path)
        faults = faults_of(notebook)
        if path.stat().st_size > MAX_BYTES:
            faults.append(f"{path.stat().st_size:,} bytes; at most {MAX_BYTES:,}")
        kinds = [how_checked(cell) for cell in code_cells(notebook)]
        counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in ("literal", "asserted", "definition", "unchecked"))
        print(f"{path}: {len(kinds)} code cells ({counts})")
        for fault in faults:
            print(f"  {fault}")
        total += len(faults)
    return total


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path)
    sys.exit(1 if main(parser.parse_args().notebooks) else 0)
