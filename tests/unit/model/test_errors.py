import ast
from pathlib import Path

import pytest

import codered
from codered.model.errors import (
    AwaitingApproval,
    CodeRedError,
    CoverageIncomplete,
    ExitCode,
    NotRolledBack,
    Refused,
    RolledBack,
    WrongUse,
)


def test_exit_codes_are_fixed() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "CLEAN": 0,
        "FOUND": 1,
        "WRONG_USE": 2,
        "INCOMPLETE": 3,
        "REFUSED": 4,
        "AWAITING_APPROVAL": 5,
        "ROLLED_BACK": 6,
        "NOT_ROLLED_BACK": 7,
        "BUG": 70,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CodeRedError, 70),
        (WrongUse, 2),
        (CoverageIncomplete, 3),
        (Refused, 4),
        (AwaitingApproval, 5),
        (RolledBack, 6),
        (NotRolledBack, 7),
    ],
)
def test_every_error_has_its_code(error: type[CodeRedError], code: int) -> None:
    assert error("x").exit_code == code


@pytest.mark.parametrize(
    ("where", "advice", "text"),
    [
        ("", "", "it broke"),
        ("a.yaml:3", "", "a.yaml:3: it broke"),
        ("", "mend it", "it broke — mend it"),
        ("a.yaml:3", "mend it", "a.yaml:3: it broke — mend it"),
    ],
)
def test_an_error_tells_what_where_and_what_to_do(where: str, advice: str, text: str) -> None:
    error = WrongUse("it broke", where=where, advice=advice)
    assert str(error) == text
    assert (error.what, error.where, error.advice) == ("it broke", where, advice)


def test_no_other_errors_slip_in_between() -> None:
    """By the text, not by what happens to be imported; headquarters' pages and API have answers of their own."""
    host_tool = Path(codered.__file__).parent
    found = {
        node.name
        for file in host_tool.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "CodeRedError" for base in node.bases)
    }
    assert found == {
        "WrongUse",
        "CoverageIncomplete",
        "Refused",
        "AwaitingApproval",
        "RolledBack",
        "NotRolledBack",
    }
