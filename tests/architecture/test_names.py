"""No drawers: a module is named for what is in it."""

import re

import pytest

from tests.architecture.source_tree import ROOT, demand_none, read_source

DRAWERS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "managers", "misc", "tools", "stuff"}


def find_drawers(module: str) -> set[str]:
    return {word for word in re.split(r"[._]", module) if word in DRAWERS}


def test_no_module_is_a_drawer() -> None:
    files = read_source() + read_source(ROOT / "scripts", ROOT) + read_source(ROOT / "lab", ROOT)
    demand_none(file.name for file in files if find_drawers(file.module))


@pytest.mark.parametrize(
    "module", ["codered.utils", "codered.detect.log_helpers", "codered.base.x", "codered.pack_manager"]
)
def test_drawers_are_seen(module: str) -> None:
    assert find_drawers(module)


@pytest.mark.parametrize("module", ["codered.database", "codered.detect.commonality"])
def test_names_that_only_look_alike_are_let_through(module: str) -> None:
    assert not find_drawers(module)
