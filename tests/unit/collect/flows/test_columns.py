import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.flows.columns import choose_columns, recognise_table, split_cells
from codered.model.errors import WrongUse

MAP = "time=when,source=from,destination=to,port=4,outcome=result"


def test_columns_are_names_or_numbers() -> None:
    layout = choose_columns(MAP, "when;from;to;dport;result")
    assert layout.places == {"time": 0, "source": 1, "destination": 2, "port": 3, "outcome": 4}
    assert (layout.delimiter, layout.header) == (";", True)
    numbers = choose_columns("time=1,source=2,destination=3,port=4,source_port=5", "9\t10.0.0.1\t192.0.2.1\t80\t5000")
    assert (numbers.delimiter, numbers.header) == ("\t", False)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is no column of a map"),
        ("when=1", "is no column of a map"),
        ("time=1,source=2,destination=3,port=4", "what became"),
        ("time=1,outcome=2", "source and destination and port missing"),
        (MAP.replace("4", "9"), "no column '9'"),
        (MAP + ",outcome=3", "'outcome' comes twice"),
        ("time=when,source=from,destination=from,port=dport,outcome=result", "'from' comes twice"),
        ("time=when,source=from,destination=to,port=dport,flags=result", "nothing says what became"),
        (MAP.replace("4", "0"), "no column '0'"),
        (MAP.replace("result", "end"), "no column 'end'"),
    ],
)
def test_a_map_that_fits_nothing_is_wrong_use(text: str, what: str) -> None:
    with pytest.raises(WrongUse, match=what):
        choose_columns(text, "when;from;to;dport;result")


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ts,te,td,sa,da,sp,dp,pr,flg,fwd", "nfdump"),
        ("firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets", "nfdump"),
        ("2 1 eni-1 10.1.0.66 198.51.100.7 50001 80 6 1 60 1714557601 1714557661 ACCEPT OK", "AWS"),
        ("srcaddr dstaddr srcport dstport protocol start tcp-flags", "AWS"),
        ("time,source,destination,port,outcome", "table"),
    ],
)
def test_common_exports_are_recognised(line: str, kind: str) -> None:
    layout = recognise_table(line)
    assert layout is not None
    assert kind in layout.kind


def test_other_text_is_none() -> None:
    assert recognise_table("root:x:0:0:root:/root:/bin/bash") is None
    assert split_cells('"a", b', ",") == ["a", "b"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_map_of_any_line_is_answered(text: str, line: str) -> None:
    recognise_table(line)
    with pytest.raises(WrongUse):
        choose_columns(text, line)
