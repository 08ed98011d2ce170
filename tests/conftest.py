"""What holds for every test."""

import os

import pytest
from hypothesis import settings

# In CI a change is judged by the same cases each time; everywhere else Hypothesis keeps looking for new ones.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes name no test: packed ones hold the second they were packed in, and two workers then know two tests."""
    return argname if isinstance(val, bytes) else None
