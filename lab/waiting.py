"""Waiting until a part of the laboratory is there; the error shows what the part said last."""

import time
from collections.abc import Callable
from pathlib import Path

from lab.namespaces import CannotBuild

_PATIENCE = 30.0
_LISTENING = {"tcp": "0A", "udp": "07"}


def wait_for(what: str, is_there: Callable[[], bool], log: Path | None = None, seconds: float = _PATIENCE) -> None:
    """Return when it is there. Raises CannotBuild when it does not come."""
    until = time.monotonic() + seconds
    while not is_there():
        if time.monotonic() > until:
            said = f": {log.read_text(errors='replace')[-500:]}" if log and log.exists() else ""
            raise CannotBuild(f"{what} did not come{said}")
        time.sleep(0.01)


def wait_for_port(process: int, kind: str, port: int) -> None:
    """Return when something listens on this port in the process's namespace. Raises CannotBuild."""

    def listens() -> bool:
        tables = [Path(f"/proc/{process}/net/{kind}{ending}") for ending in ("", "6")]
        rows = [row.split() for path in tables if path.exists() for row in path.read_text().splitlines()[1:]]
        return any(int(row[1].rpartition(":")[2], 16) == port and row[3] == _LISTENING[kind] for row in rows)

    wait_for(f"{kind} port {port} of process {process}", listens)
