import pytest

from codered.packs.importing.sigma_fields import Inexpressible, make_clauses, make_keywords


@pytest.mark.parametrize(
    ("key", "value", "pattern", "at_start", "literal"),
    [
        ("c-uri|contains", "/a.php?x=", r"\/a\.php.x=", False, "/a.php"),
        ("c-uri|startswith", "/shell", r"\/shell", True, "/shell"),
        ("c-uri|endswith", "/shell", r"\/shell$", False, "/shell"),
        ("c-uri", "/sh*ell?", r"\/sh.*ell.$", True, ""),
        ("cs-uri-stem|contains", "/shell", r"[^?]*\/shell", True, "/shell"),
        ("cs-uri-stem", "/shell", r"\/shell(\?|$)", True, "/shell"),
        ("cs-uri-query|startswith", "cmd=x", r"\?cmd=x", False, "cmd=x"),
        ("cs-uri-query|contains", "cmd=x", "cmd=x", False, "cmd=x"),
        ("cs(User-Agent)|contains", r"a\*bcde", r"a\*bcde", False, "bcde"),
        ("c-uri|re", "^/x[0-9]/shell", "/x[0-9]/shell", True, "/shell"),
        ("cs-uri-query|re", "^cmd=(a|b)|cd", "", False, ""),
        ("cs-uri-query|re", "^cmd=a", r"\?cmd=a", False, "cmd=a"),
    ],
)
def test_values_become_patterns(key: str, value: str, pattern: str, at_start: bool, literal: str) -> None:
    if not pattern:
        with pytest.raises(Inexpressible, match="not for all of it"):
            make_clauses(key, value)
        return
    (clause,) = make_clauses(key, value)
    assert clause.ways[0].pattern == pattern
    assert (clause.ways[0].at_start, clause.ways[0].literals) == (at_start, (literal,) if literal else ())


def test_modifiers_methods_and_statuses() -> None:
    assert len(make_clauses("c-uri|contains|all", ["aaaa", "bbbb"])) == 2
    assert len(make_clauses("c-uri|contains|windash", "x -enc")[0].ways) == 5
    assert make_clauses("cs-method", ["get", "POST"])[0].ways[0].pattern == "GET"
    assert make_clauses("sc-status", ["200"])[0].part == "dropped"
    assert make_clauses("c-uri|contains|cased", "aaaa")[0].notes == ("upper and lower case count as the same",)
    assert make_keywords(["word", "more"]).part == "anywhere"


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("c-uri|base64offset", "x", "modifier `base64offset`"), ("cs-host", "x", "not looked at"),
        ("c-uri", {"a": "b"}, "no plain values"), ("c-uri", [], "no plain values"), ("c-uri", "", "empty field"),
        ("c-uri", ["x"] * 2001, "too many"), ("c-uri|re", "a(?=b)", "linear"),
    ],
)  # fmt: skip
def test_what_a_log_sign_cannot_say_is_told(key: str, value: object, why: str) -> None:
    with pytest.raises(Inexpressible, match=why):
        make_clauses(key, value)  # type: ignore[arg-type]
    with pytest.raises(Inexpressible, match="too many"):
        make_keywords(["x"] * 2001)
