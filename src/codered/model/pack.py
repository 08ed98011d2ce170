"""ThreatPack: all we know of one threat. One pack drives every layer."""

from datetime import date
from typing import Annotated, Literal

import msgspec

from codered.model.countermeasures import Containment, Probe, Removal, ScanBehaviour, Vulnerability
from codered.model.indicators import (
    AutostartIndicator,
    ContentIndicator,
    FileIndicator,
    Indicator,
    LogIndicator,
    ProcessIndicator,
    SettingIndicator,
    TrafficIndicator,
)

PACK_FORMAT = 1

Grade = Literal["primary", "expert", "excerpt", "measured", "unverified"]
ServerRole = Literal["iis4", "iis5", "iis6", "iis7", "apache", "nginx", "windows", "linux", "solaris"]


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source. Nothing that rests only on "unverified" ones may decide a verdict."""

    id: str
    title: str
    grade: Grade


class Active(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it was first (and last newly) seen."""

    first_seen: date
    variants: tuple[str, ...] = ()
    note: str = ""


class ThreatPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identity, vulnerability and patch evidence, indicators per layer, scan behaviour, probe, containment, removal."""

    format: Literal[1]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$(?!\n)", max_length=40)]
    version: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\.[0-9]{2}\.[0-9]+$(?!\n)")]
    title: str
    kind: Literal["worm", "backdoor", "web-shell", "miner", "bot", "trojan"]
    summary: str
    active: Active
    references: tuple[Reference, ...]
    aliases: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    attack: tuple[str, ...] = ()
    server_roles: tuple[ServerRole, ...] = ()
    vulnerability: Vulnerability | None = None
    files: tuple[FileIndicator, ...] = ()
    content: tuple[ContentIndicator, ...] = ()
    logs: tuple[LogIndicator, ...] = ()
    traffic: tuple[TrafficIndicator, ...] = ()
    settings: tuple[SettingIndicator, ...] = ()
    autostart: tuple[AutostartIndicator, ...] = ()
    processes: tuple[ProcessIndicator, ...] = ()
    scan_behaviour: ScanBehaviour | None = None
    probe: Probe | None = None
    containment: Containment | None = None
    removal: Removal | None = None

    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator of every layer, in file order."""
        return (*self.files, *self.content, *self.logs, *self.traffic, *self.settings, *self.autostart, *self.processes)


class LoadedPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as loaded: the folder it came from, its rule source, SHA-256 of its files (relative name -> hex)."""

    pack: ThreatPack
    folder: str
    rules: str
    files: dict[str, str]
    digest: str
