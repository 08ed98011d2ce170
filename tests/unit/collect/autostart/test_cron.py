from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codered.collect.autostart.cron import CronLine, Shape, parse_cron_line
from tests.fixtures.autostart_roots import collect, make_root, write


@pytest.mark.parametrize(
    ("line", "shape", "expected"),
    [
        (b"", "system", None),
        (b"  # 1 2 3 4 5 root x", "system", None),
        (b"*/5 1-3,7 * jan mon-fri root /x -a", "system", CronLine(user="root", command="/x -a")),
        (b"*\t*\t*\t*\t*\troot\t/x", "system", CronLine(user="root", command="/x")),
        (b"* * * * * /x -a", "user", CronLine(command="/x -a")),
        (b"@reboot root /x", "system", CronLine(user="root", command="/x")),
        (b"@reboot /x", "user", CronLine(command="/x")),
        (b"* * * * * sh%echo 1%echo 2", "user", CronLine(command="sh")),
        (rb"* * * * * date +\%F", "user", CronLine(command=r"date +\%F")),
        (b"MAILTO=root", "system", CronLine(name="MAILTO")),
        (b'"SHELL" = /tmp/sh', "user", CronLine(name="SHELL", command="/tmp/sh")),
        (b"7 5 job /x -a", "anacron", CronLine(user="root", command="/x -a")),
        (b"@monthly 5 job /x", "anacron", CronLine(user="root", command="/x")),
        (b"* * * * root /x", "system", CronLine(command="* * * * root /x", parses=False)),
        (b"* * * * * r$(x) /x", "system", CronLine(user="r$(x)", command="/x", parses=False)),
        (b"* * * *", "user", CronLine(command="* * * *", parses=False)),
        (b"hello there", "user", CronLine(command="hello there", parses=False)),
        (b"* * * * * \xff\x00x", "user", CronLine(command="\\xff\x00x")),
    ],
)
def test_a_line_as_cron_reads_it(line: bytes, shape: Shape, expected: CronLine | None) -> None:
    assert parse_cron_line(line, shape) == expected


@given(st.binary(max_size=300), st.sampled_from(["system", "user", "anacron"]))
def test_no_line_is_too_odd(line: bytes, shape: Shape) -> None:
    found = parse_cron_line(line, shape)
    assert found is None or isinstance(found.command, str)


def test_all_places(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    write(
        root,
        {
            "etc/crontab": "SHELL=/bin/sh\n* * * * * root /a\n",
            "etc/cron.d/b": "nonsense\n* * * * * www-data /b\n",
            "etc/cron.hourly/c": "#!/bin/sh\n/c\n",
            "etc/anacrontab": "1 5 d /d\n",
            "var/spool/cron/crontabs/ann": "* * * * * /e\n",
            "var/spool/cron/bob": "* * * * * /f\n",
        },
    )
    seen = [(e.entry, e.line, e.user, e.command, e.text) for e in collect(root).entries if e.kind == "cron"]
    assert seen == [
        ("SHELL", 1, "", "/bin/sh", b"SHELL=/bin/sh"),
        ("crontab", 2, "root", "/a", b"* * * * * root /a"),
        ("b", 1, "", "nonsense", b"nonsense"),
        ("b", 2, "www-data", "/b", b"* * * * * www-data /b"),
        ("ann", 1, "ann", "/e", b"* * * * * /e"),
        ("bob", 1, "bob", "/f", b"* * * * * /f"),
        ("anacrontab", 1, "root", "/d", b"1 5 d /d"),
        ("c", 0, "root", "", b"#!/bin/sh\n/c\n"),
    ]
    assert [e.line for e in collect(root).entries if "does-not-parse" in e.facts] == [1]


def test_a_link_to_a_table_is_read_where_it_leads_but_never_out_of_the_root(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("* * * * * root /out\n")
    root = make_root(tmp_path / "root")
    write(root, {"opt/table": "* * * * * root /in\n"})
    (root / "etc/cron.d").mkdir()
    (root / "etc/cron.d/in").symlink_to("/opt/table")
    (root / "etc/cron.d/out").symlink_to(outside)
    (root / "etc/cron.d/round").symlink_to("round")
    (entry,) = [e for e in collect(root).entries if e.kind == "cron"]
    assert (entry.command, entry.shown) == ("/in", "/opt/table")
    assert [link.text for link in entry.links] == [f"{root}/etc/cron.d/in"]


def test_a_table_with_too_many_lines_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codered.collect.autostart.cron.MOST_LINES", 2)
    root = make_root(tmp_path)
    write(root, {"etc/crontab": "* * * * * root /x\n" * 3})
    seen = collect(root)
    assert len([e for e in seen.entries if e.kind == "cron"]) == 2
    assert any("more than 2 lines" in item.why for item in seen.unread)
