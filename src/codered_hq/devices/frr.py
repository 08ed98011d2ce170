"""A router of FRRouting, by vtysh over ssh: blackhole routes to networks, and what the router really chose read back.
It has no timer of its own: the keeper takes them back. What comes from such a network is dropped by no route; only
answers to it are.
"""

import hashlib
import json
from typing import Any

from codered_hq.config import DeviceConfig
from codered_hq.devices.blocked_networks import BLOCKED, OPEN, Network, read_networks, tell_outcome
from codered_hq.devices.ssh_line import SshLine
from codered_hq.model.device import ControlOrder, ControlState, Timer

_MOST_TAG = 4_294_967_295


class FrrDriver:
    """model.device.Driver by vtysh."""

    def __init__(self, config: DeviceConfig) -> None:
        self._config = config
        self._line = SshLine(config)
        self._ours: list[str] = []

    def read_state(self, order: ControlOrder) -> ControlState:
        """{NETWORK: "blocked" if the router chose a static blackhole for it, else "open"}."""
        if not self._ours:
            self._ours = self._line.run(["printenv", "SSH_CONNECTION"]).out.decode("ascii", "replace").split()[0:3:2]
        networks = read_networks(order)
        return ControlState(values={str(one): BLOCKED if self._is_black(one) else OPEN for one in networks})

    def _is_black(self, network: Network) -> bool:
        word = "ip" if network.version == 4 else "ipv6"
        raw = self._line.demand(["vtysh", "-c", f"show {word} route {network} json"])
        try:
            routes = (json.loads(raw or b"{}") or {}).get(str(network), [])
            return any(_is_chosen_hole(route) for route in routes)
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise self._line.fail("vtysh: its answer can't be read") from None

    def find_outcome(self, order: ControlOrder, before: ControlState) -> ControlState:  # noqa: ARG002
        """All networks blocked. Raises WrongUse if we come from one of them."""
        return tell_outcome(order, self._config, self._ours)

    def back_up(self) -> bytes:
        """The running configuration."""
        return self._line.demand(["vtysh", "-c", "show running-config"])

    def change(self, order: ControlOrder, before: ControlState, undo_seconds: int) -> Timer:  # noqa: ARG002
        """A blackhole route for each network, marked by a tag of this order."""
        self._configure(order, "", [one for one in read_networks(order) if before.values.get(str(one)) != BLOCKED])
        return Timer(where="none")

    def undo(self, order: ControlOrder, before: ControlState) -> None:
        """Remove those that were not there before."""
        self._configure(order, "no ", [one for one in read_networks(order) if before.values.get(str(one)) == OPEN])

    def _configure(self, order: ControlOrder, verb: str, networks: list[Network]) -> None:
        tag = int(hashlib.sha256(order.label.encode()).hexdigest()[:8], 16) % _MOST_TAG + 1
        words = ["vtysh", "-c", "configure terminal"]
        for one in networks:
            words += ["-c", f"{verb}{'ip' if one.version == 4 else 'ipv6'} route {one} blackhole tag {tag}"]
        said = self._line.run(words)
        complaint = next((line for line in said.out.decode("utf-8", "replace").splitlines() if line[:2] == "% "), "")
        # To take away what is away already is as well.
        if (said.code or complaint) and not (verb and "no such" in (complaint + said.error).lower()):
            raise self._line.fail(f"vtysh: {(complaint or said.error.strip() or 'refused')[:200]}")

    def close(self) -> None:
        """End the connection."""
        self._line.close()


def _is_chosen_hole(route: dict[str, Any]) -> bool:
    holes = [hop for hop in route.get("nexthops", []) if hop.get("blackhole") or hop.get("unreachable")]
    return bool(route.get("protocol") == "static" and route.get("selected") and holes)
