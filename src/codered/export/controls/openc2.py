"""OpenC2 commands (stateless packet filtering, SLPF v1.0): one `deny` for each address and port, as JSON.

A deny is taken back by the number that the answer to it names, so the way back has a place for that number.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from codered.export.controls.devices import tell_what
from codered.export.controls.orders import CheckedOrder, Control, Network, Side
from codered.model.errors import WrongUse

MOST_COMMANDS = 2000
DURATION = 86_400_000  # milliseconds: a day, then the device forgets it by itself
NOTES = (
    "Send each command of the first list to the OpenC2 consumer of the device. Keep the rule_number of its answer.",
    "Undo: put that number in place of null in the command of the second list that names the same command_id.",
    "Each deny ends by itself after a day. Send it again to keep it.",
)


def make_openc2_control(order: CheckedOrder) -> Control:
    """The commands and their way back. Raises WrongUse for an order that needs too many."""
    denies = list(_list_denies(order))
    undo = [
        {
            "command_id": f"codered-undo-{number}",
            "undoes": f"codered-{number}",
            "command": {"action": "delete", "target": {"slpf:rule_number": None}, "actuator": {"slpf": {}}},
        }
        for number in range(1, len(denies) + 1)
    ]
    commands = [{"command_id": f"codered-{number}", "command": deny} for number, deny in enumerate(denies, 1)]
    return Control(
        platform="openc2",
        title="OpenC2, SLPF actuator profile v1.0",
        what=tell_what(order),
        apply=_write(commands),
        undo=_write(undo),
        notes=NOTES,
    )


def _write(commands: list[dict[str, Any]]) -> str:
    return msgspec.json.format(msgspec.json.encode(commands)).decode() + "\n"


def _list_denies(order: CheckedOrder) -> Iterator[dict[str, Any]]:
    wanted = sum(item.last - item.first + 1 for item in order.ports) or 1
    count = wanted * len(order.infected) + len(order.attackers)
    if count > MOST_COMMANDS:
        advice = f"at most {MOST_COMMANDS}: name fewer ports or a network"
        raise WrongUse(f"{count} OpenC2 commands are too many", advice=advice)
    for network in order.infected:
        for item in order.ports:
            for port in range(item.first, item.last + 1):
                yield _deny("infected", network, {"protocol": item.protocol, "dst_port": port})
        if not order.ports:
            yield _deny("infected", network, {})
    for network in order.attackers:
        yield _deny("attackers", network, {})


def _deny(side: Side, network: Network, connection: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": "deny",
        "target": {f"ipv{network.version}_connection": connection | {"src_addr": str(network)}},
        "args": {
            "response_requested": "complete",
            "duration": DURATION,
            "slpf": {
                "drop_process": "none",
                "persistent": False,
                "direction": "egress" if side == "infected" else "ingress",
            },
        },
        "actuator": {"slpf": {}},
    }
