"""Which hosts are meant."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from codered.model.errors import WrongUse
from codered_hq.cli.fleet_choosing import find_meant, find_run, read_names
from codered_hq.fleet.models import FleetRun, HostRun
from tests.fixtures.inventories import NOW, make_host
from tests.fixtures.saying import Say

pytestmark = pytest.mark.django_db


def test_by_name_by_file_by_mark_or_by_a_run(tmp_path: Path) -> None:
    hosts = [make_host(name, f"10.1.0.{number}", owner=name) for number, name in enumerate("abc", 1)]
    for letter in "de":
        uid = f"{letter}cafe000{letter}".ljust(32, "0")
        run = FleetRun.objects.create(uid=uid, word="scan", started=NOW, expires=NOW + timedelta(days=1))
        HostRun.objects.create(run=run, host=hosts[0])
    listed = tmp_path / "hosts"
    listed.write_text(f"# the shop's\na\n\n#{hosts[1].pk}\na\n")
    assert read_names((f"@{listed}", "c")) == ("a", f"#{hosts[1].pk}", "c")
    assert [host.label for host in find_meant((f"@{listed}",), {}).hosts] == ["a", "b"]
    assert [host.label for host in find_meant((), {"owner": "b"}).hosts] == ["b"]
    assert [host.label for host in find_meant((), {"everything": True}).hosts] == ["a", "b", "c"]
    meant = find_meant(("dcafe0",), {})
    assert ([host.label for host in meant.hosts], meant.run and meant.run.uid[:6]) == (["a"], "dcafe0")
    assert find_run("a") is None
    FleetRun.objects.create(uid="dcafe0".ljust(32, "1"), word="scan", started=NOW, expires=NOW)
    with pytest.raises(WrongUse, match="several runs begin so"):
        find_run("dcafe0")
    listed.write_bytes(b"\xff\xfe")
    with pytest.raises(WrongUse, match="it is no text"):
        read_names((f"@{listed}",))
    listed.write_text("# nobody\n")
    with pytest.raises(WrongUse, match="names no host"):
        read_names((f"@{listed}",))


def test_a_list_is_a_plain_file(say: Say, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = say("fleet", "scan", f"@{tmp_path}/pipe")
    assert (answer.code, "is no plain file" in answer.err) == (2, True)
