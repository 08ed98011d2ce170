import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.packs.importing.sigma_fields import Inexpressible
from codered.packs.importing.suricata_options import read_content, read_rule


def test_a_rule_is_read() -> None:
    rule = read_rule(r'alert http any any -> $HOME_NET 80 (msg:"a \; b \" c"; content:"x|3b|;"; nocase; sid:1;)')
    assert (rule.action, rule.protocol, rule.source, rule.target, rule.ports) == (
        "alert",
        "http",
        "any",
        "$HOME_NET",
        "80",
    )
    assert rule.options == (("msg", r'"a \; b \" c"'), ("content", '"x|3b|;"'), ("nocase", ""), ("sid", "1"))
    assert (rule.first("sid"), rule.first("rev"), rule.all("sid")) == ("1", "", ("1",))


def test_contents_stand_for_bytes() -> None:
    assert read_content(r'"a|20 0D0a|\"\;\\b|00|"') == b'a \r\n";\\b\0'
    for bad in ("a", '""', '"a|2|"', '"a|zz|"', '"\\"', '"a|20"'):
        with pytest.raises(Inexpressible):
            read_content(bad)


@pytest.mark.parametrize(
    "line",
    [
        "alert",
        "alert http any any -> any any",
        "alert http any any -> any any (x",
        "x" * 20_001,
        "alert http any any -> any any (no end)",
        "alert http any any -> any any (" + "a;" * 201 + ")",
    ],
)
def test_what_is_no_rule_is_told(line: str) -> None:
    with pytest.raises(Inexpressible):
        read_rule(line)


@given(st.text(alphabet='ab|20 \\"; ', max_size=40))
def test_any_content_is_read_or_told(text: str) -> None:
    try:
        assert read_content(f'"{text}"')
    except Inexpressible:
        return
