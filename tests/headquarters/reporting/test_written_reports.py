"""Reports that lie in headquarters' folder."""

from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.config import Config
from codered_hq.incidents.models import Incident
from codered_hq.reporting.hourly import make_due
from codered_hq.reporting.written_reports import list_written, read_written
from tests.fixtures.status_reports import HOUR, NOW

pytestmark = pytest.mark.django_db


def _declare(name: str) -> Incident:
    return Incident.objects.create(name=name, title="T", declared_at=NOW, declared_by="x", next_report_at=NOW + HOUR)


def test_reports_of_this_incident_are_listed_and_read_and_nothing_else(headquarters: Path, tmp_path: Path) -> None:
    headquarters.mkdir(mode=0o700)
    incident, other = _declare("w"), _declare("w-2")
    assert list_written(incident) == []
    make_due(Config(), NOW + HOUR)
    make_due(Config(), NOW + 3 * HOUR)
    written = list_written(incident)
    assert [each.at for each in written] == [NOW + 3 * HOUR, NOW + HOUR]
    assert set(written[0].files) >= {"html", "txt", "json"}
    content, ending = read_written(incident, written[0].files["txt"])
    assert (ending, b"infected" in content) == ("txt", True)
    secret = tmp_path / "secret"
    secret.write_text("secret")
    link = headquarters / "reports" / "w-20261123T200000Z.txt"
    link.symlink_to(secret)
    link.with_suffix(".json").write_bytes(read_written(incident, written[0].files["json"])[0])
    assert "txt" not in list_written(incident)[0].files
    theirs = list_written(other)[0].files["json"]
    for name in (link.name, theirs, "../secret", "w-20261123T170000Z.txt/../../secret", "w-20200101T000000Z.txt", "x"):
        with pytest.raises(WrongUse):
            read_written(incident, name)
    (headquarters / "reports" / "w-20261123T130000Z.json").write_bytes(read_written(other, theirs)[0])
    with pytest.raises(WrongUse, match="no report of this incident"):
        read_written(incident, "w-20261123T130000Z.txt")
