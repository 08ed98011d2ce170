"""Packs as Sigma rules: a rule for each request sign, file, process and registry value, in one file a layer."""

from collections.abc import Callable, Iterator

import yaml

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.export.indicators.shared_signs import Shared, Sign, name_uuid, share_signs, show_day
from codered.export.indicators.sigma_detections import Detection
from codered.export.indicators.sigma_hosts import detect_file, detect_process, detect_run_key, detect_setting
from codered.export.indicators.sigma_requests import detect_request
from codered.model.finding import Severity
from codered.model.pack import ThreatPack
from codered.model.rule import ParsedPack

CHECKED_WITH = "pySigma and its SQLite backend"
_STATUS = {"confirmed": "stable", "likely": "test", "suspicious": "experimental"}
_LEVELS: tuple[Severity, ...] = ("low", "medium", "high", "critical")
_MOST_LEVEL: dict[str, Severity] = {"confirmed": "critical", "likely": "high", "suspicious": "medium"}


def make_sigma(packs: tuple[ParsedPack, ...]) -> Export:
    """One file of rules a layer. A rule's id is made of what it looks for: the same sign keeps its id."""
    left: list[LeftOut] = []
    header = "".join(f"# {line}\n" for line in list_header("Sigma rules", CHECKED_WITH, packs))
    layers = {
        "requests.yml": list(_write_layer(packs, lambda pack: pack.logs, detect_request, left)),
        "files.yml": list(_write_layer(packs, lambda pack: pack.files, detect_file, left)),
        "processes.yml": list(_write_layer(packs, lambda pack: pack.processes, detect_process, left)),
        "registry.yml": list(_write_layer(packs, lambda pack: pack.settings, detect_setting, left)),
        "autostart.yml": list(_write_layer(packs, lambda pack: pack.autostart, detect_run_key, left)),
    }
    carried = ("logs", "files", "processes", "settings", "autostart")
    left += leave_layers(packs, carried, "no event that Sigma knows carries this")
    files = tuple(ExportFile(name, (header + "---\n".join(rules)).encode()) for name, rules in layers.items() if rules)
    return Export(files, tuple(left))


def _write_layer(
    packs: tuple[ParsedPack, ...],
    signs_of: Callable[[ThreatPack], tuple[Sign, ...]],
    detect: Callable[[Sign], Detection],
    left: list[LeftOut],
) -> Iterator[str]:
    """Each rule as YAML; what can't be said is added to `left`."""
    for one in share_signs(packs, signs_of):
        try:
            yield _write_rule(one, detect(one.sign))
        except ValueError as error:
            left += one.leave_out(str(error))


def _write_rule(one: Shared[Sign], detection: Detection) -> str:
    sign = one.sign
    most = min(_LEVELS.index(_MOST_LEVEL[sign.confidence]), _LEVELS.index(detection.most_level))
    rule = {
        "title": f"{one.title()} ({detection.what})"[:256],
        "id": name_uuid("sigma", one.key),
        "status": _STATUS[sign.confidence],
        "description": " ".join((sign.because, *detection.notes)),
        "references": _list_references(one),
        "author": "CodeRed Detection and Removal",
        "date": show_day(one.packs[0]).isoformat(),
        "tags": _list_tags(one),
        "logsource": detection.source,
        "detection": detection.searches,
        "falsepositives": [detection.doubt],
        "level": _LEVELS[min(_LEVELS.index(sign.severity), most)],
    }
    filled = {key: value for key, value in rule.items() if value}
    return str(yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=1_000_000))


def _list_references(one: Shared[Sign]) -> list[str]:
    titles = {source.id: source.title for pack in reversed(one.packs) for source in pack.references}
    return list(dict.fromkeys(titles[name] for name in one.sign.references if name in titles))


def _list_tags(one: Shared[Sign]) -> list[str]:
    techniques = [f"attack.{technique.lower()}" for technique in one.sign.attack]
    holes = [f"cve.{cve.lower().removeprefix('cve-')}" for cve in one.cves()]
    return list(dict.fromkeys(techniques + holes))
