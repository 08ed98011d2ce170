from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.udev import find_commands
from tests.fixtures.autostart_roots import collect, make_root, write


@pytest.mark.parametrize(
    ("rule", "commands"),
    [
        (b'ACTION=="add", RUN+="/x a"', ("/x a",)),
        (b'RUN{program}+="/x", PROGRAM="/y", IMPORT{program}="/z"', ("/x", "/y", "/z")),
        (b'ENV{SYSTEMD_WANTS}+="x.service"', ("x.service",)),
        (b'RUN+="/bin/sh -c \'echo \\"a\\"\'"', ("/bin/sh -c 'echo \\\"a\\\"'",)),
        (b'RUN{builtin}+="kmod load x"', ()),
        (b'# RUN+="/x"', ()),
        (b'RUN+="unfinished', ()),
        (b'MODE="0660"', ()),
    ],
)
def test_what_a_rule_runs(rule: bytes, commands: tuple[str, ...]) -> None:
    assert find_commands(rule) == commands


@given(st.binary(max_size=300))
def test_no_rule_is_too_odd(rule: bytes) -> None:
    assert all(isinstance(command, str) for command in find_commands(rule))


def test_a_rule_over_two_lines_is_the_files_and_others_are_lines(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(
        root,
        {
            "etc/udev/rules.d/1.rules": 'A=="b", \\\n  RUN+="/opt/x"\nRUN+="/opt/y"\n',
            "etc/udev/rules.d/2.rules": 'RUN+="/opt/z" \\',
            "etc/udev/rules.d/README": 'RUN+="/opt/no"\n',
        },
    )
    found = [(e.entry, e.line, e.runs) for e in collect(root).entries if e.kind == "udev"]
    assert found == [("1.rules", 0, ("/opt/x",)), ("1.rules", 3, ("/opt/y",)), ("2.rules", 0, ("/opt/z",))]


def test_what_a_rule_writes_into_a_crontab_is_run_too(tmp_path: Path) -> None:
    rule = 'RUN+="/bin/sh -c \'echo \\"* * * * * /opt/x a\\" | crontab -\'"\n'
    write(
        make_root(tmp_path),
        {"etc/udev/rules.d/1.rules": rule, "etc/udev/rules.d/2.rules": 'RUN+="/bin/sh echo /opt/y"'},
    )
    runs = {entry.path.text[-7:]: entry.runs for entry in collect(tmp_path).entries if entry.kind == "udev"}
    assert "/opt/x" in runs["1.rules"]
    assert "/opt/y" not in runs["2.rules"]
