"""What is known of a Windows system as such: which one it is, its drives, and the web server on it."""

from typing import Literal

import msgspec

from codered.model.paths import FilePath

Right = Literal["read", "write", "execute", "script", "source", "browse"]


class WindowsSystem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`platform` as packs name it (`nt4`, `nt4-terminal-server`, `windows2000`, `windows-xp`, `windows-server-2003`,
    `windows` = which one is not known …), `name` for people, `build`, `service_pack` (None = not known), `host` its
    computer name, `root` the system folder (`C:\\WINNT`), `iis` the version of its web server ("" = none found).
    """

    platform: str = "windows"
    name: str = ""
    build: str = ""
    service_pack: int | None = None
    host: str = ""
    root: str = ""
    iis: str = ""

    def describe(self) -> str:
        """It in a line: `Windows 2000 Service Pack 2, build 2195, IIS 5.0, host TESTHOST`."""
        pack = f" Service Pack {self.service_pack}" if self.service_pack else ""
        build = f", build {self.build}" if self.build else ""
        iis = f", IIS {self.iis}" if self.iis else ""
        return f"{self.name or 'Windows'}{pack}{build}{iis}" + (f", host {self.host}" if self.host else "")


class ConfigPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in a configuration something stands: the file, as the examined system names it, and the first and last line
    of the element (from 1; 0 = not known). `start` and `end` are its bytes, `data` the first 256 of them, `sha256` is
    that of its first line without the line's end.
    """

    path: FilePath
    shown: str | None = None
    line: int = 0
    last_line: int = 0
    start: int = 0
    end: int = 0
    data: bytes = b""
    sha256: str = ""


class VirtualDirectory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A folder that a site publishes: `site` its name or number, `url` (`/c`), `physical` (`c:\\`), what is allowed.
    `key` is its metabase path, or its name for appcmd (`Default Web Site/c`), or the concrete registry key that holds
    it as the value `value`, from a hive in the state `hive_state`; then `place` has the value's data. `present`: is the
    folder there (None = not known).
    """

    site: str
    url: str
    physical: str
    place: ConfigPlace
    rights: tuple[Right, ...] = ()
    access_flags: int | None = None
    key: str = ""
    value: str | None = None
    hive_state: str = ""
    present: bool | None = None


IisItemKind = Literal["mapping", "filter", "module", "handler", "isapi_restriction", "webdav", "property"]


class IisItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a web server runs or allows: a script mapping (`name` .ida, `program` idq.dll), an ISAPI filter, a
    module, a handler, WebDAV; `scope` is the site or path it holds for ("" = all). `attributes` as they stand there.
    """

    kind: IisItemKind
    name: str
    place: ConfigPlace
    program: str = ""
    scope: str = ""
    attributes: dict[str, str] = {}


class IisSeen(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of a web server. `logs` are the folders its logs are in, as the system names them; `unread`
    names what could not be read, and why; `undetermined` what can't be judged from here, with what to do.
    """

    version: str = ""
    directories: tuple[VirtualDirectory, ...] = ()
    items: tuple[IisItem, ...] = ()
    logs: tuple[str, ...] = ()
    files: tuple[FilePath, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()
    undetermined: tuple[tuple[str, str], ...] = ()
