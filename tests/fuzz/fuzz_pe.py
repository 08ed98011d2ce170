"""Fuzzing the reader of version resources: whatever the bytes, it ends, raises nothing, and reads little.

    .venv/bin/python tests/fuzz/fuzz_pe.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_pe.py --make-seeds FOLDER

Not collected by pytest.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["codered.collect.windows.pe_version"], enable_loader_override=False):
    from codered.collect.windows.pe_version import MOST_INFO, read_program_version

from tests.fixtures.windows_roots import make_versioned  # noqa: E402

_MOST_READS = 120


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    asked: list[int] = []

    def read(offset: int, size: int) -> bytes:
        assert offset >= 0
        asked.append(size)
        return data[offset : offset + size]

    found = read_program_version(read)
    assert len(asked) <= _MOST_READS
    assert max(asked) <= MOST_INFO
    if found is not None:
        assert all(0 <= int(part) <= 0xFFFF for part in found.version.split("."))


def make_seeds(folder: Path) -> None:
    """Files to start from, in a new folder."""
    folder.mkdir(parents=True)
    for number, version in enumerate([(5, 0, 2195, 1600), (10, 0, 17763, 1)]):
        (folder / str(number)).write_bytes(make_versioned(version))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
    else:
        atheris.Setup(sys.argv, try_one)
        atheris.Fuzz()
