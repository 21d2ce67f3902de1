"""Fail when fewer tests ran than the floor in tests/floor.toml says, so that nothing can quietly drop out.

    python tools/count_tests.py reports/unit.xml reports/notebooks.xml

Each report's name, without .xml, is a line in the floor file. Skipped and failed tests do not count.
"""

import argparse
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

FLOOR = Path(__file__).resolve().parent.parent / "tests" / "floor.toml"


def passed(report: Path) -> int:
    """How many tests of a JUnit report passed; none where the run ended before it was written."""
    if not report.exists():
        return 0
    cases = ElementTree.parse(report).iter("testcase")
    return sum(1 for case in cases if not any(child.tag in ("skipped", "failure", "error") for child in case))


def below_floor(reports: list[Path], floor: dict[str, int]) -> list[str]:
    """A sentence for each report that stays below its floor or has no floor."""
    sentences = []
    for report in reports:
        name, count = report.stem, passed(report)
        print(f"{name}: {count} tests passed; floor {floor.get(name, 'missing')}")
        if name not in floor:
            sentences.append(f"tests/floor.toml has no line for {name}")
        elif count < floor[name]:
            sentences.append(f"{name}: {count} tests passed, expected at least {floor[name]} (tests/floor.toml)")
    return sentences


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="+", type=Path)
    sys.exit("\n".join(below_floor(parser.parse_args().reports, tomllib.loads(FLOOR.read_text(encoding="utf-8")))) or 0)
