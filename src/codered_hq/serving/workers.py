"""What runs beside the console as a process of its own, begun again when it ends: `codered work`, drills' consoles."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from codered_hq.config import headquarters_folder

EVERY: Final = "5s"
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 60.0
"""Seconds until it is begun again: twice as long each time, from the first on again after a minute of life."""
STEADY_SECONDS: Final = 60.0
PATIENT_SECONDS: Final = 10.0
"""That a part of its pass may take to its end when we stop."""
LONGEST_LINE: Final = 4096
WORDS: Final = (sys.executable, "-P", "-m", "codered", "work", "--every", EVERY, "--until-eof")


class Worker:
    """Its lines go to `tell`, behind its label; `environment`: another than ours. It has a process group of its own, so
    that Ctrl-C reaches it by us alone, and ends by itself when this process is gone, however that went: its standard
    input ends then.
    """

    def __init__(
        self, tell: Callable[[str], None], words: Sequence[str] = WORDS, label: str = "worker",
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._tell, self._words, self._label = tell, words, label
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=self._label, daemon=True)

    def start(self) -> None:
        """Begin it, and again whenever it ends."""
        self._thread.start()

    def stop(self, seconds: float = PATIENT_SECONDS) -> None:
        """End it: what is under way has so many seconds, then it is interrupted."""
        self._ended.set()
        for end in (subprocess.Popen.terminate, subprocess.Popen.terminate, subprocess.Popen.kill):
            if process := self._process:
                end(process)
            self._thread.join(seconds)
            if not self._thread.is_alive():
                return

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while not self._ended.is_set():
            began = time.monotonic()
            code = self._run()
            if self._ended.is_set():
                return
            pause = FIRST_PAUSE if time.monotonic() - began > STEADY_SECONDS else pause
            self._tell(f"{self._label}: ended with {code}, begins again in {pause:.0f} s")
            self._ended.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _run(self) -> str:
        try:
            process = subprocess.Popen(  # noqa: S603
                self._words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                start_new_session=True, env=self._environment or _make_environment(),
            )  # fmt: skip
        except OSError as error:
            return f"no start ({error.strerror})"
        with process:
            self._process = process
            if self._ended.is_set():  # stop came between
                process.terminate()
            assert process.stderr
            for line in iter(lambda: process.stderr.readline(LONGEST_LINE), b""):  # type: ignore[union-attr]
                self._tell(f"{self._label}: {line.decode(errors='replace').rstrip().removeprefix('codered: ')}")
            code = process.wait()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()  # type: ignore[union-attr]
        self._process = None
        return str(code)


def _make_environment() -> dict[str, str]:
    """Ours, with what this process imports from: a checkout may not be installed."""
    source = str(Path(__file__).resolve().parents[2])
    return {**os.environ, "CODERED_HQ": str(headquarters_folder()), "PYTHONPATH": source}
