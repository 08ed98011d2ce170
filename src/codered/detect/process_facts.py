"""What speaks for or against a process, in a closed vocabulary that the heuristics are written in.

Its program: exe-deleted, exe-replaced, exe-nowhere (no mount has it any more), exe-apart (only its own mounts have it),
exe-switched (not the file that the package has there), exe-memfd, exe-in-temp, exe-in-system-place, exe-hidden-path,
exe-owned, exe-unowned, exe-new, exe-foreign (it has another root), root-apart (and is in no container), exe-tool (owned
by a package, and it runs nothing that others tell it).
Its kind: is-shell, is-interpreter, is-downloader, is-tool (any of these), is-connector, is-runtime (Java, node, ld.so,
…), is-loader (ld.so), is-web-server, has-tty, inline-code, bare-shell (it does what its input says), script-in-temp,
script-hidden-path, script-owned, cwd-in-temp, detached (no terminal, child of the first process), command-cut.
Its name: name-is-kernel-thread, name-is-system-program, name-differs, command-poses, own-build (a system's service that
people built). Its parents: child-of-web-server, child-of-app-server, orphan-as-web-user, below-connection,
exe-made-by-tool (go run, AppImage, runc), restarts-a-suspect, may-restart-a-suspect, started-by-a-suspect; pack-sign (a
pack knows it).
What it loads: preload-unowned, preload-in-temp, deleted-code, deleted-code-in-temp. What it does: listens,
outbound-many, connects-widely, raw-socket, input-is-connection, many-threads, capabilities-odd, history-hidden, hidden,
long-lived. A fact `text:NAME` holds where the pattern NAME matches its command line; `text-unreadable` if that took
too long.
"""

import posixpath
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from codered.detect.process_family import ProcessFamily, listens
from codered.detect.process_text import is_cut
from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath, path_from_text
from codered.model.process import ProcessSeen

MANY_THREADS = 100
MANY_ADDRESSES = 20  # addresses reached, or tried, at once
_PATH = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
_EARLY = 6_000  # clock ticks after the start of the machine: one minute
_ODD_CAPABILITIES = 1 << 1 | 1 << 7 | 1 << 16 | 1 << 19 | 1 << 21  # dac_override, setuid, sys_module, _ptrace, _admin
_CONNECTED, _TRYING = ("ESTABLISHED",), ("SYN_SENT",)

OwnerOf = Callable[[FilePath], str | None]


