"""A played infection comes in as every report does."""

import json
from datetime import UTC, datetime

from codered_hq.drills.models import Drill
from codered_hq.drills.telling import tell_infection, tell_report
from codered_hq.fleet.ingesting import read_document
from codered_hq.fleet.models import StoredFinding
from codered_hq.hosts.models import Host


def test_a_report_opens_the_case_and_is_taken_once(drill: Drill) -> None:
    row, at = drill.hosts.select_related("host")[0], datetime.now(UTC)
    taken = tell_infection(row, "codered2", at)
    assert (taken.verdict, taken.new, taken.repeated) == ("infected", 2, False)
    assert tell_infection(row, "codered2", at).repeated
    assert Host.objects.get(pk=row.host_id).state == "infected"
    assert row.host.cases.filter(closed_at=None).count() == 1
    assert row.host.addresses.get().mac == "02:42:0a:14:01:0a", "the card that the inventory knows"
    assert set(StoredFinding.objects.values_list("indicator", flat=True)) == {"root-exe", "explorer-at-root"}


def test_a_report_without_findings_opens_nothing(drill: Drill) -> None:
    row = drill.hosts.select_related("host")[0]
    row.host.system = "Debian GNU/Linux 12"
    taken = tell_report(row, (), datetime.now(UTC))
    assert (taken.verdict, taken.new) == ("clean", 0)
    assert json.loads(read_document(taken.report))["target"]["kind"] == "live_linux"
    assert not row.host.cases.exists()


def test_a_pack_without_signs_of_its_own_scans(drill: Drill) -> None:
    row = drill.hosts.select_related("host")[0]
    assert tell_infection(row, "nimda", datetime.now(UTC)).verdict == "infected"
    assert StoredFinding.objects.get().indicator == "horizontal-scan"
