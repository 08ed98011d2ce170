"""Up, down and status of a laboratory. All it starts runs in its own namespaces; all it writes is in its folder."""

import os
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from lab import cables, distribution, linux_hosts, people, salt, services, web_farm
from lab.leasing import wait_for_address
from lab.namespaces import (
    CannotBuild,
    entered,
    list_namespaces,
    make_namespaces,
    name_namespace,
    remove_namespaces,
    wrap,
)
from lab.papers import write_papers, write_truth
from lab.plan import Machine, dress, read_plan
from lab.records import NAME, Record, alone, check_folder, is_alive, read_record, read_start
from lab.truth import locate
from lab.waiting import wait_for, wait_for_port

_MADE = (
    "snmp", "names", "netbios", "hosts", "packages", "keys",
    "logs", "web", "sw1", "sw2", "salt", "headquarters", "state", "cache",
    "truth.json", "enterprise.yaml", "subnets.csv", "hosts.csv", "owners.csv", "corp.example.zone", "reverse.zone",
    "access.json", "authorisation.yaml", "rules.yaml", "people", "dnsmasq.leases", "drill.json",
)  # fmt: skip
_TOOLS = (
    "ip", "nft", "nsenter", "unshare", "setpriv", "ethtool", "ovs-vsctl", "ovs-appctl", "ovsdb-tool", "ovsdb-server",
    "ovs-vswitchd", "snmpd", "dnsmasq", "busybox", "nmbd", "sshd", "ssh-keygen", "openssl", "pivot_root", "mount",
)  # fmt: skip


class Builder:
    """One laboratory while it is being built or changed."""

    def __init__(self, folder: Path, record: Record) -> None:
        self.folder, self.record = folder, record
        self.enterprise = dress(read_plan(record.size), record.dressed)

    def namespace(self, part: str) -> str:
        """The namespace of a machine, a switch, the router, hq or web."""
        return name_namespace(self.record.id, part)

    def start(self, name: str, part: str, words: Sequence[str]) -> int:
        """Start a part of the laboratory in a namespace, its talk in logs/. Known by its name from then on."""
        with (self.folder / "logs" / f"{name}.log").open("ab") as log, entered(self.namespace(part)):
            # Born in its namespace: were this process killed now, an end would find it there.
            process = subprocess.Popen(  # noqa: S603
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/"
            )
        self.record.parts[name] = (process.pid, read_start(process.pid), self.namespace(part))
        process.returncode = 0  # it outlives this process: no warning, and nobody waits for it
        return process.pid


def raise_lab(folder: Path, size: str = "small", *, with_salt: bool = False) -> Record:
    """Build it, or leave it as it is if it is up. What fails half-way is taken down again. Raises CannotBuild."""
    folder = check_folder(folder)
    check_tools()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with alone(folder):
        record = read_record(folder)
        if record is not None:
            if record.up and (record.size, record.salt) == (size, with_salt) and not find_dead(record):
                return record
            _clear(folder, record)
            folder.mkdir(mode=0o755, exist_ok=True)
        if taken := [name for name in _MADE if (folder / name).exists()]:
            raise CannotBuild(f"{folder}: files of somebody else are in it ({', '.join(taken)}); choose another folder")
        return _raise(folder, Record(id=secrets.token_hex(3), size=size, salt=with_salt))


def _raise(folder: Path, record: Record) -> Record:
    record.write(folder)
    with _on_signals(_interrupt):
        try:
            _build(Builder(folder, record))
        except BaseException:
            _clear(folder, record)
            raise
    return record


def lower_lab(folder: Path) -> bool:
    """Take it down; False = there was none. What was never finished or has crashed goes too. Raises CannotBuild."""
    folder = check_folder(folder)
    with alone(folder):
        record = read_record(folder)
        if record is not None:
            _clear(folder, record)
    return record is not None


def _clear(folder: Path, record: Record) -> None:
    """Nothing is left; whoever wants to interrupt this has to wait."""
    with _on_signals(signal.SIG_IGN):
        remove_namespaces(record.id)
        for process, _, _ in record.parts.values():
            with suppress(ChildProcessError):  # else those of this very process would stay as zombies
                os.waitpid(process, os.WNOHANG)
        for name in _MADE:
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        (folder / NAME).unlink(missing_ok=True)
        if not os.listdir(folder):
            folder.rmdir()


def find_dead(record: Record) -> list[str]:
    """Parts that should run and do not, and namespaces that are gone."""
    dead = [name for name, part in record.parts.items() if not is_alive(part)]
    spaces = set(list_namespaces(record.id))
    return dead + sorted({part[2] for part in record.parts.values()} - spaces)


def check_tools() -> None:
    """Raises CannotBuild naming what is missing."""
    if os.geteuid() != 0:
        raise CannotBuild("a laboratory needs root (network namespaces)")
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    if missing := [name for name in _TOOLS if not shutil.which(name, path=path)]:
        raise CannotBuild(f"not installed: {', '.join(missing)}; run scripts/setup-debian as root")


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt(number)


