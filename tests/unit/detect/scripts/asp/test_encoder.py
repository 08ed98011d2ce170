from hypothesis import given
from hypothesis import strategies as st

from codered.detect.scripts.asp.encoder import decode_block, decode_blocks


def test_a_published_block_is_decoded() -> None:
    text, at = decode_blocks("x#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQAAA==^#~@%>")
    assert (text, at) == ('xMsgBox "Hello"%>', 1)
    assert decode_blocks("plain") == ("plain", -1)


@given(st.text(max_size=200))
def test_any_text_is_decoded_to_something(text: str) -> None:
    assert len(decode_block(text)) <= len(text)
    assert decode_blocks("#@~^" + text)[1] == 0
