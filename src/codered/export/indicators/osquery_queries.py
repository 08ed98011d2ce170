"""One sign as a query over osquery's tables."""

from collections.abc import Iterable
from typing import NamedTuple

from codered.export.indicators.path_patterns import list_drives, spell_like
from codered.model.indicators import AutostartIndicator, FileIndicator, ProcessIndicator, SettingIndicator

RULES_FOLDER = "/etc/osquery/codered"
_PLATFORMS = {"windows": "windows", "unix": "posix", "any": ""}
_HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT"}
_STARTED = {"run_key", "startup_folder", "xdg", "init", "systemd"}


class Query(NamedTuple):
    """Columns, tables, what must hold, and the platform it is for ("" = all)."""

    columns: str
    tables: str
    where: list[str]
    platform: str = ""

    def write(self) -> str:
        """The query in SQL. It is a text for osquery; nothing here runs it."""
        return " ".join(("SELECT", self.columns, "FROM", self.tables, "WHERE", " AND ".join(self.where))) + ";"


def query_file(sign: FileIndicator, pack: str) -> Query:
    """Raises ValueError, in words for people, for a sign without a place: osquery searches no whole disk."""
    if not sign.paths:
        raise ValueError("it has no place, and osquery searches no whole disk")
    places = [place for path in sign.paths for place in list_drives(path)]
    where = [_any_of(_fits("f.path", place) for place in places)]
    where += [f"f.type = '{'directory' if sign.kind == 'directory' else 'regular'}'"]
    if sign.except_paths:
        where.append(
            "NOT " + _any_of(_fits("f.path", place) for path in sign.except_paths for place in list_drives(path))
        )
    if sign.sizes:
        where.append(f"f.size IN ({', '.join(map(str, sign.sizes))})")
    tables = "file f"
    columns = "f.path, f.size, f.mtime"
    if sign.sha256:
        tables += " JOIN hash h ON h.path = f.path"
        where.append(f"h.sha256 IN ({', '.join(map(_quote, sign.sha256))})")
        columns += ", h.sha256"
    if sign.content:
        tables += " JOIN yara y ON y.path = f.path"
        where += [f"y.sigfile = {_quote(f'{RULES_FOLDER}/{pack}.yar')}"]
        where += [_any_of(f"',' || y.matches || ',' LIKE {_quote(f'%,{rule},%')}" for rule in sign.content)]
        columns += ", y.matches"
    return Query(columns, tables, where, _PLATFORMS[sign.platform])


def query_process(sign: ProcessIndicator) -> Query:
    """Every kind of sign of a process can be asked for, objects (on Windows) by themselves only."""
    if sign.objects:
        if sign.names or sign.paths or sign.command:
            raise ValueError("osquery does not tell which process holds a named object")
        names = ", ".join(map(_quote, sign.objects))
        return Query("object_name, object_type", "winbaseobj", [f"object_name IN ({names})"], "windows")
    tables = "processes p"
    where: list[str] = []
    named = [_fits("p.name", name) for name in sign.names]
    named += [_fits("p.path", place) for path in sign.paths for place in list_drives(path)]
    if named:
        where.append(_any_of(named))
    if sign.except_paths:
        where.append(
            "NOT " + _any_of(_fits("p.path", place) for path in sign.except_paths for place in list_drives(path))
        )
    if sign.threads:
        where.append(f"p.threads IN ({', '.join(map(str, sign.threads))})")
    if sign.command:
        where.append(_fits("p.cmdline", sign.command if "*" in sign.command else f"*{sign.command}*"))
    if sign.listens:
        tables += " JOIN listening_ports l ON l.pid = p.pid"
        where.append(f"l.port IN ({', '.join(map(str, sign.listens))})")
    if sign.children:
        tables += " JOIN processes c ON c.parent = p.pid"
        where.append(_any_of(_fits("c.name", name) for name in sign.children))
    if not where:
        raise ValueError("it has nothing that osquery's tables hold")
    windows = any("\\" in text for text in sign.paths) or any(name.lower().endswith(".exe") for name in sign.names)
    return Query("DISTINCT p.pid, p.name, p.path, p.cmdline", tables, where, "windows" if windows else "")


def query_setting(sign: SettingIndicator) -> Query:
    """Raises ValueError for what is not in the registry, or has data that a pattern describes."""
    if sign.store != "registry":
        raise ValueError("osquery has no table for this store")
    if not sign.equals:
        raise ValueError("its data is described by a pattern")
    hive, _, rest = sign.key.partition("\\")
    data = [str(int(text, 0)) if sign.type == "dword" else text for text in sign.equals]
    where = [
        "key = " + _quote(f"{_HIVES.get(hive, hive)}\\{rest}") + " COLLATE NOCASE",
        f"name = {_quote(sign.value)} COLLATE NOCASE",
        f"data COLLATE NOCASE IN ({', '.join(map(_quote, dict.fromkeys(data)))})",
    ]
    return Query("path, name, data", "registry", where, "windows")


def query_autostart(sign: AutostartIndicator) -> Query:
    """Raises ValueError for kinds that osquery has no table for."""
    command = sign.command if "*" in sign.command or not sign.command else f"*{sign.command}*"
    if sign.kind == "cron":
        if not command:
            raise ValueError("a crontab's table has no names")
        return Query("path, command", "crontab", [_fits("command", command)], "posix")
    if sign.kind not in _STARTED:
        raise ValueError(f"osquery has no table for the kind {sign.kind}")
    where = [_fits("name", sign.name)] if sign.name else []
    if command:
        where.append(_fits("path || ' ' || args", command))
    if not where:
        raise ValueError("it has neither a name nor a command")
    platform = "windows" if sign.kind in {"run_key", "startup_folder"} else "linux"
    return Query("name, path, args, source", "startup_items", where, platform)


def _fits(column: str, text: str) -> str:
    """A test that any case passes; `*` is anything. Paths go by `=` or LIKE: osquery finds files by these alone."""
    if "*" not in text:
        return f"{column} = {_quote(text)}" if column == "f.path" else f"{column} = {_quote(text)} COLLATE NOCASE"
    return f"{column} LIKE {_quote(spell_like(text))}"


def _any_of(tests: Iterable[str]) -> str:
    listed = list(dict.fromkeys(tests))
    return listed[0] if len(listed) == 1 else f"({' OR '.join(listed)})"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
