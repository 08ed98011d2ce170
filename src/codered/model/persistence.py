"""What makes something run again or lets somebody in again: autostart entries, settings, accounts, keys. Not judged."""

from datetime import date, datetime
from typing import Literal

import msgspec

from codered.model.paths import FilePath

LinuxKind = Literal[
    "cron", "at", "systemd", "init", "rc", "profile", "xdg", "udev", "motd", "network_dispatcher", "package_hook",
    "git_hook", "preload", "pam", "sudoers", "polkit", "dbus", "suid", "capabilities", "kernel_module", "modprobe",
    "initramfs", "grub", "container", "web_server", "php", "web_drop_in", "ssh_server", "system_binary",
]  # fmt: skip
WindowsKind = Literal[
    "run_key", "service", "driver", "winlogon", "appinit", "ifeo", "task", "wmi", "startup_folder", "active_setup",
    "lsa", "boot_execute", "com_hijack", "print_monitor", "screensaver", "logon_script", "winsock", "iis", "hosts",
    "share", "relative_shell_path", "ini_file", "autorun_inf",
]  # fmt: skip
AutostartKind = Literal[LinuxKind, WindowsKind]

Origin = Literal["package", "changed", "conffile", "foreign", "unknown"]
"""`package`: as its package has it · `changed`: a package's file with other content · `conffile`: the same, where the
administrator may change it · `foreign`: of no package · `unknown`: there is no package database to ask."""


class Autostart(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is run or read by the system without anybody asking: one line of a file, or a whole file.

    `entry` is its name inside (unit, user, key), `command` what it runs ("" = nothing), `user` as whom ("" = not
    known); `line` counts from 1, 0 = the whole file; `text` the line or the content as found (at most 64 KiB).
    `origin` and `package` say whose the file is; `changed` is its ctime, UTC; `facts` what the collector saw of it, in
    the words of the heuristics. `links` are the symbolic links that switch it on (units, init scripts), `runs` the
    programs, scripts and units its command names, as far as one can tell without running it. An entry of a registry has
    its concrete key in `registry` and its value's name in `value` (None = the whole key); `path` is the hive then.
    `files` are those of `runs` on the machine that runs the tool, in the same order (None = not found), where the
    collector looked for them; `usual` is what a value says on a clean system, if that is known.
    """

    kind: AutostartKind
    path: FilePath
    shown: str | None = None
    entry: str = ""
    command: str = ""
    user: str = ""
    line: int = 0
    text: bytes = b""
    sha256: str = ""
    size: int = 0
    mode: int = 0
    uid: int = 0
    origin: Origin = "unknown"
    package: str = ""
    changed: datetime | None = None
    links: tuple[FilePath, ...] = ()
    runs: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()
    registry: str = ""
    value: str | None = None
    files: tuple[FilePath | None, ...] = ()
    usual: str = ""

    def system_path(self) -> str:
        """The path as the examined system names it."""
        return self.shown or self.path.text


PasswordState = Literal["none", "empty", "locked", "set", "unknown"]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account: `path` and `line` where it stands (passwd), `text` that line; `changed` the day its password was set,
    `file_changed` the ctime of the file, UTC. `system`: its uid is below the first one for people.
    """

    name: str
    uid: int
    gid: int
    path: FilePath
    line: int
    text: bytes
    shown: str | None = None
    home: str = ""
    shell: str = ""
    password: PasswordState = "unknown"  # noqa: S105 - no password
    changed: date | None = None
    file_changed: datetime | None = None
    groups: tuple[str, ...] = ()
    system: bool = False
    facts: frozenset[str] = frozenset()


class WindowsAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a Windows system's own (of the SAM): `rid` is the number its key has, `registry` that key, `path`
    the hive; times are UTC, None = never. Of passwords nothing is read but when one was set.
    """

    name: str
    rid: int
    registry: str
    path: FilePath
    shown: str | None = None
    disabled: bool = False
    groups: tuple[str, ...] = ()
    last_logon: datetime | None = None
    password_set: datetime | None = None
    changed: datetime | None = None
    facts: frozenset[str] = frozenset()


class AuthorizedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that opens an account over SSH: its line, its SHA-256 fingerprint as OpenSSH prints it (`SHA256:…`; "" =
    the line does not parse), options and comment. `pair_changed` is the ctime of a key pair of it that lies beside,
    UTC.
    """

    account: str
    path: FilePath
    line: int
    text: bytes
    shown: str | None = None
    type: str = ""
    fingerprint: str = ""
    comment: str = ""
    options: str = ""
    file_changed: datetime | None = None
    pair_changed: datetime | None = None
    sha256: str = ""
    size: int = 0
    facts: frozenset[str] = frozenset()
