import os
import py_compile
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.scan.baselining import BaselineRequest, CompareRequest, compare_system, create_baseline
from codered.targets import open_target

TIMED = py_compile.PycInvalidationMode.TIMESTAMP
CACHED = "usr/lib/app/__pycache__/a.cpython-311.pyc"


def _compile(source: Path, into: Path) -> None:
    py_compile.compile(str(source), str(into), dfile="a.py", doraise=True, invalidation_mode=TIMED)


def _renew(root: Path) -> None:
    _compile(root / "usr/lib/app/a.py", root / CACHED)


def _replace_code(root: Path) -> None:
    """Other code with the header of the right one: Python runs it."""
    head = (root / CACHED).read_bytes()[:16]
    other = root.parent / "evil.py"
    other.write_text("print('inert marker')\n")
    _compile(other, root / CACHED)
    (root / CACHED).write_bytes(head + (root / CACHED).read_bytes()[16:])


def _replace_code_and_touch(root: Path) -> None:
    os.utime(root / "usr/lib/app/a.py", (5, 5))
    _renew(root)
    _replace_code(root)


def _touch(root: Path) -> None:
    os.utime(root / "usr/lib/app/a.py", (5, 5))
    _renew(root)


def _change_source(root: Path) -> None:
    (root / "usr/lib/app/a.py").write_text("x = 2\n")
    _renew(root)


def _compile_another(root: Path) -> None:
    _compile(root / "usr/lib/app/b.py", root / "usr/lib/app/__pycache__/b.cpython-311.pyc")


def _plant(root: Path) -> None:
    _compile(root / "usr/lib/app/a.py", root / "usr/lib/app/evil.pyc")
    (root / "usr/lib/app/__pycache__/b.cpython-311.pyc").write_bytes((root / CACHED).read_bytes()[:8] + b"\0" * 50)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_renew, set()),
        (_touch, set()),
        (_compile_another, set()),
        (lambda root: (root / CACHED).unlink(), set()),
        (_change_source, {("content", "/usr/lib/app/a.py")}),
        (_replace_code, {("content", f"/{CACHED}")}),
        (_replace_code_and_touch, {("content", f"/{CACHED}")}),
        (lambda root: (root / CACHED).chmod(0o666), {("mode", f"/{CACHED}")}),
        (
            _plant,
            {
                ("new-executable", "/usr/lib/app/evil.pyc"),
                ("new-executable", "/usr/lib/app/__pycache__/b.cpython-311.pyc"),
            },
        ),
    ],
)
def test_compiled_python_is_told_unless_its_source_explains_it(
    tmp_path: Path, change: Callable[[Path], object], expected: set[tuple[str, str]]
) -> None:
    root = tmp_path / "root"
    (root / "usr/lib/app/__pycache__").mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
    (root / "usr/lib/app/a.py").write_text("x = 1\n")
    (root / "usr/lib/app/b.py").write_text("y = 1\n")
    os.utime(root / "usr/lib/app/b.py", (2**31, 2**31))
    _renew(root)
    target = open_target(str(root))
    before = create_baseline(target, BaselineRequest()).baseline
    change(root)
    for jobs in (1, 2):
        found = compare_system(target, before, CompareRequest(jobs=jobs))
        assert {(item.kind, item.shown) for item in found.deviations} == expected
