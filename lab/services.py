"""What a network offers: SNMP of switches and router, names, leases, NetBIOS. Each gives the command line of a real
daemon with all its files in the laboratory's folder.
"""

import json
import sys
from pathlib import Path

from lab.cables import TRUNK
from lab.plan import Enterprise, Machine, Switch

COMMUNITY = "lab-read"
SNMP_USER, SNMP_AUTH, SNMP_PRIV = "headquarters", "lab-authentication", "lab-privacy-key"
SNMP_WRITER = "operator"
_TREES = (
    ".1.3.6.1.2.1.17", ".1.0.8802.1.1.2.1", ".1.3.6.1.2.1.2.2.1.8", ".1.3.6.1.2.1.31.1.1.1.1",
    ".1.3.6.1.2.1.31.1.1.1.18",
)  # fmt: skip
"""What the switch's own agent answers."""
_AGENT = Path(__file__).with_name("switch_agent.py")
_LEASING = Path(__file__).with_name("lease.sh")
WORKGROUP = "CORP"
PYTHON = sys.executable


def switch_mac(enterprise: Enterprise, switch: Switch) -> str:
    """What a switch calls itself by."""
    return f"00:60:08:fd:00:{enterprise.switches.index(switch) + 1:02x}"


def give_snmp(folder: Path, enterprise: Enterprise, name: str) -> list[str]:
    """The snmpd of a switch, or of the router, whose own tables need no help."""
    home = folder / "snmp" / name
    home.mkdir(parents=True)
    switch = next((one for one in enterprise.switches if one.name == name), None)
    lines = [
        "agentAddress udp:161",
        f"rocommunity {COMMUNITY}",
        f'createUser {SNMP_USER} SHA-256 "{SNMP_AUTH}" AES "{SNMP_PRIV}"',
        f"rouser {SNMP_USER} priv",
        f"sysName {name}",
        f"sysLocation {switch.place if switch else 'main building, cellar'}",
        "sysContact network@corp.example",
        "sysServices 2" if switch else "sysServices 4",
    ]
    if switch:
        # Its own scheduler sets a port up again when nobody does (DISMAN-SCHEDULE-MIB); it acts as the writer.
        lines += [f'createUser {SNMP_WRITER} SHA-256 "{SNMP_AUTH}" AES "{SNMP_PRIV}"', f"rwuser {SNMP_WRITER} priv"]
        settings = home / "agent.json"
        settings.write_text(json.dumps(_describe(folder, enterprise, switch)))
        for tree in _TREES:
            lines.append(f"pass_persist -p 1 {tree} {PYTHON} {_AGENT} {settings}")
    (home / "snmpd.conf").write_text("\n".join(lines) + "\n")
    words = ["env", f"SNMP_PERSISTENT_DIR={home}", "snmpd", "-f", "-Lo", "-C", "-c", str(home / "snmpd.conf")]
    return [*words, "-p", str(home / "pid"), "-I", "-smux"]


def _describe(folder: Path, enterprise: Enterprise, switch: Switch) -> dict[str, object]:
    other = next(one for one in enterprise.switches if one != switch)
    return {
        "folder": str(folder / switch.name),
        "name": switch.name,
        "mac": switch_mac(enterprise, switch),
        "neighbours": {TRUNK: [other.name, other.address, switch_mac(enterprise, other)]},
        "vlans": {str(one.vlan): one.name for one in enterprise.attached},
    }


def give_router_shell(folder: Path) -> list[str]:
    """The ssh server of the router, for who changes its firewall: the lab's key alone opens it."""
    home = folder / "keys"
    options = ["PasswordAuthentication=no", "PermitRootLogin=prohibit-password", "UsePAM=no", "UseDNS=no"]
    options += ["PidFile=none", "StrictModes=no", f"AuthorizedKeysFile={home}/id_ed25519.pub", "ListenAddress=0.0.0.0"]
    given = " ".join(f"-o {option}" for option in options)
    # A /run of its own: the server wants a folder there.
    server = f"/usr/sbin/sshd -D -e -f /dev/null -h {home}/router {given}"
    return ["unshare", "--mount", "/bin/sh", "-c", f"mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec {server}"]


def give_names(folder: Path, enterprise: Enterprise) -> list[str]:
    """The dnsmasq on the router: leases for some subnets, names of all, also of who leases."""
    home = folder / "names"
    home.mkdir()
    fixed = [(machine.address, machine.name) for machine in enterprise.machines if machine.address]
    fixed += [(machine.six, machine.name) for machine in enterprise.machines if machine.six]
    fixed += [(one.address, one.name) for one in enterprise.switches]
    fixed += [(enterprise.headquarters, "headquarters"), (enterprise.subnet("management").router(), "router")]
    lines = [f"{address} {name}.{enterprise.domain} {name}\n" for address, name in fixed]
    sites = [f"{one.address} {' '.join(one.sites)}\n" for one in enterprise.machines if one.sites]
    (home / "hosts").write_text("".join(lines + sites))
    words = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file="]
    words += [f"--addn-hosts={home}/hosts", f"--domain={enterprise.domain}", f"--local=/{enterprise.domain}/"]
    words += ["--expand-hosts", "--bogus-priv", "--user=root", "--no-ping", "--dhcp-authoritative", "--log-facility=-"]
    words += [f"--dhcp-leasefile={folder}/dnsmasq.leases", "--bind-dynamic"]
    return words + [f"--dhcp-range={one.leases},255.255.255.0,12h" for one in enterprise.attached if one.leases]


def give_leasing(machine: Machine) -> list[str]:
    """The client of a machine that leases its address; it stays and renews."""
    words = ["busybox", "udhcpc", "-f", "-i", "eth0", "-s", str(_LEASING), "-x", f"hostname:{machine.name}"]
    return [*words, "-t", "20", "-T", "1", "-A", "1"]


def give_netbios(folder: Path, machine: Machine) -> list[str]:
    """The nmbd of a machine that has its address already."""
    home = folder / "netbios" / machine.name
    home.mkdir(parents=True, exist_ok=True)
    places = ("lock directory", "state directory", "cache directory", "pid directory", "private dir", "ncalrpc dir")
    lines = ["[global]", f"netbios name = {machine.name}", f"workgroup = {WORKGROUP}", "interfaces = eth0"]
    lines += ["bind interfaces only = yes", "load printers = no", "disable spoolss = yes", "local master = no"]
    lines += [f"{place} = {home}" for place in places]
    # Else all of this machine share one socket, and of two that start at once one ends.
    lines.append(f"nmbd:socket dir = {home}/nmbd")
    (home / "smb.conf").write_text("\n".join(lines) + "\n")
    return [
        "nmbd",
        "--foreground",
        "--no-process-group",
        "--debug-stdout",
        "-s",
        str(home / "smb.conf"),
        "-l",
        str(home),
    ]
