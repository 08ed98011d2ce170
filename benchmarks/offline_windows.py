"""What a responder waits for on an offline Windows: the look at its hives, and the removal of a full Code Red II.

    .venv/bin/python benchmarks/offline_windows.py        # as root, with ntfs-3g and the QEMU tools

The hive is a real SYSTEM of 11.8 MB. Prints seconds; beside the look, how long dissect.regf takes to walk all its keys
(which is more than is asked here). Bars: 0.5 s a hive, 2 s the removal.
"""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from dissect.regf import RegistryHive  # noqa: E402

from codered.cli.running import load_rules  # noqa: E402
from codered.collect.registry import open_registry  # noqa: E402
from codered.collect.windows.pack_settings import collect_pack_settings  # noqa: E402
from codered.targets import open_target  # noqa: E402
from tests.fixtures.hive_files import read_real  # noqa: E402
from tests.fixtures.ntfs_volumes import convert_disk, make_disk, make_ntfs, mounted_ntfs  # noqa: E402
from tests.fixtures.windows_infections import lay_out_infected_server  # noqa: E402

SERVICES = "HKLM\\SYSTEM\\ControlSet001\\Services"
RUNS = 5


def walk_with_dissect(raw: bytes) -> int:
    pending, keys = [RegistryHive(io.BytesIO(raw)).root()], 0
    while pending:
        key = pending.pop()
        keys += 1 + sum(1 for _ in key.values())
        pending += key.subkeys()
    return keys


def look_at_hives(root: Path) -> float:
    """Seconds of the best run: every setting of the packs, and every service with its values."""
    signs = [sign for loaded in load_rules().packs for sign in loaded.pack.settings]
    best = 1e9
    for _ in range(RUNS):
        started = time.monotonic()
        target = open_target(str(root))
        registry = open_registry(target)
        collect_pack_settings(target, registry, signs)
        services = [registry.values(f"{SERVICES}\\{name}") for name in registry.subkeys(SERVICES)]
        best = min(best, time.monotonic() - started)
    print(f"  hives: {best:.3f} s, {len(services)} services")
    return best


def say(*words: str) -> float:
    started = time.monotonic()
    done = subprocess.run([str(ROOT / "codered"), *words], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return time.monotonic() - started


def remove(*where: str, folder: Path) -> None:
    report, plan = str(folder / "r.json"), str(folder / "plan.json")
    say("scan", *where, "-o", report)
    say("plan", report, "-o", plan)
    actions = len(json.loads(Path(plan).read_text())["actions"])
    applied, undone = say("apply", plan, "--yes"), say("rollback", plan, "--yes")
    print(f"  apply {applied:.2f} s, rollback {undone:.2f} s: {actions} actions")


def main() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        os.environ["CODERED_STATE"] = str(folder / "state")
        volume = make_ntfs(folder / "volume", 64 << 20)
        with mounted_ntfs(volume, folder / "m") as top:
            lay_out_infected_server(top)
            ours = look_at_hives(top)
            started = time.monotonic()
            walk_with_dissect(read_real("SYSTEM-win7"))
            print(f"  dissect.regf, all keys: {(time.monotonic() - started) / ours:.0f} times as long")
            print(f"start of the program: {say('--version'):.2f} s")
            print("removal on a mounted volume")
            remove("--root", str(top), folder=folder)
        print("removal from an image, in an overlay")
        remove("--image", str(convert_disk(make_disk(volume, folder / "x.raw"), "vmdk")), folder=folder)


if __name__ == "__main__":
    main()
