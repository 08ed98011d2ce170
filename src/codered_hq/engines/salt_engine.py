"""Salt as a fleet engine: minions dial out to their master, so it reaches what nobody can log in to.

The program and the inputs are fetched by the minions from the master's file roots, each its own; pushing 30 MB through
the master's bus (salt-cp --chunked) took minutes for two minions, this five seconds.
"""

import base64
import secrets
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from codered_hq.config import SaltConfig
from codered_hq.engines.host_script import Order, read_script
from codered_hq.engines.receipts import make_return
from codered_hq.engines.rounds import Said, run_rounds
from codered_hq.engines.salt_calls import MINION, Call, SaltPrograms
from codered_hq.engines.salt_files import ServedFolder, serve_folder
from codered_hq.engines.salt_returns import GET, RUN, read_return
from codered_hq.model.engine import EngineHost, Return, Task

MOST_HOSTS = 500
_KEYS = {
    "minions_pre": "its key is not accepted yet (salt-key)",
    "minions_rejected": "its key is rejected",
    "minions_denied": "its key is denied: another minion has this name",
}
# An argument of more than one line is not taken as one with a name.
_ON_ONE_LINE = f'eval "$(echo {base64.b64encode(read_script().encode()).decode()} | base64 -d)"'


class SaltEngine:
    """Runs a task through the site's Salt master, on the machine where that runs."""

    name = "salt"
    most_part = 600 << 10  # packed; in base64 it stays well below the 1 MiB that a master lets through

    def __init__(self, config: SaltConfig | None = None) -> None:
        self._config = config or SaltConfig()
        self._programs = SaltPrograms(self._config)
        self._roots: Any = None
        self.most_hosts = self._config.batch or MOST_HOSTS

    def run(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Return]:
        """One Return for each host. Raises WrongUse if Salt is missing, or its master serves no files."""
        return run_rounds(self, task, hosts)

    def ask(self, order: Order, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Each minion fetches its input, then runs the script."""
        with self._serve() as served:
            first = {host.minion: host for host in reversed(hosts)}  # of two that name one minion
            for minion, host in first.items():
                if MINION.fullmatch(minion):
                    served.put(minion, order.inputs[host.name])
            yield from self._publish(self._make_call(order, f"{served.url}/{{{{grains.id}}}}", "input"), hosts)

    def bring(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Each minion fetches the program, and the script keeps it."""
        with self._serve() as served:
            served.copy("program", task.program.path)
            order = Order(task=task, mode="keep", inputs={})
            yield from self._publish(self._make_call(order, f"{served.url}/program", "program"), hosts)

    def _make_call(self, order: Order, source: str, name: str) -> Call:
        """A private folder for the run, the file in it, then the script: on stdin, so no command line shows it."""
        folder = f"{self._config.folder}/run-{secrets.token_hex(8)}"
        words = shlex.join(["/bin/sh", "-s", "--", *order.arguments(self._config.folder, folder)])
        limit = str(round(order.task.seconds) + 60)
        make = {"dir_path": folder, "user": "root", "group": "root", "mode": "0700"}
        get = {"path": source, "dest": f"{folder}/{name}", "template": "jinja"}
        run = {"cmd": words, "stdin": _ON_ONE_LINE, "timeout": limit, "output_loglevel": "quiet"}
        return Call(functions=(("file.mkdir", make), (GET, get), (RUN, run)), seconds=order.task.seconds)

    @contextmanager
    def _serve(self) -> Iterator[ServedFolder]:
        if self._roots is None:
            self._roots = self._programs.query("salt-run", "config.get", "file_roots")
        with serve_folder(self._roots) as served:
            yield served

    def _publish(self, call: Call, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        names: dict[str, str] = {}
        for host in hosts:
            if not MINION.fullmatch(host.minion):
                yield host.name, make_return(host.name, "failed", "its minion id is missing or can't be one")
            elif host.minion in names:
                yield host.name, make_return(host.name, "failed", f"{names[host.minion]} has the same minion id")
            else:
                names[host.minion] = host.name
        silent = dict(names)
        for minion, value in self._programs.publish(call, list(names)) if names else ():
            if minion in silent:
                found = read_return(silent[minion], value)
                if not (isinstance(found, Return) and found.outcome == "silent"):
                    yield silent.pop(minion), found
        yield from self._explain(silent)

    def _explain(self, silent: dict[str, str]) -> Iterator[Said]:
        """Why nobody heard of them: Salt asks only minions whose key it accepted."""
        keys = self._programs.query("salt-key", "--list", "all") if silent else {}
        known = {kind: set(map(str, names)) for kind, names in keys.items() if isinstance(names, list)}
        for minion, name in silent.items():
            kinds = [kind for kind in _KEYS if minion in known.get(kind, ())]
            if minion in known.get("minions", ()):
                yield name, make_return(name, "silent", "its minion did not return")
            elif kinds:
                yield name, make_return(name, "refused", _KEYS[kinds[0]])
            else:
                yield name, make_return(name, "silent", "the master knows no minion of this name")
