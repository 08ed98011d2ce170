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
    ScriptIndicator,
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


class ScriptGate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which files the pack's `scripts` are tried on: those that one of these rules of rules.yar matches. `text` rules
    see texts, `binary` ones everything else (a picture with a script in it) and need anchors.
    """

    text: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()


class Origin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the rules of an imported pack come from: who made them, under which licence, and the file. Such a pack's
    rules need no anchors; those without are tried on every file, which costs time.
    """

    source: str
    authors: tuple[str, ...] = ()
    licence: str = ""


class ImportedSigns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The signs of an imported pack, kept beside pack.yaml as JSON because there may be thousands: they are read as if
    they stood in it.
    """

    references: tuple[Reference, ...] = ()
    content: tuple[ContentIndicator, ...] = ()
    logs: tuple[LogIndicator, ...] = ()
    traffic: tuple[TrafficIndicator, ...] = ()


class ThreatPack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Identity, vulnerability and patch evidence, indicators of each layer, scanning, probes, containment, removal."""

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
    scripts: tuple[ScriptIndicator, ...] = ()
    script_gate: ScriptGate | None = None
    origin: Origin | None = None
    scan_behaviour: ScanBehaviour | None = None
    probes: tuple[Probe, ...] = ()
    containment: Containment | None = None
    removal: Removal | None = None

    def indicators(self) -> tuple[Indicator, ...]:
        """Every indicator of every layer, in file order."""
        seen = (*self.files, *self.content, *self.logs, *self.traffic)
        return (*seen, *self.settings, *self.autostart, *self.processes, *self.scripts)


class LoadedPack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as loaded: the folder it came from, its rule source, SHA-256 of its files (relative name -> hex)."""

    pack: ThreatPack
    folder: str
    rules: str
    files: dict[str, str]
    digest: str
