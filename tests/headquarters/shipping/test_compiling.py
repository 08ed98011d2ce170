import io
import sys
from pathlib import Path

from codered_hq.shipping.compiling import compile_all


def test_python_is_compiled_to_the_same_bytes_and_what_is_none_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("NAMES = frozenset({'a', 'b', 'c', 'd'})\n")
    (tmp_path / "bad.py").write_text("print 'old'\n")
    text = "".join(f"{tmp_path}/{each}.py\t{tmp_path}/{each}.pyc\tx/{each}.py\n" for each in ("good", "bad"))
    assert compile_all(io.StringIO(text)) == 1
    first = (tmp_path / "good.pyc").read_bytes()
    assert compile_all(io.StringIO(text)) == 1
    assert (tmp_path / "good.pyc").read_bytes() == first
    assert int.from_bytes(first[4:8], "little") == 1  # by hash, and the hash is not looked at
    assert b"x/good.py" in first
    assert str(tmp_path).encode() not in first
    assert not (tmp_path / "bad.pyc").exists()
    assert sys.implementation.cache_tag == "cpython-311"
