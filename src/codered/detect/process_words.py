"""What the names and paths of a process mean, by the lists of the heuristics (data)."""

import fnmatch
import posixpath
import re
from collections.abc import Iterator

from codered.detect.process_commands import CommandReader, Run
from codered.model.process import ProcessSeen

_BRACKETED = re.compile(r"\[[A-Za-z0-9_/:.+-]{1,60}\]")
_TOOLS = {"is-shell": "shells", "is-interpreter": "interpreters", "is-downloader": "downloaders"}
_OTHER_KINDS = {
    "is-connector": "connectors",
    "is-runtime": "runtimes",
    "is-loader": "loaders",
    "is-web-server": "web-servers",
}


class ProcessWords:
    """The lists `process-…` of the heuristics, ready to ask."""

    def __init__(self, lists: dict[str, tuple[str, ...]]) -> None:
        self._lists = {name.removeprefix("process-"): values for name, values in lists.items()}
        self._patterns = {
            name: re.compile("|".join(map(fnmatch.translate, values)) or r"(?!)")
            for name, values in self._lists.items()
        }
        self._commands = CommandReader(self._lists.get("options", ()))

    def program(self, process: ProcessSeen) -> str:
        """The name of what it runs; for a program with many names the one it was called by."""
        return self._call(process)[0]

    def name_kinds(self, process: ProcessSeen) -> Iterator[str]:
        """The facts of its kind: is-shell, is-interpreter, is-downloader, is-tool, is-connector, is-runtime, …"""
        program = self.program(process)
        for fact, name in _TOOLS.items():
            if self._has(name, program):
                yield fact
                yield "is-tool"
        for fact, name in _OTHER_KINDS.items():
            if self._has(name, program):
                yield fact

    def runs_anything(self, process: ProcessSeen) -> bool:
        """Whether what it does is not its own: a tool, a launcher like sudo, a program like Java that runs code."""
        return self._runs_anything(self.program(process))

    def names_plain_program(self, name: str) -> bool:
        """Whether a program of this name does what it is made for, and not what others tell it."""
        return not self._runs_anything(name)

    def is_script_runner(self, process: ProcessSeen) -> bool:
        """Whether it is a shell, an interpreter or another program that runs code from elsewhere."""
        program = self.program(process)
        return any(self._has(name, program) for name in ("shells", "interpreters", "runtimes"))

    def is_shell(self, process: ProcessSeen) -> bool:
        """Whether it is a shell."""
        return self._has("shells", self.program(process))

    def is_web_server(self, process: ProcessSeen) -> bool:
        """Whether its program has the name of a web server."""
        return self._has("web-servers", self.program(process))

    def is_app_server(self, process: ProcessSeen) -> bool:
        """Whether its program is one that application servers are written for, or its script is such a server."""
        return self._has("app-servers", self.program(process)) or self._is_called("app-server-scripts", process)

    def is_manager(self, process: ProcessSeen) -> bool:
        """Whether it looks after other programs, or workers of its own, by its program's or its script's name."""
        return self._has("managers", self.program(process)) or self._is_called("managers", process)

    def is_web_user(self, user: str) -> bool:
        """Whether web servers run as this user."""
        return user in self._lists.get("web-users", ())

    def is_waiting_tool(self, process: ProcessSeen) -> bool:
        """Whether it is a small program that a loop calls between two rounds."""
        return self._has("waiting-tools", self.program(process))

    def is_host_service(self, process: ProcessSeen) -> bool:
        """Whether stopping a program of this name would cut the host off."""
        return self._has("never-stopped", self.program(process))

    def looks_like_kernel(self, process: ProcessSeen) -> bool:
        """Whether a program calls itself as kernel threads are called and shown."""
        first = process.command[0] if process.command else ""
        return self._has("kernel-threads", process.name) or _BRACKETED.fullmatch(first.strip()) is not None

    def is_system_program(self, process: ProcessSeen) -> bool:
        """Whether it calls itself like a part of the system."""
        first = posixpath.basename(process.command[0]) if process.command else ""
        return self._has("system-programs", process.name) or self._has("system-programs", first)

    def is_own_build(self, process: ProcessSeen) -> bool:
        """Whether a program of the system has its right name and lies where people install what they build."""
        exe = process.exe
        if exe is None or exe.memfd or exe.foreign or (exe.deleted and not exe.replaced):
            return False
        if self.is_hidden(exe.path.text):
            return False
        known = self._has("system-programs", posixpath.basename(exe.path.text))
        return known and _lies_in(exe.path.text, self._lists.get("own-build-places", ()))

    def is_in_temp(self, path: str) -> bool:
        """Whether anybody may write where this absolute path lies."""
        return _lies_in(path, self._lists.get("temp-places", ()))

    def is_in_system_place(self, path: str) -> bool:
        """Whether it lies where packages put programs."""
        return _lies_in(path, self._lists.get("system-places", ()))

    def is_managed(self, path: str) -> bool:
        """Whether another package manager than the system's put it there (snap, Nix, Flatpak)."""
        return self._has("managed-places", path)

    def is_unpacked_for_people(self, path: str) -> bool:
        """Whether programs that people start unpack themselves to such a path (AppImage)."""
        return self._has("unpacked-for-people", path)

    def is_made_by(self, path: str, maker: str) -> bool:
        """Whether the program `maker` (a base name) puts programs at such a path and runs them."""
        return any(
            fnmatch.fnmatchcase(path, made) and any(fnmatch.fnmatchcase(maker, one) for one in makers)
            for made, *makers in (line.split() for line in self._lists.get("made-by", ()))
        )

    def is_hidden(self, path: str) -> bool:
        """Whether a part of the path is hidden and none of those where people keep their tools."""
        usual = self._lists.get("usual-dot-folders", ())
        hidden = [part for part in path.split("/") if part.startswith(".") and part not in (".", "..")]
        return bool(hidden) and not any(part in usual for part in hidden)

    def find_run(self, process: ProcessSeen) -> Run:
        """What its command line runs in the end: behind its options, and behind those of a launcher."""
        return self._commands.read(*self._call(process))

    def find_script(self, process: ProcessSeen) -> str | None:
        """The absolute path of the script or program that an interpreter or launcher runs; None if it runs none."""
        run = self.find_run(process)
        if not run.text or not (run.kind == "script" or (run.kind == "program" and "/" in run.text)):
            return None
        path = run.text if run.text.startswith("/") else posixpath.join(process.cwd or "/", run.text)
        return posixpath.normpath(path)

    def has_inline_code(self, process: ProcessSeen) -> bool:
        """Whether a shell's or interpreter's code stands in its command line."""
        return self.find_run(process).kind == "code"

    def is_bare_shell(self, process: ProcessSeen) -> bool:
        """Whether it is a shell that does what it is told on its input."""
        return self.is_shell(process) and self.find_run(process).kind == "nothing"

    def find_preloaded(self, process: ProcessSeen) -> list[str]:
        """The libraries its environment forces into it."""
        text = f"{process.environment.get('LD_PRELOAD', '')} {process.environment.get('LD_AUDIT', '')}"
        return [part for part in re.split(r"[\s:]+", text) if part][:100]

    def _runs_anything(self, name: str) -> bool:
        kinds = (*_TOOLS.values(), "runtimes")
        return any(self._has(kind, name) for kind in kinds) or self._commands.knows(name)

    def _call(self, process: ProcessSeen) -> tuple[str, tuple[str, ...]]:
        """By which name it was called, and its arguments."""
        arguments = process.command[1:]
        if process.exe is None or process.exe.memfd:
            return process.name, arguments
        name = posixpath.basename(process.exe.path.text)
        if not self._has("multi-call", name) or not process.command:
            return name, arguments
        called = posixpath.basename(process.command[0]).lstrip("-")
        if self._has("multi-call", called) and arguments:
            return arguments[0], arguments[1:]
        return called, arguments

    def _is_called(self, name: str, process: ProcessSeen) -> bool:
        """Whether its script, or the title it gave itself, is of the list. Only of what runs scripts."""
        if not self.is_script_runner(process):
            return False
        run = self.find_run(process)
        title = process.command[0].split(":")[0] if process.command else ""
        names = (posixpath.basename(run.text) if run.kind == "script" else "", title, process.name)
        return any(self._has(name, one) for one in names)

    def _has(self, name: str, value: str) -> bool:
        pattern = self._patterns.get(name)
        return pattern is not None and pattern.match(value) is not None


def _lies_in(path: str, places: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{place}/") or path == place for place in places)
