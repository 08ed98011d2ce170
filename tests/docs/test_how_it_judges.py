"""The numbers that docs/how-it-judges.md tells are those of the code."""

import ast
import json
import operator
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.architecture.source_tree import ROOT, SOURCE, demand_none, find_assigned

PAGE = ROOT / "docs" / "how-it-judges.md"
ROW = re.compile(r"^\|.*\| (-?[0-9.]+) \| `([\w/.]+): ([\w.]+)(?:\[(\d+)\])?` \|$", re.MULTILINE)
OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {ast.LShift: operator.lshift, ast.Mult: operator.mul}


def compute(node: ast.expr) -> float:
    """A number as the code writes it: 30, -1.5, 64 << 10."""
    if isinstance(node, ast.BinOp):
        return float(OPERATORS[type(node.op)](int(compute(node.left)), int(compute(node.right))))
    value = ast.literal_eval(node)
    assert isinstance(value, int | float)
    return float(value)


def read_number(file: Path, name: str, row: str) -> float:
    """The number of that name: a key of a table, a name at the top of a module, or a class's field; of a table of
    (number, word) the row.
    """
    if file.suffix in (".yaml", ".json"):
        text = file.read_text("utf-8")
        return float((yaml.safe_load(text) if file.suffix == ".yaml" else json.loads(text))[name])
    body: ast.Module | ast.ClassDef = ast.parse(file.read_text("utf-8"))
    *owner, name = name.split(".")
    if owner:
        body = next(node for node in body.body if isinstance(node, ast.ClassDef) and node.name == owner[0])
    value = find_assigned(ast.Module(body.body, []), name)
    assert value is not None, f"{file.name} has no {name}"
    if row:
        assert isinstance(value, ast.Tuple)
        pair = value.elts[int(row)]
        assert isinstance(pair, ast.Tuple)
        value = pair.elts[0]
    return compute(value)


def test_every_number_is_the_codes() -> None:
    rows = ROW.findall(PAGE.read_text("utf-8"))
    assert len(rows) > 25
    demand_none(
        f"{file}: {name} is {read_number(SOURCE / file, name, row):g}, the page says {said}"
        for said, file, name, row in rows
        if read_number(SOURCE / file, name, row) != float(said)
    )


def test_every_row_with_a_place_is_read() -> None:
    text = PAGE.read_text("utf-8")
    assert len(re.findall(r"^\|.*\| `[\w/.]+\.(?:py|yaml|json): ", text, re.MULTILINE)) == len(ROW.findall(text))


@pytest.mark.parametrize("heading", ["**Looks at**", "**Decides**", "**Wrong when**", "**Can't see**"])
def test_every_layer_says_what_it_can_and_can_not(heading: str) -> None:
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[2:-1]
    assert len(sections) >= 12
    demand_none(f"{section.splitlines()[0]}: no {heading}" for section in sections if heading not in section)


def test_a_number_that_differs_is_seen(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("A = 4 << 10\nLEVELS = ((200, 'a'), (50, 'b'))\nclass C:\n    b: int = 7\n")
    (tmp_path / "x.yaml").write_text("c: -1.5\n")
    assert read_number(tmp_path / "x.py", "A", "") == 4096
    assert read_number(tmp_path / "x.py", "LEVELS", "1") == 50
    assert read_number(tmp_path / "x.py", "C.b", "") == 7
    assert read_number(tmp_path / "x.yaml", "c", "") == -1.5
    with pytest.raises(AssertionError, match="has no D"):
        read_number(tmp_path / "x.py", "D", "")
