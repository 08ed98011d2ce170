"""Access lists by Aerleon, without what in its output would hurt: each repair here was seen to be needed in 1.18."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from codered.export.controls.device_words import DeviceWords, ListWords
from codered.export.controls.orders import CheckedOrder, Network, Platform, Side
from codered.model.errors import CoverageIncomplete
from codered.model.firewall import PortRange
from codered.model.target import Unsupported

try:  # an extra: the tool works without it
    from aerleon import api
    from aerleon.aclgen import ACLGeneratorError
    from aerleon.lib.naming import Naming
except ImportError:
    HAS_AERLEON = False
else:
    HAS_AERLEON = True

_KEYWORD = re.compile(r"^.*\$(?:Id|Date|Revision):?\$.*\n", re.MULTILINE)
_EMPTY_COMMENT = re.compile(r"^ */\*\n(?: *\**\n)* *\*/\n", re.MULTILINE)
_REPLACE = re.compile(r"^( *)replace: ", re.MULTILINE)
_DELETE = re.compile(r"^ *delete: .*\n", re.MULTILINE)
_TABLE = re.compile(r"^table (\w+) filtering_policies ", re.MULTILINE)
_ESTABLISHED = re.compile(r"^ *ct state established,related accept\n", re.MULTILINE)
_TWICE = re.compile(r"^(.*\n)(?:\1)+", re.MULTILINE)
_BLANK = re.compile(r"^ *\n", re.MULTILINE)


class AccessList(msgspec.Struct, frozen=True, kw_only=True):
    """One list as text, what puts it to work, and what takes it back."""

    text: str
    attach: str
    undo: str


def explain_missing() -> Unsupported | None:
    """Why no access lists can be written; None if they can."""
    if not HAS_AERLEON:
        return Unsupported("network", "access lists are written by aerleon: install codered-detect[controls]")
    return None


def write_access_lists(platform: Platform, words: DeviceWords, order: CheckedOrder) -> tuple[AccessList, ...]:
    """A list for each side and family that there is something of. Raises CoverageIncomplete when Aerleon is not there
    or can't write one.
    """
    if missing := explain_missing():
        raise CoverageIncomplete(missing.reason, where=platform)
    parts = list(_list_parts(words, order))
    if words.joined:
        return (_write_list(platform, parts),) if parts else ()
    return tuple(_write_list(platform, [part]) for part in parts)


class _Part(msgspec.Struct, frozen=True):
    """What one list is about: `near` is where these addresses are, `far` where they want to go."""

    kind: ListWords
    side: Side
    networks: list[Network]
    ports: tuple[PortRange, ...]
    near: str
    far: str

    @property
    def name(self) -> str:
        return f"codered-{self.side}" + ("-6" if self.kind.family == 6 else "")

    def fill(self, text: str) -> str:
        """The text with the names in it."""
        for word, value in {"$name": self.name, "$from": self.near, "$to": self.far, "$side": self.near}.items():
            text = text.replace(word, value)
        return text


def _list_parts(words: DeviceWords, order: CheckedOrder) -> Iterator[_Part]:
    inside, outside = order.inside or words.inside, order.outside or words.outside
    for kind in words.lists:
        infected = [network for network in order.infected if kind.family in (0, network.version)]
        attackers = [network for network in order.attackers if kind.family in (0, network.version)]
        if infected and "infected" in kind.sides:
            yield _Part(kind, "infected", infected, order.ports, inside, outside)
        if attackers and "attackers" in kind.sides:
            yield _Part(kind, "attackers", attackers, (), outside, inside)


def _write_list(platform: Platform, parts: list[_Part]) -> AccessList:
    filters = []
    for part in parts:
        terms = list(_list_terms(part))
        if part.kind.rest:
            terms.append({"name": "everything-else", "action": "accept"})
        filters.append({"header": {"targets": {platform: part.fill(part.kind.target)}}, "terms": terms})
    text = _repair(platform, _generate(platform, filters, _define(parts)), parts[0].name)
    return AccessList(
        text=text,
        attach="".join(part.fill(part.kind.attach) for part in parts),
        undo="".join(part.fill(part.kind.undo) for part in parts) + "".join(_list_undo(platform, text, parts[0])),
    )


def _list_terms(part: _Part) -> Iterator[dict[str, str]]:
    """A term for each protocol; one for everything where no ports are named."""
    term = {"source-address": f"CODERED_{part.side.upper()}", "action": "deny"}
    protocols = sorted({item.protocol for item in part.ports})
    if not protocols:
        yield term | {"name": f"codered-{part.side}"}
    for protocol in protocols:
        ports = {"destination-port": f"CODERED_{protocol.upper()}", "protocol": protocol}
        yield term | ports | {"name": f"codered-{part.side}-{protocol}"}


def _define(parts: list[_Part]) -> dict[str, Any]:
    """The names that the terms use, as Aerleon wants them."""
    services: dict[str, list[dict[str, str]]] = {}
    networks: dict[str, dict[str, list[dict[str, str]]]] = {}
    for part in parts:
        networks[f"CODERED_{part.side.upper()}"] = {"values": [{"address": str(one)} for one in part.networks]}
        for item in part.ports:
            text = str(item.first) if item.first == item.last else f"{item.first}-{item.last}"
            services.setdefault(f"CODERED_{item.protocol.upper()}", []).append(
                {"protocol": item.protocol, "port": text}
            )
    return {"networks": networks, "services": services}


def _generate(platform: Platform, filters: list[dict[str, Any]], definitions: dict[str, Any]) -> str:
    named = Naming()
    named.ParseDefinitionsObject(definitions, "codered")
    policy: Any = {"filename": "codered", "filters": filters}
    try:
        made = api.Generate([policy], named) or {}
    except ACLGeneratorError as error:
        raise CoverageIncomplete(f"aerleon can't write it: {error}"[:300], where=platform) from None
    return "".join(made.values())


def _repair(platform: Platform, text: str, name: str) -> str:
    """Aerleon's text with nothing in it that reaches beyond our own names.

    srx: its tags replace all policies and addresses of the device, or delete all applications. nftables: what was
    established goes on, that is the worm's own connections; a load adds to what an earlier one left.
    """
    text = _BLANK.sub("", _EMPTY_COMMENT.sub("", _KEYWORD.sub("", text.rstrip() + "\n")))
    if platform == "srx":
        return _DELETE.sub("", _REPLACE.sub(r"\1", text))
    if platform == "nftables":
        text = _TWICE.sub(r"\1", _ESTABLISHED.sub("", text))
        again = f"table inet {name}\ndelete table inet {name}\n"
        return again + _TABLE.sub(rf"table \1 {name} ", text)
    return text


def _list_undo(platform: Platform, text: str, part: _Part) -> Iterator[str]:
    """The lines that take back each object a text makes, those first that use others."""
    if platform == "windows_advfirewall":
        for rule in re.findall(r"add rule name=(\S+)", text):
            yield f"netsh advfirewall firewall delete rule name={rule}\n"
    elif platform == "srx":
        zones = f"from-zone {part.near} to-zone {part.far}"
        for policy in re.findall(r"^ +policy (\S+) ", text, re.MULTILINE):
            yield f"delete security policies {zones} policy {policy}\n"
        for kind in ("application-set", "application"):
            for one in re.findall(rf"^ +{kind} (\S+) {{", text, re.MULTILINE):
                yield f"delete applications {kind} {one}\n"
        for group in re.findall(r"^ +address-set (\S+) ", text, re.MULTILINE):
            yield f"delete security address-book global address-set {group}\n"
        for address in re.findall(r"^ +address (\S+) \S+;", text, re.MULTILINE):
            yield f"delete security address-book global address {address}\n"
    elif platform == "paloalto":
        for place, path in _PALO_ALTO:
            found = re.search(rf"^ *<{place}>\n(.*?)^ *</{place}>", text, re.MULTILINE | re.DOTALL)
            for entry in re.findall(r'<entry name="([^"]+)">', found[1] if found else ""):
                yield f"delete {path} {entry}\n"


_PALO_ALTO = (
    ("rules", "rulebase security rules"),
    ("service", "service"),
    ("address-group", "address-group"),
    ("address", "address"),
    ("tag", "tag"),
)
