"""NetBox (4.x) over its API: prefixes with VLAN and site, devices and virtual machines with their interfaces' MACs and
addresses, tenants and contacts as owners, tags.
"""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.netbox_session import NetBox, NoRights
from codered_hq.importing.records import add_record
from codered_hq.importing.values import show
from codered_hq.model.inventory import Inventory, Source

MOST_ENTRIES: Final = 500_000
_T = TypeVar("_T")
_DEVICE, _MACHINE = "dcim.device", "virtualization.virtualmachine"
_OFF: Final = frozenset({"decommissioning", "offline", "planned", "inventory"})


class _Named(msgspec.Struct, frozen=True):
    """A reference: NetBox gives an id and a name (`model` for a type, `address` for an address)."""

    id: int = 0
    name: str | None = ""
    vid: int | None = None
    model: str | None = ""
    address: str | None = ""


class _Choice(msgspec.Struct, frozen=True):
    value: str | None = ""


class _Prefix(msgspec.Struct, frozen=True):
    prefix: str
    status: _Choice | None = None
    vlan: _Named | None = None
    site: _Named | None = None
    scope: _Named | None = None
    scope_type: str | None = ""
    tenant: _Named | None = None
    tags: list[_Named] = []
    description: str | None = ""


class _Machine(msgspec.Struct, frozen=True):
    id: int
    name: str | None = ""
    serial: str | None = ""
    status: _Choice | None = None
    site: _Named | None = None
    tenant: _Named | None = None
    platform: _Named | None = None
    device_type: _Named | None = None
    primary_ip4: _Named | None = None
    primary_ip6: _Named | None = None
    tags: list[_Named] = []


class _Interface(msgspec.Struct, frozen=True):
    id: int
    device: _Named | None = None
    virtual_machine: _Named | None = None
    mac_address: str | None = ""


class _Address(msgspec.Struct, frozen=True):
    address: str
    assigned_object_type: str | None = ""
    assigned_object_id: int | None = None


class _Person(msgspec.Struct, frozen=True):
    id: int
    name: str
    phone: str | None = ""
    email: str | None = ""


class _Assignment(msgspec.Struct, frozen=True):
    object_type: str
    object_id: int
    contact: _Named


class _Interfaces(msgspec.Struct):
    """MAC and addresses of each interface of one machine."""

    macs: dict[int, str] = {}
    addresses: dict[int, list[str]] = {}


def read_netbox(url: str, token: str, *, verify: bool | str = True, most: int = MOST_ENTRIES) -> Inventory:
    """What a NetBox documents; `verify` may name the file of a certificate authority, `most` bounds each list. What we
    have no right to see is named in `skipped`. Raises CoverageIncomplete, Refused and WrongUse.
    """
    netbox = NetBox(url, token, verify=verify)
    harvest = Harvest(Options())
    reader = _Reader(netbox, harvest, most)
    reader.read_owners()
    reader.read_prefixes()
    reader.read_interfaces()
    reader.read_machines("dcim", "devices", _DEVICE)
    reader.read_machines("virtualization", "virtual_machines", _MACHINE)
    return harvest.finish(Source(kind="netbox", name=netbox.server))


