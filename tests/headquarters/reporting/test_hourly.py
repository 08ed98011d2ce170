"""Reports that are due. The clock is the test's."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from codered.model.errors import WrongUse
from codered_hq.config import Config
from codered_hq.incidents.models import Incident, Outgoing
from codered_hq.ledger.models import LedgerEntry
from codered_hq.reporting import hourly
from codered_hq.reporting.hourly import find_last, make_due
from tests.fixtures.status_reports import HOUR, NOW

pytestmark = pytest.mark.django_db


def _declare(name: str, **given: str) -> Incident:
    return Incident.objects.create(
        name=name, title="T", declared_at=NOW, declared_by="x", next_report_at=NOW + HOUR, **given
    )


def test_a_report_is_made_when_it_is_due_once_and_told_to_all(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700)
    config = headquarters / "headquarters.toml"
    config.write_text('[[notify]]\nname = "hook"\nway = "webhook"\nurl = "http://127.0.0.1:1"\n')
    config.chmod(0o600)
    incident, red = _declare("w"), _declare("../w-1", tlp="RED")
    closed = _declare("old")
    Incident.objects.filter(pk=closed.pk).update(closed_at=NOW)
    assert make_due(Config(), NOW) == []
    late = NOW + 5 * HOUR  # nobody worked for hours: one report, not four
    made = make_due(Config(), late)
    assert [each.incident for each in made] == ["w", "../w-1"]
    assert not any(each.problem for each in made)
    assert {path.parent for each in made for path in each.files} == {headquarters / "reports"}
    assert {path.name for path in made[0].files} == {
        f"w-20261123T170000Z.{end}" for end in ("json", "html", "txt", "pdf")
    }
    assert made[1].files[0].name.startswith("_w-1-")
    assert made[0].files[0].stat().st_mode & 0o777 == 0o600
    assert make_due(Config(), late) == []
    incident.refresh_from_db()
    assert incident.next_report_at == late + HOUR
    open_one, hidden = Outgoing.objects.order_by("pk")
    assert (open_one.way, open_one.state, open_one.subject) == ("hook", "queued", "Status of w: 0 known infected")
    assert "../w-1" not in f"{hidden.subject}{hidden.body}"
    assert "have it shown to you" in hidden.body
    assert LedgerEntry.objects.filter(kind="notice").count() == 2
    last = find_last(incident, late + HOUR)
    assert last is not None
    assert (last.at, last.next_report_at) == (late, late + HOUR)
    assert find_last(incident, late) is None
    assert find_last(red, late + HOUR) != last
    (headquarters / "reports" / "w-20261123T180000Z.json").write_text("{broken")
    assert find_last(incident, late + timedelta(days=1)) == last
    text = (headquarters / "reports" / "w-20261123T170000Z.json").read_bytes()
    assert msgspec.json.decode(text)["incident"] == "w"


def test_a_host_without_pdf_makes_the_rest(headquarters: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _declare("w")

    def fail(_page: str) -> bytes:
        raise WrongUse("PDFs can't be made here")

    monkeypatch.setattr(hourly, "make_pdf", fail)
    headquarters.mkdir(mode=0o700)
    made = make_due(Config(), NOW + HOUR)[0]
    assert made.problem == "PDFs can't be made here"
    assert {path.suffix for path in made.files} == {".json", ".html", ".txt"}
