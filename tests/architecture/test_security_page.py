"""The page that says how the console is secured names tests that are there."""

import ast
import re
from functools import cache

from tests.architecture.source_tree import ROOT, demand_none

PAGE = ROOT / "docs" / "security-console.md"
NAMED = re.compile(r"`([a-z_/0-9]+)::(test_[a-z_0-9]+)`")


@cache
def list_tests(file: str) -> frozenset[str]:
    """The tests in tests/FILE.py; none if there is no such file."""
    place = ROOT / "tests" / f"{file}.py"
    if not place.is_file():
        return frozenset()
    tree = ast.parse(place.read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def find_missing(text: str) -> list[str]:
    return [f"{file}::{test}: no such test" for file, test in NAMED.findall(text) if test not in list_tests(file)]


def test_every_test_that_is_named_is_there() -> None:
    text = PAGE.read_text("utf-8")
    assert len(set(NAMED.findall(text))) > 40
    demand_none(find_missing(text))


def test_every_row_has_a_proof_or_says_why_not() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| \d+\.\d", line)]
    assert len(rows) > 40
    demand_none(
        f"{row[:60]}: neither a test nor a word why not"
        for row in rows
        if not NAMED.search(row) and "**not done" not in row and "**partly" not in row
    )


def test_a_test_that_is_not_there_is_found() -> None:
    assert find_missing("`architecture/test_security_page::test_a_test_that_is_not_there_is_found`") == []
    assert find_missing("`architecture/test_security_page::test_no`") == [
        "architecture/test_security_page::test_no: no such test"
    ]
    assert find_missing("`no/such::test_x`") == ["no/such::test_x: no such test"]
