# SPDX-License-Identifier: BSD-2-Clause
"""docs/rfc.md names, for each requirement, the tests that hold it: every requirement has a row, every test exists."""
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
REQUIREMENTS = list(range(1, 144))
GTEST = re.compile(r"\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\s*\)")
NOT_DONE = "not done: "


def rows():
    """(requirement numbers, the row's last two cells: where, tests)"""
    for line in (ROOT / "docs/rfc.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        numbers = re.fullmatch(r"R(\d+)(?:-R(\d+))?", cells[0])
        if numbers:
            first, last = int(numbers[1]), int(numbers[2] or numbers[1])
            yield range(first, last + 1), cells[2], cells[3]


def existing_tests():
    names = set()
    for source in ROOT.glob("tests/**/*.cpp"):
        names.update(f"{suite}.{test}" for suite, test in GTEST.findall(source.read_text()))
    for source in ROOT.glob("tests/**/test_*.py"):
        functions = re.findall(r"^def (test_\w+)\(", source.read_text(), re.MULTILINE)
        names.update(f"{source.relative_to(ROOT / 'tests')}::{function}" for function in functions)
    for script in ROOT.glob("tests/**/CMakeLists.txt"):
        names.update(re.findall(r"\bNAME ([\w.]+)", script.read_text()))
    return names


def test_every_requirement_has_one_row():
    listed = sorted(number for numbers, _, _ in rows() for number in numbers)
    assert listed == REQUIREMENTS


def test_every_row_names_tests_or_says_why_not():
    for numbers, where, tests in rows():
        done = re.findall(r"`[^`]+`", tests)
        assert done or tests.startswith(NOT_DONE), f"R{numbers[0]}: neither a test nor '{NOT_DONE}REASON'"
        assert where or tests.startswith(NOT_DONE), f"R{numbers[0]}: where in the code?"


def test_every_named_test_exists():
    existing = existing_tests()
    named = {name for _, _, tests in rows() for name in re.findall(r"`([^`]+)`", tests)}
    assert sorted(named - existing) == []


def test_every_named_file_exists():
    for numbers, where, _ in rows():
        for path in re.findall(r"`([^`]+)`", where):
            assert list(ROOT.glob(path)), f"R{numbers[0]}: there is no {path}"
