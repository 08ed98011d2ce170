"""Flow logs: a Zeek conn.log and a Suricata eve.json of a million records each, to events and to verdicts, against a
plain split loop, a json.loads loop, and duckdb where it is installed. Run on a quiet machine.

    .venv/bin/python benchmarks/flows.py [--records 1000000] [--rounds 3]

The log: 300 hosts that come back to their servers, and two worms on port 80, which make 4 % of the records.
"""

import argparse
import importlib
import importlib.util
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from codered.collect.traffic_files import open_traffic

HEAD = (
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n#fields\tts\tuid\t"
    "id.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\t"
    "local_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\t"
    "tunnel_parents\n"
)
HOSTS, SERVERS_OF_ONE, WORM_SHARE, PER_SECOND = 300, 12, 0.04, 700


class Record(NamedTuple):
    at: float
    source: str
    source_port: int
    destination: str
    port: int
    dark: bool


def make_records(count: int) -> Iterator[Record]:
    rng = random.Random(2001)
    servers = [
        [f"198.51.{rng.randrange(256)}.{rng.randrange(1, 255)}" for _ in range(SERVERS_OF_ONE)] for _ in range(HOSTS)
    ]
    at = 1_700_000_000.0
    for _ in range(count):
        at += 1 / PER_SECOND
        host = rng.randrange(HOSTS)
        if rng.random() < WORM_SHARE:
            there = f"{rng.randrange(1, 224)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
            yield Record(at, f"10.9.0.{rng.randrange(1, 3)}", rng.randrange(1024, 65536), there, 80, True)
        else:
            there = servers[host][min(int(rng.expovariate(0.6)), SERVERS_OF_ONE - 1)]
            yield Record(at, f"10.1.{host // 250}.{host % 250}", rng.randrange(1024, 65536), there, 443, False)


def write_conn(path: Path, records: int) -> None:
    with path.open("w") as out:
        out.write(HEAD)
        for number, one in enumerate(make_records(records)):
            tail = (
                "-\t-\t-\tS0\tT\tF\t0\tS\t1\t60\t0\t0"
                if one.dark
                else "0.12\t70\t900\tSF\tT\tF\t0\tShADadFf\t6\t390\t5\t1160"
            )
            out.write(
                f"{one.at:.6f}\tC{number:017x}\t{one.source}\t{one.source_port}\t{one.destination}\t{one.port}\ttcp\t-\t{tail}\t-\n"
            )


def write_distinct(path: Path, records: int) -> None:
    """The worst there is: half a million hosts, each of which reaches for others every time."""
    rng, at = random.Random(5), 1_700_000_000.0
    tails = ("0.12\t70\t900\tSF\tT\tF\t0\tShADadFf\t6\t390\t5\t1160", "-\t-\t-\tS0\tT\tF\t0\tS\t1\t60\t0\t0")
    with path.open("w") as out:
        out.write(HEAD)
        for number in range(records):
            at += 1 / PER_SECOND
            here = f"10.{rng.randrange(8)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
            there = f"{rng.randrange(1, 224)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
            tail = tails[rng.random() < 0.3]
            out.write(f"{at:.6f}\tC{number:017x}\t{here}\t4000\t{there}\t443\ttcp\t-\t{tail}\t-\n")


