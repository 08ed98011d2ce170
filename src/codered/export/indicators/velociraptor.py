"""Packs as a Velociraptor artifact. The signs are tables in its parameters, so that the queries stay the same."""

import csv
import io
import json
import re
from collections.abc import Iterable
from importlib.resources import files

import yaml

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.log_lines import spell_line
from codered.export.indicators.path_patterns import spell_path
from codered.export.indicators.rule_texts import cut_rules
from codered.export.indicators.shared_signs import share_signs
from codered.model.indicators import FileIndicator, LogIndicator, ProcessIndicator
from codered.model.rule import ParsedPack

CHECKED_WITH = ""
_MOST_REPEATS = 1000  # in Go's regular expressions
_REPEATS = re.compile(r"(?<=[{,])\d{1,5}(?=[,}])")
Row = tuple[str, ...]


def make_velociraptor(packs: tuple[ParsedPack, ...]) -> Export:
    """One artifact for clients: files by place, content by YARA, web logs line by line, processes."""
    left: list[LeftOut] = []
    tables = {
        "FileSigns": _write_table(("Sign", "Glob", "Why"), _list_files(packs, left)),
        "RequestSigns": _write_table(("Sign", "Pattern", "Why"), _list_requests(packs, left)),
        "ProcessSigns": _write_table(("Sign", "Name", "Exe", "Command", "Why"), _list_processes(packs, left)),
    }
    carried = ("files", "logs", "processes", "content")
    left += leave_layers(packs, carried, "the artifact looks at files, content, web logs and processes")
    rules = "".join(_write_rules(one) for one in packs)
    lines = "\n".join(list_header("A Velociraptor artifact", CHECKED_WITH, packs))
    artifact = json.loads((files(__package__) / "velociraptor_artifact.json").read_text())
    given = tables | {"YaraRules": rules, "Literals": _join_literals(packs)}
    artifact["description"] = f"{lines}\n{artifact['description']}"
    for parameter in artifact["parameters"]:
        parameter["default"] = given.get(parameter["name"], parameter.get("default", ""))
    head = "".join(f"# {line}\n" for line in lines.split("\n"))
    text = head + str(yaml.safe_dump(artifact, sort_keys=False, allow_unicode=True, width=1_000_000))
    return Export((ExportFile("Custom.CodeRed.Indicators.yaml", text.encode()),), tuple(left))


def _list_files(packs: tuple[ParsedPack, ...], left: list[LeftOut]) -> Iterable[Row]:
    for one in share_signs(packs, lambda pack: pack.files):
        if not one.sign.paths:
            left += one.leave_out("it has no place, and a search of the whole disk is left to YaraGlobs")
        for path in one.sign.paths:
            yield f"{one.name()} {one.sign.confidence}", _spell_glob(path), _explain(one.sign)


def _explain(sign: FileIndicator) -> str:
    more = []
    if sign.content or sign.same_as:
        more.append("Look at the content too.")
    if sign.sizes:
        more.append(f"It has {' or '.join(map(str, sign.sizes))} bytes.")
    if sign.sha256:
        more.append(f"SHA-256 {' or '.join(sign.sha256)}.")
    return " ".join((sign.because, *more))


def _list_requests(packs: tuple[ParsedPack, ...], left: list[LeftOut]) -> Iterable[Row]:
    for one in share_signs(packs, lambda pack: pack.logs):
        sign: LogIndicator = one.sign
        try:
            pattern = spell_line(sign)
            if any(int(count) > _MOST_REPEATS for count in _REPEATS.findall(pattern)):
                raise ValueError(f"its pattern repeats something more than {_MOST_REPEATS} times")
            yield f"{one.name()} {sign.confidence}", f"(?i){pattern}", sign.because
        except ValueError as error:
            left += one.leave_out(str(error))


def _list_processes(packs: tuple[ParsedPack, ...], left: list[LeftOut]) -> Iterable[Row]:
    for one in share_signs(packs, lambda pack: pack.processes):
        sign: ProcessIndicator = one.sign
        if (sign.names and sign.except_paths) or sign.threads or sign.objects or sign.listens or sign.children:
            left += one.leave_out("the list of processes tells no threads, ports, children and named objects")
            continue
        name = _one_of(sign.names)
        exe = _one_of(sign.paths)
        command = "(?i)" + spell_path(sign.command).replace(r"[^/\x5c]*", ".*") if sign.command else "."
        if sign.names and sign.paths:
            yield f"{one.name()} {sign.confidence}", ".", exe, command, sign.because
        yield f"{one.name()} {sign.confidence}", name, "." if sign.names else exe, command, sign.because


def _one_of(texts: tuple[str, ...]) -> str:
    return f"(?i)^({'|'.join(map(spell_path, texts))})$" if texts else "."


def _spell_glob(path: str) -> str:
    return path.replace("?:", "*:", 1).replace("\\", "/")


def _join_literals(packs: tuple[ParsedPack, ...]) -> str:
    """What every line that shows a sign holds, as one pattern: it spares the others."""
    literals = sorted({text.lower() for one in packs for sign in one.loaded.pack.logs for text in sign.literals})
    return f"(?i)({'|'.join(_spare_query(text) for text in literals)})" if literals else "."


def _spare_query(literal: str) -> str:
    """A question mark is a space in the logs of IIS."""
    return spell_path(literal).replace(r"\?", "[? ]")


def _write_rules(one: ParsedPack) -> str:
    return cut_rules(one, (sign.rule for sign in one.loaded.pack.content if "files" in sign.where))


def _write_table(columns: Row, rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
