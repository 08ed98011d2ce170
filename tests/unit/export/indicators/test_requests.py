import re

import pytest

from codered.export.indicators.patterns import Spelling, parse_pattern, spell_pattern
from codered.export.indicators.requests import Halves, split_method, split_query


def spell(branch: tuple[object, ...]) -> str:
    return spell_pattern((branch,), Spelling())  # type: ignore[arg-type]


def ways(pattern: str) -> list[tuple[str, str, bool]]:
    return [(spell(half.path), spell(half.query), half.alone) for half in split_query(parse_pattern(pattern))]


def fits(half: Halves, path: str, query: str) -> bool:
    return bool(
        re.search(spell(half.path), path) and re.search(spell(half.query), query) and not (half.alone and query)
    )


def test_the_method_is_split_off_where_a_pattern_names_it() -> None:
    method, rest = split_method(r"^(POST|DELETE) (/a)?/b$")
    assert spell(method) == "^(POST|DELETE)$"
    assert spell(rest[0]) == "^(/a)?/b$"
    assert split_method("(^| )/x").method == ()
    assert split_method("^/x").method == ()
    for pattern in ("^GET /x|^POST /y", "^GETx"):
        with pytest.raises(ValueError, match="told apart"):
            split_method(pattern)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(^| )/a\?x", [("^/a$", "^x", False)]),
        (r"(^| )/a$", [("^/a$", "", True)]),
        (r"(^| )/a([? ]|$)", [("^/a([? ]|$)", "", False)]),
        (r"/b", [("/b", "", False), ("", "/b", False)]),
        (r"^/a.{2,5}b", [("^/a.{2,5}b", "", False), ("^/a.{0,5}$", "^.{0,5}b", False)]),
        (r"^/a.b", [("^/a.b", "", False), ("^/a$", "^b", False)]),
    ],
)
def test_path_and_query_share_the_pattern_in_every_possible_way(
    pattern: str, expected: list[tuple[str, str, bool]]
) -> None:
    assert ways(pattern) == expected


@pytest.mark.parametrize(
    "text", ["/a/x.php", "/a/q?x.php", "/b?/a/q/x.php", "/a/x.php?z", "/ax?x.php", "/b/x.php", "/a?x.ph"]
)
def test_the_halves_match_what_the_whole_matches(text: str) -> None:
    pattern = r"/a/.{0,9}x\.php([? ]|$)"
    path, _, query = text.partition("?")
    halves = split_query(parse_pattern(pattern))
    assert any(fits(half, path, query) for half in halves) == bool(re.search(pattern, text))


def test_too_many_ways_are_refused() -> None:
    with pytest.raises(ValueError, match="told apart"):
        split_query(parse_pattern("^/" + "a.{0,3}" * 60))
    with pytest.raises(ValueError, match="class"):
        split_query(parse_pattern(r"^/[b-a]"))
