import re

import pytest

from codered.export.indicators.log_lines import spell_address, spell_line
from tests.fixtures.asked_requests import list_asked, shipped
from tests.fixtures.exported_packs import make_log

HEAD = '192.0.2.1 - - [19/Jul/2001:15:38:38 +0000] "'


@pytest.mark.parametrize(
    ("part", "pattern", "hit", "clean"),
    [
        ("agent", "^Inert$", 'GET / HTTP/1.1" 200 1 "-" "Inert"', 'GET / HTTP/1.1" 200 1 "-" "Inert 2"'),
        ("agent", "in.rt", 'GET / HTTP/1.1" 200 1 "-" "x Inert 2"', 'GET /inert HTTP/1.1" 200 1 "inert" "-"'),
        ("referer", "inert$", 'GET / HTTP/1.1" 200 1 "a inert" "b"', 'GET / HTTP/1.1" 200 1 "b" "inert"'),
        ("request", "(^| )/a$", 'GET /a HTTP/1.0" 200', 'GET /a?b HTTP/1.0" 200'),
    ],
)
def test_a_sign_is_looked_for_where_the_line_has_it(part: str, pattern: str, hit: str, clean: str) -> None:
    spelled = spell_line(make_log(part=part, pattern=pattern))
    assert re.search(spelled, HEAD + hit, re.IGNORECASE)
    assert not re.search(spelled, HEAD + clean, re.IGNORECASE)


def test_the_address_is_what_stands_behind_the_method() -> None:
    assert spell_address(make_log(pattern=r"(^| )/a\?b")) == ("", r"^/a\?b")
    assert spell_address(make_log(pattern="^POST /a$")) == ("^POST$", "^/a$")


def test_whole_lines_of_every_format_are_judged_as_the_packs_judge_them() -> None:
    logs = [sign for one in shipped() for sign in one.loaded.pack.logs]
    spelled = [(sign.part == "error", re.compile(f"(?i){spell_line(sign)}")) for sign in logs]
    for one in list_asked():
        is_error = one.form in {"apache_error", "nginx_error", "urlscan"}
        hit = any(error == is_error and pattern.search(one.line) for error, pattern in spelled)
        assert not hit or one.signs or one.errors, one.line
        assert hit or not (one.plain and not is_error), one.line
        assert hit or not one.errors, one.line
