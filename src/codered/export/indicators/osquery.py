"""Packs as a query pack for osquery: files, YARA matches, processes, ports, what starts by itself, registry."""

import json
from collections.abc import Callable

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.osquery_queries import Query, query_autostart, query_file, query_process, query_setting
from codered.export.indicators.rule_texts import cut_rules
from codered.export.indicators.shared_signs import Shared, Sign, share_signs
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

CHECKED_WITH = ""
_SECONDS = {"file": 3600, "process": 300, "setting": 3600, "autostart": 3600}
_ADVICE = "Put the .yar files into /etc/osquery/codered (on Windows the queries for YARA need your path)."


def make_osquery(packs: tuple[ParsedPack, ...]) -> Export:
    """One query pack, and the rules that its queries for content name."""
    left: list[LeftOut] = []
    queries = (
        _ask(packs, "file", lambda pack: pack.files, lambda one: query_file(one.sign, one.packs[0].name), left)
        | _ask(packs, "process", lambda pack: pack.processes, lambda one: query_process(one.sign), left)
        | _ask(packs, "setting", lambda pack: pack.settings, lambda one: query_setting(one.sign), left)
        | _ask(packs, "autostart", lambda pack: pack.autostart, lambda one: query_autostart(one.sign), left)
    )
    carried = ("files", "processes", "settings", "autostart")
    left += leave_layers(packs, carried, "osquery's tables hold no requests and search no whole disk for content")
    if not queries:
        return Export((), tuple(left))
    head = " ".join((*list_header("A query pack for osquery", CHECKED_WITH, packs), _ADVICE))
    text = json.dumps({"description": head, "version": "5.0.0", "queries": queries}, indent=2)
    return Export((ExportFile("codered.conf.json", f"{text}\n".encode()), *_list_rules(packs)), tuple(left))


def _ask(
    packs: tuple[ParsedPack, ...],
    layer: str,
    signs_of: Callable[[ThreatPack], tuple[Sign, ...]],
    query_of: Callable[[Shared[Sign]], Query],
    left: list[LeftOut],
) -> dict[str, dict[str, object]]:
    """The queries of a layer by their names; what can't be said is added to `left`."""
    queries: dict[str, dict[str, object]] = {}
    for one in share_signs(packs, signs_of):
        try:
            query = query_of(one)
        except ValueError as error:
            left += one.leave_out(str(error))
            continue
        queries[f"{one.packs[0].name}_{layer}_{one.sign.id}".replace("-", "_")] = _describe(one, layer, query)
    return queries


def _describe(one: Shared[Sign], layer: str, query: Query) -> dict[str, object]:
    sign = one.sign
    platform = {"platform": query.platform} if query.platform else {}
    return platform | {
        "query": query.write(),
        "interval": _SECONDS[layer],
        "description": f"{one.name()}: {sign.because}",
        "value": f"{sign.confidence} {sign.severity} {' '.join(sign.attack)}".strip(),
    }


def _list_rules(packs: tuple[ParsedPack, ...]) -> list[ExportFile]:
    """The rules that files must match, a file a pack."""
    found: list[ExportFile] = []
    for one in packs:
        text = cut_rules(one, (name for sign in one.loaded.pack.files for name in sign.content))
        if text:
            head = "".join(f"// {line}\n" for line in list_header("Rules for osquery", CHECKED_WITH, (one,)))
            found.append(ExportFile(f"{one.loaded.pack.name}.yar", (head + text).encode()))
    return found
