"""The document comes back from JSON as it was."""

import msgspec

from codered_hq.reporting.document import StatusReport
from tests.fixtures.status_reports import make_hostile_report, make_report


def test_a_report_comes_back_from_json_as_it_was() -> None:
    for report in (make_report(), make_hostile_report()):
        assert msgspec.json.decode(msgspec.json.encode(report), type=StatusReport) == report
