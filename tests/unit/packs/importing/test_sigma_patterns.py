import pytest

from codered.engine import Matcher, RuleSource, compile_sources
from codered.packs.generating import write_label
from codered.packs.importing.sigma_conditions import make_selection, read_detection
from codered.packs.importing.sigma_fields import Clause, Inexpressible, Way, make_clauses
from codered.packs.importing.sigma_patterns import LogPattern, make_case_patterns, make_patterns
from codered.packs.strict_yaml import parse_document


def make(detection: str, condition: str = "s") -> tuple[LogPattern, ...]:
    text = f"detection:\n  s: {detection}\n  f: {{c-uri: /fine}}\n  condition: {condition}\n"
    return make_patterns(read_detection(parse_document(text.encode(), "x.yml")))


def hits(pattern: LogPattern, text: str) -> bool:
    return Matcher(compile_sources([RuleSource("t", write_label("x", pattern.pattern), "t")])).hits(text.encode())


def test_all_that_must_hold_holds_in_any_order() -> None:
    (both,) = make("{cs-method: POST, c-uri|contains|all: [/upload, shell.php]}")
    assert hits(both, "POST /a/upload?x=shell.php")
    assert hits(both, "POST /shell.php?/upload")
    assert not hits(both, "GET /a/upload?x=shell.php")
    assert not hits(both, "POST /upload")
    assert both.literals in (("/upload",), ("shell.php",))
    (start,) = make("{cs-uri-stem|startswith: /upload, cs-uri-query|contains: shell.php}")
    assert hits(start, "GET /upload/x?shell.php")
    assert not hits(start, "GET /x/upload?shell.php")
    (path,) = make("{cs-uri-stem|endswith: /shell.php}")
    assert hits(path, "GET /a/shell.php?x")
    assert hits(path, "GET /shell.php")
    assert not hits(path, "GET /a?/shell.php")


def test_alternatives_and_parts() -> None:
    (one,) = make("[{c-uri: /aaaa}, {c-uri: /bbbb}]")
    assert one.literals == ("/aaaa", "/bbbb")
    assert hits(one, "GET /bbbb")
    assert not hits(one, "GET /bbbbc")
    assert [item.part for item in make("[word]")] == ["request", "referer", "agent"]
    (request,) = make("[word]", "s and f")
    assert (request.part, hits(request, "GET /fine")) == ("request", False)
    words = [f"/word-{number}-" + "x" * 40 for number in range(90)]
    many = make(f"{{c-uri|contains: {words}}}")
    assert len(many) > 1
    assert all(len(item.pattern) <= 2000 for item in many)


def test_what_makes_it_wider_is_noted() -> None:
    (pattern,) = make("{c-uri|contains: /shell, sc-status: 200}", "s and not f")
    assert [note.split(":")[0] for note in pattern.notes] == [
        "`sc-status` is not asked for",
        "its exceptions (`not`) are left out",
    ]
    (over,) = make("{c-uri|contains|all: [abcdef, efghij]}")
    assert "may overlap" in over.notes[0]
    assert hits(over, "GET /abcdefghij")
    (within,) = make("{c-uri|contains|all: [/shell, x/shell.php]}")
    assert (within.notes, within.pattern) == ((), r"x\/shell\.php")


@pytest.mark.parametrize(
    ("detection", "condition", "why"),
    [
        ("{c-uri: /aaaa, c-useragent: bbbb}", "s", "joins agent and request"),
        ("{sc-status: 200}", "s", "nothing but"),
        ("{cs-method: POST}", "s", "nothing but a method"),
        ("{c-uri|contains: ab}", "s", "no plain text of 4"),
        ("{c-uri|contains|all: [aaaa1, bbbb2, cccc3, dddd4, eeee5]}", "s", "joins more than 4"),
        ("{c-uri|startswith|all: [/aaaa, /bbbb]}", "s", "can't be together"),
        ("{c-uri: /aaaa}", "not s", "nothing but"),
    ],
)
def test_what_a_log_sign_cannot_say_is_told(detection: str, condition: str, why: str) -> None:
    with pytest.raises(Inexpressible, match=why):
        make(detection, condition)


def test_cases_are_bounded() -> None:
    two = "[{c-uri: /aaaa}, {c-uri: /bbbb}]"
    with pytest.raises(Inexpressible, match="too many cases"):
        make(two, " and ".join(["s"] * 30))
    with pytest.raises(Inexpressible, match="too many cases"):
        make(two, " or ".join(["s"] * 40))
    (clause,) = make_clauses("c-uri|contains", "/shell")
    assert make_case_patterns((clause, Clause("method", (Way("GET", True, ()),))))[0].pattern == r"^(GET) .*\/shell"
    assert make_patterns(make_selection(["word"]))[0].literals == ("word",)
