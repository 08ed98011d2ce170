"""Findings a second into the database of headquarters: 20 writer processes, each with whole answers of hosts.

    .venv/bin/python benchmarks/ingest.py [--writers 20] [--answers 60] [--findings 100] [--only sqlite|postgresql]

Each answer is taken by the service that fleet runs use (`fleet.ingesting.ingest_answer`): report, findings, what the
host says of itself; one transaction. Then the same again with half of the writers killed (-9) in the middle: every
answer that was acknowledged must be there, whole, and the database unharmed.

Beside the seconds: the CPU of the writers and of a PostgreSQL server for each answer, which other work on the machine
changes less than the seconds.
"""

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "src")]

WRITE, COUNT = "--write", "--count"


def write(number: int, answers: int, findings: int) -> None:
    """One writer: a line for each answer that was acknowledged."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters()
    import msgspec

    from codered.model.job import Answer, HostFacts
    from codered_hq.fleet.ingesting import Origin, ingest_answer
    from tests.fixtures.inventories import make_host
    from tests.fixtures.played_fleets import make_report, now

    paths = tuple(f"/var/www/{place}.php" for place in range(findings))
    document = msgspec.json.encode(make_report(*paths))
    hosts = [
        make_host(f"host-{number}-{turn}", f"10.{number}.{turn // 250}.{turn % 250 + 1}") for turn in range(answers)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    for host in hosts:
        name = host.label
        answer = Answer(
            format="codered/answer/1", job=name, job_sha256="", host=name, word="scan", started=now(), ended=now(),
            state="done", exit_code=1, tool="t", document=document,
            facts=HostFacts(name=name, machine_id=hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()),
        )  # fmt: skip
        key = "ed25519:" + hashlib.sha256(name.encode()).hexdigest()[:32]
        taken = ingest_answer(host, answer, Origin(msgspec.json.encode(answer), key, now()))
        print(taken.report.uid, flush=True)
    print(f"cpu {time.process_time() - began}", flush=True)


def count() -> None:
    """What is in the database: findings by report, and whether it is unharmed."""
    from codered_hq.cli.entering import enter_headquarters

    enter_headquarters()
    from django.db import connection
    from django.db.models import Count

    from codered_hq.fleet.models import StoredReport

    found = dict(StoredReport.objects.annotate(number=Count("findings")).values_list("uid", "number"))
    whole = "ok"
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            whole = cursor.execute("PRAGMA integrity_check").fetchone()[0]
    print(json.dumps([found, whole]))


def start(words: list[str], environment: dict[str, str]) -> "subprocess.Popen[str]":
    """This script again."""
    return subprocess.Popen(
        [sys.executable, __file__, *words], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


class Measured(NamedTuple):
    """Seconds of all writers together, their CPU seconds, and the findings in the database of what was acknowledged."""

    seconds: float
    cpu: float
    findings: int


def run(asked: argparse.Namespace, environment: dict[str, str], kill: bool, offset: int) -> Measured:
    """All writers at once; raises AssertionError if anything that was acknowledged is missing."""
    sizes = [str(asked.answers), str(asked.findings)]
    writers = [start([WRITE, str(offset + at), *sizes], environment) for at in range(asked.writers)]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == "ready\n"
    began = time.monotonic()
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    acknowledged: set[str] = set()
    cpu = 0.0
    if kill:
        for writer in writers[::2]:
            assert writer.stdout
            acknowledged.add(writer.stdout.readline().strip())
            os.kill(writer.pid, signal.SIGKILL)
    for at, writer in enumerate(writers):
        said, _ = writer.communicate()
        assert (kill and at % 2 == 0) or writer.returncode == 0, writer.returncode
        acknowledged |= {line for line in said.splitlines() if len(line) == 64}
        cpu += sum(float(line.removeprefix("cpu ")) for line in said.splitlines() if line.startswith("cpu "))
    seconds = time.monotonic() - began
    counted = start([COUNT], environment)
    found, whole = json.loads(counted.communicate()[0])
    assert whole == "ok", whole
    lost = [uid for uid in acknowledged if found.get(uid) != asked.findings]
    assert not lost, f"{len(lost)} acknowledged answers are missing or not whole"
    assert set(found.values()) == {asked.findings}, "a half answer"
    return Measured(seconds, cpu, len(acknowledged) * asked.findings)


def read_server_cpu() -> float:
    """CPU seconds of the PostgreSQL server that this process began, with those of its processes that have ended."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text("ascii").split()
    spent = 0
    for child in children:
        _, _, rest = Path(f"/proc/{child}/stat").read_text().rpartition(")")
        if Path(f"/proc/{child}/comm").read_text().strip() == "postgres":
            spent += sum(map(int, rest.split()[11:15]))
    return spent / os.sysconf("SC_CLK_TCK")


def measure(name: str, asked: argparse.Namespace, url: str) -> None:
    """Print what this database does."""
    with tempfile.TemporaryDirectory(prefix="codered-ingest-") as folder:
        environment = {**os.environ, "CODERED_HQ": f"{folder}/hq", "CODERED_STATE": f"{folder}/s"}
        environment.pop("CODERED_HQ_DATABASE", None)
        if url:
            environment["CODERED_HQ_DATABASE"] = url
        before = read_server_cpu()
        done = run(asked, environment, kill=False, offset=0)
        server = read_server_cpu() - before
        answers = asked.writers * asked.answers
        assert done.findings == answers * asked.findings
        cost = f"{done.cpu / answers * 1000:.1f} ms"
        if url:
            cost += f" and {server / answers * 1000:.1f} ms of the server"
        print(
            f"{name:12} {asked.writers} writers: {done.findings:,} findings in {done.seconds:.1f} s: "
            f"{done.findings / done.seconds:,.0f}/s; CPU of an answer: {cost}; load {os.getloadavg()[0]:.0f}"
        )
        kept = run(asked, environment, kill=True, offset=asked.writers).findings
        print(f"{name:12} half of them killed: {kept:,} findings were acknowledged, all are there, whole", flush=True)


def main() -> None:
    """Both databases, or one."""
    if WRITE in sys.argv:
        write(*map(int, sys.argv[2:]))
        return
    if COUNT in sys.argv:
        count()
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=20)
    parser.add_argument("--answers", type=int, default=60)
    parser.add_argument("--findings", type=int, default=100)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    if asked.only != "postgresql":
        measure("SQLite", asked, "")
    if asked.only != "sqlite":
        from tests.fixtures.postgresql_server import running_postgresql

        with ExitStack() as stack:
            measure("PostgreSQL", asked, stack.enter_context(running_postgresql()))


if __name__ == "__main__":
    main()
