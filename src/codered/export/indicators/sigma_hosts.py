"""Files, processes and registry values as Sigma searches over a host's events."""

from codered.export.indicators.sigma_detections import Detection, search_field
from codered.model.indicators import AutostartIndicator, FileIndicator, Platform, ProcessIndicator, SettingIndicator

_PRODUCTS: dict[Platform, str] = {"windows": "windows", "unix": "linux", "any": ""}
_DOUBT = "An administrator's own file or program of that name"
_RUN_KEYS = ("\\CurrentVersion\\Run\\", "\\CurrentVersion\\RunOnce\\", "\\CurrentVersion\\RunServices\\")


def detect_file(sign: FileIndicator) -> Detection:
    """A file that is made or written. Raises ValueError, in words for people, where the place does not decide."""
    if not sign.paths and not sign.sha256 and (sign.content or sign.sizes):
        raise ValueError("its name alone says nothing, and an event about a file tells neither size nor content")
    named = [*map(_end_of_path, sign.paths), *(end for name in sign.names for end in _end_of_name(name, sign.platform))]
    if sign.kind == "directory":
        named = [f"{path}/*" if path.startswith("/") else f"{path}\\*" for path in named]
    searches: dict[str, object] = {"selection": search_field("TargetFilename", named)} if named else {}
    if sign.sha256:
        searches["hashes"] = {"Hashes|contains": [f"SHA256={digest.upper()}" for digest in sign.sha256]}
    searches |= _except(sign.except_paths, "TargetFilename")
    weaker = bool(sign.content or sign.sizes)
    notes = ("The event does not show the file's content: look at the file.",) if weaker else ()
    source = _source("file_event", _PRODUCTS[sign.platform])
    return Detection("file", source, _with_condition(searches), _DOUBT, "medium" if weaker else "critical", notes)


def detect_process(sign: ProcessIndicator) -> Detection:
    """A program that is started. Raises ValueError for what shows only later, while it runs."""
    if sign.threads or sign.objects or sign.listens:
        raise ValueError("the start of a program does not show its threads, ports and named objects")
    searches: dict[str, object] = {}
    windows = any("\\" in path for path in sign.paths) or any(name.lower().endswith(".exe") for name in sign.names)
    platform: Platform = "windows" if windows else "unix"
    own = [*map(_end_of_path, sign.paths), *(end for name in sign.names for end in _end_of_name(name, platform))]
    if own:
        searches["selection"] = search_field("ParentImage" if sign.children else "Image", own)
    if sign.children:
        ends = (end for name in sign.children for end in _end_of_name(name, platform))
        searches["child"] = search_field("Image", ends)
    if sign.command:
        searches["command"] = search_field("CommandLine", [_quote(sign.command)])
    searches |= _except(sign.except_paths, "Image")
    return Detection("process", _source("process_creation", _PRODUCTS[platform]), _with_condition(searches), _DOUBT)


def detect_setting(sign: SettingIndicator) -> Detection:
    """A registry value that is set. Raises ValueError for other stores and for data that a pattern describes."""
    if sign.store != "registry":
        raise ValueError("only changes of the registry are events")
    if not sign.equals:
        raise ValueError("its data is described by a pattern")
    key = sign.key.partition("\\")[2].replace("CurrentControlSet", "*ControlSet*")
    data = [_show_data(sign, text) for text in sign.equals]
    target = search_field("TargetObject", ["*" + _quote(f"\\{key}\\{sign.value}")])
    search = target | search_field("Details", data)
    return Detection("registry", _source("registry_set", "windows"), _with_condition({"selection": search}), _DOUBT)


def detect_run_key(sign: AutostartIndicator) -> Detection:
    """What a Run key starts. Raises ValueError for other kinds of autostart."""
    if sign.kind != "run_key":
        raise ValueError(f"no event tells what a new entry of the kind {sign.kind} starts")
    search = search_field("TargetObject", (f"*{_quote(key + (sign.name or '*'))}" for key in _RUN_KEYS))
    if sign.command:
        search |= search_field("Details", [_quote(sign.command)])
    return Detection("autostart", _source("registry_set", "windows"), _with_condition({"selection": search}), _DOUBT)


def _show_data(sign: SettingIndicator, text: str) -> str:
    if sign.type != "dword":
        return _quote(text)
    return f"DWORD (0x{int(text, 0):08x})"


def _source(category: str, product: str) -> dict[str, str]:
    return {"category": category} | ({"product": product} if product else {})


def _except(paths: tuple[str, ...], field: str) -> dict[str, object]:
    return {"filter": search_field(field, map(_end_of_path, paths))} if paths else {}


def _with_condition(searches: dict[str, object]) -> dict[str, object]:
    wanted = [name for name in searches if name != "filter"]
    if not wanted:
        raise ValueError("it has nothing that an event shows")
    condition = " and ".join(wanted) + (" and not filter" if "filter" in searches else "")
    return searches | {"condition": condition}


def _end_of_path(path: str) -> str:
    """A path on any drive becomes the end of a path; `*` stays a wildcard, in Sigma also over folders."""
    return f"*{_quote(path[1:])}" if path.startswith("?:") else _quote(path)


def _end_of_name(name: str, platform: Platform) -> list[str]:
    ends = {"windows": ["\\"], "unix": ["/"], "any": ["\\", "/"]}[platform]
    return [f"*{_quote(end + name)}" for end in ends]


def _quote(text: str) -> str:
    """Text as Sigma means it: a backslash quotes, a question mark is a wildcard, `*` too and stays one."""
    return text.replace("\\", "\\\\").replace("?", "\\?")
