"""The files of a drafted pack: pack.yaml, rules.yar, README.md and the inert examples."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import yaml

from codered.authoring.orders import Choice, DraftOrder, Sample
from codered.authoring.parts import REFERENCE, Part

_CLEAN_LINES = (
    '198.51.100.20 - - [12/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0"',
    '198.51.100.20 - - [12/Mar/2026:10:00:02 +0000] "GET /style/site.css HTTP/1.1" 200 900 "-" "Mozilla/5.0"',
    '198.51.100.21 - - [12/Mar/2026:10:01:00 +0000] "GET /about.html?from=home HTTP/1.1" 200 700 "-" "Mozilla/5.0"',
)
_STEPS = (
    ("stop_process", "where", "what runs would write the rest again, so it goes first"),
    ("quarantine_file", "files", "they are the threat, kept out of reach as evidence"),
)


def write_pack(
    order: DraftOrder, parts: tuple[Part, ...], behaviour: dict[str, Any] | None, seen: str
) -> dict[str, bytes]:
    """Every file but README.md and expected.json; `seen` is the title of the one reference."""
    files = {"pack.yaml": dump_yaml(_describe(order, parts, behaviour, seen))}
    rules = "\n".join(part.rule for part in parts if part.rule)
    head = "/* Drafted from samples by `codered packs new`. Read each string before you rely on it. */\n\n"
    if rules:
        files["rules.yar"] = (head + rules).encode()
    files.update(_write_hits(parts))
    files.update(_write_clean(order, parts))
    return files


class _PlainDumper(yaml.SafeDumper):
    """Writes no anchors: a pack may not have any."""

    def ignore_aliases(self, _data: Any) -> bool:  # noqa: ANN401
        """Always."""
        return True


def dump_yaml(value: dict[str, Any]) -> bytes:
    """As strict YAML: no anchors, tags or tabs."""
    text: str = yaml.dump(value, Dumper=_PlainDumper, sort_keys=False, width=110, default_flow_style=None)
    return text.encode()


def write_readme(order: DraftOrder, choices: Iterable[Choice]) -> bytes:
    """The page for people: what is still to be done, and the reason of each choice."""
    todo = (
        "**A draft.** `codered packs new` made it from samples. Before you publish it: write what it is and how it "
        "spreads into `summary`, name yourself and your sources in `references`, read each string, fill in `answers`, "
        "and set `confidence` to what you can prove."
    )
    lines = [
        f"# {_title(order)}",
        "",
        todo,
        "",
        "The examples are inert: markers out of order, no part of a sample.",
        "",
        "## Why it is as it is",
        "| part | choice | why |",
        "|---|---|---|",
    ]
    lines += [f"| {_cell(item.part)} | {_cell(item.what)} | {_cell(item.why)} |" for item in choices]
    return ("\n".join(lines) + "\n").encode()


def _describe(
    order: DraftOrder, parts: tuple[Part, ...], behaviour: dict[str, Any] | None, seen: str
) -> dict[str, Any]:
    day = order.today
    pack: dict[str, Any] = {
        "format": 1,
        "name": order.name,
        "version": f"{day.year:04}.{day.month:02}.1",
        "title": _title(order),
        "kind": order.kind,
        "summary": "A draft made from samples: what it is, how it comes in and what it does is still to be written.",
        "active": {"first_seen": day.isoformat(), "note": "The day of the draft; write the day it was first seen."},
    }
    pack["references"] = [{"id": REFERENCE, "title": seen, "grade": "measured"}]
    for layer in ("files", "content", "logs", "traffic"):
        if signs := [part.sign for part in parts if part.layer == layer]:
            pack[layer] = signs
    if behaviour:
        pack["scan_behaviour"] = behaviour
        pack["containment"] = {"block": [_block(behaviour)]} if behaviour["ports"] else {}
    if steps := _list_steps(parts):
        pack["removal"] = {"steps": steps}
    return {key: value for key, value in pack.items() if value}


def name_samples(samples: Iterable[Sample], most: int = 12) -> str:
    """The SHA-256s of samples, for the reference that names them."""
    digests = [sample.sha256 or f"{sample.size} bytes" for sample in samples]
    more = f" and {len(digests) - most} more" if len(digests) > most else ""
    return ", ".join(digests[:most]) + more


def _block(behaviour: dict[str, Any]) -> dict[str, Any]:
    why = "it looks for victims there"
    return {"direction": "out", "protocol": behaviour["protocol"], "ports": behaviour["ports"], "because": why}


def _list_steps(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    memory = [part.sign["id"] for part in parts if part.sign.get("where") == ["memory"]]
    files = [part.sign["id"] for part in parts if part.layer == "files" or part.sign.get("where") == ["files"]]
    files = [name for name in files if name != "known-name"]  # a name alone takes nothing away
    found = ((_STEPS[0], memory), (_STEPS[1], files))
    return [{"action": step[0], "indicators": ids, "because": step[2]} for step, ids in found if ids]


def _write_hits(parts: tuple[Part, ...]) -> dict[str, bytes]:
    written: dict[str, bytes] = {}
    if files := [item for part in parts for item in part.files]:
        written["examples/hit/host.tree.yaml"] = _tree("inert files that hold markers of the threat", files)
    for number, part in enumerate((part for part in parts if part.memory), 1):
        about = "the markers as a running program keeps them, out of order"
        region = {"address": "0x400000", "parts": [_omit(item) for item in part.memory]}
        example = {"about": about, "process": "example", "regions": [region]}
        written[f"examples/hit/running-{number}.memory.yaml"] = dump_yaml(example)
    if requests := [asked for part in parts for asked in part.requests]:
        lines = [_log_line(number, *asked) for number, asked in enumerate(requests, 1)]
        written["examples/hit/access.log"] = "".join(f"{line}\n" for line in lines).encode()
    if sent := [_omit(item) for part in parts for item in part.sent]:
        about = "the first line of what the threat sends"
        written["examples/hit/sent.traffic.yaml"] = dump_yaml({"about": about, "sent": sent})
    return written


def _write_clean(order: DraftOrder, parts: tuple[Part, ...]) -> dict[str, bytes]:
    note = {"path": f"srv/notes/{order.name}.txt", "text": "An ordinary file.\n"}
    files: list[Any] = [note, *(item for part in parts for item in part.near_files)]
    written = {"examples/clean/look-alikes.tree.yaml": _tree("files that look like the threat and are not", files)}
    if near := [_omit(item) for part in parts for item in part.near_memory]:
        region = {"address": "0x7f0000000000", "parts": near}
        about = "the memory of a scanner that holds a list of the strings"
        example = {"about": about, "process": "scanner", "regions": [region]}
        written["examples/clean/scanner.memory.yaml"] = dump_yaml(example)
    if any(part.layer == "logs" for part in parts):
        near_lines = [
            _log_line(number, asked, "-") for number, part in enumerate(parts) for asked in part.near_requests
        ]
        written["examples/clean/ordinary.log"] = "".join(f"{line}\n" for line in (*_CLEAN_LINES, *near_lines)).encode()
    return written


def _tree(about: str, files: Iterable[Any]) -> bytes:
    return dump_yaml({"about": about, "system": "linux", "files": [_omit(item) for item in files]})


def _omit(item: Any) -> dict[str, Any]:  # noqa: ANN401
    """A struct as a mapping, without what is left at its default."""
    if isinstance(item, dict):
        return item
    defaults = {field.name: field.default for field in msgspec.structs.fields(item)}
    return {key: value for key, value in msgspec.structs.asdict(item).items() if value != defaults[key]}


def _log_line(number: int, request: str, agent: str) -> str:
    when = f"12/Mar/2026:10:{number // 60:02}:{number % 60:02} +0000"
    return f'203.0.113.{number % 250 + 1} - - [{when}] "{request} HTTP/1.1" 404 196 "-" "{agent}"'


def _title(order: DraftOrder) -> str:
    return order.title or f"{order.name} (draft)"


def _cell(text: str) -> str:
    """Hostile text in a table: one line, no mark-up."""
    plain = "".join(character if character.isprintable() else "?" for character in text)[:300]
    return "`" + plain.replace("`", "'").replace("|", "\\|") + "`" if re.search(r"[<>*_\[\]$|`]", plain) else plain
