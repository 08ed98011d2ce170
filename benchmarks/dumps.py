"""A memory dump by `scan_dump` beside yara-x on the same file in one piece, with the same rules for memory.

    .venv/bin/python benchmarks/dumps.py [MEGABYTES]

The dump is made of files of this system (a machine's memory is mostly its programs and files), NULs for a quarter of
it, in LiME segments with one mark of a pack at a known address. Prints the best of three, interleaved, and the most
memory of all our processes together (PSS: shared pages count once) above that of one that only holds the rules. The
bars are 0.5 and 150 MB.
"""

import io
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
sys.path.insert(0, str(SOURCE))

import yara_x  # noqa: E402

from codered.model.ruleset import RuleSet  # noqa: E402
from codered.packs.compiling import compile_packs  # noqa: E402
from codered.packs.loading import find_packs_folder, load_packs  # noqa: E402
from codered.scan.dump_scan import scan_dump  # noqa: E402

SEGMENT = 64 << 20
MARK = b"HOST:www.worm.com\0Hacked By Chinese!\0Content-length: 3569\0c:\\notworm\0infocomm.dll\0TcpSockSend\0"
MARK_AT = 3 * SEGMENT // 2
ROUNDS = 3


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        scan_dump(os.fsencode(sys.argv[2]), make_rules())
        return
    if sys.argv[1:2] == ["--rules"]:
        print(measure_rules())
        return
    size = int(sys.argv[1] if len(sys.argv) > 1 else "1024") << 20
    rules = make_rules()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ram.lime"
        write_dump(path, size)
        total = path.stat().st_size
        times: dict[str, list[float]] = {"read": [], "yara-x, one piece": [], "codered": []}
        for _ in range(ROUNDS):
            times["read"].append(measure_read(path))
            times["yara-x, one piece"].append(measure_engine(path, rules))
            times["codered"].append(measure_scan(path, rules))
        best = {what: min(seconds) for what, seconds in times.items()}
        for what, seconds in best.items():
            print(f"{what:20} {seconds:7.2f} s {total / seconds / 1e6:8,.0f} MB/s")
        print(f"codered at {best['yara-x, one piece'] / best['codered']:.2f} of the rate of yara-x")
        print(f"memory above the rules: {measure_memory(path):,.0f} MB")


def make_rules() -> RuleSet:
    return compile_packs(load_packs(find_packs_folder()), None)


def list_pieces() -> Iterator[bytes]:
    while True:
        for root in ("/usr/lib/x86_64-linux-gnu", "/usr/bin", "/usr/share"):
            for folder, _, names in os.walk(root):
                for found in sorted(names):
                    path = Path(folder) / found
                    if path.is_file() and not path.is_symlink():
                        yield path.read_bytes()[: 4 << 20]


def write_dump(path: Path, size: int) -> None:
    pieces, rest = list_pieces(), bytearray()
    with path.open("wb") as file:
        for start in range(0, size, SEGMENT):
            address = start + (1 << 32 if start >= SEGMENT else 0)
            file.write(struct.pack("<4sIQQQ", b"EMiL", 1, address, address + SEGMENT - 1, 0))
            while len(rest) < SEGMENT * 3 // 4:
                rest += next(pieces)
            body = rest[: SEGMENT * 3 // 4] + bytes(SEGMENT // 4)
            del rest[: SEGMENT * 3 // 4]
            if start <= MARK_AT < start + SEGMENT:
                body[MARK_AT - start : MARK_AT - start + len(MARK)] = MARK
            file.write(body)


def measure_read(path: Path) -> float:
    begin = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        while file.read(8 << 20):
            pass
    return time.perf_counter() - begin


def measure_engine(path: Path, rules: RuleSet) -> float:
    scanner = yara_x.Scanner(yara_x.Rules.deserialize_from(io.BytesIO(rules.memory)))
    begin = time.perf_counter()
    scanner.scan_file(str(path))
    return time.perf_counter() - begin


def measure_scan(path: Path, rules: RuleSet) -> float:
    begin = time.perf_counter()
    report = scan_dump(os.fsencode(path), rules)
    seconds = time.perf_counter() - begin
    places = sorted({finding.subject.address for finding in report.findings})
    assert hex(MARK_AT + (1 << 32)) in places, places
    assert not report.gaps(), report.gaps()
    return seconds


def measure_memory(path: Path) -> float:
    """MB at the most, all processes of a scan together, above one that has loaded the rules and does nothing."""
    scan = subprocess.Popen([sys.executable, __file__, "--one", str(path)])
    most = 0
    while scan.poll() is None:
        most = max(most, sum(read_pss(pid) for pid in list_tree(scan.pid)))
        time.sleep(0.02)
    rules = int(subprocess.run([sys.executable, __file__, "--rules"], check=True, capture_output=True).stdout)
    return (most - rules) / 1024


def measure_rules() -> int:
    rules = make_rules()
    matchers = [yara_x.Rules.deserialize_from(io.BytesIO(data)) for data in (rules.memory, rules.first_memory)]
    assert matchers
    return read_pss(os.getpid())


def list_tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return [pid]
    return [pid, *(inner for child in children for inner in list_tree(int(child)))]


def read_pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
