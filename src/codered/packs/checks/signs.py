"""What holds for every indicator, and for those of files, settings and traffic."""

import re
from collections.abc import Iterator, Mapping

from codered.model.indicators import FileIndicator
from codered.model.pack import Grade
from codered.packs.checks.patterns import explain_pattern
from codered.packs.generating import ID_SHAPE
from codered.packs.problems import CheckedPack, Problem
from codered.packs.strict_yaml import Step, shorten
from codered.packs.suggesting import suggest

MOST_PORT = 65535
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WINDOWS_PATH = re.compile(r'([A-Za-z]|\?):(\\[^\\/:"<>|?\x00-\x1f]+)+')
_UNIX_PATH = re.compile(r"(/[^/\\\x00-\x1f]+)+")


def check_signs(checked: CheckedPack) -> Iterator[Problem]:
    """Ids, sentences, references and their grades, and who shares the sign."""
    seen: dict[str, str] = {}
    grades = {reference.id: reference.grade for reference in checked.pack.references}
    for layer, number, sign in checked.signs():
        at = checked.at(layer, number, "id")
        if not ID_SHAPE.fullmatch(sign.id):
            yield Problem(at, f"`{shorten(sign.id)}` can't be an id", "write lower-case words joined by `-`")
        if sign.id in seen:
            yield Problem(at, f"a second indicator `{shorten(sign.id)}`", f"{seen[sign.id]} has it: choose another id")
        seen[sign.id] = at
        if not sign.because.strip():
            advice = "write the sentence that a finding shows"
            yield Problem(checked.at(layer, number, "because"), f"`{shorten(sign.id)}` gives no reason", advice)
        if checked.pack.name in sign.shared_by:
            advice = "name the other packs only"
            yield Problem(checked.at(layer, number, "shared_by"), "shared with the pack itself", advice)
        yield from check_references(checked, sign.references, (layer, number, "references"))
        if sign.confidence != "suspicious" and _is_unverified(grades, sign.references):
            what = f"`{sign.id}` is {sign.confidence} and rests on unverified references only"
            advice = "make it `suspicious`, or name a better source"
            yield Problem(checked.at(layer, number, "confidence"), what, advice)


def check_references(checked: CheckedPack, named: tuple[str, ...], way: tuple[Step, ...]) -> Iterator[Problem]:
    """That the ids name references of the pack, and that there is one."""
    if not named:
        yield Problem(checked.at(*way), "rests on no reference", "name the ids of its sources")
    for index, reference in enumerate(named):
        if all(own.id != reference for own in checked.pack.references):
            advice = suggest(reference, [own.id for own in checked.pack.references])
            yield Problem(checked.at(*way, index), f"no reference `{shorten(reference)}`", advice)


def check_files(checked: CheckedPack) -> Iterator[Problem]:
    """That a file indicator says where to look, in paths that can exist."""
    for number, sign in enumerate(checked.pack.files):
        at = checked.at("files", number)
        if not (sign.paths or sign.names or sign.sha256):
            yield Problem(at, f"`{sign.id}` says neither where nor what", "give paths, names or sha256")
        if sign.sha256 and not (sign.paths or sign.names or sign.sizes):
            advice = "give the size too: only files of that size are hashed"
            yield Problem(at, f"`{sign.id}` is never looked for", advice)
        for index, digest in enumerate(sign.sha256):
            if not _SHA256.fullmatch(digest):
                where = checked.at("files", number, "sha256", index)
                yield Problem(where, f"`{shorten(digest)}` is no SHA-256", "write 64 lower-case hexadecimal digits")
        yield from _check_paths(checked, number, sign)
    for number, process in enumerate(checked.pack.processes):
        for key in ("paths", "except_paths"):
            for index, path in enumerate(getattr(process, key)):
                if not is_path(path):
                    yield _bad_path(checked.at("processes", number, key, index), path)


def is_path(path: str) -> bool:
    """Whether a path is absolute and well-formed, as Windows or as Unix writes it; `?:` is any drive, `*` any text."""
    shape = _UNIX_PATH if path.startswith("/") else _WINDOWS_PATH
    return bool(shape.fullmatch(path)) and not {".", ".."} & set(re.split(r"[\\/]", path))


def _check_paths(checked: CheckedPack, number: int, sign: FileIndicator) -> Iterator[Problem]:
    for key in ("paths", "except_paths", "same_as"):
        for index, path in enumerate(getattr(sign, key)):
            at = checked.at("files", number, key, index)
            if not is_path(path):
                yield _bad_path(at, path)
            elif sign.platform != "any" and path.startswith("/") != (sign.platform == "unix"):
                advice = "correct the path or the platform"
                yield Problem(at, f"`{shorten(path)}` is no path on {sign.platform}", advice)
    for index, name in enumerate(sign.names):
        if not name.strip("*?. ") or "/" in name or "\\" in name:
            at = checked.at("files", number, "names", index)
            yield Problem(at, f"`{shorten(name)}` is no file name", "write a base name; a place belongs into paths")


def _bad_path(at: str, path: str) -> Problem:
    advice = r"write C:\folder\file, ?:\folder\file for any drive, or /folder/file"
    return Problem(at, f"`{shorten(path)}` is no absolute path", advice)


def check_settings(checked: CheckedPack) -> Iterator[Problem]:
    """That a setting says which data is the threat's; anything else would judge an administrator's choice."""
    for number, sign in enumerate(checked.pack.settings):
        at = checked.at("settings", number)
        if not (sign.equals or sign.pattern):
            yield Problem(at, f"`{sign.id}` hits no data", "give `equals` or `pattern`: never judge any other value")
        if sign.pattern and (fault := explain_pattern(sign.pattern)):
            yield Problem(checked.at("settings", number, "pattern"), fault, "correct the pattern")
        if sign.clean_is != "value" and sign.clean:
            yield Problem(at, f"`{sign.id}` has a clean value that is never set", "write `clean_is: value`")


def check_traffic(checked: CheckedPack) -> Iterator[Problem]:
    """One way to recognise a payload, and ports that exist."""
    for number, sign in enumerate(checked.pack.traffic):
        if bool(sign.pattern) == bool(sign.rule):
            at = checked.at("traffic", number)
            yield Problem(at, f"`{sign.id}` needs either a pattern or a rule", "give exactly one of them")
        if sign.pattern and (fault := explain_pattern(sign.pattern)):
            yield Problem(checked.at("traffic", number, "pattern"), fault, "correct the pattern")
        yield from check_ports(checked, sign.ports, ("traffic", number, "ports"))
    for number, process in enumerate(checked.pack.processes):
        yield from check_ports(checked, process.listens, ("processes", number, "listens"))


def check_ports(checked: CheckedPack, ports: tuple[int, ...], way: tuple[Step, ...]) -> Iterator[Problem]:
    """That ports are 1 to 65535."""
    for index, port in enumerate(ports):
        if not 1 <= port <= MOST_PORT:
            yield Problem(checked.at(*way, index), f"{port} is no port", f"a port is 1 to {MOST_PORT}")


def _is_unverified(grades: Mapping[str, Grade], named: tuple[str, ...]) -> bool:
    return all(grades.get(reference, "unverified") == "unverified" for reference in named)
