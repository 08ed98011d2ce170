"""Reports of hosts, also hostile ones."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered.model.job import Answer, HostFacts
from codered.model.report import Report
from codered.model.response import Verification
from codered_hq.fleet import ingesting
from codered_hq.fleet.ingesting import Ingested, Origin, ingest_answer, read_document, read_report
from codered_hq.fleet.models import StoredFinding, StoredReport
from codered_hq.hosts.models import Host
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.played_fleets import make_report

pytestmark = pytest.mark.django_db
KEY = "ed25519:" + "1" * 32


def take(
    host: Host, report: Report | Verification, at: datetime = NOW, *, narrow: bool = False, **more: object
) -> Ingested:
    given = {
        "format": "codered/answer/1", "job": "j", "job_sha256": "", "host": host.label, "word": "scan", "started": at,
        "ended": at, "state": "done", "exit_code": 0, "facts": HostFacts(name=host.label), "tool": "codered 1",
        "document": msgspec.json.encode(report),
    }  # fmt: skip
    answer = Answer(**(given | more))  # type: ignore[arg-type]
    return ingest_answer(host, answer, Origin(msgspec.json.encode(answer), KEY, at, narrow))


def list_open(host: Host) -> set[str]:
    return set(StoredFinding.objects.filter(host=host, gone_at=None).values_list("subject", flat=True))


def test_a_finding_is_there_once_from_first_to_last_and_gone_by_a_whole_report_alone() -> None:
    host = make_host("web-1", "10.1.0.1")
    first = take(host, make_report("/a.php", "/b.php"))
    assert (first.new, first.verdict, first.gaps, first.repeated) == (2, "infected", 0, False)
    assert take(host, make_report("/a.php", "/b.php")).repeated
    assert (StoredReport.objects.count(), list_open(host)) == (1, {"/a.php", "/b.php"})
    assert msgspec.json.decode(read_document(first.report), type=Report).verdict == "infected"
    for number, partial in enumerate(
        (
            make_report("/a.php", gaps=1),
            make_report("/a.php", scope=("/srv",)),
            make_report("/a.php", command=("scan", "--fast")),
            make_report("/a.php", command=("scan", "--packs", "x")),
            make_report("/a.php", command=("scan", "--packs=x")),
            make_report("/a.php", interrupted=True),
        ),
        1,
    ):
        assert take(host, partial, NOW + timedelta(hours=number)).new == 0
        assert list_open(host) == {"/a.php", "/b.php"}, partial
    asked = take(host, make_report("/a.php", id="r8"), narrow=True)  # its own word is not what it was asked for
    assert (asked.report.partial, list_open(host)) == (True, {"/a.php", "/b.php"})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ingesting, "MOST_FINDINGS", 1)
        cut = take(host, make_report("/a.php", "/b.php", id="r9"), NOW + timedelta(hours=9))
        assert (cut.gaps, "more than 1 findings" in cut.missing) == (1, True)
        assert list_open(host) == {"/a.php", "/b.php"}
    whole = take(host, make_report("/a.php", "/c.php", scope=("/",)), NOW + timedelta(days=1))
    assert (whole.new, list_open(host)) == (1, {"/a.php", "/c.php"})
    assert StoredFinding.objects.get(subject="/b.php").gone_at == NOW + timedelta(days=1)
    take(host, make_report("/b.php"), NOW + timedelta(days=2))
    assert list_open(host) == {"/b.php"}  # back again: one row, from its first sight on
    row = StoredFinding.objects.get(subject="/b.php")
    assert (row.first_seen, row.last_seen) == (NOW, NOW + timedelta(days=2))
    usual = ("/var/www", "/srv", "/etc/cron.d")  # what the tool looks at where nothing was named
    named = make_report(command=("scan", "-o", "r.json", "--", "/srv"), scope=("/srv",))
    assert take(host, named, NOW + timedelta(hours=8)).report.partial
    whole = take(host, make_report(command=("scan", "-o", "r.json", "--"), scope=usual), NOW + timedelta(hours=9))
    assert (whole.report.partial, list_open(host)) == (False, set())


def test_a_verification_s_verdict_is_its_own_and_it_closes_nothing_by_itself() -> None:
    host = make_host("web-1", "10.1.0.1")
    take(host, make_report("/a.php"))
    proof = Verification(
        plan_id="p",
        tool="codered 1",
        checked=NOW,
        answer="residual",
        because="one is left",
        report=make_report("/z.php"),
    )
    taken = take(host, proof, word="verify")
    assert (taken.verdict, taken.report.partial, list_open(host)) == ("residual", True, {"/a.php", "/z.php"})


def test_lies_do_no_harm() -> None:
    host = make_host("web-1", "10.1.0.1")
    future, past = datetime(2999, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)
    assert take(host, make_report("/x"), ended=future).report.taken_at == NOW
    assert take(host, make_report("/y"), ended=past).report.taken_at == NOW
    odd = take(host, make_report("/\0\x1b[2J", "/" + "x" * 9000, pack="p" * 500))
    assert odd.new == 2
    assert {len(row.subject) for row in odd.report.findings.all()} == {4096, 7}
    assert all("\0" not in row.subject and len(row.pack) == 64 for row in odd.report.findings.all())
    for document in (b"{", b"[]", b"[" * 100_000, b'{"format":"codered/report/1"}', b"\xff", b'{"id": 1e999}'):
        with pytest.raises(WrongUse, match="its report can't be read"):
            take(host, make_report(), document=document)
    plain = msgspec.json.decode(msgspec.json.encode(make_report()))
    many = {**plain, "findings": 7, "seconds": -1e308}
    with pytest.raises(WrongUse, match="its report can't be read"):
        take(host, make_report(), document=msgspec.json.encode(many))
    assert StoredReport.objects.count() == 3


def test_words_without_a_report_are_kept_too() -> None:
    host = make_host("web-1", "10.1.0.1")
    taken = take(host, make_report(), word="status", document=b'{"plans": []}')
    assert (taken.verdict, read_document(taken.report)) == ("", b'{"plans": []}')
    given = Answer(
        format="codered/answer/1", job="j", job_sha256="", host="web-1", word="scan", started=NOW, ended=NOW,
        state="refused", exit_code=4, facts=HostFacts(name="x"), tool="t",
    )  # fmt: skip
    assert read_report(given) is None
