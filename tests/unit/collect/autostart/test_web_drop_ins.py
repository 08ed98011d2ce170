"""Drop-ins in the folders that are served."""

from pathlib import Path

import pytest

from codered.collect.autostart import web_drop_ins
from codered.collect.autostart.reading import Reader
from codered.collect.autostart.web_drop_ins import collect_web_drop_ins, list_web_roots
from codered.collect.packages import PackageDatabase
from codered.targets import open_target
from tests.fixtures.autostart_roots import judge, make_root, named, own, write

AWAY = """RewriteEngine On
RewriteCond %{HTTP_REFERER} .*(google|bing|yahoo).* [NC]
RewriteRule ^(.*)$ http://198.51.100.7/in.php [R=302,L]
"""
WORDPRESS = """# BEGIN WordPress
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]
RewriteCond %{HTTPS} off
RewriteRule ^(.*)$ https://%{HTTP_HOST}/$1 [R=301,L]
RewriteRule . /index.php [L]
</IfModule>
<FilesMatch "\\.(jpg|png)$">
  Header set Cache-Control "max-age=3600"
</FilesMatch>
"""


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("var/www/html/.user.ini", "auto_prepend_file=/var/www/html/uploads/logo.png\n", 1),
        ("var/www/html/img/.htaccess", "Options +ExecCGI\nAddHandler cgi-script .jpg\n", 2),
        (
            "var/www/html/up/.htaccess",
            '<FilesMatch "\\.(jpg|gif)$">\nSetHandler application/x-httpd-php\n</FilesMatch>\n',
            2,
        ),
        ("var/www/html/.htaccess", AWAY, 3),
        ("srv/www/a/b/.htaccess", "php_value auto_append_file /tmp/.a\n", 1),
        ("home/ann/public_html/.htaccess", "AddType application/x-httpd-php .ico\n", 1),
        ("data/site/.user.ini", "auto_append_file = .x.txt\n", 1),
    ],
)
def test_drop_ins_are_found(tmp_path: Path, name: str, text: str, line: int) -> None:
    write(make_root(tmp_path), {name: text, "etc/nginx/sites-enabled/a": "server {\n  root /data/site;\n}\n"})
    found = named(judge(tmp_path))
    assert list(found) == [f"/{name}:{line}"]
    assert (found[f"/{name}:{line}"].subject.key, found[f"/{name}:{line}"].remedy) == ("web_drop_in", "remove_line")


def test_usual_drop_ins_are_none(tmp_path: Path) -> None:
    write(
        make_root(tmp_path), {"var/www/html/.htaccess": WORDPRESS, "var/www/html/x/.htaccess": "Require all denied\n"}
    )
    write(
        tmp_path,
        {"var/www/html/.user.ini": "auto_prepend_file = '/var/www/html/wordfence-waf.php'\nmemory_limit=256M\n"},
    )
    own(tmp_path, "wiki", {"var/www/wiki/.htaccess": "AddHandler application/x-httpd-php .jpg\n"})
    assert judge(tmp_path) == ()


def test_the_search_has_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        make_root(tmp_path),
        {f"var/www/html/{number}/.htaccess": "AddType application/x-httpd-php .ico\n" for number in range(5)},
    )
    monkeypatch.setattr(web_drop_ins, "MOST_FOLDERS", 4)
    reader = Reader(open_target(str(tmp_path)))
    found = list(collect_web_drop_ins(reader, PackageDatabase(reader)))
    assert 0 < len(found) < 5
    assert any("rest was left out" in item.why for item in reader.unread)


def test_links_and_loops_lead_nowhere(tmp_path: Path) -> None:
    write(make_root(tmp_path / "root"), {"var/www/html/x": ""})
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.htaccess").write_text("AddType application/x-httpd-php .ico\n")
    (tmp_path / "root/var/www/html/loop").symlink_to(".")
    (tmp_path / "root/var/www/html/out").symlink_to(tmp_path / "out")
    (tmp_path / "root/var/www/html/.htaccess").symlink_to(tmp_path / "out/.htaccess")
    assert judge(tmp_path / "root") == ()


def test_garbage(tmp_path: Path) -> None:
    lines = [
        "RewriteCond %{HTTP_REFERER} " + "google" * 200_000,
        "<Files" * 200_000,
        "\0\xff",
        "AddHandler",
        "Options " * 99_999,
    ]
    write(make_root(tmp_path), {"var/www/html/.htaccess": "\n".join(lines)})
    assert judge(tmp_path) == ()


def test_web_roots_are_the_usual_the_configured_and_those_of_homes(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"var/www/a": "", "home/ann/public_html/b": "", "data/site/c": "", "mine/d": ""})
    write(root, {"etc/apache2/apache2.conf": 'DocumentRoot "/data/site"\nDocumentRoot /\nDocumentRoot /no/such\n'})
    found = list_web_roots(Reader(open_target(str(root))), (b"mine", b"none", b"etc"))
    assert set(found) == {b"var/www", b"home/ann/public_html", b"data/site", b"mine"}
