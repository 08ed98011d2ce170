"""Cables, switches, the router and its firewall. Switches are Open vSwitch without the kernel's module, one
database and daemon each; machines hang on access ports, one trunk joins the two.
"""

import ipaddress
from collections.abc import Sequence
from pathlib import Path

from lab.namespaces import configure, entered, name_namespace, run_words, wrap, write_setting
from lab.plan import Enterprise, Machine, Subnet, Switch

TRUNK = "ge-0-48"
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


def lay_cables(lab: str, enterprise: Enterprise) -> None:
    """One cable from each machine, the router and headquarters to its switch, and the trunk; all ends up."""
    lab_prefix = name_namespace(lab, "")
    first, second = (name_namespace(lab, switch.name) for switch in enterprise.switches)
    for switch in enterprise.switches:
        name = name_namespace(lab, switch.name)
        lines = [
            f"link add {machine.socket} type veth peer name eth0 address {machine.mac} netns {lab_prefix}{machine.name}"
            for machine in enterprise.machines
            if machine.switch == switch.name
        ]
        lines += [f'link set {socket} up alias "{text}"' for socket, _, text in list_sockets(enterprise, switch)]
        if name == first:
            lines[:0] = [
                f"link add {TRUNK} type veth peer name {TRUNK} netns {second}",
                *_central_cables(lab, enterprise),
            ]
        configure(name, lines)
    _wake(lab, enterprise)


def _central_cables(lab: str, enterprise: Enterprise) -> list[str]:
    router, headquarters = name_namespace(lab, "router"), name_namespace(lab, "hq")
    lines = [f"link add hq type veth peer name eth0 address 00:60:08:fe:00:01 netns {headquarters}"]
    for subnet in enterprise.attached:
        mac = f"00:60:08:ff:00:{subnet.vlan:02x}"
        lines.append(f"link add rt-{subnet.vlan} type veth peer name v{subnet.vlan} address {mac} netns {router}")
    return lines


def list_sockets(enterprise: Enterprise, switch: Switch) -> list[tuple[str, int, str]]:
    """A switch's sockets with the VLAN (0 = trunk) and the description of each."""
    sockets = [
        (machine.socket, enterprise.subnet(machine.subnet).vlan, machine.port)
        for machine in enterprise.machines
        if machine.switch == switch.name
    ]
    other = next(one.name for one in enterprise.switches if one.name != switch.name)
    sockets.append((TRUNK, 0, f"trunk to {other}"))
    if switch == enterprise.switches[0]:
        sockets.append(("hq", enterprise.subnet("management").vlan, "headquarters"))
        sockets += [(f"rt-{one.vlan}", one.vlan, f"router, {one.name}") for one in enterprise.attached]
    return sockets


def _wake(lab: str, enterprise: Enterprise) -> None:
    """Addresses and routes. Checksums are left to the CPU: a switch in user space would pass on unfinished ones."""
    for machine in enterprise.machines:
        subnet = enterprise.subnet(machine.subnet)
        configure(name_namespace(lab, machine.name), ["link set eth0 up", *_give_addresses(machine, subnet)])
        _finish_checksums(name_namespace(lab, machine.name), "eth0")
    router = name_namespace(lab, "router")
    for subnet in enterprise.attached:
        lines = [f"link set v{subnet.vlan} up", f"address add {subnet.router()}/24 dev v{subnet.vlan}"]
        if subnet.six:
            lines.append(f"address add {subnet.router(six=True)}/64 dev v{subnet.vlan} nodad")
        configure(router, lines)
        _finish_checksums(router, f"v{subnet.vlan}")
    with entered(router):
        write_setting("ipv4/ip_forward", "1")
        write_setting("ipv6/conf/all/forwarding", "1")
    management = enterprise.subnet("management")
    # No default route: what is attached nowhere is not reached, and the kernel says so at once.
    lines = ["link set eth0 up", f"address add {enterprise.headquarters}/24 dev eth0"]
    others = [one for one in enterprise.attached if one != management]
    lines += [f"route add {one.range} via {management.router()}" for one in others]
    lines.append(f"address add {ipaddress.ip_network(management.six)[16]}/64 dev eth0 nodad")
    lines += [f"route add {one.six} via {management.router(six=True)}" for one in others if one.six]
    configure(name_namespace(lab, "hq"), lines)
    _finish_checksums(name_namespace(lab, "hq"), "eth0")


