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
