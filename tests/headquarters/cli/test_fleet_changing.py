"""Scan, plan, apply, verify and roll back on real SSH hosts, with the real one file, by the words alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from codered.model.response import Verification
from codered_hq.fleet.models import HostRun, StoredFinding
from codered_hq.gate.models import Decision
from codered_hq.hosts.marking import mark_hosts
from codered_hq.hosts.models import Host
from tests.fixtures.host_files import build_shared
from tests.fixtures.inventories import make_host
from tests.fixtures.networks import inside
from tests.fixtures.played_fleets import (
    Does,
    PlayedFleet,
    PlayedHost,
    answer_report,
    answered,
    make_plan,
    make_report,
    now,
)
from tests.fixtures.rules_in_force import put_sample_in_force
from tests.fixtures.saying import Say
from tests.fixtures.ssh_fleets import CLOSED, STATE, SshFleet, running_ssh_fleet

pytestmark = pytest.mark.django_db
SHELL = "<?php die('inert example'); $c = $_POST['c']; @eval($c);\n"
ILL, WELL = "198.18.1.1", "198.18.1.2"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshFleet]:
    with running_ssh_fleet(tmp_path_factory.mktemp("ssh")) as running:
        running.know([ILL, WELL, CLOSED])
        yield running


@pytest.fixture
def reached(fleet: SshFleet, headquarters: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshFleet]:
    """A headquarters that knows the way, and is in the hosts' network."""
    program = build_shared(tmp_path_factory)
    headquarters.mkdir(mode=0o700)
    (headquarters / "headquarters.toml").write_text(
        f'[ansible]\nprivate_key = "{fleet.private_key}"\n'
        f'known_hosts = "{fleet.known_hosts}"\nfolder = "{STATE}/fleet"\n'
    )
    (headquarters / "programs").mkdir(mode=0o700)
    for path in Path(program.path).parent.glob("codered-host.*"):
        (headquarters / "programs" / path.name).hardlink_to(path)
    with inside(fleet.network.host):
        yield fleet


def test_an_infected_host_is_found_cleaned_and_proved_clean(say: Say, reached: SshFleet, headquarters: Path) -> None:
    for address, text in ((ILL, SHELL), (WELL, "<?php echo 'welcome';\n")):
        place = reached.hosts / address / "home/www"
        place.mkdir(parents=True)
        (place / "index.php").write_text(text)
        (place / "about.php").write_text("<?php echo 'about us';\n")
    shell = reached.hosts / ILL / "home/www/index.php"
    make_host("ill", ILL, owner="shop")
    make_host("well", WELL)
    make_host("closed", CLOSED)
    scanned = say("fleet", "scan", "--all", "--path", "/root/www", "--json")
    run = json.loads(scanned.out)
    hosts = {host["name"]: host for host in run["hosts"]}
    assert (scanned.code, run["whole"], run["found"]) == (1, False, 1), (scanned.err, run)
    assert "INFECTED: ill" in scanned.err
    said = {name: (host["state"], host["verdict"], host["case"], host["owner"]) for name, host in hosts.items()}
    assert said == {
        "ill": ("answered", "infected", "infected", "shop"), "well": ("answered", "clean", "unknown", ""),
        "closed": ("queued", "", "unknown", ""),
    }  # fmt: skip
    assert "Connection refused" in hosts["closed"]["reason"]
    assert Host.objects.count() == 3  # who they say they are makes no host more
    assert StoredFinding.objects.get().host.label == "ill"

    planned = say("fleet", "plan", run["uid"][:8])
    assert planned.code == 0, planned.err
    assert "left out: well: its newest report has no findings" in planned.err
    assert "left out: closed: it has no report" in planned.err
    assert "quarantine file" in planned.out
    assert "/root/www/index.php" in say("fleet", "plan", "--show", "ill").out
    uid = HostRun.objects.get(run__word="plan").run.uid

    refused = say("fleet", "apply", uid[:8], "--yes")  # no rules of engagement are in force
    assert (refused.code, "rule no-rules" in refused.out, shell.exists()) == (4, True, True), refused.err
    put_sample_in_force(headquarters)
    tried = say("fleet", "apply", uid[:8])
    assert (tried.code, "--yes" in tried.err) == (2, True)
    tried = say("fleet", "apply", uid[:8], "--dry-run")
    assert (tried.code, "nothing was sent" in tried.err, "clean-ordinary" in tried.out) == (0, True, True)
    assert shell.exists()
    applied = say("fleet", "apply", uid[:8], "--yes")
    assert (applied.code, shell.exists()) == (0, False), applied.err
    assert Host.objects.get(label="ill").state == "cleaned"

    checked = say("fleet", "verify", "ill")
    assert checked.code == 0, (checked.out, checked.err)
    assert Host.objects.get(label="ill").state == "verified"

    shell.write_text(SHELL)
    returned = say("fleet", "verify", "ill")
    assert (returned.code, "INFECTED: ill" in returned.err) == (1, True), (returned.out, returned.err)
    ill = Host.objects.get(label="ill")
    assert (ill.state, ill.cases.get().reopened) == ("infected", 1)
    assert [entry[2] for entry in ill.cases.get().history] == ["infected", "cleaned", "verified", "infected"]
    shell.unlink()
    undone = say("fleet", "rollback", "ill", "--yes")
    assert (undone.code, shell.read_text()) == (0, SHELL), (undone.out, undone.err)


