from codered.authoring.body_parts import draft_body, draft_memory
from codered.authoring.code_patterns import CodePattern
from codered.authoring.orders import Mark, Sample
from codered.packs.anchors import find_flaws, list_atoms
from codered.packs.rule_source import parse_rules

BINARY = Sample("a", 4, "", b"\0bin")
MARKS = tuple(Mark(b"zork_%s" % name, ended=True, score=40, why="made up") for name in (b"one", b"two", b"six", b"ten"))


def test_a_rule_for_binaries_is_anchored_and_asks_for_several_strings() -> None:
    part = draft_body("zork", 1, (BINARY,), MARKS, ())
    (rule,) = parse_rules(part.rule, "rules.yar")
    assert not list(find_flaws(rule))
    assert len(list_atoms(rule)) == 2
    assert rule.condition[-3:] == ("3", "of", "them")
    assert (part.sign["scope"], part.sign["confidence"], part.sign["id"]) == ("binary", "likely", "body")
    assert bytes.fromhex(part.files[0].hex or "").index(b"zork_two") < bytes.fromhex(part.files[0].hex or "").index(
        b"zork_one"
    )
    assert part.near_files


def test_few_strings_or_code_are_suspicious_only() -> None:
    text = Sample("a", 4, "", b"text")
    part = draft_body("zork", 2, (text,), (Mark(b"<?php zork();"), MARKS[0]), ())
    assert (part.sign["id"], part.sign["scope"], part.sign["confidence"]) == ("body-2", "text", "suspicious")
    assert part.files[0].text is not None
    assert part.files[0].text.index("die('inert example')") < part.files[0].text.index("<?php zork")
    code = CodePattern((*range(130, 140), None, *range(150, 160)))
    (rule,) = parse_rules(draft_body("zork", 1, (BINARY,), (), (code,)).rule, "rules.yar")
    assert [string.kind for string in rule.strings] == ["text", "hex"]
    assert not list(find_flaws(rule))


def test_memory_asks_for_the_ends_of_strings() -> None:
    wide = Mark(b"Global\\Zork", wide=True, ended=True)
    part = draft_memory("zork", (*MARKS[:3], wide, Mark(b"no_end")), "a dump")
    assert part is not None
    (rule,) = parse_rules(part.rule, "rules.yar")
    assert not list(find_flaws(rule))
    assert rule.strings[0].literal() == b"zork_one\0"
    assert "wide" in rule.strings[3].modifiers
    assert len(rule.strings) == 4
    assert "no_end" not in part.rule
    assert draft_memory("zork", (MARKS[0], Mark(b"no_end")), "a dump") is None
