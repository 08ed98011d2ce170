"""The work of `codered monitor`: the watch is put together here from what the floors below offer."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from codered import __version__, respond
from codered.cli import running, watches
from codered.cli.lengths import parse_length
from codered.cli.monitor_options import LENGTH, MonitorOptions
from codered.cli.output import say, show, write_whole
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.export.alerts import ALERT_WAYS, AlertWay
from codered.export.alerts.all_ways import AllWays
from codered.model.errors import WrongUse
from codered.model.monitoring import MonitorEvent, MonitorReport, MonitorState, Orders, WatchedPlace
from codered.model.paths import FilePath
from codered.model.plan import Plan
from codered.model.target import ChangeableTarget, Place
from codered.monitor.containing import Container
from codered.monitor.keeping import Keeping
from codered.monitor.places import NAMED, TOUCHED, list_critical_places, list_named_places
from codered.monitor.reporting import answer_report, render_event, render_report
from codered.monitor.watching import Setting, Watch
from codered.remediate.at_boot import check_boots
from codered.respond.trust import check_allowed
from codered.targets import open_target
from codered.targets.host_places import list_host_places
from codered.targets.live_linux import name_host

_OPTIONS = {
    "seconds": "--for", "every": "--every", "on_finding": "--on-finding", "plan": "--plan", "paths": "PATH",
    "syslog": "--syslog", "jsonl": "--jsonl", "webhook": "--webhook", "only_paths": "--only",
}  # fmt: skip


def monitor(asked: MonitorOptions) -> int:
    """Everything the word can do. Raises WrongUse, Refused."""
    first = asked.words[:1]
    if first == ("status",) and len(asked.words) < 3:
        return watches.show_status(_monitors(), asked.words[1:], as_json=asked.as_json)
    if first == ("stop",) and len(asked.words) == 2:
        return watches.stop(_monitors(), asked.words[1])
    if first in (("status",), ("stop",)):
        raise WrongUse("status takes one name or none, stop takes one", advice="a PATH of this name is ./status")
    target = open_target()
    if asked.resume:
        return _resume(asked, target)
    orders = _read_orders(asked)
    if asked.dry_run:
        plan = respond.read_plan(Path(orders.plan)) if orders.plan else None
        return watches.show_places(_list_places(target, orders, plan), as_json=asked.as_json)
    _check_orders(orders)
    _open_ways(orders)  # before a watch is kept: one with a wrong address could never run
    if asked.install:
        check_boots(target)  # nor could one that nobody starts
    keeping = Keeping(_monitors(), orders.name)
    keeping.open()
    state = _begin(keeping, orders)
    return watches.install(keeping, state, target) if asked.install else _watch(asked, keeping, state, target)


def _read_orders(asked: MonitorOptions) -> Orders:
    length = parse_length(asked.length, "--for")
    if not length:
        raise WrongUse("a watch must last", where="--for", advice="write 90s, 30m, 72h or 7d")
    plan = _find_plan(asked.plan) if asked.plan else None
    if asked.only and not (asked.words or plan):
        raise WrongUse("--only needs a PATH or --plan", advice="name what is to be watched")
    return Orders(
        name=asked.name or (respond.read_plan(plan).id if plan else "host"),
        seconds=length,
        every=parse_length(asked.every, "--every"),
        on_finding="contain" if asked.on_finding == "contain" else "tell",
        plan=str(plan) if plan else "",
        paths=tuple(_plain_path(path) for path in asked.words),
        syslog=asked.syslog or "",
        jsonl=os.path.abspath(asked.jsonl) if asked.jsonl else "",
        webhook=asked.webhook or "",
        only_paths=asked.only,
    )


def _check_orders(orders: Orders) -> None:
    """Raises Refused if this host lets nobody here freeze what is found."""
    if orders.on_finding == "contain":
        check_allowed("contain")


def _plain_path(path: str) -> str:
    found = running.existing_path(path)
    if not found.isprintable():
        raise WrongUse("a name that can't be kept", where=path, advice="name the folder above it")
    return found


def _find_plan(text: str) -> Path:
    return Path(text).absolute() if "/" in text or text.endswith(".json") else respond.plan_file(text)


def _monitors() -> Path:
    return respond.state_folder() / "monitors"


def _begin(keeping: Keeping, orders: Orders) -> MonitorState:
    """The state to work with: that of an unfinished watch of this name, else a new one. Raises WrongUse."""
    known = keeping.read_state()
    try:
        (keeping.folder / "stop").unlink(missing_ok=True)
        if known is not None and known.ended is None:
            if known.orders.plan != orders.plan or known.orders.paths != orders.paths:
                advice = f"`codered monitor stop {orders.name}` ends it, or give this one another --name"
                raise WrongUse("an unfinished watch of this name watches something else", advice=advice)
            _say_goes_on(known.orders, orders)
            return known
        keeping.begin_anew()
        state = MonitorState(orders=orders, tool=__version__, host=name_host(), started=datetime.now(UTC))
        keeping.write(state)
    except OSError as error:
        advice = "make room, or set CODERED_STATE"
        raise WrongUse(f"can't be written: {error.strerror}", where=str(keeping.folder), advice=advice) from None
    return state


def _say_goes_on(known: Orders, orders: Orders) -> None:
    other = _list_differing(known, orders)
    kept = f" as it was begun; {', '.join(other)} as asked for now would need a new one" if other else ""
    end = f": `codered monitor stop {orders.name}` ends it" if other else ""
    say(f"codered: goes on with the unfinished watch {orders.name}{kept}{end}")


def _list_differing(known: Orders, orders: Orders) -> list[str]:
    """The options in which two orders differ."""
    return [option for field, option in _OPTIONS.items() if getattr(known, field) != getattr(orders, field)]


def _resume(asked: MonitorOptions, target: ChangeableTarget) -> int:
    keeping = Keeping(_monitors(), asked.resume or "")
    plain = Orders(name="", seconds=parse_length(LENGTH, "--for"))
    given = _list_differing(plain, _read_orders(asked)) + ["--name"] * bool(asked.name)
    if given or asked.install:
        what = "a watch that goes on is as it was begun: --resume takes no other orders"
        advice = f"`codered monitor stop {keeping.name}` ends it, then begin a new one"
        raise WrongUse(what, where=", ".join(given) or "--install", advice=advice)
    if keeping.read_state() is not None:  # else opening would make a folder for a name that nobody gave a watch
        keeping.open()
    state = keeping.read_state()
    if state is None or state.ended is not None:
        keeping.close()
        raise WrongUse("no unfinished watch has this name", where=keeping.name, advice="see `codered monitor status`")
    _check_orders(state.orders)
    return _watch(asked, keeping, state, target)


def _watch(asked: MonitorOptions, keeping: Keeping, state: MonitorState, target: ChangeableTarget) -> int:
    orders = state.orders
    plan = respond.read_plan(Path(orders.plan)) if orders.plan else None
    try:
        ways = AllWays(_open_ways(orders))
    except WrongUse as error:
        keeping.close()
        advice = f"mend it, or end this watch with `codered monitor stop {orders.name}`"
        raise WrongUse(error.what, where=error.where, advice=advice) from None
    container = None
    if orders.on_finding == "contain":
        owner_of = _ask_packages(target)
        cases = respond.state_folder() / "cases"
        container = Container(target, cases, respond.keep_plan, owner_of, __version__)
    setting = Setting(
        target, running.load_rules(), running.load_allowed(), _list_places(target, orders, plan),
        _list_own(orders, asked.output), plan, container, ways.list_failed,
    )  # fmt: skip
    try:
        say(f"codered: watch {orders.name}: {len(setting.places)} places; Ctrl-C leaves it unfinished")
        report = _run(Watch(setting, keeping, state, _make_send(ways)), ways, keeping)
    except OSError as error:
        what, advice = f"can't watch: {error.strerror or error}", "see fs.inotify.max_user_instances"
        raise WrongUse(what, where="inotify", advice=advice) from None
    finally:
        keeping.close()
    if report.over and state.unit:
        watches.take_unit_away(orders.name, target)
    return _answer(report, asked)


def _run(watch: Watch, ways: AllWays, keeping: Keeping) -> MonitorReport:
    """Watch, then deliver what waits: what fails then is noted in the report too. Raises OSError."""
    try:
        report = watch.run()
    finally:
        failed = ways.close()
        for trouble in failed:
            say(f"codered: {trouble}")
    if failed:
        report = msgspec.structs.replace(report, notes=(*report.notes, *failed))
        with suppress(OSError):  # it is told on stderr and in the report on stdout
            keeping.write(report)
    return report


def _make_send(ways: AllWays) -> Callable[[MonitorEvent], None]:
    def send(event: MonitorEvent) -> None:
        say(render_event(event).strip())
        ways.send(event)

    return send


def _answer(report: MonitorReport, asked: MonitorOptions) -> int:
    document = msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
    if asked.output:
        write_whole(asked.output, document if asked.output.endswith(".json") else render_report(report))
    show(document if asked.as_json else render_report(report))
    return answer_report(report)


def _open_ways(orders: Orders) -> tuple[AlertWay, ...]:
    wanted = {"syslog": orders.syslog, "jsonl": orders.jsonl, "webhook": orders.webhook}
    return tuple(ALERT_WAYS[kind](where) for kind, where in wanted.items() if where)


def _list_places(target: ChangeableTarget, orders: Orders, plan: Plan | None) -> tuple[WatchedPlace, ...]:
    found: dict[bytes, WatchedPlace] = {}
    if not orders.only_paths:
        found = {place.rel: place for place in list_critical_places(target, list_host_places())}
    named = list_named_places(target, (Place("named", orders.paths),), NAMED)
    touched = list_named_places(target, respond.places_touched(plan), TOUCHED) if plan is not None else ()
    for place in (*named, *touched):
        known = found.get(place.rel)
        if known is None or (place.deep and not known.deep):
            found[place.rel] = place
    return tuple(found.values())


def _list_own(orders: Orders, output: str | None) -> tuple[bytes, ...]:
    """What the tool itself writes while it watches."""
    paths = [respond.state_folder(), running.cache_folder(), *(Path(name) for name in (orders.jsonl, output) if name)]
    return tuple(os.fsencode(os.path.realpath(path)).strip(b"/") for path in paths)


def _ask_packages(target: ChangeableTarget) -> Callable[[FilePath], str | None]:
    packages = PackageDatabase(Reader(target))

    def owner_of(path: FilePath) -> str | None:
        return packages.owner(path.to_bytes().lstrip(b"/")) if packages.known else None

    return owner_of
