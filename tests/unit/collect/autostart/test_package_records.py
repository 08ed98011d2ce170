"""Forged records of packages: they are told, and what they claim is judged as what it is."""

from pathlib import Path

import pytest

from codered.collect.autostart import package_records
from tests.fixtures.autostart_roots import DETACHED, collect, judge, make_root, named, own

JOB = "etc/cron.daily/job"


def forge(root: Path, package: str, files: dict[str, str]) -> None:
    """Records of a package that dpkg's status does not know."""
    status = root / "var/lib/dpkg/status"
    before = status.read_text()
    own(root, package, files)
    status.write_text(before)


def test_what_is_claimed_by_forged_records_is_found_and_so_are_they(tmp_path: Path) -> None:
    forge(make_root(tmp_path), "libzz", {JOB: f"#!/bin/sh\n{DETACHED}\n"})
    found = named(judge(tmp_path))
    assert set(found) == {f"/{JOB}", "/var/lib/dpkg/info/libzz.list"}
    record = found["/var/lib/dpkg/info/libzz.list"]
    assert (record.indicator, record.remedy) == ("package-record-forged", "quarantine_file")
    assert record.evidence[-1].source == "file"
    assert found[f"/{JOB}"].confidence == "likely"


def test_a_packages_own_records_are_none(tmp_path: Path) -> None:
    own(make_root(tmp_path), "app", {JOB: "#!/bin/sh\ntrue\n"})
    assert judge(tmp_path) == ()


def test_too_many_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_records, "MOST_RECORDS", 1)
    make_root(tmp_path)
    for name in ("x1", "x2"):
        forge(tmp_path, name, {})
    seen = collect(tmp_path)
    assert [entry.entry for entry in seen.entries] == ["x1.list"]
    assert [item.rel for item in seen.unread] == [b"var/lib/dpkg/info/x2.list"]
