"""Fuzzing the readers of flow logs: whatever the bytes, they end, raise nothing but WrongUse, and read the same in
blocks of any size.

    .venv/bin/python tests/fuzz/fuzz_flows.py -max_total_time=60 [FOLDER OF SEEDS]
    .venv/bin/python tests/fuzz/fuzz_flows.py --make-seeds FOLDER

An input is a file as it is. Not collected by pytest.
"""

import contextlib
import gzip
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]

import atheris  # noqa: E402

with atheris.instrument_imports(include=["codered.collect.flows"], enable_loader_override=False):
    from codered.collect.flows import lines
    from codered.collect.flows.lines import read_head
    from codered.collect.flows.opening import open_flows
    from codered.model.errors import WrongUse

from tests.fixtures.flow_exports import make_ipfix, make_v5, make_v9  # noqa: E402

_COLUMNS = "time=1,source=2,destination=3,port=4,outcome=5"
_SMALL, _LARGE = 512, 4 << 20


def try_one(data: bytes) -> None:
    """What the fuzzer calls."""
    for columns in ("", _COLUMNS):
        with contextlib.suppress(WrongUse):
            assert _read(data, columns, _LARGE) == _read(data, columns, _SMALL), "blocks change what is read"


def _read(data: bytes, columns: str, block: int) -> int:
    lines.BLOCK = block
    descriptor = os.memfd_create("flows")
    try:
        os.write(descriptor, data)
        source = open_flows(descriptor, read_head(descriptor), "fuzz", columns)
        if source is None:
            return 0
        assert all(event.at > 0 for event in source.read())
        assert all(len(trouble) < 1000 for trouble in source.troubles)
        return source.records
    finally:
        os.close(descriptor)


def make_seeds(folder: Path) -> None:
    """The logs of the tests, export packets, and one of them packed."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "tests" / "fixtures" / "flows").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "packed").write_bytes(gzip.compress((ROOT / "tests/fixtures/flows/conn.log").read_bytes()))
    for name, data in (("v5", make_v5()), ("v9", make_v9()), ("ipfix", make_ipfix())):
        (folder / name).write_bytes(data)
        (folder / f"{name}-two").write_bytes(data + data)


def main() -> None:
    """Make seeds, or fuzz as libFuzzer's options say."""
    if sys.argv[1:2] == ["--make-seeds"]:
        make_seeds(Path(sys.argv[2]))
        return
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
