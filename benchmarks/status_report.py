"""Seconds from an inventory of 50,000 hosts to the status report, each part for itself.

    .venv/bin/python benchmarks/status_report.py [--hosts 50000] [--keep FOLDER]

Made in a headquarters of its own (SQLite in a temporary folder): hosts in 200 subnets, a fleet run that reached nine
in ten, 2,000 cases with a history, 300 containments, 60 decisions that wait, 500 tasks, 5 ways that do not work. The
PDF is compared with the same report as HTML in the same run. Its limit is 5 s, from the database to the file.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

LIMIT = 5.0
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def measure(what: str, work: Callable[[], object]) -> float:
    """Print and return its seconds."""
    began = time.monotonic()
    work()
    took = time.monotonic() - began
    print(f"{what:44} {took:7.2f} s")
    return took


def main() -> int:
    """Make the headquarters, measure, and say whether the limit holds (exit code 1: it does not)."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("--hosts", type=int, default=50_000)
    words.add_argument("--keep", type=Path, help="leave the report here, as HTML and PDF")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CODERED_HQ": f"{folder}/hq", "CODERED_STATE": f"{folder}/s", "CODERED_CACHE": f"{folder}/c"}
        os.environ.pop("CODERED_HQ_DATABASE", None)
        return compare(given.hosts, given.keep)


def compare(hosts: int, keep: Path | None) -> int:
    """Measure each part, then all of it."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters()
    from codered_hq.reporting.executive import write_executive
    from codered_hq.reporting.gathering import make_status
    from codered_hq.reporting.numbers import count_numbers
    from codered_hq.reporting.page import write_page
    from codered_hq.reporting.printing import make_pdf
    from codered_hq.sweeps.coverage import measure_coverage
    from tests.fixtures.large_incidents import make_large_incident

    measure(f"making {hosts:,} hosts (not counted)", lambda: make_large_incident(hosts, NOW))
    from codered_hq.incidents.models import Incident

    incident = Incident.objects.get()
    measured = measure_coverage(NOW)
    measure("the five numbers, coverage known", lambda: count_numbers(incident, NOW, measured))
    measure("coverage of the subnets", lambda: measure_coverage(NOW))
    pdf = bytearray()
    page = measure("database -> HTML", lambda: write_page(make_status(incident, NOW)))
    whole = measure("database -> PDF", lambda: pdf.extend(make_pdf(write_page(make_status(incident, NOW)))))
    measure("database -> executive PDF", lambda: make_pdf(write_executive(make_status(incident, NOW))))
    print(f"the PDF takes {whole / page:.1f} times as long as the HTML; limit {LIMIT:.0f} s")
    if keep is not None:
        status = make_status(incident, NOW - timedelta(0))
        (keep / "status.pdf").write_bytes(bytes(pdf))
        (keep / "status.html").write_text(write_page(status))
        (keep / "executive.pdf").write_bytes(make_pdf(write_executive(status)))
    return int(whole > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
