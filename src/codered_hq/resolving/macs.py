"""MAC addresses: written in one way, and which of them a machine can have."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def _read_table() -> list[dict[str, str]]:
    rows: Any = json.loads(resources.files(__package__).joinpath("macs.json").read_text(encoding="utf-8"))
    return [dict(row) for row in rows]


def explain_mac(mac: str) -> str:
    """Why this is no machine's own address: of a group, of all, of none, shared by routers. "" = it is one."""
    if len(mac) != 17:
        return "not six octets"
    if mac == "00:00:00:00:00:00":
        return "the address of nobody"
    if mac == "ff:ff:ff:ff:ff:ff":
        return "the address of everybody"
    if int(mac[1], 16) & 1:
        return "the address of a group"
    return next((row["why"] for row in _read_table() if mac.startswith(row["prefix"])), "")


def is_machine_mac(mac: str) -> bool:
    """True if one machine can own it."""
    return not explain_mac(mac)