def _give_addresses(machine: Machine, subnet: Subnet) -> list[str]:
    if not machine.address:
        return []
    lines = [f"address add {one}/24 dev eth0" for one in (machine.address, *(address for address, _ in machine.more))]
    lines.append(f"route add default via {subnet.router()}")
    if machine.six:
        lines.append(f"address add {machine.six}/64 dev eth0 nodad")
        lines.append(f"route add ::/0 via {subnet.router(six=True)}")
    return lines


def _finish_checksums(name: str, device: str) -> None:
    run_words(wrap(name, ["ethtool", "-K", device, "tx", "off"]))


def make_database(folder: Path) -> None:
    """An empty database of a switch in this folder, which must have a short name: sockets stand in it."""
    folder.mkdir(parents=True)
    run_words(["ovsdb-tool", "create", str(folder / "db"), _SCHEMA])


def give_daemons(folder: Path) -> dict[str, list[str]]:
    """The command lines of a switch's two daemons, by name."""
    own = ["env", f"OVS_RUNDIR={folder}"]
    database = [*own, "ovsdb-server", str(folder / "db"), f"--remote=punix:{folder}/sock", f"--unixctl={folder}/dbctl"]
    switch = [*own, "ovs-vswitchd", f"unix:{folder}/sock", "--disable-system", f"--unixctl={folder}/ctl"]
    return {"database": [*database, "--no-chdir"], "switch": [*switch, "--no-chdir"]}


def set_switch_up(lab: str, enterprise: Enterprise, switch: Switch, folder: Path) -> None:
    """Its bridge with all sockets, and its address for management."""
    management = enterprise.subnet("management")
    words = ["add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "other_config:mac-aging-time=3600"]
    words += [
        "--",
        "add-port",
        "br0",
        "mgmt0",
        f"tag={management.vlan}",
        "--",
        "set",
        "interface",
        "mgmt0",
        "type=internal",
    ]
    for number, (socket, vlan, _) in enumerate(list_sockets(enterprise, switch), 1):
        words += plug(socket, vlan, number)
    change_switch(folder, words)
    name = name_namespace(lab, switch.name)
    configure(name, ["link set mgmt0 up", f"address add {switch.address}/24 dev mgmt0"])
    _finish_checksums(name, "mgmt0")


def plug(socket: str, vlan: int, number: int) -> list[str]:
    """The words for ovs-vsctl that bring a socket into service as port `number`; VLAN 0 = a trunk."""
    words = ["--", "add-port", "br0", socket, *([f"tag={vlan}"] if vlan else [])]
    return [*words, "--", "set", "interface", socket, f"ofport_request={number}"]


def change_switch(folder: Path, words: Sequence[str]) -> None:
    """Words of ovs-vsctl; returns when the switch has done them."""
    run_words(["ovs-vsctl", f"--db=unix:{folder}/sock", "--timeout=20", *words])


def set_firewalls_up(lab: str, enterprise: Enterprise) -> None:
    """The router's rules and those of machines. Refusals are not rationed: a sweep's counts must be exact."""
    router = name_namespace(lab, "router")
    plant, blocked = enterprise.subnet("plant").range, enterprise.subnet("blocked").range
    scan_point = enterprise.machine(enterprise.scan_point).address
    headquarters = enterprise.headquarters
    rules = f"""
    table inet firewall {{
      chain passing {{
        type filter hook forward priority 0; policy accept;
        ct state established,related accept
        ip daddr {blocked} reject with icmp type admin-prohibited
        ip daddr {scan_point} tcp dport 22 accept
        ip daddr {plant} drop
        ip saddr {plant} ip daddr {headquarters} tcp dport {{ 4505, 4506 }} accept
        ip saddr {plant} udp dport 53 accept
        ip saddr {plant} drop
      }}
      chain own {{
        type filter hook output priority 0; policy accept;
        icmp type destination-unreachable icmp code host-unreachable drop
      }}
    }}"""
    _load(router, rules)
    for machine in enterprise.machines:
        if machine.firewall:
            verdict = "drop" if machine.firewall == "drop" else "reject with icmp type admin-prohibited"
            arriving = f"type filter hook input priority 0; policy accept;\niifname eth0 tcp dport 0-65535 {verdict}"
            _load(
                name_namespace(lab, machine.name), f"table inet firewall {{\n chain arriving {{\n{arriving}\n}}\n}}\n"
            )


def _load(name: str, rules: str) -> None:
    with entered(name):
        write_setting("ipv4/icmp_ratemask", "0")
    run_words(wrap(name, ["nft", "-f", "-"]), rules)


def holds(subnet: Subnet, address: str) -> bool:
    """Whether an IPv4 address lies in a subnet."""
    return ipaddress.ip_address(address) in ipaddress.ip_network(subnet.range)
