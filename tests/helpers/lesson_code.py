"""Functions that a notebook defines, for tests that hold them against the package or the self-checks."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

from run_notebooks import read

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def function_of(lesson: str, name: str) -> Callable[..., Any]:
    """One function of a notebook, made from the notebook's imports and its definition alone.

    Args:
        lesson: path below notebooks/ without its ending: "00_start_here", "solutions/00_start_here".
        name: of the function.
    """
    cells = [ast.parse(cell.source) for cell in read(NOTEBOOKS / f"{lesson}.ipynb").cells if cell.cell_type == "code"]
    statements = [statement for tree in cells for statement in tree.body]
    imports = [statement for statement in statements if isinstance(statement, ast.Import | ast.ImportFrom)]
    definition = [s for s in statements if isinstance(s, ast.FunctionDef) and s.name == name]
    names: dict[str, Any] = {}
    exec(compile(ast.Module(imports + definition, []), lesson, "exec"), names)
    return names[name]
