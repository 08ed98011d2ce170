import suricataparser  # type: ignore[import-untyped]

from codered.export.indicators.snort import make_snort
from tests.fixtures.exported_packs import with_signs
from tests.unit.export.indicators.test_suricata import RULES, SIGNS, TWO


def test_each_part_has_its_modifier() -> None:
    text = make_snort((with_signs(*SIGNS, rules=RULES),)).files[0].data.decode()
    lines = {line.split("indicator ")[1][0]: line for line in text.splitlines() if line.startswith("alert")}
    wanted = {
        "a": ("$HOME_NET $HTTP_PORTS (", 'content:"/inert/x.php"; nocase; http_uri; fast_pattern; pcre:"/^', "/Ui"),
        "b": ('content:"POST"; http_method; content:"/inert/..%5c"; nocase; http_raw_uri; fast_pattern;', "/Ii"),
        "c": ('"inert|3b| mark"; nocase; http_header;', r'pcre:"/^User-Agent\x3a[ \t]*(inert\x3b mark)\r?$/Hmi";'),
        "d": (r'pcre:"/^Referer\x3a[ \t]*(inert mark)\r?$/Hmi";',),
        "e": ("alert tcp $HOME_NET any -> any [80] (", 'pcre:"/^(GET|HEAD)$/M";'),
        "f": ("alert tcp any any -> $HOME_NET [80,81] (", TWO + "fast_pattern;"),
        "g": ("alert udp $HOME_NET any -> any [53] (",),
    }  # fmt: skip
    assert set(lines) == set(wanted)
    for name, parts in wanted.items():
        for part in parts:
            assert part in lines[name]
    assert "NOT VALIDATED" in text
    assert len({rule.sid for rule in suricataparser.parse_rules(text)}) == len(SIGNS)
