"""Findings as rows: new ones are counted, seen ones are kept once, whatever is in them; on both databases."""

import hashlib
from datetime import timedelta

import pytest

from codered_hq.fleet import finding_rows
from codered_hq.fleet.finding_rows import FindingRow, put_rows
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import NOW, make_host

pytestmark = pytest.mark.django_db


def make_report(host: Host, uid: str) -> StoredReport:
    return StoredReport.objects.create(
        uid=uid, host=host, word="scan", key="k", taken_at=NOW, received_at=NOW, document=b""
    )  # fmt: skip


def make_rows(*subjects: str, severity: str = "high") -> list[FindingRow]:
    return [
        FindingRow(hashlib.sha256(subject.encode()).hexdigest(), "p", "i", "files", "likely", severity, "file", subject)
        for subject in subjects
    ]


def test_rows_are_made_once_and_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding_rows, "MOST_AT_ONCE", 2)
    host = make_host("one", "10.0.0.1")
    first, second = make_report(host, "1"), make_report(host, "2")
    odd = "/v/'; DROP TABLE --\"}]\\u0000 %s é \U0001f41b\n\t"
    assert put_rows(make_rows("/a", "/b", odd), first, NOW) == 3
    assert put_rows([], first, NOW) == 0
    StoredFinding.objects.filter(subject="/a").update(gone_at=NOW)

    later = NOW + timedelta(hours=1, microseconds=7)
    assert put_rows(make_rows("/a", odd, "/c", severity="low"), second, later) == 1
    found = {row.subject: row for row in StoredFinding.objects.all()}
    assert set(found) == {"/a", "/b", odd, "/c"}
    assert [found[name].first_seen for name in ("/a", "/b", odd, "/c")] == [NOW, NOW, NOW, later]
    assert [found[name].last_seen for name in ("/a", "/b", odd, "/c")] == [later, NOW, later, later]
    assert [found[name].report_id for name in ("/a", "/b", odd)] == [second.pk, first.pk, second.pk]
    assert (found["/a"].gone_at, found["/a"].severity, found["/b"].severity) == (None, "low", "high")
    assert (found[odd].layer, found[odd].confidence, found[odd].subject_kind) == ("files", "likely", "file")
    assert {row.host_id for row in found.values()} == {host.pk}
