from pathlib import Path

import pytest

from codered.collect.autostart.behind import PRELOADS_UNOWNED, RUN_BY
from codered.model.persistence import Autostart
from tests.fixtures.autostart_roots import collect, make_root, own, write


def entries(root: Path, cron: str) -> dict[str, Autostart]:
    write(root, {"etc/cron.d/x": f"* * * * * ann {cron}\n"})
    return {e.system_path(): e for e in collect(root).entries if e.kind == "cron"}


def test_a_script_that_is_run_becomes_an_entry_once(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"opt/s": "#!/bin/sh\n/opt/t\n", "home/ann/u": "plain text\n", "opt/code": "\0ELF"})
    found = entries(root, "/bin/sh /opt/s; /opt/s; ~/u; /opt/code")
    assert set(found) == {"/etc/cron.d/x", "/opt/s", "/home/ann/u"}
    assert found["/etc/cron.d/x"].runs == ("/bin/sh", "/opt/s", "~/u", "/opt/code")
    assert RUN_BY in found["/opt/s"].facts
    assert (found["/opt/s"].kind, found["/opt/s"].user, found["/opt/s"].runs) == ("cron", "ann", ("/opt/t",))


def test_a_packages_script_is_none_unless_it_was_changed(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    own(root, "app", {"opt/s": "#!/bin/sh\n"})
    found = entries(root, "/opt/s")
    assert set(found) == {"/etc/cron.d/x"}
    assert "command-unowned" not in found["/etc/cron.d/x"].facts
    write(root, {"opt/s": "#!/bin/sh\nmore\n"})
    assert entries(root, "/opt/s")["/opt/s"].origin == "changed"


@pytest.mark.parametrize(
    ("command", "fact"),
    [("/opt/gone", "command-missing"), ("/opt/open", "executable-world-writable"), ("/opt/open", "command-unowned")],
)
def test_facts_of_what_is_run(tmp_path: Path, command: str, fact: str) -> None:
    root = make_root(tmp_path)
    write(root, {"opt/open": "\0"}, mode=0o777)
    assert fact in entries(root, command)["/etc/cron.d/x"].facts
    assert fact not in entries(root, "/bin/sh")["/etc/cron.d/x"].facts


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("LD_PRELOAD=/opt/x.so", True),
        ("LD_AUDIT = '/opt/x.so'", True),
        ("LD_PRELOAD=/bin/sh", False),
        ("LD_PRELOAD=", False),
    ],
)
def test_a_library_of_no_package(tmp_path: Path, text: str, holds: bool) -> None:
    assert (PRELOADS_UNOWNED in entries(make_root(tmp_path), f"env {text} /bin/sh")["/etc/cron.d/x"].facts) is holds


def test_facts_of_the_file_itself(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    assert not {"world-writable", "owner-not-root"} & entries(root, "/bin/sh")["/etc/cron.d/x"].facts
    (root / "etc/cron.d/x").chmod(0o666)
    (found,) = [e for e in collect(root).entries if e.kind == "cron"]
    assert "world-writable" in found.facts


def test_too_many_scripts_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.behind.MOST_SCRIPTS", 1)
    root = make_root(tmp_path)
    write(root, {"opt/a": "a\n", "opt/b": "b\n", "etc/cron.d/x": "* * * * * root /opt/a; /opt/b\n"})
    seen = collect(root)
    assert len([e for e in seen.entries if RUN_BY in e.facts]) == 1
    assert any("more than 1 scripts" in item.why for item in seen.unread)
