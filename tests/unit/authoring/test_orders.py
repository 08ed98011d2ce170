from codered.authoring.orders import Mark, Sample


def test_a_mark_stands_as_plain_text_or_as_utf16() -> None:
    assert Mark(b"zork").form() == b"zork"
    assert Mark(b"zork", wide=True).form() == "zork".encode("utf-16le")


def test_a_text_has_no_nul_near_its_beginning() -> None:
    assert Sample("a", 4, "", b"text" * 4000 + b"\0").text
    assert not Sample("a", 4, "", b"te\0t").text
