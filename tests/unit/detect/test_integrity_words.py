from typing import get_args

import pytest

from codered.detect.integrity_words import FileClass, read_words
from codered.model.countermeasures import RemovalKind
from codered.model.known_good import DeviationKind, Truth

WORDS = read_words()


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("/usr/bin/ls", b"", "program"),
        ("/usr/bin/ls", b"\x7fELF", "program"),
        ("/opt/x/run", b"\x7fELF", "program"),
        ("/opt/x/run", b"#!/bin/sh", "script"),
        ("/usr/share/wordpress/wp-login.php", b"", "script"),
        ("/usr/share/wordpress/readme.html", b"<html>", "served"),
        ("/usr/lib/x86_64-linux-gnu/libc.so.6", b"", "program"),
        ("/usr/lib/systemd/system/ssh.service", b"[Unit]", "unit"),
        ("/etc/cron.d/x", b"", "unit"),
        ("/etc/apache2/apache2.conf", b"", "config"),
        ("/usr/share/doc/x/example.sh", b"", "script"),
        ("/usr/share/locale/de/x.mo", b"", "slight"),
        ("/usr/lib/python3/dist-packages/pip/_vendor/certifi/cacert.pem", b"\n# Issuer", "other"),
        ("/usr/share/x/photo.PNG", b"", "slight"),
        ("/usr/binary/x", b"", "other"),
    ],
)
def test_what_a_file_is_to_the_system(path: str, head: bytes, kind: FileClass) -> None:
    assert WORDS.classify(path, head) == kind


@pytest.mark.parametrize(
    ("rel", "worth"),
    [
        (b"usr/bin/ls", True),
        (b"usr/share/doc/x/y", False),
        (b"usr/share/docs", True),
        (b"usr/share/wordpress/logo.png", False),
        (b"usr/share/wordpress/wp-login.php", True),
        (b"usr/lib/\xff.so", True),
    ],
)
def test_what_a_scan_compares(rel: bytes, worth: bool) -> None:
    assert WORDS.is_worth_comparing(rel) is worth


def test_the_tables_know_every_kind_and_truth() -> None:
    assert set(WORDS.deviations) == set(get_args(DeviationKind))
    assert set(WORDS.truths) == set(get_args(Truth))
    assert set(WORDS.kinds) == set(get_args(FileClass))
    assert {said.remedy for said in WORDS.deviations.values()} - {""} <= set(get_args(RemovalKind)) | {
        "quarantine_file"
    }
