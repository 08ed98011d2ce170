"""What traffic is judged by: the packs' signs and titles, whose addresses are one's own, who may scan."""

from collections.abc import Callable
from typing import NamedTuple

from codered.detect.traffic_signs import PayloadSign
from codered.model.finding import UNATTRIBUTED, Subject
from codered.model.traffic import Actor


def _allow_nobody(_actor: Actor, _ports: tuple[int, ...]) -> str:
    return ""


class TrafficGround(NamedTuple):
    """`titles` of threats by pack; `holds` tells whether an address is one's own, `describe` who an actor's key is,
    `allow` which entry of the allow-list lets this one scan all of these ports, in words ("" = none).
    """

    signs: dict[str, PayloadSign]
    titles: dict[str, str]
    holds: Callable[[str], bool]
    describe: Callable[[bytes], Actor]
    allow: Callable[[Actor, tuple[int, ...]], str] = _allow_nobody

    def is_own(self, actor: Actor) -> bool:
        """Whether it is a process of this host, or has an address of one's own."""
        return actor.process is not None or (bool(actor.address) and self.holds(actor.address))

    def name_threat(self, pack: str, shared_by: tuple[str, ...] = ()) -> str:
        """The threat as people call it."""
        if pack != UNATTRIBUTED:
            return self.titles.get(pack, pack)
        return "a kind shared by " + ", ".join(self.titles.get(name, name) for name in shared_by)


def make_subject(actor: Actor) -> Subject:
    """Who it is, as the subject of a finding: the process if it is known, else the address."""
    if actor.process is None:
        return Subject(kind="address", address=actor.address or "unknown")
    return Subject(
        kind="process",
        pid=actor.process.pid,
        start=actor.process.start,
        key=actor.name or None,
        path=actor.program if actor.program.startswith("/") else None,
        address=actor.address or None,
    )


def name_actor(actor: Actor) -> str:
    """Who it is, in a few words."""
    if actor.process is None:
        return actor.address or "somebody unknown"
    return f"process {actor.process.pid}" + (f" ({actor.name})" if actor.name else "")
