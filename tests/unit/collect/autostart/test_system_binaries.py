"""The system's own programs."""

import os
from pathlib import Path

import pytest

from codered.collect.autostart import system_binaries
from codered.collect.autostart.reading import Reader
from codered.collect.autostart.system_binaries import collect_system_binaries
from codered.collect.packages import PackageDatabase
from codered.targets import open_target
from tests.fixtures.autostart_roots import SHELL, judge, make_root, named, own, write

CAT, LS, DASH = "\x7fELF\0cat", "\x7fELF\0ls", "\x7fELF\0" + "dash" * 8000
LONG_AGO = 1_600_000_000


def make(folder: Path) -> Path:
    own(
        make_root(folder),
        "coreutils",
        {"usr/bin/cat": CAT, "usr/bin/ls": LS, "usr/bin/tool": CAT, "usr/bin/dash": DASH},
    )
    write(folder, {"usr/sbin/.keep": ""})
    age(folder)
    return folder


def age(root: Path) -> None:
    """The packages came long ago, so that every program here changed since."""
    for record in (root / "var/lib/dpkg/info").iterdir():
        os.utime(record, (LONG_AGO, LONG_AGO))


def test_programs_wrapped_by_scripts(tmp_path: Path) -> None:
    make(tmp_path)
    for name, old in (("cat", CAT), ("ls", LS)):
        write(tmp_path, {f"usr/bin/{name}.original": old}, 0o755)
        write(
            tmp_path, {f"usr/bin/{name}": f'#!/bin/bash\n{SHELL} 2>/dev/null &\n/usr/bin/{name}.original "$@"\n'}, 0o755
        )
    found = named(judge(tmp_path))
    for name in ("/usr/bin/cat", "/usr/bin/ls"):
        assert (found[name].remedy, found[name].confidence) == ("restore_file", "likely")


def test_a_program_replaced_by_another(tmp_path: Path) -> None:
    write(make(tmp_path), {"usr/bin/tool": "\x7fELF\0other"}, 0o755)
    found = named(judge(tmp_path))
    assert list(found) == ["/usr/bin/tool"]
    assert (found["/usr/bin/tool"].remedy, found["/usr/bin/tool"].confidence) == ("restore_file", "likely")


def test_a_shell_with_a_deceptive_name(tmp_path: Path) -> None:
    write(make(tmp_path), {"usr/sbin/nologin ": DASH, "usr/sbin/.dash": DASH}, 0o755)
    found = named(judge(tmp_path))
    assert {name: finding.remedy for name, finding in found.items()} == dict.fromkeys(
        ("/usr/sbin/nologin ", "/usr/sbin/.dash"), "quarantine_file"
    )
    assert found["/usr/sbin/nologin "].confidence == "likely"


def test_unchanged_and_own_programs_are_none(tmp_path: Path) -> None:
    write(make(tmp_path), {"usr/bin/mine": "\x7fELF\0mine", "usr/bin/script": "#!/bin/sh\ntrue\n"}, 0o755)
    assert judge(tmp_path) == ()


def test_a_diverted_program_is_none(tmp_path: Path) -> None:
    make(tmp_path)
    write(tmp_path, {"var/lib/dpkg/diversions": "/usr/bin/ls\n/usr/bin/ls.real\nother\n", "usr/bin/ls.real": LS})
    own(tmp_path, "other", {"usr/bin/ls": "#!/bin/sh\nexec ls.real\n"})
    age(tmp_path)
    assert judge(tmp_path) == ()


def test_when_the_time_is_out_the_first_ones_are_compared_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(make(tmp_path), {"usr/bin/tool": "\x7fELF\0other", "usr/bin/ls": "\x7fELF\0other"}, 0o755)
    monkeypatch.setattr(system_binaries, "MOST_SECONDS", -1.0)
    reader = Reader(open_target(str(tmp_path)))
    found = [entry.entry for entry in collect_system_binaries(reader, PackageDatabase(reader))]
    assert found == ["ls"]
    assert [(item.rel, item.state) for item in reader.unread] == [(b"usr/bin/tool", "skipped")]


def test_a_program_that_intruders_replace_first_is_compared_whatever_the_times_say(tmp_path: Path) -> None:
    write(make(tmp_path), {"usr/bin/tool": "\x7fELF\0other", "usr/bin/ls": "\x7fELF\0other"}, 0o755)
    for record in (tmp_path / "var/lib/dpkg/info").iterdir():
        os.utime(record)
    assert list(named(judge(tmp_path))) == ["/usr/bin/ls"]


def test_what_came_with_its_package_is_not_read(tmp_path: Path) -> None:
    make_root(tmp_path)
    read = []
    for _ in range(2):
        reader = Reader(open_target(str(tmp_path)))
        list(collect_system_binaries(reader, PackageDatabase(reader)))
        read.append(reader.bytes)
        own(tmp_path, "fresh", {"usr/bin/fresh": CAT})
    assert read[0] == read[1]
