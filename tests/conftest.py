"""What holds for every test."""

import compileall
import os
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
    if not hasattr(config, "workerinput"):
        for folder in ("src", "tests/fixtures", "benchmarks"):
            compileall.compile_dir(CHECKOUT / folder, quiet=2)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes name no test: packed ones hold the second they were packed in, and two workers then know two tests."""
    return argname if isinstance(val, bytes) else None
