"""What speaks for or against a process, in a closed vocabulary that the heuristics are written in.

Its program: exe-deleted, exe-replaced, exe-nowhere (no mount has it any more), exe-apart (only its own mounts have it),
exe-switched (not the file that the package has there), exe-memfd, exe-in-temp, exe-in-system-place, exe-hidden-path,
exe-owned, exe-unowned, exe-new, exe-foreign (it has another root), root-apart (and is in no container), exe-tool (owned
by a package and no shell, interpreter or downloader).
Its kind: is-shell, is-interpreter, is-downloader, is-tool (any of these), is-web-server, has-tty, inline-code,
script-in-temp, script-hidden-path, script-owned, cwd-in-temp, detached (no terminal, child of the first process).
Its name: name-is-kernel-thread, name-is-system-program, name-differs, command-poses.
Its parents: child-of-web-server, child-of-app-server, orphan-as-web-user, restarts-a-suspect, started-by-a-suspect;
pack-sign (a pack knows it).
What it loads: preload-unowned, preload-in-temp, deleted-code, deleted-code-in-temp. What it does:
listens, outbound-many, connects-widely, raw-socket, input-is-connection, many-threads, capabilities-odd,
history-hidden, hidden. A fact `text:NAME` holds where the pattern NAME matches its command line.
"""

import posixpath
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from codered.detect.process_words import ProcessWords
from codered.model.paths import FilePath, path_from_text
from codered.model.process import ProcessSeen

MANY_THREADS = 100
MANY_ADDRESSES = 20  # addresses reached, or tried, at once
MOST_PARENTS = 12
_EARLY = 6_000  # clock ticks after the start of the machine: one minute
_ODD_CAPABILITIES = 1 << 1 | 1 << 7 | 1 << 16 | 1 << 19 | 1 << 21  # dac_override, setuid, sys_module, _ptrace, _admin
_CONNECTED, _TRYING = ("ESTABLISHED",), ("SYN_SENT",)

OwnerOf = Callable[[FilePath], str | None]


class ProcessFacts:
    """Finds the facts of processes that were seen together."""

    def __init__(self, processes: tuple[ProcessSeen, ...], words: ProcessWords, owner_of: OwnerOf) -> None:
        self.by_pid = {process.id.pid: process for process in processes}
        self.words = words
        self._owner_of = owner_of
        self._owners: dict[FilePath, str | None] = {}
        self._web_users = {process.uid for process in processes if process.uid > 0 and self._is_web_server(process)}

    def find(self, process: ProcessSeen, since: datetime) -> frozenset[str]:
        """All facts but those of its command line; a program changed after `since` is new."""
        return frozenset(
            (
                *process.facts,
                *self._of_program(process, since),
                *self._of_kind(process),
                *self._of_name(process),
                *self._of_parents(process),
                *self._of_loaded(process),
                *_of_doings(process),
            )
        )

    def owner(self, path: FilePath) -> str | None:
        """The package that owns the file: "" = none, None = not known."""
        if path not in self._owners:
            self._owners[path] = self._owner_of(path)
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
        for _ in range(MOST_PARENTS):
            parent = self.by_pid.get(process.parent)
            if parent is None or parent.id.pid == process.id.pid:
                return
            yield parent
            process = parent

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
        if self.words.is_hidden(exe.path.text):
            yield "exe-hidden-path"
        if exe.changed is not None and exe.changed > since:
            yield "exe-new"
        owner = self.exe_owner(process)
        if owner is not None:
            yield "exe-owned" if owner else "exe-unowned"
        if owner and not self.words.is_tool(process):
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

    def _of_name(self, process: ProcessSeen) -> Iterator[str]:
        exe = process.exe
        if exe is None:
            return
        if self.words.looks_like_kernel(process):
            yield "name-is-kernel-thread"
        if self.words.is_system_program(process):
            yield "name-is-system-program"
        name = posixpath.basename(exe.path.text)
        if process.name != name[:15] and not self.words.is_tool(process):
            yield "name-differs"
        first = process.command[0] if process.command else ""
        if self.words.is_in_system_place(first) and posixpath.basename(first) != name and not self.exe_owner(process):
            yield "command-poses"

    def _of_parents(self, process: ProcessSeen) -> Iterator[str]:
        if self._is_web_server(process):
            return
        for parent in self.parents(process):
            if self._is_web_server(parent):
                yield "child-of-web-server"
                return
            if self.words.is_app_server(parent) and _listens(parent):
                yield "child-of-app-server"
                return
            if not self.words.is_tool(parent):
                break
        if process.parent == 1 and (process.uid in self._web_users or self.words.is_web_user(process.user)):
            yield "orphan-as-web-user"

    def _is_web_server(self, process: ProcessSeen) -> bool:
        exe = process.exe
        if not self.words.is_web_server(process):
            return False
        return exe is None or not (exe.memfd or self.words.is_in_temp(exe.path.text))

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
    if _listens(process):
        yield "listens"
    if _count_addresses(process, _CONNECTED) >= MANY_ADDRESSES:
        yield "outbound-many"
    if _count_addresses(process, _TRYING) >= MANY_ADDRESSES:
        yield "connects-widely"
    if process.threads >= MANY_THREADS:
        yield "many-threads"
    if process.uid > 0 and process.capabilities & _ODD_CAPABILITIES:
        yield "capabilities-odd"


def _listens(process: ProcessSeen) -> bool:
    return any(connection.state == "LISTEN" for connection in process.connections)


def _count_addresses(process: ProcessSeen, states: tuple[str, ...]) -> int:
    own = {connection.local_port for connection in process.connections if connection.state == "LISTEN"}
    return len({one.remote for one in process.connections if one.state in states and one.local_port not in own})


def recent_since(now: datetime, days: int) -> datetime:
    """The time after which a change is recent."""
    return now - timedelta(days=days)
