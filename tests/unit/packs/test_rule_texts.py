from hypothesis import given
from hypothesis import strategies as st

from codered.packs.rule_texts import RuleText, Told, split_rules

SOURCE = r"""import "pe"
include "other.yar"
/* rule commented { condition: true } */
private global rule first : one two { // a comment with }
  meta:
    author = "A \"quoted\" name"
    score = -5
  strings:
    $a = "} rule no { condition"   $b = /a\/b[}]+/i
    $h = { 41 ?? [2-4] ( 42 | 43 ) /* } */ 44 }
  condition: $a and /x/ and not pe.is_pe or other
}
rule broken {
  strings: $a = "never closed
  condition: $a
}
  rule last { condition: first }
"""


def test_rules_are_split_with_their_lines() -> None:
    module, include, first, broken, last = split_rules(SOURCE)
    assert (module, include) == (Told("import", "pe", 1), Told("include", "other.yar", 2))
    assert isinstance(first, RuleText)
    assert isinstance(last, RuleText)
    assert isinstance(broken, Told)
    assert (first.name, first.line, first.last, first.scopes, first.tags) == (
        "first", 4, 12, ("private", "global"), ("one", "two"),
    )  # fmt: skip
    assert first.meta == (("author", 'A "quoted" name'), ("score", "-5"))
    assert first.regexes == (r"/a\/b[}]+/i", "/x/")
    assert first.words()[:4] == ("$a", "and", "/x/", "and")
    assert first.source.startswith("rule first")
    assert first.source.endswith("}")
    assert first.source[first.name_at :].startswith("first")
    assert all(first.source[token.start : token.end] == token.value for token in first.condition)
    assert (broken.kind, broken.value, broken.line) == ("broken", "broken", 13)
    assert "(line 14)" in broken.why
    assert (last.name, last.line, last.words()) == ("last", 17, ("first",))


def test_what_is_no_rule_costs_itself_alone() -> None:
    good = "\nrule good { condition: true }\n"
    for bad in ("}", "rule", "rule a", "rule a {", "rule a { condition: }", "rule a { condition: { }", "include x",
                "rule a { strings: $a = { zz } condition: $a }", "rule a { strings: $a = { 00",
                "rule a { meta: x = } condition: true }", 'rule a { condition: "', "nonsense"):  # fmt: skip
        found = list(split_rules(bad + good))
        assert [item.name for item in found if isinstance(item, RuleText)] == ["good"], bad
        assert any(isinstance(item, Told) and item.kind == "broken" for item in found), bad
    assert next(iter(split_rules("rule a { condition: true /* never closed" + good))).kind == "broken"  # type: ignore[union-attr]
    assert list(split_rules("")) == []


def test_hostile_text_takes_no_time_of_its_own() -> None:
    for text in ("rule a /*\n", "rule a { strings: $a = { 00 \n", "rule a :\n", "rule a { condition: /\\/\\/\n", "/\\"):
        assert len(list(split_rules(text * 5000))) <= 5000
    assert len(list(split_rules("rule a /*\n" * 20_000 + "*/ ?"))) == 1


PIECES = st.sampled_from([*'{}"/*$\\=:\n a1', "condition:", "rule x {", "strings:", "meta:", "private "])


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_text_is_split_or_told(text: str) -> None:
    for item in split_rules(text):
        assert item.line >= 1
        if isinstance(item, RuleText):
            assert item.source in text
