import pytest

from codered.detect.scripts.languages import find_script, find_scripts


@pytest.mark.parametrize(
    ("data", "path", "language"),
    [
        (b"<?php die('inert');", "/x.txt", "php"),
        (b"GIF89a<?= 1 ?>", "/x.gif", "php"),
        (b"#!/usr/bin/perl\nexit;", "/x.cgi", "perl"),
        (b"<cfset x=1>", "/x.cfm", "cfm"),
        (b"plain words", "/x.php", None),
    ],
)
def test_content_decides(data: bytes, path: str, language: str | None) -> None:
    script = find_script(data, path)
    assert (script.language if script else None) == language


def test_python_by_what_it_imports_but_no_module_of_an_interpreter() -> None:
    text = b"raise SystemExit\nimport socket,subprocess,os\n"
    for place in ("/srv/cgi-bin/d.py", "/home/ann/d", "C:\\inetpub\\x.py"):
        script = find_script(text, place)
        assert script is not None, place
        assert script.language == "python"
    libraries = (
        "/usr/local/lib/python3.11/http/server.py",
        "/opt/venv/lib/python3.11/site-packages/x/y.py",
        "C:\\Python311\\Lib\\pydoc.py",
    )
    assert [place for place in libraries if find_script(text, place) is not None] == []
    assert find_script(b"#!/usr/bin/perl\nuse strict;\n", "/usr/share/perl/5.36.0/B/Deparse.pm") is None
    assert find_script(b"<?php eval($_POST[1]);", "/opt/venv/lib/python3.11/site-packages/x.php") is not None
    assert find_script(text, "/usr/lib/python3/dist-packages/x.py") is None
    for place in ("/var/www/lib/python3/x.py", "/srv/perl5/x.py", "/usr/share/www/lib/python3/x.py"):
        assert find_script(text, place) is not None, place


@pytest.mark.parametrize(
    ("data", "path", "languages"),
    [
        (b"<?php exit; /* <jsp: */", "/r.php", ["php", "jsp"]),
        (b"<?php exit; // <asp:", "/r.php", ["php", "aspx"]),
        (b"<?php exit; // <jsp:", "/c.inc", ["jsp", "php"]),
        (b"<% Response.End ' java.io.x\n%>", "/x.asp", ["asp", "jsp"]),
        (b"<?exit;", "/s.php", ["php"]),
        (b"<?xml version='1.0'?>", "/s.php", []),
        (b"<?exit;", "/s.dat", []),
        (b"<?php exit; /*" + "request".encode("cp037") + b"*/", "/e.php", ["php"]),
        ("<%@ page import='java.io.*' %>".encode("cp037"), "/e.jsp", ["jsp"]),
        (b"#!/usr/bin/perl\nexit;\n# <?php\nuse CGI;", "/p.pl", ["perl"]),
        (b"<?php <jsp: <asp: <cfset x=1>", "/x", ["jsp", "php", "aspx"]),
    ],
)
def test_a_comment_does_not_choose_the_language(data: bytes, path: str, languages: list[str]) -> None:
    assert [script.language for script in find_scripts(data, path)] == languages


def test_a_page_that_shows_perl_or_python_is_no_program() -> None:
    for text in (b"<html><pre>\nuse strict;\nsystem($x);\n", b"<html><pre>\nimport os\nos.system(x)\n"):
        assert not find_scripts(text, "/srv/changes.html")
        assert find_scripts(text, "/srv/changes.cgi")
