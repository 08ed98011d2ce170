import os
from pathlib import Path

from codered.collect.autostart.entries import CUT, MOST_TEXT, link_paths, make_entry
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.targets import open_target
from tests.fixtures.autostart_roots import make_root, own, write


def test_an_entry_has_what_the_file_has(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"etc/cron.d/app": "x\n"})
    reader = Reader(open_target(str(root)))
    file = reader.read(b"etc/cron.d/app")
    assert file is not None
    entry = make_entry(reader, PackageDatabase(reader), file, "cron", line=1, text=b"x", command="/x")
    assert (entry.path.text, entry.system_path()) == (f"{root}/etc/cron.d/app", "/etc/cron.d/app")
    assert (entry.origin, entry.package, entry.size, entry.mode, entry.uid) == ("package", "app", 2, 0o644, os.getuid())
    assert (entry.sha256, entry.changed) == (file.sha256, file.changed)
    assert (entry.line, entry.text, entry.command) == (1, b"x", "/x")


def test_what_is_too_long_to_be_kept_is_said_but_for_a_packages_file(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/rc.local": "x" * (MOST_TEXT + 1)})
    own(root, "app", {"etc/profile": "x" * (MOST_TEXT + 1)})
    reader = Reader(open_target(str(root)))
    packages = PackageDatabase(reader)
    for rel in (b"etc/rc.local", b"etc/profile"):
        file = reader.read(rel)
        assert file is not None
        entry = make_entry(reader, packages, file, "rc")
        assert (len(entry.text), CUT in entry.facts) == (MOST_TEXT, True)
    assert [item.rel for item in reader.unread] == [b"etc/rc.local"]


def test_links_as_paths_here(tmp_path: Path) -> None:
    reader = Reader(open_target(str(make_root(tmp_path))))
    assert [path.text for path in link_paths(reader, (b"etc/a", b"b"))] == [f"{tmp_path}/etc/a", f"{tmp_path}/b"]
