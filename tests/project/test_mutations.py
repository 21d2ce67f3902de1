"""What `make mutants` changes in a module, and what it leaves alone."""

import ast

import pytest

from mutations import mutants_of, mutated

SOURCE = '''"""A docstring: 3 < 4."""

from typing import Literal

Name = Literal["one", "two"]
LIMIT = 10


def inside(value: int = 3, *, name: str = "x") -> bool:
    """Whether 0 <= value."""
    if value < 0 and not name:
        raise ValueError(f"{value} is below {0}: expected 1.")
    for _, _ in zip([], [], strict=True):
        print("seen", 1)
    return abs(value) < LIMIT


class Thing:
    def __repr__(self) -> str:
        return "Thing" + "1"
'''


@pytest.fixture
def found(tmp_path):
    (tmp_path / "module.py").write_text(SOURCE, encoding="utf-8")
    return mutants_of(tmp_path, "module.py")


def test_these_changes_are_made_and_no_others(found):
    assert sorted((mutant.number, mutant.change) for mutant in found if mutant.number != 12) == sorted(
        [
            (6, "10 → 11"),
            (9, "3 → 4"),
            (9, "'x' → 'x?'"),
            (11, "value < 0 and (not name) → value < 0 or not name"),
            (11, "value < 0 → value <= 0"),
            (11, "value < 0 → value >= 0"),
            (11, "0 → 1"),
            (11, "not name → name"),
            (15, "return abs(value) < LIMIT → return None"),
            (15, "abs(value) < LIMIT → abs(value) <= LIMIT"),
            (15, "abs(value) < LIMIT → abs(value) >= LIMIT"),
            (15, "abs(value) → value"),
        ]
    )
    (no_error,) = [mutant for mutant in found if mutant.number == 12]
    assert no_error.change.endswith("→ pass")  # the words of an error are left alone, that there is one is not


def test_a_change_is_in_one_place_and_knows_its_function(found):
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    for mutant in found:
        after = ast.unparse(mutated(SOURCE, mutant)).splitlines()
        assert sum(one != other for one, other in zip(before, after, strict=True)) == 1, mutant.change
        assert mutant.function == (0 if mutant.number == 6 else 9)


def test_changes_that_look_alike_are_told_apart(tmp_path):
    (tmp_path / "module.py").write_text("PAIR = (1, 1)\n", encoding="utf-8")
    assert [mutant.change for mutant in mutants_of(tmp_path, "module.py")] == ["1 → 2", "1 → 2 (2)"]


@pytest.fixture
def mutants():
    return pytest.importorskip("mutants", reason="needs os.fork and what belongs to it")


def test_every_allowed_mutant_is_one_and_has_a_reason(root, mutants):
    entries = mutants.allowed()
    known = {mutant.key for file in {file for file, _, _ in entries} for mutant in mutants_of(root, file)}
    assert entries.keys() <= known
    assert all(len(reason) > 20 for reason in entries.values())


def test_every_room_has_modules_and_tests(root, mutants):
    for modules, tests in mutants.ROOMS.values():
        assert all(list((root / "mmr_toolkit").glob(module)) for module in modules)
        assert all((root / "tests" / name).exists() for name in tests)
