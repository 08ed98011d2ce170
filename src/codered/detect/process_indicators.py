"""The processes that a pack names: by program, name, threads, ports, children and command line."""

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from codered.model.indicators import ProcessIndicator
from codered.model.pack import LoadedPack
from codered.model.process import ProcessSeen


class ProcessHit(msgspec.Struct, frozen=True):
    """A process that a pack's indicator fits, and what of it fitted."""

    pack: str
    indicator: ProcessIndicator
    process: ProcessSeen
    reasons: tuple[str, ...]


def match_processes(processes: tuple[ProcessSeen, ...], packs: tuple[LoadedPack, ...]) -> Iterator[ProcessHit]:
    """Every fit of a pack's indicator on Linux. Kernel threads are passed over."""
    wanted = [(loaded.pack.name, one) for loaded in packs for one in loaded.pack.processes if not _is_for_windows(one)]
    if not wanted:
        return
    children: dict[int, list[ProcessSeen]] = {}
    for process in processes:
        children.setdefault(process.parent, []).append(process)
    for process in processes:
        if process.kernel:
            continue
        for pack, indicator in wanted:
            reasons = _fit(process, indicator, children.get(process.id.pid, []))
            if reasons:
                yield ProcessHit(pack, indicator, process, tuple(reasons))


def _is_for_windows(indicator: ProcessIndicator) -> bool:
    """Named kernel objects, drives and .exe exist on Windows only."""
    paths = (*indicator.paths, *indicator.except_paths)
    named = bool(indicator.names) and all(name.lower().endswith(".exe") for name in indicator.names)
    return bool(indicator.objects) or any("\\" in path for path in paths) or named


def _fit(process: ProcessSeen, indicator: ProcessIndicator, children: list[ProcessSeen]) -> list[str]:
    """What fits, in words; nothing unless all that the indicator gives fits."""
    path = process.exe.path.text if process.exe else ""
    if any(_is_path(path, pattern) for pattern in indicator.except_paths):
        return []
    names = _names(process)
    ports = {one.local_port for one in process.connections if one.state == "LISTEN"}
    tests: tuple[tuple[bool, bool, str], ...] = (
        (bool(indicator.names), _any_name(names, indicator.names), f"is called {process.name}"),
        (bool(indicator.paths), any(_is_path(path, one) for one in indicator.paths), f"runs {path}"),
        (bool(indicator.threads), process.threads in indicator.threads, f"has {process.threads} threads"),
        (
            bool(indicator.listens),
            not ports.isdisjoint(indicator.listens),
            f"listens on {', '.join(map(str, sorted(ports & set(indicator.listens))))}",
        ),
        (
            bool(indicator.children),
            any(_any_name(_names(child), indicator.children) for child in children),
            "started a process of that name",
        ),
        (bool(indicator.command), _is_command(process, indicator.command), "has that command line"),
    )
    given = [(holds, reason) for is_given, holds, reason in tests if is_given]
    return [reason for _, reason in given] if given and all(holds for holds, _ in given) else []


def _names(process: ProcessSeen) -> set[str]:
    """Its own name, that of its program, and the one it was called by."""
    names = {process.name}
    if process.exe is not None and not process.exe.memfd:
        names.add(posixpath.basename(process.exe.path.text))
    if process.command:
        names.add(posixpath.basename(process.command[0]))
    return names


def _any_name(names: set[str], patterns: Iterable[str]) -> bool:
    return any(_compile(pattern, "[^/]*").fullmatch(name) for pattern in patterns for name in names)


def _is_path(path: str, pattern: str) -> bool:
    return bool(path) and _compile(pattern, "[^/]*").fullmatch(path) is not None


def _is_command(process: ProcessSeen, pattern: str) -> bool:
    """A text is looked for anywhere, a `*` pattern must fit the whole; any case."""
    text = " ".join(process.command).lower()
    if "*" not in pattern:
        return pattern.lower() in text
    literal = re.sub(r"[\[?]", r"[\g<0>]", pattern.lower())
    return fnmatch.fnmatchcase(text, literal)


@lru_cache(maxsize=4096)
def _compile(pattern: str, star: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", star), re.DOTALL)
