"""The keeper: a process of its own that takes containments back on time, with headquarters and its database dead.

    python -m codered_hq.devices.keeping FOLDER

It reads FOLDER/due (devices.kept_orders), keeps trying a device that can't be reached, writes down what came of each,
and ends when nothing is due. Secrets of devices are in headquarters.toml alone, read anew for every try.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import msgspec

from codered.model.errors import CodeRedError, WrongUse
from codered_hq.config import headquarters_folder, read_config
from codered_hq.devices.carrying_out import take_back
from codered_hq.devices.drivers import open_driver
from codered_hq.devices.kept_orders import (
    ASIDE,
    DONE,
    DUE,
    FAILING,
    KeptOrder,
    KeptResult,
    NoOrder,
    at_the_door,
    check_uid,
    forget_done,
    hand_over,
    is_due,
    list_names,
    read_done,
    read_failing,
    read_kept,
    set_aside,
    withdraw,
    write_file,
)
from codered_hq.model.device import Controlled, DeviceFailed, DeviceSilent

__all__ = [
    "KeptOrder",
    "KeptResult",
    "forget_done",
    "hand_over",
    "is_kept",
    "read_done",
    "read_failing",
    "start_keeper",
    "withdraw",
]
LOOK_EACH = 0.2  # seconds
LONGEST_PAUSE = 60.0  # seconds between two tries
DEVICES_AT_ONCE = 16
_LOCK = "lock"
_LOG_MOST = 1 << 20
_started: list[subprocess.Popen[bytes]] = []
"""Keepers that this process has started; looked at so that none stays as a zombie."""


def start_keeper(folder: Path) -> bool:
    """Have a keeper run, detached from us; False if one does already."""
    _started[:] = [one for one in _started if one.poll() is None]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with at_the_door(folder):
        lock = _take_lock(folder)
        if lock is None:
            return False
        try:
            with open(os.open(folder / "keeper.log", _LOG_FLAGS, 0o600), "ab") as log:
                if log.tell() > _LOG_MOST:
                    log.truncate(0)
                # The lock is the child's from its first moment on: it is handed over, not taken anew.
                words = [sys.executable, "-P", "-m", "codered_hq.devices.keeping", str(folder.absolute()), str(lock)]
                _started.append(
                    subprocess.Popen(  # noqa: S603
                        words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", pass_fds=[lock],
                        start_new_session=True, env=_environment(),
                    )
                )  # fmt: skip
        finally:
            os.close(lock)
    return True


def is_kept(folder: Path) -> bool:
    """Whether a keeper runs now."""
    if not folder.is_dir():
        return False
    with at_the_door(folder):
        lock = _take_lock(folder)
        if lock is not None:
            os.close(lock)
    return lock is None


_LOG_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


def _environment() -> dict[str, str]:
    """Ours, with what this process imports from: a checkout may not be installed."""
    source = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "CODERED_HQ": str(headquarters_folder()), "PYTHONPATH": source}


def _take_lock(folder: Path) -> int | None:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


class Keeper:
    """Takes back what is due in a folder, a thread for each device."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tries: dict[str, int] = {}
        self._next: dict[str, float] = {}
        self._working: dict[str, Future[None]] = {}

    def work(self, lock: int) -> None:
        """Until nothing is due any more; the lock is let go then."""
        with ThreadPoolExecutor(DEVICES_AT_ONCE) as threads:
            while True:
                self.look(threads)
                if not self._working and not list_names(self._folder / DUE):
                    with at_the_door(self._folder):
                        if not list_names(self._folder / DUE):
                            os.close(lock)
                            return
                time.sleep(LOOK_EACH)

    def look(self, threads: ThreadPoolExecutor) -> None:
        """Begin with what is due now, and hear of what has ended."""
        for device, future in list(self._working.items()):
            if future.done():
                del self._working[device]
                if error := future.exception():  # not one of ours: it must not end the keeper
                    print(f"{device}: {type(error).__name__}: {error}", flush=True)
        by_device: dict[str, list[KeptOrder]] = {}
        for kept in self._list_due():
            by_device.setdefault(kept.order.device, []).append(kept)
        for device, orders in by_device.items():
            if device not in self._working:
                now = time.monotonic()
                for kept in orders:  # also if its thread breaks: not again at once
                    self._tries[kept.uid] = tries = self._tries.get(kept.uid, 0) + 1
                    self._next[kept.uid] = now + min(LONGEST_PAUSE, 2.0 ** min(tries - 1, 10))
                self._working[device] = threads.submit(self._take_back, orders)

    def _list_due(self) -> Iterable[KeptOrder]:
        now, at = time.monotonic(), datetime.now(UTC)
        for name in list_names(self._folder / DUE):
            try:
                kept = read_kept(self._folder, name)
            except NoOrder as error:
                self._set_aside(name, str(error))
                continue
            except FileNotFoundError:
                continue
            if is_due(kept, at) and now >= self._next.get(kept.uid, 0.0):
                yield kept

    def _set_aside(self, name: str, why: str) -> None:
        """What is no order goes to another folder, and is told of: it keeps nobody waiting."""
        set_aside(self._folder / DUE / name)
        print(f"set aside: {name!a}: {why}", flush=True)
        with suppress(WrongUse):
            uid = check_uid(name.removesuffix(".json"))
            message = f"the file of this order can't be used ({why}); it is in {ASIDE}/"
            self._write(DONE, KeptResult(uid=uid, outcome="broken", at=datetime.now(UTC), message=message))

    def _take_back(self, orders: list[KeptOrder]) -> None:
        name = orders[0].order.device
        try:
            config = next((one for one in read_config(headquarters_folder()).devices if one.name == name), None)
            if config is None:
                raise WrongUse(f"no device is called {name}", where="headquarters.toml", advice="put it back")
            driver = open_driver(config)
        except (CodeRedError, DeviceFailed, OSError) as error:
            for kept in orders:
                self._tell_failing(kept, str(error))
            return
        silent: DeviceSilent | None = None
        try:
            for kept in orders:
                if not (self._folder / DUE / f"{kept.uid}.json").exists():
                    continue  # it was withdrawn meanwhile
                try:
                    if silent:
                        raise silent
                    self._settle(kept, take_back(driver, kept.order, kept.before))
                except (CodeRedError, DeviceFailed, OSError) as error:
                    silent = error if isinstance(error, DeviceSilent) else silent
                    self._tell_failing(kept, str(error))
        finally:
            driver.close()

    def _settle(self, kept: KeptOrder, controlled: Controlled) -> None:
        touched = ", ".join(controlled.touched)
        outcome = "touched" if touched else "undone" if controlled.changed else "already"
        message = f"changed by somebody else meanwhile, and left so: {touched}" if touched else ""
        result = KeptResult(
            uid=kept.uid, outcome=outcome, at=datetime.now(UTC), device=kept.order.device,  # type: ignore[arg-type]
            tries=self._tries.get(kept.uid, 1), message=message,
        )  # fmt: skip
        self._write(DONE, result)
        withdraw(self._folder, kept.uid)

    def _tell_failing(self, kept: KeptOrder, why: str) -> None:
        result = KeptResult(
            uid=kept.uid, outcome="failing", at=datetime.now(UTC), device=kept.order.device,
            tries=self._tries.get(kept.uid, 1), message=why[:500],
        )  # fmt: skip
        self._write(FAILING, result)

    def _write(self, kind: str, result: KeptResult) -> None:
        write_file(self._folder / kind / f"{result.uid}.json", msgspec.json.encode(result))


def main(words: list[str]) -> int:
    """Run a keeper in the folder that is named; with a number, the lock is that open file already."""
    if len(words) not in (1, 2):
        print("give one folder", file=sys.stderr)
        return 2
    folder = Path(words[0])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = int(words[1]) if len(words) > 1 else _take_lock(folder)
    if lock is None:
        return 0  # another one keeps
    Keeper(folder).work(lock)
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # here alone: whoever calls main is to hear it as before
    sys.exit(main(sys.argv[1:]))
