"""A disk image scanned with all packs, against a plain read of the same files by TSK and, if it is installed, by
dissect.target; all in one run. As root, with ntfs-3g: the image is made first, 16,000 files of 670 MB on NTFS.

    .venv/bin/python benchmarks/images.py [IMAGE]        # DISSECT_PYTHON=… names an environment with dissect.target

Prints seconds, MB/s, ratios, and the memory of the scan: of its largest process, PSS of all (shared pages counted
once), and RSS of all (counted in every process). The bars: 3 s, 120 MB, 20 times faster than dissect.target.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.memory import list_tree  # noqa: E402
from tests.fixtures.ntfs_volumes import MIB, make_ntfs, mounted_ntfs  # noqa: E402
from tests.fixtures.windows_roots import infect_codered2, lay_out_windows2000, make_program  # noqa: E402

FILES, SIZE = 16_000, 670 * MIB
SCAN = [str(ROOT / "codered"), "scan", "--json", "--image"]
PLAIN = """
import sys, time, pytsk3
started, size, files = time.monotonic(), 0, 0
system = pytsk3.FS_Info(pytsk3.Img_Info(sys.argv[1]))
todo = [system.info.root_inum]
while todo:
    for file in system.open_dir(inode=todo.pop()):
        meta, name = file.info.meta, file.info.name.name
        if meta is None or int(file.info.name.flags) == 2 or name in (b".", b"..") or name.startswith(b"$"):
            continue
        if int(meta.type) == 2:
            todo.append(meta.addr)
        elif meta.size:
            files, size = files + 1, size + len(file.read_random(0, meta.size))
print(time.monotonic() - started, files, size)
"""
DISSECT = """
import sys, time
from dissect.target import Target
started, size, files = time.monotonic(), 0, 0
target = Target.open(sys.argv[1])
for system in target.filesystems:
    for path in system.path("/").rglob("*"):
        if path.is_file():
            files, size = files + 1, size + len(path.open("rb").read())
print(time.monotonic() - started, files, size)
"""


def make_image(folder: Path) -> Path:
    """Pages, programs and compressed data in many folders, of sizes as on a server."""
    chance = random.Random(6)
    sizes = [min(int(chance.lognormvariate(8.6, 1.9)), 40 * MIB) for _ in range(FILES)]
    scale = SIZE / sum(sizes)
    text = b"<p>A page of a web server, with words that mean nothing to anybody.</p>\r\n" * 1000
    image = make_ntfs(folder / "bench.img", 1400 * MIB)
    with mounted_ntfs(image, folder / "mnt") as root:
        lay_out_windows2000(root)
        infect_codered2(root)
        for number, size in enumerate(int(size * scale) for size in sizes):
            place = root / "data" / f"{number // 400:02d}" / f"{number // 40 % 10}"
            place.mkdir(parents=True, exist_ok=True)
            kind = number % 3
            data = (text * (size // len(text) + 1))[:size] if kind == 0 else chance.randbytes(size)
            (place / f"file{number}.{('htm', 'dll', 'zip')[kind]}").write_bytes(
                make_program("bench")[:size] + data[135:] if kind == 1 else data
            )
    return image


def drop_caches() -> None:
    subprocess.run(["sync"], check=True)
    Path("/proc/sys/vm/drop_caches").write_text("3")


def read_all(program: str, image: Path) -> float:
    drop_caches()
    python = os.environ.get("DISSECT_PYTHON", sys.executable) if program is DISSECT else sys.executable
    done = subprocess.run([python, "-c", program, image], capture_output=True, text=True, check=True)
    seconds, files, size = done.stdout.split()
    print(f"  {float(seconds):6.2f} s  {int(files):,} files, {int(size) / 1e6 / float(seconds):,.0f} MB/s")
    return float(seconds)


def sample(pid: int) -> tuple[int, int, int]:
    """The largest process by RSS, PSS of all, RSS of all, in kB."""
    most = pss = rss = 0
    for process in list_tree(pid):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        values = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        most = max(most, values.get("Rss", 0))
        pss, rss = pss + values.get("Pss", 0), rss + values.get("Rss", 0)
    return most, pss, rss


def scan(image: Path, *words: str, measured: bool = False) -> float:
    drop_caches()
    started = time.monotonic()
    running = subprocess.Popen([*SCAN, str(image), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = (0, 0, 0)
    while measured and running.poll() is None:  # looking costs time of its own: never while it is timed
        now = sample(running.pid)
        peak = tuple(map(max, peak, now))  # type: ignore[assignment]
        time.sleep(0.02)
    running.wait()
    seconds = time.monotonic() - started
    if measured:
        print("  largest process {:,.0f} MB, all PSS {:,.0f} MB, all RSS {:,.0f} MB".format(*(n / 1024 for n in peak)))
    else:
        print(f"  {seconds:6.2f} s")
    return seconds


def main() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        image = Path(sys.argv[1]) if len(sys.argv) > 1 else make_image(Path(folder))
        scan(image, "--no-hash")  # compiles the rules
        print("plain read by TSK, cold")
        plain = read_all(PLAIN, image)
        print("codered scan --image --no-hash, all packs, cold, the program's start included")
        ours = scan(image, "--no-hash")
        print("the same with the SHA-256 before and after")
        scan(image)
        print("memory")
        scan(image, "--no-hash", measured=True)
        print(f"ratio: {ours / plain:.1f} times a plain read")
        try:
            print("dissect.target, cold")
            print(f"ratio: {read_all(DISSECT, image) / ours:.1f} times as long as our scan")
        except subprocess.CalledProcessError:
            print("  not installed")


if __name__ == "__main__":
    main()
