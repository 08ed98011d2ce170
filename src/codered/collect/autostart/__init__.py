"""What the system of a target starts or reads by itself: one collector a kind, in an explicit list."""

from collections.abc import Callable, Iterator
from datetime import datetime

import msgspec

from codered.collect.autostart.at_jobs import collect_at_jobs
from codered.collect.autostart.behind import look_behind
from codered.collect.autostart.containers import collect_containers
from codered.collect.autostart.cron import collect_cron
from codered.collect.autostart.dbus import collect_dbus
from codered.collect.autostart.entries import make_entry
from codered.collect.autostart.git_hooks import collect_git_hooks
from codered.collect.autostart.grub import collect_grub
from codered.collect.autostart.init_scripts import collect_init_scripts, collect_rc_files
from codered.collect.autostart.initramfs import collect_initramfs
from codered.collect.autostart.installed import find_installed
from codered.collect.autostart.kernel_modules import collect_kernel_modules, collect_modprobe
from codered.collect.autostart.motd import collect_motd
from codered.collect.autostart.network_dispatcher import collect_network_dispatcher
from codered.collect.autostart.package_hooks import collect_package_hooks
from codered.collect.autostart.package_records import collect_package_records
from codered.collect.autostart.pam import collect_pam
from codered.collect.autostart.php_settings import collect_php_settings
from codered.collect.autostart.polkit import collect_polkit
from codered.collect.autostart.preload import collect_preload
from codered.collect.autostart.privileged_files import collect_privileged_files
from codered.collect.autostart.profiles import collect_profiles
from codered.collect.autostart.reading import Reader
from codered.collect.autostart.ssh_server import collect_ssh_server
from codered.collect.autostart.sudoers import collect_sudoers
from codered.collect.autostart.system_binaries import collect_system_binaries
from codered.collect.autostart.systemd import collect_systemd
from codered.collect.autostart.udev import collect_udev
from codered.collect.autostart.web_drop_ins import collect_web_drop_ins
from codered.collect.autostart.web_servers import collect_web_servers
from codered.collect.autostart.xdg import collect_xdg
from codered.collect.packages import PackageDatabase
from codered.collect.walking import Unwalked
from codered.model.persistence import Autostart
from codered.model.target import Target

__all__ = ["COLLECTORS", "MOST_ENTRIES", "AutostartSeen", "Collector", "collect_autostart", "make_entry"]

Collector = Callable[[Reader, PackageDatabase], Iterator[Autostart]]
MOST_ENTRIES = 100_000  # of one kind
UNFORESEEN = (ValueError, LookupError, ArithmeticError, RecursionError, TypeError, AttributeError)

COLLECTORS: tuple[tuple[str, Collector], ...] = (
    ("at", collect_at_jobs),
    ("cron", collect_cron),
    ("systemd", collect_systemd),
    ("init", collect_init_scripts),
    ("rc", collect_rc_files),
    ("profile", collect_profiles),
    ("xdg", collect_xdg),
    ("udev", collect_udev),
    ("motd", collect_motd),
    ("network dispatcher", collect_network_dispatcher),
    ("package hook", collect_package_hooks),
    ("package record", collect_package_records),
    ("git hook", collect_git_hooks),
    ("preload", collect_preload),
    ("PAM", collect_pam),
    ("sudoers", collect_sudoers),
    ("polkit", collect_polkit),
    ("D-Bus", collect_dbus),
    ("privileged file", collect_privileged_files),
    ("kernel module", collect_kernel_modules),
    ("modprobe", collect_modprobe),
    ("initramfs", collect_initramfs),
    ("boot loader", collect_grub),
    ("container", collect_containers),
    ("web server", collect_web_servers),
    ("PHP", collect_php_settings),
    ("web drop-in", collect_web_drop_ins),
    ("SSH server", collect_ssh_server),
    ("system program", collect_system_binaries),
)


class AutostartSeen(msgspec.Struct, frozen=True):
    """All entries of a target, what could not be read, how much was read (files, bytes), and when the system was
    installed as far as that can be told (UTC).
    """

    entries: tuple[Autostart, ...]
    unread: tuple[Unwalked, ...] = ()
    files: int = 0
    bytes: int = 0
    installed: datetime | None = None


def collect_autostart(target: Target) -> AutostartSeen:
    """Everything that starts by itself on a Linux target. No error of a single file ends it."""
    reader = Reader(target)
    packages = PackageDatabase(reader)
    entries: list[Autostart] = []
    for name, collector in COLLECTORS:
        entries += _collect_kind(name, collector(reader, packages), reader)
    seen = tuple(look_behind(reader, packages, entries))
    packages.owner(b"")  # says so if there are no records to ask
    unread = tuple(dict.fromkeys(reader.unread))
    return AutostartSeen(seen, unread, reader.files, reader.bytes, find_installed(reader))


def _collect_kind(name: str, found: Iterator[Autostart], reader: Reader) -> Iterator[Autostart]:
    """The entries of one kind. Text that a collector was not made for costs the rest of its kind, not the others."""
    number = 0
    try:
        for number, entry in enumerate(found, 1):
            if number > MOST_ENTRIES:
                why = f"more than {MOST_ENTRIES} entries of the kind {name}: the rest was left out"
                reader.unread.append(Unwalked(b"", "failed", why))
                return
            yield entry
    except UNFORESEEN as error:
        why = f"{name}: gave up after {number} entries ({type(error).__name__})"
        reader.unread.append(Unwalked(b"", "failed", why))
