import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered_hq.resolving.host_names import read_host_name


def test_names_are_written_alike() -> None:
    assert read_host_name(" PC-17.Office.Example. ") == "pc-17.office.example"


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "-x.example", "10.1.2.3", "localhost", "a" * 64, "a.b\x1b[2J", "ü.example", "x\\000y", "a b"],
)
def test_what_no_host_is_called(text: str) -> None:
    assert read_host_name(text) == ""


@given(st.text(max_size=300))
def test_what_comes_out_is_plain(text: str) -> None:
    name = read_host_name(text)
    assert len(name) <= 253
    assert name.isascii()
    assert read_host_name(name) == name
