from hypothesis import given, settings
from hypothesis import strategies as st

from codered.authoring.log_parts import find_pattern_hits
from codered.authoring.request_patterns import decode, escape, generalise, skeleton
from codered.packs.checks.patterns import explain_pattern


def test_what_varies_becomes_a_bounded_class() -> None:
    found = generalise(["/zork.cgi?id=12&x=abc", "/zork.cgi?id=345&x=d"])
    assert found.source() == r"/zork\.cgi\?id=[0-9]{1,6}&x=[A-Za-z0-9]{1,6}"
    assert find_pattern_hits(found.source(), [found.example()])
    assert found.constants() == ["/zork.cgi?id=", "&x="]


def test_addresses_fillers_and_random_words_vary_even_in_one_request() -> None:
    found = generalise(["/a.ida?" + "N" * 224 + "%u9090&h=203.0.113.9&t=0123456789abcdef0123456789abcdef"])
    assert "N{16,1000}" in found.source()
    assert "203" not in found.source()
    assert "abcdef" not in found.source()
    assert "192.0.2.1" in found.example()


def test_other_forms_leave_what_they_begin_with() -> None:
    found = generalise(["/zork/one", "/zork/two/three?x=1"])
    assert found.source() == "/zork/[A-Za-z0-9]{1,6}" or found.source() == "/zork/"
    assert not found.whole
    assert decode("/%252e%252e/x") == "/../x"
    assert decode("/%00x") == "/%00x"
    assert escape("\xe9") == "\\xe9"
    assert skeleton("/a/12/b.php?q=1&z=2") == skeleton("/a/7/b.php?z=x&q=3")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40), min_size=1, max_size=3
    )
)
def test_a_pattern_fits_all_that_it_was_made_of(texts: list[str]) -> None:
    found = generalise(texts)
    source = found.source()
    if not source.strip() or source.startswith("*") or explain_pattern(source):
        return
    assert find_pattern_hits(source, texts) == texts
    assert find_pattern_hits(source, [found.example()])
