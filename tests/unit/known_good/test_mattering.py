import stat

import pytest

from codered.known_good.mattering import Surroundings, is_program, is_under, judge_new, why_generated
from codered.model.known_good import FileRecord

FILE = FileRecord(stat.S_IFREG | 0o644, 0, 0)
PROGRAM = FileRecord(stat.S_IFREG | 0o755, 0, 0)
ROOT_PROGRAM = FileRecord(stat.S_IFREG | 0o4644, 0, 0)
SYSTEM = Surroundings(web_roots=(b"var/www/html",))


@pytest.mark.parametrize(
    "rel",
    [b"etc/adjtime", b"etc/x.dpkg-new", b"root/.bash_history", b"usr/share/mime/x.cache"],
)
def test_what_the_system_writes_by_itself_says_nothing(rel: bytes) -> None:
    assert why_generated(rel, FILE)
    assert why_generated(rel, None)
    assert not why_generated(rel, ROOT_PROGRAM)
    assert not why_generated(rel, FILE, b"\x7fELF")


@pytest.mark.parametrize("rel", [b"etc/ld.so.cache", b"lib/modules/6.1/modules.dep.bin", b"usr/lib/gtk/loaders.cache"])
def test_what_decides_what_is_loaded_is_written_only_when_packages_change(rel: bytes) -> None:
    assert not why_generated(rel, FILE)
    assert why_generated(rel, None)
    assert why_generated(rel, FILE, packages_changed=True)
    assert not why_generated(rel, FileRecord(stat.S_IFLNK | 0o777, 0, 0, link=b"/tmp/x"), packages_changed=True)


@pytest.mark.parametrize(
    "rel", [b"etc/passwd", b"usr/bin/ld.so.cache", b"etc/ld.so.preload", b"\xff/x", b"", b"usr/x.pyc"]
)
def test_other_names_do(rel: bytes) -> None:
    assert not why_generated(rel, FILE)


@pytest.mark.parametrize(
    ("rel", "record", "head", "kind"),
    [
        (b"var/www/html/a.txt", FILE, b"", "new-web-file"),
        (b"var/www/html2/a.txt", FILE, b"", None),
        (b"usr/bin/x", PROGRAM, b"", "new-executable"),
        (b"usr/bin/x", FILE, b"#!/bin/sh\n", "new-executable"),
        (b"usr/share/doc/x", FILE, b"\x7fELF", "new-executable"),
        (b"usr/lib/x.so", FILE, b"", "new-executable"),
        (b"usr/lib/python3/x.pyc", FILE, b"", "new-executable"),
        (b"usr/share/doc/x", FILE, b"text", None),
        (b"usr/share/doc/x", ROOT_PROGRAM, b"text", "new-executable"),
        (b"etc/x.conf", FILE, b"text", "new-file"),
        (b"etc/x", FileRecord(stat.S_IFLNK | 0o777, 0, 0, link=b"/tmp/x"), b"", "new-file"),
        (b"etc/folder", FileRecord(stat.S_IFDIR | 0o755, 0, 0), b"", None),
        (b"var/lib/x", PROGRAM, b"", None),
    ],
)
def test_of_what_is_new_only_what_runs_is_served_or_decides(
    rel: bytes, record: FileRecord, head: bytes, kind: str | None
) -> None:
    assert judge_new(rel, record, head, SYSTEM) == kind


def test_in_a_plain_folder_everything_new_matters() -> None:
    plain = Surroundings(plain=True)
    assert judge_new(b"a/b", FILE, b"", plain) == "new-file"
    assert judge_new(b"a/b", FILE, b"#!", plain) == "new-executable"


def test_programs_and_folders() -> None:
    assert is_program(b"<?php echo 1;")
    assert not is_program(b"text #!")
    assert is_under(b"a/b", b"a")
    assert is_under(b"a", b"")
    assert not is_under(b"ab", b"a")
