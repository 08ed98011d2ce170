"""Ansible as a fleet engine: no agent on the hosts, only sshd and python3."""

import base64
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from codered.model.errors import WrongUse
from codered_hq.config import AnsibleConfig
from codered_hq.engines.ansible_plays import (
    Play,
    make_ask_play,
    make_bring_play,
    make_inventory,
    why_unfit,
)
from codered_hq.engines.ansible_runs import AnsibleRun, Event, Settings, private_folder, write_private
from codered_hq.engines.host_script import Order, read_script
from codered_hq.engines.receipts import make_return
from codered_hq.engines.rounds import Said, run_rounds
from codered_hq.model.engine import EngineHost, Return, Task

FORKS_A_CORE, MOST_FORKS = 10, 200
CONNECT_SECONDS = 10
_TEMPLATE = re.compile(r"\{[{%#]")


class AnsibleEngine:
    """Runs a task by ansible-playbook. Host keys are checked, passwords are not used."""

    name = "ansible"
    most_hosts = 1000
    most_part = 8 << 20

    def __init__(self, config: AnsibleConfig | None = None, *, connect_seconds: int = CONNECT_SECONDS) -> None:
        self._config = config or AnsibleConfig()
        self._connect_seconds = connect_seconds
        _check_config(self._config)

    def run(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Return]:
        """One Return for each host. Raises WrongUse if ansible is missing or set up wrongly."""
        if any(_TEMPLATE.search(word) for word in task.arguments):
            raise WrongUse("an argument would be a template", where=f"task {task.id}", advice="leave out {{, {% and {#")
        return run_rounds(self, task, hosts)

    def ask(self, order: Order, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Run the script on each: one task, one connection."""
        play = make_ask_play(order, self._config.folder)
        return self._run(hosts, lambda _folder: play, order.inputs, keep_connections=False)

    def bring(self, task: Task, hosts: Sequence[EngineHost]) -> Iterator[Said]:
        """Send the script with the program at its end to each."""

        def make_play(folder: Path) -> Play:
            _write_bringer(folder / "bring.sh", task.program.path)
            order = Order(task=task, mode="bring", inputs={})
            return make_bring_play(str(folder / "bring.sh"), order, self._config.folder)

        return self._run(hosts, make_play, {}, keep_connections=True)

    def _run(
        self,
        hosts: Sequence[EngineHost],
        make_play: Callable[[Path], Play],
        inputs: Mapping[str, bytes],
        *,
        keep_connections: bool,
    ) -> Iterator[Said]:
        fit: dict[str, EngineHost] = {}
        for host in hosts:
            if why := why_unfit(host):
                yield host.name, make_return(host.name, "failed", why)
            else:
                fit[f"h{len(fit)}"] = host
        if not fit:
            return
        forks = min(self._config.forks or FORKS_A_CORE * (os.cpu_count() or 1), MOST_FORKS, len(fit))
        with private_folder() as folder:
            for short, host in fit.items():
                if host.name in inputs:
                    write_private(folder / "inputs" / short, base64.encodebytes(inputs[host.name]))
            inventory = make_inventory(fit, self._config, {"codered_inputs": str(folder / "inputs")})
            run = AnsibleRun(folder, inventory, make_play(folder))
            settings = Settings(forks=forks, connect_seconds=self._connect_seconds, keep_connections=keep_connections)
            for event in run.events(settings):
                if event[0] in fit:
                    yield fit[event[0]].name, read_event(fit[event[0]].name, event)


def read_event(name: str, event: Event) -> Return | str:
    """What the script said, or in a few of ansible's and ssh's words why it said nothing."""
    _, kind, result = event
    said = result.get("stdout")
    if kind == "runner_on_unreachable":
        return _read_unreachable(name, str(result.get("msg", "")))
    if kind == "runner_on_ok" or (isinstance(said, str) and "codered-end" in said):
        return said if isinstance(said, str) else ""
    words = " ".join(str(result.get(key, "")) for key in ("msg", "module_stderr", "module_stdout", "stderr"))
    if "timed out" in words.lower():
        return make_return(name, "timed_out", "it did not end in time")
    if re.search(r"python3?\S{0,20}:? (command )?not found|python3?\S{0,20}: Permission denied|interpreter", words):
        return make_return(name, "failed", f"python3 is not there or can't be started: {words}")
    return make_return(name, "failed", words.strip() or "ansible gave no reason")


def _read_unreachable(name: str, words: str) -> Return:
    said = re.split(r"(?:over|via) ssh: ", words, maxsplit=1)[-1].strip()
    if "IDENTIFICATION HAS CHANGED" in said:
        return make_return(name, "refused", "its host key changed")
    if "Host key verification failed" in said:
        return make_return(name, "refused", "its host key is not known here")
    last = said.splitlines()[-1] if said else "ansible gave no reason"
    refused = re.search(r"Permission denied|Too many authentication failures|Missing sudo password", said)
    return make_return(name, "refused" if refused else "unreachable", last)


def _write_bringer(path: Path, program: str) -> None:
    write_private(path, read_script().encode() + b"exit 0\n")
    try:
        with open(program, "rb") as source, path.open("ab") as out:
            shutil.copyfileobj(source, out)
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=program, advice="build the host file again") from None


def _check_config(config: AnsibleConfig) -> None:
    for name in ("known_hosts", "private_key", "folder", "user"):
        value = getattr(config, name)
        if any(sign in value for sign in "\"'\n\\%") or _TEMPLATE.search(value):
            raise WrongUse("has a quote, % or a template in it", where=f"[ansible] {name}", advice="use another name")
    if not re.fullmatch(r"/[A-Za-z0-9_./-]+", config.folder):
        advice = "give a full path without spaces"
        raise WrongUse("is no folder for hosts", where="[ansible] folder", advice=advice)