def write_eve(path: Path, records: int) -> None:
    with path.open("w") as out:
        for number, one in enumerate(make_records(records)):
            start = datetime.fromtimestamp(one.at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
            there, back, packets = ("02", "00", 0) if one.dark else ("1b", "1b", 5)
            event = {
                "timestamp": start, "flow_id": number, "in_iface": "eth0", "event_type": "flow", "src_ip": one.source,
                "src_port": one.source_port, "dest_ip": one.destination, "dest_port": one.port, "proto": "TCP",
                "app_proto": "tls", "flow": {"pkts_toserver": 6, "pkts_toclient": packets, "bytes_toserver": 390,
                "bytes_toclient": 1160, "start": start, "end": start, "age": 0, "state": "closed", "reason": "timeout",
                "alerted": False}, "tcp": {"tcp_flags": there, "tcp_flags_ts": there, "tcp_flags_tc": back, "syn": True,
                "fin": True, "psh": True, "ack": True, "state": "closed"},
            }  # fmt: skip
            out.write(json.dumps(event, separators=(",", ":")) + "\n")


def read_to_events(path: Path) -> str:
    source = open_traffic(bytes(path))
    events = sum(1 for _ in source.read())
    source.close()
    return f"{source.records} records, {events} events, {sum(source.repeats.values())} repeats counted"


def read_to_verdicts(path: Path) -> str:
    detector_of = importlib.import_module("codered.detect.scanning.detector").ScanDetector
    thresholds = importlib.import_module("codered.detect.scanning.thresholds").load_thresholds()
    detector, source = detector_of(thresholds), open_traffic(bytes(path))
    take = detector.take
    for event in source.read():
        take(event)
    detector.advance(source.last + 60)
    source.close()
    return f"verdicts on {len({verdict.actor for verdict in detector.verdicts()})} hosts (worms: 2; distinct.log: 0)"


def scan_wholly(path: Path) -> str:
    """The command, from its start to its report."""
    words = [sys.executable, "-m", "codered", "scan", "--capture", str(path), "--json"]
    done = subprocess.run(words, capture_output=True, check=False)
    report = json.loads(done.stdout)
    return f"{len(report['traffic'].get('scanners', ()))} scanners, {report['traffic']['attempts']} attempts"


def split_plainly(path: Path) -> str:
    with path.open("rb") as lines:
        return str(sum(len(line.split(b"\t")) > 20 for line in lines))


def load_plainly(path: Path) -> str:
    with path.open("rb") as lines:
        return str(sum(json.loads(line)["event_type"] == "flow" for line in lines))


def ask_duckdb(path: Path) -> str:
    duckdb = importlib.import_module("duckdb")
    reader = (
        f"read_json_auto('{path}', format='newline_delimited')"
        if path.suffix == ".json"
        else f"read_csv('{path}', delim='\t', comment='#', header=false, all_varchar=true)"
    )
    told = "src_ip" if path.suffix == ".json" else "column04"
    return str(duckdb.sql(f"select count(*), count(distinct {told}) from {reader}").fetchall()[0])


def measure(name: str, path: Path, work: Callable[[Path], str], records: int, rounds: int) -> float:
    best, least, said = float("inf"), float("inf"), ""
    for _ in range(rounds):
        start, cpu = time.monotonic(), sum(os.times()[:4])
        said = work(path)
        best = min(best, time.monotonic() - start)
        least = min(least, sum(os.times()[:4]) - cpu)
    per_cpu = records / max(least, 0.01) / 1e3
    print(f"  {name:<28} {records / best / 1e3:7.0f} k records/s, {per_cpu:7.0f} k a CPU-second  {said}")
    return records / best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        f", load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, write, plain in (
            ("conn.log", write_conn, split_plainly),
            ("distinct.log", write_distinct, split_plainly),
            ("eve.json", write_eve, load_plainly),
        ):
            path = Path(folder) / name
            write(path, given.records)
            print(f"{name}: {path.stat().st_size >> 20} MiB")
            ours = measure("to events", path, read_to_events, given.records, given.rounds)
            if importlib.util.find_spec("codered.detect.scanning.detector"):
                measure("to verdicts", path, read_to_verdicts, given.records, given.rounds)
            whole = measure("the whole command", path, scan_wholly, given.records, given.rounds)
            peer = measure("plain loop, one process", path, plain, given.records, given.rounds)
            print(f"  against the loop: to events x{ours / peer:.2f}, the whole command x{whole / peer:.2f}")
            if importlib.util.find_spec("duckdb"):
                measure("duckdb", path, ask_duckdb, given.records, given.rounds)
            path.unlink()


if __name__ == "__main__":
    main()