def test_who_was_named_or_is_ill_and_gets_nothing_is_a_gap(say: Say, played: PlayedFleet, headquarters: Path) -> None:
    put_sample_in_force(headquarters)

    def plan(*paths: str) -> Does:
        raw = msgspec.json.encode(make_plan(*paths))
        return lambda host, *job: answered(host.answer(*job, document=raw))

    for number, name in enumerate(("ill", "bare", "well", "new"), 1):
        make_host(name, f"10.1.0.{number}")
        found = make_report(*(["/a.php"] if name in ("ill", "bare") else []))
        played.hosts[name] = PlayedHost(name, answer_report(found))
    assert say("fleet", "scan", "ill", "bare", "well").code == 1
    played.hosts["ill"].does, played.hosts["bare"].does = plan("/a.php"), plan()
    assert say("fleet", "plan", "ill", "bare", "well").code == 0  # where nothing was found, nothing is to be done
    unknown = say("fleet", "plan", "ill", "bare", "new", "--json")
    rows = {row["name"]: (row["state"], row["reason"]) for row in json.loads(unknown.out)["hosts"]}
    assert (unknown.code, rows["new"]) == (3, ("given_up", "it has no report; scan it first"))
    assert say("fleet", "plan", "--all").code == 0

    assert say("fleet", "apply", "bare", "--yes").code == 3  # infected, and its plan is empty
    played.hosts["ill"].does = lambda host, *job: answered(host.answer(*job, document=b"{}"))
    applied = say("fleet", "apply", "--all", "--yes", "--json")
    rows = {row["name"]: (row["state"], row["reason"]) for row in json.loads(applied.out)["hosts"]}
    assert (applied.code, rows) == (
        3, {"ill": ("answered", ""), "bare": ("given_up", "its plan holds no changes")}
    )  # fmt: skip
    proof = Verification(plan_id="p1", tool="t", checked=now(), answer="clean", because="gone", report=make_report())
    played.hosts["ill"].does = lambda host, *job: answered(host.answer(*job, document=msgspec.json.encode(proof)))
    assert say("fleet", "verify", "ill", "well").code == 0
    assert say("fleet", "verify", "ill", "bare").code == 3
    assert say("fleet", "verify", "ill", "new").code == 3


def test_the_rules_answer_stands_in_rows_and_exit_codes(say: Say, played: PlayedFleet, headquarters: Path) -> None:
    put_sample_in_force(headquarters)
    raw = msgspec.json.encode(make_plan("/a.php"))
    for number, name in enumerate(("plain", "never", "vital"), 1):
        mark_hosts(
            [make_host(name, f"10.1.0.{number}")], {"plain": (), "never": ("never_touch",)}.get(name, (name,)), ()
        )
        played.hosts[name] = PlayedHost(name, answer_report(make_report("/a.php")))
    assert say("fleet", "scan", "--all").code == 1
    for host in played.hosts.values():
        host.does = lambda host, *job: answered(host.answer(*job, document=raw))
    assert say("fleet", "plan", "--all").code == 0
    for host in played.hosts.values():
        host.jobs.clear()
        host.does = lambda host, *job: answered(host.answer(*job, document=b"{}"))
    dry = json.loads(say("fleet", "apply", "--all", "--dry-run", "--json").out)
    assert {each["host"]: (each["kind"], each["answer"], each["needs"]) for each in dry["rules"]} == {
        "plain": ("quarantine_file", "yes", []), "never": ("quarantine_file", "no", []),
        "vital": ("quarantine_file", "needs", ["executive", "business"]),
    }  # fmt: skip
    assert not Decision.objects.exists()
    never = say("fleet", "apply", "never", "--yes", "--reason", "it spreads")
    assert (never.code, "rule never-touch" in never.out, Decision.objects.get().reason) == (4, True, "it spreads")
    assert say("fleet", "apply", "--all", "--yes", "--as", "Nobody").code == 2
    whole = say("fleet", "apply", "--all", "--yes")
    assert (whole.code, "1 awaiting" in whole.err, "codered approve list" in whole.err) == (5, True, True), whole.err
    assert {name: len(host.jobs) for name, host in played.hosts.items()} == {"plain": 1, "never": 0, "vital": 0}
    again = say("fleet", "apply", "vital", "--yes")
    assert (again.code, HostRun.objects.filter(host__label="vital", run__word="apply").count()) == (5, 1)
    assert say("fleet", "apply", "never", "--yes", "--incident", "nowhere").code == 2
    Decision.objects.filter(state="awaiting").update(expires_at=now())
    queued = say("fleet", "run-queue")
    assert (queued.code, HostRun.objects.get(host__label="vital", run__word="apply").state) == (3, "refused")
    assert say("fleet", "rollback", "plain", "--yes").code == 0
    assert say("fleet", "apply", "vital", "--yes").code == 5
    Decision.objects.filter(state="awaiting").update(expires_at=now())
    assert say("fleet", "run-queue").code == 3  # all of it was refused: that is not nothing to do
