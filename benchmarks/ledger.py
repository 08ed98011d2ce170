"""Entries a second into the ledger of headquarters, against plain inserts of the same rows in the same run.

    .venv/bin/python benchmarks/ledger.py [--entries 2000] [--only sqlite|postgresql]

Each entry is a transaction of its own, as most are: the lock, the newest entry, hash, signature, insert. A plain insert
is the same row in a transaction of its own, without chain and signature. Both take turns of 100, so that other work on
the machine falls on both. Then the whole chain is verified, in the database and as the exported file.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

MEASURE = "--measure"
TURN = 100
DETAIL = {"request": {"kind": "disable_port", "target": "port sw1 ge-0-3", "subjects": ["#12", "#13"]}, "version": 3}


def measure(name: str, entries: int, folder: Path) -> None:
    """Print the figures of the database that this process was given."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters()
    from django.db import transaction

    from codered.evidence.standalone_verifier import verify_container
    from codered_hq.ledger.models import LedgerEntry
    from codered_hq.ledger.reading import iterate_lines, verify_ledger
    from codered_hq.ledger.writing import enter

    def chain(number: int) -> None:
        enter("decision", "ann", f"yes to port sw1 {number}", datetime.now(UTC), incident="red", detail=DETAIL)

    def insert(number: int) -> None:
        with transaction.atomic():
            LedgerEntry.objects.create(
                seq=10_000_000 + number, at=datetime(2000, 1, 1, tzinfo=UTC), kind="decision", incident="red",
                who="ann", what=f"yes to port sw1 {number}", body="x" * 600, prev="0" * 64,
                hash=f"{number:064}", key="0" * 64, signature="0" * 128,
            )  # fmt: skip

    chained = plain = 0.0
    for start in range(0, entries, TURN):
        chained += spend(chain, start)
        plain += spend(insert, start)
        LedgerEntry.objects.filter(seq__gte=10_000_000).delete()
    began = time.perf_counter()
    verdict = verify_ledger()
    walked = time.perf_counter() - began
    path = folder / f"{name}.jsonl"
    path.write_text("".join(iterate_lines()))
    began = time.perf_counter()
    problems = verify_container(str(path)).problems
    read = time.perf_counter() - began
    assert (verdict.entries, verdict.problem, problems) == (entries, "", []), (verdict, problems)
    print(
        f"{name}: {entries / chained:,.0f} entries/s, plain inserts {entries / plain:,.0f}/s, "
        f"verified {entries / walked:,.0f}/s in the database, {entries / read:,.0f}/s as a file"
    )


def spend(work: Callable[[int], None], start: int) -> float:
    """Seconds of one turn."""
    began = time.perf_counter()
    for number in range(start, start + TURN):
        work(number)
    return time.perf_counter() - began


def main() -> None:
    """Both databases, each in a process of its own."""
    words = argparse.ArgumentParser()
    words.add_argument("--entries", type=int, default=2000)
    words.add_argument("--only", default="")
    words.add_argument(MEASURE, default="")
    words.add_argument("--folder", default="")
    asked = words.parse_args()
    if asked.measure:
        measure(asked.measure, asked.entries, Path(asked.folder))
        return
    from tests.fixtures.postgresql_server import running_postgresql

    with tempfile.TemporaryDirectory() as folder:
        again = [sys.executable, __file__, "--entries", str(asked.entries), "--folder", folder, MEASURE]
        own = {**os.environ, "CODERED_HQ": folder, "CODERED_STATE": f"{folder}/s", "CODERED_CACHE": f"{folder}/c"}
        if asked.only in ("", "sqlite"):
            subprocess.run([*again, "sqlite"], check=True, env=own)
        if asked.only in ("", "postgresql"):
            with running_postgresql() as url:
                subprocess.run([*again, "postgresql"], check=True, env=own | {"CODERED_HQ_DATABASE": url})


if __name__ == "__main__":
    main()
