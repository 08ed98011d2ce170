import importlib.metadata
import platform
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from codered.model.errors import WrongUse
from codered_hq.shipping import parts
from tests.architecture.source_tree import ROOT


def list_required() -> set[str]:
    """What pyproject.toml's own dependencies come to, with all that those require on this system."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    left, found = [Requirement(each) for each in project["dependencies"]], set()
    while left:
        each = left.pop()
        name = each.name.lower().replace("_", "-")
        if name in found or (each.marker and not each.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        left += [Requirement(more) for more in importlib.metadata.requires(name) or ()]
    return found


def test_the_list_is_what_the_host_tool_requires() -> None:
    listed = {name.lower() for name in parts.read_host_parts().distributions}
    # of what cffi may want only when it builds something, and of older Pythons, nothing is left out either
    assert list_required() <= listed
    assert listed - list_required() <= {"cffi", "pycparser", "typing-extensions"}


def test_our_code_the_packs_and_what_they_lean_on_are_in_it_and_nothing_else() -> None:
    found = parts.list_parts(with_prober=False)
    for name in (
        "codered/__main__.py", "codered/cli/answer.py", "codered/model/script_facts.json",
        "codered/shipped_packs/codered/pack.yaml", "yara_x/yara_x.abi3.so", "yara_x-1.23.0.dist-info/METADATA",
        "ply/yacc.py", "rich/console.py", "_cffi_backend.cpython-311-x86_64-linux-gnu.so",
    ):  # fmt: skip
        assert found[name].is_file(), name
    tops = {name.split("/")[0].split("-")[0] for name in found}
    assert not tops & {"codered_hq", "django", "pytest", "aerleon", "tests"}
    assert not [name for name in found if "__pycache__" in name or name.endswith((".pyc", ".pyi", "RECORD"))]
    assert not [name for name in found if name.startswith(("/", "..")) or "/../" in name]
    assert list(found) == sorted(found)


def test_a_scan_point_has_the_prober_and_no_django() -> None:
    more = set(parts.list_parts(with_prober=True)) - set(parts.list_parts(with_prober=False))
    assert {"codered_hq/__init__.py", "codered_hq/model/sweep.py", "codered_hq/probing/__init__.py"} <= more
    assert {name.split("/")[1] for name in more} == {"__init__.py", "model", "probing"}


def test_the_oldest_glibc_is_that_of_the_neediest_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wheel:
        text = ""

        def read_text(self, _name: str) -> str:
            return self.text

    assert (2, 17) <= parts.find_glibc() <= (2, 40)
    wheel = Wheel()
    monkeypatch.setattr(parts, "_find", lambda _name: wheel)
    for text, needs in (
        ("Tag: py3-none-any\n", (2, 5)),
        ("Tag: cp311-cp311-manylinux_2_28_x86_64\n", (2, 28)),
        ("Tag: cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64\n", (2, 17)),
        ("Tag: cp311-cp311-manylinux2010_x86_64\nTag: cp311-cp311-manylinux_2_24_x86_64\n", (2, 12)),
        ("Tag: cp311-cp311-linux_x86_64\n", tuple(map(int, platform.libc_ver()[1].split(".")))),
    ):
        wheel.text = text
        assert parts.find_glibc() == needs, text


def test_what_is_missing_here_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        files = ()

    class Lost:
        def __init__(self) -> None:
            self.files = (self,)

        def __str__(self) -> str:
            return "x/gone.py"

        def locate(self) -> Path:
            return tmp_path / "gone.py"

    with pytest.raises(WrongUse, match="no-such-thing: is not installed here"):
        parts._list_distribution("no-such-thing")
    monkeypatch.setattr(parts, "_find", lambda _name: Broken())
    with pytest.raises(WrongUse, match="lists no files of its own"):
        parts._list_distribution("broken")
    monkeypatch.setattr(parts, "_find", lambda _name: Lost())
    with pytest.raises(WrongUse, match=r"x/gone\.py is missing"):
        parts._list_distribution("lost")
