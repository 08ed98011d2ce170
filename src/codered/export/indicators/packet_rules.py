"""A rule for a packet engine, but for what it looks at: header, message, references and numbers."""

import re
from collections.abc import Callable

from codered.export.indicators.exported import Export, ExportFile, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.packet_signs import PacketSign, list_signs
from codered.export.indicators.shared_signs import number_signs
from codered.model.indicators import LogIndicator
from codered.model.rule import ParsedPack

FIRST_SID, SIDS = 9_100_000, 800_000
MOST_REFERENCES = 8
LONGEST_CONTENT = 200  # bytes
Write = Callable[[PacketSign], tuple[str, list[str]]]
"""A rule's header (protocol, addresses, ports) and its options that match."""

_CLASSES = {"exploit": "web-application-attack", "backdoor": "attempted-admin", "probe": "attempted-recon"}
_ODD = re.compile(r"[^A-Za-z0-9 .,()_\-/]")
_PATTERN = re.compile(r"\\.|[/;\"]", re.DOTALL)
_SPELLED = {"/": r"\/", ";": r"\x3b", '"': r"\x22"}


def make_rules(packs: tuple[ParsedPack, ...], title: str, name: str, write: Write) -> Export:
    """One file with the rules of all packs, and what can't be said."""
    left = leave_layers(packs, ("logs", "traffic"), f"{title} sees what is on the wire only")
    signs, unsaid = list_signs(packs)
    numbers = number_signs((sign.key for sign in signs), FIRST_SID, SIDS)
    lines = [f"# {line}\n" for line in list_header(f"{title} rules", "", packs)]
    for sign in signs:
        header, options = write(sign)
        lines.append(f"{header} ({' '.join(f'{each};' for each in _wrap(sign, numbers[sign.key], options))})\n")
    files = (ExportFile(name, "".join(lines).encode()),) if signs else ()
    return Export(files, (*left, *unsaid))


def write_content(data: bytes) -> str:
    """Bytes between quotes, odd ones in hexadecimal."""
    return "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in '"\\;:|' else f"|{byte:02x}|"
        for byte in data[:LONGEST_CONTENT]
    )


def write_pattern(pattern: str) -> str:
    """A regular expression as it stands between two slashes between two quotes."""
    return _PATTERN.sub(lambda odd: _SPELLED.get(odd[0][-1], odd[0]), pattern)


def list_methods(pattern: str) -> str:
    """The one method that the pattern says, "" if it says several or any."""
    return pattern[1:-1] if re.fullmatch(r"\^[A-Z]{1,20}\$", pattern) else ""


def _wrap(sign: PacketSign, number: int, options: list[str]) -> list[str]:
    shared, item = sign.shared, sign.shared.sign
    named = ", ".join(f"pack {pack.name}" for pack in shared.packs)
    way = "comes in" if sign.inbound else "goes out"
    kind = _CLASSES[item.vector] if isinstance(item, LogIndicator) else _CLASSES["exploit"]
    return [
        f'msg:"CODERED {_write_title(shared.title())} {way}, {item.confidence}"',
        *options,
        *_list_references(shared.cves()),
        f"classtype:{kind if sign.inbound else 'trojan-activity'}",
        f"sid:{number}",
        f"rev:{max(_write_revision(pack.version) for pack in shared.packs)}",
        f"metadata:{named}, indicator {item.id}, confidence {item.confidence}",
    ]


def _write_title(title: str) -> str:
    return " ".join(_ODD.sub(" ", title).split())


def _list_references(cves: tuple[str, ...]) -> list[str]:
    found = (re.fullmatch(r"CVE-(\d{4}-\d{4,7})", cve) for cve in cves[:MOST_REFERENCES])
    return [f"reference:cve,{cve[1]}" for cve in found if cve]


def _write_revision(version: str) -> int:
    """2026.11.1 as 20261101: it grows with the pack."""
    year, month, number = (int(part) for part in version.split("."))
    return year * 10000 + month * 100 + min(number, 99)
