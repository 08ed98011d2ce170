"""Hosts as people and programs are shown them, with what sweeps heard at the addresses that they have now."""

from collections.abc import Iterator
from itertools import islice

import msgspec
from django.db.models import QuerySet

from codered_hq.hosts.models import Host
from codered_hq.hosts.subnets import read_subnets
from codered_hq.hosts.views import BATCH, HostView, view_hosts
from codered_hq.sweeps.views import FoundAddress, find_newest

HOSTS_FORMAT = "codered/hosts/1"


class SweptHost(HostView, frozen=True, kw_only=True):
    """A host, and the newest answer that any sweep got at each address that it has now; where none did, none."""

    swept: tuple[FoundAddress, ...]


class HostList(msgspec.Struct, frozen=True, kw_only=True):
    """`codered hosts show --json`."""

    format: str
    hosts: tuple[SweptHost, ...]


def view_swept_hosts(hosts: "QuerySet[Host]") -> Iterator[SweptHost]:
    """The hosts of a query, in its order, read in pieces."""
    subnets, views = read_subnets(), view_hosts(hosts)
    while piece := list(islice(views, BATCH)):
        held = [[use.address for use in view.addresses if use.current] for view in piece]
        newest = find_newest([address for addresses in held for address in addresses], subnets)
        for view, addresses in zip(piece, held, strict=True):
            swept = tuple(newest[address] for address in addresses if address in newest)
            yield SweptHost(**msgspec.structs.asdict(view), swept=swept)
