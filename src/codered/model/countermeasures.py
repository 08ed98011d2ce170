"""What to do about a threat: verify the patch, recognise its scanning, probe for it, contain, remove it. Data only."""

from typing import Literal

import msgspec


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One acceptable proof about the patch. Exactly one of the groups is set: a registry `key` that exists; a `file`
    with `version_at_least` or with `version` and a date between `not_before` and `before` (ISO dates); a
    `service_pack_at_least`; a `package` with `version_at_least`, in one `release` of the distribution (`bookworm`,
    `el9`; "" = in any), since each has its own fixed version; a `component` (`npm:next`) with `version_at_least`, which
    decides about the versions from `since` on, up to the `since` of the next one.
    """

    says: Literal["patched", "vulnerable", "undetermined"]
    references: tuple[str, ...]
    key: str = ""
    file: str = ""
    version: str = ""
    version_at_least: str = ""
    not_before: str = ""
    before: str = ""
    service_pack_at_least: int = 0
    package: str = ""
    release: str = ""
    component: str = ""
    since: str = ""
    supersedes: tuple[str, ...] = ()
    note: str = ""


class PlatformPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The evidence for one platform, judged in order; any one `patched` is enough, none at all is `undetermined`.
    `needs`: without this the system does not have the hole, whatever files it has.
    """

    platform: str
    affected: bool
    evidence: tuple[Evidence, ...] = ()
    note: str = ""
    needs: Literal["iis", ""] = ""


class Mitigation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What keeps the hole from being reached, and is no patch: a `module` of a server that is switched off
    (`apache2:cgi`, `php:xdebug`), or a script `mapping` that is taken away (`.ida`).
    """

    kind: Literal["disable_module", "unmap"]
    because: str
    module: str = ""
    mapping: str = ""


class Vulnerability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hole the threat comes in by. `not_a_fix` names what people take for a fix and is none."""

    name: str
    cves: tuple[str, ...]
    bulletins: tuple[str, ...]
    component: str
    conditions: str
    platforms: tuple[PlatformPatch, ...]
    not_a_fix: tuple[str, ...] = ()
    needs_reboot: bool = False
    references: tuple[str, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()


class AddressShare(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A share (0 to 1) of the scanned addresses that lies in the given neighbourhood of the scanner."""

    share: float
    within: Literal["same_8", "same_16", "same_24", "any", "sequential", "local_network", "fixed_list"]


class ScanBehaviour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the threat looks for victims. `per_second` is connection attempts of one host; 0 = not known."""

    protocol: Literal["tcp", "udp", "icmp"]
    ports: tuple[int, ...]
    references: tuple[str, ...]
    threads: tuple[int, ...] = ()
    per_second: float = 0.0
    addresses: tuple[AddressShare, ...] = ()
    skips: tuple[str, ...] = ()
    duration_hours: tuple[int, ...] = ()
    arp_bursts: bool = False
    note: str = ""


SWEEP_AGENT = "CodeRed-sweep/"
"""How the User-Agent field of a sweep by this tool begins. Anybody can send that."""


class ProbeAnswer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one answer to the probe is judged: by HTTP status, and linear-time patterns over the body and the Server
    field; all that is given must fit. `not_seen`: this check saw nothing, which is less than `not_affected`.
    """

    says: Literal["infected", "vulnerable", "patched", "not_affected", "not_seen", "exposed", "undetermined"]
    because: str
    status: tuple[str, ...] = ()
    body: str = ""
    server: str = ""


class Probe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request a sweep may send. It never runs a command and never provokes a fault on the other side. `control` is
    a path of the same kind that nobody has (`{random}` becomes 12 random letters): what is found at `path` counts only
    where the control is not.
    """

    id: str
    protocol: Literal["http"]
    ports: tuple[int, ...]
    method: Literal["GET", "HEAD", "OPTIONS"]
    path: str
    answers: tuple[ProbeAnswer, ...]
    references: tuple[str, ...]
    note: str = ""
    control: str = ""


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Traffic to stop at the host's firewall or the segment's edge."""

    direction: Literal["out", "in"]
    protocol: Literal["tcp", "udp"]
    ports: tuple[int, ...]
    because: str


class Containment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stops it from spreading before anything is removed."""

    block: tuple[Block, ...] = ()
    stop_services: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


RemovalKind = Literal[
    "stop_process", "kill_process", "quarantine_file", "delete_file", "restore_file", "clean_file",
    "set_value", "delete_value", "delete_key", "remove_virtual_directory", "disable_service", "remove_service",
    "remove_line", "remove_key", "lock_account", "reset_setting",
]  # fmt: skip


class RemovalStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do with everything the named indicators find. Steps stand in the order they must run."""

    action: RemovalKind
    indicators: tuple[str, ...]
    because: str


class MustNotTouch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that looks like the threat and is not."""

    path: str
    because: str


class Removal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is removed. `rebuild_because` is set when clean-up alone can't restore trust in the host."""

    steps: tuple[RemovalStep, ...]
    must_not_touch: tuple[MustNotTouch, ...] = ()
    needs_reboot: bool = False
    rebuild_because: str = ""
    afterwards: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
