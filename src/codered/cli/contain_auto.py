"""The work of `codered contain --auto`: the live sensor and what contains by itself are put together here."""

import os
import select
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from codered import __version__
from codered.cli import running
from codered.cli.contain_options import AutoOptions
from codered.cli.contain_orders import list_pack_ports, read_networks
from codered.cli.lengths import parse_length
from codered.cli.output import say, show
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.export.alerts import ALERT_WAYS, AlertWay
from codered.export.alerts.all_ways import AllWays
from codered.model.containment import ContainmentList
from codered.model.errors import CodeRedError, ExitCode, Refused, WrongUse
from codered.model.monitoring import EventKind, MonitorEvent
from codered.model.paths import FilePath, path_from_bytes
from codered.model.ruleset import RuleSet
from codered.model.target import ChangeableTarget
from codered.monitor.reporting import render_event
from codered.remediate.drafts import Ground, Wishes
from codered.remediate.firewall.sessions import find_own_sessions
from codered.remediate.never_stopped import explain_never_stopped
from codered.remediate.processes import explain_protected
from codered.respond import containing
from codered.respond.containment_aims import AutoOrders, First
from codered.respond.containment_auto import AutoContainment
from codered.respond.keeping import check_room
from codered.respond.trust import check_allowed
from codered.scan.behaviour import BehaviourWatch, Seen
from codered.system.state_folder import state_folder
from codered.targets import open_target

_PAUSE = 0.25
SESSIONS_EVERY = 5.0  # seconds
_LONGEST_UNDO = 30 * 86400


def watch_and_contain(asked: AutoOptions) -> int:
    """Watch, and contain what is confirmed: 0 if nothing was found, 1 if something was, 3 if not all could be seen.
    Raises WrongUse, Refused.
    """
    seconds = parse_length(asked.length, "--for")
    check_allowed("contain")
    if os.geteuid() != 0:
        raise Refused("containing by itself needs root", advice="run this as root")
    check_room(state_folder())
    target, rules = open_target(), running.load_rules()
    orders = _read_orders(asked, rules)
    ways = AllWays(_open_ways(asked))
    auto = AutoContainment(target, orders, _make_explain(target), time.monotonic)
    try:
        auto.make_ready()
        watch = _open_watch(rules)
        try:
            for note in watch.notes():
                say(f"codered: not seen: {note}")
            say(f"codered: watching for {asked.length}; contains what is confirmed, at most {asked.cap} times an hour")
            return _Guard(watch, auto, ways, asked).run(time.monotonic() + seconds)
        finally:
            watch.close()
    finally:
        auto.close()
        for trouble in ways.close():
            say(f"codered: {trouble}")


class _Guard:
    """One run: hears, contains, and says what it does not see."""

    def __init__(self, watch: BehaviourWatch, auto: AutoContainment, ways: AllWays, asked: AutoOptions) -> None:
        self._watch, self._auto, self._ways, self._asked = watch, auto, ways, asked
        self._deeds: list[str] = []
        self._found = False
        self._gaps = {_name_gap(gap) for gap in watch.gaps()}  # told with the notes
        self._looked = time.monotonic()
        self._unknown = ""

    def run(self, until: float) -> int:
        """Until then, or Ctrl-C; the exit code."""
        try:
            while time.monotonic() < until:
                select.select([self._watch.fileno()], [], [], min(_PAUSE, max(0.0, until - time.monotonic())))
                came = self._watch.take()
                for seen in came:
                    self._act(seen)
                _make_ready_again(self._auto)
                for story in self._auto.release_due():
                    say(f"codered: {story}")
                self._tell_gaps()
                if not came and time.monotonic() - self._looked >= SESSIONS_EVERY:
                    self._renew_sessions()
        except KeyboardInterrupt:
            say("codered: stopped; what is contained stays so until its time is over")
        self._tell_gaps()
        _tell_end(self._deeds, as_json=self._asked.as_json)
        for name in self._auto.still_frozen():
            say(f"codered: {name} stays frozen, nobody watches its time: codered rollback {name} lets it go")
        if self._found:
            return ExitCode.FOUND
        return ExitCode.INCOMPLETE if self._gaps else ExitCode.CLEAN

    def _act(self, seen: Seen) -> None:
        self._found = True
        deed = self._auto.act(seen)
        kind: EventKind = "contained" if deed.plan else "not-contained"
        if deed.plan:
            self._deeds.append(deed.plan)
        story = f"{seen.finding.because} {deed.story}"
        self._tell(MonitorEvent(time=datetime.now(UTC), kind=kind, story=story, finding=seen.finding, plan=deed.plan))

    def _tell_gaps(self) -> None:
        """What is not seen any more, or was lost, as it shows: nobody must take silence for a clean host."""
        for gap in self._watch.gaps():
            if _name_gap(gap) not in self._gaps:
                self._gaps.add(_name_gap(gap))
                self._tell(MonitorEvent(time=datetime.now(UTC), kind="unwatched", story=f"not seen: {gap}"))

    def _tell(self, event: MonitorEvent) -> None:
        say(render_event(event).strip())
        self._ways.send(event)

    def _renew_sessions(self) -> None:
        """Who came back from elsewhere meanwhile must not be cut off."""
        self._looked = time.monotonic()
        try:
            self._auto.allow(find_own_sessions(read_networks(self._asked.allow)))
            self._unknown = ""
        except CodeRedError as error:
            if str(error) != self._unknown:
                self._unknown = str(error)
                say(f"codered: your sessions can't be looked up again, those known stay allowed: {error}")


