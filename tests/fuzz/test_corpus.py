"""What fuzzing found worth keeping is read as it was then: without an error, and to its end."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
MOST_BYTES = 300 << 10


def test_every_kept_input_is_read() -> None:
    """In a process of its own: the targets are instrumented, and change sizes of blocks."""
    done = subprocess.run(
        [sys.executable, str(HERE / "replay.py")], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    tried = dict(line.split() for line in done.stdout.splitlines())
    assert set(tried) == {path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.py")}
    assert all(int(count) > 0 for count in tried.values()), tried


def test_the_corpus_stays_small() -> None:
    assert sum(path.stat().st_size for path in (HERE / "corpus").iterdir()) <= MOST_BYTES
