from codered.engine import RuleSource, try_each
from codered.packs.importing.rule_names import NamedRule, name_rules
from codered.packs.importing.yara_files import FoundRule
from codered.packs.rule_texts import RuleText, split_rules

NONE: frozenset[str] = frozenset()


def found(source: str, unit: str = "u.yar") -> list[FoundRule]:
    return [FoundRule(unit, unit, item) for item in split_rules(source) if isinstance(item, RuleText)]


def by_name(rules: list[NamedRule]) -> dict[str, NamedRule]:
    return {rule.name: rule for rule in rules}


def test_names_are_unique_and_each_file_means_its_own() -> None:
    one = "rule a { condition: filesize == 1 }\nrule b { condition: a and not a }\n"
    rules, notes = name_rules([*found(one), *found(one, "v.yar")])
    named = by_name(rules)
    assert sorted(named) == ["a", "a_2", "b", "b_2"]
    assert (named["b"].needs, named["b_2"].needs) == (frozenset({"a"}), frozenset({"a_2"}))
    assert named["b_2"].source == "rule b_2 { condition: a_2 and not a_2 }"
    assert (named["b_2"].original, named["b_2"].place) == ("b", "v.yar:2")
    assert [note.why for note in notes] == [
        "a second rule of this name, called a_2 here",
        "a second rule of this name, called b_2 here",
    ]


def test_a_global_rule_becomes_a_condition_of_its_file_alone() -> None:
    source = 'rule x { strings: $x = "or" condition: $x or true // or\n}\n'
    source += "private global rule small { condition: filesize < 9 }"
    rules, notes = name_rules([*found(source), *found("rule other { condition: true }", "v.yar")])
    assert [rule.name for rule in rules] == ["small", "x", "other"]
    named = by_name(rules)
    assert (
        named["x"].source.replace("\n", " ") == 'rule x { strings: $x = "or" condition: small and ($x or true // or  )}'
    )
    assert (named["x"].needs, named["small"].needs, named["other"].needs) == (frozenset({"small"}), NONE, NONE)
    assert named["small"].written() == "private rule small { condition: filesize < 9 }"
    assert [note.rule for note in notes] == ["small"]
    assert try_each([RuleSource("", rule.written(), "") for rule in rules]) == [None] * 3


def test_fields_of_modules_are_no_rules_and_patterns_of_names_are_told() -> None:
    source = "rule is_pe { condition: true }\nrule b { condition: pe.is_pe and is_pe*2 > 1 }\n"
    source += "rule c { condition: any of (is*) }"
    named = by_name(name_rules(found(source))[0])
    assert named["b"].needs == {"is_pe"}
    assert (named["b"].wildcard, named["c"].wildcard) == ("", "is")
