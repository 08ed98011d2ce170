"""Words of the crisis team: roles, steps, severities, the traffic light protocol; and how they map to standards."""

from typing import Final, Literal, get_args

ROLES: Final[tuple[str, ...]] = (
    "executive", "incident_commander", "business", "legal", "communications", "security", "network", "systems",
    "applications", "helpdesk", "project_manager", "scribe", "liaison",
)  # fmt: skip
"""The roles of a crisis team; each has a backup."""

Step = Literal["prepare", "detect", "contain", "eradicate", "recover", "lessons"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)
CSF: Final[dict[Step, str]] = {
    "prepare": "GV/ID/PR", "detect": "DE", "contain": "RS", "eradicate": "RS", "recover": "RC", "lessons": "ID.IM",
}  # fmt: skip
"""Functions of the NIST Cybersecurity Framework 2.0, as SP 800-61r3 lays an incident out."""

Severity = Literal["low", "medium", "high", "critical"]
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

Tlp = Literal["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"]
TLPS: Final[tuple[Tlp, ...]] = get_args(Tlp)
"""Traffic Light Protocol 2.0."""

Treatment = Literal["clean", "rebuild", "live_with_it"]
TREATMENTS: Final[tuple[Treatment, ...]] = get_args(Treatment)
