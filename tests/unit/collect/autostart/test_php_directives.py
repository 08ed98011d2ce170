"""PHP's settings wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.php_directives import is_image, is_temporary, judge_handler, judge_setting


@pytest.mark.parametrize(
    ("line", "facts", "file"),
    [
        ("auto_prepend_file = /tmp/.x.php", {"php-prepends", "php-prepend-odd"}, "/tmp/.x.php"),
        ("auto_append_file=/var/www/html/a.php", {"php-prepends"}, "/var/www/html/a.php"),
        (
            'php_value auto_prepend_file "/var/www/uploads/a.php"',
            {"php-prepends", "php-prepend-odd"},
            "/var/www/uploads/a.php",
        ),
        ("php_admin_value[auto_prepend_file] = logo.png", {"php-prepends", "php-prepend-odd"}, ""),
        ('fastcgi_param PHP_VALUE "auto_prepend_file=php://input";', {"php-prepends", "php-prepend-odd"}, ""),
        (
            "auto_prepend_file = '/var/www/wordfence-waf.php'",
            {"php-prepends", "php-prepend-known"},
            "/var/www/wordfence-waf.php",
        ),
        ("auto_prepend_file =", set(), ""),
        ('auto_prepend_file = ""', set(), ""),
        ("auto_append_file = none", set(), ""),
        ("allow_url_include = On", {"php-includes-urls"}, ""),
        ("allow_url_include = Off", set(), ""),
    ],
)
def test_settings(line: str, facts: set[str], file: str) -> None:
    assert judge_setting(line) == (facts, file)


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("AddHandler application/x-httpd-php .jpg", {"php-handler", "php-handler-on-images"}),
        ("AddType application/x-httpd-php .php .png", {"php-handler", "php-handler-on-images"}),
        ("AddHandler php5-script .gif", {"php-handler", "php-handler-on-images"}),
        ("AddHandler cgi-script .txt", {"php-handler", "php-handler-on-images"}),
        ("SetHandler application/x-httpd-php", {"php-handler"}),
        ("AddType application/x-httpd-php .php .html", {"php-handler"}),
        ('SetHandler "proxy:unix:/run/php/php8.2-fpm.sock|fcgi://localhost"', {"php-handler"}),
        ("AddType image/svg+xml .svg", set()),
    ],
)
def test_handlers(line: str, facts: set[str]) -> None:
    assert judge_handler(line) == facts


def test_names_and_places() -> None:
    assert is_image("a.JPG")
    assert not is_image("a.php")
    assert not is_image("jpg")
    assert is_temporary("/dev/shm/x")
    assert not is_temporary("/var/www/tmp/x")


@given(st.text(max_size=400))
def test_any_line_is_judged(line: str) -> None:
    judge_setting(f"auto_prepend_file {line}")
    judge_handler(f"AddHandler application/x-httpd-php {line}")
