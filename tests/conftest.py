"""What holds for every test."""

import compileall
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.assertion import rewrite
from hypothesis import settings

CHECKOUT = Path(__file__).parents[1]
INNER_PARTS = (
    "PYC_TAIL", "_read_pyc", "_rewrite_test", "_write_pyc", "assertstate_key", "get_cache_dir", "try_makedirs",
)  # fmt: skip
"""Of pytest's rewriting of assertions: what rewrite_share needs."""

# In CI a change is judged by the same cases each time; everywhere else Hypothesis keeps looking for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Hundreds of tests start the tool as a process of its own: uncompiled, as in a fresh checkout if Python is told
    to write no compiled files, every start takes a second more.
    """
    if not hasattr(config, "workerinput") and sys.platform != "win32":
        for folder in ("src", "tests/fixtures", "benchmarks"):
            compileall.compile_dir(CHECKOUT / folder, quiet=2)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Every worker collects thousands of tests, which then stay to the end: none of that is garbage, neither while it
    is made nor later, and looking for garbage in it takes longer than most tests. What is frozen stays frozen while the
    process lives.
    """
    gc.disable()
    try:
        rewrite_share(session.config)
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def rewrite_share(config: pytest.Config) -> None:
    """Keep a share of the tests' files with their assertions rewritten: workers begin together, so that each would
    rewrite all files, which is half of what collecting takes. Nothing is kept if Python is told to write no compiled
    files, nor by a pytest that does not have these inner parts: then collecting only takes longer.
    """
    worker: dict[str, object] | None = getattr(config, "workerinput", None)
    if worker is None or config.getoption("assertmode") != "rewrite" or sys.dont_write_bytecode:
        return
    if not all(hasattr(rewrite, name) for name in INNER_PARTS):
        return
    count, number = int(str(worker["workercount"])), int(str(worker["workerid"]).removeprefix("gw"))
    named = [Path(word.partition("::")[0]) for word in config.args]
    files = sorted({file for path in named if path.is_dir() for file in path.rglob("test_*.py")})
    for file in files[number::count]:
        kept = rewrite.get_cache_dir(file) / (file.stem + rewrite.PYC_TAIL)
        if rewrite._read_pyc(file, kept) is None and rewrite.try_makedirs(kept.parent):
            digest, code = rewrite._rewrite_test(file, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, digest, kept)


LONGEST = ("test_whole.py", "test_rescue.py", "test_windows_suite.py", "test_windows_exe.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest journeys first: begun last, they would leave the other workers idle for minutes."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes name no test: packed ones hold the second they were packed in, and two workers then know two tests."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def compiled_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the compiled rules of the shipped packs, the same for all processes of a run."""
    from tests.fixtures.compiled_rules import keep_compiled  # it is not for Windows, which reads this file too

    base = tmp_path_factory.getbasetemp()
    return keep_compiled((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled-rules")


@pytest.fixture(scope="session")
def rule_cache(compiled_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with these rules, for the tests of this process."""
    from tests.fixtures.compiled_rules import lay_out_rules

    return lay_out_rules(compiled_rules, tmp_path_factory.mktemp("cache"))
