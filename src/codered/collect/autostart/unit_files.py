"""Reading one systemd unit file."""

from typing import NamedTuple

from codered.collect.autostart.reading import as_text

MOST_LINES = 20_000
MOST_COMMANDS = 64
_MARKS = "-@:+!|"  # what systemd allows in front of a command
_RUNS = (
    "execstart", "execstartpre", "execstartpost", "execstop", "execstoppost", "execreload", "execcondition",
)  # fmt: skip


class Unit(NamedTuple):
    """What a unit says: the commands it runs, the unit it activates ("" = its namesake), its user, and whether all of
    its lines are such as systemd takes.
    """

    commands: tuple[str, ...] = ()
    activates: str = ""
    user: str = ""
    parses: bool = True


def parse_unit(data: bytes) -> Unit:
    """A unit file as far as it can be read; a line that ends in a backslash goes on in the next."""
    commands: list[str] = []
    seen: dict[str, str] = {}
    section = ""
    parses = True
    for line in _join_lines(data):
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line
            continue
        key, equals, value = line.partition("=")
        if not equals or not section:
            parses = False
        elif key.strip().lower() in _RUNS:
            commands.append(value.strip().lstrip(_MARKS))
        else:
            seen[key.strip().lower()] = value.strip()
    return Unit(tuple(commands[:MOST_COMMANDS]), seen.get("unit", ""), seen.get("user", ""), parses and bool(section))


def _join_lines(data: bytes) -> list[str]:
    lines: list[str] = []
    carried = ""
    for raw in data.split(b"\n", MOST_LINES)[:MOST_LINES]:
        line = carried + as_text(raw, 8192).strip()
        if line.endswith("\\") and len(line) < 65536 and not line.startswith(("#", ";")):
            carried = line[:-1] + " "
        else:
            lines.append(line)
            carried = ""
    return [*lines, carried.strip()]