class _Reader:
    """Reads the lists in the order in which they refer to each other."""

    def __init__(self, netbox: NetBox, harvest: Harvest, most: int) -> None:
        self._netbox = netbox
        self._harvest = harvest
        self._most = most
        self._contacts: dict[tuple[str, int], str] = {}
        self._interfaces: dict[tuple[str, int], _Interfaces] = {}

    def read_owners(self) -> None:
        """Contacts and tenants; a tenant is reached as its contact is."""
        people = {person.id: person for person in self._list("tenancy", "contacts", _Person)}
        for person in people.values():
            fields = {"name": person.name, "mail": person.email or "", "phone": person.phone or ""}
            add_record(self._harvest, "owners", fields, f"contact {show(person.name)}")
        of_tenants: dict[int, _Person] = {}
        for assignment in self._list("tenancy", "contact_assignments", _Assignment):
            found = people.get(assignment.contact.id)
            if found is not None and assignment.object_type == "tenancy.tenant":
                of_tenants.setdefault(assignment.object_id, found)
            elif found is not None:
                self._contacts.setdefault((assignment.object_type, assignment.object_id), found.name)
        for tenant in self._list("tenancy", "tenants", _Person):
            reached = of_tenants.get(tenant.id)
            fields = {"name": tenant.name, "department": tenant.name}
            if reached is not None:
                fields |= {"mail": reached.email or "", "phone": reached.phone or ""}
            add_record(self._harvest, "owners", fields, f"tenant {show(tenant.name)}")

    def read_prefixes(self) -> None:
        """Prefixes that are in use; containers hold others and are no subnets."""
        for prefix in self._list("ipam", "prefixes", _Prefix):
            where = f"prefix {show(prefix.prefix)}"
            status = (prefix.status and prefix.status.value) or ""
            if status in ("container", "deprecated"):
                self._harvest.note(where, f"{status}: only what is in use is taken")
                continue
            site = prefix.site or (prefix.scope if prefix.scope_type == "dcim.site" else None)
            fields: dict[str, str | list[str]] = {
                "range": prefix.prefix,
                "name": prefix.description or "",
                "vlan": str(prefix.vlan.vid or "") if prefix.vlan else "",
                "vlan_name": _name_of(prefix.vlan),
                "site": _name_of(site),
                "owner": _name_of(prefix.tenant),
                "tags": [_name_of(tag) for tag in prefix.tags],
            }
            add_record(self._harvest, "subnets", fields, where)

    def read_interfaces(self) -> None:
        """Which interface is whose, its MAC, and the addresses on it."""
        owner: dict[tuple[str, int], tuple[str, int]] = {}
        for app, kind in (("dcim", "dcim.interface"), ("virtualization", "virtualization.vminterface")):
            for interface in self._list(app, "interfaces", _Interface):
                whose = interface.device or interface.virtual_machine
                if whose is None:
                    continue
                key = (_DEVICE if interface.device else _MACHINE, whose.id)
                owner[kind, interface.id] = key
                if interface.mac_address:
                    self._of(key).macs[_number(kind, interface.id)] = interface.mac_address
        for entry in self._list("ipam", "ip_addresses", _Address):
            place = (entry.assigned_object_type or "", entry.assigned_object_id or 0)
            if place in owner:
                addresses = self._of(owner[place]).addresses
                addresses.setdefault(_number(*place), []).append(entry.address.partition("/")[0])

    def read_machines(self, app: str, name: str, kind: str) -> None:
        """Each machine, a record for each address and for each MAC without one."""
        for machine in self._list(app, name, _Machine):
            where = f"{name} {machine.id} ({show(machine.name or '')})"
            fields: dict[str, str | list[str]] = {
                "name": machine.name or "",
                "serial": machine.serial or "",
                "site": _name_of(machine.site),
                "owner": self._contacts.get((kind, machine.id), "") or _name_of(machine.tenant),
                "system": _name_of(machine.platform),
                "product": (machine.device_type.model or "") if machine.device_type else "",
                "tags": [_name_of(tag) for tag in machine.tags],
                "current": "no" if machine.status and machine.status.value in _OFF else "yes",
            }
            for address, mac in self._list_cards(machine, kind):
                add_record(self._harvest, "hosts", {**fields, "address": address, "mac": mac}, where)

    def _list_cards(self, machine: _Machine, kind: str) -> list[tuple[str, str]]:
        known = self._interfaces.get((kind, machine.id), _Interfaces())
        cards = [(address, known.macs.get(at, "")) for at, found in known.addresses.items() for address in found]
        cards += [("", mac) for at, mac in known.macs.items() if at not in known.addresses]
        told = {address for address, _ in cards}
        for primary in (machine.primary_ip4, machine.primary_ip6):
            address = ((primary.address or "") if primary else "").partition("/")[0]
            if address and address not in told:
                cards.append((address, ""))
        return cards or [("", "")]

    def _of(self, key: tuple[str, int]) -> _Interfaces:
        return self._interfaces.setdefault(key, _Interfaces())

    def _list(self, app: str, name: str, kind: type[_T]) -> Iterator[_T]:
        """The entries of a list as `kind`; one that is not what NetBox documents is named and left out."""
        try:
            for entry in self._netbox.list(app, name, self._most):
                found = self._convert(entry, kind, f"{app}/{name}")
                if found is not None:
                    yield found
        except NoRights as story:
            self._harvest.skip(f"{app}/{name}", f"not to be seen with this token ({story})")

    def _convert(self, entry: dict[str, Any], kind: type[_T], where: str) -> _T | None:
        try:
            return msgspec.convert(entry, kind)
        except (msgspec.ValidationError, RecursionError) as error:
            self._harvest.skip(f"{where} {show(str(entry.get('id', '')), 20)}", f"not understood: {show(str(error))}")
            return None


def _name_of(named: _Named | None) -> str:
    return (named.name or "") if named else ""


def _number(kind: str, number: int) -> int:
    """One number for interfaces of both kinds, whose own may be the same."""
    return number * 2 + (kind == "virtualization.vminterface")
