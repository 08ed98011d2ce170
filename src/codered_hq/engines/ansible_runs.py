"""One run of ansible-playbook, in a private folder that is gone afterwards; what it says about a host comes as it
happens. Ansible is a program of its own, started by ansible-runner (Apache-2.0); nothing of it is imported here.
"""

import json
import os
import queue
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from codered.model.errors import WrongUse

EXTRA = "install it: pip install 'codered-detect[ansible]'"
MOST_MEMORY = 4 << 30
"""Bytes of address space of each process of ansible: a host that never stops talking ends its worker alone."""
_OUTCOMES = ("runner_on_ok", "runner_on_failed", "runner_on_unreachable")
_QUIET = {
    "ANSIBLE_HOST_KEY_CHECKING": "true",
    "ANSIBLE_PIPELINING": "true",
    "ANSIBLE_RETRY_FILES_ENABLED": "false",
    "ANSIBLE_INVENTORY_ENABLED": "ansible.builtin.yaml",
    "ANSIBLE_SSH_TRANSFER_METHOD": "sftp",
    "ANSIBLE_NOCOLOR": "true",
    "MAX_EVENT_RES": str(128 << 20),  # ansible-runner empties a result whose text is longer; 700,000 without this
}
_PERSIST = "-o ControlMaster=auto -o ControlPersist=15s"
_SSH = "-o ServerAliveInterval=15 -o ServerAliveCountMax=4"

Event = tuple[str, str, dict[str, Any]]
"""The host (h0 …), what became of it (runner_on_ok …), and ansible's result."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for one run, its owner's alone; its path is short, for the sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="codered-"))
    try:
        for name in ("inventory", "project", "inputs", "home"):
            (folder / name).mkdir(mode=0o700)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is made. `keep_connections` pays when a play needs several connections to one host."""

    forks: int
    connect_seconds: int
    keep_connections: bool


class AnsibleRun:
    """A run of one play over one inventory, in `folder`."""

    def __init__(self, folder: Path, inventory: dict[str, Any], play: list[dict[str, Any]]) -> None:
        self._folder = folder
        self._stop = threading.Event()
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._last: list[str] = []
        write_private(folder / "inventory" / "hosts.json", json.dumps(inventory).encode())
        write_private(folder / "project" / "play.json", json.dumps(play).encode())

    def events(self, settings: Settings) -> Iterator[Event]:
        """What became of each host, as it comes. Raises WrongUse if ansible is not there or could not begin."""
        runner = self._prepare(self._make_env(settings))
        thread = threading.Thread(target=self._work, args=(runner.run,), daemon=True)
        thread.start()
        seen = False
        try:
            while (event := self._events.get()) is not None:
                seen = True
                yield event
        finally:
            self._stop.set()
            thread.join()
        if not seen:
            said = " ".join(" ".join(self._last).split())[-300:] or f"it ended with {runner.rc}"
            raise WrongUse(
                f"ansible could not begin: {said}", where="ansible", advice="see [ansible] in headquarters.toml"
            )

    def _make_env(self, settings: Settings) -> dict[str, str]:
        home = self._folder / "home"
        config = self._folder / "project" / "ansible.cfg"  # an empty one, so that no other is looked for
        write_private(config, b"")
        return _QUIET | {
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_SSH_ARGS": f"{_SSH} {_PERSIST}" if settings.keep_connections else _SSH,
            "ANSIBLE_FORKS": str(settings.forks),
            "ANSIBLE_TIMEOUT": str(settings.connect_seconds),
            "ANSIBLE_HOME": str(home),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(home / "cp"),
            "ANSIBLE_LOCAL_TEMP": str(home / "tmp"),
        }

    def _work(self, run: Callable[[], object]) -> None:
        try:
            run()
        finally:
            self._events.put(None)

    def _prepare(self, env: dict[str, str]) -> Any:  # noqa: ANN401 - ansible-runner has no types
        program = find_playbook_program()
        try:
            from ansible_runner.interface import init_runner
        except ImportError:
            raise WrongUse("ansible-runner is not installed", where="ansible", advice=EXTRA) from None
        runner = init_runner(
            private_data_dir=str(self._folder),
            inventory=str(self._folder / "inventory" / "hosts.json"),
            playbook="play.json",
            settings={"suppress_ansible_output": True, "suppress_output_file": True, "pexpect_timeout": 1},
            quiet=True,
            event_handler=self._take,
            cancel_callback=self._stop.is_set,
        )
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        own = {name: value for name, value in runner.config.env.items() if name not in os.environ}
        own |= {name: runner.config.env[name] for name in ("ANSIBLE_CALLBACK_PLUGINS", "ANSIBLE_STDOUT_CALLBACK")}
        runner.config.env = {**inherited, **own, **env}
        runner.config.command = [*_limit_words(), program, *runner.config.command[1:]]
        return runner

    def _take(self, event: dict[str, Any]) -> bool:
        """Called for each event; False: it need not be written to disk."""
        kind = event.get("event")
        data = event.get("event_data") or {}
        if kind in _OUTCOMES and isinstance(data.get("host"), str) and isinstance(data.get("res"), dict):
            self._events.put((data["host"], kind, data["res"]))
        elif kind in ("verbose", "error", "warning") and event.get("stdout"):
            self._last = [*self._last, str(event["stdout"])[:500]][-6:]
        return False


def write_private(path: Path, content: bytes) -> None:
    """A new file that only its owner may read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)


def find_playbook_program() -> str:
    """ansible-playbook beside this Python, else on PATH. Raises WrongUse with what to install."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    found = str(beside) if beside.exists() else shutil.which("ansible-playbook")
    if not found:
        raise WrongUse("ansible-playbook is not there", where="ansible", advice=EXTRA)
    return found


def _limit_words() -> list[str]:
    limiter = shutil.which("prlimit")
    return [limiter, f"--as={MOST_MEMORY}"] if limiter else []
