"""Files of Apache, nginx and lighttpd."""

from pathlib import Path

import pytest

from tests.fixtures.autostart_roots import SHELL, judge, make_root, named, own, write


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("etc/apache2/mods-enabled/x.load", "LoadModule x_module /usr/lib/apache2/modules/mod_x.so"),
        ("etc/apache2/mods-enabled/x.load", "LoadModule x_module /tmp/mod_x.so"),
        ("etc/nginx/modules-enabled/x.conf", "load_module modules/ngx_x.so;"),
        ("etc/apache2/sites-enabled/a.conf", "AddHandler application/x-httpd-php .jpg"),
        ("etc/apache2/apache2.conf", "php_admin_value auto_prepend_file /var/www/uploads/.a.php"),
        ("etc/nginx/sites-enabled/a", 'fastcgi_param PHP_VALUE "auto_prepend_file=/tmp/x.jpg";'),
        ("etc/apache2/sites-enabled/a.conf", f'CustomLog "|{SHELL}" combined'),
        ("etc/lighttpd/lighttpd.conf", 'include_shell "/var/tmp/.conf.sh"'),
    ],
)
def test_lines_that_load_or_run(tmp_path: Path, place: str, line: str) -> None:
    own(make_root(tmp_path), "apache2", {"etc/apache2/envvars": ""})
    files = dict.fromkeys(
        ("usr/lib/apache2/modules/mod_x.so", "tmp/mod_x.so", "usr/share/nginx/modules/ngx_x.so"), "\x00"
    )
    write(tmp_path, {**files, "var/tmp/.conf.sh": "\0", place: f"# x\n{line}\n"})
    found = named(judge(tmp_path))[f"/{place}:2"]
    assert (found.subject.key, found.remedy) == ("web_server", "remove_line")


def test_what_is_usual_is_none(tmp_path: Path) -> None:
    own(
        make_root(tmp_path), "apache2", {"usr/lib/apache2/modules/mod_mime.so": "\0", "usr/bin/rotatelogs": "\x7fELF\0"}
    )
    text = """LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule other_module modules/mod_elsewhere.so
<FilesMatch ".+\\.ph(?:ar|p|tml)$">
    SetHandler application/x-httpd-php
</FilesMatch>
ProxyPass / http://127.0.0.1:8080/
ProxyPass /api http://198.51.100.7:8080/
CustomLog ${APACHE_LOG_DIR}/access.log combined
CustomLog "|/usr/bin/rotatelogs /var/log/a 86400" combined
ScriptAlias /cgi-bin/ /usr/lib/cgi-bin/
DocumentRoot /var/www/html
"""
    write(tmp_path, {"etc/apache2/sites-available/a.conf": text})
    (tmp_path / "etc/apache2/sites-enabled").mkdir()
    (tmp_path / "etc/apache2/sites-enabled/a.conf").symlink_to("../sites-available/a.conf")
    assert judge(tmp_path) == ()


def test_links_are_followed_in_the_root_only(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root")
    (tmp_path / "outside.conf").write_text("AddHandler application/x-httpd-php .jpg\n")
    (root / "etc/nginx/conf.d").mkdir(parents=True)
    (root / "etc/nginx/conf.d/a.conf").symlink_to("../../../../../outside.conf")
    (root / "etc/nginx/conf.d/b.conf").symlink_to("/etc/nginx/conf.d/b.conf")
    assert judge(root) == ()


def test_garbage(tmp_path: Path) -> None:
    write(
        make_root(tmp_path),
        {"etc/nginx/nginx.conf": "proxy_pass http" * 100_000 + "\nLoadModule\n|\nCustomLog |\n\xff"},
    )
    assert judge(tmp_path) == ()
