from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from codered.detect.process_words import ProcessWords
from codered.model.allow_list import AllowedScanner, AllowList
from codered.model.process import ProcessId
from codered.model.traffic import Actor
from codered.scan.scanner_allowing import ScannerAllowing

DIGEST = "ab" * 32
LATER = (datetime.now(UTC) + timedelta(days=9)).date()
TOOL = Actor(address="10.0.0.7", process=ProcessId(12, 345), name="scanner", program="/opt/scanner", user="audit")
ENTRY = AllowedScanner(sha256=DIGEST, expires=LATER, because="nightly", who="me", user="audit", ports=(80, 443))
WORDS = ProcessWords({"process-interpreters": ("python*",)})


def make(*entries: AllowedScanner, digest: str = DIGEST) -> ScannerAllowing:
    def hash_program(key: bytes) -> str:
        assert key == b"pid 12 345"
        return digest

    return ScannerAllowing(AllowList(scanners=entries), WORDS, hash_program)


def test_a_scanner_is_allowed_by_hash_user_and_all_its_ports() -> None:
    allowing = make(ENTRY)
    assert allowing.explain(TOOL, (80, 443)) == f"scanner {DIGEST[:12]}, until {LATER} (me: nightly)"
    assert allowing.explain(TOOL, (80, 22)) == ""
    assert allowing.explain(replace(TOOL, user="www-data"), (80,)) == ""
    assert make(ENTRY, digest="cd" * 32).explain(TOOL, (80,)) == ""
    assert make(ENTRY, digest="").explain(TOOL, (80,)) == ""


def test_who_is_no_process_is_never_allowed() -> None:
    assert make(ENTRY).explain(replace(TOOL, process=None), (80,)) == ""


def test_an_interpreter_is_allowed_only_with_its_command_line() -> None:
    python = replace(TOOL, program="/usr/bin/python3", command="python3 /opt/check.py")
    assert make(ENTRY).explain(python, (80,)) == ""
    entry = replace(ENTRY, command="python3 /opt/check.py")
    assert make(entry).explain(python, (80,))
    assert make(entry).explain(replace(python, command="python3 /tmp/x.py"), (80,)) == ""


def test_an_entry_ends_and_is_told() -> None:
    past = replace(ENTRY, expires=(datetime.now(UTC) - timedelta(days=2)).date())
    assert make(past).explain(TOOL, (80,)) == ""
    assert make(past, ENTRY).expired() == (past,)


def test_nothing_is_hashed_for_an_empty_list() -> None:
    def hash_nothing(_: bytes) -> str:
        raise AssertionError("nobody asked")

    assert ScannerAllowing(AllowList(), WORDS, hash_nothing).explain(TOOL, (80,)) == ""
