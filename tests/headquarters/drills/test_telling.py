"""A played infection comes in as every report does."""

from datetime import UTC, datetime

from codered_hq.drills.models import Drill
from codered_hq.drills.telling import tell_infection
from codered_hq.fleet.models import StoredFinding
from codered_hq.hosts.models import Host


def test_a_report_opens_the_case_and_is_taken_once(drill: Drill) -> None:
    row, at = drill.hosts.select_related("host")[0], datetime.now(UTC)
    taken = tell_infection(row, "codered2", at)
    assert (taken.verdict, taken.new, taken.repeated) == ("infected", 2, False)
    assert tell_infection(row, "codered2", at).repeated
    assert Host.objects.get(pk=row.host_id).state == "infected"
    assert row.host.cases.filter(closed_at=None).count() == 1
    assert set(StoredFinding.objects.values_list("indicator", flat=True)) == {"root-exe", "explorer-at-root"}


def test_a_pack_without_signs_of_its_own_scans(drill: Drill) -> None:
    row = drill.hosts.select_related("host")[0]
    assert tell_infection(row, "nimda", datetime.now(UTC)).verdict == "infected"
    assert StoredFinding.objects.get().indicator == "horizontal-scan"
