from codered.authoring.orders import Mark
from codered.authoring.parts import make_sign, name_rule, name_string, quote, write_rule
from codered.packs.rule_source import parse_rules


def test_a_rule_keeps_every_character() -> None:
    text = 'C:\\zork "x" {y} /* z'
    source = write_rule("zork_body", "what it is", [f"$anchor_a = {quote(text)}"], "any of ($anchor*)")
    (rule,) = parse_rules(source, "rules.yar")
    assert rule.strings[0].literal() == text.encode()


def test_names_are_words() -> None:
    assert name_rule("9-lives", "body") == "threat_9_lives_body"
    assert name_rule("zork", "body") == "zork_body"
    assert name_string(Mark(b"Global\\Zork!Mutex")) == "global_zork_mutex"
    assert name_string(Mark(b"%%%%%%%")) == "text"
    assert make_sign("a", "b", "likely", "high", rule="x")["references"] == ["samples"]
