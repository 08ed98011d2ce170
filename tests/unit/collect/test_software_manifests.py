import os
import zipfile
from pathlib import Path

import pytest

from codered.collect import software_manifests
from codered.collect.software_manifests import SoftwareSeen, find_components, find_version, read_manifest_table
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write

FILES = {
    "var/www/html/wp-includes/version.php": "<?php\n$wp_version = '6.1.1';\n",
    "var/www/d9/core/lib/Drupal.php": "class Drupal {\n  const VERSION = '9.5.1';\n",
    "var/www/d7/includes/bootstrap.inc": "define('VERSION', '7.98');",
    "var/www/j/administrator/manifests/files/joomla.xml": "<extension><version>4.2.3</version>",
    "var/www/pma/libraries/classes/Version.php": "    public const VERSION = '5.2.1';",
    "srv/app/vendor/composer/installed.json": '{"packages": [{"name": "phpunit/phpunit", "version": "v4.8.27"}]}',
    "srv/old/vendor/composer/installed.json": '[{"name": "laravel/framework", "version": "5.5.0", "x": []}]',
    "srv/app/composer.lock": '{"packages": [{"name": "monolog/monolog", "version": "2.0.0"}]}',
    "srv/alone/phpunit/src/Runner/Version.php": "new VersionId('9.6.3', __DIR__)",
    "srv/tp/thinkphp/base.php": "define('THINK_VERSION', '5.0.22');",
    "opt/app/node_modules/next/package.json": '{"name": "next", "version": "15.0.4"}',
    "opt/app/node_modules/@scope/x/package.json": '{"name": "@scope/x", "version": "1.0.0"}',
    "opt/app/package.json": '{"name": "app", "version": "1.0.0"}',
    "opt/app/node_modules/next/dist/package.json": '{"name": "inner", "version": "9.0.0"}',
    "opt/venv/lib/python3/site-packages/Foo_Bar-1.0.dist-info/METADATA": "Name: Foo_Bar\nVersion: 1.0\n\nVersion: 2\n",
    "root/.m2/repository/x/node_modules/next/package.json": '{"name": "next", "version": "1.0.0"}',
}


def find(root: Path, *more: bytes, **owners: str) -> SoftwareSeen:
    return find_components(open_target(str(root)), more, lambda rel: owners.get(os.fsdecode(rel).split("/")[0], ""))


def test_each_by_its_own_manifest(tmp_path: Path) -> None:
    write(make_root(tmp_path), FILES)
    seen = find(tmp_path, opt="app-package")
    assert {(one.ecosystem, one.name, one.version) for one in seen.components} == {
        ("CMS", "wordpress", "6.1.1"),
        ("Packagist", "drupal/core", "9.5.1"),
        ("Packagist", "drupal/core", "7.98"),
        ("Packagist", "joomla/joomla-cms", "4.2.3"),
        ("Packagist", "phpmyadmin/phpmyadmin", "5.2.1"),
        ("Packagist", "phpunit/phpunit", "4.8.27"),
        ("Packagist", "phpunit/phpunit", "9.6.3"),
        ("Packagist", "laravel/framework", "5.5.0"),
        ("Packagist", "monolog/monolog", "2.0.0"),
        ("Packagist", "topthink/framework", "5.0.22"),
        ("npm", "next", "15.0.4"),
        ("npm", "@scope/x", "1.0.0"),
        ("PyPI", "foo-bar", "1.0"),
    }
    assert {one.package for one in seen.components if one.ecosystem == "npm"} == {"app-package"}
    assert seen.unread == ()


def test_more_places_and_archives(tmp_path: Path) -> None:
    write(make_root(tmp_path), {"data/site/wp-includes/version.php": "$wp_version = '6.0';"})
    with zipfile.ZipFile(tmp_path / "data/log4j.jar", "w") as made:
        made.writestr("META-INF/maven/g/a/pom.properties", "groupId=g\nartifactId=a\nversion=1\n")
    assert find(tmp_path).components == ()
    assert {one.name for one in find(tmp_path, b"data").components} == {"wordpress", "g:a"}


def test_what_can_not_be_read_is_said_and_the_others_count(tmp_path: Path) -> None:
    bad = {
        "srv/a/node_modules/next/package.json": "{",
        "srv/b/composer.lock": "[" * 100_000,
        "srv/c/x.jar": "PK",
        "srv/d/node_modules/next/package.json": '{"name": "next", "version": "15.0.4"}',
        "srv/e/node_modules/next/package.json": '{"name": "next", "version": {}}',
        "srv/f/wp-includes/version.php": "no version",
    }
    write(make_root(tmp_path), bad)
    (tmp_path / "srv/g/wp-includes").mkdir(parents=True)
    (tmp_path / "srv/g/wp-includes/version.php").symlink_to("/etc/passwd")
    (tmp_path / "srv/g/notes").symlink_to("/etc/passwd")  # no manifest by its name
    os.mkfifo(tmp_path / "srv/g/composer.lock")
    seen = find(tmp_path)
    assert [(one.name, one.version) for one in seen.components] == [("next", "15.0.4")]
    assert {item.rel.split(b"/")[1] for item in seen.unread} >= {b"a", b"b", b"c", b"e"}
    assert all(item.state == "failed" and item.why for item in seen.unread)
    assert {gap.of for gap in seen.gaps} == {"npm", "Packagist", "Maven", "CMS"}


def test_limits_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(make_root(tmp_path), FILES)
    monkeypatch.setattr(software_manifests, "MOST_MANIFESTS", 3)
    assert "more than 3 manifests" in find(tmp_path).unread[-1].why
    monkeypatch.setattr(software_manifests, "MOST_FOLDERS", 5)
    assert "more than 5 folders" in find(tmp_path).unread[-1].why
    assert [gap.of for gap in find(tmp_path).gaps] == [""]


def test_a_version_stands_right_behind_its_word() -> None:
    assert find_version(b"$v  =>  '1.2-RC1';", ("$v",)) == "1.2-RC1"
    assert find_version(b"$v = evil(); 1.2", ("$v =",)) == ""
    assert find_version(b"$v" + b" " * 100_000 + b"1.2", ("$v",)) == ""
    assert find_version(b"", ("$v",)) == ""


def test_the_table_is_read() -> None:
    table = read_manifest_table()
    assert "var/www" in table.places
    assert all(not place.startswith("/") for place in table.places)
