"""php.ini and what belongs to it."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import judge, make_root, named, own, write

CLEAN = "[PHP]\n; auto_prepend_file = /tmp/x\nauto_prepend_file =\nauto_append_file =\nallow_url_include = Off\n"


@pytest.mark.parametrize(
    "place", ["etc/php/8.2/apache2/php.ini", "etc/php/8.2/fpm/pool.d/www.conf", "etc/php.d/x.ini", "etc/php.ini"]
)
@pytest.mark.parametrize(
    "line", ["auto_prepend_file = /dev/shm/.x.php", "extension = /tmp/x.so", "zend_extension=/opt/lib/x.so"]
)
def test_what_runs_with_every_page(tmp_path: Path, place: str, line: str) -> None:
    write(
        make_root(tmp_path),
        {place: f"{CLEAN}{line}\n", "dev/shm/.x.php": "<?php", "tmp/x.so": "\0", "opt/lib/x.so": "\0"},
    )
    found = named(judge(tmp_path))
    assert list(found) == [f"/{place}:6"]
    assert (found[f"/{place}:6"].subject.key, found[f"/{place}:6"].remedy) == ("php", "remove_line")


def test_usual_settings_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "php-redis", {"usr/lib/php/20220829/redis.so": "\0"})
    mine = (
        "extension=redis.so\nextension=/usr/lib/php/20220829/redis.so\nzend_extension=/usr/lib/php/20220829/mine.so\n"
    )
    files = {"etc/php/8.2/apache2/php.ini": CLEAN + mine, "usr/lib/php/20220829/mine.so": "\0"}
    write(tmp_path, {**files, "etc/php/8.2/fpm/php.ini": "auto_prepend_file = /var/www/html/wordfence-waf.php\n"})
    assert judge(tmp_path) == ()


def test_garbage(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"etc/php.ini": "auto_prepend_file" * 100_000 + "\n\0=\xff\nextension=\n"})
    assert judge(tmp_path) == ()
