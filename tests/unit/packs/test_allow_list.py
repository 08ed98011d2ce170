"""Allow-lists as files: a good one, and each way to get one wrong."""

import os
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered.packs.allow_list import load_allow_list

GOOD = f"""format: 1
processes:
  - sha256: {"a" * 64}
    user: www-data
    days: [mon, tue]
    start: 22
    end: 4
    command: sh -c 'x'
    expires: '2027-01-01'
    because: the night job
    who: the admin
keys:
  - key: SHA256:{"b" * 43}
    expires: '2027-01-01'
    because: the backup host
    who: the admin
files:
  - path: /etc/cron.d/own
    sha256: {"c" * 64}
    expires: '2027-01-01'
    because: our own job
    who: the admin
  - path: C:\\Tools\\own.cmd
    sha256: {"c" * 64}
    expires: '2027-01-01'
    because: our own script
    who: the admin
entries:
  - entry: HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run:Agent
    command: C:\\Agent\\svchost.exe -k
    expires: '2027-01-01'
    because: our agent
    who: the admin
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "allow.yaml"
    path.write_text(text)
    path.chmod(0o644)
    return path


def test_a_good_one(tmp_path: Path) -> None:
    allowed = load_allow_list(write(tmp_path, GOOD))
    parts = (allowed.processes, allowed.keys, allowed.files, allowed.entries)
    assert [len(part) for part in parts] == [1, 1, 2, 1]
    assert allowed.files[1].path == "C:\\Tools\\own.cmd"
    assert (allowed.processes[0].start, allowed.processes[0].days) == (22, ("mon", "tue"))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("format: 1\n", "", 1),
        ("format: 1", "format: 2", 1),
        ("a" * 64, "A" * 64, 3),
        ("    expires: '2027-01-01'\n    because: the night job", "    because: the night job", 3),
        ("'2027-01-01'\n    because: the backup host", "soon\n    because: the backup host", 14),
        ("start: 22", "start: 4", 6),
        ("start: 22", "start: 24", 6),
        ("[mon, tue]", "[monday]", 5),
        ("because: our own job", "because: ''", 21),
        ("/etc/cron.d/own", "etc/cron.d/own", 18),
        ("C:\\Tools", "C:Tools", 23),
        ("HKLM\\SOFT", "SOFT", 29),
        ("SHA256:", "MD5:", 13),
        ("user: www-data", "usr: www-data", 4),
    ],
)
def test_faults_are_told_by_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(WrongUse) as caught:
        load_allow_list(write(tmp_path, GOOD.replace(old, new)))
    assert caught.value.where.endswith(f"allow.yaml:{line}"), caught.value


def test_an_entry_twice(tmp_path: Path) -> None:
    entry = GOOD[GOOD.index("  - key") : GOOD.index("files:")]
    with pytest.raises(WrongUse, match="a second time"):
        load_allow_list(write(tmp_path, GOOD.replace("files:", entry + "files:")))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("link.yaml", "is a link"),
        ("no.yaml", "no such allow-list"),
        ("folder", "can't be read"),
        ("empty.yaml", "is empty"),
        ("comment.yaml", "is empty"),
    ],
)
def test_what_is_no_list_is_told_in_its_own_words(tmp_path: Path, name: str, what: str) -> None:
    (tmp_path / "link.yaml").symlink_to(write(tmp_path, GOOD))
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "comment.yaml").write_text("# nothing yet\n\n")
    with pytest.raises(WrongUse, match=what) as caught:
        load_allow_list(tmp_path / name)
    assert "pack" not in caught.value.advice
    assert caught.value.where == str(tmp_path / name)


def test_it_is_called_by_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, GOOD.replace("format: 1", "format: 2"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUse) as caught:
        load_allow_list(Path("allow.yaml"))
    assert caught.value.where == f"{tmp_path}/allow.yaml:1"


@pytest.mark.parametrize("mode", [0o664, 0o646, 0o777])
def test_one_that_others_may_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, GOOD)
    path.chmod(mode)
    with pytest.raises(WrongUse, match="others than its owner may write it"):
        load_allow_list(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file away")
def test_one_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    os.chown(path, 12345, 0)
    with pytest.raises(WrongUse, match="belongs to user 12345") as caught:
        load_allow_list(path)
    assert "chown root" in caught.value.advice


def test_one_in_a_folder_that_others_may_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    path = write(folder, GOOD)
    folder.chmod(0o777)
    (tmp_path / "link").symlink_to(folder)
    for way in (path, tmp_path / "link" / "allow.yaml"):
        with pytest.raises(WrongUse) as caught:
            load_allow_list(way)
        assert caught.value.where.endswith("/open")
    folder.chmod(0o1777)
    assert len(load_allow_list(path).keys) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a link away")
def test_a_link_of_somebody_else_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder, GOOD)
    (tmp_path / "link").symlink_to(folder)
    assert len(load_allow_list(tmp_path / "link" / "allow.yaml").keys) == 1
    os.lchown(tmp_path / "link", 12345, 0)
    with pytest.raises(WrongUse, match="12345"):
        load_allow_list(tmp_path / "link" / "allow.yaml")
