from hypothesis import given
from hypothesis import strategies as st

from codered.detect.scripts.cold_fusion.tags import read_page


def test_tags_become_calls() -> None:
    page = '<cfset a = b><cffile action="read" file="x#c#y" variable="d">'
    assert (
        " ".join(token.text for token in read_page(page) if token.text) == "a = b ; cffile_read ( x & c & y ) ; d = ; ;"
    )


@given(st.lists(st.sampled_from(["<cf", "set ", "query ", '"', "#", ">", "</cfquery>", "x=", "<!---", "file "])))
def test_broken_pages_are_read(pieces: list[str]) -> None:
    assert all(token.kind for token in read_page("".join(pieces)))
