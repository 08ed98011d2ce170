import os
import py_compile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.known_good.compiled_python import fits_source, is_compiled, name_source, with_source

OF_3_6 = (3379).to_bytes(2, "little") + b"\r\n" + (7).to_bytes(4, "little") + (3).to_bytes(4, "little")
OF_2_7 = (62211).to_bytes(2, "little") + b"\r\n" + (7).to_bytes(4, "little") + (3).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("rel", "source"),
    [
        (b"usr/lib/__pycache__/a.cpython-311.pyc", b"usr/lib/a.py"),
        (b"__pycache__/a.b.cpython-311.opt-2.pyc", b"a.b.py"),
        (b"__pycache__/a.pypy39.pyc", b"a.py"),
        (b"x/a.pyc", b"x/a.py"),
        (b"a.pyo", b"a.py"),
        (b"__pycache__/a.pyc", b""),
        (b"x/.pyc", b""),
        (b"x/a.py", b""),
    ],
)
def test_the_source_of_a_compiled_file(rel: bytes, source: bytes) -> None:
    assert name_source(rel) == source


def test_what_python_compiles_fits_its_source_until_that_changes(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    data = Path(py_compile.compile(str(source), doraise=True, invalidation_mode=TIMED) or "").read_bytes()
    seen = source.stat()
    assert fits_source(data, seen.st_mtime_ns, seen.st_size)
    assert not fits_source(data, seen.st_mtime_ns + 10**9, seen.st_size)
    assert not fits_source(data, seen.st_mtime_ns, seen.st_size + 1)
    os.utime(source, (1, 1))
    again = Path(py_compile.compile(str(source), doraise=True, invalidation_mode=TIMED) or "").read_bytes()
    assert again != data
    assert with_source(again, seen.st_mtime_ns, seen.st_size) == data


def test_what_goes_by_a_hash_does_not_fit_for_python_may_never_check_it(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    source.write_text("x = 1\n")
    for mode in (py_compile.PycInvalidationMode.UNCHECKED_HASH, py_compile.PycInvalidationMode.CHECKED_HASH):
        data = Path(py_compile.compile(str(source), doraise=True, invalidation_mode=mode) or "").read_bytes()
        assert not fits_source(data, source.stat().st_mtime_ns, source.stat().st_size)


def test_older_headers() -> None:
    assert fits_source(OF_3_6, 7_900_000_000, 3)
    assert not fits_source(OF_2_7, 7_900_000_000, 3)


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(-(2**62), 2**62))
def test_no_bytes_bring_it_down(rel: bytes, data: bytes, number: int) -> None:
    assert is_compiled(rel) or not name_source(rel)
    assert not fits_source(data[:11], number, number)
    assert isinstance(with_source(data, number, number), bytes)


TIMED = py_compile.PycInvalidationMode.TIMESTAMP
