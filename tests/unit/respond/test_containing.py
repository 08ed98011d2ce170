import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from codered import respond
from codered.model.containment import ContainmentRecord
from codered.model.errors import CodeRedError, NotRolledBack, Refused, WrongUse
from codered.model.firewall import FirewallOrder, PortRange
from codered.model.plan import Plan
from codered.remediate.keeping.records import ContainmentFolder, list_containments
from codered.remediate.keeping.starting import stop_keeper
from codered.remediate.plan_containment import make_containment_plan
from codered.remediate.processes import read_facts, read_process
from codered.respond import containing
from codered.respond.containing import KERNEL_GRACE, Times
from codered.respond.ready_containment import begin_ready, make_ready
from codered.targets import open_target
from tests.fixtures.command import SOURCE
from tests.fixtures.contained import within
from tests.fixtures.networks import Network, running_network

NO_END = Times()


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with running_network() as found:
        yield found


@pytest.fixture(autouse=True)
def own_state(network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CODERED_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    yield
    for name in list_containments(respond.state_folder()):
        stop_keeper(ContainmentFolder(respond.state_folder(), name))
    network.host.run("nft", "flush", "ruleset")


def make_plan(times: Times = NO_END) -> Plan:
    order = FirewallOrder(ports=(PortRange(protocol="tcp", first=80, last=80),), confirm_within=times.first_end())
    return make_containment_plan(open_target().info, "block_outbound", order, "a test")


def begin(network: Network, times: Times = NO_END) -> str:
    plan = make_plan(times)
    record = containing.make_record(plan, times)
    begun = within(network.host, lambda: containing.begin(plan, record, open_target(), lambda _: None))
    assert begun.unkept == ""
    return plan.id


def lift(network: Network, name: str) -> object:
    return within(network.host, lambda: containing.lift(name, open_target(), lambda _: None))


@pytest.mark.parametrize(
    ("times", "first"),
    [
        (Times(), 0.0),
        (Times(confirm_within=60), 60),
        (Times(undo_after=7200), 7200 + KERNEL_GRACE),
        (Times(confirm_within=60, undo_after=7200), 60),
        (Times(confirm_within=7200, undo_after=60), 60 + KERNEL_GRACE),
    ],
)
def test_the_first_end(times: Times, first: float) -> None:
    assert times.first_end() == first
    record = containing.make_record(make_plan(times), times)
    ends = record.ends()
    assert (ends is not None) == bool(first)
    assert ends is None or abs((ends - record.since) - timedelta(seconds=first)) <= timedelta(seconds=KERNEL_GRACE)


def test_a_plan_without_a_firewall_is_none() -> None:
    plan = make_plan()
    bare = Plan(id="one", tool="t", created=plan.created, report_id="", target=plan.target, packs=(), actions=())
    with pytest.raises(WrongUse, match="no plan of a containment"):
        containing.make_record(bare, Times())


def test_it_is_listed_described_and_lifted(network: Network) -> None:
    name = begin(network)
    assert containing.list_in_force() == (name,)
    status = within(network.host, lambda: containing.describe(name))
    assert (status.state, status.kind, status.kept_by > 0) == ("holding", "block_outbound", True)
    assert lift(network, name) is not None
    assert containing.list_in_force() == ()
    assert lift(network, name) is None
    assert within(network.host, lambda: containing.describe(name)).state == "off"


def test_confirming_needs_something_that_stands(network: Network) -> None:
    name = begin(network, Times(confirm_within=60, undo_after=3600))
    assert within(network.host, lambda: containing.describe(name)).state == "armed"
    record = within(network.host, lambda: containing.confirm(name))
    assert record.confirmed
    status = within(network.host, lambda: containing.describe(name))
    assert (status.state, status.opens, status.undo_at) == ("holding", None, record.undo_at)
    assert within(network.host, lambda: containing.confirm(name)) == record  # twice is once
    with containing.find_folder(name).locked_case(), pytest.raises(Refused, match="at work"):
        within(network.host, lambda: containing.confirm(name))
    lift(network, name)
    with pytest.raises(Refused, match="is off"):
        within(network.host, lambda: containing.confirm(name))


def test_without_a_keeper_a_flush_is_told(network: Network) -> None:
    name = begin(network)
    stop_keeper(containing.find_folder(name))
    network.host.run("nft", "flush", "ruleset")
    assert within(network.host, lambda: containing.describe(name)).state == "flushed"
    assert lift(network, name) is not None


def test_an_undo_that_is_refused_leaves_the_keeper(network: Network) -> None:
    name = begin(network)
    lock = containing.find_folder(name)
    with lock.locked_case(), pytest.raises(CodeRedError):
        lift(network, name)
    assert lock.find_keeper() > 0
    assert lift(network, name) is not None
    assert lock.find_keeper() == 0


def test_what_was_ready_is_held_and_ends_unless_confirmed(network: Network) -> None:
    plan = make_plan(Times(confirm_within=60))

    def hold() -> tuple[object, str]:
        return begin_ready(make_ready(plan, open_target(), 60.0), plan, 60.0, "a scan")

    _, unkept = within(network.host, hold)
    record = containing.read_record(plan.id)
    assert (unkept, record.because, record.undo_unconfirmed) == ("", "a scan", True)
    assert within(network.host, lambda: containing.describe(plan.id)).state == "armed"
    lift(network, plan.id)


def freeze_besides(name: str, sleeper: subprocess.Popen[bytes]) -> str:
    """A plan that froze this process is noted to be undone with the containment; its id."""
    target = open_target()
    plan = make_containment_plan(target.info, "freeze_process", FirewallOrder(), "a test", processes=(sleeper.pid,))
    respond.keep_plan(plan)
    respond.apply(plan, target, lambda _: None)
    containing.note_besides(name, plan.id)
    return plan.id


@pytest.fixture
def sleepers() -> Iterator[list[subprocess.Popen[bytes]]]:
    found = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    yield found
    for each in found:
        each.kill()
        each.wait()


def is_stopped(sleeper: subprocess.Popen[bytes]) -> bool:
    facts = read_facts(sleeper.pid)
    return facts is not None and read_process(sleeper.pid, facts.start).state == "held"


def test_what_two_write_at_once_is_not_lost(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    name, looked = begin(network, Times(confirm_within=60)), containing.look

    def look(record: ContainmentRecord) -> object:
        with pytest.raises(Refused, match="at work"):  # in the middle of confirming
            containing.note_besides(name, "contain-late")
        return looked(record)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(containing, "_PATIENCE", 0.05)
        meanwhile.setattr(containing, "look", look)
        within(network.host, lambda: containing.confirm(name))
    containing.note_besides(name, "contain-late")
    record = containing.read_record(name)
    assert (record.confirmed is not None, record.besides) == (True, ("contain-late",))


def test_it_is_confirmed_as_it_is_by_then(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    name, read = begin(network, Times(confirm_within=60)), containing.read_record
    stale = read(name)
    containing.note_besides(name, "contain-other")
    answers = iter((stale,))  # what was read before the lock was there
    monkeypatch.setattr(containing, "read_record", lambda name: next(answers, None) or read(name))
    assert within(network.host, lambda: containing.confirm(name)).besides == ("contain-other",)


def test_tables_that_somebody_opened_did_not_open_by_themselves(network: Network) -> None:
    name = begin(network, Times(confirm_within=60))
    within(network.host, lambda: containing.confirm(name))
    stop_keeper(containing.find_folder(name))
    tables = containing.read_record(name).name
    for family in ("inet", "netdev"):
        network.host.run("nft", "flush", "set", family, tables, "armed")
    assert within(network.host, lambda: containing.describe(name)).state == "flushed"


def test_a_clock_that_is_set_tells_no_lies(network: Network) -> None:
    name = begin(network, Times(confirm_within=600))
    record = containing.read_record(name)
    assert record.opens is not None
    hour = timedelta(hours=1)  # as if the clock had been put forward by an hour since
    set_ = replace(record, since=record.since - hour, opens=record.opens - hour)
    containing.write_record(containing.find_folder(name), set_)
    status = within(network.host, lambda: containing.describe(name))
    assert (status.state, status.opens is not None) == ("armed", True)
    assert status.opens is None or abs(status.opens - record.opens) < timedelta(seconds=5)
    assert within(network.host, lambda: containing.confirm(name)).confirmed


def test_what_was_never_begun_has_no_record() -> None:
    with pytest.raises(WrongUse, match="no containment"):
        containing.read_record("contain-of-nobody")
    with pytest.raises(WrongUse, match="no name"):
        containing.find_folder("../x")


def test_the_firewall_is_no_hostage_of_what_was_done_besides(
    network: Network, sleepers: list[subprocess.Popen[bytes]]
) -> None:
    name = begin(network)
    lost, torn = (freeze_besides(name, each) for each in sleepers)
    respond.plan_file(torn).write_bytes(b"")  # its copy in the case is whole
    for path in (respond.plan_file(lost), containing.find_folder(lost).case / "plan.json"):
        path.write_bytes(b"")
    with pytest.raises(NotRolledBack, match=f"itself is off, but not .*{lost}") as told:
        lift(network, name)
    assert torn not in told.value.what
    assert containing.list_in_force() == ()
    assert network.host.run("nft", "list", "ruleset").stdout == ""
    assert [is_stopped(each) for each in sleepers] == [True, False]


def test_a_plan_whose_file_is_lost_is_lifted_by_its_case(network: Network) -> None:
    name = begin(network)
    respond.plan_file(name).unlink()
    assert lift(network, name) is not None
    assert network.host.run("nft", "list", "ruleset").stdout == ""
