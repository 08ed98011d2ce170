"""docs/architecture.md names the rooms that there are, on the floors where pyproject.toml has them."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.source_tree import HEADQUARTERS, ROOT, SOURCE, demand_none

PAGE = ROOT / "docs" / "architecture.md"
PARTS = {"codered": (SOURCE, "## Rooms"), "codered_hq": (HEADQUARTERS, "## Headquarters")}
DRAWN = {"codered": "## Floors", "codered_hq": "## Headquarters"}


def read_section(title: str) -> str:
    """The text from a heading of the second level to the next one."""
    found = re.search(rf"^{re.escape(title)}.*?(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found, title
    return found[0]


def list_named(section: str) -> set[str]:
    """The rooms in the first column of a section's table, by the folder or module at the top: `export/reports/` is
    export, `drill.py` is drill.
    """
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    names = (name for cell in cells for name in re.findall(r"`([a-z_]+)(?:\.py|/)", cell))
    return set(names)


def list_floors(section: str) -> list[set[str]]:
    """The floors that a section draws, from the top: indented lines that begin with names."""
    rows = re.findall(r"^    ([a-z_]+(?: \| [a-z_]+)*)(?:  | *$)", section, re.MULTILINE)
    return [set(row.split(" | ")) for row in rows]


def read_layers(package: str) -> list[set[str]]:
    """The floors that pyproject.toml has, from the top."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == [package])
    return [set(re.findall(r"[a-z_]+", layer)) for layer in layers]


def list_rooms(source: Path) -> set[str]:
    """The folders and modules at the top of a package."""
    folders = {path.parent.name for path in source.glob("*/__init__.py")}
    return folders | {path.stem for path in source.glob("*.py") if not path.stem.startswith("__")}


@pytest.mark.parametrize("package", sorted(PARTS))
def test_every_room_is_in_the_table_and_nothing_else(package: str) -> None:
    source, title = PARTS[package]
    named, rooms = list_named(read_section(title)), list_rooms(source)
    floors = set().union(*list_floors(read_section(DRAWN[package])))
    folders = {room for room in rooms if (source / room).is_dir()}
    demand_none(f"{package}/{room}/: no row in docs/architecture.md" for room in sorted(folders - named))
    demand_none(f"{package}/{room}: a row in docs/architecture.md, and no such room" for room in sorted(named - rooms))
    modules = sorted(rooms - folders - named - floors)
    demand_none(f"{package}/{room}.py: neither a row nor a floor in docs/architecture.md" for room in modules)


@pytest.mark.parametrize("package", sorted(PARTS))
def test_the_floors_drawn_are_those_that_are_checked(package: str) -> None:
    drawn = list_floors(read_section(DRAWN[package]))
    checked = [layer - {"__main__"} for layer in read_layers(package)]
    assert drawn == [layer for layer in checked if layer]


@pytest.mark.parametrize("package", sorted(PARTS))
def test_every_layer_is_a_room(package: str) -> None:
    source, _ = PARTS[package]
    named = set().union(*read_layers(package)) - {"__main__"}
    demand_none(f"pyproject.toml: {room}: no such room in {package}" for room in sorted(named - list_rooms(source)))


def test_what_is_no_row_is_seen() -> None:
    section = "| room | holds |\n|---|---|\n| `hosts/`, `sweeps/` | tables |\n| `drill.py` | a drill of `no/room/` |\n"
    assert list_named(section) == {"hosts", "sweeps", "drill"}
    assert list_floors("    cli      words\n    a | b_c | d\n       neighbours are strangers\n") == [
        {"cli"},
        {"a", "b_c", "d"},
    ]
