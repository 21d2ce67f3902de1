"""Run notebooks from a fresh kernel and store their outputs, so that two runs give the same file.

    python tools/run_notebooks.py notebooks/00_start_here.ipynb ...

How many seconds each took stands in reports/seconds.json; tools/figures.py makes the minutes in the READMEs of it.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

CELL_TIMEOUT = 900  # seconds
SECONDS = Path(__file__).resolve().parent.parent / "reports" / "seconds.json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
#: Metadata of a cell that a lesson means; everything else (times of a run, folded state of an editor) is dropped.
KEPT_CELL_METADATA = ("tags",)
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def read(path: Path) -> NotebookNode:
    """A notebook in the current format, with an id on every cell."""
    return nbformat.read(path, as_version=4)


def run(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """The notebook with the outputs of one clean run in `folder`.

    Raises:
        CellExecutionError: a cell without the tag `raises-exception` fails.
    """
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL["name"],
        timeout=CELL_TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    return tidy(client.execute())


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Drop what changes from run to run or from machine to machine; number the cells' ids."""
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL), language_info=NotebookNode(name="python"))
    for position, cell in enumerate(notebook.cells):
        cell.id = f"cell-{position:02}"
        cell.metadata = NotebookNode({key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type == "error":  # the steps to it name files of this machine
                output.traceback = [f"{output.ename}: {output.evalue}"]
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def note_seconds(path: Path, seconds: float) -> None:
    """Write down how long a notebook took, beside the others; by its name, for it lies where it is run."""
    noted = json.loads(SECONDS.read_text(encoding="utf-8")) if SECONDS.exists() else {}
    SECONDS.parent.mkdir(exist_ok=True)
    noted[f"{path.parent.name}/{path.name}"] = round(seconds, 1)
    SECONDS.write_text(json.dumps(noted, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def main(paths: list[Path]) -> int:
    """Run each notebook and write it back; the number that failed (those files stay as they were)."""
    failed = 0
    for path in paths:
        start = time.perf_counter()
        try:
            notebook = run(read(path), path.parent)
        except CellExecutionError as error:
            failed += 1
            print(f"{path}: FAILED\n{error}", file=sys.stderr)
            continue
        nbformat.validate(notebook)
        path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
        seconds = time.perf_counter() - start
        note_seconds(path.resolve(), seconds)
        print(f"{path}: {seconds:.1f} s")
    return failed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path)
    sys.exit(main(parser.parse_args().notebooks))
