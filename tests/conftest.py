"""What holds for every test."""

import compileall
import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

CHECKOUT = Path(__file__).parents[1]

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest journey first: begun last, it would leave the other workers idle for minutes."""
    items.sort(key=lambda item: item.path.name != "test_whole.py")


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
