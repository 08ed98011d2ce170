import yara  # type: ignore[import-not-found]

from codered.export.indicators.rule_texts import cut_rules
from tests.fixtures.exported_packs import parse_pack
from tests.fixtures.small_packs import make_pack

RULES = """import "math"
rule far { condition: filesize > 1 }
rule other { condition: true }
rule near { condition: far }
"""


def test_rules_bring_what_they_need_and_nothing_else() -> None:
    pack = parse_pack(make_pack(rules=RULES))
    text = cut_rules(pack, ("near", "missing"))
    assert [match.rule for match in yara.compile(source=text).match(data=b"ab")] == ["far", "near"]
    assert text.startswith('import "math"')
    assert "other" not in text
    assert cut_rules(pack, ("missing",)) == ""


def test_rules_on_one_line_and_imports_in_comments() -> None:
    line = (
        "private rule a { condition: filesize > 1 } rule b { condition: a } rule c : x { condition: math.abs(1) == 1 }"
    )
    source = f'/*\nimport "pe"\n*/\n// import "elf"\nimport "math" {line}\n'
    text = cut_rules(parse_pack(make_pack(rules=source)), ("b",))
    assert text == 'import "math"\nprivate rule a { condition: filesize > 1 }\nrule b { condition: a }\n'
    assert [match.rule for match in yara.compile(source=text).match(data=b"ab")] == ["b"]
