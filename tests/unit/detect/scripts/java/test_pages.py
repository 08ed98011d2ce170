from codered.detect.scripts.java.pages import read_page


def test_declarations_come_first_and_places_are_those_of_the_page() -> None:
    text = "<p>a</p><%-- no --%><% one(); %><%! two(); %><%= three %>"
    page = read_page(text)
    assert page.code.text.split() == ["two();", "one();", ";(", "three", ");"]
    for word in ("one", "two", "three"):
        assert page.code.find_place(page.code.text.index(word)) == text.index(word)
    assert page.markup == "<p>a</p>"


def test_marks_that_are_never_closed_reach_to_the_end() -> None:
    assert read_page("<% a").code.text.strip() == "a"
    assert read_page("<%-- a").code.text == ""
    assert read_page("${a").code.text == ""
    assert read_page("${" + "a" * 5000 + "}").code.text == ""


def test_xml_says_what_it_says() -> None:
    page = read_page("<x:scriptlet>a<!-- no --> &lt; <![CDATA[b]]></x:scriptlet>")
    assert page.code.text.split() == ["a", "<", "b"]
    assert read_page("<% \\uuu0061 %>").code.text.strip() == "a"
