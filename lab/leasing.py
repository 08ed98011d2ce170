"""Machines that lease their address: when they have it."""

import socket
from contextlib import suppress
from pathlib import Path

from lab.cables import holds
from lab.namespaces import entered
from lab.plan import Machine, Subnet
from lab.truth import read_leases
from lab.waiting import wait_for


def wait_for_address(folder: Path, namespace: str, machine: Machine, within: Subnet) -> None:
    """Return when a machine has an address of its own, or leased, in this subnet. Raises CannotBuild."""

    def has_it() -> bool:
        address = machine.address or read_leases(folder).get(machine.mac, "")
        if not address or not holds(within, address):
            return False
        with entered(namespace), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried, suppress(OSError):
            tried.bind((address, 0))
            return True
        return False

    wait_for(f"an address of {machine.name} in {within.name}", has_it)
