"""A Linux router or firewall, by nft over ssh: a table of our own for each order, whose sets of networks are dropped
both ways. The kernel takes each network out when its time has come, whoever is dead.
"""

import json
from typing import Any

import msgspec

from codered_hq.config import DeviceConfig
from codered_hq.devices.blocked_networks import BLOCKED, OPEN, Network, read_networks, tell_outcome
from codered_hq.devices.ssh_line import SshLine
from codered_hq.model.device import ControlOrder, ControlState, Timer

_FAMILIES = {4: ("four", "ipv4_addr", "ip"), 6: ("six", "ipv6_addr", "ip6")}
_MISSING = "No such file or directory"


class NftablesDriver:
    """model.device.Driver by nft."""

    def __init__(self, config: DeviceConfig) -> None:
        self._config = config
        self._line = SshLine(config)
        self._ours: list[str] = []

    def read_state(self, order: ControlOrder) -> ControlState:
        """{NETWORK: "blocked" or "open"}, by the elements that are in our table's sets now and the rules that drop."""
        networks = read_networks(order)
        if not self._ours:
            peer = self._line.run(["printenv", "SSH_CONNECTION"]).out.decode("ascii", "replace").split()
            self._ours = peer[0:3:2]
        said = self._line.run(["nft", "-j", "list", "table", "inet", _name(order)])
        if said.code:
            if _MISSING not in said.error:
                raise self._line.fail(f"nft: {said.error.strip()[:200]}")
            return ControlState(values=dict.fromkeys(map(str, networks), OPEN))
        try:
            held = _read_table(json.loads(said.out))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise self._line.fail("nft: its answer can't be read") from None
        return ControlState(values={str(one): BLOCKED if str(one) in held else OPEN for one in networks})

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:  # noqa: ARG002
        """All networks blocked. Raises WrongUse if we come from one of them."""
        return tell_outcome(order, self._config, self._ours)

    def back_up(self) -> bytes:
        """The whole ruleset."""
        return self._line.demand(["nft", "list", "ruleset"])

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:  # noqa: ARG002
        """One transaction: the table is there whole, or not at all."""
        text = write_table(_name(order), read_networks(order), undo_seconds)
        self._line.demand(["nft", "-f", "-"], text.encode())
        if not undo_seconds:
            return Timer(where="none")
        return Timer(where="device", how=f"its kernel: the elements' timeout, {undo_seconds} s")

    def undo(self, order: ControlOrder, before: ControlState) -> None:  # noqa: ARG002
        """Remove the table; adding it first lets it be gone already."""
        name = _name(order)
        self._line.demand(["nft", "-f", "-"], f"add table inet {name}\ndelete table inet {name}\n".encode())

    def drop_timer(self, order: ControlOrder, before: ControlState) -> None:
        """The kernel emptied the table: what is left of it goes too."""
        self.undo(order, before)

    def renew_timer(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:
        """The same table with another timeout, in one transaction."""
        return self.change(order, before, undo_seconds)

    def close(self) -> None:
        """End the connection."""
        self._line.close()


def _name(order: ControlOrder) -> str:
    kept = "".join(letter for letter in order.label if letter.isascii() and (letter.isalnum() or letter == "-"))
    return f"codered-hq-{kept[:100]}"


def write_table(name: str, networks: list[Network], undo_seconds: int) -> str:
    """The table as nft reads it, in place of one of this name."""
    lines = [f"add table inet {name}", f"delete table inet {name}", f"add table inet {name}"]
    lines.append(f"add chain inet {name} forward {{ type filter hook forward priority -150; policy accept; }}")
    timeout = f" timeout {undo_seconds}s" if undo_seconds else ""
    for version, (held, kind, word) in _FAMILIES.items():
        lines.append(f"add set inet {name} {held} {{ type {kind}; flags interval, timeout; }}")
        for side in ("saddr", "daddr"):
            lines.append(f"add rule inet {name} forward {word} {side} @{held} counter drop")
        if elements := ", ".join(f"{one}{timeout}" for one in networks if one.version == version):
            lines.append(f"add element inet {name} {held} {{ {elements} }}")
    return "\n".join(lines) + "\n"


def _read_table(document: dict[str, Any]) -> set[str]:
    """The networks that are dropped both ways."""
    drops: dict[str, int] = {}
    elements: dict[str, list[Any]] = {}
    for entry in document["nftables"]:
        if "set" in entry:
            elements[entry["set"]["name"]] = entry["set"].get("elem", [])
        for part in entry.get("rule", {}).get("expr", []):
            if str(part.get("match", {}).get("right", "")).startswith("@"):
                name = part["match"]["right"][1:]
                drops[name] = drops.get(name, 0) + any("drop" in other for other in entry["rule"]["expr"])
    found: set[str] = set()
    for held, _, _ in _FAMILIES.values():
        if drops.get(held, 0) == 2:
            found |= {_read_element(one, "/32" if held == "four" else "/128") for one in elements.get(held, [])}
    return found


def _read_element(element: Any, length: str) -> str:  # noqa: ANN401 - JSON of a device
    value = element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element
    if isinstance(value, dict) and "prefix" in value:
        return f"{value['prefix']['addr']}/{int(value['prefix']['len'])}"
    return f"{value}{length}" if isinstance(value, str) else msgspec.json.encode(value).decode()