def _name_gap(gap: str) -> str:
    """What makes it the same gap: its counts grow."""
    return gap.partition(":")[0]


def _make_ready_again(auto: AutoContainment) -> None:
    try:
        auto.make_ready()
    except CodeRedError as error:
        say(f"codered: the next containment is not ready: {error}")


def _tell_end(deeds: list[str], *, as_json: bool) -> None:
    known = [name for name in containing.list_in_force() if name in deeds]
    statuses = tuple(containing.describe(name) for name in known)
    if as_json:
        document = msgspec.json.format(msgspec.json.encode(ContainmentList(containments=statuses)), indent=2)
        show(document.decode() + "\n")
    for status in statuses:
        say(f"codered: {status.plan} holds: codered contain confirm {status.plan} has it stay")


def _read_orders(asked: AutoOptions, rules: RuleSet) -> AutoOrders:
    undo_after = parse_length(asked.undo_after, "--undo-after")
    if not 0 < undo_after <= _LONGEST_UNDO:
        what, advice = "it must be undone some day: what acts by itself errs too", "write 30m, at most 30d"
        raise WrongUse(what, where="--undo-after", advice=advice)
    management = read_networks(asked.allow)
    first: First = asked.first  # type: ignore[assignment]  # a choice of these
    try:
        sessions = find_own_sessions(management)
    except Refused:
        if asked.first == "isolate":
            raise
        sessions = ()
    ports = {port.first: None for port in list_pack_ports(tuple(loaded.pack for loaded in rules.packs))}
    return AutoOrders(
        first=first or "", cap=asked.cap, undo_after=undo_after, sessions=sessions, management=management,
        ports=tuple(ports), tool=__version__,
    )  # fmt: skip


def _open_watch(rules: RuleSet) -> BehaviourWatch:
    try:
        return BehaviourWatch(rules, running.load_allowed(), own=frozenset({os.getpid()}))
    except OSError as error:
        what = f"nothing of the network can be seen here: {error.strerror or error}"
        raise Refused(what, advice="run this as root, on a kernel with tracefs") from None


def _open_ways(asked: AutoOptions) -> tuple[AlertWay, ...]:
    wanted = {"syslog": asked.syslog, "jsonl": asked.jsonl, "webhook": asked.webhook}
    return tuple(ALERT_WAYS[kind](where) for kind, where in wanted.items() if where)


def _make_explain(target: ChangeableTarget) -> Callable[[int], str]:
    """Why a process is spared: it is ours, the system's first, of the session, or a program that is never stopped."""
    packages = PackageDatabase(Reader(target))

    def owner_of(path: FilePath) -> str | None:
        return packages.owner(path.to_bytes().lstrip(b"/")) if packages.known else None

    ground = Ground(target, Wishes(owner_of=owner_of), {})
    explain_never_stopped(os.getpid(), ground)  # reads what it needs now, not when a worm is waiting to be stopped
    owner_of(path_from_bytes(os.fsencode(sys.executable)))
    return lambda pid: explain_protected(pid) or explain_never_stopped(pid, ground)
