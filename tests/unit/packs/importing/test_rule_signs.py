import pytest

from codered.model.finding import Confidence
from codered.packs.importing.rule_names import name_rules
from codered.packs.importing.rule_signs import RuleSigns
from codered.packs.importing.yara_files import FoundRule
from codered.packs.rule_texts import RuleText, split_rules


def make(meta: str, most: Confidence = "confirmed", head: str = "rule") -> RuleSigns:
    source = f"{head} A_Rule : T1190 {{ meta: {meta} condition: true }}"
    rules, _ = name_rules(
        [FoundRule("d/u.yar", "u", item) for item in split_rules(source) if isinstance(item, RuleText)]
    )
    signs = RuleSigns(most)
    signs.add(rules[0])
    return signs


def test_meta_becomes_the_sign() -> None:
    signs = make(
        'author = "A. Uthor" license = "MIT" Description = "Finds\tit" reference = "https://example.org/a"'
        ' ref = "b" score = 75 severity = "Low" mitre = "T1505.003"'
    )
    (sign,) = signs.content
    assert (sign.id, sign.because, sign.rule, sign.scope, sign.severity) == (
        "a-rule",
        "Finds it",
        "A_Rule",
        "any",
        "low",
    )
    assert (sign.references, sign.attack) == (("y1", "y2"), ("T1190", "T1505.003"))
    assert [item.title for item in signs.references()] == ["https://example.org/a", "b"]
    assert (signs.authors, signs.licences) == (["A. Uthor"], ["MIT"])


def test_a_rule_without_meta_rests_on_its_file() -> None:
    signs = make("x = true")
    assert (signs.content[0].because, signs.references()[0].title) == ("matches the imported rule A_Rule", "u.yar")
    private = make('author = "P"', head="private rule")
    assert (private.content, private.authors) == ([], ["P"])


@pytest.mark.parametrize(
    ("meta", "most", "confidence"),
    [
        ("score = 95", "confirmed", "confirmed"),
        ("score = 95", "likely", "likely"),
        ("score = 60", "confirmed", "likely"),
        ("score = 59", "confirmed", "suspicious"),
        ("score = -1", "likely", "suspicious"),
        ("x = 1", "likely", "likely"),
        ("threat_level = 3", "likely", "suspicious"),
        ("threat_level = 9", "confirmed", "confirmed"),
        ('score = "high"', "suspicious", "suspicious"),
    ],
)
def test_confidence_is_what_the_rule_says_and_no_more_than_allowed(
    meta: str, most: Confidence, confidence: str
) -> None:
    assert make(meta, most).content[0].confidence == confidence
