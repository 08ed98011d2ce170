"""Fuzzing the readers of registry hives and their logs: whatever the bytes, they end, raise nothing, say what is
lacking, and find no more keys than the file can hold.

    .venv/bin/python tests/fuzz/fuzz_hives.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_hives.py --make-seeds FOLDER

An input is a hive's file, or two: a hive, SPLIT and a log. Checksums are made right, and the hashes of log entries are
not asked for: they would keep the fuzzer out. Not collected by pytest.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(
    include=["codered.collect.registry", "codered.engine.hives"], enable_loader_override=False
):
    from codered.collect.registry.hive_cells import BrokenCell
    from codered.collect.registry.hive_reading import HiveFile
    from codered.engine.hives import transaction_logs
    from codered.engine.hives.hive_header import HiveHeader, NotAHive, read_header

from codered.model.registry import HiveSeen  # noqa: E402
from tests.fixtures import hive_logs  # noqa: E402
from tests.fixtures.hive_files import key_of, seal_header, write_hive  # noqa: E402
from tests.fixtures.opened_hives import bytes_of, read_all  # noqa: E402

SPLIT = b"\0--LOG--\0"
_LEAST_KEY = 80


def _hash_nothing(_: bytes) -> int:
    return 0


for _module in (transaction_logs, hive_logs):
    vars(_module)["hash_entry"] = _hash_nothing


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    hive, _, log = data.partition(SPLIT)
    raw = bytes_of(_seal(hive))
    header = _read_header(raw.read(0, 512))
    logs = {"x.LOG1": bytes_of(_seal(log))} if log else {}
    replay = transaction_logs.replay_logs(raw, header, logs)
    assert replay.header is None or not replay.header.is_dirty
    assert len(replay.notes) == len(logs)
    try:
        tree = HiveFile(raw, replay.header or header, HiveSeen(root="HKLM\\FUZZ"))
    except BrokenCell:
        return
    found = read_all(tree, raw.size // _LEAST_KEY + 2)
    for parts, values in list(found.items())[:20]:
        assert all(tree.value(parts, value.name) is not None for value in values[:20])
        assert tree.exists(parts)
        tree.written(parts)
    assert all(len(where) < 70_000 and why for where, why in tree.unread())


def _seal(data: bytes) -> bytes:
    return seal_header(data[:512]) + data[512:] if len(data) >= 512 else data


def _read_header(raw: bytes) -> HiveHeader | None:
    try:
        return read_header(raw)
    except NotAHive:
        return None


def make_seeds(folder: Path) -> None:
    """Small hives of several versions, one with large data, and dirty ones with logs of both kinds."""
    folder.mkdir(parents=True, exist_ok=True)
    small = write_hive(key_of({"A\\B": {"": "x", "n": 1}, "C": {"m": ["p", "q"], "d": bytes(20)}}), minor=3)
    other = write_hive(key_of({"A\\B": {"": "y", "n": 2}, "D\\E\\F": {}}))
    large = write_hive(key_of({"A": {"big": b"z" * 17_000}}))
    dirty = hive_logs.with_header(small, (9, 7))
    step = (len(other) - 4096, hive_logs.changed_pages(small, other))
    new = hive_logs.write_new_log(small, 7, [step, step])
    old = hive_logs.write_old_log(small, other, 9)
    seeds = {"small": small, "other": other, "large": large, "new": dirty + SPLIT + new, "old": dirty + SPLIT + old}
    for name, data in seeds.items():
        (folder / name).write_bytes(data)


def main() -> None:
    """Make seeds, or fuzz as libFuzzer's options say."""
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
        return
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
