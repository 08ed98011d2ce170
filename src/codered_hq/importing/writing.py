"""An inventory as a file: CSV of its hosts, YAML or JSON of everything (both can be read again), an inventory for
Ansible, a hosts file. Texts come from other systems: none of them becomes a formula, a template or a second line.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from codered.export.writing.escaping import guard_cell, is_visible
from codered.model.errors import WrongUse
from codered_hq.importing.records import KINDS
from codered_hq.model.inventory import HostRecord, Inventory

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_GROUP = re.compile(r"[^a-z0-9]+")
_TEMPLATE: Final = ("{{", "{%", "{#")
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def write_inventory(inventory: Inventory, form: str) -> bytes:
    """The inventory in that form. Raises WrongUse if there is no such form."""
    write = WRITERS.get(form)
    if write is None:
        raise WrongUse("no such form to write", where=form, advice=f"known are {', '.join(WRITERS)}")
    return write(inventory)


def write_csv(inventory: Inventory) -> bytes:
    """The hosts, for spreadsheets: UTF-8 with its mark, and no cell that is a formula."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(HostRecord.__struct_fields__)
    for host in inventory.hosts:
        table.writerow(guard_cell(_as_text(getattr(host, name))) for name in HostRecord.__struct_fields__)
    return text.getvalue().encode("utf-8-sig", "replace")


def write_yaml(inventory: Inventory) -> bytes:
    """All records; what has its default is left out."""
    lines = []
    for kind, records in _list_records(inventory):
        lines.append(f"{kind}:\n")
        for record in records:
            start = "  - "
            for name, value in record.items():
                lines.append(f"{start}{name}: {_write_value(value)}\n")
                start = "    "
    return "".join(lines).encode()


def write_json(inventory: Inventory) -> bytes:
    """All records, as in YAML; a record a line."""
    encode = msgspec.json.Encoder().encode
    kinds = []
    for kind, records in _list_records(inventory):
        body = b",\n  ".join(_escape_json(encode(record)) for record in records)
        kinds.append(b'"' + kind.encode() + b'": [\n  ' + body + b"\n]")
    return b"{\n" + b",\n".join(kinds) + b"\n}\n"


def write_ansible(inventory: Inventory) -> bytes:
    """Ansible's own inventory: each current host once, by its name or else its address; groups by site and tag."""
    hosts: dict[str, HostRecord] = {}
    groups: dict[str, dict[str, None]] = {}
    for host in inventory.hosts:
        if not (host.current and host.address):
            continue
        name = host.name if _PLAIN_NAME.fullmatch(host.name) else host.address
        if name in hosts and hosts[name].address != host.address:
            name = host.address
        hosts.setdefault(name, host)
        for group in [f"site_{host.site}" if host.site else "", *(f"tag_{tag}" for tag in host.tags)]:
            if group:
                groups.setdefault(_GROUP.sub("_", group.lower()).strip("_"), {})[name] = None
    lines = ["all:\n", "  hosts:\n"]
    for name, host in hosts.items():
        lines.append(f"    {_quote(name)}:\n      ansible_host: {_quote(host.address)}\n")
        lines += [f"      codered_{key}: {_write_unsafe(value)}\n" for key, value in _facts_for_ansible(host)]
    if groups:
        lines.append("  children:\n")
    for group, names in groups.items():
        lines.append(f"    {group}:\n      hosts:\n")
        lines += [f"        {_quote(name)}: {{}}\n" for name in names]
    return "".join(lines).encode("utf-8", "replace")


def write_hosts_file(inventory: Inventory) -> bytes:
    """/etc/hosts: an address a line, with all its names of plain letters."""
    names: dict[str, dict[str, None]] = {}
    for host in inventory.hosts:
        if host.current and host.address and _PLAIN_NAME.fullmatch(host.name):
            names.setdefault(host.address, {})[host.name] = None
    return "".join(f"{address}\t{' '.join(found)}\n" for address, found in names.items()).encode()


def _list_records(inventory: Inventory) -> Iterator[tuple[str, list[dict[str, object]]]]:
    for kind in KINDS:
        if records := getattr(inventory, kind):
            yield kind, [_list_facts(record) for record in records]


def _list_facts(record: msgspec.Struct) -> dict[str, object]:
    """The fields that say something. What is not there reads as its default; `current: false` must be said."""
    facts = {name: getattr(record, name) for name in record.__struct_fields__}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value not in ("", None, ()) and value is not True and not (name == "vlan" and value == 0)
    }


def _facts_for_ansible(host: HostRecord) -> list[tuple[str, str]]:
    facts = (("mac", host.mac), ("owner", host.owner), ("criticality", host.criticality), ("system", host.system))
    return [(name, value) for name, value in facts if value]


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(_quote(str(part)) for part in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else _quote(str(value))


def _write_unsafe(value: str) -> str:
    """Ansible runs templates in what an inventory says: the tag tells it that this is none."""
    return f"!unsafe {_quote(value)}" if any(mark in value for mark in _TEMPLATE) else _quote(value)


def _quote(text: str) -> str:
    """The text in double quotes as YAML reads it: whatever could not be seen is written as its number."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_SHORT.get(c) or (c if is_visible(c) else _number(c)) for c in text) + '"'


def _number(character: str) -> str:
    code = ord(character)
    if 0xD800 <= code < 0xE000:  # half a character is none, and no file can hold it
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escape_json(data: bytes) -> bytes:
    """JSON with nothing but what can be seen, so that the strict reader takes it again."""
    text = data.decode("utf-8", "replace")
    if text.isascii() and text.isprintable():
        return data
    return "".join(c if is_visible(c) else _write_escaped(c) for c in text).encode()


def _write_escaped(character: str) -> str:
    """Beyond four digits JSON needs two escapes, which no YAML reads: such a character is no longer told."""
    return _number(character) if ord(character) < 0x10000 else "\\ufffd"


WRITERS: Final[dict[str, Callable[[Inventory], bytes]]] = {
    "csv": write_csv,
    "yaml": write_yaml,
    "json": write_json,
    "ansible": write_ansible,
    "hosts-file": write_hosts_file,
}
