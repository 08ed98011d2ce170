from pathlib import Path

from tests.fixtures.autostart_roots import collect, make_root, write


def test_every_script_of_the_message(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/update-motd.d/10-a": "#!/bin/sh\n/opt/x\n", "etc/update-motd.d/sub/b": "no\n"})
    found = [(e.entry, e.user, e.runs, e.line) for e in collect(root).entries if e.kind == "motd"]
    assert found == [("10-a", "root", ("/opt/x",), 0)]
