import re

from hypothesis import given
from hypothesis import strategies as st

from codered.export.indicators.packet_rules import (
    FIRST_SID,
    SIDS,
    list_methods,
    make_rules,
    write_content,
    write_pattern,
)
from codered.export.indicators.packet_signs import PacketSign
from tests.fixtures.exported_packs import make_log, make_sent, parse_pack, with_signs
from tests.fixtures.small_packs import make_pack


def write(sign: PacketSign) -> tuple[str, list[str]]:
    return "alert", [sign.part]


@given(st.binary(max_size=60))
def test_no_content_can_end_its_option(data: bytes) -> None:
    written = write_content(data)
    assert written.isascii()
    assert not set('";\\') & set(written)
    back = re.sub(r"\|([0-9a-f]{2})\|", lambda code: chr(int(code[1], 16)), written)
    assert back.encode("latin-1") == data


def test_no_pattern_can_end_its_option() -> None:
    assert write_pattern(r'a/b\/c;d\;e"f[/;"]\\') == r"a\/b\/c\x3bd\x3be\x22f[\/\x3b\x22]\\"
    assert list_methods("^GET$") == "GET"
    assert list_methods("^(GET|POST)$") == ""


def test_a_rule_says_where_it_comes_from_and_keeps_its_number() -> None:
    log = make_log("mark", pattern="/inert/mark", vector="backdoor", confidence="confirmed")
    pack = parse_pack(make_pack("one"), logs=(log,), cves=("CVE-2001-0500", "odd"), title='A; "threat"\n')
    other = with_signs(make_sent("sent", pattern="^GET /inert/other"), make_log("told", part="error"))
    made = make_rules((pack, other), "Engine", "codered.rules", write)
    head, checked, first, second = made.files[0].data.decode().splitlines()
    assert "one 2026.11.1" in head
    assert checked.startswith("# NOT VALIDATED")
    assert first.startswith('alert (msg:"CODERED A threat mark comes in, confirmed"; uri; reference:cve,2001-0500; ')
    assert "classtype:attempted-admin;" in first
    assert "rev:20261101; metadata:pack one, indicator mark, confidence confirmed;)" in first
    assert "classtype:trojan-activity;" in second
    numbers = [int(number) for line in (first, second) for number in re.findall(r"sid:(\d+);", line)]
    assert all(FIRST_SID <= number < FIRST_SID + SIDS for number in numbers)
    alone = make_rules((pack,), "Engine", "codered.rules", write).files[0].data.decode()
    assert f"sid:{numbers[0]};" in alone
    assert [one.sign for one in made.left_out] == ["inert/told"]
    assert make_rules((), "Engine", "codered.rules", write).files == ()
