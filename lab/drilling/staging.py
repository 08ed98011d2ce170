"""What a drill's score takes for the truth, from the planted truth of the laboratory."""

from typing import Any

LAPTOP = "laptop"
"""It brings the outbreak in: nothing is planted on it, its scan is what the alarm is about."""
_OPEN = ("infected", "vulnerable")


def find_sick(truth: dict[str, Any]) -> set[str]:
    """The machines that are infected, seen from headquarters or not."""
    planted = {told["machine"] for told in truth["addresses"].values() if "infected" in _list_states(told)}
    return planted | {name for name, told in truth["hosts"].items() if told["infected"]} | {LAPTOP}


def list_machines(truth: dict[str, Any], sick: set[str]) -> list[dict[str, Any]]:
    """Address, subnet, infected, vulnerable of all that is plugged in, where it is now."""
    ranges = {told["name"]: range_ for range_, told in truth["subnets"].items()}
    return [
        {
            "address": address, "subnet": ranges.get(told["subnet"], ""), "infected": told["machine"] in sick,
            "vulnerable": any(state in _OPEN for state in _list_states(told)),
        }
        for address, told in truth["addresses"].items() if "mac" in told
    ]  # fmt: skip


def _list_states(told: dict[str, Any]) -> tuple[str, str]:
    return told["state"], told.get("really", "")
