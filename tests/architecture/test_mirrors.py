"""Every source file has its test in the same place, and every unit test its source file."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT, SourceFile, demand_none, parse_file, read_source

FOLDERS = {"codered": "tests/unit", "codered_hq": "tests/headquarters"}
# And apps.py: every test that opens a database uses them; and the lists of addresses of the console's rooms:
# tests/browser/test_every_page.py asks for each that they name.
DECLARES_ONLY = frozenset(["src/codered_hq/settings.py", "src/codered_hq/console_settings.py"])


def name_test(source: str) -> str:
    """The test file of a source file, both below the repository: src/codered/a/b.py -> tests/unit/a/test_b.py."""
    path = Path(source)
    package = path.parts[1]
    below = path.relative_to(f"src/{package}")
    return (Path(FOLDERS[package]) / below.with_name(f"test_{path.stem.strip('_')}.py")).as_posix()


def holds_logic(file: SourceFile) -> bool:
    """False for an `__init__.py` that only says what the room is, lists or re-exports."""
    if file.name in DECLARES_ONLY or file.name.endswith(("/apps.py", "/urls.py")):
        return False
    return not file.name.endswith("__init__.py") or any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in file.tree.body
    )


def test_every_source_file_has_its_test() -> None:
    wanted = {name_test(file.name): file.name for file in read_source() if holds_logic(file)}
    demand_none(f"{source}: no {test}" for test, source in wanted.items() if not (ROOT / test).is_file())


def test_every_unit_test_has_its_source_file() -> None:
    possible = {name_test(file.name) for file in read_source()}
    found = {
        path.relative_to(ROOT).as_posix() for folder in FOLDERS.values() for path in (ROOT / folder).rglob("test_*.py")
    }
    demand_none(f"{test}: no source file of this name" for test in sorted(found - possible))


def test_tests_have_no_init_files() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.mark.parametrize(
    ("source", "test"),
    [
        ("src/codered/scan.py", "tests/unit/test_scan.py"),
        ("src/codered/remediate/actions/delete_file.py", "tests/unit/remediate/actions/test_delete_file.py"),
        ("src/codered/targets/__init__.py", "tests/unit/targets/test_init.py"),
        ("src/codered/__main__.py", "tests/unit/test_main.py"),
        ("src/codered_hq/hosts/models.py", "tests/headquarters/hosts/test_models.py"),
    ],
)
def test_names_of_tests(source: str, test: str) -> None:
    assert name_test(source) == test


def test_init_files_with_functions_need_a_test() -> None:
    name = "src/codered/x/__init__.py"
    assert not holds_logic(parse_file('"""A room."""\nfrom a import b\nLIST = (b,)\n', name, "codered.x"))
    assert holds_logic(parse_file("def f() -> None: ...\n", name, "codered.x"))
