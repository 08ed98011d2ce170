"""Web shells and drop-ins in scanned folders that are no whole system."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.model.allow_list import NOTHING_ALLOWED, AllowedFile, AllowList
from codered.model.report import Report
from codered.model.target import Place
from codered.scan import ScanRequest, scan
from codered.scan.request import EarlierLooks
from codered.scan.web_look import WebLook
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, shipped_heuristics, write
from tests.fixtures.small_packs import make_rules

SHELL = "<?php exit; @eval($_POST['x']);"  # could not run: it ends before its first word
CGI = "raise SystemExit\nimport os, cgi\nform = cgi.FieldStorage()\nos.popen(form.getvalue('c'))\n"


def look(folder: Path, *, root: bool = False, allowed: AllowList = NOTHING_ALLOWED, cache: str = "") -> Report:
    target = open_target(str(folder)) if root else open_target(scope=(os.fsencode(folder),))
    kept = EarlierLooks(f"{cache}/seen", f"{cache}/key") if cache else EarlierLooks()
    places = (Place(str(folder), (str(folder),)),)
    return scan(target, ScanRequest(places=places, cores=1, allowed=allowed, earlier=kept), shipped_heuristics())


def names(report: Report) -> set[str]:
    return {os.path.basename(found.subject.path or "") for found in report.findings}


@pytest.mark.parametrize("root", [False, True])
def test_a_shell_in_a_scanned_folder_is_found(tmp_path: Path, root: bool) -> None:
    write(tmp_path, {"var/www/html/s.php": SHELL, "var/www/html/page.php": "<?php echo $_GET['page'] ?? 1;"})
    report = look(tmp_path, root=root)
    (found,) = report.findings
    assert (found.subject.path, found.subject.key) == (f"{tmp_path}/var/www/html/s.php", "web_drop_in")
    assert (found.indicator, found.remedy) == ("web-shell", "quarantine_file")


def test_an_old_shell_is_found_too_and_so_again_with_the_memory_of_earlier_scans(tmp_path: Path) -> None:
    write(tmp_path, {"up/s.php": SHELL})
    os.utime(tmp_path / "up/s.php", (1, 1))
    assert [names(look(tmp_path / "up", cache=str(tmp_path))) for _ in range(2)] == [{"s.php"}, {"s.php"}]


def test_usual_scripts_count_only_where_they_are_served(tmp_path: Path) -> None:
    write(tmp_path, {"home/tool.py": CGI, "www/cgi-bin/form.py": CGI})
    assert names(look(tmp_path)) == {"form.py"}


def test_drop_ins_are_judged(tmp_path: Path) -> None:
    write(tmp_path, {"site/.htaccess": '<FilesMatch "\\.jpg$">\nSetHandler application/x-httpd-php\n</FilesMatch>\n'})
    (found,) = look(tmp_path).findings
    assert (found.indicator, found.subject.line) == ("php-on-images", 2)


def test_what_a_package_owns_or_the_administrator_allows_is_none(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "tool", {"srv/tool.php": SHELL})
    write(root, {"srv/mine.php": SHELL})
    entry = AllowedFile(
        path="/srv/mine.php", sha256=hashlib.sha256(SHELL.encode()).hexdigest(), who="ann", because="a test page",
        expires=datetime.now(UTC).date() + timedelta(days=2),
    )  # fmt: skip
    report = look(root, root=True, allowed=AllowList(files=(entry,)))
    assert names(report) == set()
    assert [look.why for look in report.looks if "ann: a test page" in look.why] != []


def test_without_heuristics_nothing_is_asked(tmp_path: Path) -> None:
    web = WebLook(open_target(str(tmp_path)), make_rules(), NOTHING_ALLOWED)
    assert not web.interests(b"var/www/s.php")
    judged = WebLook(open_target(str(tmp_path)), shipped_heuristics(), NOTHING_ALLOWED)
    assert [judged.interests(rel) for rel in (b"a/S.PHP", b"a/.htaccess", b"a/b.txt", b"a/b.sh", b"www/b.sh")] == [
        True, True, False, False, True,
    ]  # fmt: skip
