"""What the names and paths of a process mean, by the lists of the heuristics (data)."""

import fnmatch
import posixpath
import re
from collections.abc import Iterator
from itertools import takewhile

from codered.model.process import ProcessSeen

_BRACKETED = re.compile(r"\[[A-Za-z0-9_/:.+-]{1,60}\]")
_SHELL_CODE = re.compile(r"-[a-zA-Z]{0,8}c")  # the next argument is code: -c, -lc
_OTHER_CODE = re.compile(r"-[a-zA-Z]{0,8}[ceEr]|--(eval|run|process-code)(=.*)?", re.DOTALL)


class ProcessWords:
    """The lists `process-…` of the heuristics, ready to ask."""

    def __init__(self, lists: dict[str, tuple[str, ...]]) -> None:
        self._lists = {name.removeprefix("process-"): values for name, values in lists.items()}
        self._patterns = {
            name: re.compile("|".join(map(fnmatch.translate, values)) or r"(?!)")
            for name, values in self._lists.items()
        }

    def program(self, process: ProcessSeen) -> str:
        """The name of what it runs; for a program with many names the one it was called by."""
        if process.exe is None or process.exe.memfd:
            return process.name
        name = posixpath.basename(process.exe.path.text)
        if self._has("multi-call", name) and process.command:
            return posixpath.basename(process.command[0]).lstrip("-")
        return name

    def name_kinds(self, process: ProcessSeen) -> Iterator[str]:
        """The facts is-shell, is-interpreter, is-downloader, is-tool and is-web-server."""
        program = self.program(process)
        for fact, name in (
            ("is-shell", "shells"),
            ("is-interpreter", "interpreters"),
            ("is-downloader", "downloaders"),
        ):
            if self._has(name, program):
                yield fact
                yield "is-tool"
        if self._has("web-servers", program):
            yield "is-web-server"

    def is_tool(self, process: ProcessSeen) -> bool:
        """Whether it is a shell, an interpreter or a downloader."""
        program = self.program(process)
        return any(self._has(name, program) for name in ("shells", "interpreters", "downloaders"))

    def is_script_runner(self, process: ProcessSeen) -> bool:
        """Whether it is a shell or an interpreter."""
        program = self.program(process)
        return self._has("shells", program) or self._has("interpreters", program)

    def is_shell(self, process: ProcessSeen) -> bool:
        """Whether it is a shell."""
        return self._has("shells", self.program(process))

    def is_web_server(self, process: ProcessSeen) -> bool:
        """Whether its program has the name of a web server."""
        return self._has("web-servers", self.program(process))

    def is_app_server(self, process: ProcessSeen) -> bool:
        """Whether its program is one that application servers are written for."""
        return self._has("app-servers", self.program(process))

    def is_web_user(self, user: str) -> bool:
        """Whether web servers run as this user."""
        return user in self._lists.get("web-users", ())

    def is_waiting_tool(self, process: ProcessSeen) -> bool:
        """Whether it is a small program that a loop calls between two rounds."""
        return self._has("waiting-tools", self.program(process))

    def is_never_stopped(self, process: ProcessSeen) -> bool:
        """Whether stopping a program of this name would cut the host off."""
        program = self.program(process)
        return self._has("never-stopped", program) or self._has("web-servers", program)

    def looks_like_kernel(self, process: ProcessSeen) -> bool:
        """Whether a program calls itself as kernel threads are called and shown."""
        first = process.command[0] if process.command else ""
        return self._has("kernel-threads", process.name) or _BRACKETED.fullmatch(first.strip()) is not None

    def is_system_program(self, process: ProcessSeen) -> bool:
        """Whether it calls itself like a part of the system."""
        first = posixpath.basename(process.command[0]) if process.command else ""
        return self._has("system-programs", process.name) or self._has("system-programs", first)

    def is_in_temp(self, path: str) -> bool:
        """Whether anybody may write where this absolute path lies."""
        return _lies_in(path, self._lists.get("temp-places", ()))

    def is_in_system_place(self, path: str) -> bool:
        """Whether it lies where packages put programs."""
        return _lies_in(path, self._lists.get("system-places", ()))

    def is_hidden(self, path: str) -> bool:
        """Whether a part of the path is hidden and none of those where people keep their tools."""
        usual = self._lists.get("usual-dot-folders", ())
        hidden = [part for part in path.split("/") if part.startswith(".") and part not in (".", "..")]
        return bool(hidden) and not any(part in usual for part in hidden)

    def find_script(self, process: ProcessSeen) -> str | None:
        """The absolute path of the script that a shell or interpreter runs; None if it runs none."""
        if not self.is_script_runner(process):
            return None
        for argument in process.command[1:20]:
            if self._starts_code(process, argument) or argument.startswith("-m"):
                return None
            if argument and not argument.startswith(("-", "+")):
                path = argument if argument.startswith("/") else posixpath.join(process.cwd or "/", argument)
                return posixpath.normpath(path)
        return None

    def has_inline_code(self, process: ProcessSeen) -> bool:
        """Whether a shell's or interpreter's code stands in its command line."""
        if not self.is_script_runner(process):
            return False
        options = process.command[1:20]
        return any(
            self._starts_code(process, one) for one in takewhile(lambda one: one.startswith(("-", "+")), options)
        )

    def find_preloaded(self, process: ProcessSeen) -> list[str]:
        """The libraries its environment forces into it."""
        text = f"{process.environment.get('LD_PRELOAD', '')} {process.environment.get('LD_AUDIT', '')}"
        return [part for part in re.split(r"[\s:]+", text) if part][:100]

    def _starts_code(self, process: ProcessSeen, argument: str) -> bool:
        """Whether the argument says that code follows; to a shell, -e says something else."""
        pattern = _SHELL_CODE if self.is_shell(process) else _OTHER_CODE
        return pattern.fullmatch(argument) is not None

    def _has(self, name: str, value: str) -> bool:
        pattern = self._patterns.get(name)
        return pattern is not None and pattern.match(value) is not None


def _lies_in(path: str, places: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{place}/") or path == place for place in places)
