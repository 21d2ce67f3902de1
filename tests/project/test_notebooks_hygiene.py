"""The rules for committed notebooks hold, and each rule notices what it is there for."""

import ast

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import check_notebooks
from check_notebooks import MAX_BYTES, code_cells, coverage_faults, faults_of, how_checked
from project_files import NOTEBOOKS, relative
from run_notebooks import read, run, tidy

NAMES = [relative(path) for path in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_notebook_keeps_the_rules(path):
    assert faults_of(read(path)) == []
    assert path.stat().st_size <= MAX_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_most_cells_are_checked_and_half_word_by_word(path):
    kinds = [how_checked(cell) for cell in code_cells(read(path))]
    assert len(kinds) - kinds.count("unchecked") >= 0.9 * len(kinds)
    assert kinds.count("literal") >= 0.5 * len(kinds)


def one_sided(source):
    """Assertions that a difference is below a small number: without abs they never fail where it is far below zero."""
    tests = [node.test for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    return [
        ast.unparse(part)
        for test in tests
        for part in ast.walk(test)
        if isinstance(part, ast.Compare)
        and isinstance(part.left, ast.BinOp)
        and isinstance(part.left.op, ast.Sub)
        and isinstance(part.ops[0], ast.Lt | ast.LtE)
        and isinstance(part.comparators[0], ast.Constant)
        and part.comparators[0].value < 1e-2
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_no_assertion_of_closeness_lacks_abs(path):
    assert [found for cell in code_cells(read(path)) for found in one_sided(cell.source)] == []


def test_an_assertion_that_cannot_fail_downwards_is_noticed():
    assert one_sided("assert a - b < 1e-5 and True") == ["a - b < 1e-05"]
    assert one_sided("assert abs(a - b) < 1e-5\nassert a - b < 0.5\nassert a - b > 1e-5") == []


def test_there_are_notebooks():
    assert "notebooks/00_start_here.ipynb" in NAMES


def cell(source, *outputs, tags=(), number=1):
    """A code cell as it lies in a file."""
    return new_code_cell(source, execution_count=number, outputs=list(outputs), metadata={"tags": list(tags)})


def printed(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    return new_output("execute_result", data={kind.replace("_", "/"): text for kind, text in data.items()})


GOOD = cell("print(3)", printed("3\n"))
BOTH_TAGS = (check_notebooks.ASSERTED, "nbval-ignore-output")


def test_a_good_notebook_has_no_faults():
    assert faults_of(new_notebook(cells=[GOOD])) == []


@pytest.mark.parametrize(
    ("bad", "fault"),
    [
        (cell("print(3)", printed("3\n"), number=2), "numbered \\[2\\], not 1 to 1"),
        (cell("print(3)", printed("3\n"), number=None), "numbered \\[None\\]"),
        (cell("\n".join(["print(3)"] * 31), printed("3\n")), "31 lines"),
        (cell("\n".join(["print(3)"] * 7), printed("3\n")), "half of the code cells have 7 lines"),
        (cell("print(3)", printed("3\n"), printed("Warning", name="stderr")), "stores stderr"),
        (cell("1 / 0", new_output("error", ename="Z", evalue="division by zero")), "without the tag raises-exception"),
        (cell("1 / 0", new_output("error", ename="Z", traceback=["File x.py:1", "Z"])), "stores a traceback"),
        (cell("print(3);", printed("3\n")), "ends in ';'"),
        (cell("print(x)", printed("/home/ada/shop/images\n")), "path of one machine: /home/ada"),
        (cell("open('/Users/ada/x')", printed("3\n")), "path of one machine: /Users/ada"),
        (cell("print(x)", printed("C:\\Users\\ada\n")), "path of one machine: C:"),
        (cell("x", shown(text_plain="PosixPath('/tmp/a')")), "path of one machine: /tmp/a"),
        (cell("print(3)", printed("3\n"), tags=[check_notebooks.ASSERTED]), "without an assert"),
        (cell("x", shown(**{"text_plain": "3", "application_vnd.jupyter.widget-view+json": {}})), "stores a widget"),
    ],
)
def test_each_fault_is_named(bad, fault):
    import re

    assert [sentence for sentence in faults_of(new_notebook(cells=[bad])) if re.search(fault, sentence)]


def test_too_many_cells_and_one_runs_metadata_are_named():
    many = new_notebook(cells=[cell("print(3)", printed("3\n"), number=n) for n in range(1, 42)])
    assert faults_of(many) == ["41 code cells; at most 40"]
    many.metadata.language_info = {"name": "python", "version": "3.11.7"}
    assert len(faults_of(many)) == 2


def test_addresses_and_fractions_are_no_paths():
    fine = cell("a/b", printed("https://example.org/home/x shop/images/tea.jpg 3/4 /10\n"))
    assert faults_of(new_notebook(cells=[fine])) == []


@pytest.mark.parametrize(
    ("example", "kind"),
    [
        (GOOD, "literal"),
        (cell("int('x')", new_output("error", ename="V", evalue="invalid"), tags=["raises-exception"]), "literal"),
        (cell("table", shown(text_plain="   a\n0  1", text_html="<table></table>")), "literal"),
        (cell("plt.show()", new_output("display_data", data={"text/plain": "<Figure size 640x480>"})), "unchecked"),
        (cell("page", shown(text_plain="<IPython.core.display.HTML object>", text_html="<p>x</p>")), "unchecked"),
        (cell("plt.plot(x)", shown(text_plain="[<matplotlib.lines.Line2D at 0x7f>]")), "unchecked"),
        (cell("print(t)", printed("0.31 s\n"), tags=["nbval-ignore-output"]), "unchecked"),
        (cell("# NBVAL_IGNORE_OUTPUT\nprint(t)", printed("0.31 s\n")), "unchecked"),
        (cell("assert t < 60\nprint(t)", printed("3 s\n"), tags=["nbval-ignore-output"]), "unchecked"),
        (cell("assert t < 60\nprint(t)", printed("3 s\n"), tags=BOTH_TAGS), "asserted"),
        (cell("torch.testing.assert_close(a, b)"), "asserted"),
        (cell("print(t)", printed("0.31 s\n"), tags=BOTH_TAGS), "unchecked"),
        (cell("%matplotlib inline\nimport numpy as np\nfrom a import b"), "definition"),
        (cell("def f(x):\n    return x"), "definition"),
        (cell("import numpy as np", tags=["nbval-ignore-output"]), "unchecked"),
        (cell("x = train(catalogue)"), "unchecked"),
    ],
)
def test_how_a_cell_counts(example, kind):
    assert how_checked(example) == kind


def test_hollow_notebooks_are_named():
    assert coverage_faults(["literal"] * 5 + ["asserted"] * 4 + ["unchecked"]) == []
    assert "80% of the code cells are checked" in coverage_faults(["literal"] * 8 + ["unchecked"] * 2)[0]
    assert "Unchecked: [2]" in coverage_faults(["literal", "unchecked"])[0]
    assert "40% of the code cells are compared" in coverage_faults(["literal"] * 4 + ["definition"] * 6)[0]
    assert coverage_faults([]) == ["no code cells"]


@pytest.mark.slow
def test_two_runs_give_the_same_file(tmp_path):
    source = ["import numpy as np", "print('红酒', np.arange(3))", "import pandas as pd\npd.DataFrame({'a': [1]})"]
    first, second = (
        run(new_notebook(cells=[new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(source)]), tmp_path)
        for _ in range(2)
    )
    assert first == second
    assert faults_of(first) == []
    assert first.cells[1].outputs[0].text == "红酒 [0 1 2]\n"


def test_tidy_drops_what_changes_from_run_to_run():
    widget = {"text/plain": "3", "application/vnd.jupyter.widget-view+json": {"model_id": "a1"}}
    messy = new_notebook(
        cells=[cell("x", new_output("display_data", data=widget), tags=["plumbing"])],
        metadata={
            "widgets": {},
            "language_info": {"name": "python", "version": "3.11.7"},
            "kernelspec": {"name": "py", "display_name": "Py 9"},
        },
    )
    messy.cells[0].metadata.execution = {"iopub.status.busy": "2026-01-01"}
    clean = tidy(messy)
    assert clean.cells[0].metadata == {"tags": ["plumbing"]}
    assert clean.cells[0].outputs[0].data == {"text/plain": "3"}
    assert clean.metadata.kernelspec.name == "python3"
    assert clean.metadata.language_info == {"name": "python"}
    assert "widgets" not in clean.metadata


def test_of_an_error_only_its_message_is_stored():
    steps = ["-----", "File somewhere/similarity.py:58, in cosine", "ValueError: too long"]
    error = new_output("error", ename="ValueError", evalue="too long", traceback=steps)
    clean = tidy(new_notebook(cells=[cell("cosine()", error, tags=["raises-exception"])]))
    assert clean.cells[0].outputs[0].traceback == ["ValueError: too long"]
