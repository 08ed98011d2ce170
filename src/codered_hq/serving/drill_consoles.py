"""The consoles of drills beside the real one: each a `codered serve` of its own, as long as its drill goes on."""

import re
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from codered_hq.drills.ranges import Range, list_ranges, make_environment, note_served
from codered_hq.serving.workers import Worker

MOST: Final = 3
"""At once; the others are served when one has ended."""
LOOK_SECONDS: Final = 1.0
_ADDRESS: Final = re.compile(r"the console: (https://[^/\s]+)/")


class DrillConsoles:
    """Those of the drills below this headquarters' folder; `options` are of `codered serve`: where it listens, by which
    certificate. Their lines go to `tell`, and their addresses into the drills' folders.
    """

    def __init__(self, tell: Callable[[str], None], real: Path, options: Sequence[str]) -> None:
        self._tell, self._real = tell, real
        self._words = (sys.executable, "-P", "-m", "codered", "serve", "--port", "0", "--until-eof", *options)
        self._served: dict[str, tuple[Range, Worker]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="drills", daemon=True)

    def start(self) -> None:
        """Serve what goes on now, and what will be begun."""
        for each in list_ranges(self._real):
            note_served(each.folder, "")  # of a server that did not end in order
        self._thread.start()

    def stop(self) -> None:
        """End them all."""
        self._ended.set()
        self._thread.join()
        for name in list(self._served):
            self._end(name)

    def _keep(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            going = {each.name: each for each in reversed(list_ranges(self._real)) if each.state == "goes_on"}
            for name in [name for name in self._served if name not in going]:
                self._end(name)
            for name, each in going.items():
                if name not in self._served and len(self._served) < MOST:
                    self._begin(each)

    def _begin(self, each: Range) -> None:
        def hear(line: str) -> None:
            if found := _ADDRESS.search(line):
                note_served(each.folder, found[1])
            self._tell(line)

        worker = Worker(hear, self._words, f"drill {each.name}", make_environment(each.folder))
        self._served[each.name] = (each, worker)
        worker.start()

    def _end(self, name: str) -> None:
        each, worker = self._served.pop(name)
        worker.stop()
        if each.folder.is_dir():
            note_served(each.folder, "")
