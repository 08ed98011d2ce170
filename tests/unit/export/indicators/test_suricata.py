import contextlib
import io
from pathlib import Path

import suricataparser  # type: ignore[import-untyped]

from codered.export.indicators.suricata import make_suricata
from tests.fixtures.exported_packs import make_log, make_sent, with_signs

RULES = 'rule both { strings: $a = "inert one" $b = "inert; \\"longer\\"" nocase condition: all of them }'
TWO = 'content:"inert one"; content:"inert|3b| |22|longer|22|"; nocase; '
SIGNS = (
    make_log("a", pattern=r"(^| )/inert/x\.php([? ]|$)"),
    make_log("b", pattern=r"^POST /inert/\.\.%5c", literals=("%5c",)),
    make_log("c", pattern="^inert; mark$", part="agent"),
    make_log("d", pattern="^inert mark$", part="referer"),
    make_sent("e", pattern="^(GET|HEAD) /inert"),
    make_sent("f", rule="both", direction="in", ports=(80, 81)),
    make_sent("g", pattern="^inert mark$", protocol="udp", ports=(53,)),
)


def test_each_part_has_its_buffer(tmp_path: Path) -> None:
    text = make_suricata((with_signs(*SIGNS, rules=RULES),)).files[0].data.decode()
    lines = {line.split("indicator ")[1][0]: line for line in text.splitlines() if line.startswith("alert")}
    wanted = {
        "a": ("http any any -> $HOME_NET any (", 'http.uri; content:"/inert/x.php"; nocase; fast_pattern; pcre:"'),
        "b": ('http.method; content:"POST"; http.uri.raw; content:"/inert/..%5c"; nocase; fast_pattern;',),
        "c": ('http.user_agent; content:"inert|3b| mark"; nocase; fast_pattern; pcre:"/^inert\\x3b mark$/i";',),
        "d": ('http.referer; content:"inert mark"',),
        "e": ("alert http $HOME_NET any -> any any (", 'http.method; pcre:"/^(GET|HEAD)$/"; http.uri;'),
        "f": ("alert tcp any any -> $HOME_NET [80,81] (", TWO + "fast_pattern;"),
        "g": ("alert udp $HOME_NET any -> any [53] (msg", r'pcre:"/^inert mark(?=\r|\n|$)/i";'),
    }  # fmt: skip
    assert set(lines) == set(wanted)
    for name, parts in wanted.items():
        for part in parts:
            assert part in lines[name]
    assert "flow:" not in lines["g"]
    read = suricataparser.parse_rules(text)
    assert len({rule.sid for rule in read}) == len(SIGNS)


def test_suricata_check_has_no_complaint_above_advice(tmp_path: Path) -> None:
    made = make_suricata((with_signs(*SIGNS, rules=RULES),))
    path = tmp_path / "codered.rules"
    path.write_bytes(made.files[0].data)
    with contextlib.redirect_stderr(io.StringIO()):
        from suricata_check import process_rules_file  # type: ignore[import-untyped]

        told = process_rules_file(str(path), evaluate_disabled=False)
    assert len(told.rules) == len(SIGNS)
    assert [issue.message for rule in told.rules for issue in rule.issues if issue.severity > 20] == []
