from pathlib import Path

from tests.fixtures.autostart_roots import collect, make_root, write

JOB = "#!/bin/sh\n# atrun uid=1000 gid=1000\numask 22\ncd /x || {\n\t exit 1\n}\n/opt/x\n"


def test_every_waiting_job(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(root, {"var/spool/cron/atjobs/a1": JOB, "var/spool/at/b2": "odd", "var/spool/cron/atjobs/.SEQ": "1"})
    found = [(e.entry, e.user, e.command, e.line) for e in collect(root).entries if e.kind == "at"]
    assert found == [("a1", "1000", "/opt/x", 0), ("b2", "", "odd", 0)]
