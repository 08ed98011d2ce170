"""How long the list of hosts takes with 50,000 of them: `python benchmarks/console_hosts.py [HOSTS] [TIMES]`.

Django's test client asks; a server adds its own few milliseconds. In a headquarters of its own, that is thrown away.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
QUERIES = (
    "", "page=500", "page=1000", "state=infected", "state=proved", "fits=pc4999", "fits=10.20.7.",
    "subnet=10.20.0.0/20",
    "sort=state", "sort=criticality", "sort=-last_seen", "reach=missed", "held=yes",
)  # fmt: skip
MOST = 0.3
"""Seconds that 95 of 100 pages may take."""


def main(hosts: int, times: int) -> int:
    """Print a line for each query; 1 if one is too slow."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"CODERED_HQ": f"{folder}/hq", "CODERED_STATE": f"{folder}/s", "CODERED_CACHE": f"{folder}/c"}
        os.environ.pop("CODERED_HQ_DATABASE", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "codered_hq.console_settings"
        from codered_hq.opening import open_headquarters

        open_headquarters("codered_hq.console_settings")
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        return _measure(hosts, times)


def _measure(hosts: int, times: int) -> int:
    from tests.fixtures.console_desk import make_viewer_client
    from tests.fixtures.large_incidents import make_large_incident

    make_large_incident(hosts, datetime.now(UTC))
    desk = make_viewer_client("Kim", "security")
    cpus = os.cpu_count()
    machine = f"{platform.machine()}, {cpus} processors, Python {platform.python_version()}"
    print(f"{hosts:,} hosts, {times} times each; {machine}")
    print(f"{'query':<24}{'median':>10}{'p95':>10}")
    _take(desk, "")  # templates are read once
    slow = 0
    for query in QUERIES:
        taken = sorted(_take(desk, query) for _ in range(times))
        p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
        slow += p95 > MOST
        print(f"{query or '(none)':<24}{statistics.median(taken) * 1000:>7.0f} ms{p95 * 1000:>7.0f} ms")
    return int(slow > 0)


def _take(desk: "Client", query: str) -> float:  # type: ignore[name-defined]  # noqa: F821 - Django is not set up yet
    begin = time.perf_counter()
    answer = desk.get(f"/hosts/?{query}", secure=True)
    if answer.status_code != 200:
        raise SystemExit(f"{query}: {answer.status_code}")
    return time.perf_counter() - begin


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*(numbers + [50_000, 20][len(numbers) :])))
