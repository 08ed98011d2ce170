"""A machine that is carried to another socket: same machine, same MAC and name, another switch, subnet and lease."""

from pathlib import Path
from typing import Any

from lab import cables
from lab.building import Builder, make_known, start_netbios
from lab.leasing import wait_for_address
from lab.namespaces import CannotBuild, configure, remove_processes
from lab.papers import write_truth
from lab.plan import Machine
from lab.records import alone, check_folder, read_record
from lab.services import give_leasing
from lab.truth import describe_move, locate, read_leases

AWAY = "meeting"
_FIRST_SOCKET = 100


def move_machine(folder: Path, name: str) -> str:
    """Carry a machine that leases its address to the other switch and the meeting rooms, or back; its new address.
    Raises CannotBuild.
    """
    folder = check_folder(folder)
    with alone(folder):
        return _move(folder, name)


def _move(folder: Path, name: str) -> str:
    record = read_record(folder)
    if record is None or not record.up:
        raise CannotBuild(f"{folder}: no laboratory is up there")
    builder = Builder(folder, record)
    machine = next((one for one in builder.enterprise.machines if one.name == name and not one.address), None)
    if machine is None:
        able = ", ".join(one.name for one in builder.enterprise.machines if not one.address)
        raise CannotBuild(f"{name}: no machine that can move; these can: {able}")
    left = locate(builder.enterprise, record)[name]
    back = name in record.plugged
    target = (machine.switch, machine.socket, machine.subnet) if back else _choose_socket(builder, machine)
    _unplug(builder, machine, left)
    record.plugged.pop(name, None)
    if not back:
        record.plugged[name] = target
    _plug_in(builder, machine, left, target)
    record.write(folder)
    write_truth(folder, builder.enterprise, record)
    return read_leases(folder)[machine.mac]


def _choose_socket(builder: Builder, machine: Machine) -> tuple[str, str, str]:
    other = next(one.name for one in builder.enterprise.switches if one.name != machine.switch)
    number = _FIRST_SOCKET + builder.enterprise.machines.index(machine)
    return other, f"ge-0-{number}", AWAY


def _unplug(builder: Builder, machine: Machine, left: dict[str, Any]) -> None:
    """Pull the cable: what ran on the address ends, and the switch forgets the socket."""
    space = builder.namespace(machine.name)
    for part in ("netbios", "lease"):
        if found := builder.record.parts.pop(f"{machine.name}-{part}", None):
            remove_processes([found[0]], [space])
    cables.change_switch(builder.folder / left["switch"], ["del-port", "br0", left["port"]])
    configure(space, ["address flush dev eth0 scope global"])


def _plug_in(builder: Builder, machine: Machine, left: dict[str, Any], target: tuple[str, str, str]) -> None:
    """Put the cable's other end into its new socket, and lease an address there."""
    switch, socket, name = target
    subnet = builder.enterprise.subnet(name)
    text = describe_move(machine, name) if machine.name in builder.record.plugged else machine.port
    configure(
        builder.namespace(left["switch"]), [f"link set {left['port']} netns {builder.namespace(switch)} name {socket}"]
    )
    configure(builder.namespace(switch), [f'link set {socket} up alias "{text}"'])
    cables.change_switch(builder.folder / switch, cables.plug(socket, subnet.vlan, int(socket.rpartition("-")[2]))[1:])
    builder.start(f"{machine.name}-lease", machine.name, give_leasing(machine))
    wait_for_address(builder.folder, builder.namespace(machine.name), machine, subnet)
    if machine.netbios:
        start_netbios(builder, machine)
    make_known(builder, [machine])
