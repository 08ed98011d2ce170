"""A report of a disk is taken on a person's word alone, and proves what it is of and no more."""

from datetime import timedelta

import msgspec
import pytest

from codered.model.errors import Refused, WrongUse
from codered.model.target import TargetInfo
from codered_hq.fleet.cases import advance, end_watches
from codered_hq.fleet.vouching import Vouched, take_report
from codered_hq.hosts.models import Host
from codered_hq.hosts.suspicion import note_suspicion
from codered_hq.incidents.models import Person
from codered_hq.incidents.people import Speaker
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.inventories import make_host
from tests.fixtures.played_fleets import make_report, now

pytestmark = pytest.mark.django_db
DISK = TargetInfo(kind="disk_image", root="/srv/disk.vmdk", system="windows")
WATCH = timedelta(hours=73)


@pytest.fixture
def nora() -> Speaker:
    return Speaker(Person.objects.create(name="Nora", public_key="ab" * 32), "Nora", None)


def write(*found: str, target: TargetInfo = DISK, gaps: int = 0, **more: object) -> bytes:
    report = msgspec.structs.replace(make_report(*found, gaps=gaps), target=target, started=now(), seconds=0.0, **more)
    return msgspec.json.encode(report)


def bring(host: Host, raw: bytes, who: Speaker) -> Vouched:
    told = take_report(host, raw, who, now())
    host.refresh_from_db()
    assert told.state == host.state
    return told


def test_from_the_disk_that_shows_it_to_the_end_of_the_watch(nora: Speaker) -> None:
    host = make_host("iis", "10.1.0.1")
    advance(host, "suspect", now(), "a sweep")
    note_suspicion(host, "10.1.0.1")
    advance(host, "contained", now(), "x")
    old = write()
    ill = bring(host, write("C:/root.exe"), nora)
    assert (ill.verdict, ill.findings, ill.state) == ("infected", 1, "contained")  # it is still cut off
    case = host.cases.get()
    with pytest.raises(Refused, match="before something was found"):
        bring(host, old, nora)
    assert bring(host, write(gaps=1), nora).state == "contained"
    assert bring(host, write(scope=("/srv",)), nora).state == "contained"
    cured = bring(host, raw := write(scope=(DISK.root,)), nora)
    assert (cured.verdict, cured.findings, cured.state) == ("clean", 0, "verified")
    assert host.suspected_at == []
    again = bring(host, raw, nora)
    assert (again.repeated, again.state) == (True, "verified")
    assert bring(host, write(), nora).state == "watch"
    later = now() + WATCH
    assert end_watches(later) == 0
    take_report(host, write(), nora, later)
    assert end_watches(later) == 1
    case.refresh_from_db()
    assert case.closed_at == later
    entries = LedgerEntry.objects.filter(kind="evidence")
    assert (entries.count(), {entry.who for entry in entries}) == (6, {"Nora"})  # no second one of what was repeated
    assert "a look at iis from outside: infected, 0 gaps; it is contained now" in entries[0].body


def test_a_suspicion_without_an_infection_ends(nora: Speaker) -> None:
    host = make_host("iis", "10.1.0.1")
    advance(host, "suspect", now(), "a sweep")
    note_suspicion(host, "10.1.0.1")
    assert bring(host, write(), nora).state == "unknown"
    assert not host.cases.exists()


def test_what_is_not_taken(nora: Speaker) -> None:
    host, other = make_host("iis", "10.1.0.1"), make_host("web", "10.1.0.2")
    with pytest.raises(Refused, match="nobody of the team vouches"):
        bring(host, write(), Speaker(None, "root", None))
    live = TargetInfo(kind="live_linux", root="/", system="linux")
    with pytest.raises(WrongUse, match="is of a live linux, not of a disk image"):
        bring(host, write(target=live), nora)
    for raw in (b"", b"[]", b'{"format": "codered/report/9"}', b"\xff\xfe", b"[" * 100_000):
        with pytest.raises(WrongUse, match="is no report"):
            bring(host, raw, nora)
    bring(host, raw := write(), nora)
    with pytest.raises(Refused, match="was brought for iis"):
        bring(other, raw, nora)
