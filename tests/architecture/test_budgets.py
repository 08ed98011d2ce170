"""Functions <= 40 lines without their docstring, files <= 300 lines, <= 5 parameters; everything annotated by mypy."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import (
    ROOT,
    Definition,
    SourceFile,
    demand_none,
    find_functions,
    parse_file,
    read_source,
)

LIMITS = {"function lines": 40, "file lines": 300, "parameters": 5}
EXCEPTIONS = Path(__file__).with_name("budget_exceptions.toml")

Measures = dict[tuple[str, str], int]


def count_lines(function: Definition) -> int:
    """From `def` to the end, decorators and docstring not counted."""
    assert function.end_lineno
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        assert first.end_lineno
        lines -= first.end_lineno - first.lineno + 1
    return lines


def count_parameters(function: Definition, is_method: bool) -> int:
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    bound = is_method and bool(names) and names[0] in ("self", "cls")
    return len(names) + len(given.kwonlyargs) + bool(given.vararg) + bool(given.kwarg) - bound


def measure(files: tuple[SourceFile, ...]) -> Measures:
    found: Measures = {}
    for file in files:
        found[file.name, "file lines"] = len(file.text.splitlines())
        for name, function, is_method in find_functions(file.tree):
            found[f"{file.name}::{name}", "function lines"] = count_lines(function)
            found[f"{file.name}::{name}", "parameters"] = count_parameters(function, is_method)
    return found


def judge(found: Measures, exceptions: Measures) -> list[str]:
    """One line for each measure over its budget, and for each exception that is not, or no longer, right."""
    over = {key: number for key, number in found.items() if number > LIMITS[key[1]]}
    wrong = [
        f"{where}: {number} {budget}, the budget is {LIMITS[budget]}"
        for (where, budget), number in over.items()
        if (where, budget) not in exceptions
    ]
    for (where, budget), number in exceptions.items():
        now = over.get((where, budget))
        if now is None:
            wrong.append(f"{where}: within {budget} now: take its exception out")
        elif now != number:
            wrong.append(f"{where}: the exception says {number} {budget}, it is {now}: exceptions may only shrink")
    return wrong


def read_exceptions() -> Measures:
    entries = tomllib.loads(EXCEPTIONS.read_text("utf-8"))["exception"]
    assert all(entry["because"].strip() for entry in entries), "every exception needs its reason"
    return {(entry["where"], entry["budget"]): entry["now"] for entry in entries}


def test_everything_is_within_its_budget() -> None:
    files = read_source() + read_source(ROOT / "scripts", ROOT) + read_source(ROOT / "lab", ROOT)
    demand_none(judge(measure(files), read_exceptions()))


@pytest.mark.parametrize(
    ("text", "measured"),
    [
        ("def f() -> None:\n" + "    x = 1\n" * 40, 41),
        ('def f() -> None:\n    """One.\n\n    Three."""\n' + "    x = 1\n" * 39, 40),
        ("@a\n@b\ndef f() -> None:\n    pass\n", 2),
    ],
)
def test_lines_are_counted_without_docstring_and_decorators(text: str, measured: int) -> None:
    assert measure((parse_file(text, "x.py", "x"),))["x.py::f", "function lines"] == measured


@pytest.mark.parametrize(
    ("text", "name", "measured"),
    [
        ("def f(a, b, c, d, e, f): ...", "f", 6),
        ("def f(a, /, b, *c, d, **e): ...", "f", 5),
        ("class A:\n    def f(self, a, b, c, d, e): ...", "A.f", 5),
        ("def f():\n    def g(a, b): ...", "f.g", 2),
        ("if x:\n    def f(self): ...", "f", 1),
    ],
)
def test_parameters_are_counted(text: str, name: str, measured: int) -> None:
    assert measure((parse_file(text, "x.py", "x"),))[f"x.py::{name}", "parameters"] == measured


def test_exceptions_may_only_shrink() -> None:
    key = ("x.py::f", "function lines")
    assert judge({key: 45}, {}) == ["x.py::f: 45 function lines, the budget is 40"]
    assert judge({key: 45}, {key: 45}) == []
    assert "may only shrink" in judge({key: 44}, {key: 45})[0]
    assert "may only shrink" in judge({key: 46}, {key: 45})[0]
    assert "take its exception out" in judge({key: 40}, {key: 45})[0]
    assert "take its exception out" in judge({}, {key: 45})[0]
