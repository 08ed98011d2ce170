import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from codered.known_good.contents import ContentStore
from codered.known_good.looking_up import find_record
from codered.model.known_good import Baseline
from codered.model.target import Target
from codered.scan.baselining import BaselineRequest, CompareRequest, compare_system, create_baseline
from codered.targets import open_target

PASSWD = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n"
SHADOW = "root:*:19000:0:99999:7:::\nann:*:19000:0:99999:7:::\n"
STATUS = "Package: tool\nStatus: install ok installed\nVersion: {}\nArchitecture: all\n\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small Linux system of the test's own."""
    top = tmp_path / "root"
    files = {
        "etc/passwd": PASSWD,
        "etc/shadow": SHADOW,
        "etc/group": "root:x:0:\n",
        "etc/debian_version": "12\n",
        "etc/crontab": "17 * * * * root true\n",
        "usr/bin/tool": "#!/bin/sh\necho tool\n",
        "usr/share/doc/tool/README": "text\n",
        "var/www/html/index.php": "<?php echo 1;\n",
        "var/log/syslog": "a\n",
        "var/lib/dpkg/status": STATUS.format("1.0"),
        "var/lib/dpkg/info/tool.list": "/.\n/usr\n/usr/bin\n/usr/bin/tool\n",
        "var/lib/dpkg/info/tool.md5sums": "0" * 32 + "  usr/bin/tool\n",
        "home/ann/.ssh/authorized_keys": "",
    }
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (top / "usr/bin/tool").chmod(0o755)
    return top


def _make(root: Path, tmp_path: Path, jobs: int = 0) -> tuple[Target, Baseline]:
    target = open_target(str(root))
    made = create_baseline(target, BaselineRequest(store=str(tmp_path / "store"), jobs=jobs))
    assert made.baseline.gaps == ()
    return target, made.baseline


def _compare(target: Target, before: Baseline, **wishes: int) -> set[tuple[str, str]]:
    found = compare_system(target, before, CompareRequest(**wishes))  # type: ignore[arg-type]
    assert not [item for item in found.counted if item.state == "failed"]
    return {(item.kind, item.shown or item.name) for item in found.deviations}


def test_an_unchanged_system_deviates_in_nothing_by_one_or_more_processes(root: Path, tmp_path: Path) -> None:
    target, before = _make(root, tmp_path)
    assert before.whole
    assert before.stored
    assert {package.name for package in before.packages} == {"tool"}
    assert {account.name for account in before.accounts} == {"root", "ann"}
    for wishes in ({"jobs": 1}, {"jobs": 3}, {"full": 1}):
        assert _compare(target, before, **wishes) == set()
    _, again = _make(root, tmp_path, jobs=3)
    assert [folder.rel for folder in again.folders] == [folder.rel for folder in before.folders]


def _append(root: Path, name: str, text: str) -> None:
    with (root / name).open("a") as file:
        file.write(text)


