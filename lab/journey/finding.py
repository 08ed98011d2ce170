"""What is known of machines, as `codered hosts show --json` tells it."""

from collections.abc import Iterable
from typing import Any

from lab.journey.telling import Journey, check
from lab.running import Running


def find_host(hosts: Iterable[dict[str, Any]], address: str) -> dict[str, Any]:
    """The one host that has an address now. Raises WentWrong."""
    found = [host for host in hosts if any(use["address"] == address and use["current"] for use in host["addresses"])]
    check(len(found) == 1, f"{address}: {len(found)} hosts have it now")
    return found[0]


def name_place(host: dict[str, Any]) -> str:
    """Switch and port, as the inventory has them."""
    place = host["places"][0] if host["places"] else {"switch": "", "port": ""}
    return f"{place['switch']} {place['port']}"


def list_states(journey: Journey, *names: str) -> dict[str, str]:
    """The states of hosts by the first part of their names."""
    hosts = journey.ask("hosts", "show", *names, code=0)["hosts"]
    return {host["name"].partition(".")[0]: host["state"] for host in hosts}


def find_address(lab: Running, machine: str) -> str:
    """The address that a machine has now, as planted: IPv4."""
    (address,) = [
        each for each, truth in lab.truth["addresses"].items() if truth["machine"] == machine and ":" not in each
    ]
    return str(address)


def answers(lab: Running, address: str) -> bool:
    """Whether a machine answers headquarters."""
    return lab.run(["busybox", "ping", "-q", "-c1", "-W1", address]).returncode == 0


def lies_there(lab: Running, machine: str, path: str) -> bool:
    """Whether a planted file is there; of crontabs the planted line."""
    script = f"test -f {path} && {{ case {path} in *cron*) grep -q 192.0.2 {path};; *) true;; esac; }}"
    return lab.run([*lab.ssh(machine), script]).returncode == 0
