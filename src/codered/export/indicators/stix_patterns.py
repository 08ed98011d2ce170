"""One sign as a pattern of STIX 2.1."""

from collections.abc import Iterable

from codered.export.indicators.log_lines import spell_address
from codered.export.indicators.path_patterns import spell_path
from codered.export.indicators.patterns import Spelling, parse_pattern, spell_pattern
from codered.model.indicators import AutostartIndicator, FileIndicator, LogIndicator, ProcessIndicator, SettingIndicator

_REQUEST = "network-traffic:extensions.'http-request-ext'"
_HEADERS = {"agent": "User-Agent", "referer": "Referer"}
_HIVES = {"HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT"}


def pattern_file(sign: FileIndicator) -> str:
    """Raises ValueError, in words for people, where neither place nor hash decides."""
    if not sign.paths and not sign.sha256 and sign.content:
        raise ValueError("its content decides, and a pattern has no rule of YARA in it")
    tests = []
    if sign.kind == "directory":
        tests.append(_any_of(_matches("directory:path", path) for path in sign.paths))
        return f"[{_all_of(tests)}]"
    named = [_split_path(path) for path in sign.paths]
    named += [_name_is(name) for name in sign.names]
    if named:
        tests.append(_any_of(named))
    if sign.except_paths:
        folders = (spell_path(_folder_of(path)) for path in sign.except_paths)
        tests.append(f"file:parent_directory_ref.path NOT MATCHES {_quote(f'(?i)^({chr(124).join(folders)})$')}")
    if sign.sizes:
        tests.append(_any_of(f"file:size = {size}" for size in sign.sizes))
    if sign.sha256:
        tests.append(_any_of(f"file:hashes.'SHA-256' = {_quote(digest)}" for digest in sign.sha256))
    return f"[{_all_of(tests)}]"


def pattern_request(sign: LogIndicator) -> str:
    """Raises ValueError for messages of error logs, and for patterns that can't be read."""
    if sign.part == "error":
        raise ValueError("STIX has no object for the message of an error log")
    if sign.part in _HEADERS:
        spelled = spell_pattern(parse_pattern(sign.pattern), Spelling(encoded=True))
        return f"[{_REQUEST}.request_header.'{_HEADERS[sign.part]}' MATCHES {_quote(f'(?i){spelled}')}]"
    method, address = spell_address(sign)
    tests = [f"{_REQUEST}.request_method MATCHES {_quote(f'(?i){method}')}"] if method else []
    tests.append(f"{_REQUEST}.request_value MATCHES {_quote(f'(?i){address}')}")
    return f"[{_all_of(tests)}]"


def pattern_process(sign: ProcessIndicator) -> str:
    """Raises ValueError for thread counts, ports, children and named objects other than a mutex's."""
    if sign.threads or sign.listens or sign.children:
        raise ValueError("STIX's process has no threads, ports and names of children")
    if sign.objects:
        if sign.names or sign.paths or sign.command:
            raise ValueError("STIX can't tie a named object to its process")
        return f"[{_any_of(f'mutex:name = {_quote(name)}' for name in sign.objects)}]"
    tests = []
    named = [_matches("process:image_ref.name", name) for name in sign.names]
    named += [_split_path(path, "process:image_ref") for path in sign.paths]
    if named:
        tests.append(_any_of(named))
    if sign.command:
        inner = spell_path(sign.command.strip("*")).replace(r"[^/\x5c]*", ".*")
        tests.append(f"process:command_line MATCHES {_quote(f'(?i){inner}')}")
    if not tests:
        raise ValueError("it has nothing that STIX's process has")
    return f"[{_all_of(tests)}]"


def pattern_setting(sign: SettingIndicator) -> str:
    """Raises ValueError for what is not in the registry, and for data that a pattern describes."""
    if sign.store != "registry":
        raise ValueError("STIX knows the registry only")
    if not sign.equals:
        raise ValueError("its data is described by a pattern")
    hive, _, rest = sign.key.partition("\\")
    key = f"{_HIVES.get(hive, hive)}\\{rest}"
    data = _any_of(f"windows-registry-key:values[*].data = {_quote(text)}" for text in sign.equals)
    tests = (_matches("windows-registry-key:key", key), _name_value(sign.value), data)
    return f"[{_all_of(tests)}]"


def pattern_autostart(sign: AutostartIndicator) -> str:
    """Raises ValueError for all but what a Run key starts."""
    if sign.kind != "run_key":
        raise ValueError(f"STIX has no object for autostart of the kind {sign.kind}")
    tests = [f"windows-registry-key:key MATCHES {_quote('(?i)CurrentVersion.Run(Once|Services)?$')}"]
    if sign.name:
        tests.append(_name_value(sign.name))
    if sign.command:
        inner = spell_path(sign.command.strip("*")).replace(r"[^/\x5c]*", ".*")
        tests.append(f"windows-registry-key:values[*].data MATCHES {_quote(f'(?i){inner}')}")
    return f"[{_all_of(tests)}]"


def _name_value(name: str) -> str:
    return f"windows-registry-key:values[*].name = {_quote(name)}"


def _split_path(path: str, of: str = "file") -> str:
    folder = _folder_of(path)
    name = _matches(f"{of}.name" if ":" in of else f"{of}:name", path[len(folder) :].lstrip("\\/"))
    parent = f"{of}.parent_directory_ref.path" if ":" in of else f"{of}:parent_directory_ref.path"
    return f"({name} AND {_matches(parent, folder)})" if folder else name


def _folder_of(path: str) -> str:
    """The folder of a path; a root keeps its slash."""
    cut = max(path.rfind("\\"), path.rfind("/"))
    return path[: cut + 1] if cut <= 2 else path[:cut]


def _name_is(name: str) -> str:
    return _matches("file:name", name)


def _matches(field: str, text: str) -> str:
    return f"{field} MATCHES {_quote(f'(?i)^{spell_path(text)}$')}"


def _any_of(tests: Iterable[str]) -> str:
    listed = list(dict.fromkeys(tests))
    return listed[0] if len(listed) == 1 else f"({' OR '.join(listed)})"


def _all_of(tests: Iterable[str]) -> str:
    return " AND ".join(tests)


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
