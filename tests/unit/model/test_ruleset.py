import pytest

from codered.engine import Matcher, RuleSource, compile_sources
from codered.model.ruleset import rule_of_hint, rule_of_indicator


@pytest.mark.parametrize("indicator", ["ida-n", "x", "1st", "global", "rule", "a-b-c"])
def test_the_rule_of_an_indicator_has_a_name_the_engine_takes(indicator: str) -> None:
    name = rule_of_indicator(indicator)
    compiled = compile_sources([RuleSource("p", f"rule {name} {{ condition: true }}", "p.yar")])
    assert [match.rule for match in Matcher(compiled).match(b"")] == [name]


def test_different_indicators_have_different_rules() -> None:
    assert len({rule_of_indicator(indicator) for indicator in ("a-b", "ab", "a-bc", "ab-c")}) == 4


@pytest.mark.parametrize("name", ["a", "1st", "global", "rule", "a-b-c"])
def test_the_rule_of_a_hint_has_a_name_the_engine_takes(name: str) -> None:
    rule = rule_of_hint(name)
    compiled = compile_sources([RuleSource("p", f"rule {rule} {{ condition: true }}", "p.yar")])
    assert [match.rule for match in Matcher(compiled).match(b"")] == [rule]
    assert rule != rule_of_indicator(name)
