"""Two containments on one port: whoever leaves first opens nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from codered_hq.config import Config
from codered_hq.containment.acting import KEEPER_FOLDER, carry_out_all, undo
from codered_hq.containment.aiming import Surroundings
from codered_hq.containment.asking import ask_for
from codered_hq.containment.goals import Goal, Wish
from codered_hq.containment.models import Containment
from codered_hq.containment.settling import settle
from codered_hq.containment.sharing import has_before, list_others, split_rounds
from codered_hq.devices.kept_orders import list_names, read_kept
from codered_hq.hosts.models import Host
from tests.fixtures.gate_crew import ASKER
from tests.fixtures.inventories import make_host
from tests.fixtures.played_devices import PlayedDevices, make_switch, make_tables, surround

SWITCH = make_switch("sw1", "192.0.2.10")
CONFIG = Config(devices=(SWITCH,))
MACS = ("02:00:00:00:01:01", "02:00:00:00:01:02")


def make_two() -> tuple[Host, Host, Surroundings]:
    one, two = (make_host(f"pc{number}", f"10.1.0.{number}", mac=mac) for number, mac in enumerate(MACS, 5))
    return one, two, surround(CONFIG, make_tables(SWITCH.address, {"p1": MACS, "kept": []}))


def contain(host: Host, seconds: int, around: Surroundings, folder: Path, at: datetime) -> Containment:
    asked = ask_for(Goal(do="host", host=host.pk), Wish(seconds=seconds), ASKER, around, at)
    (outcome,) = carry_out_all([asked.decision], around, folder, at)
    return outcome.rows[0]


def read_due(folder: Path) -> dict[str, datetime]:
    names = list_names(folder / KEEPER_FOLDER / "due")
    return {kept.uid: kept.undo_at for kept in (read_kept(folder / KEEPER_FOLDER, name) for name in names)}


def test_the_longer_one_gets_the_timers(headquarters: Path, played: PlayedDevices) -> None:
    one, two, around = make_two()
    at = datetime.now(UTC)
    first, last = contain(one, 600, around, headquarters, at), contain(two, 7200, around, headquarters, at)
    assert read_due(headquarters) == {last.uid: at + timedelta(hours=2)}  # nobody opens it at the end of the first
    first.refresh_from_db()
    assert (has_before(first), has_before(last), first.timer) == (False, True, [])
    assert (last.before["values"], [each[0] for each in last.timer][-2:]) == ({"is": "free"}, ["keeper", "worker"])
    (line,) = settle(CONFIG, headquarters, at + timedelta(seconds=660))
    first.refresh_from_db()
    assert (first.state, f"containment {last.uid[:8]} holds it too" in first.error) == ("undone", True), line
    assert (played.read("sw1"), "it stays so" in line) == ({"p1": "disable_port"}, True)
    settle(CONFIG, headquarters, at + timedelta(hours=3))
    last.refresh_from_db()
    assert (last.state, played.read("sw1"), read_due(headquarters)) == ("undone", {"p1": "free"}, {})


def test_the_shorter_one_inherits(headquarters: Path, played: PlayedDevices) -> None:
    one, two, around = make_two()
    at = datetime.now(UTC)
    first, short = contain(one, 7200, around, headquarters, at), contain(two, 600, around, headquarters, at)
    assert (set(read_due(headquarters)), has_before(short)) == ({first.uid}, False)
    assert list_others(short) == [first]
    undo([first], "me", CONFIG, headquarters, at)
    assert (first.state, played.read("sw1")) == ("undone", {"p1": "disable_port"})
    assert read_due(headquarters) == {short.uid: at + timedelta(seconds=600)}
    short.refresh_from_db()
    undo([short], "me", CONFIG, headquarters, at)
    assert (short.state, played.read("sw1"), read_due(headquarters)) == ("undone", {"p1": "free"}, {})


def test_two_at_once_and_released_together(headquarters: Path, played: PlayedDevices) -> None:
    one, two, around = make_two()
    at = datetime.now(UTC)
    decisions = [ask_for(Goal(do="host", host=host.pk), Wish(), ASKER, around, at).decision for host in (one, two)]
    carry_out_all(decisions, around, headquarters, at)
    found = list(Containment.objects.order_by("pk"))
    assert [has_before(row) for row in found] == [True, False]
    assert [len(some) for some in split_rounds(found)] == [1, 1]
    assert played.log.count("sw1 change") == 1
    played.write("sw1", {"p1": "free"})  # by hand: the second one is new then
    third = contain(one, 0, around, headquarters, at)
    assert sum(map(has_before, Containment.objects.all())) == 1, third.before
    undo(list(Containment.objects.order_by("-pk")), "me", CONFIG, headquarters, at)
    assert set(Containment.objects.values_list("state", flat=True)) == {"undone"}
    assert (played.read("sw1"), read_due(headquarters)) == ({"p1": "free"}, {})
