"""An invented worm: from three inert samples and a line of a log to a pack that another machine has pulled and uses."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codered.collect.process_identity import read_stat
from codered.model.process import ProcessId
from codered.model.ruleset import RuleSet
from codered.packs.compiling import compile_packs
from codered.packs.loading import load_pack
from codered.scan.memory_scan import MemoryScanner
from tests.fixtures.command import Desk
from tests.fixtures.guides import read_commands
from tests.fixtures.pack_publisher import serve, static_files

MARKS = (
    b"InkwellWorm:mutex-7731\0",
    b"GET /inkwell/intake.cgi?feed=\0",
    b"/var/tmp/.inkwell-spool\0",
    b"inkwell says hello to the fleet\0",
    "C:\\inkwell\\spool.dat".encode("utf-16-le") + b"\0\0",
)
LINE = '203.0.113.9 - - [20/Nov/2026:03:11:07 +0000] "GET /inkwell/intake.cgi?feed=AAAAAAAA HTTP/1.1" {} 196 "-" "{}"\n'
OTHER = '198.51.100.3 - - [20/Nov/2026:03:12:00 +0000] "GET /index.html HTTP/1.1" 200 612 "-" "Mozilla/5.0"\n'
HOLD = "import sys, time; held = open(sys.argv[1], 'rb').read(); print('ready', flush=True); time.sleep(120)"


def write_sample(path: Path, seed: int, marks: tuple[bytes, ...] = MARKS) -> Path:
    """Inert: random bytes with the marks among them, in another order each time."""
    chance = random.Random(seed)
    parts = [mark + chance.randbytes(64) for mark in marks]
    chance.shuffle(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x7fELF\0inert" + chance.randbytes(500) + b"".join(parts) + chance.randbytes(900))
    return path


@pytest.fixture
def author(desk: Desk) -> Desk:
    for number in range(3):
        write_sample(desk.folder / f"samples/s{number}.bin", number)
        write_sample(desk.folder / f"clean/c{number}.bin", 100 + number, (b"hello to the fleet\0",))
    (desk.folder / "worm.log").write_text(LINE.format(404, "inkwell/1.0"))
    return desk


def say(desk: Desk, *words: str | Path, code: int = 0) -> str:
    answer = desk.run(*words)
    assert answer.code == code, f"{words}: {answer.out}\n{answer.err}"
    return answer.out


def test_from_samples_to_protection_elsewhere(author: Desk, tmp_path: Path, rule_cache: Path) -> None:
    """Every command of docs/authoring.md, as it stands there, on two machines."""
    guide = read_commands("authoring.md")
    said = {" ".join(words[:3]): words for words in guide}
    mine = [words for words in guide if words[:2] not in (("packs", "sources"), ("packs", "update")) and len(words) > 1]
    told = {}
    for words in mine:
        more = ("--no-goodware",) if words[1] == "new" else ("--tree", "clean") if words[1] == "bench" else ()
        told[words[1]] = say(author, *words, *more, code=1 if words[1] == "try" else 0)
    assert [words[1] for words in mine] == [
        "new", "lint", "test", "try", "bench", "--packs", "export", "publish", "publish",
    ]  # fmt: skip
    assert "in every sample, in no clean file" in told["new"]
    assert "0 errors, 0 warnings" in told["lint"]
    assert " 0 failures" in told["test"]
    assert "found   inkwell/body" in told["try"]
    check_exports(author)

    (tmp_path / "other").mkdir()
    other = Desk(tmp_path / "other", rule_cache)
    infected = write_sample(other.folder / "srv/spool/update", 7)
    write_sample(other.folder / "srv/spool/honest", 8, (b"hello to the fleet\0",))
    shutil.copy(author.folder / "site/metadata/1.root.json", other.folder)
    assert "inkwell" not in say(other, "packs", "list")
    with serve(static_files(author.folder / "site")) as address:
        add = said["packs sources add"]
        say(other, *(address if word.startswith("http://") else word for word in add))
        assert "inkwell" in say(other, *said["packs update"])
    assert "inkwell" in say(other, "packs", "list")
    check_machine(other, infected)
    say(other, "packs", "update", "--back")
    assert "inkwell" not in say(other, "packs", "list")


def check_exports(author: Desk) -> None:
    """Two engines that people already run find the samples by what was exported, and nothing else."""
    files = [*sorted((author.folder / "samples").iterdir()), *sorted((author.folder / "clean").iterdir())]
    rules = str(author.folder / "exports/yara/files.yar")
    yara = subprocess.run(["yara", "-w", "-r", rules, str(author.folder)], capture_output=True, text=True, check=True)
    found = {Path(line.split(maxsplit=1)[1]).name for line in yara.stdout.splitlines()}
    assert {"s0.bin", "s1.bin", "s2.bin"} <= found
    assert not {name for name in found if name.startswith("c")}
    database = str(author.folder / "exports/clamav")
    clam = subprocess.run(
        ["clamscan", "-d", database, "--no-summary", *map(str, files)], capture_output=True, text=True, check=False
    )
    told = {Path(line.rpartition(": ")[0]).name: line.endswith("FOUND") for line in clam.stdout.splitlines()}
    assert told == {f"s{n}.bin": True for n in range(3)} | {f"c{n}.bin": False for n in range(3)}


def check_machine(other: Desk, infected: Path) -> None:
    """On disk, in a log, in a dump, and in the memory of a process of the test's own."""
    on_disk = other.scan(other.folder / "srv", code=1)
    paths = {finding.subject.path for finding in on_disk.findings if finding.pack == "inkwell"}
    assert paths == {str(infected)}
    (other.folder / "access.log").write_text(OTHER + LINE.format(404, "-") + OTHER)
    in_log = other.scan("--logs", "access.log", code=1)
    assert [(found.pack, found.subject.address) for found in in_log.findings] == [("inkwell", "203.0.113.9")]
    (other.folder / "dump.raw").write_bytes(bytes(1 << 20) + infected.read_bytes() + bytes(1 << 20))
    in_dump = other.scan("--memory", "dump.raw", code=1)
    assert {found.pack for found in in_dump.findings} == {"inkwell"}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(infected)], stdout=subprocess.PIPE) as held:
        try:
            assert held.stdout
            assert held.stdout.readline() == b"ready\n"
            stat = read_stat(f"/proc/{held.pid}")
            assert stat
            look = MemoryScanner(pulled_rules(other)).scan(ProcessId(held.pid, stat.start), "held", None)
        finally:
            held.kill()
    assert {(found.pack, found.indicator) for found in look.findings} == {("inkwell", "in-memory")}


def pulled_rules(desk: Desk) -> RuleSet:
    """The rules of the pack as this machine has installed it."""
    (folder,) = desk.state.glob("packs/sets/*/packs/inkwell")
    return compile_packs((load_pack(folder),), None)