def _replace_keeping_times(root: Path) -> None:
    path = root / "usr/bin/tool"
    seen = path.stat()
    path.write_text("#!/bin/sh\necho evil\n")
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFfakefakefakefakefakefakefakefakefakefakefa x\n"
CHANGES: list[tuple[Callable[[Path], object], set[tuple[str, str]]]] = [
    (_replace_keeping_times, {("content", "/usr/bin/tool")}),
    (lambda root: (root / "usr/bin/tool").chmod(0o4755), {("mode", "/usr/bin/tool")}),
    (lambda root: os.chown(root / "usr/bin/tool", 33, 33), {("owner", "/usr/bin/tool")}),
    (lambda root: (root / "usr/share/doc/tool/README").unlink(), {("missing", "/usr/share/doc/tool/README")}),
    (lambda root: (root / "var/www/html/x.txt").write_text("x"), {("new-web-file", "/var/www/html/x.txt")}),
    (lambda root: (root / "usr/share/doc/new").write_text("just text"), set()),
    (lambda root: _append(root, "var/log/syslog", "b\n"), set()),
    (lambda root: os.utime(root / "usr/bin/tool"), set()),
    (lambda root: _append(root, "etc/crontab", "* * * * * root x\n"), {("new-autostart", "/etc/crontab")}),
    (
        lambda root: (root / "etc/crontab").write_text("1 1 * * * root y\n"),
        {("content", "/etc/crontab"), ("new-autostart", "/etc/crontab")},
    ),
    (lambda root: _append(root, "home/ann/.ssh/authorized_keys", KEY), {("new-key", "/home/ann/.ssh/authorized_keys")}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_change_is_told_once_and_only_if_it_matters(
    root: Path, tmp_path: Path, change: Callable[[Path], object], expected: set[tuple[str, str]]
) -> None:
    target, before = _make(root, tmp_path)
    change(root)
    assert _compare(target, before) == expected
    assert _compare(target, before, full=True, jobs=2) == expected


def test_a_new_account_is_told_once_not_by_each_of_its_files(root: Path, tmp_path: Path) -> None:
    target, before = _make(root, tmp_path)
    _append(root, "etc/passwd", "eve:x:0:0::/:/bin/sh\n")
    _append(root, "etc/shadow", "eve::19000:0:99999:7:::\n")
    assert _compare(target, before) == {("new-account", "/etc/passwd")}
    (root / "etc/shadow").write_text(SHADOW.replace("ann:*", "ann:$y$x") + "eve::19000:0:99999:7:::\n")
    assert ("content", "/etc/shadow") in _compare(target, before)


def test_an_upgraded_package_is_told_once_and_what_is_not_as_it_has_it(root: Path, tmp_path: Path) -> None:
    target, before = _make(root, tmp_path)
    (root / "usr/bin/tool").write_text("#!/bin/sh\necho newer\n")
    digest = hashlib.md5((root / "usr/bin/tool").read_bytes()).hexdigest()
    (root / "var/lib/dpkg/info/tool.md5sums").write_text(f"{digest}  usr/bin/tool\n")
    assert _compare(target, before) == {("content", "/usr/bin/tool")}  # the version is as it was: no upgrade
    (root / "var/lib/dpkg/status").write_text(STATUS.format("2.0"))
    assert _compare(target, before) == {("changed-package", "tool")}
    (root / "usr/bin/tool").write_text("#!/bin/sh\necho evil\n")
    assert _compare(target, before) == {("changed-package", "tool"), ("content", "/usr/bin/tool")}


def test_forged_records_of_a_changed_package_speak_only_for_contents(root: Path, tmp_path: Path) -> None:
    (root / "usr/bin/link").symlink_to("tool")
    (root / "usr/bin/other").write_text("#!/bin/sh\n")
    (root / "usr/lib").mkdir()
    (root / "usr/lib/gone.py").write_text("pass\n")
    _append(root, "var/lib/dpkg/info/tool.list", "/usr/bin/link\n/usr/lib/gone.py\n")
    target, before = _make(root, tmp_path)
    texts = {
        "usr/bin/tool": "#!/bin/sh\necho evil\n",
        "usr/bin/new": "#!/bin/sh\n",
        "usr/bin/set-id": "#!/bin/sh\n",
        "usr/bin/writable": "#!/bin/sh\n",
        "usr/bin/other": "#!/bin/sh\necho evil\n",  # was of no package
        "var/www/html/shell.php": "<?php\n",
        "etc/cron.d/job": "* * * * * root true\n",
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    (root / "usr/bin/tool").chmod(0o777)
    (root / "usr/bin/set-id").chmod(0o4755)
    (root / "usr/bin/writable").chmod(0o757)
    (root / "usr/lib/gone.py").unlink()
    (root / "usr/bin/link").unlink()
    (root / "usr/bin/link").symlink_to("new")
    (root / "etc/link").symlink_to("/usr/bin/new")
    listed = "".join(f"/{name}\n" for name in (*texts, "usr/bin/link", "etc/link"))
    (root / "var/lib/dpkg/info/tool.list").write_text(listed)
    sums = "".join(f"{hashlib.md5(text.encode()).hexdigest()}  {name}\n" for name, text in texts.items())
    (root / "var/lib/dpkg/info/tool.md5sums").write_text(sums)
    (root / "var/lib/dpkg/status").write_text(STATUS.format("1.1"))
    for jobs in (1, 2):
        assert _compare(target, before, jobs=jobs) == {
            ("changed-package", "tool"),
            ("mode", "/usr/bin/tool"),
            ("new-executable", "/usr/bin/set-id"),
            ("new-executable", "/usr/bin/writable"),
            ("content", "/usr/bin/other"),
            ("link", "/usr/bin/link"),
            ("new-file", "/etc/link"),
            ("new-web-file", "/var/www/html/shell.php"),
            ("new-autostart", "/etc/cron.d/job"),
        }
        (package,) = (item for item in compare_system(target, before).deviations if item.kind == "changed-package")
        assert package.note.startswith("4 of its files differ from the baseline")  # tool, new, gone.py, the job


def test_contents_are_kept_of_configuration_and_web_files_but_no_secrets(root: Path, tmp_path: Path) -> None:
    _, before = _make(root, tmp_path)
    store = ContentStore(tmp_path / "store")
    for rel in (b"etc/crontab", b"var/www/html/index.php"):
        record = find_record(before, rel)
        assert record is not None
        assert store.read(record.sha256.hex()) == (root / rel.decode()).read_bytes()
    for rel in (b"etc/shadow", b"usr/bin/tool"):
        record = find_record(before, rel)
        assert record is not None
        assert (record.sha256, len(record.digest)) == (b"", 32)
    assert find_record(before, b"var/log/syslog") is None


def test_a_folder_that_went_or_became_a_link_out_of_the_root(root: Path, tmp_path: Path) -> None:
    target, before = _make(root, tmp_path)
    os.rename(root / "var/www/html", tmp_path / "outside")
    (root / "var/www/html").symlink_to(tmp_path / "outside")
    found = _compare(target, before)
    assert found == {("type", "/var/www/html"), ("missing", "/var/www/html/index.php")}


def test_a_new_folder_is_looked_through(root: Path, tmp_path: Path) -> None:
    target, before = _make(root, tmp_path)
    (root / "opt/new/deep").mkdir(parents=True)
    (root / "opt/new/deep/x").write_text("#!/bin/sh\n")
    os.mkfifo(root / "opt/new/fifo")
    assert _compare(target, before) == {("new-executable", "/opt/new/deep/x")}


def test_a_file_system_mounted_below_is_read_whole_and_that_is_said() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        (Path(folder) / "a").write_text("a")
        target = open_target(folder)
        before = create_baseline(target, BaselineRequest(places=(b"",))).baseline
        found = compare_system(target, before, CompareRequest(jobs=2))
    said = [
        item for item in found.counted if item.why.startswith("times were not believed, every file was read: tmpfs")
    ]
    assert [(item.state, item.example) for item in said] == [("skipped", folder)]


def test_the_tools_own_folders_are_passed_over(root: Path, tmp_path: Path) -> None:
    target = open_target(str(root))
    own = (b"opt/state",)
    (root / "opt").mkdir()
    before = create_baseline(target, BaselineRequest(own=own)).baseline
    (root / "opt/state").mkdir()
    (root / "opt/state/x").write_text("#!/bin/sh\n")
    found = compare_system(target, before, CompareRequest(own=own))
    assert found.deviations == ()


def test_a_part_is_files_only_and_every_new_file_counts(root: Path, tmp_path: Path) -> None:
    target = open_target(str(root))
    before = create_baseline(target, BaselineRequest(places=(b"usr/share",))).baseline
    assert (before.whole, before.packages) == (False, ())
    (root / "usr/share/doc/new").write_text("text")
    assert _compare(target, before) == {("new-file", "/usr/share/doc/new")}


def test_what_can_not_be_read_is_a_gap_and_names_it(root: Path, tmp_path: Path) -> None:
    deep = root / "usr/share"
    for _ in range(210):
        deep = deep / "d"
    deep.mkdir(parents=True)
    made = create_baseline(open_target(str(root)), BaselineRequest())
    assert any("more than 200 folders deep" in gap for gap in made.baseline.gaps)
