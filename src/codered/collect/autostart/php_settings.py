"""PHP's own settings: files that run with every page, and extensions."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import ConfigLine, read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.php_directives import is_temporary, judge_setting
from codered.collect.autostart.places import read_folder, read_linked, resolve, resolve_folders, to_rel, walk_folders
from codered.collect.autostart.reading import Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

DEPTH = 4
_EXTENSION = re.compile(r"(?:zend_)?extension[ \t]*=[ \t]*[\"']?(/[^\"'\s;]+)", re.IGNORECASE)


def collect_php_settings(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of php.ini and the like that run a file with every page, or load an extension by its path."""
    for file in _read_files(reader):
        if packages.origin(file)[0] == "package":
            continue
        for line in read_lines(file, ("#", ";")):
            facts, command = judge_setting(line.text)
            if not facts:
                facts, command = _judge_extension(reader, packages, line)
            if facts:
                yield make_entry(
                    reader, packages, file, "php", entry=line.text.partition("=")[0].strip()[:255], command=command,
                    line=line.number, text=line.raw, facts=frozenset(facts),
                )  # fmt: skip


def _read_files(reader: Reader) -> Iterator[SmallFile]:
    seen: set[bytes] = set()
    folders = [*resolve_folders(reader, known_names("php-folders"))]
    for top in resolve_folders(reader, known_names("php-tops")):
        folders += walk_folders(reader, top, DEPTH)
    for rel in known_names("php-files"):
        found = read_linked(reader, rel)
        if found is not None and found[0].rel not in seen:
            seen.add(found[0].rel)
            yield found[0]
    for folder in folders:
        for file, _ in read_folder(reader, folder, (b".ini", b".conf")):
            if file.rel not in seen:
                seen.add(file.rel)
                yield file


def _judge_extension(reader: Reader, packages: PackageDatabase, line: ConfigLine) -> tuple[set[str], str]:
    match = _EXTENSION.match(line.text)
    if match is None:
        return set(), ""
    rel = to_rel(match[1].encode(errors="replace"))
    if packages.owner(resolve(reader, rel) or rel) or not packages.known:
        return set(), ""
    in_place = "/php/" in match[1] or "/php" in match[1].rpartition("/")[0].rpartition("/")[2]
    facts = {"php-extension-foreign"} | (set() if in_place else {"php-extension-elsewhere"})
    return facts | ({"php-prepend-odd"} if is_temporary(match[1]) else set()), match[1]
