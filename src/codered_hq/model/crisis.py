"""Words of the crisis team: steps, severities, the traffic light protocol, audiences; and how they map to standards."""

from typing import Final, Literal, get_args

import msgspec

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


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one receiver: `to` is what its way calls him (a mail address, a topic, a room); `tlp` stands in
    it. `id` stays the same when it is sent again, so that a repeat is recognised ("" = it has none yet).
    """

    to: str
    subject: str
    body: str
    tlp: Tlp = "AMBER"
    urgent: bool = False
    id: str = ""
