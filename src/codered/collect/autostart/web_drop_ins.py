""".htaccess and .user.ini: what a web server or PHP reads in the folders it serves."""

import re
from collections.abc import Iterable, Iterator

from codered.collect.autostart.config_lines import ConfigLine, read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.homes import list_homes
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.php_directives import judge_handler, judge_setting
from codered.collect.autostart.places import read_folder, resolve_folders, to_rel
from codered.collect.autostart.reading import Entry, Reader, SmallFile, join
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

NAMES = frozenset((b".htaccess", b".user.ini", b"php.ini"))
MOST_FOLDERS = 30_000
MOST_DEPTH = 15
MOST_FILES = 5_000
_ROOT = re.compile(rb"(?:DocumentRoot|root|server\.document-root)[ \t=]{1,20}[\"']?(/[^\"';\s]{1,500})", re.IGNORECASE)
_NEVER = frozenset((b"", b"etc", b"usr", b"var", b"proc", b"sys", b"dev", b"home", b"root"))
_BAIT = re.compile(
    r"RewriteCond[ \t]+%\{HTTP_(?:REFERER|USER_AGENT)\}.*(?:google|bing|yahoo|duckduckgo|baidu|yandex)", re.IGNORECASE
)
_AWAY = re.compile(r"RewriteRule[ \t].{0,300}?https?://(?!%\{)", re.IGNORECASE)
_FILES = re.compile(r"<Files(?:Match)?\b.{0,300}\b(jpe?g|png|gif|ico|bmp|svg|txt)\b", re.IGNORECASE)
_EXECUTES = re.compile(r"Options\b.{0,200}\+?ExecCGI", re.IGNORECASE)


def collect_web_drop_ins(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of drop-ins that run something with every page, make images programs, or send searchers elsewhere."""
    files = 0
    for entry in _walk_roots(reader):
        if entry.name in NAMES and files < MOST_FILES:
            file = reader.read(entry.rel)
            files += 1
            if file is not None:
                yield from read_drop_in(reader, packages, file)
    if files == MOST_FILES:
        reader.miss(b"", f"more than {MOST_FILES} drop-ins of web servers: the rest was left out")


def read_drop_in(reader: Reader, packages: PackageDatabase, file: SmallFile) -> Iterator[Autostart]:
    """The lines of a drop-in that does not come as it is from a package."""
    if packages.origin(file)[0] == "package":
        return
    lines = list(read_lines(file, ("#", ";")))
    on_images = any(_FILES.search(line.text) for line in lines)
    executes = any(_EXECUTES.match(line.text) for line in lines)
    baits = any(_BAIT.match(line.text) for line in lines)
    for line in lines:
        facts, command = judge_setting(line.text)
        handler = judge_handler(line.text)
        facts |= handler
        if handler and on_images:
            facts.add("php-handler-on-images")
        if handler and executes:
            facts.add("executes-cgi")
        if baits and _AWAY.match(line.text):
            facts.add("sends-searchers-away")
        if facts:
            yield _make(reader, packages, file, line, (facts, command))


def _make(
    reader: Reader, packages: PackageDatabase, file: SmallFile, line: ConfigLine, judged: tuple[set[str], str]
) -> Autostart:
    return make_entry(
        reader, packages, file, "web_drop_in", entry=line.text.split()[0][:255], command=judged[1],
        line=line.number, text=line.raw, facts=frozenset(judged[0]),
    )  # fmt: skip


def _walk_roots(reader: Reader) -> Iterator[Entry]:
    """The files of a walk over names: breadth first, so that a deep tree hides none that lies high."""
    pending = [(root, 0) for root in list_web_roots(reader)]
    seen = {root for root, _ in pending}
    for count, (folder, depth) in enumerate(pending):
        if count >= MOST_FOLDERS:
            reader.miss(folder, f"drop-ins were looked for in {MOST_FOLDERS} folders only: the rest was left out")
            return
        for entry in reader.list(folder):
            if entry.is_folder and depth < MOST_DEPTH and entry.rel not in seen:
                seen.add(entry.rel)
                pending.append((entry.rel, depth + 1))
            elif entry.is_file:
                yield entry


def list_web_roots(reader: Reader, more: Iterable[bytes] = ()) -> tuple[bytes, ...]:
    """The folders of a Linux system that web servers usually serve, or are set to serve, and those of `more` that are
    there, below the root. Links are followed inside it, but none to the root or to a folder of the whole system.
    """
    roots = [*known_names("web-roots"), *more]
    for home in list_homes(reader):
        roots += [join(home.rel, name) for name in known_names("home-web-roots")]
    for folder in resolve_folders(reader, known_names("web-server-folders")):
        for file, _ in read_folder(reader, folder):
            roots += [to_rel(path) for path in _ROOT.findall(file.data)[:200]]
    found = resolve_folders(reader, dict.fromkeys(roots))
    return tuple(root for root in found if root not in _NEVER)
