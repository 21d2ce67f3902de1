"""No test asks two computations for the same last digit: other processors add in another order."""

import ast

import pytest

from project_files import PYTHON_FILES, ROOT, relative

TESTS = [path for path in PYTHON_FILES if path.is_relative_to(ROOT / "tests")]
#: Names that stand for computed numbers in the tests of this project.
NUMBERS = {
    "score", "scores", "score_all", "shares", "importance", "mean", "norm", "cosine", "inner_product",
    "euclidean", "encode", "search", "fusion", "vectors",
}  # fmt: skip
#: What is asked of numbers, but gives none: sizes, types, places.
NO_NUMBERS = {
    "len", "list", "type", "str", "set", "shape", "dtype", "device", "columns", "index", "argsort", "argmax", "id",
    "ids", "rank", "position", "mask", "isneginf", "approx", "ended",
}  # fmt: skip
EXACT = {"equal", "array_equal", "assert_array_equal"}


def name_of(node: ast.AST) -> str:
    """What a call, an attribute or a variable is called."""
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", getattr(node, "id", ""))


def computed(node: ast.AST) -> bool:
    """Whether an expression holds one of the numbers."""
    name = name_of(node)
    if name in NO_NUMBERS:
        return False
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        return computed(node.elt)
    if isinstance(node, ast.DictComp):
        return computed(node.value)
    return name in NUMBERS or any(computed(child) for child in ast.iter_child_nodes(node))


def exact_comparisons(source: str) -> list[int]:
    """Lines that ask two computed numbers for equality and do not say `# exact: ` and why that may be."""
    lines, found = source.splitlines(), []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
            sides = [node.test.left, *node.test.comparators]
            asks = all(isinstance(operator, ast.Eq) for operator in node.test.ops)
        elif isinstance(node, ast.Call) and name_of(node) in EXACT:
            sides, asks = node.args[:2], True
        else:
            continue
        text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if asks and len(sides) > 1 and all(computed(side) for side in sides) and "# exact: " not in text:
            found.append(node.lineno)
    return found


def test_numbers_that_were_computed_in_two_ways_may_differ_in_the_last_digit():
    found = {relative(path): exact_comparisons(path.read_text(encoding="utf-8")) for path in TESTS}
    found = {name: lines for name, lines in found.items() if lines}
    assert found == {}, "compare with a tolerance, or say `# exact: the same computation twice` behind it"


@pytest.mark.parametrize(
    "source",
    [
        "assert found.score == alone.score",
        "assert [hit.score for hit in found] == [hit.score for hit in before]",
        "assert retriever.search('wine') == other.search('wine')",
        "assert scores.tolist() == cosine(a, b).tolist()",
        "assert torch.equal(fused_scores, one.score_all(q)) and torch.equal(fusion(a), fusion(b))",
        "np.testing.assert_array_equal(encoder.encode(texts), encoder.encode(texts[:1]))",
        "assert a.score == b.score == c.score",
    ],
)
def test_it_notices(source):
    assert exact_comparisons(source) == [1]


@pytest.mark.parametrize(
    "source",
    [
        "assert found.score == pytest.approx(alone.score)",
        "assert found.score == 2",
        "assert hit.rank == 1 and hit.score > other.score",
        "assert len(scores) == len(vectors)",
        "assert scores.shape == vectors.shape",
        "assert [hit.id for hit in a.search('x')] == ids",
        "assert found.score == again.score  # exact: the same computation twice",
        "assert (\n    found.score\n    == again.score  # exact: a copy\n)",
        "np.testing.assert_allclose(encoder.encode(texts), encoder.encode(texts[:1]))",
        "torch.testing.assert_close(fusion(a), fusion(b))",
    ],
)
def test_it_lets_pass(source):
    assert exact_comparisons(source) == []
