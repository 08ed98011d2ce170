from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.reading import Reader
from codered.collect.path_excludes import MAIN, is_excluded, read_excludes
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, write

NAME = b"etc/dpkg/dpkg.cfg.d/docker"


def read(root: Path, text: str) -> tuple[tuple[bool, str], ...]:
    write(root, {NAME.decode(): text})
    return read_excludes(Reader(open_target(str(root))), [NAME])


def test_the_last_rule_that_fits_counts(tmp_path: Path) -> None:
    rules = read(
        make_root(tmp_path),
        "#\npath-exclude=/usr/share/doc/*\n path-include = /x\npath-include=/usr/share/doc/*/copyright\nforce-x\n",
    )
    assert is_excluded(rules, b"usr/share/doc/app/changelog.gz")
    assert not is_excluded(rules, b"usr/share/doc/app/copyright")
    assert not is_excluded(rules, b"usr/bin/app")


def test_the_main_file_counts_too(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {MAIN.decode(): "path-exclude /usr/x\npath-exclude=/usr/share/man/*\n"})
    rules = read_excludes(Reader(open_target(str(root))), [])
    assert rules == ((True, "/usr/share/man/*"),)


def test_hostile_rules_are_bounded(tmp_path: Path) -> None:
    rules = read(make_root(tmp_path), "path-exclude=" + "*a" * 20 + "\n" + "path-exclude=/y*\n" * 1000)
    assert len(rules) == 200
    assert not is_excluded(rules, b"a" * 3000)


@given(st.text(max_size=80), st.binary(max_size=80))
def test_any_pattern_answers(pattern: str, rel: bytes) -> None:
    assert is_excluded(((True, pattern),), rel) in (True, False)
