"""Headquarters on PostgreSQL: its tables are made, and the services work there."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.postgresql_server import running_postgresql

ROOT = Path(__file__).resolve().parents[2]
_WORK = """
import json, sys
from pathlib import Path
from codered_hq.cli.entering import enter_headquarters
entered = enter_headquarters()
from django.db import connection
from codered_hq.fleet.cases import advance
from codered_hq.fleet.models import HostCase, StoredFinding
from codered_hq.fleet.orders import Wish
from codered_hq.fleet.running import begin_run, carry_on
from codered_hq.fleet.views import view_run
from codered_hq.hosts.gaps import find_gaps
from tests.fixtures.inventories import NOW, document_subnets, make_host
from tests.fixtures.played_fleets import PlayedFleet, PlayedHost, answer_report, make_report, now, quiet
document_subnets("10.1.0.0/24", zone="shop")
hosts = [make_host(f"web-{number}", f"10.1.0.{number}", mac=f"02:00:00:00:00:{number:02x}") for number in range(1, 31)]
odd = make_report(*(f"/www/\\0{number}" for number in range(250)), gaps=1)
fleet = PlayedFleet(*(PlayedHost(host.label) for host in hosts[2:]), PlayedHost("web-2", answer_report(odd)))
run = carry_on(begin_run("scan", hosts, Wish(), now()), fleet.means(entered.folder), quiet)
view = view_run(run)
find_gaps(NOW)
from codered_hq.fleet.ordering import order_change
from codered_hq.hosts.marking import mark_hosts
from tests.fixtures.changes_asked import ask_as, document_plan
from tests.fixtures.played_fleets import answered
from tests.fixtures.rules_in_force import put_sample_in_force
put_sample_in_force(entered.folder)
mark_hosts(hosts[3:4], ("vital",), ())
mark_hosts(hosts[4:5], ("never_touch",), ())
for host in fleet.hosts.values():
    host.does = lambda one, *job: answered(one.answer(*job))
plans = dict.fromkeys((host.pk for host in hosts[2:5]), document_plan("/a"))
changed = order_change("apply", hosts[2:5], plans, Wish(), ask_as("kim", now()))
changed = carry_on(changed, fleet.means(entered.folder), quiet)
same = order_change("apply", hosts[3:4], plans, Wish(), ask_as("kim", now()))
print(json.dumps([
    connection.vendor, view.counts, view.found, view.whole, StoredFinding.objects.count(),
    HostCase.objects.get().host.label, advance(hosts[1], "cleaned", now(), "x"),
    view_run(changed).counts, changed.state, same.pk == changed.pk,
]))
"""


def test_the_same_services_on_another_database(tmp_path: Path) -> None:
    headquarters = tmp_path / "hq"
    with running_postgresql() as url:
        own = {
            **os.environ,
            "CODERED_HQ": str(headquarters),
            "CODERED_HQ_DATABASE": url,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }
        for _ in range(2):  # the second one finds its tables made
            listed = subprocess.run(
                [sys.executable, "-m", "codered", "hosts", "show"], env=own, capture_output=True, text=True, timeout=60,
                check=False,
            )  # fmt: skip
            assert (listed.returncode, "no hosts yet" in listed.stdout) == (0, True), listed.stderr
        done = subprocess.run(
            [sys.executable, "-c", _WORK], env=own, capture_output=True, text=True, timeout=90, cwd=ROOT, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == [
        "postgresql", {"answered": 29, "queued": 1}, 1, False, 250, "web-2", "cleaned",
        {"answered": 1, "awaiting": 1, "refused": 1}, "awaiting", True,
    ]  # fmt: skip
    assert not (headquarters / "headquarters.sqlite3").exists()
