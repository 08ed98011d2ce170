"""Drop-ins of web servers in scanned folders that are no whole system."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.model.allow_list import NOTHING_ALLOWED, AllowedFile, AllowList
from codered.model.report import Report
from codered.model.ruleset import RuleSet
from codered.model.target import Place
from codered.scan import ScanRequest, scan
from codered.scan.request import EarlierLooks
from codered.scan.web_look import WebLook
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, shipped_heuristics, write
from tests.fixtures.small_packs import make_rules

ON_IMAGES = '<FilesMatch "\\.jpg$">\nSetHandler application/x-httpd-php\n</FilesMatch>\n'


def look(folder: Path, *, root: bool = False, allowed: AllowList = NOTHING_ALLOWED, cache: str = "") -> Report:
    target = open_target(str(folder)) if root else open_target(scope=(os.fsencode(folder),))
    kept = EarlierLooks(f"{cache}/seen", f"{cache}/key") if cache else EarlierLooks()
    places = (Place(str(folder), (str(folder),)),)
    return scan(target, ScanRequest(places=places, cores=1, allowed=allowed, earlier=kept), shipped_heuristics())


def paths(report: Report) -> set[str]:
    return {found.subject.path or "" for found in report.findings}


@pytest.mark.parametrize("root", [False, True])
def test_drop_ins_are_judged(tmp_path: Path, root: bool) -> None:
    write(tmp_path, {"var/www/html/.htaccess": ON_IMAGES, "var/www/html/s.php": "<?php exit; @eval($_POST['x']);"})
    (found,) = look(tmp_path, root=root).findings
    assert (found.subject.path, found.subject.key) == (f"{tmp_path}/var/www/html/.htaccess", "web_drop_in")
    assert (found.indicator, found.remedy, found.subject.line) == ("php-on-images", "remove_line", 2)


def test_an_old_one_is_found_too_and_so_again_with_the_memory_of_earlier_scans(tmp_path: Path) -> None:
    write(tmp_path, {"up/.htaccess": ON_IMAGES})
    os.utime(tmp_path / "up/.htaccess", (1, 1))
    expected = {f"{tmp_path}/up/.htaccess"}
    assert [paths(look(tmp_path / "up", cache=str(tmp_path))) for _ in range(2)] == [expected, expected]


def test_what_a_package_owns_or_the_administrator_allows_is_none(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "tool", {"srv/tool/.htaccess": ON_IMAGES})
    write(root, {"srv/mine/.htaccess": ON_IMAGES})
    entry = AllowedFile(
        path="/srv/mine/.htaccess", sha256=hashlib.sha256(ON_IMAGES.encode()).hexdigest(), who="ann",
        because="a test page", expires=datetime.now(UTC).date() + timedelta(days=2),
    )  # fmt: skip
    report = look(root, root=True, allowed=AllowList(files=(entry,)))
    assert paths(report) == set()
    assert [look.why for look in report.looks if "ann: a test page" in look.why] != []


def make_look(folder: Path, rules: RuleSet) -> WebLook:
    target = open_target(str(folder))
    return WebLook(target, rules, NOTHING_ALLOWED, PackageDatabase(Reader(target)))


def test_only_drop_ins_are_asked_for_and_without_heuristics_nothing(tmp_path: Path) -> None:
    asked = [
        make_look(tmp_path, shipped_heuristics()).interests(rel) for rel in (b"a/.htaccess", b".user.ini", b"a.php")
    ]
    assert asked == [True, True, False]
    assert not make_look(tmp_path, make_rules()).interests(b"var/www/.htaccess")
