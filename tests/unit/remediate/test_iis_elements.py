import pytest

from codered.model.finding import Evidence, Finding, Subject
from codered.remediate.byte_cuts import Cut
from codered.remediate.drafts import LeftOut
from codered.remediate.iis_elements import (
    Document,
    attribute_cut,
    entry_cut,
    find_element,
    find_name,
    read_document,
)


def cut(document: Document, where: Cut) -> bytes:
    return document.data[: where.start] + where.becomes + document.data[where.end :]


def make_finding(data: bytes | None, line: int = 1) -> Finding:
    evidence = (
        Evidence(what="line", source="line", line=line, sha256="x", data=data),
        Evidence(what=".ida", source="name"),
    )
    subject = Subject(kind="setting", path="/x", key="k")
    return Finding(
        id="f", pack="heuristics", indicator="i", layer="settings", subject=subject, confidence="likely",
        severity="high", because="", evidence=evidence,
    )  # fmt: skip


def test_an_element_is_found_by_its_line_and_its_bytes() -> None:
    data = b'<a><b x="1"/><b x="2"/>\n<b x="1"/></a>'
    document = read_document(data)
    assert find_element(document, make_finding(b'<b x="2"/>'), 0, 24).start == data.index(b'<b x="2"/>')
    assert find_element(document, make_finding(b'<b x="1"/>'), 24, 40).start == 24
    for seen, why in ((b'<b x="3"/>', "not there as it was seen"), (b"", "which element"), (None, "which element")):
        with pytest.raises(LeftOut, match=why):
            find_element(document, make_finding(seen), 0, 24)
    assert find_name(make_finding(b"x")) == ".ida"
    with pytest.raises(LeftOut, match="can't be edited safely"):
        read_document(b"<a><b></a>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_bytes_of_an_attribute(encoding: str) -> None:
    head = '<?xml version="1.0" encoding="utf-16"?>' if "16" in encoding else ""
    text = head + '<a>𝔄<b\tw = \'x="1"/>\' Äà=\'ž𝔄\' Path="c:\\">>x="9"</b></a>'
    document = read_document(text.encode(encoding))
    element = document.elements[0]
    made = cut(document, attribute_cut(document, element, "Path", 'd:\\<&"'))
    assert made.decode(encoding) == text.replace('"c:\\"', '"d:\\&lt;&amp;&quot;"')
    assert cut(document, attribute_cut(document, element, "w", "")).decode(encoding) == text.replace('x="1"/>\'', "'")
    made = cut(document, attribute_cut(document, element, "w", "é"))
    assert read_document(made).elements[0].attributes["w"] == "é"
    with pytest.raises(LeftOut, match="no AccessFlags any more"):
        attribute_cut(document, element, "AccessFlags", "x")
    with pytest.raises(LeftOut, match="no x any more"):
        attribute_cut(document, element, "x", "9")


def test_entries_of_a_script_map_go_with_their_blanks() -> None:
    maps = ".asp,C:\\Program Files\\a.dll,5,à.x,à\r\n\t.ida,C:\\i.dll,7,GET\r\n\t*,C:\\w.dll,0"
    document = read_document(f'<a M="{maps}"/>'.encode())
    element = document.elements[0]
    for name, left in (
        (".asp", ".ida,C:\\i.dll,7,GET\r\n\t*,C:\\w.dll,0"),
        (".ida", ".asp,C:\\Program Files\\a.dll,5,à.x,à\r\n\t*,C:\\w.dll,0"),
        ("*", ".asp,C:\\Program Files\\a.dll,5,à.x,à\r\n\t.ida,C:\\i.dll,7,GET"),
    ):
        assert cut(document, entry_cut(document, element, "M", name)).decode() == f'<a M="{left}"/>'
    for name in (".id", ".printer"):
        with pytest.raises(LeftOut, match="in it any more"):
            entry_cut(document, element, "M", name)
