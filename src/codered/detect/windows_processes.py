"""The processes and named objects of Windows that a pack names."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from codered.detect.process_findings import make_pack_finding
from codered.detect.process_indicators import ProcessHit
from codered.model.finding import Evidence, Finding, Subject
from codered.model.indicators import ProcessIndicator
from codered.model.pack import LoadedPack
from codered.model.process import ProcessesSeen, ProcessId, ProcessSeen


def list_object_names(packs: Iterable[LoadedPack]) -> tuple[str, ...]:
    """The named objects that packs ask for."""
    return tuple(name for loaded in packs for one in loaded.pack.processes for name in one.objects)


def match_windows_processes(
    processes: tuple[ProcessSeen, ...], packs: tuple[LoadedPack, ...], own: frozenset[ProcessId]
) -> Iterator[ProcessHit]:
    """Every fit of a pack's indicator, names and paths in any case; the processes in `own` are passed over. Named
    objects are nobody's: see `make_object_findings`.
    """
    children: dict[int, list[ProcessSeen]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process)
    for process in processes:
        if process.kernel or process.id in own:
            continue
        for loaded in packs:
            for indicator in loaded.pack.processes:
                reasons = _fit(process, indicator, children.get(process.id.pid, []))
                if reasons and not indicator.objects:
                    yield ProcessHit(loaded.pack.name, indicator, process, tuple(reasons))


def make_findings(hits: Iterable[ProcessHit], seen: ProcessesSeen) -> list[Finding]:
    """The findings of the hits, with the hashes of the programs."""
    return [make_pack_finding(hit, seen.hash_of(hit.process)) for hit in hits]


def make_object_findings(kinds: dict[str, str], packs: Iterable[LoadedPack]) -> list[Finding]:
    """The findings of named objects that exist; `kinds` says of each name what it is of ("atom", "mutex")."""
    return [
        _make_object_finding(loaded.pack.name, indicator, name, kinds[name])
        for loaded in packs
        for indicator in loaded.pack.processes
        for name in indicator.objects
        if name in kinds
    ]


def _make_object_finding(pack: str, indicator: ProcessIndicator, name: str, kind: str) -> Finding:
    key = f"{kind} {name}"
    return Finding(
        id=hashlib.sha256(f"{pack}\0{indicator.id}\0{key}".encode()).hexdigest()[:12],
        pack=pack,
        indicator=indicator.id,
        layer="processes",
        subject=Subject(kind="setting", key=key),
        confidence=indicator.confidence,
        severity=indicator.severity,
        because=indicator.because,
        evidence=(Evidence(what=f"a {kind} of this name exists: {name}", source="kernel objects"),),
        attack=indicator.attack,
        shared_by=indicator.shared_by,
    )


def _fit(process: ProcessSeen, indicator: ProcessIndicator, children: list[ProcessSeen]) -> list[str]:
    """What fits, in words; nothing unless all that the indicator gives fits."""
    path = process.exe.path.text if process.exe else ""
    if any(_is_like(path, pattern) for pattern in indicator.except_paths):
        return []
    ports = {one.local_port for one in process.connections if one.state == "LISTEN"} & set(indicator.listens)
    tests: tuple[tuple[bool, bool, str], ...] = (
        (bool(indicator.names), _has_name(process, indicator.names), f"is called {process.name}"),
        (bool(indicator.paths), any(_is_like(path, one) for one in indicator.paths), f"runs {path}"),
        (bool(indicator.threads), process.threads in indicator.threads, f"has {process.threads} threads"),
        (bool(indicator.listens), bool(ports), f"listens on {', '.join(map(str, sorted(ports)))}"),
        (
            bool(indicator.children),
            any(_has_name(child, indicator.children) for child in children),
            "started a process of that name",
        ),
        (bool(indicator.command), _is_command(process, indicator.command), "has that command line"),
    )
    given = [(holds, reason) for is_given, holds, reason in tests if is_given]
    return [reason for _, reason in given] if given and all(holds for holds, _ in given) else []


def _has_name(process: ProcessSeen, patterns: Iterable[str]) -> bool:
    names = {process.name}
    if process.exe is not None:
        names.add(process.exe.path.text.rpartition("\\")[2])
    return any(_is_like(name, pattern) for pattern in patterns for name in names)


def _is_command(process: ProcessSeen, pattern: str) -> bool:
    """A text is looked for anywhere, a `*` pattern must fit the whole."""
    text = " ".join(process.command)
    return _is_like(text, pattern, ".*") if "*" in pattern else pattern.lower() in text.lower()


def _is_like(text: str, pattern: str, star: str = r"[^\\]*") -> bool:
    return bool(text) and _compile(pattern, star).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compile(pattern: str, star: str) -> re.Pattern[str]:
    """`*` within one component, `?:` any drive."""
    drive, rest = (r"[a-z]:", pattern[2:]) if pattern.startswith("?:") else ("", pattern)
    return re.compile(drive + star.join(re.escape(part) for part in rest.split("*")), re.DOTALL | re.IGNORECASE)
