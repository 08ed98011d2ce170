"""What the parents of a process, and its service, say of it."""

import posixpath
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from codered.detect.process_words import ProcessWords
from codered.model.process import ProcessSeen

MOST_PARENTS = 12
MOST_MAKERS = 3  # parents among which the maker of a program is looked for
LONG = timedelta(hours=1)
_SERVICE = re.compile(r"^(?:0::|[0-9]+:name=systemd:)(/[^\n]*\.service)(?:/[^\n]*)?$", re.MULTILINE)

ExeOwnerOf = Callable[[ProcessSeen], str | None]


class ProcessFamily:
    """Processes that were seen together, and who started whom. `exe_owner` names the package of a program."""

    def __init__(self, processes: tuple[ProcessSeen, ...], words: ProcessWords, exe_owner: ExeOwnerOf) -> None:
        self.by_pid = {process.id.pid: process for process in processes}
        self._words = words
        self._exe_owner = exe_owner
        servers = [process for process in processes if self.is_web_server(process)]
        self._web_users = {process.uid for process in servers if process.uid > 0}
        self._web_services = {_name_service(process) for process in servers}
        self._latest = max((one.started for one in processes if one.started), default=datetime.min.replace(tzinfo=UTC))
        self._first_of_service: dict[str, ProcessSeen] = {}
        for process in sorted(processes, key=lambda one: one.id.start):
            if process.parent == 1:
                self._first_of_service.setdefault(_name_service(process), process)

    def find(self, process: ProcessSeen) -> Iterator[str]:
        """The facts that come from who started it, and when."""
        if not self.is_web_server(process):
            yield from self._of_servers(process)
        if self._is_below_connection(process):
            yield "below-connection"
        if self._is_made_by_tool(process):
            yield "exe-made-by-tool"
        if self._is_own_build(process):
            yield "own-build"
        if process.started is not None and self._latest - process.started >= LONG:
            yield "long-lived"

    def parents(self, process: ProcessSeen) -> Iterator[ProcessSeen]:
        """Its parent, the parent of that, and so on, as far as they are known. Lying data can't make it endless."""
        for _ in range(MOST_PARENTS):
            parent = self.by_pid.get(process.parent)
            if parent is None or parent.id.pid == process.id.pid:
                return
            yield parent
            process = parent

    def is_web_server(self, process: ProcessSeen) -> bool:
        """Whether it is a web server, and not something in a temporary folder that is called like one."""
        exe = process.exe
        if not self._words.is_web_server(process):
            return False
        return exe is None or not (exe.memfd or self._words.is_in_temp(exe.path.text))

    def _of_servers(self, process: ProcessSeen) -> Iterator[str]:
        for parent in self.parents(process):
            if self.is_web_server(parent):
                yield "child-of-web-server"
                return
            if self._words.is_app_server(parent) and listens(parent):
                yield "child-of-app-server"
                return
            if not self._words.runs_anything(parent):
                break
        if process.parent == 1 and self._is_web_user(process) and not self._is_own_service(process):
            yield "orphan-as-web-user"

    def _is_web_user(self, process: ProcessSeen) -> bool:
        return process.uid in self._web_users or self._words.is_web_user(process.user)

    def _is_own_service(self, process: ProcessSeen) -> bool:
        """Whether systemd started it as a service that is none of a web server: the first of its service."""
        service = _name_service(process)
        first = self._first_of_service.get(service)
        return bool(service) and service not in self._web_services and first is not None and first.id == process.id

    def _is_below_connection(self, process: ProcessSeen) -> bool:
        """Whether a shell or the like above it talks with a connection. What a login service starts does not count."""
        for parent in self.parents(process):
            if not self._words.runs_anything(parent) and self._exe_owner(parent) != "":
                return False
            if "input-is-connection" in parent.facts:
                return True
        return False

    def _is_made_by_tool(self, process: ProcessSeen) -> bool:
        """Whether its program is where a tool of people or containers puts programs that it makes and runs."""
        if process.exe is None:
            return False
        path = process.exe.path.text
        if self._words.is_unpacked_for_people(path):
            return process.uid > 0 and not self._is_web_user(process)
        makers = [one.exe for one, _ in zip(self.parents(process), range(MOST_MAKERS), strict=False) if one.exe]
        names = [posixpath.basename(one.path.text) for one in makers if not self._is_doubtful(one.path.text, one.memfd)]
        return any(self._words.is_made_by(path, name) for name in names)

    def _is_doubtful(self, path: str, memfd: bool) -> bool:
        return memfd or self._words.is_in_temp(path) or self._words.is_hidden(path)

    def _is_own_build(self, process: ProcessSeen) -> bool:
        """Whether it is, or belongs to, a listening service of the system that people have built themselves."""
        if not self._words.is_own_build(process):
            return False
        return any(listens(one) and self._words.is_own_build(one) for one in (process, *self.parents(process)))


def listens(process: ProcessSeen) -> bool:
    """Whether it waits for connections."""
    return any(connection.state == "LISTEN" for connection in process.connections)


def _name_service(process: ProcessSeen) -> str:
    """The path of the systemd service it belongs to; "" if it belongs to none."""
    found = _SERVICE.search(process.cgroup)
    return found[1] if found else ""
