"""Which Windows a system is, and which web server is on it: from its registry, else from the versions of its files."""

import re
from importlib import resources

import msgspec

from codered.collect.windows.file_versions import read_version
from codered.model.registry import Registry, escape_name
from codered.model.target import Target
from codered.model.windows import WindowsSystem

CURRENT_VERSION = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
UNKNOWN = "windows"
MOST_TEXT = 120  # characters of a name
_OPTIONS = r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions"
_COMPUTER = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
_WEB_SERVER = r"HKLM\SYSTEM\CurrentControlSet\Services\W3SVC"
_INET_SETUP = r"HKLM\SOFTWARE\Microsoft\InetStp"
_SERVICE_PACK = re.compile(r"Service Pack (\d{1,2})\b", re.IGNORECASE | re.ASCII)
_BUILD = re.compile(r"\d{1,6}", re.ASCII)
_SYSTEM_FOLDERS = ("?:\\winnt", "?:\\windows")
_KERNELS = ("system32\\ntoskrnl.exe", "system32\\user32.dll")
_WEB_PROGRAMS = ("system32\\inetsrv\\w3wp.exe", "system32\\inetsrv\\inetinfo.exe")
_WINDOWS_9X = ("?:\\windows\\system.dat", "?:\\io.sys")


class WindowsVersion(msgspec.Struct, frozen=True):
    """A row of the table: its number, from which build on, and the platforms of its client, server and terminal
    server as packs name them.
    """

    version: str
    client: str
    server: str
    names: tuple[str, ...]
    build: int = 0
    terminal: str = ""

    def platform(self, kind: str) -> str:
        """The platform of a `kind` ("client", "server", "terminal", "" = not known)."""
        if kind == "terminal":
            return self.terminal or self.server
        if kind == "client" or self.client == self.server:
            return self.client
        return self.server if kind == "server" else UNKNOWN

    def name(self, kind: str) -> str:
        """For people."""
        return self.names[0] if kind == "client" else self.names[-1] if kind else " or ".join(self.names)


def _load_versions() -> tuple[WindowsVersion, ...]:
    text = resources.files("codered.collect.windows").joinpath("windows_versions.json").read_bytes()
    return msgspec.json.decode(text, type=tuple[WindowsVersion, ...])


VERSIONS = _load_versions()


def identify_windows(target: Target, registry: Registry) -> WindowsSystem:
    """Which Windows it is. What neither the registry nor the files say stays empty; nothing is raised."""
    version = _text(registry, CURRENT_VERSION, "CurrentVersion")
    major = _number(registry, CURRENT_VERSION, "CurrentMajorVersionNumber")
    if major is not None:
        version = f"{major}.{_number(registry, CURRENT_VERSION, 'CurrentMinorVersionNumber') or 0}"
    build = _text(registry, CURRENT_VERSION, "CurrentBuildNumber") or _text(registry, CURRENT_VERSION, "CurrentBuild")
    known = find_version(version, build) is not None
    if not known:
        version, build = _ask_files(target)
    row, kind = find_version(version, build), _find_kind(registry)
    product = _text(registry, CURRENT_VERSION, "ProductName")
    host = _text(registry, _COMPUTER, "ComputerName")
    iis = _find_web_server(target, registry)
    if row is None:
        is_old = not product and all(target.find(path) for path in _WINDOWS_9X)
        platform = "windows-9x" if is_old else UNKNOWN
        return WindowsSystem(platform=platform, name=product or "Windows 95, 98 or Me" * is_old, host=host, iis=iis)
    return WindowsSystem(
        platform=row.platform(kind),
        name=product if product and row.names[0] != "Windows NT 4.0" else row.name(kind),
        build=build if _BUILD.fullmatch(build) else "",
        service_pack=_find_service_pack(registry) if known else None,
        host=host,
        root=_text(registry, CURRENT_VERSION, "SystemRoot"),
        iis=iis,
    )


def find_version(version: str, build: str) -> WindowsVersion | None:
    """The row of the table for a version number and a build; None if that is no Windows we know."""
    number = int(build) if _BUILD.fullmatch(build) else 0
    if version == "6.3" and number >= 10240:  # what Windows 10 and later say of themselves to old programs
        version = "10.0"
    fitting = [row for row in VERSIONS if row.version == version and row.build <= number]
    return max(fitting, key=lambda row: row.build, default=None)


def system_folders(system: WindowsSystem) -> tuple[str, ...]:
    """Where the system folder (`C:\\WINNT`) may lie: as the registry says, and the usual places on any drive."""
    root = system.root.rstrip("\\")
    return tuple(dict.fromkeys((*((root,) if ":\\" in root else ()), *_SYSTEM_FOLDERS)))


def _find_kind(registry: Registry) -> str:
    """`client`, `server` or `terminal`; "" = the registry does not say."""
    suite = registry.value(_OPTIONS, "ProductSuite")
    product = _text(registry, _OPTIONS, "ProductType").lower()
    if suite is not None and "terminal server" in (part.lower() for part in suite.texts()):
        return "terminal"
    if product in ("winnt", "lanmannt", "servernt"):
        return "client" if product == "winnt" else "server"
    installed = _text(registry, CURRENT_VERSION, "InstallationType").lower()
    name = _text(registry, CURRENT_VERSION, "ProductName").lower()
    if installed.startswith("server") or "server" in name:
        return "server"
    return "client" if installed == "client" else ""


def _find_service_pack(registry: Registry) -> int:
    """The number in CSDVersion; 0 where there is none."""
    found = _SERVICE_PACK.match(_text(registry, CURRENT_VERSION, "CSDVersion"))
    return int(found[1]) if found else 0


def _ask_files(target: Target) -> tuple[str, str]:
    """Version and build of the kernel's file."""
    for folder in _SYSTEM_FOLDERS:
        for name in _KERNELS:
            for rel in target.find(f"{folder}\\{name}"):
                parts = read_version(target, rel).split(".")
                if len(parts) == 4 and find_version(f"{parts[0]}.{parts[1]}", parts[2]):
                    return f"{parts[0]}.{parts[1]}", parts[2]
    return "", ""


def _find_web_server(target: Target, registry: Registry) -> str:
    """The version of IIS, "" = there is none."""
    for key in (_INET_SETUP, f"{_WEB_SERVER}\\Parameters"):
        major = _number(registry, key, "MajorVersion")
        if major:
            return f"{major}.{_number(registry, key, 'MinorVersion') or 0}"
    for folder in _SYSTEM_FOLDERS:
        for name in _WEB_PROGRAMS:
            for rel in target.find(f"{folder}\\{name}"):
                parts = read_version(target, rel).split(".")
                return ".".join(parts[:2]) if len(parts) == 4 else "of an unknown version"
    return "of an unknown version" if registry.exists(_WEB_SERVER) else ""


def _text(registry: Registry, key: str, name: str) -> str:
    value = registry.value(key, name)
    return escape_name(value.text()[:MOST_TEXT]).strip() if value is not None else ""


def _number(registry: Registry, key: str, name: str) -> int | None:
    value = registry.value(key, name)
    return value.number() if value is not None else None