@contextmanager
def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """What Ctrl-C, SIGTERM and SIGHUP do meanwhile. Only a main thread may say; in others they are let be."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kept = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, former in kept.items():
            signal.signal(number, former)


def _build(builder: Builder) -> None:
    folder, enterprise, record = builder.folder, builder.enterprise, builder.record
    for name in ("logs", "web", "state", "cache"):
        (folder / name).mkdir()
    parts = ["hq", "router", *(one.name for one in enterprise.switches), *(one.name for one in enterprise.machines)]
    make_namespaces([builder.namespace(part) for part in parts])
    for switch in enterprise.switches:
        cables.make_database(folder / switch.name)
        builder.start(f"{switch.name}-database", switch.name, cables.give_daemons(folder / switch.name)["database"])
    cables.lay_cables(record.id, enterprise)
    for switch in enterprise.switches:
        wait_for(f"the database of {switch.name}", (folder / switch.name / "sock").exists)
        builder.start(f"{switch.name}-switch", switch.name, cables.give_daemons(folder / switch.name)["switch"])
    cables.set_firewalls_up(record.id, enterprise)
    linux_hosts.make_keys(folder, enterprise)
    people.make_people(folder)
    for switch in enterprise.switches:
        cables.set_switch_up(record.id, enterprise, switch, folder / switch.name)
    _start_services(builder)
    _start_linux_hosts(builder)
    web_farm.make_certificate(builder.folder)
    start_web(builder)
    write_papers(folder, enterprise, salt=record.salt)
    _finish(builder)


def _start_services(builder: Builder) -> None:
    for part in ("router", *(one.name for one in builder.enterprise.switches)):
        builder.start(f"{part}-snmp", part, services.give_snmp(builder.folder, builder.enterprise, part))
    builder.start("router-shell", "router", services.give_router_shell(builder.folder))
    builder.start("names", "router", services.give_names(builder.folder, builder.enterprise))
    wait_for_port(builder.record.parts["names"][0], "udp", 67)
    wait_for_port(builder.record.parts["router-shell"][0], "tcp", 22)
    for machine in builder.enterprise.machines:
        if not machine.address:
            builder.start(f"{machine.name}-lease", machine.name, services.give_leasing(machine))


def _start_linux_hosts(builder: Builder) -> None:
    name_server = builder.enterprise.subnet("management").router()
    distribution.make_distribution(builder.folder / "packages")
    found = salt.find_salt() if builder.record.salt else ""
    if found:
        builder.start("salt-master", "hq", salt.give_master(builder.folder, builder.enterprise))
    for machine in builder.enterprise.machines:
        if machine.linux:
            linux_hosts.make_root(builder.folder, machine, name_server)
            salted = found if machine.name == builder.enterprise.scan_point else ""
            if salted:
                salt.make_minion(builder.folder, builder.enterprise, machine)
            words = linux_hosts.give_start(builder.folder, machine, salted)
            builder.start(f"{machine.name}-host", machine.name, words)


def _finish(builder: Builder) -> None:
    """Wait until everything is there, start what needs an address, and let the switches learn who is where."""
    folder, record = builder.folder, builder.record
    for machine in builder.enterprise.machines:
        subnet = builder.enterprise.subnet(machine.subnet)
        wait_for_address(folder, builder.namespace(machine.name), machine, subnet)
        if machine.netbios:
            start_netbios(builder, machine)
    for name, (process, _, _) in record.parts.items():
        if name.endswith("-host"):
            wait_for_port(process, "tcp", 22)
        if name.endswith("-snmp"):
            wait_for_port(process, "udp", 161)
    make_known(builder, builder.enterprise.machines)
    if record.salt:
        scan_point = builder.enterprise.machine(builder.enterprise.scan_point)
        wait_for("the minion of the scan point", lambda: salt.is_joined(folder, scan_point), seconds=120)
    write_truth(folder, builder.enterprise, record)
    record.up = True
    record.write(folder)
    if dead := find_dead(record):
        raise CannotBuild(f"ended at once: {', '.join(dead)}; see {folder}/logs")


def start_web(builder: Builder) -> None:
    """All web servers, as their machines are dressed now; returns when all of them listen."""
    log = builder.folder / "logs" / "web.log"
    before = log.read_text().splitlines().count("ready") if log.exists() else 0
    builder.start("web", "hq", web_farm.give_servers(builder.folder, builder.enterprise, builder.namespace))
    wait_for("the web servers", lambda: log.read_text().splitlines().count("ready") > before, log)


def start_netbios(builder: Builder, machine: Machine) -> None:
    """The nmbd of a machine whose address is there."""
    name = f"{machine.name}-netbios"
    builder.start(name, machine.name, services.give_netbios(builder.folder, machine))


def make_known(builder: Builder, machines: Sequence[Machine]) -> None:
    """One packet of each machine to its router, so that switches and router know it, as after any working day."""
    places = locate(builder.enterprise, builder.record)
    started = []
    for machine in machines:
        router = builder.enterprise.subnet(places[machine.name]["subnet"]).router()
        words = wrap(builder.namespace(machine.name), ["busybox", "ping", "-q", "-c1", "-W2", router])
        started.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # noqa: S603
    for process in started:
        process.wait(timeout=20)
