"""What every syslog message of ours (RFC 5424) is made of: its head, its parameters, and its frame on a stream."""

from datetime import UTC, datetime
from typing import Final

from codered.export.writing.escaping import printable

SECURITY: Final = 10
"""The facility authpriv."""
ENTERPRISE: Final = "32473"
"""Set aside for examples: nobody else's."""
MOST_VALUE = 500


def write_head(severity: int, at: datetime, host: str, program: str, kind: str) -> str:
    """All before the structured data: priority, version, time in UTC, host, program, no process, kind of message."""
    when = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    names = f"{write_name(host, 255)} {write_name(program, 48)} - {write_name(kind, 32)}"
    return f"<{SECURITY * 8 + severity}>1 {when} {names}"


def write_data(name: str, values: dict[str, str]) -> str:
    """One element of structured data."""
    return f"[{name}@{ENTERPRISE}" + "".join(f' {key}="{_escape(value)}"' for key, value in values.items()) + "]"


def write_name(text: str, most: int) -> str:
    """A word of the head: visible ASCII without blanks; "-" for none."""
    return "".join(c if "!" <= c <= "~" else "_" for c in text)[:most] or "-"


def frame_octets(message: bytes) -> bytes:
    """A message on a stream, counted (RFC 6587, RFC 5425)."""
    return b"%d %b" % (len(message), message)


def _escape(text: str) -> str:
    """A parameter's value: only these three must be escaped, and controls must not be in it."""
    shown = printable(text[:MOST_VALUE])
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("]", "\\]")
