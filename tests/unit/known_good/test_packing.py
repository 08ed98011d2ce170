import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from codered.known_good.packing import pack, unpack


@given(st.binary(max_size=2000))
def test_there_and_back(plain: bytes) -> None:
    assert unpack(pack(plain), len(plain)) == plain


@given(st.binary(max_size=200))
def test_what_was_not_packed_is_refused_and_never_more_than_an_error(packed: bytes) -> None:
    try:
        assert len(unpack(packed, 1000)) <= 1000
    except ValueError:
        return


def test_more_than_the_limit_trailing_bytes_and_unsaid_sizes_are_refused() -> None:
    unsaid = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 100)
    for packed in (pack(b"x" * 1001), pack(b"x") + b"more", unsaid, b""):
        with pytest.raises(ValueError):
            unpack(packed, 1000)
