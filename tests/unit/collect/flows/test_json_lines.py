import msgspec

from codered.collect.flows.json_lines import decode_line, to_bytes


class Line(msgspec.Struct):
    url: str


DECODER = msgspec.json.Decoder(Line)


def test_half_characters_and_foreign_bytes_are_mended() -> None:
    assert decode_line(b'{"url":"/\\ud800x"}', DECODER) == Line("/?x")
    assert decode_line(b'{"url":"/\xff"}', DECODER) == Line("/\\xff")


def test_what_is_no_record_says_why() -> None:
    for line in (b"{", b"[1]", b'{"url":1}', b"[" * 100_000, b"\xff"):
        assert "no record" in str(decode_line(line, DECODER))


def test_text_is_given_back_as_bytes() -> None:
    assert to_bytes("/ä\ud800") == b"/\xc3\xa4\\ud800"
