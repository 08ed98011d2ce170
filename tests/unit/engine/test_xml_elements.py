import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.engine import xml_elements
from codered.engine.xml_elements import MOST_BYTES, MOST_DEPTH, Element, encoding_of, read_elements

UTF16 = '<?xml version="1.0" encoding="UTF-16"?>\n<a>\u0a3e>\u3e3e<b x="\u0a0a"/>\n<c/></a\n>'


def read(data: bytes) -> tuple[list[Element], str]:
    found: list[Element] = []
    return found, read_elements(data, found.append)


def spans(data: bytes) -> dict[str, bytes]:
    found, why = read(data)
    assert why == ""
    return {element.name: data[element.start : element.end] for element in found}


def test_every_element_has_its_bytes() -> None:
    data = b'<r y="/>"><b>/></b ><c></c><d><!-- /> --></d><n:e n:x="1"  /><f><g/></f></r>'
    assert spans(data) == {
        "b": b"<b>/></b >", "c": b"<c></c>", "d": b"<d><!-- /> --></d>", "e": b'<n:e n:x="1"  />', "g": b"<g/>",
        "f": b"<f><g/></f>", "r": data,
    }  # fmt: skip
    assert [element.start for element in read(b"<a><a/></a>")[0]] == [3, 0], "the inner one first"
    found = {element.name: element for element in read(data)[0]}
    assert found["g"].parent is found["f"]
    assert found["g"].above("r") is found["r"]
    assert found["g"].above("b") is None
    assert found["r"].attributes == {"y": "/>"}


@pytest.mark.parametrize(
    ("start", "encoding"),
    [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"", "utf-16-le"), (b"", "utf-16-be")],
)
def test_utf16_has_its_bytes_too(start: bytes, encoding: str) -> None:
    data = start + UTF16.encode(encoding)
    found = {name: part.decode(encoding) for name, part in spans(data).items()}
    assert found == {"b": '<b x="\u0a0a"/>', "c": "<c/>", "a": UTF16[UTF16.index("<a>") :]}
    assert encoding_of(data) == encoding


def test_other_texts_are_read_byte_for_byte() -> None:
    assert spans(b'\xef\xbb\xbf<a x="\xc3\xa4"/>') == {"a": b'<a x="\xc3\xa4"/>'}
    assert spans(b'<?xml version="1.0" encoding="Windows-1252"?><a x="\x80"/>') == {"a": b'<a x="\x80"/>'}
    assert encoding_of(b"<a/>") == "latin-1"


def test_what_is_refused_is_said_and_what_came_before_counts() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY y "&x;&x;">]><a>&y;</a>'
    assert read(bomb) == ([], "it declares a document type, which no configuration needs: read up to there")
    for data, why in (
        (b"<r><a/>&foo;</r>", "undefined entity, line 1"),
        (b'<r><a/><b x="1" x="2"/></r>', "duplicate attribute"),
        (b"<r><a/>\n<b c=", "unclosed token, line 2"),
        (b"<r><a/></b></r>", "mismatched tag"),
        (b"<r><a/>" + b"<n>" * 10_000, f"more than {MOST_DEPTH} deep"),
    ):
        found, said = read(data)
        assert why in said
        assert (found[0].name, found[0].end) == ("a", 7)
        assert found[-1].name == "r"
        assert found[-1].end == 0, "it broke off inside"
    for data, why in (
        (b"", "no element found"),
        (b"\0" * 100, "not well-formed"),
        (b'<?xml version="1.0" encoding="cp037"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding"),
        (b'<?xml version="1.0" encoding="no_such"?><a/>', "encoding"),
        (b"\xff\xff<a/>", "not well-formed"),
    ):
        found, said = read(data)
        assert found == []
        assert why in said


def test_size_and_number_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(b"<a>" + bytes(MOST_BYTES) + b"</a>") == ([], "larger than 16 MiB: it is not read")
    monkeypatch.setattr(xml_elements, "MOST_ELEMENTS", 5)
    found, why = read(b"<r>" + b"<a/>" * 10 + b"</r>")
    assert "more than 5 elements" in why
    assert [element.name for element in found] == ["a"] * 4 + ["r"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_blanks_before_the_first_element_hide_no_encoding(encoding: str) -> None:
    found, why = read(" <b/>".encode(encoding))
    assert [(element.start, element.end) for element in found] == [(2, 10)], why


@given(
    st.lists(
        st.sampled_from(["<a>", "</a>", "<b/>", "<a x='>'>", "/>", " ", "text", "<!-- > -->", "é", "<"]), max_size=30
    )
)
def test_whatever_it_is_places_are_inside_and_in_order(parts: list[str]) -> None:
    for encoding in ("utf-8", "utf-16-le"):
        data = "".join(parts).encode(encoding)
        found, why = read(data)
        for element in found:
            assert 0 <= element.start < len(data)
            if element.end:
                piece = data[element.start : element.end].decode(encoding)
                assert piece[0] == "<"
                assert piece[-1] == ">"
                assert element.parent is None or element.parent.start < element.start
            else:
                assert why
