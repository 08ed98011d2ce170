"""Against a server that answers as NetBox 4 documents its API: NetBox itself does not run on this Python."""

import json
from typing import Any

import pytest

from codered.model.errors import WrongUse
from codered_hq.importing.netbox import read_netbox
from codered_hq.model.inventory import HostRecord, OwnerRecord, SubnetRecord
from tests.fixtures.netbox_servers import Answer, serving_netbox

TENANT = {"id": 5, "url": "x", "display": "Finance", "name": "Finance", "slug": "finance", "description": ""}
SITE = {"id": 1, "name": "Vienna", "slug": "vienna"}
TAG = {"id": 1, "name": "iis", "slug": "iis", "color": "9e9e9e"}
ACTIVE = {"value": "active", "label": "Active"}
LISTS: dict[str, list[Any]] = {
    "tenancy/contacts": [{"id": 7, "name": "Anna", "phone": "+43 1", "email": "anna@example.org"},
                         {"id": 8, "name": "Bert", "phone": "", "email": "bert@example.org"}],
    "tenancy/contact-assignments": [
        {"id": 1, "object_type": "tenancy.tenant", "object_id": 5, "contact": {"id": 7, "name": "Anna"}},
        {"id": 2, "object_type": "dcim.device", "object_id": 11, "contact": {"id": 8, "name": "Bert"}},
    ],
    "tenancy/tenants": [TENANT],
    "ipam/prefixes": [
        {"id": 1, "prefix": "10.0.0.0/8", "status": {"value": "container"}, "tags": []},
        {"id": 2, "prefix": "10.1.0.0/24", "status": ACTIVE, "vlan": {"id": 3, "vid": 10, "name": "office"},
         "tags": [TAG],
         "scope_type": "dcim.site", "scope_id": 1, "scope": SITE, "tenant": TENANT, "description": "Office"},
        {"id": 3, "prefix": "10.2.0.0/24", "status": ACTIVE, "site": SITE, "tags": [], "vlan": None, "tenant": None},
        {"id": 4, "prefix": 17},
    ],
    "dcim/interfaces": [{"id": 21, "device": {"id": 11, "name": "web-01"}, "mac_address": "52:54:00:00:00:01"},
                        {"id": 22, "device": {"id": 11, "name": "web-01"}, "mac_address": "52:54:00:00:00:02"}],
    "virtualization/interfaces": [{"id": 21, "virtual_machine": {"id": 11, "name": "vm-1"}, "mac_address": None}],
    "ipam/ip-addresses": [
        {"id": 1, "address": "10.1.0.5/24", "assigned_object_type": "dcim.interface", "assigned_object_id": 21},
        {"id": 2, "address": "10.1.0.6/24", "assigned_object_type": "virtualization.vminterface",
         "assigned_object_id": 21},
        {"id": 3, "address": "10.1.0.7/24", "assigned_object_type": None, "assigned_object_id": None},
    ],
    "dcim/devices": [
        {"id": 11, "name": "web-01", "serial": "A1", "status": ACTIVE, "site": SITE, "tenant": TENANT, "tags": [TAG],
         "platform": {"id": 1, "name": "Windows 2000"}, "device_type": {"id": 1, "model": "DL380"},
         "primary_ip4": {"id": 1, "address": "10.1.0.5/24"}, "primary_ip6": {"id": 9, "address": "2001:db8::5/64"}},
        {"id": 12, "name": None, "serial": "", "status": {"value": "offline"}, "tags": []},
        {"id": 13, "name": "old", "status": {"value": "offline"}, "primary_ip4": {"id": 4, "address": "10.1.0.9/24"}},
    ],
    "virtualization/virtual-machines": [{"id": 11, "name": "vm-1", "status": ACTIVE, "tags": [], "tenant": TENANT}],
}  # fmt: skip


def make_answers(lists: dict[str, list[Any]]) -> dict[str, Answer]:
    return {
        f"/api/{name}/": (200, {}, json.dumps({"count": len(rows), "next": None, "results": rows}).encode())
        for name, rows in lists.items()
    }


def test_everything_that_a_netbox_documents() -> None:
    with serving_netbox(make_answers(LISTS)) as (url, _):
        found = read_netbox(url, "secret")
    assert found.source.kind == "netbox"
    assert found.source.name == url
    assert found.owners[2] == OwnerRecord(name="Finance", department="Finance", mail="anna@example.org", phone="+43 1")
    assert found.subnets == (
        SubnetRecord(range="10.1.0.0/24", name="Office", vlan=10, vlan_name="office", site="Vienna", owner="Finance",
                     tags=("iis",)),
        SubnetRecord(range="10.2.0.0/24", site="Vienna"),
    )  # fmt: skip
    web = HostRecord(address="10.1.0.5", mac="52:54:00:00:00:01", name="web-01", serial="A1", owner="Bert",
                     site="Vienna", tags=("iis",), system="Windows 2000", product="DL380")  # fmt: skip
    assert found.hosts[0] == web
    assert [(host.name, host.address, host.mac[-2:], host.current, host.owner) for host in found.hosts[1:]] == [
        ("web-01", "", "02", True, "Bert"),
        ("web-01", "2001:db8::5", "", True, "Bert"),
        ("old", "10.1.0.9", "", False, ""),
        ("vm-1", "10.1.0.6", "", True, "Finance"),
    ]
    assert [note.where for note in found.notes] == ["prefix 10.0.0.0/8"]
    assert [part.where for part in found.skipped] == ["ipam/prefixes 4", "devices 12 ()"]


def test_what_may_not_be_seen_is_named() -> None:
    answers = make_answers({"ipam/prefixes": LISTS["ipam/prefixes"][1:2]})
    answers["/api/dcim/devices/"] = (403, {}, b"{}")
    with serving_netbox(answers) as (url, _):
        found = read_netbox(url, "secret")
        with pytest.raises(WrongUse, match="more than 0 entries"):
            read_netbox(url, "secret", most=0)
    assert len(found.subnets) == 1
    assert {part.where for part in found.skipped} >= {"dcim/devices", "tenancy/tenants"}
    with serving_netbox({}) as (url, _), pytest.raises(WrongUse, match="no record in it that can be used"):
        read_netbox(url, "secret")
