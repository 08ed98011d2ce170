"""Apache, nginx and lighttpd: modules of no package, programs on upload folders, programs that log."""

import re
from collections.abc import Iterator

from codered.collect.autostart.config_lines import read_lines
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.known_names import known_names
from codered.collect.autostart.php_directives import judge_handler, judge_setting
from codered.collect.autostart.places import read_folder, resolve, resolve_folders, to_rel
from codered.collect.autostart.reading import Reader, SmallFile
from codered.collect.packages import PackageDatabase
from codered.model.persistence import Autostart

_MODULE = re.compile(r"(?:LoadModule[ \t]+\S+|LoadFile|load_module)[ \t]+[\"']?([^\"'\s;]+)", re.IGNORECASE)
_PIPED = re.compile(
    r"(?:CustomLog|ErrorLog|TransferLog|server\.errorlog|accesslog\.filename)\b[^|]{0,80}?[\"' \t]\|\$?[ \t]*"
    r"([^\"'\n]+)"
)
_SHELL = re.compile(r"include_shell[ \t]+[\"']([^\"'\n]+)")
_PROXY = re.compile(r"(?:ProxyPass(?:Match)?|proxy_pass)[ \t].{0,200}?https?://(\d{1,3}(?:\.\d{1,3}){3})")
_PRIVATE = re.compile(r"(?:10|127|0)\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.")
_PREFIXES = (b"usr/lib/apache2/", b"etc/apache2/", b"etc/httpd/", b"usr/share/nginx/", b"etc/nginx/", b"usr/lib/nginx/")


def collect_web_servers(reader: Reader, packages: PackageDatabase) -> Iterator[Autostart]:
    """Lines of the web servers' files that load, run or open something unusual."""
    seen: set[bytes] = set()
    for folder in resolve_folders(reader, known_names("web-server-folders")):
        for file, _ in read_folder(reader, folder):
            if file.rel not in seen:
                seen.add(file.rel)
                if packages.origin(file)[0] != "package" and b"\0" not in file.data[:4096]:
                    yield from _judge_file(reader, packages, file)


def _judge_file(reader: Reader, packages: PackageDatabase, file: SmallFile) -> Iterator[Autostart]:
    for line in read_lines(file):
        facts, command = _judge_line(reader, packages, line.text)
        if facts:
            yield make_entry(
                reader, packages, file, "web_server", entry=line.text.split()[0][:255], command=command,
                line=line.number, text=line.raw, facts=frozenset(facts),
            )  # fmt: skip


def _judge_line(reader: Reader, packages: PackageDatabase, text: str) -> tuple[set[str], str]:
    """Facts and the program or module that is named."""
    module = _MODULE.match(text)
    if module is not None:
        if packages.known and not _is_owned(reader, packages, module[1]):
            return {"server-module-foreign"}, module[1] if module[1].startswith("/") else ""
        return set(), ""
    for pattern, fact in ((_PIPED, "logs-to-program"), (_SHELL, "runs-for-settings")):
        match = pattern.search(text)
        if match is not None:
            return {fact}, match[1]
    facts, command = judge_setting(text)
    facts |= judge_handler(text)
    proxy = _PROXY.search(text)
    if proxy is not None and not _PRIVATE.match(proxy[1]):
        facts.add("proxies-to-address")
    return facts, command


def _is_owned(reader: Reader, packages: PackageDatabase, name: str) -> bool:
    """Whether a package owns the module, wherever the server looks for a relative name; one that is nowhere counts as
    owned.
    """
    raw = name.encode(errors="replace")
    places = [to_rel(raw)] if name.startswith("/") else [to_rel(prefix + raw) for prefix in _PREFIXES]
    real = [there for there in (resolve(reader, place) for place in places) if there is not None]
    return not real or any(packages.owner(rel) for rel in real)
