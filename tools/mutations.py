"""Small changes to a module, each of which a test should notice.

What only speaks to a person is left alone: docstrings, the texts of errors and warnings, f-strings, `__repr__`. So are
type hints, imports and decorators, and `strict=` of `zip`, which finds a programmer's mistake and nothing else.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any", "argmax": "argmin", "argmin": "argmax"}
#: Calls that a number or text passes through: without them it goes on as it came.
PASSED_THROUGH = {"abs", "clamp", "strip", "lower", "casefold", "expanduser", "resolve", "realpath", "sorted"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
SILENT = {"__repr__", "_repr_html_", "__str__"}
SPEAKING = {"warn", "warning", "info", "debug", "error", "exception", "print"}  # their arguments are words


@dataclass(frozen=True)
class Mutant:
    """One change to one module.

    Attributes:
        file: the module, seen from the root of the repository.
        number: which line, for people; `line` finds the place again when the file has changed.
        line: the source line without its indentation.
        change: what becomes of it; alike changes of one line are numbered from the second on.
        function: first line of the function around it, 0 outside of all functions.
        place: which node of the tree, and which of its changes.
    """

    file: str
    number: int
    line: str
    change: str
    function: int
    place: tuple[int, int]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.file, self.line, self.change


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """All mutants of a module."""
    source = (root / file).read_text(encoding="utf-8")
    lines, found, seen = source.splitlines(), [], Counter[tuple[str, str]]()
    for i, (node, function) in enumerate(_nodes(ast.parse(source))):
        for j, new in enumerate(_changes(node)):
            line, change = lines[node.lineno - 1].strip(), f"{_short(node)} → {_short(new)}"
            seen[line, change] += 1
            again = f" ({seen[line, change]})" if seen[line, change] > 1 else ""
            found.append(Mutant(file, node.lineno, line, change + again, function, (i, j)))
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The tree of the module with the change in it."""
    tree = ast.parse(source)
    i, j = mutant.place
    old = list(_nodes(tree))[i][0]
    new = ast.copy_location(list(_changes(old))[j], old)

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is old else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(tree))


def _nodes(node: ast.AST, function: int = 0) -> Iterator[tuple[ast.AST, int]]:
    """Every node that may be changed, with the first line of the function around it."""
    if isinstance(node, FUNCTION):
        if node.name in SILENT:
            return
        function = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    elif isinstance(node, ast.stmt | ast.expr | ast.comprehension):
        yield node, function
    for child in _looked_into(node):
        yield from _nodes(child, function)


def _looked_into(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that do something, without those that only say something."""
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.Import() | ast.ImportFrom():
            return
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Subscript(value=ast.Name(id="Literal" | "Callable")):
            return
        case ast.Expr(value=ast.Constant()):  # a docstring
            return
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return
        case ast.Call() if _name(node.func) in SPEAKING:
            return
    left_out: list[object] = []
    if isinstance(node, FUNCTION | ast.ClassDef):
        left_out += node.decorator_list
    if isinstance(node, FUNCTION):
        left_out.append(node.returns)
    if isinstance(node, ast.AnnAssign | ast.arg):
        left_out.append(node.annotation)
    yield from (
        child
        for child in ast.iter_child_nodes(node)
        if child not in left_out and not (isinstance(child, ast.keyword) and child.arg == "strict")
    )


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    match node:
        case ast.Compare(left, ops, comparators):
            for i, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    yield ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], comparators)
        case ast.BinOp(left, op, right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.AugAssign(target, op, value) if type(op) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(op)](), value)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not() | ast.USub() | ast.Invert(), operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(float(value)):
            yield ast.Constant(2 * value or 1.0)
        case ast.Constant(str(value)) if value and not any(map(str.isspace, value)):  # no sentence
            yield ast.Constant(f"{value}?")
        case ast.Expr(ast.Call(func)) if _name(func) not in SPEAKING - {"warn"}:
            yield ast.Pass()
        case ast.Raise():
            yield ast.Pass()
        case ast.Return(value) if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.If(test, body, orelse) if isinstance(test, ast.Name | ast.Attribute | ast.Call | ast.NamedExpr):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.IfExp(test, body, orelse) if isinstance(test, ast.Name | ast.Attribute | ast.Call):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Call(ast.Name(name), args, keywords) if name in SWAPPED:
            yield ast.Call(ast.Name(SWAPPED[name], ast.Load()), args, keywords)
        case ast.Call(ast.Attribute(value, name), args, keywords) if name in SWAPPED:
            yield ast.Call(ast.Attribute(value, SWAPPED[name], ast.Load()), args, keywords)
        case ast.Call(ast.Name(name), [first, *_]) if name in PASSED_THROUGH:
            yield first
        case ast.Call(ast.Attribute(value, name), args) if name in PASSED_THROUGH:
            yield args[0] if args and isinstance(value, ast.Name | ast.Attribute) and _is_library(value) else value


def _is_library(value: ast.expr) -> bool:
    """Whether `value.f(x)` is a function of a library, so that x is what passes through it, and not a method."""
    return ast.unparse(value) in ("np", "torch", "os.path", "math")


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _short(node: ast.AST) -> str:
    """A node as one line, for people: of an `if` only its question."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())[:100]