class ProcessFacts:
    """Finds the facts of processes that were seen together."""

    def __init__(self, processes: tuple[ProcessSeen, ...], words: ProcessWords, owner_of: OwnerOf) -> None:
        self.words = words
        self._owner_of = owner_of
        self._owners: dict[FilePath, str | None] = {}
        self._family = ProcessFamily(processes, words, self.exe_owner)
        self.by_pid = self._family.by_pid

    def find(self, process: ProcessSeen, since: datetime) -> frozenset[str]:
        """All facts but those of its command line; a program changed after `since` is new."""
        return frozenset(
            (
                *process.facts,
                *self._of_program(process, since),
                *self._of_kind(process),
                *self._of_name(process),
                *self._family.find(process),
                *self._of_loaded(process),
                *_of_doings(process),
            )
        )

    def owner(self, path: FilePath) -> str | None:
        """The package that owns the file: "" = none, None = not known, as for what another package manager has."""
        if path not in self._owners:
            self._owners[path] = None if self.words.is_managed(path.text) else self._owner_of(path)
        return self._owners[path]

    def exe_owner(self, process: ProcessSeen) -> str | None:
        """The package that owns the program of a process; None also for one in a container. A package's path alone
        is no proof: what runs has to be the file that lies there, or one that its upgrade has taken away.
        """
        exe = process.exe
        if exe is None or exe.foreign:
            return None
        if exe.memfd:
            return ""
        owner = self.owner(exe.path)
        return "" if owner and exe.elsewhere and not exe.upgraded and not _is_from_early_boot(process) else owner

    def parents(self, process: ProcessSeen) -> Iterator[ProcessSeen]:
        """Its parent, the parent of that, and so on, as far as they are known. Lying data can't make it endless."""
        return self._family.parents(process)

    def script_owner(self, process: ProcessSeen) -> str | None:
        """The package that owns the script of a shell or interpreter; None if it has none or that is not known."""
        script = self.words.find_script(process)
        if script is None or process.exe is None or process.exe.foreign:
            return None
        return self.owner(path_from_text(script))

    def _of_program(self, process: ProcessSeen, since: datetime) -> Iterator[str]:
        exe = process.exe
        if exe is None:
            return
        flags = {"deleted": exe.deleted and not exe.replaced, "replaced": exe.replaced, "memfd": exe.memfd,
                 "foreign": exe.foreign, "nowhere": exe.nowhere,
                 "apart": exe.elsewhere and not (exe.nowhere or exe.deleted or exe.replaced)}  # fmt: skip
        yield from (f"exe-{name}" for name, holds in flags.items() if holds)
        if exe.memfd:
            yield "exe-unowned"
            return
        if self.words.is_in_temp(exe.path.text):
            yield "exe-in-temp"
        if self.words.is_in_system_place(exe.path.text):
            yield "exe-in-system-place"
        if self.words.is_hidden(exe.path.text) and not self.words.is_managed(exe.path.text):
            yield "exe-hidden-path"
        if exe.changed is not None and exe.changed > since:
            yield "exe-new"
        owner = self.exe_owner(process)
        if owner is not None:
            yield "exe-owned" if owner else "exe-unowned"
        if owner and self._is_plain(process):
            yield "exe-tool"
        if owner == "" and self.owner(exe.path) and (exe.replaced or not exe.deleted):
            yield "exe-switched"

    def _of_kind(self, process: ProcessSeen) -> Iterator[str]:
        yield from self.words.name_kinds(process)
        if process.tty:
            yield "has-tty"
        elif process.parent == 1:
            yield "detached"
        if process.cwd and self.words.is_in_temp(process.cwd):
            yield "cwd-in-temp"
        script = self.words.find_script(process)
        if script is not None and self.words.is_in_temp(script):
            yield "script-in-temp"
        if script is not None and self.words.is_hidden(script):
            yield "script-hidden-path"
        if self.script_owner(process):
            yield "script-owned"
        if self.words.has_inline_code(process):
            yield "inline-code"
        if self.words.is_bare_shell(process):
            yield "bare-shell"
        if is_cut(process):
            yield "command-cut"

    def _is_plain(self, process: ProcessSeen) -> bool:
        """Whether it does what it is made for; a launcher does what the program behind its options does."""
        if not self.words.runs_anything(process):
            return True
        run = self.words.find_run(process)
        if run.kind != "program" or not self.words.names_plain_program(run.program):
            return False
        script = self.words.find_script(process)
        places = (script,) if script else tuple(f"{folder}/{run.text}" for folder in _PATH)
        return any(self.owner(path_from_text(place)) for place in places)

    def _of_name(self, process: ProcessSeen) -> Iterator[str]:
        exe = process.exe
        if exe is None:
            return
        if self.words.looks_like_kernel(process):
            yield "name-is-kernel-thread"
        if self.words.is_system_program(process):
            yield "name-is-system-program"
        name = posixpath.basename(exe.path.text)
        if process.name != name[:15] and not self.words.runs_anything(process):
            yield "name-differs"
        first = process.command[0] if process.command else ""
        if self.words.is_in_system_place(first) and posixpath.basename(first) != name and not self.exe_owner(process):
            yield "command-poses"

    def _of_loaded(self, process: ProcessSeen) -> Iterator[str]:
        libraries = self.words.find_preloaded(process)
        if any(self.words.is_in_temp(path) or self.words.is_hidden(path) for path in libraries):
            yield "preload-in-temp"
        foreign = process.exe is not None and process.exe.foreign
        if not foreign and any(self.owner(path_from_text(path)) == "" for path in libraries if path.startswith("/")):
            yield "preload-unowned"
        if "deleted-code" in process.facts and any(map(self.words.is_in_temp, process.deleted_files)):
            yield "deleted-code-in-temp"
        if process.environment.get("HISTFILE") == "/dev/null":
            yield "history-hidden"


def _is_from_early_boot(process: ProcessSeen) -> bool:
    """What the first stage of booting leaves running is of a system that is gone; such programs call themselves @…"""
    first = process.command[0] if process.command else ""
    return first.startswith("@") and process.parent <= 1 and process.id.start < _EARLY


def _of_doings(process: ProcessSeen) -> Iterator[str]:
    if listens(process):
        yield "listens"
    if _count_addresses(process, _CONNECTED) >= MANY_ADDRESSES:
        yield "outbound-many"
    if _count_addresses(process, _TRYING) >= MANY_ADDRESSES:
        yield "connects-widely"
    if process.threads >= MANY_THREADS:
        yield "many-threads"
    if process.uid > 0 and process.capabilities & _ODD_CAPABILITIES:
        yield "capabilities-odd"


def _count_addresses(process: ProcessSeen, states: tuple[str, ...]) -> int:
    own = {connection.local_port for connection in process.connections if connection.state == "LISTEN"}
    return len({one.remote for one in process.connections if one.state in states and one.local_port not in own})


def recent_since(now: datetime, days: int) -> datetime:
    """The time after which a change is recent."""
    return now - timedelta(days=days)
