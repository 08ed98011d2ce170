"""What the enterprise's people have on file: lists of subnets, owners and hosts, zone files, who may probe what, how to
ask the switches; written as the importers of headquarters read them. They know less than the truth.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lab.people import APPROVER
from lab.plan import Enterprise, Machine
from lab.records import Record
from lab.salt import PROGRAMS
from lab.services import COMMUNITY, SNMP_AUTH, SNMP_PRIV, SNMP_USER, SNMP_WRITER
from lab.truth import tell_truth

QUARANTINE = 99
"""The VLAN that leads nowhere."""
RULES = Path(__file__).resolve().parents[1] / "src" / "codered_hq" / "rules" / "sample.yaml"
_SITE = "main building"


def write_papers(folder: Path, enterprise: Enterprise, *, salt: bool) -> None:
    """All that is known before headquarters looks for itself."""
    fixed = [one for one in enterprise.machines if _is_listed(enterprise, one)]
    subnets = [one for one in enterprise.subnets if one.documented]
    document: dict[str, list[dict[str, Any]]] = {
        "zones": list(enterprise.zones),
        "owners": list(enterprise.owners),
        "subnets": [
            _drop_empty({"range": one.range, "name": one.name, "vlan": one.vlan, "vlan_name": one.name, "site": _SITE,
                         "zone": one.zone, "owner": one.owner})
            for one in subnets
        ],
        "scan_points": [_describe_scan_point(enterprise, salt=salt)],
        "hosts": [_describe_host(one, address) for one in fixed for address in _list_addresses(one)],
    }  # fmt: skip
    # JSON is YAML: a value each in quotes needs no writer of its own.
    (folder / "enterprise.yaml").write_text(json.dumps(document, indent=2) + "\n")
    _write_table(folder / "subnets.csv", document["subnets"])
    _write_table(folder / "hosts.csv", document["hosts"])
    _write_table(folder / "owners.csv", document["owners"])
    _write_zones(folder, enterprise)
    _write_access(folder, enterprise)
    # To be reviewed in a year, whenever the lab is built: past that day the rules let nobody do anything but look.
    until = f"{datetime.now(UTC) + timedelta(days=365):%Y-%m-%d}"
    rules = (
        RULES.read_text("utf-8")
        .replace("2027-01-01", until)
        .replace("NAME OF THE APPROVER", f'"{APPROVER}, executive of the lab"')
    )
    (folder / "rules.yaml").write_text(rules)


def write_truth(folder: Path, enterprise: Enterprise, record: Record) -> None:
    """truth.json, anew."""
    (folder / "truth.json").write_text(json.dumps(tell_truth(folder, enterprise, record), indent=1) + "\n")


def _is_listed(enterprise: Enterprise, machine: Machine) -> bool:
    return bool(machine.address) and enterprise.subnet(machine.subnet).documented


def _list_addresses(machine: Machine) -> list[str]:
    return [machine.address, *(address for address, _ in machine.more)]


def _drop_empty(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if value}


def _describe_host(machine: Machine, address: str) -> dict[str, Any]:
    name = machine.name if address == machine.address else f"{machine.name}-{address.rpartition('.')[2]}"
    tags = ["fragile"] * machine.fragile + list(machine.tags)
    return _drop_empty({"name": name, "address": address, "owner": machine.owner, "site": _SITE, "tags": tags})


def _describe_scan_point(enterprise: Enterprise, *, salt: bool) -> dict[str, Any]:
    machine = enterprise.machine(enterprise.scan_point)
    zone, engine = enterprise.subnet(machine.subnet).zone, "salt" if salt else "ansible"
    return {"name": machine.name, "zone": zone, "engine": engine, "minion": machine.name, "address": machine.address}


def _write_table(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names, restval="")
        table.writeheader()
        for row in rows:
            cells = {name: " ".join(value) if isinstance(value, list) else value for name, value in row.items()}
            table.writerow(cells)


def _write_zones(folder: Path, enterprise: Enterprise) -> None:
    start = "$TTL 3600\n@ IN SOA router.{0}. hostmaster.{0}. 2026112201 3600 900 604800 300\n@ IN NS router.{0}.\n"
    lines, reverse = [f"router IN A {enterprise.subnet('management').router()}\n"], []
    for machine in enterprise.machines:
        if _is_listed(enterprise, machine):
            lines.append(f"{machine.name} IN A {machine.address}\n")
            third, fourth = machine.address.split(".")[2:]
            reverse.append(f"{fourth}.{third} IN PTR {machine.name}.{enterprise.domain}.\n")
            if machine.six:
                lines.append(f"{machine.name} IN AAAA {machine.six}\n")
        for site in machine.sites:
            lines.append(f"{site}. IN CNAME {machine.name}\n")
    head = start.format(enterprise.domain)
    (folder / f"{enterprise.domain}.zone").write_text(f"$ORIGIN {enterprise.domain}.\n{head}" + "".join(lines))
    second = enterprise.headquarters.split(".")
    origin = f"{second[0]}.in-addr.arpa"
    networks = {one.range.split(".")[1] for one in enterprise.subnets}
    blocks = [
        f"$ORIGIN {network}.{origin}.\n" + "".join(line for line in reverse if _network_of(enterprise, line) == network)
        for network in sorted(networks)
    ]
    (folder / "reverse.zone").write_text(f"$ORIGIN {origin}.\n{head}" + "".join(blocks))


def _network_of(enterprise: Enterprise, line: str) -> str:
    name = line.rsplit(maxsplit=1)[-1].partition(".")[0]
    return enterprise.machine(name).address.split(".")[1]


def _write_access(folder: Path, enterprise: Enterprise) -> None:
    management = enterprise.subnet("management")
    keys = folder / "keys"
    access = {
        "switches": {one.name: one.address for one in enterprise.switches},
        "router": management.router(),
        "name_server": management.router(),
        "snmp": {"community": COMMUNITY, "user": SNMP_USER, "auth": "SHA256", "auth_key": SNMP_AUTH, "priv": "AES128",
                 "priv_key": SNMP_PRIV},
        "ssh": {"user": "root", "private_key": f"{keys}/id_ed25519", "known_hosts": f"{keys}/known_hosts"},
    }  # fmt: skip
    (folder / "access.json").write_text(json.dumps(access, indent=1) + "\n")
    ranges = [one.range for one in enterprise.subnets if one.documented]
    authorisation = {
        "format": "codered/authorisation/1", "allowed_by": "Security officer of the lab", "reason": "a drill",
        "contact": f"security@{enterprise.domain}", "until": "2099-01-01T00:00",
        "ranges": [*ranges, *_list_six(enterprise)],
        "ports": [80, 443], "fragile": [one.address for one in enterprise.machines if one.fragile],
    }  # fmt: skip
    (folder / "authorisation.yaml").write_text(json.dumps(authorisation, indent=2) + "\n")
    _write_config(folder, enterprise)


def _write_config(folder: Path, enterprise: Enterprise) -> None:
    """What the lab's headquarters may use: the fleet's keys, the name server, the switches."""
    management = enterprise.subnet("management")
    devices = [management.router(), *(one.address for one in enterprise.switches)]
    headquarters = folder / "headquarters"
    headquarters.mkdir(mode=0o700)
    config = headquarters / "headquarters.toml"
    config.write_text(
        f'name = "lab"\ncontact = "security@{enterprise.domain}"\n\n[ansible]\n'
        f'private_key = "{folder}/keys/id_ed25519"\nknown_hosts = "{folder}/keys/known_hosts"\n'
        f'\n[salt]\nprograms = "{PROGRAMS}"\nconfig = "{folder}/salt"\n'
        f'\n[names]\ndns = ["{management.router()}"]\n'
        f'\n[[snmp]]\ndevices = {json.dumps(devices)}\nuser = "{SNMP_USER}"\nauth = "sha256"\n'
        f'auth_password = "{SNMP_AUTH}"\npriv = "aes128"\npriv_password = "{SNMP_PRIV}"\n'
        + "".join(_write_devices(folder, enterprise))
    )
    config.chmod(0o600)  # it holds secrets


def _write_devices(folder: Path, enterprise: Enterprise) -> Iterator[str]:
    """What may be changed: the switches by SNMP, the router over ssh."""
    for switch in enterprise.switches:
        yield (
            f'\n[[devices]]\nname = "{switch.name}"\naddress = "{switch.address}"\ndriver = "snmp"\n'
            f'user = "{SNMP_WRITER}"\nauth = "sha256"\nauth_password = "{SNMP_AUTH}"\npriv = "aes128"\n'
            f'priv_password = "{SNMP_PRIV}"\nquarantine_vlan = {QUARANTINE}\n'
        )
    yield (
        f'\n[[devices]]\nname = "router"\naddress = "{enterprise.subnet("management").router()}"\n'
        f'driver = "nftables"\nuser = "root"\nprivate_key = "{folder}/keys/id_ed25519"\n'
        f'known_hosts = "{folder}/keys/known_hosts"\n'
    )


def _list_six(enterprise: Enterprise) -> list[str]:
    """A range of IPv6 as small as can be swept."""
    return [f"{one.six.partition('/')[0]}/112" for one in enterprise.subnets if one.six and one.name != "management"]
